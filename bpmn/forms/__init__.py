"""Forms of user tasks: form-js schemas as Camunda Modeler writes them, and what may be entered into them.

A form checks on the server what form-js checks in the browser, by the same schema, and is stricter in two things.
Dates may be bounded by moments of the case (`bpmn.forms.bounds`). And it never accepts what the browser would not have
sent. So

- a field that is hidden (`conditional.hide`, its own or of what encloses it) or disabled must not be in the data;
  form-js leaves both out of what it submits;
- a read-only field may be left out or repeated, never changed; an `expression` field likewise equals what it computes;
- a key that is no field of the form is refused by name.

A required field must be there and not empty, unless it is hidden, disabled, or read-only with a value that the case
already holds. Defaults are the browser's business: what is not in the data is not added to it.

Expressions see the data entered over the case's variables, and the empty value of fields left out; they may stand
where form-js evaluates them: `conditional.hide`, `readonly`, `min`, `max`, `minLength`, `maxLength`,
`valuesExpression`, `expression`; besides in the bounds of dates.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bpmn.feel import Environment
from bpmn.forms.model import FieldFault, Node, Shape
from bpmn.forms.reading import Reader
from bpmn.forms.source import Source
from bpmn.forms.validation import validate

__all__ = ["FieldFault", "Form", "read_form"]


@dataclass(frozen=True)
class Form:
    """A form that has been read and found right; `schema` is its JSON, for the browser."""

    id: str
    schema: Mapping[str, Any]
    _nodes: tuple[Node, ...] = field(repr=False)
    _shape: Shape = field(repr=False)

    def validate(self, data: Any, variables: Mapping[str, Any], env: Environment) -> tuple[FieldFault, ...]:
        """Everything that is wrong with `data` (a JSON object) entered into this form; empty when it may be taken.

        `variables` are those of the case that the form was shown with. Faults come in the order of the form, those of
        unknown keys last. Never raises for anything that may stand in JSON: an expression that takes too long is a
        fault of its field.
        """
        return validate(self._nodes, self._shape, data, variables, env)


def read_form(text: str, file: str, names: frozenset[str] = frozenset()) -> Form:
    """The form that `text`, the JSON of a `.form` file, describes.

    `names` are names with spaces that expressions may use, such as those of extra functions. Raises `ModelRefused` with
    every fault at once: not JSON, no id, an unknown component type, a missing key or one used twice, a wrong FEEL
    expression, a pattern that cannot be matched safely, options that are missing, a property that does not apply.
    """
    source = Source(text, file)
    identity, nodes, shape = Reader(source, names).read()
    return Form(identity, json.loads(text), nodes, shape)

"""What the forms of a case's open tasks show."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from workflows.case import Case

_WORD = re.compile(r"\w+")


def shown(case: Case, task: str) -> dict[str, Any] | None:
    """The variables that the form of an open task may show, as the task sees them; None for a task that is not open.

    A task without a form, or with one that is not there, shows none.
    """
    if task not in case.tasks:
        return None
    form = case.definition.forms.get(case.tasks[task].form)
    return mentioned(form.schema, case.instance.variables(case.tasks[task].key)) if form else {}


def mentioned(schema: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """Those of the variables whose name stands anywhere in a form: as a key, in a text, in an expression."""
    texts = list(_texts(schema))
    words = {word for text in texts for word in _WORD.findall(text)}
    return {
        name: value
        for name, value in variables.items()
        if name in words or (not _WORD.fullmatch(name) and any(name in text for text in texts))
    }


def _texts(part: Any) -> Iterator[str]:
    if isinstance(part, str):
        yield part
    elif isinstance(part, Mapping):
        for value in part.values():
            yield from _texts(value)
    elif isinstance(part, list):
        for value in part:
            yield from _texts(value)

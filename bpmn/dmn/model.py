"""A DMN file as read and checked: frozen data that goes into JSON and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from bpmn.feel import Environment

_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Clause:
    """A column of a decision table: an input's expression or an output's name; `values` are its allowed ones.

    `default` is an output's default entry, as FEEL text.
    """

    text: str
    type: str = ""
    values: str = ""
    default: str = ""


@dataclass(frozen=True)
class Rule:
    """A row of a decision table: unary tests for the inputs, expressions for the outputs, as FEEL text."""

    id: str
    conditions: tuple[str, ...]
    conclusions: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A decision table. `hit_policy` is DMN's word, such as UNIQUE; `aggregation` is SUM, MIN, MAX, COUNT or none."""

    hit_policy: str
    aggregation: str
    inputs: tuple[Clause, ...]
    outputs: tuple[Clause, ...]
    rules: tuple[Rule, ...]


@dataclass(frozen=True)
class Variable:
    """A name with the type that its value is to have ("" for any)."""

    name: str
    type: str = ""


@dataclass(frozen=True)
class Logic:
    """A boxed expression. What `text`, `variables` and `parts` hold depends on `kind`:

    literal      text: the FEEL expression
    table        table
    context      variables: the entries' (the last, of the result, perhaps without name); parts: their logic
    list         parts: the items
    relation     variables: the columns; parts: rows, each a list
    invocation   parts: the function, then the arguments; variables: the parameters
    function     variables: the parameters; parts: the body
    conditional  parts: if, then, else
    for          text: the iterator's name; parts: in, return
    some, every  text: the iterator's name; parts: in, satisfies
    filter       parts: in, match
    undecided    nothing: a decision that people or another system make
    """

    kind: str
    text: str = ""
    type: str = ""
    variables: tuple[Variable, ...] = ()
    parts: tuple[Logic, ...] = ()
    table: Table | None = None


@dataclass(frozen=True)
class Reference:
    """An element of this model by its id or, where `model` names an import, of that one."""

    id: str
    model: str = ""


@dataclass(frozen=True)
class Decision:
    """A decision and what it requires; `version_tag` is zeebe:versionTag."""

    id: str
    name: str
    variable: Variable
    logic: Logic
    inputs: tuple[Reference, ...] = ()
    decisions: tuple[Reference, ...] = ()
    knowledge: tuple[Reference, ...] = ()
    version_tag: str = ""


@dataclass(frozen=True)
class Knowledge:
    """A business knowledge model: a function that decisions call by its variable's name."""

    id: str
    name: str
    variable: Variable
    logic: Logic
    knowledge: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class Service:
    """A decision service: its input data and input decisions are its parameters, its output decisions its result."""

    id: str
    name: str
    variable: Variable
    outputs: tuple[Reference, ...]
    inputs: tuple[Reference, ...] = ()
    input_decisions: tuple[Reference, ...] = ()


@dataclass(frozen=True)
class ItemType:
    """An item definition or a component of one: `base` another type's name, or `components` of a context.

    `values` are the allowed ones of an item, `list_values` a constraint on the whole, both as unary tests.
    """

    name: str
    base: str = ""
    is_collection: bool = False
    components: tuple[ItemType, ...] = ()
    values: str = ""
    list_values: str = ""
    is_function: bool = False


@dataclass(frozen=True)
class DecisionResult:
    """What a decision came to: its value, the ids of the rules that matched in the order they were tried, of the
    decisions it requires first, why something became null, and what it took of the budget."""

    value: Any
    rules: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    steps: int = field(default=0, compare=False)


@dataclass(frozen=True)
class DecisionModel:
    """All of one DMN file, and the files it imports by their names in it."""

    namespace: str
    names: tuple[str, ...] = ()
    types: tuple[ItemType, ...] = ()
    inputs: dict[str, Variable] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    knowledge: dict[str, Knowledge] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    imports: dict[str, DecisionModel] = field(default_factory=dict)

    def evaluate(
        self,
        decision_id: str,
        variables: Mapping[str, Any],
        env: Environment,
        given: Mapping[str, Any] = _NOTHING,
    ) -> DecisionResult:
        """The value of a decision over `variables`, the inputs' plain JSON values by name.

        All variables can be read by its expressions, input data or not, as in Camunda. A text given for an input of a
        date, time or duration type is read as one. `given` are results by decision name that stand in place of those
        decisions. A table with one output gives a value, with several a context, and null where no rule matches.
        Errors are in the result's problems; raises `KeyError` for an unknown id, `BudgetExceeded`.
        """
        from bpmn.dmn.evaluation import evaluate_decision

        return evaluate_decision(self, decision_id, variables, env, given)

    def invoke(self, name: str, arguments: Mapping[str, Any], env: Environment) -> DecisionResult:
        """The result of a decision service or business knowledge model, by its name, for named arguments.

        An argument that is missing is null. Raises `KeyError` for an unknown name, `BudgetExceeded`.
        """
        from bpmn.dmn.evaluation import invoke

        return invoke(self, name, arguments, env)

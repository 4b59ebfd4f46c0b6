"""Reads boxed expressions and decision tables out of DMN's XML."""

from __future__ import annotations

from collections.abc import Callable

from bpmn.dmn.faults import Reading
from bpmn.dmn.hit_policies import POLICIES
from bpmn.dmn.model import Clause, Logic, Rule, Table, Variable
from bpmn.xml import Tag

EXPRESSIONS = (
    "literalExpression",
    "decisionTable",
    "context",
    "list",
    "relation",
    "invocation",
    "functionDefinition",
    "conditional",
    "for",
    "some",
    "every",
    "filter",
)
_EMPTY = Logic("literal", "null")


def type_name(tag: Tag | None) -> str:
    """A tag's type, by attribute or child; DMN 1.1 and some tools write a prefix before FEEL's own."""
    if tag is None:
        return ""
    child = tag.first("typeRef")
    name = tag.get("typeRef") or ("" if child is None else child.text.strip())
    return "" if name == "Any" else name.removeprefix("feel:")


def variable_of(tag: Tag | None, default: str = "") -> Variable:
    name = default if tag is None else " ".join(tag.get("name").split()) or default
    return Variable(name, type_name(tag))


def read_logic(reading: Reading, tag: Tag) -> Logic:
    """The logic that an expression's tag describes."""
    return _READERS[tag.name](reading, tag)


def read_single(reading: Reading, tag: Tag, what: str, *besides: str) -> Logic:
    """The one expression that a tag holds, with children named `besides` left alone."""
    found = [child for child in reading.children(tag, *EXPRESSIONS, *besides) if child.name in EXPRESSIONS]
    if len(found) != 1:
        number = "no expression" if not found else f"{len(found)} expressions"
        reading.fault(tag, f"{what} has {number}", "give it exactly one expression")
        return _EMPTY
    return read_logic(reading, found[0])


def _literal(reading: Reading, tag: Tag) -> Logic:
    reading.children(tag, "text", "typeRef")
    text = reading.expression(tag)
    if not reading.text(tag):
        reading.fault(tag, "the expression is empty", "write an expression, or null")
    return Logic("literal", text, type_name(tag))


def _table(reading: Reading, tag: Tag) -> Logic:
    children = reading.children(tag, "input", "output", "rule")
    inputs = tuple(_input(reading, child) for child in children if child.name == "input")
    outputs = tuple(_output(reading, child) for child in children if child.name == "output")
    rules = tuple(
        _rule(reading, child, number, len(inputs), len(outputs))
        for number, child in enumerate((child for child in children if child.name == "rule"), 1)
    )
    hit_policy, aggregation = tag.get("hitPolicy", "UNIQUE"), tag.get("aggregation")
    _check_policy(reading, tag, hit_policy, aggregation, outputs)
    _check_outputs(reading, tag, outputs)
    return Logic("table", type=type_name(tag), table=Table(hit_policy, aggregation, inputs, outputs, rules))


def _check_policy(reading: Reading, tag: Tag, hit_policy: str, aggregation: str, outputs: tuple[Clause, ...]) -> None:
    if (hit_policy, aggregation) not in POLICIES:
        known = ", ".join(sorted({policy for policy, _ in POLICIES}))
        problem = f"there is no hit policy {hit_policy}" + (f" with aggregation {aggregation}" if aggregation else "")
        reading.fault(tag, problem, f"choose one of {known} (SUM, MIN, MAX or COUNT with COLLECT)")
    elif aggregation in ("SUM", "MIN", "MAX") and len(outputs) > 1:
        reading.fault(tag, f"{aggregation} has no meaning for several outputs", "leave one output, or no aggregation")
    if hit_policy in ("PRIORITY", "OUTPUT ORDER") and not any(output.values for output in outputs):
        reading.fault(tag, f"{hit_policy} needs an order of the outputs", "list the output values, highest first")


def _check_outputs(reading: Reading, tag: Tag, outputs: tuple[Clause, ...]) -> None:
    names = [output.text for output in outputs]
    if not outputs:
        reading.fault(tag, "the table has no output", "add an output")
    elif len(outputs) > 1 and ("" in names or len(set(names)) < len(names)):
        reading.fault(tag, "several outputs need names, each its own", "name every output")


def _input(reading: Reading, tag: Tag) -> Clause:
    reading.children(tag, "inputExpression", "inputValues")
    expression = tag.first("inputExpression", reading.namespace)
    text = reading.expression(expression)
    if not text:
        reading.fault(tag, "the input has no expression", "write what the column is about")
    values = reading.unary_tests(tag.first("inputValues", reading.namespace))
    return Clause(text, type_name(expression), values)


def _output(reading: Reading, tag: Tag) -> Clause:
    reading.children(tag, "outputValues", "defaultOutputEntry", "typeRef")
    values = reading.unary_tests(tag.first("outputValues", reading.namespace))
    default = reading.expression(tag.first("defaultOutputEntry", reading.namespace))
    return Clause(" ".join(tag.get("name").split()), type_name(tag), values, default)


def _rule(reading: Reading, tag: Tag, number: int, inputs: int, outputs: int) -> Rule:
    children = reading.children(tag, "inputEntry", "outputEntry")
    conditions = tuple(reading.unary_tests(child) for child in children if child.name == "inputEntry")
    conclusions = tuple(reading.expression(child) for child in children if child.name == "outputEntry")
    if len(conditions) != inputs or len(conclusions) != outputs:
        problem = f"rule {number} has {len(conditions)} conditions and {len(conclusions)} conclusions"
        reading.fault(tag, problem, f"the table has {inputs} inputs and {outputs} outputs")
    return Rule(tag.get("id") or str(number), conditions, conclusions)


def _context(reading: Reading, tag: Tag) -> Logic:
    variables: list[Variable] = []
    parts: list[Logic] = []
    for entry in reading.children(tag, "contextEntry"):
        variables.append(variable_of(entry.first("variable", reading.namespace)))
        parts.append(read_single(reading, entry, "a context entry", "variable"))
    names = [variable.name for variable in variables]
    if "" in names[:-1] or len(set(names)) < len(names):
        reading.fault(tag, "only the last entry of a context may have no name, and no two the same", "name the entries")
    return Logic("context", type=type_name(tag), variables=tuple(variables), parts=tuple(parts))


def _list(reading: Reading, tag: Tag) -> Logic:
    parts = tuple(read_logic(reading, child) for child in reading.children(tag, *EXPRESSIONS))
    return Logic("list", type=type_name(tag), parts=parts)


def _relation(reading: Reading, tag: Tag) -> Logic:
    children = reading.children(tag, "column", "row")
    columns = tuple(variable_of(child) for child in children if child.name == "column")
    rows = tuple(_list(reading, child) for child in children if child.name == "row")
    if any(len(row.parts) != len(columns) for row in rows):
        reading.fault(tag, "a row of the relation has not a cell for every column", "fill every cell")
    return Logic("relation", type=type_name(tag), variables=columns, parts=rows)


def _invocation(reading: Reading, tag: Tag) -> Logic:
    called = read_single(reading, tag, "an invocation", "binding")
    variables: list[Variable] = []
    parts = [called]
    for binding in tag.all("binding", reading.namespace):
        variables.append(variable_of(binding.first("parameter", reading.namespace)))
        found = [child for child in reading.children(binding, "parameter", *EXPRESSIONS) if child.name != "parameter"]
        parts.append(read_logic(reading, found[0]) if found else _EMPTY)
    return Logic("invocation", type=type_name(tag), variables=tuple(variables), parts=tuple(parts))


def read_function(reading: Reading, tag: Tag) -> Logic:
    """The function of a `functionDefinition` or of a business knowledge model's `encapsulatedLogic`."""
    if tag.get("kind", "FEEL") != "FEEL":
        reading.fault(tag, f"functions of the kind {tag.get('kind')} are not supported", "write the function in FEEL")
        return Logic("function", parts=(_EMPTY,))
    parameters = tuple(variable_of(child) for child in tag.all("formalParameter", reading.namespace))
    body = read_single(reading, tag, "the function", "formalParameter")
    return Logic("function", type=type_name(tag), variables=parameters, parts=(body,))


def _parts(kind: str, *names: str) -> Callable[[Reading, Tag], Logic]:
    def read(reading: Reading, tag: Tag) -> Logic:
        reading.children(tag, *names)
        parts: list[Logic] = []
        for name in names:
            child = tag.first(name, reading.namespace)
            if child is None:
                reading.fault(tag, f"«{tag.name}» has no «{name}»", f"add the part «{name}»")
            else:
                parts.append(read_single(reading, child, f"«{name}»"))
        return Logic(kind, tag.get("iteratorVariable"), type_name(tag), parts=tuple(parts))

    return read


_READERS: dict[str, Callable[[Reading, Tag], Logic]] = {
    "literalExpression": _literal,
    "decisionTable": _table,
    "context": _context,
    "list": _list,
    "relation": _relation,
    "invocation": _invocation,
    "functionDefinition": read_function,
    "conditional": _parts("conditional", "if", "then", "else"),
    "for": _parts("for", "in", "return"),
    "some": _parts("some", "in", "satisfies"),
    "every": _parts("every", "in", "satisfies"),
    "filter": _parts("filter", "in", "match"),
}

"""Diagrams of any size, as text, that this engine and SpiffWorkflow both read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="definitions" targetNamespace="bench">'
)
JOB = '<bpmn:extensionElements><zeebe:taskDefinition type="bench-job" /></bpmn:extensionElements>'
_LONG_AGO = (
    "<bpmn:timerEventDefinition><bpmn:timeDate>{0}2020-01-01T00:00:00+00:00{0}</bpmn:timeDate>"
    "</bpmn:timerEventDefinition>"
)
"""Due at once, for SpiffWorkflow has no clock but the machine's. It takes the date as Python, this engine as text."""


def in_a_row(tasks: Iterable[tuple[str, str]]) -> str:
    """A process of tasks one after another, each given by its BPMN tag and what stands inside it."""
    nodes = [_node(tag, f"task_{number}", inside, f"Task {number}") for number, (tag, inside) in enumerate(tasks)]
    return _file(_row(nodes, [f"task_{number}" for number in range(len(nodes))], ""))


def side_by_side(tag: str, insides: Sequence[str], globals_: str = "") -> str:
    """A process of elements of one tag between a parallel fork and its join, each given by what stands inside it."""
    names = [f"branch_{number}" for number in range(len(insides))]
    nodes = [_node(tag, name, inside) for name, inside in zip(names, insides, strict=True)]
    ends = ['<bpmn:startEvent id="start" />', '<bpmn:endEvent id="end" />', *_forks("fork", "join")]
    flows = [_flow("start", "fork"), _flow("join", "end")]
    flows += [flow for name in names for flow in (_flow("fork", name), _flow(name, "join"))]
    return _file("".join([*ends, *nodes, *flows]), globals_)


def timers(count: int, quote: str = "") -> str:
    """So many timers side by side, all due; SpiffWorkflow wants the date between quotes."""
    return side_by_side("intermediateCatchEvent", [_LONG_AGO.format(quote)] * count)


def messages(count: int) -> str:
    """So many waits side by side, each for a message of its own name (`M0`, `M1` …), all with the key "k"."""
    waits = [f'<bpmn:messageEventDefinition messageRef="message_{number}" />' for number in range(count)]
    return side_by_side(
        "intermediateCatchEvent", waits, "".join(_message(f"M{n}", f"message_{n}") for n in range(count))
    )


def nested(depth: int) -> str:
    """A user task inside so many sub-processes inside each other."""
    inside, name = _node("userTask", "task", ""), "task"
    for level in range(depth):
        inside, name = _node("subProcess", f"sub_{level}", _row([inside], [name], f"_{level}")), f"sub_{level}"
    return _file(_row([inside], [name], ""))


def for_each(inside: str, sequential: bool = False) -> str:
    """A multi-instance sub-process over `items`, each as `item`, with a user task and whatever is `inside` too."""
    loop = (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}"><bpmn:extensionElements>'
        '<zeebe:loopCharacteristics inputCollection="=items" inputElement="item" />'
        "</bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>"
    )
    body = loop + _row([_node("userTask", "task", "")], ["task"], "_each") + inside
    return _file(_row([_node("subProcess", "each", body)], ["each"], ""), _message("M", "message", "=item"))


ON_MESSAGE = (
    '<bpmn:subProcess id="on_message" triggeredByEvent="true"><bpmn:startEvent id="heard" isInterrupting="false">'
    '<bpmn:messageEventDefinition messageRef="message" /></bpmn:startEvent><bpmn:endEvent id="noted" />'
    '<bpmn:sequenceFlow id="heard__noted" sourceRef="heard" targetRef="noted" /></bpmn:subProcess>'
)
"""An event sub-process that takes any number of messages `M` whose key is the `item`, for `for_each`."""


def each_script() -> str:
    """A multi-instance script task over `items` that collects what it makes of each in `results`."""
    inside = (
        '<bpmn:extensionElements><zeebe:script expression="=item + 1" resultVariable="result" />'
        "</bpmn:extensionElements>"
        "<bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>"
        '<zeebe:loopCharacteristics inputCollection="=items" inputElement="item" outputCollection="results"'
        ' outputElement="=result" /></bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>'
    )
    return in_a_row([("scriptTask", inside)])


def _file(process: str, globals_: str = "") -> str:
    return f'{_HEAD}<bpmn:process id="bench" isExecutable="true">{process}</bpmn:process>{globals_}</bpmn:definitions>'


def _row(nodes: Iterable[str], names: Iterable[str], suffix: str) -> str:
    """Nodes between a start and an end event, and the flows along them."""
    begin, finish = f"start{suffix}", f"end{suffix}"
    path = [begin, *names, finish]
    flows = [_flow(source, target) for source, target in pairwise(path)]
    return "".join([f'<bpmn:startEvent id="{begin}" />', *nodes, f'<bpmn:endEvent id="{finish}" />', *flows])


def _node(tag: str, name: str, inside: str, title: str = "") -> str:
    return f'<bpmn:{tag} id="{name}" name="{title or name}">{inside}</bpmn:{tag}>'


def _forks(*names: str) -> list[str]:
    return [f'<bpmn:parallelGateway id="{name}" />' for name in names]


def _message(name: str, identity: str, key: str = '="k"') -> str:
    key = key.replace('"', "&quot;")
    subscription = f'<zeebe:subscription correlationKey="{key}" />'
    return (
        f'<bpmn:message id="{identity}" name="{name}">'
        f"<bpmn:extensionElements>{subscription}</bpmn:extensionElements></bpmn:message>"
    )


def _flow(source: str, target: str) -> str:
    return f'<bpmn:sequenceFlow id="{source}__{target}" sourceRef="{source}" targetRef="{target}" />'

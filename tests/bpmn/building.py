"""Small models written in Python: the XML that Camunda Modeler would write, without the drawing.

    process(start(), user("A"), end(), flows=["start > A > end"])

A flow is written `source > target`, longer chains too; a chain's last arrow may have a condition (`G > A: =x > 1`) or
be the default flow of its source (`G > B: default`). Flow ids are `source_target`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from xml.sax.saxutils import quoteattr

from bpmn import Definition, read, read_all

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<bpmn:definitions'
    ' xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    ' xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
    ' xmlns:yekuo="http://yekuo.org/schema/1.0"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    ' targetNamespace="http://bpmn.io/schema/bpmn" id="Definitions_1">\n'
)


@dataclass(frozen=True)
class Part:
    """XML inside an element; `extension` goes into its extensionElements, `globals_` beside the process."""

    xml: str = ""
    extension: str = ""
    globals_: tuple[str, ...] = ()


@dataclass
class Shape:
    """One element of a model: its tag, attributes, parts, and the shapes and flows inside it."""

    tag: str
    id: str
    attributes: dict[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    inside: tuple[Shape, ...] = ()
    flows: tuple[str, ...] = ()
    links: tuple[str, ...] = ()

    def xml(self) -> str:
        """The element with everything inside it."""
        attributes = "".join(f" {name}={quoteattr(value)}" for name, value in self.attributes.items())
        extensions = "".join(part.extension for part in self.parts)
        lines = [f"<bpmn:{self.tag} id={quoteattr(self.id)}{attributes}>"]
        if extensions:
            lines.append(f"<bpmn:extensionElements>{extensions}</bpmn:extensionElements>")
        lines += [part.xml for part in self.parts if part.xml]
        lines += self._inside()
        lines.append(f"</bpmn:{self.tag}>")
        return "\n".join(lines)

    def _inside(self) -> Iterable[str]:
        connections = [one for text in self.flows for one in _connections(text)]
        for shape in self.inside:
            for source, target, what in connections:
                if what == "default" and source == shape.id:
                    shape.attributes["default"] = f"{source}_{target}"
            yield shape.xml()
        yield from (_flow(*connection) for connection in connections)
        for link in self.links:
            source, target = link.split(" > ")
            yield f'<bpmn:association id="{source}_{target}" sourceRef="{source}" targetRef="{target}"/>'

    def all_globals(self) -> dict[str, None]:
        """What stands beside the process for this element and those inside it."""
        found = dict.fromkeys(text for part in self.parts for text in part.globals_)
        for shape in self.inside:
            found.update(shape.all_globals())
        return found


def _connections(text: str) -> list[tuple[str, str, str]]:
    path, _, what = text.partition(":")
    names = [name.strip() for name in path.split(">")]
    pairs = list(itertools.pairwise(names))
    return [(s, t, what.strip() if number == len(pairs) else "") for number, (s, t) in enumerate(pairs, 1)]


def _flow(source: str, target: str, what: str) -> str:
    ends = f'<bpmn:sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}"'
    if what in ("", "default"):
        return ends + "/>"
    condition = what.replace("&", "&amp;").replace("<", "&lt;")
    kind = 'xsi:type="bpmn:tFormalExpression"'
    return f"{ends}><bpmn:conditionExpression {kind}>{condition}</bpmn:conditionExpression></bpmn:sequenceFlow>"


# -- whole models ----------------------------------------------------------------------------------------------------


def process(*shapes: Shape, flows: Iterable[str] = (), links: Iterable[str] = (), id_: str = "p") -> Shape:
    """An executable process. `links` are the associations to compensation handlers."""
    return Shape("process", id_, {"isExecutable": "true"}, (), shapes, tuple(flows), tuple(links))


def model_xml(*processes: Shape, message_flows: Iterable[str] = ()) -> str:
    """The file of these processes (and global tasks).

    Where there are `message_flows`, written `source > target`, each process has a pool, `pool_p` that of `p`; another
    pool that they name is one without a process.
    """
    globals_ = {text: None for one in processes for text in one.all_globals()}
    parts = [_collaboration(processes, list(message_flows))] if message_flows else []
    return HEAD + "\n".join([*parts, *(one.xml() for one in processes), *globals_]) + "\n</bpmn:definitions>\n"


def _collaboration(processes: Iterable[Shape], flows: list[str]) -> str:
    connections = [text.split(" > ") for text in flows]
    pools = {f"pool_{one.id}": f' processRef="{one.id}"' for one in processes}
    pools |= {end: "" for ends in connections for end in ends if end.startswith("pool_") and end not in pools}
    lines = [f'<bpmn:participant id="{pool}"{process}/>' for pool, process in pools.items()]
    lines += [
        f'<bpmn:messageFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}"/>'
        for source, target in connections
    ]
    return "\n".join(['<bpmn:collaboration id="Collaboration_1">', *lines, "</bpmn:collaboration>"])


def build(*processes: Shape, message_flows: Iterable[str] = ()) -> Definition:
    """The definition of these processes, read from their XML."""
    return read(model_xml(*processes, message_flows=message_flows))


def build_with(files: Mapping[str, str], *processes: Shape) -> Definition:
    """The definition of these processes together with other files."""
    return read_all({"model.bpmn": model_xml(*processes), **files})


# -- parts -----------------------------------------------------------------------------------------------------------


def io(inputs: Mapping[str, str] | None = None, outputs: Mapping[str, str] | None = None) -> Part:
    """Variable mappings, each target with its source."""
    rows = [
        f"<zeebe:{tag} source={quoteattr(source)} target={quoteattr(target)}/>"
        for tag, mappings in (("input", inputs), ("output", outputs))
        for target, source in (mappings or {}).items()
    ]
    return Part(extension=f"<zeebe:ioMapping>{''.join(rows)}</zeebe:ioMapping>")


def zeebe(tag: str, **attributes: str) -> Part:
    """Any extension element of Camunda 8."""
    return Part(extension=f"<zeebe:{tag}{''.join(f' {n}={quoteattr(v)}' for n, v in attributes.items())}/>")


def listeners(*rows: str, of: str = "execution") -> Part:
    """Listeners, each written `moment: job type`."""
    inside = ""
    for row in rows:
        moment, _, kind = row.partition(": ")
        inside += f'<zeebe:{of}Listener eventType="{moment}" type={quoteattr(kind)}/>'
    return Part(extension=f"<zeebe:{of}Listeners>{inside}</zeebe:{of}Listeners>")


def multi(
    items: str, *, item: str = "", into: str = "", gives: str = "", until: str = "", sequential: bool = False
) -> Part:
    """The multi-instance marker: the collection, the variable of an item, where what each `gives` is collected."""
    loop = {"inputElement": item, "outputCollection": into, "outputElement": gives}
    condition = f"<bpmn:completionCondition>{until.replace('<', '&lt;')}</bpmn:completionCondition>" if until else ""
    loop = {name: text for name, text in loop.items() if text}
    characteristics = zeebe("loopCharacteristics", inputCollection=items, **loop).extension
    return Part(
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        f"<bpmn:extensionElements>{characteristics}</bpmn:extensionElements>{condition}"
        "</bpmn:multiInstanceLoopCharacteristics>"
    )


def looping(condition: str = "", *, first: bool = False, at_most: int | str = "") -> Part:
    """The standard loop marker; `first` tests the condition before each run."""
    attributes = ' testBefore="true"' if first else ""
    attributes += f' loopMaximum="{at_most}"' if at_most != "" else ""
    inside = f"<bpmn:loopCondition>{condition.replace('<', '&lt;')}</bpmn:loopCondition>" if condition else ""
    return Part(f"<bpmn:standardLoopCharacteristics{attributes}>{inside}</bpmn:standardLoopCharacteristics>")


def multi_bpmn(inside: str, *globals_: str, **attributes: str) -> Part:
    """The multi-instance marker as BPMN itself writes it, without an extension element."""
    written = "".join(f" {name}={quoteattr(value)}" for name, value in attributes.items())
    tag = "bpmn:multiInstanceLoopCharacteristics"
    return Part(f"<{tag}{written}>{inside}</{tag}>", globals_=globals_)


def at_root(part: Part, id_: str) -> tuple[str, ...]:
    """An event definition under an id of its own at the root of the file, with what it refers to."""
    return (part.xml.replace("EventDefinition", f'EventDefinition id="{id_}"', 1), *part.globals_)


def timer(text: str) -> Part:
    """A timer: a cycle where it begins with R, a duration with P, else a date; before an expression, say which."""
    kind = {"R": "timeCycle", "P": "timeDuration"}.get(text[0], "timeDate")
    if match := re.match(r"(date|duration|cycle)=", text):
        kind, text = f"time{match[1].capitalize()}", text[len(match[0]) :]
    return Part(f"<bpmn:timerEventDefinition><bpmn:{kind}>{text}</bpmn:{kind}></bpmn:timerEventDefinition>")


def message(name: str, key: str = "=key") -> Part:
    """A message definition, its correlation key read from the variable `key`."""
    return Part(f'<bpmn:messageEventDefinition messageRef="Message_{name}"/>', globals_=(_message(name, key),))


def _message(name: str, key: str) -> str:
    subscription = f"<zeebe:subscription correlationKey={quoteattr(key)}/>"
    inside = f"<bpmn:extensionElements>{subscription}</bpmn:extensionElements>" if key else ""
    return f'<bpmn:message id="Message_{name}" name="{name}">{inside}</bpmn:message>'


def signal(name: str) -> Part:
    """A signal definition."""
    return Part(
        f'<bpmn:signalEventDefinition signalRef="Signal_{name}"/>',
        globals_=(f'<bpmn:signal id="Signal_{name}" name="{name}"/>',),
    )


def condition(expression: str, **conditional_filter: str) -> Part:
    """A conditional definition, with the attributes of Camunda 8's filter."""
    extension = zeebe("conditionalFilter", **conditional_filter).extension if conditional_filter else ""
    inside = f"<bpmn:extensionElements>{extension}</bpmn:extensionElements>" if extension else ""
    text = expression.replace("&", "&amp;").replace("<", "&lt;")
    return Part(
        f'<bpmn:conditionalEventDefinition>{inside}<bpmn:condition xsi:type="bpmn:tFormalExpression">{text}'
        "</bpmn:condition></bpmn:conditionalEventDefinition>"
    )


def error(code: str = "") -> Part:
    """An error definition; without a code it catches all."""
    return _coded("error", code)


def escalation(code: str = "") -> Part:
    """An escalation definition; without a code it catches all."""
    return _coded("escalation", code)


def _coded(kind: str, code: str) -> Part:
    if not code:
        return Part(f"<bpmn:{kind}EventDefinition/>")
    name = f"{kind.capitalize()}_{re.sub(r'[^0-9A-Za-z_]', '_', code)}"
    return Part(
        f'<bpmn:{kind}EventDefinition {kind}Ref="{name}"/>',
        globals_=(f"<bpmn:{kind} id={quoteattr(name)} name={quoteattr(name)} {kind}Code={quoteattr(code)}/>",),
    )


def compensation(activity: str = "", awaited: bool = True) -> Part:
    """A compensation definition; a throw of it may name the activity, and not wait for the end."""
    reference = f' activityRef="{activity}"' if activity else ""
    reference += "" if awaited else ' waitForCompletion="false"'
    return Part(f"<bpmn:compensateEventDefinition{reference}/>")


def link(name: str) -> Part:
    """A link definition."""
    return Part(f'<bpmn:linkEventDefinition name="{name}"/>')


TERMINATE = Part("<bpmn:terminateEventDefinition/>")
CANCEL = Part("<bpmn:cancelEventDefinition/>")


# -- shapes ----------------------------------------------------------------------------------------------------------


def start(id_: str = "start", *parts: Part, interrupting: bool = True) -> Shape:
    """A start event."""
    return Shape("startEvent", id_, {} if interrupting else {"isInterrupting": "false"}, parts)


def end(id_: str = "end", *parts: Part) -> Shape:
    """An end event."""
    return Shape("endEvent", id_, {}, parts)


def catch(id_: str, *parts: Part) -> Shape:
    """An intermediate catch event."""
    return Shape("intermediateCatchEvent", id_, {}, parts)


def throw(id_: str, *parts: Part) -> Shape:
    """An intermediate throw event."""
    return Shape("intermediateThrowEvent", id_, {}, parts)


def boundary(host: str, id_: str, *parts: Part, interrupting: bool = True) -> Shape:
    """A boundary event of `host`."""
    attributes = {"attachedToRef": host} | ({} if interrupting else {"cancelActivity": "false"})
    return Shape("boundaryEvent", id_, attributes, parts)


def parallel(shape: Shape) -> Shape:
    """An event of several definitions that needs all of them."""
    shape.attributes["parallelMultiple"] = "true"
    return shape


def task(tag: str, id_: str, *parts: Part, undoes: bool = False) -> Shape:
    """A task of any kind; one that `undoes` is for compensation."""
    return Shape(tag, id_, {"isForCompensation": "true"} if undoes else {}, parts)


def user(id_: str, *parts: Part, undoes: bool = False) -> Shape:
    """A user task."""
    return task("userTask", id_, zeebe("userTask"), *parts, undoes=undoes)


def service(id_: str, *parts: Part, type_: str = "work", undoes: bool = False) -> Shape:
    """A service task."""
    return task("serviceTask", id_, zeebe("taskDefinition", type=type_), *parts, undoes=undoes)


def script(id_: str, expression: str, result: str, *parts: Part) -> Shape:
    """A script task."""
    return task("scriptTask", id_, zeebe("script", expression=expression, resultVariable=result), *parts)


def receive(id_: str, name: str, *parts: Part, key: str = "=key", instantiates: bool = False) -> Shape:
    """A receive task."""
    reference = Part(globals_=(_message(name, key),))
    attributes = {"messageRef": f"Message_{name}"} | ({"instantiate": "true"} if instantiates else {})
    return Shape("receiveTask", id_, attributes, (*parts, reference))


def call(id_: str, process_id: str, *parts: Part, on_cancel: str = "", undoes: bool = False, **flags: str) -> Shape:
    """A call activity."""
    own = Part(extension=f'<yekuo:onCancel message="{on_cancel}"/>') if on_cancel else Part()
    return task("callActivity", id_, zeebe("calledElement", processId=process_id, **flags), own, *parts, undoes=undoes)


def gateway(kind: str, id_: str) -> Shape:
    """A gateway: exclusive, inclusive, parallel, complex or eventBased."""
    return Shape(f"{kind}Gateway", id_)


def instantiating(id_: str, kind: str = "Exclusive") -> Shape:
    """An event-based gateway that begins its process: Exclusive or Parallel."""
    return Shape("eventBasedGateway", id_, {"instantiate": "true", "eventGatewayType": kind})


def sub(
    id_: str,
    *content: Shape | Part,
    flows: Iterable[str] = (),
    links: Iterable[str] = (),
    by_event: bool = False,
    undoes: bool = False,
) -> Shape:
    """A sub-process, or an event sub-process where `by_event`."""
    attributes = {"triggeredByEvent": "true"} if by_event else {}
    attributes |= {"isForCompensation": "true"} if undoes else {}
    parts = tuple(one for one in content if isinstance(one, Part))
    shapes = tuple(one for one in content if isinstance(one, Shape))
    return Shape("subProcess", id_, attributes, parts, shapes, tuple(flows), tuple(links))


def transaction(
    id_: str, *content: Shape | Part, flows: Iterable[str] = (), links: Iterable[str] = (), method: str = ""
) -> Shape:
    """A transaction."""
    shape = sub(id_, *content, flows=flows, links=links)
    return replace(shape, tag="transaction", attributes={"method": method} if method else {})


def ad_hoc(
    id_: str,
    *content: Shape | Part,
    flows: Iterable[str] = (),
    links: Iterable[str] = (),
    until: str = "",
    cancels: bool = True,
    sequential: bool = False,
) -> Shape:
    """An ad-hoc sub-process; `cancels` says whether what is active ends when the condition `until` is true."""
    shape = sub(id_, *content, flows=flows, links=links)
    attributes = {} if cancels else {"cancelRemainingInstances": "false"}
    attributes |= {"ordering": "Sequential"} if sequential else {}
    condition = Part(f"<bpmn:completionCondition>{until.replace('<', '&lt;')}</bpmn:completionCondition>")
    parts = (*shape.parts, condition) if until else shape.parts
    return replace(shape, tag="adHocSubProcess", attributes=attributes, parts=parts)


def on_event(id_: str, *parts: Part, then: str = "", interrupting: bool = True, own: tuple[Part, ...] = ()) -> Shape:
    """An event sub-process that does one user task, or nothing where `then` is empty."""
    begin, finish = start(f"{id_}_start", *parts, interrupting=interrupting), end(f"{id_}_end")
    steps = [user(then)] if then else []
    path = " > ".join([begin.id, *([then] if then else []), finish.id])
    return sub(id_, *own, begin, *steps, finish, flows=[path], by_event=True)

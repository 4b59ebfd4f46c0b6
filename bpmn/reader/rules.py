"""What must hold in a process as a whole: every rule is a function that reports what breaks it."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.feel import FeelSyntaxError, compile_expression
from bpmn.model import Element, Process, begins_ad_hoc, definitions, is_activity, is_subprocess
from bpmn.reader import activity_rules
from bpmn.reader.collector import Collector
from bpmn.reader.names import NAME, PATH
from bpmn.reader.reporting import Report
from bpmn.reader.starts import STARTS, begins_process
from bpmn.texts import listener_texts, texts_of


def check_process(process: Process, collector: Collector, names: frozenset[str], refused: frozenset[str]) -> None:
    """Report everything that is wrong with the graph of a process and with its expressions.

    `refused` are the ids of what has been refused already: that a flow leads there is no fault of its own.
    """
    if not process.id:
        collector.at(process.line, "", process.name, "the process has no id", "give it one")

    def report(element: Element, problem: str, remedy: str) -> None:
        collector.at(element.line, element.id, element.name, problem, remedy)

    _check_flows(process, collector, refused)
    for rule in _RULES:
        for element in process.elements.values():
            rule(process, element, report)
    _check_starts(process, collector)
    _check_expressions(process, collector, names)


def _check_flows(process: Process, collector: Collector, refused: frozenset[str]) -> None:
    for flow in process.flows.values():
        ends = [(flow.source, "source"), (flow.target, "target")]
        missing = [f"{what} {name}" for name, what in ends if name not in process.elements and name not in refused]
        scopes = {process.elements[name].scope for name, _ in ends if name in process.elements}
        if missing:
            problem = f"its {' and '.join(missing)} is no element that runs in this process"
            collector.at(flow.line, flow.id, flow.name, problem, "connect it anew")
        elif len(scopes) > 1:
            problem = "it crosses the border of a sub-process"
            collector.at(flow.line, flow.id, flow.name, problem, "end it inside, or use an event at the border")


def _check_starts(process: Process, collector: Collector) -> None:
    scopes = [("", process.id, process.name, process.line, False)] + [
        (e.kind, e.id, e.name, e.line, e.triggered_by_event) for e in process.elements.values() if is_subprocess(e.kind)
    ]
    starts_of: dict[str, list[Element]] = {}
    for e in process.elements.values():
        if e.kind == "startEvent":
            starts_of.setdefault(e.scope, []).append(e)
    for kind, scope, name, line, by_event in scopes:
        starts = starts_of.get(scope, [])
        plain = [e for e in starts if e.event_kind == "none"]
        what = "event sub-process" if by_event else "sub-process" if kind else "process"
        if kind == "adHocSubProcess":
            continue
        begun = not kind and any(e.instantiates for e in process.elements.values())
        if not starts and not begun:
            collector.at(line, scope, name, f"the {what} has no start event", "draw one")
        elif len(plain) > 1 or (kind and len(starts) > 1):
            count = len(starts if kind else plain)
            collector.at(line, scope, name, f"the {what} has {count} start events", "leave one")


def _no_flow_where_none_may_be(process: Process, e: Element, report: Report) -> None:
    begins = e.kind in ("startEvent", "boundaryEvent") or e.triggered_by_event or e.instantiates
    if e.incoming and (begins or e.for_compensation):
        report(e, "a sequence flow leads to it", "remove the flow: it begins by an event only")
    if e.outgoing and (e.kind == "endEvent" or e.triggered_by_event or e.for_compensation):
        report(e, "a sequence flow leads out of it", "remove the flow")
    if e.event_kind == "link" and e.kind == "intermediateCatchEvent" and e.incoming:
        report(e, "a sequence flow leads to a link catch event", "lead it to the link throw event")
    if e.event_kind == "link" and e.kind == "intermediateThrowEvent" and e.outgoing:
        report(e, "a sequence flow leads out of a link throw event", "let it go on at the link catch event")


def _reachable(process: Process, e: Element, report: Report) -> None:
    begins = e.kind in ("startEvent", "boundaryEvent") or e.triggered_by_event or e.instantiates or e.for_compensation
    link = e.event_kind == "link" and e.kind == "intermediateCatchEvent"
    scope = process.elements.get(e.scope)
    begins = begins or (scope is not None and scope.kind == "adHocSubProcess" and begins_ad_hoc(e))
    if not e.incoming and not begins and not link:
        report(e, "no sequence flow leads to it", "connect it, or remove it")


def _conditions(process: Process, e: Element, report: Report) -> None:
    flows = [process.flows[name] for name in e.outgoing]
    conditional = [flow for flow in flows if flow.condition]
    if e.default and e.default not in e.outgoing:
        report(e, f"its default flow {e.default} does not leave it", "mark one of its own flows as default")
    for flow in conditional:
        if flow.id == e.default:
            report(e, f"its default flow {flow.id} has a condition", "remove the condition")
    if e.kind == "complexGateway":
        _activation_condition(e, report)
    elif e.kind in ("exclusiveGateway", "inclusiveGateway"):
        bare = [flow.id for flow in flows if not flow.condition and flow.id != e.default]
        if bare and len(flows) > 1:
            report(e, f"flow {', '.join(bare)} has no condition", "give it one, or mark it as the default flow")
    elif conditional and not is_activity(e.kind):
        report(e, f"flow {conditional[0].id} out of a {e.kind} has a condition", "use an exclusive gateway")


def _activation_condition(e: Element, report: Report) -> None:
    if len(e.incoming) > 1 and not e.activation_condition:
        remedy = "give it one such as =activationCount >= 2, or use an inclusive gateway"
        report(e, "it joins flows and has no activation condition", remedy)
    elif e.activation_condition and not e.activation_condition.startswith("="):
        report(e, f"its activation condition {e.activation_condition} is no FEEL expression", "begin it with =")


def _event_based_gateway(process: Process, e: Element, report: Report) -> None:
    if e.kind != "eventBasedGateway":
        return
    if len(e.outgoing) < 2:
        report(e, f"it has {len(e.outgoing)} outgoing flows", "an event-based gateway needs two or more")
    for flow in e.outgoing:
        target = process.elements.get(process.flows[flow].target)
        if target is None:
            continue
        parallel = target.event is not None and target.event.parallel
        catches = target.kind == "intermediateCatchEvent" and target.event_kind != "link" and not parallel
        if not catches and target.kind != "receiveTask":
            remedy = "let each flow lead to a catch event that one event completes, or to a receive task"
            report(e, f"its flow {flow} leads to {target.id}, which waits for no event", remedy)
        elif len(target.incoming) > 1:
            report(target, "other flows than that of the event-based gateway lead to it", "draw an event of its own")
        elif target.start_quantity > 1:
            report(target, "it waits for several tokens behind an event-based gateway", "remove its start quantity")
        elif _loops_at_all(target) or any(other.attached_to == target.id for other in process.elements.values()):
            what = "is a loop" if _loops_at_all(target) else "has boundary events"
            report(target, f"a receive task after an event-based gateway {what}", "draw a message catch event instead")


def _boundary(process: Process, e: Element, report: Report) -> None:
    if e.kind != "boundaryEvent":
        return
    host = process.elements.get(e.attached_to)
    if host is None or not is_activity(host.kind) or host.triggered_by_event:
        report(e, f"it is attached to {e.attached_to or 'nothing'}, which is no activity", "attach it to one")
        return
    if host.scope != e.scope:
        report(e, "it stands in another scope than its activity", "draw it on the border of its activity")
    if not e.interrupting and any(part.kind == "error" for part in definitions(e.event)):
        report(e, "an error always interrupts", "make it interrupting, or use an escalation")
    cancels = any(part.kind == "cancel" for part in definitions(e.event))
    if cancels and host.kind != "transaction":
        report(e, f"{host.id} is no transaction: nothing cancels it", "use a transaction, or another event")
    if cancels and not e.interrupting:
        report(e, "a cancel event always interrupts", "make it interrupting")
    if e.event_kind == "compensation":
        handler = process.elements.get(e.handler)
        if handler is None or not handler.for_compensation or handler.scope != e.scope:
            remedy = "connect it by an association to an activity marked «for compensation» in the same scope"
            report(e, "it has no compensation handler", remedy)
        if e.outgoing:
            report(e, "a sequence flow leads out of it", "use the association to its handler only")
    elif not e.outgoing:
        report(e, "no sequence flow leads out of it", "connect it to what is to happen then")


def _catchers(process: Process, e: Element, report: Report) -> None:
    place = _catches_at(process, e)
    caught = _caught(e)
    if not place or not caught:
        return
    for kind, code in caught:
        if code.startswith("="):
            report(e, f"the code {code} of what it catches is an expression", "give it a fixed code, or none")
        if caught.count((kind, code)) > 1:
            report(e, f"it catches the same {kind} twice", "leave one of its definitions")
            return
    for other in process.elements.values():
        if other is e:
            return
        same = [kind for kind, code in caught if (kind, code) in _caught(other)]
        if same and _catches_at(process, other) == place:
            report(e, f"{other.id} catches the same {same[0]} {place[0]}", "leave one of them")


def _caught(e: Element) -> list[tuple[str, str]]:
    """The errors and escalations, each with its code, that an event has definitions of."""
    return [(part.kind, part.code) for part in definitions(e.event) if part.kind in ("error", "escalation", "cancel")]


def _catches_at(process: Process, e: Element) -> tuple[str, str] | None:
    """Where an event catches errors, escalations or the cancelling of a transaction, in words and by id."""
    if e.kind == "boundaryEvent":
        return "on the same activity", e.attached_to
    scope = process.elements.get(e.scope)
    return ("in the same scope", scope.scope) if e.kind == "startEvent" and scope else None


def _message_keys(process: Process, e: Element, report: Report) -> None:
    for part in definitions(e.event):
        message = part.message
        keyed = message and (message.correlation_key or message.correlation or message.by_flow or part.publication)
        if message and not keyed and not begins_process(process, e) and not e.job:
            problem = f"message {message.name} has no correlation key"
            report(e, problem, "give it one in the message's properties")


def _throw_has_content(process: Process, e: Element, report: Report) -> None:
    sends = e.kind in ("intermediateThrowEvent", "endEvent")
    empty = [part for part in definitions(e.event) if part.kind == "message" and not part.message]
    if ((sends and empty) or (e.kind == "sendTask" and not (e.event and e.event.message))) and not e.job:
        report(e, "it sends nothing", "give it a message with a correlation key, a message flow, or a task definition")
    if e.kind in ("intermediateThrowEvent", "endEvent") and e.job and e.event_kind != "message":
        report(e, f"a {e.event_kind} event has no work to do", "remove its task definition")


def _links(process: Process, e: Element, report: Report) -> None:
    if e.event_kind != "link" or e.event is None:
        return
    others = [
        o for o in process.elements.values() if o.event and o.scope == e.scope and o.event.link == e.event.link != ""
    ]
    catches = [o for o in others if o.kind == "intermediateCatchEvent"]
    throws = [o for o in others if o.kind == "intermediateThrowEvent"]
    if e.kind == "intermediateThrowEvent" and len(catches) != 1:
        report(e, f"{len(catches)} link catch events are named {e.event.link}", "draw exactly one in the same scope")
    if e.kind == "intermediateCatchEvent" and not throws:
        report(e, f"no link throw event is named {e.event.link}", "draw one in the same scope, or remove this")


def _compensation_target(process: Process, e: Element, report: Report) -> None:
    if e.kind == "boundaryEvent":
        return
    for part in definitions(e.event):
        if part.kind == "compensation" and part.activity:
            _check_compensated(process, e, part.activity, report)


def _check_compensated(process: Process, e: Element, activity: str, report: Report) -> None:
    target = process.elements.get(activity)
    scopes = [e.scope]
    while scopes[-1] in process.elements and process.elements[scopes[-1]].triggered_by_event:
        scopes.append(process.elements[scopes[-1]].scope)
    if target is None or not is_activity(target.kind) or target.scope not in scopes:
        problem = f"it compensates {activity}, which is no activity of its scope"
        report(e, problem, "name one, or leave it empty")


def _work(process: Process, e: Element, report: Report) -> None:
    if e.kind == "serviceTask" and not e.job:
        report(e, "it has no task definition", "give it a job type (zeebe:taskDefinition)")
    if e.job and not e.job.type:
        report(e, "its job type is empty", "give its task definition a type")
    if e.kind == "scriptTask" and not e.job and not (e.evaluation and e.evaluation.expression.startswith("=")):
        report(e, "it has no FEEL expression", "give it one that begins with =, and a result variable")
    if e.kind == "businessRuleTask" and not e.job and not (e.evaluation and e.evaluation.decision):
        report(e, "it has no decision", "give it a called decision, or a task definition")
    if e.evaluation and not e.evaluation.result:
        report(e, "its result goes nowhere", "name a result variable")
    if e.call and not e.call.process:
        report(e, "it calls no process", "give it the id of one (zeebe:calledElement)")


def _variables(process: Process, e: Element, report: Report) -> None:
    for mapping in (*e.inputs, *e.outputs):
        # An input without a source is null, as since Camunda 8.8.
        if not mapping.target or (not mapping.source and mapping not in e.inputs):
            report(e, "a variable mapping has no source or no target", "give it both")
        elif not PATH.fullmatch(mapping.target):
            report(e, f"{mapping.target} is no name of a variable", "write one such as order or order.id")
    names = [e.evaluation.result] if e.evaluation else []
    names += [e.loop.input_element, e.loop.output_collection] if e.loop else []
    names += [e.ad_hoc.output_collection] if e.ad_hoc else []
    for name in names:
        if name and not NAME.fullmatch(name):
            report(e, f"{name} is no name of a variable", "write one such as order")


def _loops_at_all(e: Element) -> bool:
    return e.loop is not None or e.standard_loop is not None


def _loops(process: Process, e: Element, report: Report) -> None:
    if _loops_at_all(e) and e.triggered_by_event:
        report(e, "an event sub-process cannot be a loop", "remove the marker")


def _lonely_handler(process: Process, e: Element, report: Report) -> None:
    if e.for_compensation and e.id not in [other.handler for other in process.elements.values()]:
        report(e, "it is for compensation, but no boundary event leads to it", "connect one by an association")


_RULES = (
    _no_flow_where_none_may_be,
    _reachable,
    _conditions,
    _event_based_gateway,
    *STARTS,
    _boundary,
    _catchers,
    _message_keys,
    _throw_has_content,
    _links,
    _compensation_target,
    _work,
    _variables,
    _loops,
    _lonely_handler,
    activity_rules.ad_hoc,
    activity_rules.cancel_end,
    activity_rules.compensating_event_subprocess,
)


def _check_expressions(process: Process, collector: Collector, names: frozenset[str]) -> None:
    for line, owner, name, source in _expressions(process):
        try:
            compile_expression(source[1:], names)
        except FeelSyntaxError as error:
            collector.at(line, owner, name, f"{source} is no FEEL: {error}", "correct the expression")


def _expressions(process: Process) -> Iterator[tuple[int, str, str, str]]:
    for flow in process.flows.values():
        if flow.condition:
            yield flow.line, flow.id, flow.name, f"={flow.condition}"
    for _, source in listener_texts(process.listeners):
        if source.startswith("="):
            yield process.line, process.id, process.name, source
    for e in process.elements.values():
        sources = [text for _, text in (*texts_of(e), *listener_texts(e.listeners))]
        sources += [mapping.source for mapping in (*e.inputs, *e.outputs)]
        if e.data:
            sources += [mapping.source for mapping in (*e.data.inputs, *e.data.outputs)]
            sources += [write.source for write in e.data.writes]
        for source in sources:
            if source.startswith("="):
                yield e.line, e.id, e.name, source

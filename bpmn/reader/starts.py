"""Rules of how a process begins other than at a start event (BPMN 2.0 §10.5.2, §10.6.6, §13.5.1)."""

from __future__ import annotations

from bpmn.model import Element, Process, definitions
from bpmn.reader.reporting import Report


def begins_process(process: Process, e: Element) -> bool:
    """Whether an instance may begin at an element, so that a message to it needs no correlation key.

    The events behind a parallel gateway need one: the same instance waits for the others.
    """
    gateway = instantiating_gateway(process, e)
    starts = e.kind == "startEvent" and e.scope == process.id
    return starts or e.instantiates or (gateway is not None and not gateway.parallel)


def instantiating_gateway(process: Process, e: Element) -> Element | None:
    """The instantiating event-based gateway that an element stands behind."""
    sources = [process.elements.get(process.flows[flow].source) for flow in e.incoming]
    return next((one for one in sources if one and one.instantiates and one.kind == "eventBasedGateway"), None)


def _instantiating(process: Process, e: Element, report: Report) -> None:
    if e.kind == "eventBasedGateway" and e.parallel and not e.instantiates:
        report(e, "a parallel event-based gateway does not begin the process", "set instantiate, or make it exclusive")
    if not e.instantiates:
        return
    if e.scope != process.id:
        report(e, "it begins a process, but stands in a sub-process", "draw it in the process, or a start event here")
    elif e.start_quantity > 1:
        report(e, "a receive task that begins the process waits for several tokens", "remove its start quantity")
    elif e.loop or e.standard_loop or any(other.attached_to == e.id for other in process.elements.values()):
        what = "is a loop" if e.loop or e.standard_loop else "has boundary events"
        report(e, f"a receive task that begins the process {what}", "draw a message start event before it")


def _interrupting(process: Process, e: Element, report: Report) -> None:
    """BPMN 2.0 table 10.86: an event sub-process that an error starts interrupts."""
    if e.kind == "startEvent" and not e.interrupting and any(part.kind == "error" for part in definitions(e.event)):
        report(e, "an error always interrupts", "make it interrupting, or use an escalation")


STARTS = (_instantiating, _interrupting)

"""What must hold of ad-hoc sub-processes, transactions and compensation by event sub-process."""

from __future__ import annotations

from collections.abc import Iterator

from bpmn.model import AdHoc, Element, Process, begins_ad_hoc, definitions
from bpmn.reader.reporting import Report


def _cancels(element: Element) -> bool:
    return any(part.kind == "cancel" for part in definitions(element.event))


def _around(process: Process, e: Element) -> Iterator[Element]:
    """The sub-processes that an element stands in, innermost first."""
    scope = process.elements.get(e.scope)
    while scope is not None:
        yield scope
        scope = process.elements.get(scope.scope)


def ad_hoc(process: Process, e: Element, report: Report) -> None:
    """An ad-hoc sub-process has activities, and neither start nor end events (BPMN 2.0 §10.3.5)."""
    if e.kind != "adHocSubProcess":
        return
    inside = [one for one in process.elements.values() if one.scope == e.id]
    for one in inside:
        if one.kind in ("startEvent", "endEvent"):
            problem = f"a {one.kind} stands in an ad-hoc sub-process"
            report(one, problem, "remove it: what is inside is activated by name")
    if not any(begins_ad_hoc(one) for one in inside):
        report(e, "nothing inside it can be activated", "draw an activity that no sequence flow leads to")
    if e.job and e.ad_hoc:
        _decided_by_job(e, e.ad_hoc, report)


def _decided_by_job(e: Element, ad_hoc: AdHoc, report: Report) -> None:
    """What its job decides, the diagram does not say as well (Camunda 8: job worker implementation)."""
    if ad_hoc.active_elements:
        report(e, "its job decides what is activated, and so does a collection", "leave one of them")
    if ad_hoc.completion_condition:
        report(e, "its job decides when it is complete, and so does a completion condition", "leave one of them")
    if not ad_hoc.cancel_remaining:
        problem = "its job says whether what still runs is ended, and so does cancelRemainingInstances"
        report(e, problem, "leave the attribute out")


def cancel_end(process: Process, e: Element, report: Report) -> None:
    """A cancel end event stands in a transaction that has a cancel boundary event (BPMN 2.0 §10.5.3, §13.5.6)."""
    if e.kind != "endEvent" or not _cancels(e):
        return
    transaction = next((one for one in _around(process, e) if one.kind == "transaction"), None)
    if transaction is None:
        report(e, "no transaction is around it", "use it in a transaction, or use an error end event")
    elif not any(_cancels(one) and one.attached_to == transaction.id for one in process.elements.values()):
        problem = f"transaction {transaction.id} has no cancel boundary event"
        report(e, problem, "attach one: the way on from a cancelled transaction")


def compensating_event_subprocess(process: Process, e: Element, report: Report) -> None:
    """A sub-process has one compensation handler, beside it or inside it (BPMN 2.0 §13.5.5)."""
    if e.kind != "startEvent" or e.event_kind != "compensation" or e.scope not in process.elements:
        return
    compensated = process.elements[e.scope].scope
    others = [one for one in process.elements.values() if one.event_kind == "compensation"]
    if any(one.kind == "boundaryEvent" and one.attached_to == compensated for one in others):
        report(e, f"{compensated} has a compensation handler beside it, too", "leave one of them")
    for other in others[: others.index(e)]:
        own = process.elements.get(other.scope)
        if other.kind == "startEvent" and own and own.scope == compensated:
            report(e, f"{other.scope} compensates {compensated}, too", "leave one of them")

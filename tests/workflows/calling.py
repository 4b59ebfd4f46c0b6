"""What tests of called cases share: processes that call, and a clock that is handed on to what is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.bpmn.building import Shape, call, end, model_xml, process, start, user
from tests.workflows.running import House, Running, eventually
from tests.workflows.watching import FACTS, LIMITS, clocked, workdays_ago

PASSED = """<yekuo:clock id="works" name="配套工程完工" limit="grid_works" department="operations" passTo="call">
<yekuo:start element="A" on="completed"/></yekuo:clock>"""
TAKEN = """<yekuo:clock id="works" name="配套工程完工" limit="grid_works" department="operations">
<yekuo:stop element="C" on="completed"/></yekuo:clock>"""
CALLER = process(start(), user("A"), call("call", "child"), end(), flows=["start > A > call > end"])
CHILD = process(start("begin"), user("C"), end("done"), flows=["begin > C > done"], id_="child")
HANDED_ON = clocked(clocked(model_xml(CALLER, CHILD), "p", PASSED), "child", TAKEN)
"""A model whose process hands its clock on to the one that it calls."""
LATER_CALLER = process(
    start(), user("A"), user("B"), call("call", "child"), end(), flows=["start > A > B > call > end"]
)
HANDED_ON_LATER = clocked(clocked(model_xml(LATER_CALLER, CHILD), "p", PASSED), "child", TAKEN)
"""The same with a step between the start of the clock and the call."""
LONG_CALLER = process(start(), user("A"), call("call", "child"), user("B"), end(), flows=["start > A > call > B > end"])
STEPS = (start("begin"), user("C"), user("D"), user("E"), end("done"))
LONG_CHILD = process(*STEPS, flows=["begin > C > D > E > done"], id_="child")


async def calling(
    house: House,
    *clocks: str,
    reports: bool = True,
    shapes: tuple[Shape, ...] = (LONG_CALLER, LONG_CHILD),
    before: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Running:
    """A case that passes a clock on to what it calls, from long ago; `clocks` are those of the called processes.

    `before` is a new calendar that it is sent before it calls.
    """
    xml = clocked(model_xml(*shapes), "p", PASSED)
    for process_id, clock in zip(("child", "deeper"), clocks, strict=False):
        xml = clocked(xml, process_id, clock)
    case = await house.start_model(xml, "p", limits=LIMITS, facts=FACTS, clock_reports=reports, **fields)
    if before:
        await case.act("new_calendar", before)
    await case.complete("A", happened_at=workdays_ago(28), late_reason="补录")
    return case


async def row(case: Running, **wanted: Any) -> dict[str, Any]:
    """The one row of the case's clocks, once it is as wanted."""

    async def find() -> dict[str, Any] | None:
        rows = await case.handle.query("limits")
        return next((one for one in rows if wanted.items() <= one.items()), None)

    return await eventually(find)

"""Small cases in which listeners have a say, and a job decides what follows, for their histories."""

from __future__ import annotations

from typing import Any

from domain.jobs import activated, corrected, denied, fulfilled
from tests.bpmn.building import Shape, ad_hoc, boundary, end, listeners, message, process, service, start, user, zeebe
from tests.workflows.running import House, Running

STOP = message("Stop", "=caseNo")


def listened(*moments: str) -> Shape:
    """A process with one user task A of which listeners hear, and what stops it."""
    heard = listeners(*(f"{moment}: work" for moment in moments), of="task")
    shapes = (start(), user("A", heard), boundary("A", "b", STOP), user("B"), end())
    return process(*shapes, flows=["start > A > end", "b > B > end"])


def decided() -> Shape:
    """A process with an ad-hoc sub-process H that a job decides for."""
    inside = (user("A"), service("J"), zeebe("taskDefinition", type="work"))
    return process(start(), ad_hoc("H", *inside), end(), flows=["start > H > end"])


async def begun(house: House, *moments: str, **fields: Any) -> Running:
    """A case of such a process."""
    return await house.start(listened(*moments), variables={"caseNo": "YK-TEST"}, **fields)


async def denied_once(house: House) -> list[Running]:
    """A task that is corrected, claimed, completed in vain, and completed."""
    house.work.answering = {
        "A:creating": [corrected(priority=80)],
        "A:completing": [denied("没有盖章")],
    }
    case = await begun(house, "creating", "assigning", "completing")
    await case.act("claim", {"task": await case.task("A"), "by": "wang"})
    await case.until_recorded("claimed")
    await case.complete("A")
    await case.until_recorded("denied")
    await case.complete("A")
    await case.outcome()
    return [case]


async def stopped(house: House) -> list[Running]:
    """A task that is interrupted, and whose listener is heard before that goes on."""
    case = await begun(house, "canceling")
    await case.task("A")
    await case.act("message", {"name": "Stop", "correlation_key": "YK-TEST", "by": "wang"})
    await case.complete("B")
    await case.outcome()
    return [case]


async def decided_by_job(house: House) -> list[Running]:
    """A job that has a task and a job begin, and then all be done."""
    choice = activated(("A", {}), ("J", {"gives": {"x": 1}}))
    house.work.answering = {"H": [choice, activated(round=2), fulfilled()]}
    case = await house.start(decided())
    await case.until(lambda view: view["variables"].get("round") == 2)
    await case.complete("A")
    await case.outcome()
    return [case]


async def updated(house: House) -> list[Running]:
    """A task that is changed, at first in vain."""
    house.work.answering = {"A:updating": [denied("太急"), corrected(priority=60)]}
    case = await begun(house, "updating")
    for event in ("denied", "updated"):
        act = {"task": await case.task("A"), "by": "wang", "changes": {"priority": 90}, "reason": "客户在等"}
        await case.act("update_task", act)
        await case.until_recorded(event)
    await case.complete("A")
    await case.outcome()
    return [case]


LISTENERS = {"denied_once": denied_once, "stopped": stopped, "decided_by_job": decided_by_job, "updated": updated}

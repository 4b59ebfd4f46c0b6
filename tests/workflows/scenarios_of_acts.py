"""Small cases in which a task goes from hand to hand, and a step is skipped, for their histories."""

from __future__ import annotations

from tests.bpmn.building import end, process, service, start, user, zeebe
from tests.workflows.running import House, Running
from tests.workflows.watching import FIELDS, POSTS

MARKETING = zeebe("assignmentDefinition", candidateGroups="marketing")


async def handed_about(house: House) -> list[Running]:
    """A task is reminded of, copied, taken on, handed over and done; people get their notices."""
    model = process(start(), user("A", MARKETING), end(), flows=["start > A > end"])
    case = await house.start(model, case=FIELDS, posts=POSTS)
    task = await case.task("A")
    await case.act("remind", {"task": task, "by": "zhao", "text": "客户在催"})
    await case.act("copy", {"task": task, "by": "zhao", "to": ["sun", "qian"]})
    await case.act("claim", {"task": task, "by": "wang", "groups": ["marketing"]})
    await case.act("transfer", {"task": task, "by": "wang", "to": "li", "reason": "出差", "key": "t"})
    await case.complete("A", by="li")
    await case.outcome()
    return [case]


async def skipped(house: House) -> list[Running]:
    """A step that failed is skipped with its outputs."""
    house.work.failing["job"] = "no"
    case = await house.start(process(start(), service("job"), user("A"), end(), flows=["start > job > A > end"]))
    found = await case.incident()
    skip = {"incident": found["key"], "by": "operator", "reason": "已线下办理", "outputs": {"number": 7}}
    await case.act("skip_incident", skip)
    await case.complete("A")
    await case.outcome()
    house.work.failing.clear()
    return [case]


ACTS = {"handed_about": handed_about, "skipped": skipped}

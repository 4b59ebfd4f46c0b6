"""Small cases that move to another version, are modified, or stand still for a while, for their histories."""

from __future__ import annotations

import json
from typing import Any

from bpmn import read
from tests.bpmn.building import (
    Shape,
    boundary,
    end,
    gateway,
    message,
    model_xml,
    process,
    receive,
    service,
    start,
    throw,
    timer,
    user,
)
from tests.workflows.running import House, Running

OLD = process(start(), user("A"), user("B"), end(), flows=["start > A > B > end"])
NEW = process(
    start(),
    user("check"),
    boundary("check", "late", timer("PT240H")),
    service("job"),
    end(),
    end("over"),
    flows=["start > check > job > end", "late > over"],
)


def version(shape: Shape, **fields: Any) -> dict[str, Any]:
    """The act that moves a case to this model."""
    definition = json.dumps(read(model_xml(shape)).dump())
    return {"definition": definition, "version": 2, "by": "ops", "reason": "新规实施", **fields}


async def migrated(house: House) -> list[Running]:
    """A case goes on by another version, in which its task has another name, a timer and a job behind it."""
    case = await house.start(OLD)
    await case.task("A")
    await case.act("migrate", version(NEW, elements={"A": "check"}, key="m"))
    await case.complete("check")
    await case.outcome()
    return [case]


async def modified(house: House) -> list[Running]:
    """A token moves back, another is added, and cancelled."""
    case = await house.start(OLD)
    await case.complete("A")
    changes = {"move": [{"key": await case.task("B"), "element": "A"}], "activate": [{"element": "B"}]}
    await case.act("modify", {"changes": changes, "by": "ops", "reason": "资料退回", "key": "m1"})
    await case.act(
        "modify", {"changes": {"cancel": [await case.task("B")]}, "by": "ops", "reason": "误加", "key": "m2"}
    )
    await case.complete("A")
    await case.complete("B")
    await case.outcome()
    return [case]


async def suspended(house: House) -> list[Running]:
    """A case stands still while its job ends and a message comes; its timer goes on with what was left."""
    shapes = [start(), gateway("parallel", "F"), user("A"), receive("R", "M"), service("job")]
    shapes += [boundary("A", "late", timer("PT240H")), end(), end("e"), end("f"), end("over")]
    flows = ["start > F > A > end", "F > R > e", "F > job > f", "late > over"]
    house.work.may_go_on.clear()
    case = await house.start(process(*shapes, flows=flows), variables={"key": "k"})
    await case.task("A")
    await case.act("suspend", {"by": "ops", "reason": "客户要求", "key": "s"})
    house.work.may_go_on.set()
    await case.until_recorded("kept")
    await case.act("message", {"name": "M", "correlation_key": "k"})
    await case.act("resume", {"by": "ops", "reason": "客户同意", "key": "r"})
    await case.complete("A")
    await case.outcome()
    return [case]


async def suspended_twice_told(house: House) -> list[Running]:
    """Two messages come while the case stands still, for two events one after the other."""
    shapes = [start(), receive("R1", "M"), receive("R2", "M"), user("A"), end()]
    case = await house.start(process(*shapes, flows=["start > R1 > R2 > A > end"]), variables={"key": "k"})
    await case.act("suspend", {"by": "ops", "reason": "客户要求", "key": "s"})
    for key in ("m1", "m2"):
        await case.act("message", {"name": "M", "correlation_key": "k", "key": key})
    await case.act("resume", {"by": "ops", "reason": "客户同意", "key": "r"})
    await case.complete("A")
    await case.outcome()
    return [case]


async def taken_back_at_once(house: House) -> list[Running]:
    """A message of the very step that asks for a job calls it off."""
    shapes = [start(), gateway("parallel", "F"), throw("T", message("stop", "=key")), service("W"), end()]
    stops = boundary("W", "stopped", message("stop", "=key"))
    case = await house.start(
        process(*shapes, stops, flows=["start > F > T > end", "F > W > end", "stopped > end"]), variables={"key": "k"}
    )
    await case.outcome()
    return [case]


LIFE = {
    "migrated": migrated,
    "modified": modified,
    "suspended": suspended,
    "suspended_twice_told": suspended_twice_told,
    "taken_back_at_once": taken_back_at_once,
}

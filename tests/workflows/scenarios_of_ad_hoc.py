"""Small cases whose people choose what is done next, for their histories."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.bpmn.building import Part, Shape, ad_hoc, end, process, service, start, user, zeebe
from tests.workflows.running import House, Running, eventually

NOTHING_AT_FIRST = zeebe("adHoc", activeElementsCollection="=[]")


def named(shape: Shape, name: str) -> Shape:
    """The shape with a name."""
    return replace(shape, attributes={**shape.attributes, "name": name})


def choosing(lane: str = "", **how: Any) -> Shape:
    """A process that is in H until `done`: people choose from A, B and the job J; nothing is begun by itself."""
    inside = (named(user("A"), "现场勘察"), named(user("B"), "协调会"), service("J"))
    host = named(ad_hoc("H", NOTHING_AT_FIRST, *inside, until="=done", **how), "会商")
    shape = process(start(), host, end(), flows=["start > H > end"])
    holds = "<bpmn:flowNodeRef>H</bpmn:flowNodeRef>"
    drawn = f'<bpmn:laneSet id="L"><bpmn:lane id="L1" name="{lane}">{holds}</bpmn:lane></bpmn:laneSet>'
    return replace(shape, parts=(Part(drawn),)) if lane else shape


async def begun(house: House, shape: Shape | None = None, **fields: Any) -> Running:
    """A case of such a process."""
    return await house.start(shape or choosing(), variables={"done": False}, **fields)


async def opened(case: Running, element: str = "H") -> dict[str, Any]:
    """What can be chosen in an ad-hoc sub-process, as soon as it is open."""

    async def find() -> dict[str, Any] | None:
        found: list[dict[str, Any]] = await case.handle.query("activatable")
        return next((one for one in found if one["element"] == element), None)

    return await eventually(find)


async def activate(case: Running, *elements: str, **act: Any) -> dict[str, Any]:
    """Somebody has these elements begin in H."""
    return await case.act("activate", {"scope": (await opened(case))["key"], "elements": elements, "by": "wang", **act})


async def activated(house: House) -> list[Running]:
    """Two tasks at once, one of them again, a job; what still runs is ended when it is enough."""
    case = await begun(house)
    await activate(case, "A", "B", key="one", variables={"site": "规划二路"})
    await case.complete("A")
    await activate(case, "A", "J", key="two")
    await case.until(lambda view: len(view["tasks"]) == 2)
    await case.complete("B", {"done": True})
    await case.outcome()
    return [case]


async def activated_in_turn(house: House) -> list[Running]:
    """One after the other, in the order of the choosing; one choice comes by signal, one that is refused too."""
    case = await begun(house, choosing(sequential=True))
    await activate(case, "B", "A")
    await case.handle.signal("activate", {"scope": (await opened(case))["key"], "elements": ["C"], "by": "li"})
    await case.handle.signal("activate", {"scope": (await opened(case))["key"], "elements": ["B"], "by": "li"})
    await case.complete("B")
    await case.complete("A")
    await case.complete("B", {"done": True})
    await case.outcome()
    return [case]


AD_HOC = {"activated": activated, "activated_in_turn": activated_in_turn}

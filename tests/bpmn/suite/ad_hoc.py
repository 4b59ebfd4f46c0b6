"""Ad-hoc sub-processes (BPMN 2.0 §13.3.5): what begins by itself, and what people choose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.bpmn.building import Part, Shape, end, multi, script, start, user, zeebe
from tests.bpmn.suite.cases import WAIT, Case, raw, row

DONE = raw("<bpmn:completionCondition>=done</bpmn:completionCondition>")
SEQUENTIAL = {"ordering": "Sequential"}
REMAINING = {"cancelRemainingInstances": "false"}
AND_DONE = {"variables": {"done": True}}


def _ad_hoc(
    what: str,
    *content: Shape | Part,
    completed: str,
    flows: tuple[str, ...] = (),
    attributes: dict[str, str] | None = None,
    **more: Any,
) -> Case:
    parts = tuple(one for one in content if isinstance(one, Part))
    shapes = tuple(one for one in content if isinstance(one, Shape))
    shape = Shape("adHocSubProcess", "H", attributes or {}, parts, shapes, flows)
    named = f"Ad-hoc sub-process · {what}"
    return row(named, start(), shape, end(), flows=["start > H > end"], completed=completed, **more)


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _by_themselves()
    yield from _by_people()
    yield from _by_a_job()


def _by_themselves() -> Iterator[Case]:
    yield _ad_hoc("parallel", user("A"), user("B"), completed="start A B H end")
    yield _ad_hoc("sequential", user("A"), user("B"), completed="start A B H end", attributes=SEQUENTIAL)
    yield _ad_hoc("flows inside", user("A"), user("B"), flows=("A > B",), completed="start A B H end")
    yield _ad_hoc(
        "the elements that are named",
        zeebe("adHoc", activeElementsCollection='=["B"]'),
        user("A"),
        user("B"),
        completed="start B H end",
    )
    yield _ad_hoc(
        "completion condition ends what still runs",
        DONE,
        user("A"),
        user("B"),
        completed="start A H end",
        variables={"done": False},
        script={"elements": {"A": [AND_DONE], "B": [WAIT]}},
    )
    yield _ad_hoc(
        "completion condition waits for what still runs",
        DONE,
        user("A"),
        user("B"),
        completed="start A B H end",
        attributes=REMAINING,
        variables={"done": False},
        script={"elements": {"A": [AND_DONE], "B": [{"after": "PT1H"}]}},
    )


def _chosen(what: str, *content: Shape | Part, chosen: list[str], does: Any, brings: Any = None, **more: Any) -> Case:
    """A case in whose sub-process nothing begins but what people choose."""
    nothing = zeebe("adHoc", activeElementsCollection="=[]")
    activation = {"adHoc": "H", "elements": chosen, "variables": brings or {}, "after": "PT1M"}
    acting = {"elements": does, "activations": [activation]}
    given = {"variables": {"done": False}, **more}
    return _ad_hoc(f"activated by people · {what}", nothing, *content, script=acting, **given)


def _by_people() -> Iterator[Case]:
    both = (DONE, user("A"), user("B"))
    yield _chosen(
        "parallel",
        *both,
        chosen=["A", "B"],
        does={"B": [{**AND_DONE, "after": "PT1H"}]},
        completed="start A B H end",
    )
    yield _chosen(
        "sequential, one of them again",
        *both,
        chosen=["B", "A", "B", "A"],
        does={"B": [{}, AND_DONE]},
        completed="start B A B H end",
        attributes=SEQUENTIAL,
    )
    yield _chosen(
        "completion condition ends what still runs",
        *both,
        chosen=["A", "B"],
        does={"A": [AND_DONE], "B": [WAIT]},
        completed="start A H end",
    )
    yield _chosen(
        "completion condition waits for what still runs",
        *both,
        chosen=["A", "B"],
        does={"A": [AND_DONE], "B": [{"after": "PT1H"}]},
        completed="start A B H end",
        attributes=REMAINING,
    )
    yield _chosen(
        "with variables of their own",
        raw("<bpmn:completionCondition>=y = 3</bpmn:completionCondition>"),
        script("A", "=x + 1", "y"),
        user("B"),
        chosen=["A"],
        does={},
        brings={"x": 2},
        variables={"y": 0},
        gives={"y": 3},
        completed="start A H end",
    )
    yield _chosen(
        "in each instance of a multi-instance one",
        multi("=[1, 2]"),
        *both,
        chosen=["A"],
        does={"A": [AND_DONE, AND_DONE]},
        completed="start A A H H end",
    )


def _by_a_job() -> Iterator[Case]:
    choosing = zeebe("taskDefinition", type="choose")
    chosen = [{"result": {"activateElements": [{"elementId": one}]}} for one in ("A", "B")]
    yield _ad_hoc(
        "a job decides what follows",
        choosing,
        user("A"),
        user("B"),
        user("C"),
        completed="start A B H end",
        script={"elements": {"H": [*chosen, {"result": {"isCompletionConditionFulfilled": True}}]}},
    )
    both = {"activateElements": [{"elementId": "A"}, {"elementId": "B", "variables": {"n": 1}}]}
    over = {"isCompletionConditionFulfilled": True, "isCancelRemainingInstances": True}
    yield _ad_hoc(
        "a job ends what still runs",
        choosing,
        zeebe("adHoc", outputCollection="results", outputElement="=found"),
        user("A"),
        user("B"),
        completed="start A H end",
        script={
            "elements": {"H": [{"result": both}, {"result": over}], "A": [{"variables": {"found": 1}}], "B": [WAIT]}
        },
        gives={"results": [1]},
    )
    yield _ad_hoc(
        "an answer of its job that makes no sense",
        choosing,
        user("A"),
        completed="start",
        script={"elements": {"H": [{"result": {"activateElements": [{"elementId": "gone"}]}}]}},
        incident="job",
    )

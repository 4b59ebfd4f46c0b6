"""Records instances in mid-life for the corpus in `snapshots/`: `python -m tests.bpmn.snapshotting`.

What is recorded stays as it is: later engines must load it and run it to the same end. To add one, write a scenario
below and run the command; it writes only what is missing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bpmn import codec, commands, events
from tests.bpmn.building import (
    CANCEL,
    Shape,
    ad_hoc,
    boundary,
    call,
    catch,
    compensation,
    condition,
    end,
    error,
    gateway,
    io,
    listeners,
    looping,
    message,
    multi,
    on_event,
    parallel,
    process,
    receive,
    script,
    service,
    signal,
    start,
    sub,
    throw,
    timer,
    transaction,
    user,
    zeebe,
)
from tests.bpmn.engine.driving import Drive

FOLDER = Path(__file__).with_name("snapshots")


class Recorded(Drive):
    """A drive that keeps what it is told, and when."""

    said: list[dict[str, Any]]

    def tell(self, event: events.Event) -> list[commands.Command]:
        said = getattr(self, "said", None)
        if said is not None:
            said.append({"at": self.now.isoformat(), "event": type(event).__name__, "data": codec.encode(event)})
        return super().tell(event)


@dataclass(frozen=True)
class Scenario:
    """A model, what happens before the snapshot, and how it comes to its end."""

    model: Shape
    before: Callable[[Recorded], Any]
    after: Callable[[Recorded], Any]
    variables: dict[str, Any] = field(default_factory=dict)


def line(*shapes: Shape) -> Shape:
    """One after another; boundary events and event sub-processes stand beside."""
    path = [one.id for one in shapes if one.tag != "boundaryEvent" and "triggeredByEvent" not in one.attributes]
    bounds = [one.id for one in shapes if one.tag == "boundaryEvent"]
    ends = [end(f"end_{name}") for name in bounds]
    flows = [" > ".join(["start", *path, "end"]), *(f"{name} > end_{name}" for name in bounds)]
    return process(start(), *shapes, *ends, end(), flows=flows)


def done(*elements: str, **variables: Any) -> Callable[[Recorded], None]:
    """These tasks or jobs are completed, one after another."""

    def act(drive: Recorded) -> None:
        for element in elements:
            drive.complete(element, **variables)

    return act


def both(*acts: Callable[[Recorded], Any]) -> Callable[[Recorded], None]:
    def act(drive: Recorded) -> None:
        for one in acts:
            one(drive)

    return act


def _forked(kind: str, *ways: str) -> Shape:
    shapes = [start(), gateway(kind, "F"), user("A"), user("B"), user("C"), gateway(kind, "J"), end()]
    flows = [f"F > {name} > J" for name in "ABC"] if not ways else []
    flows += [f"F > {name}{way}" for name, way in zip("ABC", ways, strict=False)]
    flows += [f"{name} > J" for name in "ABC"] if ways else []
    return process(*shapes, flows=["start > F", "J > end", *flows])


def _undoing() -> Shape:
    inside = sub(
        "S",
        start("s"),
        service("A"),
        boundary("A", "c", compensation()),
        service("undo", undoes=True),
        end("e"),
        flows=["s > A > e"],
        links=["c > undo"],
    )
    shapes = [start(), inside, user("B"), throw("T", compensation()), end()]
    return process(*shapes, flows=["start > S > B > T > end"])


def _cancelled() -> Shape:
    shapes = [service("A"), boundary("A", "c", compensation()), service("undo", undoes=True), user("X")]
    inside = transaction("T", start("s"), *shapes, end("e", CANCEL), flows=["s > A > X > e"], links=["c > undo"])
    flows = ["start > T > end", "b > B > f"]
    return process(start(), inside, boundary("T", "b", CANCEL), user("B"), end(), end("f"), flows=flows)


def _suspended(drive: Recorded) -> None:
    drive.wait(hours=1)
    drive.tell(events.Suspend(0, "王芳", "客户要求"))
    drive.complete("A", x=1)
    drive.message("M", x=2)


def _resumed(drive: Recorded) -> None:
    drive.tell(events.Resume(0, "王芳", "客户同意"))
    drive.wait(hours=1)


def _heard(drive: Recorded) -> None:
    """The listener of a change has done its work."""
    drive.tell(events.JobCompleted(next(key for kind, key in drive.work if kind == "job")))


def _decided(*chosen: events.Activate) -> Callable[[Recorded], None]:
    """The job of the ad-hoc sub-process H chooses these, or says that all is done."""

    def act(drive: Recorded) -> None:
        drive.tell(events.JobCompleted(drive.key("H"), activates=chosen, fulfilled=not chosen))

    return act


def _beside_itself() -> Shape:
    """A job, a message and a timer at once."""
    shapes = [start(), gateway("parallel", "F"), service("A"), receive("R", "M"), catch("T", timer("PT2H"))]
    shapes += [gateway("parallel", "J"), end()]
    return process(*shapes, flows=["start > F > A > J > end", "F > R > J", "F > T > J"])


_ITEMS = {"items": ["a", "b", "c"], "key": "k", "x": 1}

SCENARIOS: dict[str, Scenario] = {
    "canceling": Scenario(
        line(user("A", listeners("canceling: x", of="task")), boundary("A", "late", timer("PT1H"))),
        lambda drive: drive.wait(hours=1),
        done("A"),
    ),
    "task_being_changed": Scenario(
        line(user("A", listeners("updating: u", of="task"))),
        lambda drive: drive.tell(events.TaskUpdated(drive.key("A"), {"priority": 80}, "王芳")),
        both(_heard, done("A")),
    ),
    "ad_hoc_job": Scenario(
        line(ad_hoc("H", zeebe("taskDefinition", type="choose"), user("A"), user("B"))),
        both(_decided(events.Activate("A"), events.Activate("B", {"x": 1})), done("B")),
        both(_decided(events.Activate("B")), done("A", "B"), _decided()),
    ),
    "user_tasks": Scenario(line(user("A"), user("B")), done("A", x=1), done("B", y=2)),
    "assigned_task": Scenario(
        line(user("A", zeebe("assignmentDefinition", candidateGroups='=["sales"]'), io(outputs={"sum": "=x + 1"}))),
        done(),
        done("A", x=1),
    ),
    "job_with_boundaries": Scenario(
        line(service("A"), boundary("A", "late", timer("PT2H")), boundary("A", "wrong", error("E"))),
        lambda drive: drive.wait(hours=1),
        lambda drive: drive.error("A", "E"),
    ),
    "repeating_timer": Scenario(
        line(user("A"), boundary("A", "tick", timer("R3/PT1H"), interrupting=False)),
        lambda drive: drive.wait(minutes=90),
        both(lambda drive: drive.wait(hours=5), done("A")),
    ),
    "parallel_join": Scenario(_forked("parallel"), done("B"), done("A", "C")),
    "inclusive_join": Scenario(
        _forked("inclusive", ": =x > 0", ": =x < 2", ": default"), done("A"), done("B"), {"x": 1}
    ),
    "race_of_events": Scenario(
        process(
            start(),
            gateway("eventBased", "G"),
            catch("M1", message("M")),
            catch("T1", timer("PT2H")),
            end(),
            flows=["start > G > M1 > end", "G > T1 > end"],
        ),
        done(),
        lambda drive: drive.message("M", x=2),
        _ITEMS,
    ),
    "early_message": Scenario(
        line(user("A"), receive("R", "M")), lambda drive: drive.message("M", ttl=60, x=7), done("A"), _ITEMS
    ),
    "bodies_at_once": Scenario(
        line(user("A", multi("=items", item="item", into="out", gives="=x")), boundary("A", "late", timer("PT9H"))),
        done("A", x=5),
        done("A", "A", x=6),
        _ITEMS,
    ),
    "bodies_in_turn": Scenario(
        line(
            sub("S", multi("=items", item="it", sequential=True), start("s"), user("X"), end("e"), flows=["s > X > e"])
        ),
        done("X"),
        done("X", "X"),
        _ITEMS,
    ),
    "event_subprocess": Scenario(
        line(user("A"), on_event("told", signal("S"), then="B", interrupting=False)),
        lambda drive: drive.signal("S"),
        done("B", "A"),
    ),
    "compensation": Scenario(_undoing(), done("A", x=4), done("B", "undo")),
    "compensating": Scenario(_undoing(), done("A", "B"), done("undo")),
    "called": Scenario(
        line(call("A", "other"), script("S", "=x + 1", "y")),
        done(),
        lambda drive: drive.tell(events.CallCompleted(drive.key("A"), {"x": 41})),
    ),
    "incident": Scenario(
        line(service("A"), user("B")),
        lambda drive: drive.fail("A"),
        both(lambda drive: drive.retry("A", x=3), done("A", "B")),
    ),
    "condition": Scenario(
        line(user("A"), boundary("A", "full", condition("=x > 5"), interrupting=False), user("B")),
        done(),
        done("A", "B", x=6),
        _ITEMS,
    ),
    "some_of_a_parallel_event": Scenario(
        line(user("A"), parallel(boundary("A", "both", message("M"), signal("S")))),
        lambda drive: drive.message("M", x=4),
        lambda drive: drive.signal("S"),
        _ITEMS,
    ),
    "ad_hoc": Scenario(
        line(ad_hoc("H", user("X"), user("Y"), until="=x > 5"), user("B")),
        done("X", x=1),
        done("Y", "B", x=6),
        _ITEMS,
    ),
    "transaction": Scenario(_cancelled(), done("A", x=4), done("X", "undo", "B")),
    "standard_loop": Scenario(line(user("A", looping("=x < 3", at_most=5))), done("A", x=1), done("A", x=4), _ITEMS),
    "suspended": Scenario(_beside_itself(), _suspended, _resumed, _ITEMS),
}


def record(scenario: Scenario) -> dict[str, Any]:
    """The snapshot of one scenario, with what is to be told to it afterwards and how it then ends."""
    drive = Recorded(scenario.model, scenario.variables)
    scenario.before(drive)
    definition, instance = drive.definition.dump(), drive.instance.dump()
    drive.said, known = [], len(drive.records)
    scenario.after(drive)
    assert drive.outcome, "a scenario comes to its end"
    return {
        "definition": definition,
        "instance": instance,
        "then": drive.said,
        "outcome": drive.outcome,
        "variables": drive.variables,
        "path": [one.element for one in drive.records[known:] if one.event == "completed"],
    }


def main() -> None:
    """Record what is missing."""
    FOLDER.mkdir(exist_ok=True)
    for name, scenario in SCENARIOS.items():
        file = FOLDER / f"{name}.json"
        if not file.exists():
            file.write_text(json.dumps(record(scenario), ensure_ascii=False, indent=1) + "\n")
            print(file.name)


if __name__ == "__main__":
    main()

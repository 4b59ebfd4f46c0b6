"""Random models with listeners on all that may have them, and jobs that decide for ad-hoc sub-processes.

What holds of every run holds of theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest

from bpmn import commands, events
from bpmn.support import SUPPORT
from tests.bpmn.building import Shape, listeners, zeebe
from tests.bpmn.engine import driving, invariants
from tests.bpmn.engine.driving import Drive
from tests.bpmn.engine.generating import VARIABLES, Maker, Run

MOMENTS = ("start", "end")
NOWHERE = SUPPORT.listeners.nowhere


def everything(shape: Shape) -> Iterator[Shape]:
    """A shape and all inside it."""
    yield shape
    for inner in shape.inside:
        yield from everything(inner)


def may_listen(shape: Shape, moment: str) -> bool:
    """Whether an element may have listeners of a moment."""
    kinds = "".join(part.xml for part in shape.parts)
    compensates = shape.tag == "boundaryEvent" and "compensateEventDefinition" in kinds
    fails = shape.tag == "endEvent" and "errorEventDefinition" in kinds
    if shape.tag not in SUPPORT.zeebe["executionListeners"].on or compensates:
        return False
    return shape.tag not in NOWHERE[moment] and not (fails and moment == "end")


def listening(chance: Random, model: Shape) -> Shape:
    """The model, with listeners here and there."""
    for shape in everything(model):
        rows = [f"{moment}: {moment}" for moment in MOMENTS if may_listen(shape, moment) and chance.random() < 0.4]
        shape.parts = (*shape.parts, listeners(*rows)) if rows else shape.parts
        if shape.tag == "userTask" and chance.random() < 0.5:
            own = ("creating: c", "assigning: a", "updating: u", "completing: d", "canceling: x")
            shape.parts = (*shape.parts, listeners(*own, of="task"))
        if shape.tag == "adHocSubProcess" and chance.random() < 0.7:
            kept = tuple(
                part for part in shape.parts if "<bpmn:completionCondition>" not in part.xml or "Loop" in part.xml
            )
            shape.parts = (*kept, zeebe("taskDefinition", type="choose"))
            shape.attributes = {name: text for name, text in shape.attributes.items() if name == "ordering"}
    return model


class Listened(Drive):
    """A drive whose task listeners answer without variables, which they may not set.

    A task of which listeners look at a change is completed by nobody.
    """

    def tell(self, event: events.Event) -> list[commands.Command]:
        if isinstance(event, events.TaskCompleted) and not self.is_settled(event.key):
            return []  # nobody can complete it now
        command = self.ledger.open.get(("job", getattr(event, "key", 0)))
        if isinstance(event, events.JobCompleted) and isinstance(command, commands.RunJob) and command.activatable:
            event = decision(command)
        if isinstance(event, events.JobCompleted) and self.listens(event.key) not in ("", *MOMENTS):
            event = events.JobCompleted(event.key)
        return super().tell(event)

    def is_settled(self, key: int) -> bool:
        """Whether no listener looks at a change of an open task."""
        instance = self.instance.instances.get(key)
        return instance is None or instance.stage not in ("assigning", "updating")

    def listens(self, key: int) -> str:
        """What the open job of a key listens to; empty where it is not that of a listener."""
        command = self.ledger.open.get(("job", key))
        return command.listens if isinstance(command, commands.RunJob) else ""


def decision(job: commands.RunJob) -> events.JobCompleted:
    """What the job of an ad-hoc sub-process decides, by its key: one in three says that all is done."""
    chance = Random(job.key)
    done, cancels = chance.random() < 0.35, chance.random() < 0.5
    chosen = () if done else (events.Activate(chance.choice(job.activatable), {"x": job.key}),)
    return events.JobCompleted(job.key, {"again": False}, activates=chosen, fulfilled=done, cancels=cancels)


class Denying(Run):
    """A run in which listeners also say no."""

    drive: Listened

    def answer(self, kind: str, key: int) -> None:
        """Three in ten listeners deny; where nothing can be denied that is an incident."""
        changed = kind == "task" and self.chance.random() < 0.3
        if kind == "task" and (changed or not self.drive.is_settled(key)):
            self.change(key)
        elif self.drive.listens(key) and self.chance.random() < 0.3:
            self.closed.append(key)
            self.drive.tell(events.JobDenied(key, "no"))
        else:
            super().answer(kind, key)

    def change(self, key: int) -> None:
        """Somebody wants a task to be another."""
        changes = (events.TaskAssigned(key, "wang", "li"), events.TaskUpdated(key, {"priority": 80}, "li"))
        self.drive.tell(self.chance.choice(changes))

    def towards_the_end(self) -> None:
        """A completed task may still be opened again, now and then; changes are looked at before all else."""
        changing = [key for _, key in self.drive.work if self.drive.listens(key) in ("assigning", "updating")]
        tasks = [key for kind, key in self.drive.work if kind == "task" and self.drive.is_settled(key)]
        looked_at = [key for _, key in self.drive.work if self.drive.listens(key) == "completing"]
        if looked_at and self.chance.random() < 0.3:
            self.drive.tell(events.JobDenied(looked_at[0], "no"))
        elif changing and not self.drive.instance.incidents:
            self.drive.tell(events.JobCompleted(changing[0]))
        elif tasks and self.chance.random() < 0.3:
            self.change(self.chance.choice(tasks))
        else:
            super().towards_the_end()


@pytest.mark.parametrize("seed", range(60))
def test_every_run_with_listeners_ends_completed(seed: int) -> None:
    chance = Random(seed)
    drive = Denying(Listened(listening(chance, Maker(chance, 15).model()), VARIABLES), chance).play(40)

    assert drive.outcome == "completed"


@pytest.mark.parametrize("seed", range(30))
def test_a_run_with_listeners_cancelled_at_any_point_leaves_nothing_behind(seed: int) -> None:
    chance = Random(seed)
    drive = Listened(listening(chance, Maker(chance, 12).model()), VARIABLES)
    run = Denying(drive, chance)
    for _ in range(chance.randint(0, 20)):
        if not drive.outcome:
            run.anything()
    done = drive.outcome
    drive.cancel()
    for key in drive.instance.incidents:
        drive.tell(events.RetryIncident(key))
    for _, key in list(drive.work):
        assert drive.listens(key) == "canceling"
        drive.tell(events.JobCompleted(key))

    invariants.check(drive.instance, drive.ledger, drive.records)
    assert drive.outcome == (done or "terminated")


def test_every_kind_of_moment_is_listened_to_in_these_runs() -> None:
    moments: dict[str, None] = {}
    for seed in (*range(20), 181):
        chance = Random(seed)
        drive = Denying(Listened(listening(chance, Maker(chance, 15).model()), VARIABLES), chance).play(40)
        moments |= {data["moment"]: None for data in drive.data("listened")}
        moments |= dict.fromkeys(record.event for record in drive.records if record.event == "directed")
    driving.driven.clear()

    assert sorted(moments) == [
        "assigning",
        "canceling",
        "completing",
        "creating",
        "directed",
        "end",
        "start",
        "updating",
    ]

"""Instances under test that are changed as a whole: moved to another version of their diagram, or modified."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bpmn import commands
from bpmn.instance import Instance
from bpmn.migration import MigrationFault, MigrationPlan, migrate
from bpmn.modification import Misplaced, Modification, ModificationRefused, modify
from tests.bpmn.building import (
    Shape,
    build,
    end,
    process,
    start,
    sub,
    user,
)
from tests.bpmn.engine.driving import Drive


def move(drive: Drive, model: Shape, elements: Mapping[str, str] | None = None, **how: Any) -> list[MigrationFault]:
    """Migrate the drive to another version; its faults, if any, are those of every shadow."""
    definition = build(model)
    faults: list[MigrationFault] = []

    def change(instance: Instance) -> tuple[Instance, tuple[commands.Command, ...]]:
        target = definition.processes[model.id]
        plan = MigrationPlan.between(instance.graph.process, target, elements, **how)
        result = migrate(instance, definition, plan, drive.now)
        faults[:] = result.faults
        assert not result.faults or result.instance is instance
        return result.instance, result.commands

    drive.become(change)
    return faults


def line(*shapes: Shape, id_: str = "p") -> Shape:
    """One after another from start to end; boundary events, and what comes after them, stand beside."""
    path = [one.id for one in shapes if one.tag != "boundaryEvent" and "triggeredByEvent" not in one.attributes]
    return process(start(), *shapes, end(), flows=[" > ".join(["start", *path, "end"])], id_=id_)


def guarded(*boundaries: Shape) -> Shape:
    """A task with these boundary events, each with an end of its own."""
    ends = [end(f"end_{one.id}") for one in boundaries]
    flows = ["start > A > end", *(f"{one.id} > end_{one.id}" for one in boundaries)]
    return process(start(), user("A"), *boundaries, *ends, end(), flows=flows)


def kinds(faults: list[MigrationFault]) -> list[tuple[str, str]]:
    """What the faults are of, and of which kind."""
    return [(fault.element, fault.kind.value) for fault in faults]


def change(drive: Drive, **wanted: Any) -> ModificationRefused | None:
    """Modify the drive; a refusal is that of every shadow."""
    modification = Modification(**{"by": "王芳", "reason": "发错部门", **wanted})
    faults: list[ModificationRefused | None] = []

    def act(instance: Instance) -> tuple[Instance, tuple[commands.Command, ...]]:
        result = modify(instance, modification, drive.now)
        faults.append(result.fault)
        assert not result.fault or result.instance is instance
        return result.instance, result.commands

    drive.become(act)
    return faults[0]


def refused(drive: Drive, **wanted: Any) -> Misplaced | None:
    """Why the drive cannot be modified so; it stays as it was."""
    before = drive.instance.dump()
    fault = change(drive, **wanted)
    assert drive.instance.dump() == before
    return fault.kind if fault else None


def key_of(drive: Drive, element: str, role: str | None = None) -> int:
    """The first instance of an element, of that role if one is named."""
    found = drive.instance.instances.items()
    return next(key for key, one in found if one.element == element and role in (None, one.role))


def nested(*beside: Shape, loop: tuple[Any, ...] = ()) -> Shape:
    """A, then a sub-process S with X and Y inside."""
    inside = sub("S", *loop, start("s"), user("X"), user("Y"), end("e"), *beside, flows=["s > X > Y > e"])
    return line(user("A"), inside, user("B"))

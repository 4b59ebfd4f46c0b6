"""Changing where the tokens of a running instance are: cancelling, adding and moving them, by a person, for a reason.

    wanted = Modification(move=(Move(7, "review"),), by="zhang", reason="sent to the wrong department")
    preview(instance, wanted, now)              # what would be ended, begun and asked for; nothing has happened
    result = modify(instance, wanted, now)      # result.instance, result.commands, or result.faults

Everything happens at once or nothing does. What is added begins in the scope that is named, or in the only one there
is; scopes that are missing around it are created, with their mappings, boundary events and event sub-processes. What
is left without a token ends as cancelled, outwards; the instance itself only where the modification says so.

In a multi-instance activity one inner instance can be cancelled (the others and the body go on, and it gives no
output), and one added: the activity is activated with the body as its scope and an item.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from bpmn.behaviours import modifying
from bpmn.commands import Command
from bpmn.journal import Record
from bpmn.outcome import Stuck
from bpmn.placement import Activation, Arrival, Misplaced, Modification, ModificationRefused, Move

if TYPE_CHECKING:
    from bpmn.instance import Instance

__all__ = ["Activation", "Arrival", "Misplaced", "Modification", "ModificationRefused", "Modified", "Move", "Preview"]
__all__ += ["Touched", "modify", "preview"]


@dataclass(frozen=True)
class Modified:
    """What became of a modification: the changed instance with the commands that follow; or, with a `fault`, the very
    instance that was given, untouched."""

    instance: Instance
    commands: tuple[Command, ...] = ()
    fault: ModificationRefused | None = None


def modify(instance: Instance, wanted: Modification, now: datetime) -> Modified:
    """Make a modification. The journal of the instance must have been drained."""
    try:
        changed = instance.copied() if instance.active else instance
        modifying.change(changed, wanted, now)
    except ModificationRefused as refused:
        return Modified(instance, fault=refused)
    except Stuck as stuck:
        return Modified(instance, fault=ModificationRefused(Misplaced.EXPRESSION, "", stuck.message))
    return Modified(changed, tuple(changed.proceed(now)))


@dataclass(frozen=True)
class Touched:
    """An element instance that would end or begin."""

    key: int
    element: str
    name: str


@dataclass(frozen=True)
class Preview:
    """What would follow from a modification: what ends, what begins and is still there at rest, what is asked of the
    world; or why it cannot be made."""

    ended: tuple[Touched, ...] = ()
    begun: tuple[Touched, ...] = ()
    commands: tuple[Command, ...] = ()
    outcome: str = ""
    fault: ModificationRefused | None = None


def preview(instance: Instance, wanted: Modification, now: datetime) -> Preview:
    """What would follow from a modification; the instance stays as it is."""
    result = modify(instance, wanted, now)
    if result.fault:
        return Preview(fault=result.fault)
    records = result.instance.drain_journal()
    ended = [_touched(one) for one in records if one.event == "terminated" and one.key in instance.instances]
    begun = [_touched(one) for one in records if one.event == "activated" and one.key in result.instance.instances]
    return Preview(tuple(ended), tuple(begun), result.commands, result.instance.outcome)


def _touched(record: Record) -> Touched:
    return Touched(record.key, record.element, record.name)

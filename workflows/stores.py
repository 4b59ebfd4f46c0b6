"""Data stores: a case reads and writes them by activities, as the rest of its work."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeGuard

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityCancellationType

from bpmn import commands, events
from domain.data_stores import StoreReading, StoreWriting

if TYPE_CHECKING:
    from workflows.case import Case
    from workflows.world import World

Access = commands.ReadStore | commands.WriteStore

CONNECTED_SINCE = 5
"""Cases of an earlier semantics number have no data stores: an incident says so."""

_READ, _WRITE = "read-data-store", "write-data-store"
_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1), maximum_attempts=10)


def begin(world: World, command: Access) -> workflow.ActivityHandle[Any]:
    """Ask a store, or hand it what it is to keep."""
    world.voice.spoke()
    return workflow.start_activity(
        kind(command),
        _reading(command) if isinstance(command, commands.ReadStore) else _writing(world, command),
        start_to_close_timeout=timedelta(seconds=world.case.start.settings.job_timeout),
        retry_policy=_RETRY,
        cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
        summary=f"{command.name or command.element}：{command.store}",
    )


def is_missing(command: commands.Command, case: Case) -> TypeGuard[Access]:
    """Whether a store is asked for that the case does not have: it began with an earlier semantics number."""
    return isinstance(command, Access) and case.start.semantics < CONNECTED_SINCE


def refuse(world: World, command: Access) -> None:
    """Have an incident say that there is no store."""
    world.apply(events.StoreFailed(command.key, f"no data store {command.store} is connected here"))


def kind(command: Access) -> str:
    """The type of its activity."""
    return _READ if isinstance(command, commands.ReadStore) else _WRITE


def answered(command: Access, result: Any) -> events.Event:
    """The store has answered."""
    if isinstance(command, commands.ReadStore):
        return events.StoreRead(command.key, result)
    return events.StoreWritten(command.key)


def _reading(command: commands.ReadStore) -> StoreReading:
    return StoreReading(command.store)


def _writing(world: World, command: commands.WriteStore) -> StoreWriting:
    return StoreWriting(
        workflow_id=workflow.info().workflow_id,
        epoch=world.case.epoch,
        key=str(command.key),
        part=command.part,
        store=command.store,
        path=list(command.path),
        value=command.value,
        limit=world.case.start.settings.variable_bytes,
        now=world.now().isoformat(),
    )

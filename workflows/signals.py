"""BPMN signals of one case: to its own tree at once, and to all other cases by an activity (BPMN 2.0 §10.5.1).

Within the tree a signal goes from workflow to workflow, however the database stands. The activity may tell the tree a
second time; its id has each workflow take it once.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from temporalio import workflow
from temporalio.common import RetryPolicy

from bpmn import commands, events
from bpmn.variables import json_size
from domain.start import Broadcast, Reached, SignalPassed

if TYPE_CHECKING:
    from workflows.world import World

BROADCAST_SINCE = 4
"""Cases of an earlier semantics number reach their own tree alone."""

_SIGNAL = "bpmn_signal"
"""The signal of `workflows.process` by which one reaches a case."""
_KEPT = 200
"""So many signals a case remembers, to know one that comes again; the oldest are forgotten first."""
_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(minutes=1))


class Signals:
    """What one case throws, and what others throw."""

    def __init__(self, world: World) -> None:
        self._world = world

    def throw(self, command: commands.BroadcastSignal) -> None:
        """The case has thrown a signal, and heard it itself already."""
        start = self._world.case.start
        size, limit = json_size(command.variables), start.settings.payload_bytes
        if size > limit:
            self._undelivered(command.signal, f"信号所带变量合计 {size} 字节，超过上限 {limit} 字节")
            return
        known = str(workflow.uuid4()) if start.semantics >= BROADCAST_SINCE else ""
        signal = SignalPassed(command.signal, command.variables, "", known)
        self._is_new(signal)
        self._pass_on(signal)
        if known:
            self._world.confirm(self._broadcast(signal))

    def take(self, signal: SignalPassed) -> None:
        """Another workflow has thrown a signal, or passes it on."""
        if self._is_new(signal):
            self._world.apply(events.SignalArrived(signal.name, signal.variables))
            self._pass_on(signal)

    def _is_new(self, signal: SignalPassed) -> bool:
        """Whether the case has not had this signal yet; from now on it has."""
        heard = self._world.case.heard
        if signal.id in heard:
            return False
        if signal.id:
            heard[signal.id] = None
        while len(heard) > _KEPT:
            del heard[next(iter(heard))]
        return True

    def _pass_on(self, signal: SignalPassed) -> None:
        """To the caller and the children, but not whence it came."""
        world = self._world
        own = SignalPassed(signal.name, signal.variables, workflow.info().workflow_id, signal.id)
        caller = world.case.start.caller
        if caller and caller.workflow_id != signal.source:
            world.confirm(world.tell(caller.workflow_id, _SIGNAL, own))
        for child in world.case.children.values():
            if child != signal.source:
                world.confirm(world.calls.tell(child, _SIGNAL, own))

    async def _broadcast(self, signal: SignalPassed) -> None:
        world = self._world
        broadcast = Broadcast(
            id=signal.id,
            name=signal.name,
            variables=signal.variables,
            now=world.now().isoformat(),
            source=workflow.info().workflow_id,
            start=world.case.start.context,
        )
        world.voice.spoke()
        reached: Reached = await workflow.execute_activity(
            "broadcast-signal",
            broadcast,
            result_type=Reached,
            start_to_close_timeout=timedelta(minutes=10),
            heartbeat_timeout=timedelta(seconds=30),
            retry_policy=_RETRY,
            summary=f"信号：{signal.name}",
        )
        for reason in reached.refused:
            self._undelivered(signal.name, f"不能启动流程 {reason}")

    def _undelivered(self, signal: str, reason: str) -> None:
        self._world.case.note("undelivered", self._world.now(), signal=signal, reason=reason)

"""Fuses: points of a worker's work at which a test has its process killed or stopped, once.

A fuse is a file in a folder, named for its point; in it stands the signal. Points of an activity are `asked` (the
workflow's task asks for it, Temporal does not know yet), `begun` (handed out, nothing done) and `done` (it has had its
effect, Temporal does not know yet); those of an act `begun` and `done` in the same sense.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from signal import Signals, pthread_kill
from threading import get_ident
from typing import Any

from temporalio import activity, client, worker, workflow
from temporalio.worker import (
    ActivityInboundInterceptor,
    ExecuteActivityInput,
    HandleUpdateInput,
    StartActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from domain.notices import DeliveryOrder


@dataclass(frozen=True)
class FuseBox:
    """The folder in which fuses lie."""

    folder: Path

    def lay(self, point: str, signal: Signals) -> None:
        """The next to reach the point is sent the signal."""
        draft = self.folder / f"{point}.draft"
        draft.write_text(str(signal.value))
        draft.rename(self.folder / point)

    def burnt(self, point: str) -> bool:
        """Whether somebody has reached the point since."""
        return not (self.folder / point).exists()

    def reach(self, point: str, process: int | None = None) -> None:
        """Be at a point: the first to be there where a fuse lies takes it, and its process is sent the signal.

        This very thread goes no further where its own process is meant: a signal to the process may reach it later.
        """
        taken = self.folder / f"{point}.taken"
        try:
            (self.folder / point).rename(taken)
        except FileNotFoundError:
            return
        signal = int(taken.read_text())
        if process is None:
            pthread_kill(get_ident(), signal)
        else:
            os.kill(process, signal)


class Fused(client.Interceptor, worker.Interceptor):
    """For a client whose workers reach the points of a fuse box."""

    def __init__(self, box: FuseBox) -> None:
        self._box = box

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        return _Activities(next, self._box)

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:
        del input
        box = self._box

        class Workflows(WorkflowInboundInterceptor):
            def init(self, outbound: WorkflowOutboundInterceptor) -> None:
                super().init(_Asking(outbound, box))

            async def handle_update_handler(self, input: HandleUpdateInput) -> Any:
                _reach(box, f"{input.update}.begun")
                result = await super().handle_update_handler(input)
                _reach(box, f"{input.update}.done")
                return result

        return Workflows


class _Activities(ActivityInboundInterceptor):
    def __init__(self, next: ActivityInboundInterceptor, box: FuseBox) -> None:
        super().__init__(next)
        self._box = box

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        name = _name(activity.info().activity_type, input.args)
        self._box.reach(f"{name}.begun")
        result = await super().execute_activity(input)
        self._box.reach(f"{name}.done")
        return result


class _Asking(WorkflowOutboundInterceptor):
    def __init__(self, next: WorkflowOutboundInterceptor, box: FuseBox) -> None:
        super().__init__(next)
        self._box = box

    def start_activity(self, input: StartActivityInput) -> workflow.ActivityHandle[Any]:
        _reach(self._box, f"{_name(input.activity, input.args)}.asked")
        return super().start_activity(input)


def _reach(box: FuseBox, point: str) -> None:
    """Be at a point of a workflow's task that is new, not a replay of what was long ago."""
    if not workflow.unsafe.is_replaying():
        with workflow.unsafe.sandbox_unrestricted():
            box.reach(point)


def _name(activity_type: str, args: Any) -> str:
    """The activity's type; for a delivery, with its channel."""
    order = args[0] if args else None
    return f"{activity_type} {order.channel.value}" if isinstance(order, DeliveryOrder) else activity_type

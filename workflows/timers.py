"""BPMN timers: each has a Temporal timer of its own."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING

from temporalio import workflow

from bpmn import commands, events

if TYPE_CHECKING:
    from workflows.world import World


class Timers:
    """The timers that run for a case."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._running: dict[int, asyncio.Task[None]] = {}

    def restore(self) -> None:
        """Set the timers of the instance's waits, as an earlier run had set them."""
        instance = self._world.case.instance
        for wait in instance.waits:
            if wait.kind == "timer" and wait.left is None:
                node = instance.graph.nodes[wait.element]
                self.set(commands.SetTimer(wait.key, node.id, node.name, datetime.fromisoformat(wait.due)))

    def set(self, command: commands.SetTimer) -> None:
        """Start a timer, or set it anew."""
        self._stop(command.key)
        self._running[command.key] = self._world.background(self._run, command)

    def cancel(self, command: commands.CancelTimer) -> None:
        """Forget a timer."""
        self._stop(command.key)

    def _stop(self, key: int) -> None:
        if running := self._running.pop(key, None):
            running.cancel()

    async def _run(self, command: commands.SetTimer) -> None:
        seconds = max((command.due - self._world.now()).total_seconds(), 0.0)
        self._world.voice.spoke()
        await workflow.sleep(seconds, summary=f"{command.name or command.element} {command.due:%Y-%m-%d %H:%M}")
        del self._running[command.key]
        self._world.apply(events.TimerFired(command.key))

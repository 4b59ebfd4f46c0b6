"""Who is killed when: a plan that follows from a seed, and what was under way at each kill."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetStickyTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

from tests.crash.installation import Installation, Kind
from tests.crash.manners import BadConnection, InFlight

_LOOK = 0.01
"""Seconds between two looks whether a moment has come."""
_ASKED = 0.5
"""Seconds that Temporal has to say which activities are under way."""


@dataclass(frozen=True)
class Moment:
    """Who is killed: `delay` seconds after so many acts have been begun since the last kill."""

    victim: Kind
    acts: int
    delay: float


@dataclass(frozen=True)
class Kill:
    """A kill that was done: when (seconds since the first act), and what was under way just before."""

    victim: Kind
    at: float
    act: int
    acts: tuple[str, ...]
    activities: tuple[str, ...]

    @property
    def in_flight(self) -> bool:
        return bool(self.acts or self.activities)

    def __str__(self) -> str:
        under_way = Counter([*(path.removeprefix("/api/v1/") for path in self.acts), *self.activities])
        told = "、".join(f"{name} ×{count}" if count > 1 else name for name, count in sorted(under_way.items()))
        return f"{self.at:6.1f} s  {self.victim:9} act {self.act:4}  {told or 'between acts'}"


def plan(chance: random.Random, kills: int, acts: int) -> list[Moment]:
    """As many kills of each kind, in any order, spread over so many acts."""
    victims = [list(Kind)[number % len(Kind)] for number in range(kills)]
    chance.shuffle(victims)
    most = max(2 * acts // (kills + 1), 1)
    return [Moment(victim, chance.randint(1, most), chance.uniform(0.0, 0.3)) for victim in victims]


@dataclass
class Killer:
    """Carries out a plan while `connection` is at work, and has each kill said as it is done.

    Where it is `hasty`, a killed worker's cases are given to the next at once; Temporal waits ten seconds for it.
    """

    place: Installation
    connection: BadConnection
    acts: InFlight
    moments: Sequence[Moment]
    say: Callable[[str], None]
    hasty: bool = False
    began: float = field(default_factory=time.monotonic)
    done: list[Kill] = field(default_factory=list)

    async def work(self, running: Sequence[str]) -> None:
        """Kill until the plan is done; `running` are the workflows that may have activities, as they come and go."""
        temporal = await self.place.temporal()
        for moment in self.moments:
            due = self.connection.begun + moment.acts
            while self.connection.begun < due:
                await asyncio.sleep(_LOOK)
            await asyncio.sleep(moment.delay)
            await self._kill(moment.victim, temporal, running)

    async def _kill(self, victim: Kind, temporal: Client, running: Sequence[str]) -> None:
        """As soon as it is there: one that is just being begun again is waited for."""
        while True:
            activities = await _under_way(temporal, running)
            acts = tuple(self.acts.sent)
            if self.place.parts[victim].kill():
                at = time.monotonic() - self.began
                self.done.append(Kill(victim, at, self.connection.begun, acts, activities))
                self.say(f"{len(self.done):3}  {self.done[-1]}")
                break
            await asyncio.sleep(_LOOK)
        if self.hasty and victim is Kind.WORKER:
            await asyncio.gather(*(_forget_worker(temporal, one) for one in running))


async def _forget_worker(temporal: Client, workflow: str) -> None:
    """Let any worker have the next tasks of a case."""
    request = ResetStickyTaskQueueRequest(
        namespace=temporal.namespace, execution=WorkflowExecution(workflow_id=workflow)
    )
    with suppress(RPCError):  # it has closed, or Temporal is down
        await temporal.workflow_service.reset_sticky_task_queue(request, timeout=timedelta(seconds=1))


async def _under_way(temporal: Client, workflows: Sequence[str]) -> tuple[str, ...]:
    """The activities that a worker has and has not answered; none where Temporal cannot say."""
    told = await asyncio.gather(*(_of_workflow(temporal, one) for one in workflows))
    return tuple(name for names in told for name in names)


async def _of_workflow(temporal: Client, workflow: str) -> list[str]:
    with suppress(RPCError, TimeoutError):
        async with asyncio.timeout(_ASKED):
            described = await temporal.get_workflow_handle(workflow).describe()
            return [one.activity_type.name for one in described.raw_description.pending_activities]
    return []

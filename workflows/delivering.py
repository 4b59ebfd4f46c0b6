"""Has what was recorded for officers delivered to them: at once, or when the post that is written to is not quiet.

One Temporal timer waits for the earliest of the deliveries that wait. What became of a delivery stands with it in the
database, and its reason with it: a case goes on whatever its messages meet.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, RetryState, TimeoutError
from temporalio.workflow import ActivityCancellationType

from domain.business_time import spoken
from domain.notices import Delivery, DeliveryOrder
from domain.start import Settings

if TYPE_CHECKING:
    from workflows.world import World

_LONGEST_PAUSE, _ATTEMPTS = timedelta(minutes=10), 10
_TRIED = ("NotSent", "Unclear")
"""The service did not take the message: after the last attempt it is given up. Anything else (the database is down)
tells nothing of the service, and the delivery is begun anew."""


class Deliverer:
    """Delivers what the case's notices ask for."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._under_way: set[DeliveryOrder] = set()

    async def run(self) -> None:
        """Deliver whatever comes due, for the whole run."""
        while True:
            await workflow.wait_condition(lambda: bool(self._waiting()) and not self._world.draining)
            await self._until(min(self._waiting(), key=_instant))
            if not self._world.draining:
                for one in self._waiting():
                    if _instant(one) <= self._world.now():
                        self._begin(one)

    def _waiting(self) -> list[Delivery]:
        return [one for order, one in self._world.case.deliveries.items() if order not in self._under_way]

    async def _until(self, first: Delivery) -> None:
        """Until the instant of the first one, or until there is an earlier one."""
        seconds = (_instant(first) - self._world.now()).total_seconds()
        if seconds <= 0:
            return
        with suppress(asyncio.TimeoutError):
            await workflow.wait_condition(
                lambda: any(_instant(one) < _instant(first) for one in self._waiting()),
                timeout=seconds,
                timeout_summary=f"待发送通知 {spoken(_instant(first))}",
            )

    def _begin(self, delivery: Delivery) -> None:
        self._under_way.add(delivery.order)
        self._world.confirm(self._deliver(delivery))

    async def _deliver(self, delivery: Delivery) -> None:
        """Deliver, unless the run is to be continued as new before that comes to an end: then the next run does."""
        order, case = delivery.order, self._world.case
        settings = case.start.settings
        sending = workflow.start_activity(
            "deliver-notice",
            order,
            start_to_close_timeout=timedelta(seconds=settings.delivery_timeout),
            retry_policy=_retry(settings),
            cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            summary=f"{order.channel.label} {delivery.kind}",
        )
        try:
            await workflow.wait_condition(lambda: sending.done() or self._world.draining)
            if not sending.done():
                sending.cancel()  # between two attempts at once; an attempt that is under way ends first
            await sending
        except (ActivityError, asyncio.CancelledError) as error:
            if not _given_up(error):
                return
            case.note("undelivered", self._world.now(), notice=order.key, channel=order.channel.value)
        finally:
            self._under_way.discard(order)
        case.deliveries.pop(order, None)
        case.moved = True


def _retry(settings: Settings) -> RetryPolicy:
    return RetryPolicy(
        initial_interval=timedelta(seconds=settings.delivery_pause),
        maximum_interval=_LONGEST_PAUSE,
        maximum_attempts=_ATTEMPTS,
    )


def _instant(delivery: Delivery) -> datetime:
    return datetime.fromisoformat(delivery.at)


def _given_up(error: BaseException) -> bool:
    """Whether the message is not to be tried any more: it was refused, or tried as often as it is to be."""
    if not isinstance(error, ActivityError):
        return False
    if isinstance(error.cause, ApplicationError) and error.cause.non_retryable:
        return True
    tried = isinstance(error.cause, ApplicationError) and error.cause.type in _TRIED
    spent = error.retry_state is RetryState.MAXIMUM_ATTEMPTS_REACHED
    return spent and (tried or isinstance(error.cause, TimeoutError))

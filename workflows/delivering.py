"""Has what was recorded for officers delivered to them: at once, or when the post that is written to is not quiet.

Each attempt that a service turned down is followed by another as late as that, so none is made at night. One Temporal
timer waits for the earliest of the deliveries that wait. What became of a delivery stands with it in the database, and
its reason with it: a case goes on whatever its messages meet.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, ApplicationError, RetryState, TimeoutError, is_cancelled_exception
from temporalio.workflow import ActivityCancellationType

from domain import warnings
from domain.business_time import spoken
from domain.notices import Delivery, DeliveryOrder
from domain.posts import Post
from domain.quiet import QuietHours, QuietTable, quiet_from, send_at
from domain.start import Settings

if TYPE_CHECKING:
    from workflows.world import World

_LONGEST_PAUSE, _ATTEMPTS = timedelta(minutes=10), 10
_TRIED = ("NotSent", "Unclear")
"""The service did not take the message: after so many attempts it is given up."""
_HANDED_BACK = (*_TRIED, "TooLate")
"""The workflow decides when the delivery is tried again. Anything else (the database is down) tells nothing of the
service and of the time: Temporal tries again, and after so many attempts the delivery is begun anew."""


class Deliverer:
    """Delivers what the case's notices ask for."""

    def __init__(self, world: World) -> None:
        self._world = world
        posts = world.case.posts
        self._quiet = QuietTable.of_rows(posts.quiet) if posts else QuietTable()
        self._under_way: set[DeliveryOrder] = set()

    async def run(self) -> None:
        """Deliver whatever comes due, for the whole run."""
        while True:
            await workflow.wait_condition(lambda: bool(self._waiting()) and not self._world.draining)
            await self._until(self._earliest())
            if not self._world.draining:
                for one in self._waiting():
                    if self._instant(one) <= self._world.now():
                        self._begin(one)

    def _waiting(self) -> list[Delivery]:
        return [one for order, one in self._world.case.deliveries.items() if order not in self._under_way]

    def _instant(self, delivery: Delivery) -> datetime:
        """When it may begin, as things stand: its post may have become quiet meanwhile, or may have a day off now."""
        ready = max(datetime.fromisoformat(delivery.at), self._world.now())
        return send_at(ready, self._world.case.calendar, self._hours(delivery))

    def _hours(self, delivery: Delivery) -> QuietHours | None:
        return self._quiet.of(Post(delivery.post))

    def _earliest(self) -> datetime:
        return min(map(self._instant, self._waiting()))

    async def _until(self, first: datetime) -> None:
        """Until the instant of the first one, or until that is another instant."""
        seconds = (first - self._world.now()).total_seconds()
        if seconds <= 0:
            return
        with suppress(asyncio.TimeoutError):
            await workflow.wait_condition(
                lambda: self._earliest() != first, timeout=seconds, timeout_summary=f"待发送通知 {spoken(first)}"
            )

    def _begin(self, delivery: Delivery) -> None:
        self._under_way.add(delivery.order)
        self._world.confirm(self._deliver(delivery))

    def _asked(self, delivery: Delivery) -> DeliveryOrder:
        """What one attempt is asked for with."""
        evening = quiet_from(self._world.now(), self._hours(delivery))
        ahead = timedelta(seconds=self._world.case.start.clock_offset)
        not_after = (evening - ahead).isoformat() if evening else ""
        last = delivery.attempts + 1 >= _ATTEMPTS
        return replace(delivery.order, not_after=not_after, last=last, remark=self._remark(delivery))

    def _remark(self, delivery: Delivery) -> str:
        """What has happened since the notice was written that its reader must know."""
        watch = self._world.case.watch
        clock = watch.clocks.get(delivery.clock) if watch else None
        if watch is None or clock is None:
            return ""
        said = watch.ladder.said(clock.id)
        taken_back = any(one.taken_back for level, one in said.items() if level.name == delivery.kind)
        return warnings.since_then(clock, delivery.kind, taken_back=taken_back)

    async def _deliver(self, delivery: Delivery) -> None:
        """Deliver, unless the run is to be continued as new before that comes to an end: then the next run does."""
        order, case = delivery.order, self._world.case
        settings = case.start.settings
        self._world.voice.spoke()
        sending = workflow.start_activity(
            "deliver-notice",
            self._asked(delivery),
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
            if again := self._again(delivery, error):
                case.deliveries[order] = again
                case.moved = case.moved or again is not delivery
                return
            case.note("undelivered", self._world.now(), notice=order.key, channel=order.channel.value)
        finally:
            self._under_way.discard(order)
        case.deliveries.pop(order, None)
        case.moved = True

    def _again(self, delivery: Delivery, error: BaseException) -> Delivery | None:
        """The delivery as it is to be tried again; None where it is given up: refused, or tried often enough."""
        if not isinstance(error, ActivityError) or is_cancelled_exception(error):
            return delivery
        fault = error.cause if isinstance(error.cause, ApplicationError) else None
        kind = fault.type if fault else ""
        attempts = delivery.attempts + (kind in _TRIED)
        if attempts >= _ATTEMPTS or (fault and fault.non_retryable) or _never_answered(error):
            return None
        pause = _pause(self._world.case.start.settings, attempts) if kind in _HANDED_BACK else _LONGEST_PAUSE
        own = fault.next_retry_delay if fault else None
        return replace(delivery, at=(self._world.now() + (own or pause)).isoformat(), attempts=attempts)


def _never_answered(error: ActivityError) -> bool:
    return isinstance(error.cause, TimeoutError) and error.retry_state is RetryState.MAXIMUM_ATTEMPTS_REACHED


def _pause(settings: Settings, attempts: int) -> timedelta:
    """Twice as long after each attempt."""
    first = timedelta(seconds=settings.delivery_pause)
    return min(first * (1 << max(attempts - 1, 0)), _LONGEST_PAUSE)


def _retry(settings: Settings) -> RetryPolicy:
    return RetryPolicy(
        initial_interval=timedelta(seconds=settings.delivery_pause),
        maximum_interval=_LONGEST_PAUSE,
        maximum_attempts=_ATTEMPTS,
        non_retryable_error_types=_HANDED_BACK,
    )

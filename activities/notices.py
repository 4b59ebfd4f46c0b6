"""Activities that tell officers: a message is recorded once, and delivered at least once on each of its channels.

`deliver-notice` fails with an error of type `NotSent` or `Unclear`, for the caller to order it again; of type
`TooLate`, where the attempt began when the order does not allow it any more: nothing was sent; or of type
`DeliveryRefused`, which is not to be tried again by itself; the same order given anew, when someone has mended what was
refused, sends it. The caller's start-to-close time-out leaves room for a mail's seven waits of
`ChannelSettings.timeout` each; an attempt that it overtakes goes on and still records its own end.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.channels import Channels, Message, NotSent, Refused, Unclear
from activities.journal import system_time
from activities.refusals import refusing
from domain.jobs import JobRefused
from domain.notices import DeliveryOrder, DeliveryReport, Notice
from storage.addresses import addresses_of
from storage.database import Database
from storage.notices import (
    Attempt,
    NoticeConflict,
    UnknownDelivery,
    attempt_not_sent,
    attempt_sent,
    attempt_unclear,
    begin_attempt,
    delivery_orders,
    delivery_report,
    record_notice,
)

REFUSED, TOO_LATE = "DeliveryRefused", "TooLate"


class NoticeActivities:
    """Messages, kept in `database` and sent by `channels`; `clock` says when the system did something."""

    def __init__(self, database: Database, channels: Channels, clock: Callable[[], datetime] = system_time) -> None:
        self._database = database
        self._channels = channels
        self._clock = clock

    @activity.defn(name="record-notices")
    @refusing
    def record_notices(self, notices: list[Notice]) -> list[DeliveryOrder]:
        """Records messages, all or none, which their recipients then see in the system; answers their deliveries.

        A message is to be delivered to the addresses that its recipient has when it is first recorded: recording it
        again gives the same answer. Refuses a name that is another message's, and an instant without offset.
        """
        try:
            with self._database.transaction() as session:
                addresses = addresses_of(session, {notice.recipient for notice in notices})
                for notice in notices:
                    record_notice(session, notice, addresses.get(notice.recipient, ()), self._clock())
                return delivery_orders(session, notices)
        except (NoticeConflict, ValueError) as refusal:
            raise JobRefused(str(refusal)) from refusal

    @activity.defn(name="deliver-notice")
    @refusing
    def deliver_notice(self, order: DeliveryOrder) -> DeliveryReport:
        """Sends a recorded message on one channel, unless it has been sent; answers how the delivery stands."""
        _check_time(order)
        attempt = self._begun(order)
        if attempt is None:
            with self._database.session() as session:
                return delivery_report(session, order.workflow_id, order.key, order.channel)
        try:
            self._channels.send(order.channel, self._message(attempt, order.remark))
        except Refused as fault:
            self._note_not_sent(order, fault.reason, last=True)
            raise ApplicationError(fault.reason, type=REFUSED, non_retryable=True) from None
        except NotSent as fault:
            self._note_not_sent(order, fault.reason, last=order.last)
            raise _temporary(fault, _spread(attempt, fault.retry_after)) from None
        except Unclear as fault:
            with self._database.transaction() as session:
                attempt_unclear(session, order.workflow_id, order.key, order.channel, fault.reason)
            raise _temporary(fault, None) from None
        with self._database.transaction() as session:
            return attempt_sent(session, order.workflow_id, order.key, order.channel, self._clock())

    def _begun(self, order: DeliveryOrder) -> Attempt | None:
        try:
            with self._database.transaction() as session:
                return begin_attempt(session, order.workflow_id, order.key, order.channel, self._clock())
        except UnknownDelivery as unknown:
            raise JobRefused(str(unknown)) from unknown

    def _message(self, attempt: Attempt, remark: str) -> Message:
        settings = self._channels.settings
        return Message(
            message_id=attempt.message_id,
            to=attempt.address,
            subject=f"{settings.subject_prefix}{attempt.subject}",
            body="\n".join(filter(None, (remark, attempt.body))),
            link=settings.case_link(attempt.case_no),
            repeat=attempt.repeat,
        )

    def _note_not_sent(self, order: DeliveryOrder, reason: str, *, last: bool) -> None:
        with self._database.transaction() as session:
            attempt_not_sent(session, order.workflow_id, order.key, order.channel, reason, last=last)


def _temporary(fault: NotSent | Unclear, retry_after: timedelta | None) -> ApplicationError:
    return ApplicationError(fault.reason, type=type(fault).__name__, next_retry_delay=retry_after)


def _spread(attempt: Attempt, wait: timedelta | None) -> timedelta | None:
    """Once to twice the wait, by the message: those that were too many at once shall not come back at once."""
    return wait and wait * (1 + int(attempt.message_id[:4], 16) / 0x10000)


def _check_time(order: DeliveryOrder) -> None:
    """By the time at which Temporal handed the attempt out: a worker may have been away since it was asked for."""
    if order.not_after and activity.info().started_time >= datetime.fromisoformat(order.not_after):
        raise ApplicationError(f"{order.not_after} 起为免扰时段，本次不发送", type=TOO_LATE)

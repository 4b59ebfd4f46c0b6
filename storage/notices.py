"""Messages to officers and their deliveries.

The rule of a delivery: that an attempt begins is committed before anything leaves, as an attempt whose end is unknown.
Whoever dies between sending and recording therefore leaves the state UNKNOWN behind, never a wrong one, and the next
attempt knows that it may be a repeat. What a sent message reached stays SENT, whatever a slower attempt reports later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.notices import Address, Channel, DeliveryOrder, DeliveryReport, DeliveryState, Notice, delivery_id
from storage.base import Base, instant
from storage.locks import lock_job


class NoticeRow(Base):
    """One message as its officer sees it in the system; `at` is the case's instant, `recorded_at` the system's."""

    __tablename__ = "notices"
    __table_args__ = (Index(None, "recipient", "read_at"),)

    workflow_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    case_no: Mapped[str] = mapped_column(index=True)
    kind: Mapped[str]
    recipient: Mapped[str]
    subject: Mapped[str]
    body: Mapped[str]
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    read_by: Mapped[str]


class NoticeDelivery(Base):
    """One way that a message goes; `unclear` counts the attempts of which nobody knows whether they sent it."""

    __tablename__ = "notice_deliveries"
    __table_args__ = (
        ForeignKeyConstraint(["workflow_id", "key"], ["notices.workflow_id", "notices.key"]),
        Index(None, "state", "recorded_at"),
    )

    workflow_id: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(primary_key=True)
    address: Mapped[str]
    message_id: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    reason: Mapped[str]
    attempts: Mapped[int]
    unclear: Mapped[int]
    recorded_at: Mapped[datetime]
    attempted_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]


class NoticeConflict(Exception):
    """The name belongs to another message: of another case, kind or recipient."""


class UnknownDelivery(LookupError):
    """No message of this name was recorded for this channel."""


@dataclass(frozen=True)
class Attempt:
    """What an attempt is to send; `repeat` if an earlier one may have sent it already."""

    message_id: str
    address: str
    subject: str
    body: str
    case_no: str
    repeat: bool


def record_notice(session: Session, notice: Notice, addresses: Sequence[Address], now: datetime) -> bool:
    """Records a message and its deliveries to these addresses, to be sent; False if it had been recorded before.

    The words and addresses of the first record stay. Raises `NoticeConflict` if the name is another message's, and
    `ValueError` for two addresses on one channel or an instant without offset.
    """
    channels = [address.channel for address in addresses]
    if len(set(channels)) < len(channels):
        raise ValueError(f"一条消息在每个渠道只能有一个地址，不能是：{'、'.join(channels)}")
    lock_job(session, notice.workflow_id, notice.key)
    known = session.get(NoticeRow, (notice.workflow_id, notice.key))
    if known:
        _check_same(known, notice)
        return False
    session.add(_notice_row(notice, now))
    session.flush()
    session.add_all(_delivery_row(notice, address.channel, address.to, now) for address in addresses)
    session.flush()
    return True


def delivery_orders(session: Session, notices: Sequence[Notice]) -> list[DeliveryOrder]:
    """The deliveries that recorded messages have, in the order of the messages, whatever has become of them."""
    found: list[DeliveryOrder] = []
    for notice in notices:
        own = (NoticeDelivery.workflow_id == notice.workflow_id) & (NoticeDelivery.key == notice.key)
        channels = session.scalars(select(NoticeDelivery.channel).where(own).order_by(NoticeDelivery.channel))
        found += [DeliveryOrder(notice.workflow_id, notice.key, Channel(channel)) for channel in channels]
    return found


def begin_attempt(session: Session, workflow_id: str, key: str, channel: Channel, now: datetime) -> Attempt | None:
    """Notes, before anything leaves, that an attempt begins; None if the message has been sent already.

    Commit before sending. Raises `UnknownDelivery`.
    """
    row = _locked(session, workflow_id, key, channel)
    if row.state == DeliveryState.SENT:
        return None
    repeat = row.unclear > 0
    row.attempts += 1
    row.unclear += 1
    row.state = DeliveryState.UNKNOWN.value
    row.attempted_at = now
    notice = session.get_one(NoticeRow, (workflow_id, key))
    session.flush()
    return Attempt(row.message_id, row.address, notice.subject, notice.body, notice.case_no, repeat)


def attempt_sent(session: Session, workflow_id: str, key: str, channel: Channel, now: datetime) -> DeliveryReport:
    """An attempt ended, and the service has taken the message."""
    row = _locked(session, workflow_id, key, channel)
    row.unclear = max(row.unclear - 1, 0)
    if row.state != DeliveryState.SENT:
        row.state, row.reason, row.sent_at = DeliveryState.SENT.value, "", now
    session.flush()
    return _report(row)


def attempt_unclear(session: Session, workflow_id: str, key: str, channel: Channel, reason: str) -> DeliveryReport:
    """An attempt ended without telling whether the message went out."""
    row = _locked(session, workflow_id, key, channel)
    if row.state != DeliveryState.SENT:
        row.reason = reason
    session.flush()
    return _report(row)


def attempt_not_sent(
    session: Session, workflow_id: str, key: str, channel: Channel, reason: str, *, last: bool
) -> DeliveryReport:
    """An attempt ended without sending; `last` if no other follows by itself.

    If an earlier attempt may have sent the message, it stays unknown whether it went out.
    """
    row = _locked(session, workflow_id, key, channel)
    row.unclear = max(row.unclear - 1, 0)
    if row.state != DeliveryState.SENT:
        certain = DeliveryState.FAILED if last else DeliveryState.WAITING
        row.state, row.reason = (DeliveryState.UNKNOWN if row.unclear else certain).value, reason
    session.flush()
    return _report(row)


def delivery_report(session: Session, workflow_id: str, key: str, channel: Channel) -> DeliveryReport:
    """How a delivery stands; raises `UnknownDelivery`."""
    return _report(_found(session.get(NoticeDelivery, (workflow_id, key, channel.value)), workflow_id, key, channel))


def notices_of(
    session: Session, recipients: Sequence[str], *, unread: bool = False, limit: int = 100, offset: int = 0
) -> Sequence[NoticeRow]:
    """Messages to an account and to the posts it holds, the latest first."""
    latest = select(NoticeRow).where(NoticeRow.recipient.in_(recipients))
    if unread:
        latest = latest.where(NoticeRow.read_at.is_(None))
    in_order = latest.order_by(NoticeRow.at.desc(), NoticeRow.workflow_id, NoticeRow.key)
    return session.scalars(in_order.limit(limit).offset(offset)).all()


def unread_count(session: Session, recipients: Sequence[str]) -> int:
    """How many messages to an account and to the posts it holds nobody has read yet."""
    unread = NoticeRow.recipient.in_(recipients) & NoticeRow.read_at.is_(None)
    return session.scalar(select(func.count()).select_from(NoticeRow).where(unread)) or 0


def mark_read(session: Session, workflow_id: str, key: str, by: str, now: datetime) -> bool:
    """Notes who read a message and when; False if it was read before or is not there. The first reader stays."""
    this = (NoticeRow.workflow_id == workflow_id) & (NoticeRow.key == key) & NoticeRow.read_at.is_(None)
    marked = update(NoticeRow).where(this).values(read_at=now, read_by=by).returning(NoticeRow.key)
    return session.execute(marked).first() is not None


def case_notices(session: Session, case_no: str) -> Sequence[NoticeRow]:
    """Every message of a case, in the order of the case's instants."""
    of_case = select(NoticeRow).where(NoticeRow.case_no == case_no)
    return session.scalars(of_case.order_by(NoticeRow.at, NoticeRow.workflow_id, NoticeRow.key)).all()


def deliveries(
    session: Session,
    *,
    case_no: str | None = None,
    states: Sequence[DeliveryState] = tuple(DeliveryState),
    limit: int = 100,
    offset: int = 0,
) -> Sequence[NoticeDelivery]:
    """Deliveries in one of the states, of one case or of all, the oldest first.

    One that has long been `WAITING` is overdue: quiet hours delay it to the next working morning at most. A case that
    was terminated in Temporal never sends what waited; here it is still to be seen.
    """
    chosen = select(NoticeDelivery).where(NoticeDelivery.state.in_([state.value for state in states]))
    if case_no is not None:
        of_notice = (NoticeRow.workflow_id == NoticeDelivery.workflow_id) & (NoticeRow.key == NoticeDelivery.key)
        chosen = chosen.join(NoticeRow, of_notice).where(NoticeRow.case_no == case_no)
    name = (NoticeDelivery.workflow_id, NoticeDelivery.key, NoticeDelivery.channel)
    return session.scalars(chosen.order_by(NoticeDelivery.recorded_at, *name).limit(limit).offset(offset)).all()


def _notice_row(notice: Notice, now: datetime) -> NoticeRow:
    return NoticeRow(
        workflow_id=notice.workflow_id,
        key=notice.key,
        case_no=notice.case_no,
        kind=notice.kind,
        recipient=notice.recipient,
        subject=notice.subject,
        body=notice.body,
        at=instant(notice.now),
        recorded_at=now,
        read_at=None,
        read_by="",
    )


def _delivery_row(notice: Notice, channel: Channel, to: str, now: datetime) -> NoticeDelivery:
    return NoticeDelivery(
        workflow_id=notice.workflow_id,
        key=notice.key,
        channel=channel.value,
        address=to,
        message_id=delivery_id(notice.workflow_id, notice.key, channel),
        state=DeliveryState.WAITING.value,
        reason="",
        attempts=0,
        unclear=0,
        recorded_at=now,
        attempted_at=None,
        sent_at=None,
    )


def _check_same(known: NoticeRow, notice: Notice) -> None:
    if (known.case_no, known.kind, known.recipient) != (notice.case_no, notice.kind, notice.recipient):
        raise NoticeConflict(
            f"消息 {notice.key}（{notice.workflow_id}）已用于另一条消息：工单 {known.case_no}，"
            f"类别 {known.kind}，接收人 {known.recipient}"
        )


def _locked(session: Session, workflow_id: str, key: str, channel: Channel) -> NoticeDelivery:
    """The row, for this transaction alone: attempts that end at once do not overwrite each other's counts."""
    row = session.get(NoticeDelivery, (workflow_id, key, channel.value), with_for_update=True)
    return _found(row, workflow_id, key, channel)


def _found(row: NoticeDelivery | None, workflow_id: str, key: str, channel: Channel) -> NoticeDelivery:
    if row is None:
        raise UnknownDelivery(f"没有登记过要经{channel.label}发送的消息 {key}（{workflow_id}）")
    return row


def _report(row: NoticeDelivery) -> DeliveryReport:
    return DeliveryReport(DeliveryState(row.state), row.attempts, row.unclear, row.reason)

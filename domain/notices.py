"""Messages to officers: what a case says to whom, and what became of it on each way that it went.

A notice is recorded once, and the record itself is what the officer sees in the system. Each further way it goes is a
delivery of its own: at least once, under an id that never changes (domain.md §5.2, "all sends logged").
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum


class Channel(StrEnum):
    """A way out of the system; the notice in the system itself is none, it is always there."""

    EMAIL = "email"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    OTHER = "other"

    @property
    def label(self) -> str:
        """Its name on screen."""
        return _LABELS[self]


_LABELS = {
    Channel.EMAIL: "电子邮件",
    Channel.WECOM: "企业微信",
    Channel.DINGTALK: "钉钉",
    Channel.FEISHU: "飞书",
    Channel.OTHER: "其他渠道",
}


class DeliveryState(StrEnum):
    """What is known of one delivery."""

    WAITING = "waiting"
    """It has certainly not gone out yet, and is (still) to be tried."""
    SENT = "sent"
    """The service has taken it."""
    FAILED = "failed"
    """It has certainly not gone out, and is not tried any more: the service's reason stands beside it."""
    UNKNOWN = "unknown"
    """It may have gone out: an attempt is under way, or ended without an answer (a crash, a time-out)."""

    @property
    def label(self) -> str:
        """Its name on screen."""
        return _STATES[self]


_STATES = {
    DeliveryState.WAITING: "待发送",
    DeliveryState.SENT: "已发送",
    DeliveryState.FAILED: "发送失败",
    DeliveryState.UNKNOWN: "是否送达不明",
}


@dataclass(frozen=True)
class Address:
    """Where a delivery goes: a mail address, or the name that the settings give a robot (never its key)."""

    channel: Channel
    to: str


@dataclass(frozen=True)
class Notice:
    """One message of a case to one account or post.

    `workflow_id` and `key` together name it: the same pair is recorded once. `kind` says what it is about (such as the
    level of a ladder, `L2`), `recipient` is an account or post id, `now` the case's instant (ISO 8601 with offset).
    Where it goes besides, the recipient's addresses say when it is recorded.
    """

    workflow_id: str
    key: str
    case_no: str
    kind: str
    recipient: str
    subject: str
    body: str
    now: str


@dataclass(frozen=True)
class DeliveryOrder:
    """Asks for the delivery of a recorded notice on one of its channels.

    The first three name it. It is not begun any more from `not_after` on, an instant of Temporal's clock (ISO 8601 with
    offset; empty: whenever), and not tried again after a `last` attempt. `remark` is said above what was recorded.
    """

    workflow_id: str
    key: str
    channel: Channel
    not_after: str = ""
    last: bool = False
    remark: str = ""


@dataclass(frozen=True)
class Delivery:
    """A delivery that is still to be made, of a notice of that `kind`: from the case's instant `at` (ISO 8601 with
    offset) on, as soon as the `post` that is written to (the value of a `domain.posts.Post`) is not quiet.

    `attempts` is how often its service has been tried in vain. `clock` is the clock that the notice asks something of,
    empty where it asks for nothing.
    """

    order: DeliveryOrder
    kind: str
    at: str
    post: str = "officer"
    attempts: int = 0
    clock: str = ""


@dataclass(frozen=True)
class DeliveryReport:
    """How a delivery stands: attempts so far, and how many of them nobody knows the end of."""

    state: DeliveryState
    attempts: int
    unclear: int
    reason: str = ""


def delivery_id(workflow_id: str, key: str, channel: Channel) -> str:
    """The id under which a delivery goes out, every time it does: 32 hexadecimal digits that the three determine."""
    words = "\x1f".join((workflow_id, key, channel.value))
    return hashlib.sha256(words.encode(errors="surrogatepass")).hexdigest()[:32]

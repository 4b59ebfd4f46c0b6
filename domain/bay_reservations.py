"""Reservations of bays: from the proposal of the planning department to their use, or to their end without it.

The department that has the authority approves them, by default the province's 发展部 (domain.md §1.1 row 6); only then
is a bay kept. What stands open too long is freed by its last day.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from domain.bays import BayRefused, Need
from domain.chinese import months_later, written_date


class ReservationState(StrEnum):
    """Where a reservation stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    USED = "used"
    RELEASED = "released"
    EXPIRED = "expired"

    @property
    def label(self) -> str:
        return _STATES[self]


class ReservationAct(StrEnum):
    """What is done with a reservation."""

    APPROVE = "approve"
    REFUSE = "refuse"
    RELEASE = "release"
    USE = "use"
    EXPIRE = "expire"


_STATES = {
    ReservationState.PROPOSED: "待批复",
    ReservationState.APPROVED: "预留中",
    ReservationState.REFUSED: "未批准",
    ReservationState.USED: "已占用",
    ReservationState.RELEASED: "已释放",
    ReservationState.EXPIRED: "已到期",
}
_WORDS = {
    ReservationAct.APPROVE: "批复",
    ReservationAct.REFUSE: "退回",
    ReservationAct.RELEASE: "释放",
    ReservationAct.USE: "占用",
    ReservationAct.EXPIRE: "到期释放",
}
_LAWFUL: Mapping[ReservationAct, tuple[frozenset[ReservationState], ReservationState]] = {
    ReservationAct.APPROVE: (frozenset({ReservationState.PROPOSED}), ReservationState.APPROVED),
    ReservationAct.REFUSE: (frozenset({ReservationState.PROPOSED}), ReservationState.REFUSED),
    ReservationAct.RELEASE: (
        frozenset({ReservationState.PROPOSED, ReservationState.APPROVED}),
        ReservationState.RELEASED,
    ),
    ReservationAct.USE: (frozenset({ReservationState.APPROVED}), ReservationState.USED),
    ReservationAct.EXPIRE: (
        frozenset({ReservationState.PROPOSED, ReservationState.APPROVED}),
        ReservationState.EXPIRED,
    ),
}
"""For each act the states in which it is lawful, and the one after it."""


def lawful_from(act: ReservationAct) -> frozenset[ReservationState]:
    """The states in which an act is lawful."""
    return _LAWFUL[act][0]


def after(number: str, state: ReservationState, act: ReservationAct) -> ReservationState:
    """The state after an act. Raises `BayRefused` where the act is not lawful."""
    lawful, following = _LAWFUL[act]
    if state not in lawful:
        raise BayRefused(f"预留{number}为“{state.label}”，不能{_WORDS[act]}")
    return following


def last_day(wanted: date | None, today: date, months: int) -> date:
    """The last day of a reservation made today: the wanted one, or the longest that is allowed.

    Raises `BayRefused` for a day that is over or beyond the longest.
    """
    longest = months_later(today, months)
    if wanted is None:
        return longest
    if not today <= wanted <= longest:
        raise BayRefused(f"预留到期日应在{written_date(today)}至{written_date(longest)}之间")
    return wanted


def check_reference(need: Need, reference: str) -> None:
    """A need of a case or a lead names it, load growth is nobody's. Raises `BayRefused`."""
    if need is Need.LOAD_GROWTH and reference:
        raise BayRefused("按负荷增长的预留不指定工单或线索")
    if need is not Need.LOAD_GROWTH and not reference:
        raise BayRefused(f"来源为{need.label}的预留须写明{'工单编号' if need is Need.CASE else '线索编号'}")

"""The levels of the ladder, when each is reached, and the colours (domain.md §5.2).

The table reads: L0 at the later of its two instants, L1 at the earlier; a share of n working days is the end of working
day ⌈share·n⌉; a broken promise raises L2, L3 and L4 together. Levels come in order, so where a long limit would put
L0 (three working days left) behind L1 (four fifths used), L0 comes with L1. An instant that lies before the start is
the start.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, IntEnum

from domain.business_time import closing, day_ending
from domain.calendar import WorkingCalendar
from domain.clock import Clock
from domain.due import Due
from domain.orders import Order
from domain.posts import Post


class Level(IntEnum):
    """A rung of the ladder."""

    L0 = 0
    L1 = 1
    L2 = 2
    L3 = 3
    L4 = 4

    @property
    def title(self) -> str:
        return ("提醒", "预警", "超期", "督办升级", "通报")[self]


class Colour(Enum):
    """How a clock, a case, a person or a team stands."""

    BLUE = "蓝"
    YELLOW = "黄"
    RED = "红"


@dataclass(frozen=True)
class LadderSettings:
    """The numbers of domain.md §5.2, none of them verified: shares in per cent, the rest in working days.

    `answer_within` is what an order gives for its answer, `yellows` how many yellows in a row are red. A milestone is
    reminded of `milestone_left` working days ahead. A warning that nobody acknowledges is repeated every `repeat_every`
    working days (0: never), at most `repeat_most` times. The date that an answer promises lies `promised_within`
    calendar days ahead at most.
    """

    reminder_share: int = 50
    reminder_left: int = 3
    warning_share: int = 80
    warning_left: int = 1
    supervision_after: int = 2
    bulletin_after: int = 5
    answer_within: int = 1
    yellows: int = 3
    milestone_left: int = 1
    repeat_every: int = 1
    repeat_most: int = 5
    promised_within: int = 90


POSTS: dict[Level, tuple[Post, ...]] = {
    Level.L0: (Post.OFFICER,),
    Level.L1: (Post.OFFICER, Post.TEAM_LEADER),
    Level.L2: (Post.OFFICER, Post.TEAM_LEADER, Post.DEPARTMENT_HEAD, Post.SERVICE_CENTRE),
    Level.L3: (Post.OFFICER, Post.TEAM_LEADER, Post.DEPARTMENT_HEAD, Post.SERVICE_CENTRE, Post.LEADER),
    Level.L4: (
        Post.OFFICER,
        Post.TEAM_LEADER,
        Post.DEPARTMENT_HEAD,
        Post.SERVICE_CENTRE,
        Post.LEADER,
        Post.COMPANY_HEAD,
        Post.AUDIT,
    ),
}
"""Who is written to at each level: each adds to the one below. From L4 on the audit has a case of its own."""
COPIED: dict[Level, tuple[Post, ...]] = {Level.L3: (Post.AUDIT,)}
"""Who gets a copy."""


@dataclass(frozen=True)
class Standing:
    """What beside its due date decides on a clock's levels: its order, and whether the third yellow in a row fell."""

    order: Order | None
    third_yellow: bool
    milestone: bool


def instants(
    due: Due, standing: Standing, calendar: WorkingCalendar, settings: LadderSettings
) -> dict[Level, dt.datetime]:
    """When each level of a clock is reached, never one before a lower one. A milestone only warns: it ends at L1."""
    if standing.milestone:
        ahead = _between(due, due.left(settings.milestone_left, calendar))
        return {Level.L0: ahead, Level.L1: due.instant}
    first = max(due.share(settings.reminder_share, calendar), due.left(settings.reminder_left, calendar))
    warning = min(due.share(settings.warning_share, calendar), due.left(settings.warning_left, calendar))
    warning = _between(due, warning)
    passed = due.red
    return {
        Level.L0: min(_between(due, first), warning),
        Level.L1: warning,
        Level.L2: passed,
        **_after(due, passed, standing, calendar, settings),
    }


def colour(clock: Clock, due: Due | None, reached: dict[Level, dt.datetime], now: dt.datetime) -> Colour:
    """How a clock stands: 蓝 before L1, 黄 from L1, 红 from L2. An ended clock stays as it was when it ended."""
    if due is None:
        return Colour.BLUE
    if Level.L2 in reached and _was_at(clock, reached[Level.L2], now):
        return Colour.RED
    return Colour.YELLOW if _was_at(clock, reached[Level.L1], now) else Colour.BLUE


def colour_at(level: int) -> Colour:
    """How something stands whose clocks have reached that level (-1: none): 红 from L2, 黄 from L1."""
    if level >= Level.L2:
        return Colour.RED
    return Colour.YELLOW if level == Level.L1 else Colour.BLUE


def worst(colours: Iterable[Colour]) -> Colour:
    """The worst of them; blue where there are none."""
    found = set(colours)
    return next((one for one in (Colour.RED, Colour.YELLOW) if one in found), Colour.BLUE)


def standing_of(finished: Iterable[Colour], yellows: int) -> Colour:
    """How a person or a team stands after these steps, in their order: the third yellow in a row is red."""
    row, last = 0, Colour.BLUE
    for one in finished:
        row = row + 1 if one is Colour.YELLOW else 0
        last = Colour.RED if row >= yellows else one
    return last


def _was_at(clock: Clock, moment: dt.datetime, now: dt.datetime) -> bool:
    """Whether the clock ran up to `moment`; ending at it is in time."""
    return now >= moment and (clock.ended is None or clock.ended > moment)


def _after(
    due: Due, passed: dt.datetime, standing: Standing, calendar: WorkingCalendar, settings: LadderSettings
) -> dict[Level, dt.datetime]:
    if due.limit.promise:
        return {Level.L3: passed, Level.L4: passed}
    last_day = day_ending(passed)
    supervision = closing(calendar.add_workdays(last_day, settings.supervision_after).date, due.close)
    bulletin = closing(calendar.add_workdays(last_day, settings.bulletin_after).date, due.close)
    if standing.order:
        answer_by = standing.order.answer_by(settings.answer_within, calendar, due.close)
        if standing.order.answer is None or standing.order.answer.at > answer_by:
            supervision = min(supervision, answer_by)
    if standing.third_yellow:
        supervision = passed
    supervision = max(supervision, passed)
    return {Level.L3: supervision, Level.L4: max(bulletin, supervision)}


def _between(due: Due, moment: dt.datetime) -> dt.datetime:
    return min(max(moment, due.started), due.instant)

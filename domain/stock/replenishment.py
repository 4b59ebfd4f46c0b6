"""Which replenishment to order, how much and by when: from what is there, promised, on order and likely to be needed.

An amount is followed day by day: what is free now, plus what arrives, less what the pipeline is likely to need (amount
times probability). Where it would fall below the minimum, as much is proposed as keeps it there to the end of the
horizon, in whole units, to be ordered a lead time before the day on which it falls.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from domain.calendar import WorkingCalendar
from domain.chinese import plain_number, written_date
from domain.stock import Arrival
from domain.stock.planning import CaseNeed, LeadTime, StockPlanning

_WHOLE = Decimal(1)
_NOTHING = Decimal(0)


@dataclass(frozen=True)
class Store:
    """A depot, and the counties whose cases it serves; without any it serves the whole city."""

    code: str
    counties: tuple[str, ...]


@dataclass(frozen=True)
class Position:
    """An item in a depot as it stands."""

    depot: str
    item: str
    name: str
    unit: str
    on_hand: Decimal
    reserved: Decimal
    minimum: Decimal
    arrivals: tuple[Arrival, ...] = ()


@dataclass(frozen=True)
class WeekNeed:
    """What the pipeline is likely to need in one week, from its Monday on; of how many cases."""

    week: dt.date
    quantity: Decimal
    cases: int


@dataclass(frozen=True)
class Proposal:
    """An order that is proposed, with the figures behind it. `late` where an order today comes too late already."""

    position: Position
    quantity: Decimal
    needed_on: dt.date
    order_by: dt.date
    late: bool
    lead_time: LeadTime
    weeks: tuple[WeekNeed, ...]

    @property
    def on_order(self) -> Decimal:
        return sum((one.quantity for one in self.position.arrivals), _NOTHING)

    @property
    def likely(self) -> Decimal:
        """What the pipeline is likely to need within the horizon."""
        return sum((one.quantity for one in self.weeks), _NOTHING)

    def sentence(self) -> str:
        """The proposal in Chinese with its figures."""
        place, unit = self.position, self.position.unit
        figures = (
            f"现存{plain_number(place.on_hand)}{unit}，已预留{plain_number(place.reserved)}{unit}，"
            f"在途{plain_number(self.on_order)}{unit}，在办工单预计需用{plain_number(self.likely)}{unit}"
        )
        minimum = f"最低储备{plain_number(place.minimum)}{unit}"
        when = "今天即须下单，已赶不上" if self.late else f"最迟{written_date(self.order_by)}下单"
        return (
            f"{place.name}{figures}，{written_date(self.needed_on)}起低于{minimum}；"
            f"建议补货{plain_number(self.quantity)}{unit}，{when}（{self.lead_time.words()}）。"
        )


def proposals(
    positions: Sequence[Position],
    stores: Sequence[Store],
    needs: Iterable[CaseNeed],
    planning: StockPlanning,
    today: dt.date,
    calendar: WorkingCalendar,
) -> list[Proposal]:
    """The orders that are proposed, in the order of the positions."""
    likely = _placed(positions, stores, needs)
    found = (_proposal(one, likely.get((one.depot, one.item), []), planning, today, calendar) for one in positions)
    return [one for one in found if one]


def _placed(
    positions: Sequence[Position], stores: Sequence[Store], needs: Iterable[CaseNeed]
) -> dict[tuple[str, str], list[CaseNeed]]:
    """Each need at the depot it will be met from: the one that serves the county, else one for the whole city, else the
    first that keeps the item. What nobody keeps is nobody's."""
    keeping: dict[str, list[Position]] = {}
    for position in positions:
        for name in {position.item, position.name}:
            keeping.setdefault(name, []).append(position)
    counties = {store.code: store.counties for store in stores}
    placed: dict[tuple[str, str], list[CaseNeed]] = {}
    for need in needs:
        if kept := keeping.get(need.item):
            chosen = min(kept, key=lambda one: _distance(counties.get(one.depot, ()), need.county))
            placed.setdefault((chosen.depot, chosen.item), []).append(need)
    return placed


def _distance(counties: Sequence[str], county: str) -> int:
    if county in counties:
        return 0
    return 2 if counties else 1


def _proposal(
    position: Position, needs: Sequence[CaseNeed], planning: StockPlanning, today: dt.date, calendar: WorkingCalendar
) -> Proposal | None:
    below = [(day, left) for day, left in _followed(position, needs, today) if left < position.minimum]
    if not below:
        return None
    needed_on, lead_time = below[0][0], planning.lead_time(position.item, position.name)
    missing = max(position.minimum - left for _, left in below)
    order_by = lead_time.order_by(needed_on, calendar)
    return Proposal(
        position,
        missing.quantize(_WHOLE, ROUND_CEILING),
        needed_on,
        max(order_by, today),
        order_by < today,
        lead_time,
        tuple(_weeks(needs)),
    )


def _followed(position: Position, needs: Sequence[CaseNeed], today: dt.date) -> Iterator[tuple[dt.date, Decimal]]:
    """What is free at the end of each day on which it changes, from today on. Goods that are late are counted with
    today: they have been ordered."""
    changes: dict[dt.date, Decimal] = {today: position.on_hand - position.reserved}
    for arrival in position.arrivals:
        day = max(arrival.on, today)
        changes[day] = changes.get(day, _NOTHING) + arrival.quantity
    for need in needs:
        changes[need.on] = changes.get(need.on, _NOTHING) - need.likely
    left = _NOTHING
    for day in sorted(changes):
        left += changes[day]
        yield day, left


def _weeks(needs: Sequence[CaseNeed]) -> Iterator[WeekNeed]:
    by_week: dict[dt.date, list[CaseNeed]] = {}
    for need in needs:
        by_week.setdefault(need.on - dt.timedelta(need.on.weekday()), []).append(need)
    for week, within in sorted(by_week.items()):
        yield WeekNeed(week, sum((one.likely for one in within), _NOTHING), len(within))

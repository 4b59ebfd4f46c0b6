"""Where bays are to be built before somebody needs them (domain.md §1.1 row 6).

For each voltage of each station, what load growth, marketing leads and cases will need until some years ahead is set
against the bays that are free or coming. Where it is not enough, one or two bays are proposed, or one or two ring-main
units outside where the station has no position left. The figures come with the proposal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from math import ceil

from domain.bay_rules import BayRules
from domain.bays import Need
from domain.chinese import plain_number

_CENT = Decimal("0.01")
_TENTH = Decimal("0.1")
_DEDICATED = "专线"
_COMPLEX_FROM = Decimal(35)


class Remedy(StrEnum):
    """What is proposed: bays at the station, ring-main units outside, or, where neither can be, another source."""

    BAYS = "bays"
    RING_MAIN_UNITS = "ring_main_units"
    OTHER_SOURCE = "other_source"


@dataclass(frozen=True)
class Load:
    """The load of a busbar, and by how much it grows each year."""

    mw: Decimal
    growth_percent: Decimal


@dataclass(frozen=True)
class Side:
    """One voltage of a station. `free` bays are built, and nobody's or kept for load growth, those of ring-main units
    outside with them; `coming` are being built ahead of need; `room` are positions of the station without a bay, and
    nobody's either. `approved` is how many proposals were approved here so far."""

    station: str
    station_name: str
    county: str
    voltage_kv: Decimal
    loads: tuple[Load, ...] = ()
    free: int = 0
    coming: int = 0
    room: int = 0
    approved: int = 0


@dataclass(frozen=True)
class Expected:
    """Bays that leads or cases will probably need at one voltage of a station in a year."""

    station: str
    voltage_kv: Decimal
    need: Need
    year: int
    bays: Decimal
    probability_percent: Decimal

    @property
    def weighed(self) -> Decimal:
        return self.bays * self.probability_percent / 100


@dataclass(frozen=True)
class CaseCount:
    """Running cases of one county, voltage and kind that have no bay yet."""

    county: str
    voltage_kv: str
    case_type: str
    cases: int


@dataclass(frozen=True)
class YearNeed:
    """The bays that are needed by the end of a year, all that came before included."""

    year: int
    bays: Decimal


@dataclass(frozen=True)
class Figures:
    """What a proposal rests on, in bays but for `growth_mw`; `short_from` is the first year in which they lack."""

    growth_mw: Decimal
    growth: Decimal
    leads: Decimal
    cases: Decimal
    needed: Decimal
    by_year: tuple[YearNeed, ...]
    free: int
    coming: int
    room: int
    shortfall: Decimal
    short_from: int


@dataclass(frozen=True)
class Proposal:
    """One proposal. Its id is another one after each approval at the same place, so that it is approved once."""

    id: str
    station: str
    station_name: str
    county: str
    voltage_kv: str
    remedy: Remedy
    units: int
    figures: Figures
    sentence: str


def needs_bay(voltage_kv: Decimal, case_type: str) -> bool:
    """Whether a case needs a bay of its own: a dedicated line, or 35kV and above (domain.md §1.1 row 1)."""
    return case_type.endswith(_DEDICATED) or voltage_kv >= _COMPLEX_FROM


def spread(cases: Iterable[CaseCount], sides: Sequence[Side], rules: BayRules, year: int) -> list[Expected]:
    """What running cases will need: nobody knows yet at which station, so that those of their county share it."""
    places: dict[tuple[str, Decimal], list[Side]] = {}
    for side in sides:
        places.setdefault((side.county, side.voltage_kv), []).append(side)
    expected = []
    for one in cases:
        voltage = _voltage(one.voltage_kv)
        if voltage is None or not needs_bay(voltage, one.case_type):
            continue
        here = places.get((one.county, voltage), [])
        expected += [
            Expected(side.station, voltage, Need.CASE, year, Decimal(one.cases) / len(here), rules.case_share)
            for side in here
        ]
    return expected


def _voltage(text: str) -> Decimal | None:
    """A voltage as lists of cases show it; some have none."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def proposals(sides: Iterable[Side], expected: Iterable[Expected], rules: BayRules, year: int) -> list[Proposal]:
    """What is proposed in `year`, the largest shortfall first."""
    needs: dict[tuple[str, Decimal], list[Expected]] = {}
    for one in expected:
        needs.setdefault((one.station, one.voltage_kv), []).append(one)
    found = [
        _proposal(side, figures, rules)
        for side in sides
        if (figures := _figures(side, needs.get((side.station, side.voltage_kv), []), rules, year))
    ]
    return sorted(found, key=lambda one: (-one.figures.shortfall, one.id))


def _figures(side: Side, expected: Sequence[Expected], rules: BayRules, year: int) -> Figures | None:
    """The figures of a side where they ask for a proposal."""
    last = year + rules.ahead_years
    within = [one for one in expected if one.year <= last]
    growth = {one: _growth_mw(side.loads, one - year) for one in range(year, last + 1)}
    load = rules.bay_load(side.voltage_kv)
    years = [
        YearNeed(one, growth[one] / load + sum((need.weighed for need in within if need.year <= one), Decimal()))
        for one in growth
    ]
    supply = side.free + side.coming
    shortfall = years[-1].bays - supply
    if shortfall < rules.least_shortfall:
        return None
    return Figures(
        growth_mw=_rounded(growth[last]),
        growth=_rounded(growth[last] / load),
        leads=_rounded(_sum_of(within, Need.MARKETING_LEAD)),
        cases=_rounded(_sum_of(within, Need.CASE)),
        needed=_rounded(years[-1].bays),
        by_year=tuple(YearNeed(one.year, _rounded(one.bays)) for one in years),
        free=side.free,
        coming=side.coming,
        room=side.room,
        shortfall=_rounded(shortfall),
        short_from=next(one.year for one in years if one.bays > supply),
    )


def _growth_mw(loads: Iterable[Load], years: int) -> Decimal:
    """Load that shrinks frees no bay."""
    grown = (load.mw * ((1 + load.growth_percent / 100) ** years - 1) for load in loads)
    return sum((one for one in grown if one > 0), Decimal())


def _sum_of(expected: Iterable[Expected], need: Need) -> Decimal:
    return sum((one.weighed for one in expected if one.need is need), Decimal())


def _rounded(number: Decimal) -> Decimal:
    return number.quantize(_CENT, ROUND_HALF_UP)


def _proposal(side: Side, figures: Figures, rules: BayRules) -> Proposal:
    remedy, units = _remedy(side, figures, rules)
    voltage = plain_number(side.voltage_kv)
    return Proposal(
        id=f"{side.station}:{voltage}:{side.approved + 1}",
        station=side.station,
        station_name=side.station_name,
        county=side.county,
        voltage_kv=voltage,
        remedy=remedy,
        units=units,
        figures=figures,
        sentence=_sentence(side, figures, _ADVICE[remedy].format(units=units), rules),
    )


_ADVICE: Mapping[Remedy, str] = {
    Remedy.BAYS: "建议提前扩建{units}个间隔",
    Remedy.RING_MAIN_UNITS: "站内已无间隔位置，建议在站外预留{units}台环网柜",
    Remedy.OTHER_SOURCE: "站内已无间隔位置，该电压不用环网柜，建议在电网规划中另选电源点",
}


def _remedy(side: Side, figures: Figures, rules: BayRules) -> tuple[Remedy, int]:
    lacking = max(1, ceil(figures.shortfall))
    if side.room:
        return Remedy.BAYS, min(lacking, rules.most_bays, side.room)
    if side.voltage_kv <= rules.unit_voltage:
        return Remedy.RING_MAIN_UNITS, min(ceil(lacking / rules.positions_per_unit), rules.most_units)
    return Remedy.OTHER_SOURCE, 0


def _sentence(side: Side, figures: Figures, advice: str, rules: BayRules) -> str:
    parts = [("负荷增长", figures.growth), ("营销线索", figures.leads), ("在办工单", figures.cases)]
    needs = "、".join(f"{name}{_told(bays)}个" for name, bays in parts if bays)
    return (
        f"{side.station_name}{plain_number(side.voltage_kv)}kV侧今后{rules.ahead_years}年预计需要间隔"
        f"{_told(figures.needed)}个（{needs}），现有空闲{figures.free}个、在建{figures.coming}个，"
        f"{figures.short_from}年起不足，缺{_told(figures.shortfall)}个；{advice}。"
    )


def _told(bays: Decimal) -> str:
    return plain_number(bays.quantize(_TENTH, ROUND_HALF_UP))

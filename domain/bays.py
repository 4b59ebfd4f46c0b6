"""Bays 间隔: the states of one, who may take it, and how long it is kept for somebody (domain.md §1.1 row 6).

A bay is a place at a busbar of a substation or switching station, or in a ring-main unit outside of one; it is `built`
where its equipment stands, else only room for it. Every act is a function from a bay to the bay after it, and raises
`BayRefused` where it is not lawful; the storage writes what comes of it only if the bay is still the one that was read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum


class StationKind(StrEnum):
    """What kind of place bays are at."""

    SUBSTATION = "substation"
    SWITCHING_STATION = "switching_station"
    RING_MAIN_UNIT = "ring_main_unit"

    @property
    def label(self) -> str:
        return _KINDS[self]


class BayState(StrEnum):
    """Where a bay stands."""

    FREE = "free"
    RESERVED = "reserved"
    IN_CONSTRUCTION = "in_construction"
    IN_USE = "in_use"

    @property
    def label(self) -> str:
        return _STATES[self]


class Purpose(StrEnum):
    """What a case holds a bay for: to supply its customer, or to build it before somebody needs it."""

    SUPPLY = "supply"
    BUILD = "build"


class Need(StrEnum):
    """Where a need of a bay comes from."""

    LOAD_GROWTH = "load_growth"
    MARKETING_LEAD = "marketing_lead"
    CASE = "case"

    @property
    def label(self) -> str:
        return _NEEDS[self]


class BayAct(StrEnum):
    """What is done with a bay. To `load` it is to write into the books what stands in the station."""

    LOAD = "load"
    RESERVE = "reserve"
    RELEASE = "release"
    EXPIRE = "expire"
    TAKE = "take"
    BUILD = "build"
    GIVE_BACK = "give_back"
    COMMISSION = "commission"

    @property
    def label(self) -> str:
        return _ACTS[self]


_KINDS = {
    StationKind.SUBSTATION: "变电站",
    StationKind.SWITCHING_STATION: "开闭所",
    StationKind.RING_MAIN_UNIT: "站外环网柜",
}
_STATES = {
    BayState.FREE: "空闲",
    BayState.RESERVED: "预留",
    BayState.IN_CONSTRUCTION: "在建",
    BayState.IN_USE: "运行",
}
_NEEDS = {Need.LOAD_GROWTH: "负荷增长", Need.MARKETING_LEAD: "营销线索", Need.CASE: "在办工单"}
_ACTS = {
    BayAct.LOAD: "登记",
    BayAct.RESERVE: "预留",
    BayAct.RELEASE: "释放",
    BayAct.EXPIRE: "到期释放",
    BayAct.TAKE: "占用",
    BayAct.BUILD: "扩建",
    BayAct.GIVE_BACK: "退还",
    BayAct.COMMISSION: "投运",
}
_FROM: Mapping[BayAct, frozenset[BayState]] = {
    BayAct.RESERVE: frozenset({BayState.FREE}),
    BayAct.RELEASE: frozenset({BayState.RESERVED}),
    BayAct.TAKE: frozenset({BayState.FREE, BayState.RESERVED}),
    BayAct.BUILD: frozenset({BayState.FREE}),
    BayAct.GIVE_BACK: frozenset({BayState.IN_CONSTRUCTION, BayState.IN_USE}),
    BayAct.COMMISSION: frozenset({BayState.IN_CONSTRUCTION}),
}
"""The states in which an act is lawful."""

APPROVING: Mapping[str, str] = {"province": "province_planning", "city": "planning"}
"""The department 发展部 of each level that reservations and extensions may be approved by."""


class BayRefused(Exception):
    """The act is not lawful with the bay as it is; the text, in Chinese, says why."""


@dataclass(frozen=True)
class Claim:
    """Who wants a bay: a case, and the marketing lead 线索 that it came from, where there was one."""

    case_no: str
    lead: str = ""


@dataclass(frozen=True)
class Holder:
    """The case that has a bay, and what for."""

    case_no: str
    purpose: Purpose = Purpose.SUPPLY


@dataclass(frozen=True)
class Reservation:
    """An approved reservation: for what, for which case or lead (empty for load growth), and its last day."""

    number: str
    need: Need
    reference: str
    expires_on: date

    def is_for(self, claim: Claim) -> bool:
        """Whether it was made for this case, or for the lead that the case came from."""
        if self.need is Need.CASE:
            return self.reference == claim.case_no
        return self.need is Need.MARKETING_LEAD and self.reference == claim.lead != ""

    def expired(self, day: date) -> bool:
        """Whether its last day is over."""
        return day > self.expires_on


@dataclass(frozen=True)
class Bay:
    """A bay as it is. It has a reservation only where it is reserved; one in use before there was this system has no
    holder."""

    id: str
    name: str
    state: BayState
    built: bool
    holder: Holder | None = None
    reservation: Reservation | None = None


def reserved(bay: Bay, reservation: Reservation) -> Bay:
    """The bay, kept for a need."""
    _check(bay, BayAct.RESERVE)
    return replace(bay, state=BayState.RESERVED, reservation=reservation)


def released(bay: Bay) -> Bay:
    """The bay, kept for nobody any more."""
    _check(bay, BayAct.RELEASE)
    return replace(bay, state=BayState.FREE, reservation=None)


def taken(bay: Bay, claim: Claim, day: date) -> Bay:
    """The bay in the hands of a case: a free one, one reserved for it or its lead, or one whose reservation is over."""
    _check(bay, BayAct.TAKE)
    kept = bay.reservation
    if kept and not kept.expired(day) and not kept.is_for(claim):
        raise BayRefused(f"{bay.name}已按{kept.number}预留，不是为工单{claim.case_no}或其线索预留的")
    return replace(bay, state=BayState.IN_CONSTRUCTION, holder=Holder(claim.case_no), reservation=None)


def building(bay: Bay, case_no: str) -> Bay:
    """The bay in the hands of a project that builds it ahead of need."""
    _check(bay, BayAct.BUILD)
    if bay.built:
        raise BayRefused(f"{bay.name}已经建成，无需扩建")
    return replace(bay, state=BayState.IN_CONSTRUCTION, holder=Holder(case_no, Purpose.BUILD))


def given_back(bay: Bay, case_no: str) -> Bay:
    """The bay, free again: only the case that holds it gives it back."""
    _check(bay, BayAct.GIVE_BACK)
    _check_holder(bay, case_no, BayAct.GIVE_BACK)
    return replace(bay, state=BayState.FREE, holder=None)


def commissioned(bay: Bay, case_no: str) -> Bay:
    """The bay, built: in use by the case that it supplies, or free where it was built ahead of need."""
    _check(bay, BayAct.COMMISSION)
    holder = _check_holder(bay, case_no, BayAct.COMMISSION)
    if holder.purpose is Purpose.BUILD:
        return replace(bay, state=BayState.FREE, built=True, holder=None)
    return replace(bay, state=BayState.IN_USE, built=True)


def _check(bay: Bay, act: BayAct) -> None:
    if bay.state not in _FROM[act]:
        raise BayRefused(f"{bay.name}现为“{bay.state.label}”，不能{act.label}")


def _check_holder(bay: Bay, case_no: str, act: BayAct) -> Holder:
    if bay.holder is None or bay.holder.case_no != case_no:
        raise BayRefused(f"{bay.name}不由工单{case_no}占用，不能由其{act.label}")
    return bay.holder


@dataclass(frozen=True)
class Outside:
    """A ring-main unit outside of a station that has free positions."""

    name: str
    free: int


@dataclass(frozen=True)
class Place:
    """A voltage of a station, as it is where no bay can be had: how many bays stand in which state, what is outside."""

    station: str
    voltage_kv: str
    counts: Mapping[BayState, int]
    outside: tuple[Outside, ...] = ()


def no_bay(place: Place, wanted: str = "") -> str:
    """Why no bay, or not the `wanted` one, can be had at a place, and what to do about it."""
    side = f"{place.station}{place.voltage_kv}kV侧"
    if not sum(place.counts.values()):
        return f"{side}没有登记间隔，请核对供电方案中的电源点和电压等级，或由发展部登记该站的间隔"
    free = place.counts.get(BayState.FREE, 0)
    if wanted and free:
        return f"{side}的{wanted}不能占用，该侧另有{free}个空闲间隔，请在供电方案中改选"
    standing = "、".join(_standing(place.counts))
    return f"{side}没有可用的间隔（{standing}），请{'；或'.join(_ways_out(place))}"


def _standing(counts: Mapping[BayState, int]) -> Iterator[str]:
    for state in (BayState.IN_USE, BayState.IN_CONSTRUCTION, BayState.RESERVED):
        if counts.get(state):
            yield f"{state.label}{counts[state]}个"


def _ways_out(place: Place) -> Iterator[str]:
    if place.outside:
        units = "、".join(f"{unit.name}（空位{unit.free}个）" for unit in place.outside)
        yield f"改由{StationKind.RING_MAIN_UNIT.label}{units}接入"
    if place.counts.get(BayState.RESERVED):
        yield "由发展部释放不再需要的预留"
    yield "在供电方案中另选电源点，或由发展部办理扩建"

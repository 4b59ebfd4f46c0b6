"""What the journal's records of limits mean for the table of clocks: one table, event -> handler."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from domain.clock import ChangeKind
from domain.ladder import Level
from domain.records import Record
from storage.base import instant
from storage.clocks import CaseClock, ClockState


@dataclass(frozen=True)
class Place:
    """Whose clocks they are."""

    workflow_id: str
    case_no: str
    county: str


_LEVELS = {level.name: level for level in Level}
_ENDS = {
    ChangeKind.STOPPED.value: ClockState.STOPPED,
    ChangeKind.DROPPED.value: ClockState.DROPPED,
    ChangeKind.PASSED_ON.value: ClockState.PASSED_ON,
}


def project_clock(clocks: MutableMapping[str, CaseClock], place: Place, record: Record) -> None:
    """Applies a record of `CLOCK_EVENTS`; one that speaks of a clock that never started says nothing here."""
    data = record.data
    name = str(data.get("clock") or "")
    if record.event == "clock" and data.get("kind") == ChangeKind.STARTED.value:
        clocks[name] = _started(place, name, data, instant(record.at))
    if (clock := clocks.get(name)) is not None:
        _HANDLERS[record.event](clock, data, instant(record.at))


def _started(place: Place, name: str, data: Mapping[str, Any], at: datetime) -> CaseClock:
    return CaseClock(
        workflow_id=place.workflow_id,
        clock=name,
        case_no=place.case_no,
        county=place.county,
        department=_text(data, "department"),
        officer="",
        name=_text(data, "name"),
        state=ClockState.RUNNING.value,
        started_at=_moment(data, "at") or at,
        due_at=None,
        provisional=False,
        ended_at=None,
        handed_on=False,
        level=-1,
        warned_at=None,
        passed_at=None,
        backdated=False,
        bulletin_at=None,
        overdue_days=0,
        order_no="",
        order_at=None,
        cause="",
        promised_at=None,
        answered_at=None,
        answered_by="",
        answer="",
        acknowledged_level=None,
        acknowledged_by=None,
        acknowledged_at=None,
    )


def _changed(clock: CaseClock, data: Mapping[str, Any], at: datetime) -> None:
    del at
    kind = _text(data, "kind")
    clock.due_at = _moment(data, "due")
    clock.provisional = data.get("provisional") is True
    if end := _ENDS.get(kind):
        clock.state, clock.ended_at = end.value, _moment(data, "at")
        clock.handed_on = clock.handed_on or end is ClockState.PASSED_ON
        clock.officer = _text(data, "officer") or clock.officer
    elif kind == ChangeKind.REOPENED.value:
        clock.state, clock.ended_at = ClockState.RUNNING.value, None


def _escalated(clock: CaseClock, data: Mapping[str, Any], at: datetime) -> None:
    del at
    level = _level(data.get("level"))
    clock.level = max(clock.level, level)
    clock.officer = _text(data, "officer") or clock.officer
    clock.backdated = clock.backdated or data.get("takenBack") is True
    if level is Level.L1:
        clock.warned_at = _moment(data, "at")
    if level is Level.L2:
        clock.passed_at = _moment(data, "at")


def _took_over(clock: CaseClock, data: Mapping[str, Any], at: datetime) -> None:
    """What the calling case had raised of a clock before it was handed over."""
    del at
    levels = _group(data, "levels")
    clock.level = max(map(_level, levels), default=-1)
    clock.warned_at, clock.passed_at = _moment(levels, Level.L1.name), _moment(levels, Level.L2.name)
    clock.order_no = _text(data, "order")
    clock.order_at = _moment(data, "ordered")
    if answer := _group(data, "answer"):
        _answer(clock, answer, _moment(answer, "at"))


def _ordered(clock: CaseClock, data: Mapping[str, Any], at: datetime) -> None:
    clock.order_no, clock.order_at = _text(data, "number"), _moment(data, "issued") or at


def _answered(clock: CaseClock, data: Mapping[str, Any], at: datetime) -> None:
    _answer(clock, _group(data, "answer"), at)


def _answer(clock: CaseClock, answer: Mapping[str, Any], at: datetime | None) -> None:
    clock.cause, clock.promised_at = _text(answer, "cause"), _moment(answer, "promised")
    clock.answered_at, clock.answered_by, clock.answer = at, _text(answer, "by"), _text(answer, "text")


def _acknowledged(clock: CaseClock, data: Mapping[str, Any], at: datetime) -> None:
    seen = clock.acknowledged_level
    clock.acknowledged_level = max(_level(data.get("level")), -1 if seen is None else seen)
    clock.acknowledged_by, clock.acknowledged_at = _text(data, "by"), at


def _listed(clock: CaseClock, data: Mapping[str, Any], at: datetime) -> None:
    del at
    clock.bulletin_at = _moment(data, "raised")
    days = data.get("overdue_days")
    clock.overdue_days = days if isinstance(days, int) else 0


_HANDLERS: Mapping[str, Callable[[CaseClock, Mapping[str, Any], datetime], None]] = {
    "clock": _changed,
    "took over": _took_over,
    "escalated": _escalated,
    "ordered": _ordered,
    "answered": _answered,
    "bulletin": _listed,
    "acknowledged": _acknowledged,
}
CLOCK_EVENTS = frozenset(_HANDLERS)


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    return "" if value is None else str(value)


def _moment(data: Mapping[str, Any], key: str) -> datetime | None:
    """The instant of that name; None where there is none, or what stands there is none."""
    try:
        return instant(_text(data, key))
    except ValueError:
        return None


def _group(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key)
    return value if isinstance(value, dict) else {}


def _level(name: Any) -> int:
    """A level by its name; below all of them for what is none."""
    return _LEVELS.get(name, -1) if isinstance(name, str) else -1

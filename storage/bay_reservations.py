"""Reservations of bays: proposed, decided by who has the authority, and ended by use, release or their last day.

Whoever changes a reservation and its bay changes the reservation first; so nobody waits for each other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from domain.bay_reservations import ReservationAct, ReservationState, after, lawful_from
from domain.bays import BayAct, BayRefused, BayState, Need, Reservation, no_bay, released, reserved
from storage.bay_rows import BayRow, ReservationRow
from storage.bays import KeptBay, Told, change, change_kept, kept_bay, kept_bays, place_of, tell
from storage.numbers import formatted, next_number
from storage.paging import beyond, mark, place
from storage.stations import Station

_ORDER = "reservations"
_OVER = "预留到期"
SYSTEM = "system"
"""By whom something is done that nobody did: a last day came."""


class UnknownReservation(Exception):
    """There is no reservation of that number."""


@dataclass(frozen=True)
class Wanted:
    """What a reservation is proposed for. `reference` is a case or a lead, empty for load growth."""

    station: str
    voltage_kv: str
    county: str
    need: Need
    reference: str
    source: str
    probability: Decimal
    needed_year: int
    expires_on: date
    bay: str | None = None


@dataclass(frozen=True)
class Decision:
    """Who decides, at which level, with which words, and on which day."""

    by: str
    level: str
    remark: str
    day: date
    at: datetime


@dataclass(frozen=True)
class Ending:
    """Who ends a reservation, when and why."""

    by: str
    why: str
    at: datetime


@dataclass(frozen=True)
class ReservationQuery:
    """Which reservations; an empty field does not restrict."""

    state: ReservationState | None = None
    station: str = ""
    county: str = ""
    reference: str = ""


def propose(
    session: Session, wanted: Wanted, by: str, now: datetime, series: str, number_format: str
) -> ReservationRow:
    """Writes down a proposal under the next number; no bay is kept by it."""
    row = ReservationRow(
        number=formatted(number_format, next_number(session, series)),
        station=wanted.station,
        voltage_kv=wanted.voltage_kv,
        county=wanted.county,
        wanted_bay=wanted.bay,
        bay=None,
        need=wanted.need.value,
        reference=wanted.reference,
        source=wanted.source,
        probability=wanted.probability,
        needed_year=wanted.needed_year,
        expires_on=wanted.expires_on,
        state=ReservationState.PROPOSED.value,
        proposed_by=by,
        proposed_at=now,
        level="",
        decided_by="",
        decided_at=None,
        remark="",
        ended_by="",
        ended_at=None,
        ended_why="",
    )
    session.add(row)
    session.flush()
    return row


def approve(session: Session, number: str, decision: Decision) -> ReservationRow:
    """Keeps a bay for the need: the one that was asked for, else a free one of the station's voltage.

    Raises `UnknownReservation`; `BayRefused` where it is decided already, or where no such bay is free.
    """
    row = reservation(session, number)
    expire(session, decision.day, decision.at, row.station)
    _decide(session, row, ReservationAct.APPROVE, decision)
    kept = Reservation(number, Need(row.need), row.reference, row.expires_on)
    bay = _keep(session, row, kept)
    _set(session, row, bay=bay.row.id)
    told = Told(BayAct.RESERVE, decision.by, _case_of(row), number, row.source)
    tell(session, {bay.row.id: told}, decision.at)
    return reservation(session, number)


def refuse(session: Session, number: str, decision: Decision) -> ReservationRow:
    """Sends a proposal back. Raises `UnknownReservation`; `BayRefused` where it is decided already."""
    row = reservation(session, number)
    _decide(session, row, ReservationAct.REFUSE, decision)
    return reservation(session, number)


def release(session: Session, number: str, ending: Ending) -> ReservationRow:
    """Takes a proposal back, or gives up what was kept.

    Raises `UnknownReservation`; `BayRefused` where it has ended.
    """
    row = reservation(session, number)
    _move(session, row, ReservationAct.RELEASE, **_ended(ending))
    if row.bay:
        seen = kept_bay(session, row.bay)
        change_kept(session, seen, released(seen.bay))
        told = Told(BayAct.RELEASE, ending.by, _case_of(row), number, ending.why)
        tell(session, {row.bay: told}, ending.at)
    return reservation(session, number)


def use(session: Session, number: str, ending: Ending) -> bool:
    """Ends a reservation by its use; False where it has ended already. The bay is the caller's to change."""
    return _moved(session, number, ReservationAct.USE, ReservationState.APPROVED, **_ended(ending))


def expire(session: Session, day: date, now: datetime, station: str = "") -> int:
    """Ends every reservation, of one station or of all, whose last day was before `day`; how many bays are free by it.

    The number of statements does not grow with the reservations.
    """
    over = [ReservationRow.state.in_(_values(ReservationAct.EXPIRE)), ReservationRow.expires_on < day]
    over += [ReservationRow.station == station] if station else []
    ended = (
        update(ReservationRow)
        .where(*over)
        .values(state=ReservationState.EXPIRED.value, **_ended(Ending(SYSTEM, _OVER, now)))
        .returning(ReservationRow.number, ReservationRow.bay)
    )
    found = session.execute(ended, execution_options={"synchronize_session": False}).all()
    bays = {bay: number for number, bay in found if bay}
    if not bays:
        return 0
    free = {"state": BayState.FREE.value, "version": BayRow.version + 1}
    freed = update(BayRow).where(BayRow.id.in_(bays), BayRow.state == BayState.RESERVED).values(**free)
    session.execute(freed, execution_options={"synchronize_session": False})
    told = {bay: Told(BayAct.EXPIRE, SYSTEM, reservation=number, why=_OVER) for bay, number in sorted(bays.items())}
    tell(session, told, now)
    return len(bays)


def reservation(session: Session, number: str) -> ReservationRow:
    """One reservation as it is at this moment. Raises `UnknownReservation`."""
    found = session.get(ReservationRow, number, populate_existing=True)
    if found is None:
        raise UnknownReservation(number)
    return found


def find_reservations(
    session: Session, wanted: ReservationQuery, *, limit: int = 50, after: str = ""
) -> tuple[list[tuple[ReservationRow, Station]], str]:
    """A page of the reservations that fit with their stations, the oldest first, and where the next one begins."""
    key = (ReservationRow.proposed_at.expression, ReservationRow.number.expression)
    page = select(ReservationRow, Station).join(Station, Station.code == ReservationRow.station).where(*_fits(wanted))
    if after:
        page = page.where(beyond(key, place(after, _ORDER, datetime, str)))
    found = [(row, where) for row, where in session.execute(page.order_by(*key).limit(limit + 1)).all()]
    listed = found[:limit]
    return listed, mark(_ORDER, listed[-1][0].proposed_at, listed[-1][0].number) if len(found) > limit else ""


def _fits(wanted: ReservationQuery) -> list[ColumnElement[bool]]:
    columns = (
        (ReservationRow.state, wanted.state.value if wanted.state else ""),
        (ReservationRow.station, wanted.station),
        (ReservationRow.county, wanted.county),
        (ReservationRow.reference, wanted.reference),
    )
    return [column == value for column, value in columns if value]


def _keep(session: Session, row: ReservationRow, kept: Reservation) -> KeptBay:
    """A bay that is now reserved. Raises `BayRefused` where none is free."""
    here = [BayRow.id == row.wanted_bay] if row.wanted_bay else []
    here += [BayRow.station == row.station, BayRow.voltage_kv == row.voltage_kv]
    while free := kept_bays(session, *here, BayRow.state == BayState.FREE):
        for one in free:
            if change(session, one, reserved(one.bay, kept)):
                return one
    where = session.get_one(Station, row.station)
    wanted = kept_bay(session, row.wanted_bay).row.name if row.wanted_bay else ""
    raise BayRefused(no_bay(place_of(session, where, row.voltage_kv), wanted))


def _decide(session: Session, row: ReservationRow, act: ReservationAct, decision: Decision) -> None:
    said = {"level": decision.level, "decided_by": decision.by, "decided_at": decision.at, "remark": decision.remark}
    _move(session, row, act, **said)


def _move(session: Session, row: ReservationRow, act: ReservationAct, **values: object) -> None:
    """Raises `BayRefused` where the act is not lawful any more."""
    while not _moved(session, row.number, act, ReservationState(row.state), **values):
        reservation(session, row.number)


def _moved(session: Session, number: str, act: ReservationAct, seen: ReservationState, **values: object) -> bool:
    """Whether the reservation was still as it was seen, and so is what the act makes of it."""
    moved = (
        update(ReservationRow)
        .where(ReservationRow.number == number, ReservationRow.state == seen.value)
        .values(state=after(number, seen, act).value, **values)
        .returning(ReservationRow.number)
    )
    return session.execute(moved, execution_options={"synchronize_session": False}).first() is not None


def _set(session: Session, row: ReservationRow, **values: object) -> None:
    mine = update(ReservationRow).where(ReservationRow.number == row.number).values(**values)
    session.execute(mine, execution_options={"synchronize_session": False})


def _ended(ending: Ending) -> dict[str, object]:
    return {"ended_by": ending.by, "ended_at": ending.at, "ended_why": ending.why}


def _case_of(row: ReservationRow) -> str:
    return row.reference if row.need == Need.CASE else ""


def _values(act: ReservationAct) -> list[str]:
    return sorted(one.value for one in lawful_from(act))

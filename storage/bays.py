"""Bays as they are: read with their holder and reservation, changed only if they still are what was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, insert, select, update
from sqlalchemy.orm import Session

from domain.bay_reservations import ReservationState
from domain.bays import Bay, BayAct, BayState, Holder, Need, Outside, Place, Purpose, Reservation
from storage.base import table_of
from storage.bay_rows import BayEvent, BayRow, BayTaking, ReservationRow
from storage.paging import beyond, mark, place
from storage.stations import Station

_ORDER = "bay"
_LIFE = "life"


class UnknownBay(Exception):
    """There is no bay of that id."""


@dataclass(frozen=True)
class KeptBay:
    """A bay of the books, with the work that holds it and the reservation that it is kept for."""

    row: BayRow
    taking: BayTaking | None
    reservation: ReservationRow | None

    @property
    def bay(self) -> Bay:
        """The bay as the rules know it."""
        holder = Holder(self.taking.case_no, Purpose(self.taking.purpose)) if self.taking else None
        kept = self.reservation
        return Bay(
            id=self.row.id,
            name=self.row.name,
            state=BayState(self.row.state),
            built=self.row.built,
            holder=holder,
            reservation=Reservation(kept.number, Need(kept.need), kept.reference, kept.expires_on) if kept else None,
        )


@dataclass(frozen=True)
class ListedBay:
    """A bay with the station that it is in."""

    kept: KeptBay
    station: Station


@dataclass(frozen=True)
class BayQuery:
    """Which bays; an empty field does not restrict."""

    station: str = ""
    state: BayState | None = None
    voltage_kv: str = ""
    county: str = ""


@dataclass(frozen=True)
class Told:
    """What the life of a bay says of an act."""

    act: BayAct
    by: str
    case_no: str = ""
    reservation: str = ""
    why: str = ""


_HELD = (BayTaking.bay == BayRow.id) & BayTaking.ended_at.is_(None)
_RESERVED = (ReservationRow.bay == BayRow.id) & (ReservationRow.state == ReservationState.APPROVED)


def kept_bays(session: Session, *wanted: ColumnElement[bool]) -> list[KeptBay]:
    """The bays that fit, as they are at this moment: those kept for a need first, then those that are built, by id."""
    found = _kept().where(*wanted).order_by(BayRow.state.desc(), BayRow.built.desc(), BayRow.id)
    return [KeptBay(*row) for row in session.execute(found, execution_options={"populate_existing": True})]


def kept_bay(session: Session, bay: str) -> KeptBay:
    """One bay as it is at this moment. Raises `UnknownBay`."""
    found = kept_bays(session, BayRow.id == bay)
    if not found:
        raise UnknownBay(bay)
    return found[0]


def change(session: Session, seen: KeptBay, after: Bay) -> bool:
    """Writes what a bay has become, if it still is the one that was seen; False where somebody was faster."""
    still = (BayRow.id == seen.row.id) & (BayRow.version == seen.row.version)
    moved = (
        update(BayRow)
        .where(still)
        .values(state=after.state.value, built=after.built, version=BayRow.version + 1)
        .returning(BayRow.id)
    )
    return session.execute(moved, execution_options={"synchronize_session": False}).first() is not None


def change_kept(session: Session, seen: KeptBay, after: Bay) -> None:
    """Writes what a reserved bay has become. Only its reservation changes one, which this transaction has changed."""
    if not change(session, seen, after):
        raise RuntimeError(f"the reserved bay {seen.row.id} was changed without its reservation")


def tell(session: Session, acts: Mapping[str, Told], now: datetime) -> None:
    """Writes into the life of each of these bays what was done with it."""
    rows = [{"bay": bay, "at": now, **asdict(told)} for bay, told in acts.items()]
    if rows:
        session.execute(insert(table_of(BayEvent)), rows)


def find_bays(session: Session, wanted: BayQuery, *, limit: int = 50, after: str = "") -> tuple[list[ListedBay], str]:
    """A page of the bays that fit, by id, and where the next one begins (empty for nowhere).

    `after` is what the page before answered; `WrongPlace` for anything else.
    """
    key = (BayRow.id.expression,)
    page = _kept().add_columns(Station).join(Station, Station.code == BayRow.station).where(*_fits(wanted))
    if after:
        page = page.where(beyond(key, place(after, _ORDER, str)))
    found = session.execute(page.order_by(*key).limit(limit + 1)).all()
    listed = [ListedBay(KeptBay(row[0], row[1], row[2]), row[3]) for row in found[:limit]]
    return listed, mark(_ORDER, listed[-1].kept.row.id) if len(found) > limit else ""


def listed_bay(session: Session, bay: str) -> ListedBay | None:
    """One bay with its station, or None."""
    one = _kept().add_columns(Station).join(Station, Station.code == BayRow.station).where(BayRow.id == bay)
    row = session.execute(one).first()
    return ListedBay(KeptBay(row[0], row[1], row[2]), row[3]) if row else None


def life(session: Session, bay: str, *, limit: int = 50, after: str = "") -> tuple[Sequence[BayEvent], str]:
    """A page of what was done with a bay, from the beginning, and where the next one begins (empty for nowhere)."""
    key = (BayEvent.id.expression,)
    page = select(BayEvent).where(BayEvent.bay == bay)
    if after:
        page = page.where(beyond(key, place(after, _LIFE, int)))
    found = session.scalars(page.order_by(*key).limit(limit + 1)).all()
    return found[:limit], mark(_LIFE, found[limit - 1].id) if len(found) > limit else ""


def place_of(session: Session, where: Station, voltage_kv: str) -> Place:
    """A voltage of a station as it stands, with the ring-main units outside that have free positions."""
    here = (BayRow.station == where.code) & (BayRow.voltage_kv == voltage_kv)
    counts = session.execute(select(BayRow.state, func.count()).where(here).group_by(BayRow.state)).all()
    free = (BayRow.voltage_kv == voltage_kv) & (BayRow.state == BayState.FREE)
    units = (
        select(Station.name, func.count())
        .join(BayRow, (BayRow.station == Station.code) & free)
        .where(Station.outside_of == where.code)
        .group_by(Station.code, Station.name)
        .order_by(Station.code)
    )
    outside = tuple(Outside(name, count) for name, count in session.execute(units).all())
    return Place(where.name, voltage_kv, {BayState(state): count for state, count in counts}, outside)


def _kept() -> Select[BayRow, BayTaking, ReservationRow]:
    return select(BayRow, BayTaking, ReservationRow).outerjoin(BayTaking, _HELD).outerjoin(ReservationRow, _RESERVED)


def _fits(wanted: BayQuery) -> list[ColumnElement[bool]]:
    columns = (
        (BayRow.station, wanted.station),
        (BayRow.state, wanted.state.value if wanted.state else ""),
        (BayRow.voltage_kv, wanted.voltage_kv),
        (Station.county, wanted.county),
    )
    return [column == value for column, value in columns if value]

"""Which case has which bay: taken, given back, commissioned, or built ahead of need.

That two cases never have one bay is held by the database: a bay is changed only if it still is what was read
(`storage.bays.change`), and of those who took it one is without an end (a unique index).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from domain.bays import (
    Bay,
    BayAct,
    BayRefused,
    BayState,
    Claim,
    Purpose,
    building,
    commissioned,
    given_back,
    no_bay,
    taken,
)
from storage.bay_reservations import Ending, expire, use
from storage.bay_rows import BayRow, BayTaking, BayWish, ReservationRow
from storage.bays import KeptBay, Told, change, change_kept, kept_bay, kept_bays, place_of, tell
from storage.locks import lock_job
from storage.stations import Station, station


class NoBay(Exception):
    """No bay can be had; the text, in Chinese, names the station and what to do about it."""


@dataclass(frozen=True)
class Work:
    """The piece of work (workflow, key) that acts for a case, and what it is called."""

    workflow_id: str
    key: str
    case_no: str
    why: str
    day: date
    at: datetime


@dataclass(frozen=True)
class Source:
    """Where a case wants a bay: a voltage of a station, and which bay, where one is named."""

    station: str
    voltage_kv: str
    bay: str | None = None


@dataclass(frozen=True)
class Held:
    """A bay that a case has, and where it is. `built` is false where there is only room for it as yet."""

    bay: str
    name: str
    station_name: str
    built: bool


def take(session: Session, work: Work, claim: Claim, source: Source) -> Held:
    """A bay for the case: one that is kept for it or its lead, else a free one; again for the same work the same bay.

    A named bay that the case has already stays its own. Raises `NoBay`; `BayRefused` where the work took one that the
    case has given back since.
    """
    lock_job(session, work.workflow_id, work.key)
    session.execute(delete(BayWish).where(BayWish.workflow_id == work.workflow_id))
    known = session.get(BayTaking, (work.workflow_id, work.key))
    if known:
        return _held(session, _still_held(session, known))
    where = station(session, source.station)
    if where is None:
        raise NoBay(f"没有编号为“{source.station}”的变电站、开闭所或环网柜，请核对供电方案中的电源点")
    if own := _own(session, work, source):
        return _held(session, own)
    expire(session, work.day, work.at, source.station)
    if got := _first(session, work, claim, source):
        return _held(session, got)
    raise NoBay(no_bay(place_of(session, where, source.voltage_kv), _wanted(session, source)))


def wish(session: Session, work: Work, claim: Claim, source: Source) -> None:
    """Keeps what the case could not have, until it asks again."""
    session.merge(
        BayWish(
            workflow_id=work.workflow_id,
            case_no=claim.case_no,
            lead_no=claim.lead,
            station=source.station,
            voltage_kv=source.voltage_kv,
            bay=source.bay,
        )
    )


def obtainable(session: Session, claim: Claim, source: Source, day: date) -> bool:
    """Whether the case could have such a bay on that day, as things are at this moment."""
    return any(_takeable(one, claim, day) for one in _candidates(session, claim, source))


def give_back(session: Session, work: Work, bay: str) -> bool:
    """Frees the bay that the case has; False where it has it no more, and another's holding stays as it is.

    Again for the same work it frees nothing, though the case may have taken the bay anew. Raises `UnknownBay`.
    """
    lock_job(session, work.workflow_id, work.key)
    if _was_done(session, work, bay):
        return False
    try:
        _become(session, bay, lambda one: given_back(one, work.case_no))
    except BayRefused:
        return False
    _end(session, bay, work)
    tell(session, {bay: Told(BayAct.GIVE_BACK, work.case_no, work.case_no, why=work.why)}, work.at)
    return True


def commission(session: Session, work: Work, bay: str) -> BayState:
    """The state of a bay whose equipment is at work now: in use by its case, or free where it was built ahead of need.

    Again it changes nothing. Raises `UnknownBay`, and `BayRefused` where the case does not build it.
    """
    lock_job(session, work.workflow_id, work.key)
    seen = kept_bay(session, bay).bay
    in_use = seen.state is BayState.IN_USE and seen.holder is not None and seen.holder.case_no == work.case_no
    if in_use or _was_done(session, work, bay):
        return seen.state
    state = _become(session, bay, lambda one: commissioned(one, work.case_no)).state
    if state is BayState.FREE:
        _end(session, bay, work)
    tell(session, {bay: Told(BayAct.COMMISSION, work.case_no, work.case_no, why=work.why)}, work.at)
    return state


def build(session: Session, work: Work, by: str, source: Source, count: int) -> list[str]:
    """So many positions of a station, in the hands of a project that builds bays there; by their ids.

    Raises `BayRefused` where there are not so many.
    """
    here = (BayRow.station == source.station) & (BayRow.voltage_kv == source.voltage_kv)
    got: list[str] = []
    while len(got) < count and (left := kept_bays(session, here, BayRow.state == BayState.FREE, ~BayRow.built)):
        some = left[: count - len(got)]
        got += [one.row.id for one in some if change(session, one, building(one.bay, work.case_no))]
    if len(got) < count:
        raise BayRefused(f"该站{source.voltage_kv}kV侧空余的间隔位置不足{count}个，请重新查看建议")
    session.add_all(
        _taking(work, bay, Purpose.BUILD, f"{work.key}:{number}") for number, bay in enumerate(got, start=1)
    )
    session.flush()
    tell(session, {bay: Told(BayAct.BUILD, by, work.case_no, why=work.why) for bay in got}, work.at)
    return got


def case_bays(session: Session, case_no: str) -> Sequence[str]:
    """The bays that a case has now, by their ids."""
    held = select(BayTaking.bay).where(BayTaking.case_no == case_no, BayTaking.ended_at.is_(None))
    return session.scalars(held.order_by(BayTaking.bay)).all()


def _first(session: Session, work: Work, claim: Claim, source: Source) -> KeptBay | None:
    """The first bay that the case can have, now its own. Those who want one at the same time each get another."""
    lost = True
    while lost:
        lost = False
        for one in _candidates(session, claim, source):
            after = _takeable(one, claim, work.day)
            if after and _changed(session, one, after, work):
                _took(session, one, work)
                return one
            lost = lost or after is not None
    return None


def _candidates(session: Session, claim: Claim, source: Source) -> list[KeptBay]:
    """The bays that are free, or kept for the case or its lead."""
    mine = ReservationRow.reference.in_([name for name in (claim.case_no, claim.lead) if name])
    wanted = [BayRow.station == source.station, BayRow.voltage_kv == source.voltage_kv]
    wanted += [BayRow.id == source.bay] if source.bay else []
    return kept_bays(session, *wanted, or_(BayRow.state == BayState.FREE, mine))


def _takeable(one: KeptBay, claim: Claim, day: date) -> Bay | None:
    """What becomes of a bay that the case takes; None where it may not, as of a lead called like another's case."""
    try:
        return taken(one.bay, claim, day)
    except BayRefused:
        return None


def _changed(session: Session, one: KeptBay, after: Bay, work: Work) -> bool:
    """Whether nobody was faster; the reservation that the bay was kept by is used now."""
    if one.reservation is None:
        return change(session, one, after)
    if not use(session, one.reservation.number, Ending(work.case_no, work.why, work.at)):
        return False
    change_kept(session, one, after)
    return True


def _took(session: Session, one: KeptBay, work: Work) -> None:
    session.add(_taking(work, one.row.id, Purpose.SUPPLY, work.key))
    session.flush()
    number = one.reservation.number if one.reservation else ""
    tell(session, {one.row.id: Told(BayAct.TAKE, work.case_no, work.case_no, number, work.why)}, work.at)


def _taking(work: Work, bay: str, purpose: Purpose, key: str) -> BayTaking:
    return BayTaking(
        workflow_id=work.workflow_id,
        key=key,
        bay=bay,
        case_no=work.case_no,
        purpose=purpose.value,
        taken_at=work.at,
        ended_at=None,
        ended_workflow_id="",
        ended_key="",
    )


def _own(session: Session, work: Work, source: Source) -> KeptBay | None:
    """The named bay where the case has it already."""
    found = kept_bays(session, BayRow.id == source.bay, BayTaking.case_no == work.case_no) if source.bay else []
    return found[0] if found else None


def _still_held(session: Session, known: BayTaking) -> KeptBay:
    one = kept_bay(session, known.bay)
    if known.ended_at:
        raise BayRefused(f"{one.row.name}已由工单{known.case_no}退还")
    return one


def _wanted(session: Session, source: Source) -> str:
    """The name of the bay that was asked for."""
    if not source.bay:
        return ""
    row = session.get(BayRow, source.bay)
    return row.name if row else f"“{source.bay}”间隔"


def _held(session: Session, one: KeptBay) -> Held:
    where = session.get_one(Station, one.row.station)
    return Held(one.row.id, one.row.name, where.name, one.row.built)


def _become(session: Session, bay: str, act: Callable[[Bay], Bay]) -> Bay:
    """What the act makes of a bay as it is at this moment. Raises `UnknownBay` and what the act raises."""
    while True:
        seen = kept_bay(session, bay)
        after = act(seen.bay)
        if change(session, seen, after):
            return after


def _end(session: Session, bay: str, work: Work) -> None:
    done = {"ended_at": work.at, "ended_workflow_id": work.workflow_id, "ended_key": work.key}
    held = update(BayTaking).where(BayTaking.bay == bay, BayTaking.ended_at.is_(None)).values(**done)
    session.execute(held, execution_options={"synchronize_session": False})


def _was_done(session: Session, work: Work, bay: str) -> bool:
    """Whether this piece of work ended a holding of the bay before."""
    by_it = (BayTaking.ended_workflow_id == work.workflow_id) & (BayTaking.ended_key == work.key)
    return session.scalar(select(BayTaking.bay).where(BayTaking.bay == bay, by_it).limit(1)) is not None

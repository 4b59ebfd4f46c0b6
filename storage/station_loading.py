"""Writing a station into the books, whole, as it stands: its busbars, and the bays and empty positions at them.

What a case holds and what is kept for a need stays as it is: such a bay may be called otherwise, and nothing more. The
number of statements does not grow with the bays.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy import bindparam, delete, insert, or_, select, update
from sqlalchemy.orm import Session

from domain.bays import BayAct, BayState, StationKind
from storage.base import table_of, upsert
from storage.bay_rows import BayEvent, BayRow, BayTaking, ReservationRow
from storage.bays import KeptBay, Told, kept_bays, tell
from storage.locks import lock
from storage.stations import Busbar, Station


class StationRefused(Exception):
    """The station is not written as it was sent; `problems`, in Chinese, say why."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("；".join(problems))
        self.problems = tuple(problems)


class StationInUse(StationRefused):
    """The station as it was sent goes against what cases have, what is kept, or other stations."""


@dataclass(frozen=True)
class LoadedBay:
    """A bay, or an empty position, as it stands: whether its equipment is `built`, and somebody supplied by it already.
    None leaves that as the books have it; a new one is built, and in nobody's use."""

    code: str
    name: str
    built: bool | None = None
    in_use: bool | None = None


@dataclass(frozen=True)
class LoadedBusbar:
    """A busbar with all of its bays."""

    code: str
    voltage_kv: str
    load_mw: Decimal
    growth_percent: Decimal
    bays: tuple[LoadedBay, ...] = ()


@dataclass(frozen=True)
class LoadedStation:
    """A station, whole."""

    code: str
    name: str
    kind: StationKind
    county: str
    outside_of: str | None
    busbars: tuple[LoadedBusbar, ...]


@dataclass
class _Changes:
    """What is to be written."""

    new: list[dict[str, object]] = field(default_factory=list)
    changed: list[dict[str, object]] = field(default_factory=list)
    told: dict[str, Told] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def bay_id(station: str, code: str) -> str:
    """The id of a bay."""
    return f"{station}:{code}"


def load_station(session: Session, sent: LoadedStation, by: str, now: datetime) -> None:
    """Writes the station as it was sent. A bay that is not named any more goes where nothing was ever done with it.

    Raises `StationRefused`, `StationInUse`; then nothing is to be kept of it.
    """
    lock(session, f"station {sent.code}")
    if faults := list(_shape_problems(sent)):
        raise StationRefused(faults)
    if faults := list(_place_problems(session, sent)):
        raise StationInUse(faults)
    here = BayRow.station == sent.code
    session.execute(select(BayRow.id).where(here).order_by(BayRow.id).with_for_update()).all()
    known = {one.row.id: one for one in kept_bays(session, here)}
    changes = _changes(sent, known, by)
    gone = sorted(known.keys() - {bay_id(sent.code, bay.code) for busbar in sent.busbars for bay in busbar.bays})
    changes.problems += _unremovable(session, [known[bay] for bay in gone])
    if changes.problems:
        raise StationInUse(changes.problems)
    _write(session, sent, changes, gone, by, now)


def _shape_problems(sent: LoadedStation) -> Iterator[str]:
    unit = sent.kind is StationKind.RING_MAIN_UNIT
    if unit and not sent.outside_of:
        yield "站外环网柜须写明其所属的变电站或开闭所"
    if not unit and sent.outside_of:
        yield f"{sent.kind.label}不写所属站"
    for name in _twice([busbar.code for busbar in sent.busbars]):
        yield f"母线{name}出现两次"
    for name in _twice([bay.code for busbar in sent.busbars for bay in busbar.bays]):
        yield f"间隔{name}出现两次"
    for busbar in sent.busbars:
        for bay in busbar.bays:
            if bay.in_use and bay.built is False:
                yield f"{bay.name}尚未建成，不能为“{BayState.IN_USE.label}”"


def _place_problems(session: Session, sent: LoadedStation) -> Iterator[str]:
    """What does not go together with other stations."""
    before = session.get(Station, sent.code)
    units = session.scalars(select(Station.code).where(Station.outside_of == sent.code).limit(1)).first()
    if units and (sent.kind is StationKind.RING_MAIN_UNIT or (before and before.county != sent.county)):
        yield f"{sent.name}有站外环网柜（如{units}），类别和县区不能改"
    if not sent.outside_of:
        return
    fed_from = session.get(Station, sent.outside_of)
    if fed_from is None or fed_from.kind == StationKind.RING_MAIN_UNIT:
        yield f"没有编号为“{sent.outside_of}”的变电站或开闭所"
    elif fed_from.county != sent.county:
        yield f"站外环网柜应与{fed_from.name}同属{fed_from.county}"


def _twice(names: Sequence[str]) -> list[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _changes(sent: LoadedStation, known: Mapping[str, KeptBay], by: str) -> _Changes:
    changes = _Changes()
    for busbar in sent.busbars:
        for bay in busbar.bays:
            one = known.get(bay_id(sent.code, bay.code))
            if one is None:
                state = BayState.IN_USE if bay.in_use else BayState.FREE
                changes.new.append(_row(sent, busbar, bay, state))
                changes.told[bay_id(sent.code, bay.code)] = Told(BayAct.LOAD, by, why=f"登记为“{state.label}”")
            else:
                _change(changes, one, busbar, bay, by)
    return changes


def _row(sent: LoadedStation, busbar: LoadedBusbar, bay: LoadedBay, state: BayState) -> dict[str, object]:
    return {
        "id": bay_id(sent.code, bay.code),
        "station": sent.code,
        "busbar": busbar.code,
        "code": bay.code,
        "name": bay.name,
        "voltage_kv": busbar.voltage_kv,
        "built": bay.built is not False,
        "state": state.value,
        "version": 0,
    }


def _change(changes: _Changes, one: KeptBay, busbar: LoadedBusbar, bay: LoadedBay, by: str) -> None:
    row = one.row
    state, built = row.state, bool(bay.in_use) or (row.built if bay.built is None else bay.built)
    if bay.in_use or (bay.in_use is False and state == BayState.IN_USE):
        state = (BayState.IN_USE if bay.in_use else BayState.FREE).value
    wanted = {"busbar": busbar.code, "voltage_kv": busbar.voltage_kv, "built": built, "state": state}
    differs = any(getattr(row, name) != value for name, value in wanted.items())
    if differs and (holder := _holder(one)):
        changes.problems.append(f"{row.name}{holder}，只能改名称")
    if differs:
        before, after = (BayState(one).label for one in (row.state, state))
        why = "改动位置" if before == after else f"“{before}”改为“{after}”"
        changes.told[row.id] = Told(BayAct.LOAD, by, why=why)
    if differs or bay.name != row.name:
        values = {**wanted, "name": bay.name, "version": row.version + differs}
        changes.changed.append({"b_id": row.id, **{f"b_{name}": value for name, value in values.items()}})


def _holder(one: KeptBay) -> str:
    """Who has a say in a bay beside those who write it into the books; empty for nobody."""
    if one.taking:
        return f"由工单{one.taking.case_no}占用"
    return f"已按{one.reservation.number}预留" if one.reservation else ""


def _unremovable(session: Session, gone: Sequence[KeptBay]) -> list[str]:
    """The bays that are not named any more, and yet have to stay."""
    if not gone:
        return []
    ids = [one.row.id for one in gone]
    used = set(session.scalars(select(BayTaking.bay).where(BayTaking.bay.in_(ids))))
    named = select(ReservationRow.bay, ReservationRow.wanted_bay)
    named = named.where(or_(ReservationRow.bay.in_(ids), ReservationRow.wanted_bay.in_(ids)))
    for pair in session.execute(named):
        used.update(bay for bay in pair if bay)
    return [
        f"{one.row.name}有占用或预留记录，不能从台账中去掉"
        if one.row.id in used
        else f"{one.row.name}为“{BayState(one.row.state).label}”，不能从台账中去掉"
        for one in gone
        if one.row.id in used or one.row.state != BayState.FREE
    ]


def _write(
    session: Session, sent: LoadedStation, changes: _Changes, gone: Sequence[str], by: str, now: datetime
) -> None:
    row = {"code": sent.code, "name": sent.name, "kind": sent.kind.value, "county": sent.county}
    upsert(session, Station, [{**row, "outside_of": sent.outside_of, "loaded_by": by, "loaded_at": now}])
    columns = ("code", "voltage_kv", "load_mw", "growth_percent")
    lines = [{"station": sent.code, **{name: getattr(one, name) for name in columns}} for one in sent.busbars]
    upsert(session, Busbar, lines)
    if gone:
        session.execute(delete(BayEvent).where(BayEvent.bay.in_(gone)))
        session.execute(delete(BayRow).where(BayRow.id.in_(gone)))
    if changes.new:
        session.execute(insert(table_of(BayRow)), changes.new)
    if changes.changed:
        session.execute(_MOVED, changes.changed)
    left = [one.code for one in sent.busbars]
    session.execute(delete(Busbar).where(Busbar.station == sent.code, Busbar.code.not_in(left)))
    tell(session, changes.told, now)


_BAYS = table_of(BayRow)
_MOVED = (
    update(_BAYS)
    .where(_BAYS.c.id == bindparam("b_id"))
    .values(
        name=bindparam("b_name"),
        busbar=bindparam("b_busbar"),
        voltage_kv=bindparam("b_voltage_kv"),
        built=bindparam("b_built"),
        state=bindparam("b_state"),
        version=bindparam("b_version"),
    )
)

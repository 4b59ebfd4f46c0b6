"""Ten thousand cases in a database: one real case at many of its moments, told again of other customers and days.

The journal of the case up to each moment goes through the real door into a database of its own; the rows that the
projection makes of it are then written for every case, with its own number, customer, place, officer and days. The
same number gives the same cases. The journal itself, six hundred records a case, is written for every twentieth.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Table, insert, select
from sqlalchemy.orm import Session

from bench.story import Moment
from storage.base import Base, json_text, on_sqlite, table_of
from storage.database import Database
from storage.journal import record_batch
from storage.journal_rows import JournalRow
from storage.read_model import PROJECTED
from storage.subscriptions import wait_id

CASES = 10_000
COUNTIES = ("开发区", "东湖区", "清河县")
OFFICERS = tuple(f"经办{number:02d}" for number in range(1, 31))
JOURNAL_EVERY = 20
"""Each how many cases one has its journal."""
_PLACES = (
    "恒源",
    "华盛",
    "金桥",
    "长河",
    "东岳",
    "云峰",
    "海川",
    "天工",
    "永泰",
    "明珠",
    "北辰",
    "泰和",
    "瑞丰",
    "宏图",
)
_TRADES = ("新材料", "精密制造", "数据中心", "食品加工", "医药", "纺织", "化工", "物流", "冶金", "机械", "电子", "农机")
_ROADS = ("规划二路", "建设大街", "人民东路", "湖滨路", "振兴街", "工业三路", "学府路", "站前大街")
_RUNNING = 0.6
"""The part of all cases that still run."""
_PORTION = 200
_TEXTS = ("workflow_id", "case_no", "parent_workflow_id", "correlation_key")
_PEOPLE = ("assignee", "officer", "closed_by")


@dataclass(frozen=True)
class Telling:
    """What is a case's own."""

    case_no: str
    customer: str
    address: str
    county: str
    officer: str
    shift: timedelta


@dataclass(frozen=True)
class Row:
    """A row of the case at a moment, and which of its columns name the case, a person or an instant."""

    values: Mapping[str, Any]
    marked: tuple[str, ...]
    people: tuple[str, ...]
    instants: tuple[str, ...]
    mark: str

    def of(self, one: Telling) -> dict[str, Any]:
        """The row of another case."""
        row = dict(self.values)
        for name in self.marked:
            row[name] = row[name].replace(self.mark, one.case_no)
        for name in self.instants:
            row[name] += one.shift
        for name in self.people:
            row[name] = one.officer
        if "county" in row:
            row["county"] = one.county
        if "customer" in row:
            row["customer"], row["address"] = one.customer, one.address
        if "wait_id" in row:
            row["wait_id"] = wait_id(row["message"], row["correlation_key"])
        return row


@dataclass(frozen=True)
class Pattern:
    """The case at one moment as the database has it, table by table."""

    at: datetime
    ended: bool
    read_model: Mapping[Table, Sequence[Row]]
    journal: Sequence[Row]


def patterns(folder: Path, moments: Sequence[Moment]) -> list[Pattern]:
    """The rows that the real projection makes of each moment."""
    database = Database(f"sqlite:///{folder / 'moments.db'}")
    database.migrate()
    found = [_stored(database, moment) for moment in moments]
    database.close()
    return found


def _stored(database: Database, moment: Moment) -> Pattern:
    with database.transaction() as session:
        for batch in moment.batches:
            record_batch(session, batch, moment.at)
    tables = {table_of(model): _rows(database, model, moment) for model in reversed(PROJECTED)}
    return Pattern(moment.at, moment.ended, tables, _rows(database, JournalRow, moment))


def _rows(database: Database, model: type[Base], moment: Moment) -> list[Row]:
    table = table_of(model)
    names = [batch.workflow_id for batch in moment.batches]
    with database.session() as session:
        found = session.execute(select(table).where(table.c.workflow_id.in_(names)))
        return [_row(dict(row), moment.mark) for row in found.mappings()]


def _row(values: dict[str, Any], mark: str) -> Row:
    marked = tuple(name for name in _TEXTS if mark in str(values.get(name, "")))
    people = tuple(name for name in _PEOPLE if values.get(name))
    return Row(values, marked, people, tuple(n for n, one in values.items() if isinstance(one, datetime)), mark)


def fill(database: Database, told: Sequence[Pattern], now: datetime, cases: int = CASES) -> list[Telling]:
    """Writes so many cases as they stand `now`, and answers what is theirs; of each twentieth its journal too."""
    chance = random.Random(5)
    running = [one for one in told if not one.ended]
    ended = [one for one in told if one.ended]
    written: list[Telling] = []
    while len(written) < cases:
        portion = []
        for number in range(len(written), min(len(written) + _PORTION, cases)):
            runs = chance.random() < _RUNNING
            pattern = chance.choice(running if runs else ended)
            portion.append((pattern, _telling(chance, number, pattern, now, days=5 if runs else 700)))
        _write(database, portion, first=len(written))
        written += [one for _, one in portion]
    return written


def _telling(chance: random.Random, number: int, pattern: Pattern, now: datetime, days: int) -> Telling:
    county = chance.choice(COUNTIES)
    place, trade = chance.choice(_PLACES), chance.choice(_TRADES)
    return Telling(
        case_no=f"S-2025-{number:05d}",
        customer=f"{place}{trade}{'有限公司' if number % 3 else '股份有限公司'}",
        address=f"{county}{chance.choice(_ROADS)}{chance.randrange(1, 300)}号",
        county=county,
        officer=chance.choice(OFFICERS),
        shift=timedelta(days=(now - pattern.at).days - chance.randrange(days), minutes=chance.randrange(600)),
    )


def _write(database: Database, portion: Sequence[tuple[Pattern, Telling]], first: int) -> None:
    chosen = portion[-first % JOURNAL_EVERY :: JOURNAL_EVERY]
    with database.transaction() as session:
        for table in portion[0][0].read_model:
            _insert(session, table, [row.of(one) for pattern, one in portion for row in pattern.read_model[table]])
        _insert(session, table_of(JournalRow), [row.of(one) for pattern, one in chosen for row in pattern.journal])


def _insert(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes rows; PostgreSQL gets them by COPY, which takes it a quarter of the time."""
    if not rows:
        return
    if on_sqlite(session):
        session.execute(insert(table), list(rows))
        return
    names = [column.name for column in table.columns]
    documents = [column.name for column in table.columns if isinstance(column.type, JSON)]
    cursor = session.connection().connection.cursor()
    with cursor.copy(f"COPY {table.name} ({', '.join(names)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row([json_text(row[name]) if name in documents else row[name] for name in names])

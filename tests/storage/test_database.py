from __future__ import annotations

import json
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError, StatementError
from sqlalchemy.orm import Session

from domain.stock import Material
from storage.base import instant, json_text, storable
from storage.database import Database
from storage.materials import issue_materials, slip_materials
from storage.numbers import NumberSeries, next_number
from storage.papers import CustomerPaper, Paper, record_papers


def received(session: Session, at: datetime) -> datetime:
    record_papers(session, workflow_id="w", key="k", customer_id="C1", case_no="N1", papers=[Paper("营业执照")], now=at)
    session.expire_all()
    return session.scalars(select(CustomerPaper.received_at)).one()


def test_an_instant_comes_back_aware_and_in_utc(database: Database) -> None:
    shanghai = datetime(2026, 11, 23, 10, 0, 0, 123456, timezone(timedelta(hours=8)))

    with database.transaction() as session:
        stored = received(session, shanghai)

    assert stored == shanghai
    assert stored.tzinfo is UTC


def test_an_instant_without_a_zone_is_refused(database: Database, now: datetime) -> None:
    with pytest.raises(StatementError, match="no time zone"), database.transaction() as session:
        received(session, now.replace(tzinfo=None))


@pytest.mark.parametrize("digits", ["0.1", "12345678901234567890.123456789", "1.50", "1E+3"])
def test_a_decimal_keeps_its_last_digit(database: Database, now: datetime, digits: str) -> None:
    with database.transaction() as session:
        number = issue_materials(
            session,
            workflow_id="w",
            key="k",
            case_no="N1",
            materials=[Material("电缆", "米", Decimal(digits))],
            series="s",
            number_format="{n}",
            now=now,
        )
        session.expire_all()
        assert slip_materials(session, number)[0].quantity == Decimal(digits)


def test_a_reading_session_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError), database.session() as session:
        next_number(session, "s")


def test_a_transaction_after_a_reading_session_can_write(database: Database) -> None:
    with database.session() as session:
        session.execute(select(NumberSeries)).all()
    with database.transaction() as session:
        assert next_number(session, "s") == 1


def test_a_reading_session_sees_one_moment(database: Database) -> None:
    with database.session() as reader:
        before = reader.scalars(select(NumberSeries.last)).all()
        with database.transaction() as writer:
            next_number(writer, "s")
        assert reader.scalars(select(NumberSeries.last)).all() == before == []


def test_an_exception_rolls_everything_back(database: Database) -> None:
    def take_and_fail() -> None:
        with database.transaction() as session:
            next_number(session, "s")
            raise LookupError

    with pytest.raises(LookupError):
        take_and_fail()
    with database.transaction() as session:
        assert next_number(session, "s") == 1


def test_writers_that_read_first_queue_instead_of_failing(database: Database) -> None:
    def read_then_write() -> None:
        for _ in range(10):
            with database.transaction() as session:
                session.execute(select(NumberSeries)).all()
                next_number(session, "s")

    threads = [threading.Thread(target=read_then_write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.session() as session:
        assert session.scalars(select(NumberSeries.last)).one() == 80


def test_sqlite_uses_wal_and_checks_foreign_keys(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'deep' / 'yekuo.db'}")
    with database.session() as session:
        assert session.scalar(text("PRAGMA journal_mode")) == "wal"
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
    database.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://host/db"])
def test_an_address_that_cannot_serve_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"memory|must begin"):
        Database(url)


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_can_be_stored_and_ordinary_text_is_left_alone(words: str) -> None:
    stored = storable(words)

    assert "\0" not in stored
    assert stored.encode().decode() == stored
    assert len(stored) == len(words)
    assert all(after in (before, "�") for before, after in zip(words, stored, strict=True))


@given(st.recursive(st.none() | st.integers() | st.text(st.characters(exclude_categories=())), st.lists))
def test_json_text_can_be_encoded_and_means_the_same(value: object) -> None:
    text = json_text(value)

    assert "\0" not in text
    assert json.loads(text.encode()) == value


def test_json_text_keeps_chinese_readable() -> None:
    assert json_text({"阶段": "会商"}) == '{"阶段":"会商"}'


def test_json_text_refuses_what_json_cannot_say() -> None:
    with pytest.raises(ValueError):
        json_text(float("nan"))


def test_a_time_without_offset_is_no_instant() -> None:
    with pytest.raises(ValueError, match="no offset"):
        instant("2026-11-23T10:00:00")


_FRESH = """
import sys
from sqlalchemy import inspect
from storage.database import Database
from storage.tables import TABLES
Database(sys.argv[1])
print(*(table.__name__ for table in TABLES if not inspect(table).configured))
"""


def test_every_table_is_known_before_the_first_query(tmp_path: Path) -> None:
    asked = [sys.executable, "-c", _FRESH, f"sqlite:///{tmp_path / 'never-asked.db'}"]

    told = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60)

    assert told.stdout.strip() == ""

"""A signal goes to the running cases whose diagrams hear it, and is sent once by its id."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest

from domain.records import CaseFields, JournalBatch, JournalReply, MissedSignal
from storage.broadcasts import BroadcastIdTaken, is_known_signal, listeners, take_in
from storage.bundles import deploy_bundle, signal_starts
from storage.database import Database
from storage.journal import record_batch
from tests.storage.journals import record

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
OPENED = NOW + timedelta(minutes=1)
"""When the cases of these tests begin."""


def deployed(database: Database, process: str, *signals: str, starts: tuple[tuple[str, str], ...] = ()) -> None:
    mark = f"{signals}{starts}"
    with database.transaction() as session:
        deploy_bundle(session, process, mark, b"", signals=signals, signal_starts=starts, now=NOW)


def running(database: Database, name: str, process: str, version: int = 1, parent: str = "") -> JournalReply:
    fields = asdict(CaseFields(name, process, version, parent_workflow_id=parent))
    with database.transaction() as session:
        return record_batch(session, JournalBatch(name, "", name, [record(1, "case", "0", fields)]), NOW)


def heard(database: Database, signal: str, but: str = "") -> list[str]:
    with database.session() as session:
        return list(listeners(session, signal, but))


def test_it_reaches_main_processes_that_hear_it_and_those_where_only_the_case_tells(database: Database) -> None:
    deployed(database, "hears", "alarm")
    deployed(database, "any", "")
    deployed(database, "deaf", "all clear")
    for name in ("hears", "any", "deaf"):
        running(database, f"case/{name}", name)
    running(database, "case/called", "hears", parent="case/any")

    assert heard(database, "alarm") == ["case/any", "case/hears"]
    assert heard(database, "alarm", but="case/any") == ["case/hears"]


def test_a_case_that_becomes_known_after_a_signal_was_sent_is_told_of_it_once_it_is(database: Database) -> None:
    deployed(database, "hears", "alarm")
    deployed(database, "any", "")
    deployed(database, "deaf", "all clear")
    for number, at in enumerate((OPENED - timedelta(seconds=1), OPENED)):
        with database.transaction() as session:
            take_in(session, f"s{number}", "alarm", "scada", {"area": number}, at)

    for name in ("hears", "any"):
        assert running(database, f"case/{name}", name).missed == [MissedSignal("s1", "alarm", {"area": 1})]
    assert running(database, "case/again", "hears") == running(database, "case/again", "hears")
    assert running(database, "case/called", "hears", parent="case/any").missed == []
    assert running(database, "case/deaf", "deaf").missed == []


def test_of_a_signal_and_a_case_that_come_at_the_same_moment_one_sees_the_other(database: Database) -> None:
    deployed(database, "hears", "alarm")
    together = Barrier(2)

    def sends(number: int) -> list[str]:
        together.wait()
        with database.transaction() as session:
            take_in(session, f"s{number}", "alarm", "scada", {}, OPENED)
            return list(listeners(session, "alarm", ""))

    def begins(number: int) -> list[str]:
        together.wait()
        return [one.id for one in running(database, f"case/{number}", "hears").missed]

    with ThreadPoolExecutor(2) as pool:
        for number in range(30):
            told, missed = pool.submit(sends, number), pool.submit(begins, number)
            assert f"case/{number}" in told.result() or f"s{number}" in missed.result()


def test_no_more_is_told_at_once_than_an_answer_may_hold(database: Database) -> None:
    deployed(database, "hears", "alarm")
    for number in range(4):
        with database.transaction() as session:
            take_in(
                session, f"s{number}", "alarm", "scada", {"text": "x" * 600_000}, OPENED + timedelta(seconds=number)
            )

    assert [one.id for one in running(database, "case/1", "hears").missed] == ["s0", "s1"]


def test_a_case_hears_what_its_own_version_hears(database: Database) -> None:
    deployed(database, "p", "alarm")
    deployed(database, "p", "bell")
    running(database, "case/old", "p", 1)
    running(database, "case/new", "p", 2)

    assert heard(database, "alarm") == ["case/old"]
    assert heard(database, "bell") == ["case/new"]


def test_it_begins_the_current_version_alone(database: Database) -> None:
    deployed(database, "p", starts=(("alarm", "begin"),))
    deployed(database, "p", starts=(("bell", "begin"),))

    with database.session() as session:
        assert [(one.version, element) for one, element in signal_starts(session, "bell")] == [(2, "begin")]
        assert signal_starts(session, "alarm") == []


def test_what_begins_a_process_is_not_heard_by_its_cases(database: Database) -> None:
    deployed(database, "p", starts=(("alarm", "begin"),))
    running(database, "case/p", "p")

    assert heard(database, "alarm") == []
    with database.session() as session:
        assert is_known_signal(session, "alarm")
        assert not is_known_signal(session, "bell")


def test_an_id_belongs_to_one_signal(database: Database) -> None:
    with database.transaction() as session:
        take_in(session, "1", "alarm", "scada", {}, NOW)
    with database.transaction() as session:
        assert take_in(session, "1", "alarm", "scada", {}, NOW).reached is None
        with pytest.raises(BroadcastIdTaken, match="'1' belongs to 'alarm'"):
            take_in(session, "1", "bell", "scada", {}, NOW)

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from domain.records import JournalBatch, Record
from storage.database import Database
from storage.journal import JournalConflict, JournalGap, rebuild, record_batch
from storage.journal_rows import case_journal, case_records, journal_page, stages_reached, workflow_journal
from tests.storage.journals import CASE_NO, batch, case_record, opened, read_model, record, subscribed


def store(database: Database, now: datetime, *batches: JournalBatch) -> None:
    for each in batches:
        with database.transaction() as session:
            record_batch(session, each, now)


def seqs(session: Session, workflow_id: str = "case-1") -> list[tuple[str, int]]:
    return [(line.epoch, line.record.seq) for line in workflow_journal(session, workflow_id)]


def test_records_come_back_as_they_went_in(database: Database, now: datetime) -> None:
    odd = record(2, "act", "3", {"act": "complete", "text": "\0\ud800会商", "n": [1, 1.0, True, None]}, name="空\0")
    store(database, now, batch(case_record(), odd))

    with database.session() as session:
        lines = workflow_journal(session, "case-1")

    assert [line.record for line in lines] == [case_record(), odd]
    assert [type(n) for n in lines[1].record.data["n"]] == [int, float, bool, type(None)]
    assert {(line.workflow_id, line.case_no, line.recorded_at) for line in lines} == {("case-1", CASE_NO, now)}


def test_an_empty_batch_is_nothing(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        assert record_batch(session, batch(), now).early == []


def test_a_batch_that_comes_twice_is_stored_and_projected_once(database: Database, now: datetime) -> None:
    first = batch(case_record(), opened(2, "5"))
    store(database, now, first, batch(record(3, "claimed", "5", {"by": "wang", "channel": "console"})))
    with database.session() as session:
        before = read_model(session)

    store(database, now, first)

    with database.session() as session:
        assert read_model(session) == before
        assert seqs(session) == [("", 1), ("", 2), ("", 3)]


def test_a_batch_that_overlaps_what_is_stored_adds_only_the_rest(database: Database, now: datetime) -> None:
    store(database, now, batch(case_record(), opened(2, "5")), batch(opened(2, "5"), opened(3, "6")))

    with database.session() as session:
        assert seqs(session) == [("", 1), ("", 2), ("", 3)]
        assert [task["key"] for task in read_model(session)["tasks"]] == ["5", "6"]


@pytest.mark.parametrize(
    "other",
    [
        {"name": "别的"},
        {"data": {"n": 1.0}},
        {"data": {"n": True}},
        {"at": "2026-11-23T02:02:00+00:00"},
        {"key": "6"},
    ],
)
def test_other_content_under_the_same_key_is_a_conflict_and_writes_nothing(
    database: Database, now: datetime, other: dict[str, Any]
) -> None:
    known = record(2, "act", "5", {"n": 1})
    store(database, now, batch(case_record(), known))
    changed = replace(known, **other)

    with database.transaction() as session, pytest.raises(JournalConflict) as raised:
        record_batch(session, batch(changed, opened(3, "6")), now)

    conflict = raised.value
    assert (conflict.workflow_id, conflict.epoch, conflict.seq) == ("case-1", "", 2)
    assert (conflict.stored, conflict.given) == (vars(known), vars(changed))
    with database.session() as session:
        assert seqs(session) == [("", 1), ("", 2)]
        assert read_model(session)["tasks"] == []


def test_the_order_of_keys_in_the_data_is_no_conflict(database: Database, now: datetime) -> None:
    store(database, now, batch(record(1, "act", "5", {"a": {"x": 1, "y": 2}, "b": 1})))

    store(database, now, batch(record(1, "act", "5", {"b": 1, "a": {"y": 2, "x": 1}})))

    with database.session() as session:
        assert seqs(session) == [("", 1)]


@pytest.mark.parametrize(
    ("records", "expected", "given"),
    [
        ([opened(2, "5")], 1, 2),
        ([case_record(), opened(3, "5")], 2, 3),
        ([case_record(), opened(1, "5")], 2, 1),
    ],
)
def test_records_that_do_not_follow_are_a_gap(
    database: Database, now: datetime, records: list[Record], expected: int, given: int
) -> None:
    with database.transaction() as session, pytest.raises(JournalGap) as raised:
        record_batch(session, batch(*records), now)

    assert (raised.value.expected, raised.value.given) == (expected, given)
    with database.session() as session:
        assert seqs(session) == []
        assert read_model(session)["cases"] == []


def test_a_batch_beyond_the_last_record_is_a_gap(database: Database, now: datetime) -> None:
    store(database, now, batch(case_record()))

    with database.transaction() as session, pytest.raises(JournalGap, match="expected record 2, given 4"):
        record_batch(session, batch(opened(4, "5")), now)


def test_a_record_that_is_no_json_or_no_instant_is_refused(database: Database, now: datetime) -> None:
    for wrong in (record(1, "act", "5", {"n": float("nan")}), replace(case_record(), at="2026-11-23T10:00:00")):
        with database.transaction() as session, pytest.raises(ValueError):
            record_batch(session, batch(wrong), now)

    with database.session() as session:
        assert seqs(session) == []


def test_the_journal_of_a_case_has_all_its_workflows_in_order_of_time(database: Database, now: datetime) -> None:
    child = [replace(case_record(), at="2026-11-23T10:01:30+08:00"), opened(2, "5")]
    store(database, now, batch(case_record(), opened(2, "5"), opened(3, "6")), batch(*child, workflow_id="case-1-grid"))

    with database.session() as session:
        lines = case_journal(session, CASE_NO)

    assert [(line.workflow_id, line.record.seq) for line in lines] == [
        ("case-1", 1),
        ("case-1-grid", 1),
        ("case-1", 2),
        ("case-1-grid", 2),
        ("case-1", 3),
    ]


def test_a_journal_is_read_in_portions(database: Database, now: datetime) -> None:
    store(database, now, batch(case_record(), *(opened(seq, str(seq)) for seq in range(2, 8))))

    with database.session() as session:
        portion = workflow_journal(session, "case-1", after=2, limit=3)

    assert [line.record.seq for line in portion] == [3, 4, 5]


def test_a_reset_takes_back_what_came_after_the_reset_point(database: Database, now: datetime) -> None:
    store(
        database,
        now,
        batch(case_record(), opened(2, "5"), record(3, "closed", "5", {"by": "wang", "outcome": "completed"})),
        batch(opened(4, "6"), record(5, "stage", data={"stage": "会商"})),
        batch(record(3, "claimed", "5", {"by": "li"}), opened(4, "9"), epoch="run-2"),
    )

    with database.session() as session:
        assert seqs(session) == [("", 1), ("", 2), ("run-2", 3), ("run-2", 4)]
        model = read_model(session)
    assert [(task["key"], task["state"], task["assignee"]) for task in model["tasks"]] == [
        ("5", "open", "li"),
        ("9", "open", ""),
    ]
    assert model["cases"][0]["stage"] == ""


def test_a_reset_of_a_reset_goes_on_from_what_counts(database: Database, now: datetime) -> None:
    store(
        database,
        now,
        batch(case_record(), *(opened(seq, f"a{seq}") for seq in range(2, 8))),
        batch(*(opened(seq, f"b{seq}") for seq in range(4, 9)), epoch="run-2"),
        batch(*(opened(seq, f"c{seq}") for seq in range(6, 8)), epoch="run-3"),
        batch(opened(3, "d3"), epoch="run-4"),
    )

    with database.session() as session:
        assert seqs(session) == [("", 1), ("", 2), ("run-4", 3)]
    store(database, now, batch(opened(4, "d4"), epoch="run-4"))
    with database.session() as session:
        assert [task["key"] for task in read_model(session)["tasks"]] == ["a2", "d3", "d4"]


def test_a_last_batch_of_the_old_run_that_comes_after_the_reset_is_kept_but_does_not_count(
    database: Database, now: datetime
) -> None:
    store(database, now, batch(case_record(), opened(2, "5")), batch(opened(2, "9"), epoch="run-2"))
    with database.session() as session:
        before = read_model(session)

    store(database, now, batch(opened(3, "6")))

    with database.session() as session:
        assert read_model(session) == before
        assert seqs(session) == [("", 1), ("run-2", 2)]


def test_a_batch_that_does_not_count_leaves_the_read_model_alone(database: Database, now: datetime) -> None:
    store(database, now, batch(case_record(), opened(2, "5")), batch(opened(2, "9"), epoch="run-2"))
    with database.transaction() as session:
        session.execute(text("UPDATE cases SET stage = 'marked'"))

    store(database, now, batch(opened(3, "6")))

    with database.session() as session:
        assert [case["stage"] for case in read_model(session)["cases"]] == ["marked"]


def test_a_batch_from_before_the_reset_point_counts_even_when_it_comes_late(database: Database, now: datetime) -> None:
    store(database, now, batch(case_record()), batch(opened(3, "9"), epoch="run-2"), batch(opened(2, "5")))

    with database.session() as session:
        assert seqs(session) == [("", 1), ("", 2), ("run-2", 3)]
        assert [task["key"] for task in read_model(session)["tasks"]] == ["5", "9"]


def test_a_gap_within_a_later_epoch_is_a_gap(database: Database, now: datetime) -> None:
    store(database, now, batch(case_record()), batch(opened(2, "9"), epoch="run-2"))

    for wrong in (batch(opened(4, "6"), epoch="run-2"), batch(opened(3, "6"))):
        with database.transaction() as session, pytest.raises(JournalGap):
            record_batch(session, wrong, now)


def test_the_cost_of_a_batch_does_not_grow_with_the_journal(
    database: Database, now: datetime, count_statements: Callable[[Callable[[], object]], int]
) -> None:
    def next_batch(first: int) -> JournalBatch:
        key = str(first)
        closed = record(first + 1, "closed", key, {"by": "wang", "outcome": "completed"})
        return batch(opened(first, key), closed, subscribed(first + 2, key), record(first + 3, "completed", key))

    store(database, now, batch(case_record()))
    early = count_statements(lambda: store(database, now, next_batch(2)))
    for first in range(6, 602, 4):
        with database.transaction() as session:
            record_batch(session, next_batch(first), now)
    late = count_statements(lambda: store(database, now, next_batch(602)))

    assert late == early


def test_the_number_of_statements_does_not_grow_with_the_batch(
    database: Database, now: datetime, count_statements: Callable[[Callable[[], object]], int]
) -> None:
    def sized(tasks: int, workflow_id: str) -> JournalBatch:
        records = [case_record()]
        for number in range(tasks):
            key, seq = str(number), len(records) + 1
            records += [
                opened(seq, key, candidateUsers=["wang"]),
                subscribed(seq + 1, key, correlation_key=key),
                record(seq + 2, "incident", key, {"kind": "job", "message": "缺少字段"}),
                record(seq + 3, "resolved", key, {"by": "li"}),
                record(seq + 4, "claimed", key, {"by": "wang"}),
            ]
        return batch(*records, workflow_id=workflow_id)

    small = count_statements(lambda: store(database, now, sized(1, "small")))
    large = count_statements(lambda: store(database, now, sized(200, "large")))

    assert large == small


def test_attempts_of_one_batch_at_once_store_it_once(database: Database, now: datetime) -> None:
    def attempt(_: int) -> None:
        store(database, now, batch(case_record(), opened(2, "5"), subscribed(3, "6")))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(attempt, range(8)))

    with database.session() as session:
        assert len(seqs(session)) == 3


def test_rebuilding_repairs_a_spoiled_read_model(database: Database, now: datetime) -> None:
    store(database, now, batch(case_record(), opened(2, "5")), batch(case_record(), workflow_id="case-2"))
    with database.session() as session:
        before = read_model(session)
    with database.transaction() as session:
        session.execute(text("UPDATE cases SET stage = 'spoiled'"))
        session.execute(text("DELETE FROM task_candidates"))
        session.execute(text("UPDATE cases SET workflow_id = 'stray' WHERE workflow_id = 'case-2'"))

    with database.transaction() as session:
        rebuild(session)

    with database.session() as session:
        assert read_model(session) == before


def test_batches_and_a_rebuilding_at_once_lose_nothing(database: Database, now: datetime) -> None:
    def report(workflow: int) -> None:
        for seq in range(1, 16):
            store(database, now, batch(opened(seq, str(seq)), workflow_id=f"w{workflow}"))

    def rebuild_all() -> None:
        for _ in range(5):
            with database.transaction() as session:
                rebuild(session)

    with ThreadPoolExecutor(5) as pool:
        for done in [pool.submit(report, number) for number in range(4)] + [pool.submit(rebuild_all)]:
            done.result()

    with database.session() as session:
        assert len(read_model(session)["tasks"]) == 60
    later = now + timedelta(days=1)
    store(database, later, batch(opened(16, "16"), workflow_id="w0"))


def test_a_journal_comes_in_pages_without_gap_or_double(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        record_batch(session, batch(case_record(), opened(2, "5"), record(3, "claimed", "5")), now)
        record_batch(session, batch(case_record(), record(2, "activated", "7"), workflow_id="case-2"), now)
    seen, after = [], ""
    with database.session() as session:
        whole = [(line.workflow_id, line.record.seq) for line in case_journal(session, CASE_NO)]
        for _ in range(5):
            page, after = journal_page(session, CASE_NO, limit=1, after=after)
            seen += [(line.workflow_id, line.record.seq) for line in page]

    assert (seen, after) == (whole, "")


def test_important_records_are_those_of_people_and_of_the_whole_process(database: Database, now: datetime) -> None:
    end = record(4, "completed", "0", type="process")
    with database.transaction() as session:
        record_batch(session, batch(case_record(), opened(2, "5"), record(3, "completed", "5"), end), now)
    with database.session() as session:
        page, _ = journal_page(session, CASE_NO, limit=10, important=True)

    assert [line.record.seq for line in page] == [1, 2, 4]


def test_the_stages_that_a_case_came_to_are_read_in_order(database: Database, now: datetime) -> None:
    stages = [record(2, "stage", "5", {"stage": "业务受理"}), record(3, "stage", "6", {"stage": "现场勘查"})]
    store(database, now, batch(case_record(), *stages))
    with database.session() as session:
        reached = stages_reached(session, CASE_NO)

    assert [(one.workflow_id, one.stage) for one in reached] == [("case-1", "业务受理"), ("case-1", "现场勘查")]
    assert reached[0].at == datetime.fromisoformat(stages[0].at)


def test_the_records_of_a_workflow_are_read_up_to_a_moment(database: Database, now: datetime) -> None:
    store(database, now, batch(case_record(), opened(2, "5"), opened(3, "6")))
    with database.session() as session:
        whole = [one.seq for one in case_records(session, "case-1")]
        before = [one.seq for one in case_records(session, "case-1", datetime.fromisoformat(opened(2, "5").at))]

    assert (whole, before) == ([1, 2, 3], [1, 2])

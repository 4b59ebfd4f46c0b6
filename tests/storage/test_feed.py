"""The feed tells in one order, without gap or double, what happened in cases, however writers and readers meet."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.records import CaseFields, JournalBatch, Record
from storage.database import Database
from storage.feed import Bounds, FeedEvent, feed_after, feed_bounds, has_unnumbered, number_events, prune_feed
from storage.journal import rebuild, record_batch
from tests.storage.journals import CASE_NO, FIELDS, batch, case_record, opened, record

CHILD = CaseFields(CASE_NO, "energization", 1, county="桥西区", parent_workflow_id="case-1")


def report(database: Database, now: datetime, *batches: JournalBatch) -> None:
    for each in batches:
        with database.transaction() as session:
            record_batch(session, each, now)


def numbered(database: Database, after: int = 0) -> list[FeedEvent]:
    """What a reader finds who numbers first."""
    with database.transaction() as session:
        number_events(session)
    with database.session() as session:
        return feed_after(session, after)


def told(database: Database, now: datetime, *records: Record) -> dict[str, Any]:
    """The one event that the last of these records makes."""
    report(database, now, batch(case_record(), *records))
    last = numbered(database)[-1]
    return {"kind": last.kind, "seq": last.seq, **last.data}


def test_what_people_wait_for_is_told_in_order_and_the_rest_is_not(database: Database, now: datetime) -> None:
    records = [
        case_record(),
        record(2, "activated", "2"),
        opened(3, "2"),
        record(4, "claimed", "2", {"by": "wang"}),
        record(5, "act", "2", {"act": "complete"}),
        record(6, "closed", "2", {"by": "wang", "outcome": "completed"}),
        record(7, "completed", "2"),
        record(8, "completed", "0", type="process"),
    ]

    report(database, now, batch(*records))

    events = numbered(database)
    assert [event.position for event in events] == [1, 2, 3, 4, 5]
    kinds = ["case.opened", "task.opened", "task.claimed", "task.closed", "case.closed"]
    assert [event.kind for event in events] == kinds
    assert {(event.case_no, event.county, event.recorded_at) for event in events} == {(CASE_NO, "桥西区", now)}
    assert events[1].data == {"task": "2", "element": "survey", "name": "现场勘查", "candidateGroups": ["营销部"]}


def test_an_event_names_neither_person_nor_customer(database: Database, now: datetime) -> None:
    report(database, now, batch(case_record()))

    assert FIELDS.customer not in str(numbered(database))
    assert FIELDS.address not in str(numbered(database))


def test_a_called_process_is_told_as_such(database: Database, now: datetime) -> None:
    report(database, now, batch(case_record(), record(2, "completed", "0", type="process"), workflow_id="main"))
    child = batch(case_record(fields=CHILD), record(2, "terminated", "0", type="process"), workflow_id="child")
    report(database, now, child)

    kinds = [(event.workflow_id, event.kind) for event in numbered(database)]

    assert kinds[2:] == [("child", "process.opened"), ("child", "process.closed")]


def test_a_level_is_told_with_its_colour(database: Database, now: datetime) -> None:
    raised = record(2, "escalated", "", {"clock": "reply", "name": "答复", "level": "L2", "officer": "wang"})

    assert told(database, now, raised) == {
        "kind": "level.raised",
        "seq": 2,
        "clock": "reply",
        "name": "答复",
        "level": "L2",
        "colour": "红",
    }


def test_an_escalation_of_the_diagram_and_a_level_taken_back_are_not_told(database: Database, now: datetime) -> None:
    drawn = record(2, "escalated", "7", {"code": "late"})
    back = record(3, "escalated", "", {"clock": "reply", "level": "L1", "takenBack": True})

    assert told(database, now, drawn, back)["kind"] == "case.opened"


def test_only_a_due_date_that_moves_is_told_of_a_clock(database: Database, now: datetime) -> None:
    started = record(2, "clock", "", {"kind": "起算", "clock": "reply", "due": "2026-12-01T00:00:00+08:00"})
    moved = record(3, "clock", "", {"kind": "调整", "clock": "reply", "due": "2026-12-02T00:00:00+08:00"})

    assert told(database, now, started)["kind"] == "case.opened"
    report(database, now, batch(moved))
    assert numbered(database)[-1].data == {"clock": "reply", "due": "2026-12-02T00:00:00+08:00"}


def test_an_answered_order_is_told_with_what_was_promised_not_with_its_words(database: Database, now: datetime) -> None:
    answer = {"cause": "客户", "promised": "2026-12-01T00:00:00+08:00", "by": "wang", "text": "客户电话13900139000"}
    answered = record(2, "answered", "", {"clock": "reply", "number": "督〔2026〕1号", "by": "wang", "answer": answer})

    assert told(database, now, answered) == {
        "kind": "order.answered",
        "seq": 2,
        "clock": "reply",
        "number": "督〔2026〕1号",
        "by": "wang",
        "cause": "客户",
        "promised": "2026-12-01T00:00:00+08:00",
    }


def test_a_batch_that_comes_again_is_told_once(database: Database, now: datetime) -> None:
    report(database, now, batch(case_record(), opened(2, "2")), batch(case_record(), opened(2, "2"), opened(3, "3")))

    assert [event.seq for event in numbered(database)] == [1, 2, 3]


def test_rebuilding_the_read_model_tells_nothing(database: Database, now: datetime) -> None:
    report(database, now, batch(case_record(), opened(2, "2")))
    before = numbered(database)

    with database.transaction() as session:
        rebuild(session)
        rebuild(session, "case-1")

    assert numbered(database) == before


def test_a_reset_is_told_from_which_record_on_and_what_had_been_told_stays(database: Database, now: datetime) -> None:
    report(database, now, batch(case_record(), opened(2, "2"), opened(3, "3")), batch(opened(2, "9"), epoch="run-2"))

    told = [(event.kind, event.epoch, event.seq, event.data.get("from")) for event in numbered(database)]

    assert told == [
        ("case.opened", "", 1, None),
        ("task.opened", "", 2, None),
        ("task.opened", "", 3, None),
        ("case.reset", "run-2", 2, 2),
        ("task.opened", "run-2", 2, None),
    ]


def test_what_a_reset_took_back_before_it_came_is_not_told(database: Database, now: datetime) -> None:
    report(database, now, batch(case_record()), batch(opened(3, "9"), epoch="run-2"))
    report(database, now, batch(opened(2, "2"), opened(3, "3"), opened(4, "4")))

    told = [(event.kind, event.epoch, event.seq) for event in numbered(database)]

    assert told[-1] == ("task.opened", "", 2)
    assert [kind for kind, *_ in told].count("case.reset") == 1


def test_a_transaction_that_fails_leaves_no_gap(database: Database, now: datetime) -> None:
    class Lost(Exception):
        pass

    try:
        with database.transaction() as session:
            record_batch(session, batch(case_record()), now)
            raise Lost
    except Lost:
        report(database, now, batch(case_record(), workflow_id="case-2"))

    assert [(event.position, event.workflow_id) for event in numbered(database)] == [(1, "case-2")]


def test_what_is_committed_late_comes_after_what_readers_have_seen(database: Database, backend: str) -> None:
    """Only PostgreSQL has writers at the same time; on SQLite the second begins after the first."""
    now = datetime.fromisoformat("2026-11-23T10:00:00+08:00")
    if backend == "sqlite":
        report(database, now, batch(case_record(), workflow_id="quick"))
        seen = numbered(database)
        report(database, now, batch(case_record(), workflow_id="slow"))
    else:
        with database.transaction() as slow:
            record_batch(slow, batch(case_record(), workflow_id="slow"), now)
            report(database, now, batch(case_record(), workflow_id="quick"))
            seen = numbered(database)

    assert [(event.position, event.workflow_id) for event in seen] == [(1, "quick")]
    assert [(event.position, event.workflow_id) for event in numbered(database, after=1)] == [(2, "slow")]


def test_numbering_takes_a_portion_at_a_time_and_says_when_nothing_is_left(database: Database, now: datetime) -> None:
    report(database, now, batch(case_record(), *(opened(seq, str(seq)) for seq in range(2, 8))))
    with database.session() as session:
        assert has_unnumbered(session)

    counts = []
    for _ in range(4):
        with database.transaction() as session:
            counts.append(number_events(session, limit=3))

    assert counts == [3, 3, 1, 0]
    with database.session() as session:
        assert not has_unnumbered(session)
        assert [event.seq for event in feed_after(session, 0)] == list(range(1, 8))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 12), max_size=6))
def test_a_reader_who_goes_on_from_the_last_position_finds_each_event_once(database: Database, cuts: list[int]) -> None:
    with database.session() as session:
        start = feed_bounds(session).last
    now = datetime.fromisoformat("2026-11-23T10:00:00+08:00")
    workflow = f"case-{start}"
    report(database, now, batch(case_record(), *(opened(seq, str(seq)) for seq in range(2, 13)), workflow_id=workflow))
    numbered(database)

    found: list[FeedEvent] = []
    with database.session() as session:
        for size in [*cuts, 100]:
            found += feed_after(session, found[-1].position if found else start, limit=size)

    assert [event.position for event in found] == list(range(start + 1, start + 13))


def test_old_events_are_deleted_from_the_front_and_the_numbers_go_on(database: Database, now: datetime) -> None:
    report(database, now - timedelta(days=40), batch(case_record(), opened(2, "2")))
    numbered(database)

    with database.transaction() as session:
        assert prune_feed(session, now - timedelta(days=30)) == 1
    report(database, now, batch(opened(3, "3")))

    assert [event.position for event in numbered(database)] == [2, 3]
    with database.session() as session:
        assert feed_bounds(session) == Bounds(2, 3)


def test_young_events_stay(database: Database, now: datetime) -> None:
    report(database, now, batch(case_record(), opened(2, "2")))
    numbered(database)

    with database.transaction() as session:
        assert prune_feed(session, now - timedelta(days=30)) == 0

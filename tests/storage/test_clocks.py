"""The clocks of cases in the read model: what each record does to them, and what is asked of many of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.records import Record
from storage.clocks import CaseClock, bulletin_entries, case_clocks, open_orders
from storage.database import Database
from storage.journal import rebuild, record_batch
from tests.storage.journals import CASE_NO, FIELDS, START, at, batch, case_record, read_model, record


def change(seq: int, kind: str, clock: str = "survey:5", **data: Any) -> Record:
    """A change of a clock of 营销部, `seq` minutes after the start."""
    told = {"clock": clock, "kind": kind, "name": "现场勘查", "at": at(seq), "due": at(600), "department": "marketing"}
    return record(seq, "clock", data={**told, **data})


def raised(seq: int, level: str, clock: str = "survey:5", **data: Any) -> Record:
    told = {"clock": clock, "level": level, "at": at(seq), "repeat": 0, "officer": ""}
    return record(seq, "escalated", data={**told, **data})


def clock_of(database: Database, *records: Record) -> CaseClock:
    """The clock of a case after these records."""
    with database.transaction() as session:
        record_batch(session, batch(case_record(), *records), START)
    with database.session() as session:
        (clock,) = case_clocks(session, CASE_NO)
    return clock


def minute(number: int) -> datetime:
    return (START + timedelta(minutes=number)).astimezone(UTC)


def test_a_clock_that_starts_runs_until_it_is_due_in_its_department_and_county(database: Database) -> None:
    clock = clock_of(database, change(2, "起算"))

    assert (clock.state, clock.started_at, clock.due_at) == ("running", minute(2), minute(600))
    assert (clock.department, clock.county, clock.level) == ("marketing", FIELDS.county, -1)


@pytest.mark.parametrize(("kind", "state"), [("截止", "stopped"), ("取消", "dropped"), ("移交", "passed on")])
def test_a_clock_ends_as_the_journal_says(database: Database, kind: str, state: str) -> None:
    clock = clock_of(database, change(2, "起算"), change(3, kind, officer="wang"))

    assert (clock.state, clock.ended_at, clock.officer) == (state, minute(3), "wang")
    assert clock.handed_on is (state == "passed on")


def test_a_clock_that_is_reopened_runs_again(database: Database) -> None:
    clock = clock_of(database, change(2, "起算"), change(3, "截止"), change(4, "恢复"))

    assert (clock.state, clock.ended_at) == ("running", None)


def test_a_moved_clock_is_due_when_it_was_moved_to(database: Database) -> None:
    clock = clock_of(database, change(2, "起算"), change(3, "调整", due=at(900), provisional=True))

    assert (clock.due_at, clock.provisional) == (minute(900), True)


def test_a_clock_shows_the_highest_level_and_when_it_turned_yellow_and_red(database: Database) -> None:
    clock = clock_of(database, change(2, "起算"), *(raised(3 + n, f"L{n}", officer="li") for n in range(3)))

    assert (clock.level, clock.warned_at, clock.passed_at, clock.officer) == (2, minute(4), minute(5), "li")
    assert not clock.backdated


def test_a_level_that_was_taken_back_is_marked(database: Database) -> None:
    clock = clock_of(database, change(2, "起算"), raised(3, "L2"), raised(4, "L2", takenBack=True))

    assert clock.backdated


def test_a_clock_that_a_called_case_goes_on_with_keeps_what_had_been_raised(database: Database) -> None:
    before = {"clock": "survey:5", "levels": {"L0": at(0), "L1": at(1)}, "order": "督1", "ordered": at(1)}
    clock = clock_of(database, change(2, "起算"), record(3, "took over", data=before))

    assert (clock.level, clock.warned_at, clock.order_no, clock.order_at) == (1, minute(1), "督1", minute(1))


ANSWER = {"cause": "grid", "promised": at(2000), "by": "wang", "text": "间隔不足"}


def test_an_order_that_was_answered_before_its_clock_was_handed_on_waits_for_nothing(database: Database) -> None:
    levels = {"L1": at(1), "L2": at(2)}
    before = {
        "clock": "survey:5",
        "levels": levels,
        "order": "督1",
        "ordered": at(2),
        "answer": {**ANSWER, "at": at(3)},
    }
    clock = clock_of(database, change(2, "起算"), record(3, "took over", data=before))
    with database.session() as session:
        waiting = open_orders(session)

    assert not waiting
    assert (clock.order_no, clock.cause, clock.answered_at, clock.answered_by) == ("督1", "grid", minute(3), "wang")


def test_an_order_waits_until_it_is_answered(database: Database) -> None:
    first = batch(case_record(), change(2, "起算"), record(3, "ordered", data={"clock": "survey:5", "number": "督1"}))
    with database.transaction() as session:
        record_batch(session, first, START)
        waiting = [clock.order_no for clock in open_orders(session)]
        answered = record(4, "answered", data={"clock": "survey:5", "answer": ANSWER})
        record_batch(session, batch(answered), START)
        left = open_orders(session)
        (clock,) = case_clocks(session, CASE_NO)

    assert (waiting, left) == (["督1"], [])
    assert (clock.cause, clock.promised_at, clock.answered_by, clock.answer) == (
        "grid",
        minute(2000),
        "wang",
        "间隔不足",
    )


def test_the_red_list_of_a_week_holds_what_came_onto_it_then(database: Database) -> None:
    entry = {"clock": "survey:5", "raised": at(60), "overdue_days": 7}
    clock_of(database, change(2, "起算"), record(3, "bulletin", data=entry))

    with database.session() as session:
        (listed,) = bulletin_entries(session, minute(60), minute(61))
        assert listed.overdue_days == 7
        assert bulletin_entries(session, minute(61), minute(90)) == []


def test_what_speaks_of_a_clock_that_never_started_changes_nothing(database: Database) -> None:
    with database.transaction() as session:
        record_batch(session, batch(case_record(), raised(2, "L1")), START)
        assert case_clocks(session, CASE_NO) == []


def test_the_clocks_are_rebuilt_from_the_journal_alone(database: Database) -> None:
    clock_of(database, change(2, "起算"), raised(3, "L1"), raised(4, "L2"), change(5, "截止"))
    with database.transaction() as session:
        before = read_model(session)
        rebuild(session)

        assert read_model(session) == before


class Office:
    """Cases of one county whose steps are on time or late, one after another."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._minute = 0
        self._cases = 0

    def step(self, colour: str, officer: str = "", department: str = "marketing", county: str = "桥西区") -> bool:
        """A step that ends in this colour; whether it was told as somebody's third yellow in a row."""
        self._cases += 1
        self._minute += 10
        case, start = f"case-{self._cases}", self._minute
        ending = raised(3, "L1", at=at(start), officer=officer)
        if colour == "蓝":
            ending = change(3, "截止", at=at(start), officer=officer)
        fields = replace(FIELDS, case_no=case, county=county)
        begun = change(2, "起算", department=department)
        return self._recorded(case, [case_record(fields=fields), begun, ending])

    def _recorded(self, case: str, records: Iterable[Record]) -> bool:
        given = batch(*records, workflow_id=case, case_no=case)
        with self._database.transaction() as session:
            reply = record_batch(session, given, START)
        with self._database.transaction() as session:
            assert record_batch(session, given, START).third_yellows == reply.third_yellows
        return reply.third_yellows == ["survey:5"]


@pytest.mark.parametrize(
    ("colours", "told"),
    [
        ("黄黄黄", [False, False, True]),
        ("黄黄蓝黄", [False, False, False, False]),
        ("蓝黄黄黄黄", [False, False, False, True, True]),
    ],
)
def test_a_department_is_told_of_its_third_yellow_in_a_row(database: Database, colours: str, told: list[bool]) -> None:
    office = Office(database)

    assert [office.step(colour) for colour in colours] == told


def test_an_officer_s_third_yellow_in_a_row_counts_wherever_it_falls(database: Database) -> None:
    office = Office(database)
    steps = [("黄", "li", "marketing"), ("黄", "li", "planning"), ("黄", "li", "operations")]

    assert [office.step(*step) for step in steps] == [False, False, True]


def test_yellows_of_other_departments_and_counties_do_not_count(database: Database) -> None:
    office = Office(database)
    places = [("marketing", "桥西区"), ("planning", "桥西区"), ("marketing", "桥东区"), ("marketing", "桥西区")]

    assert not any(office.step("黄", department=department, county=county) for department, county in places)


def test_a_clock_that_was_handed_on_counts_for_the_case_that_has_it(database: Database) -> None:
    office = Office(database)
    office.step("黄")
    with database.transaction() as session:
        records = [case_record(), change(2, "起算"), raised(3, "L1", at=at(15)), change(4, "移交")]
        record_batch(session, batch(*records, workflow_id="parent"), START)

    assert not office.step("黄")

"""A clock that a called case goes on with: from its start, as it was moved, and what its caller hears of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from domain.clock import ChangeKind, Clock, Outcome
from domain.due import Move
from tests.domain.clock_cases import (
    WORKS,
    at,
    clocks,
    due_of,
    passed_on,
    record,
    running,
)


class TestPassedOn:
    def test_a_called_case_counts_from_the_start_in_its_caller(self) -> None:
        child = clocks(WORKS)

        child.started_elsewhere(Clock("works", "works", at("2026-03-02T10:00"), at("2026-03-06T11:00")))
        again = child.started_elsewhere(Clock("works", "works", at("2026-03-02T10:00"), at("2026-03-07T11:00")))

        assert again == []
        assert due_of(child, "works").instant == at("2026-04-15T00:00")

    def test_a_clock_that_was_moved_goes_on_as_it_was_moved_in_the_called_case(self) -> None:
        parent, child = clocks(WORKS), clocks(WORKS)
        parent.feed(record("reply", "2026-03-02T10:00"))
        parent.move("works", at("2026-05-06T17:00"), "head", "间隔改造", at("2026-03-03T10:00"))
        passed, _ = parent.pass_on("works", at("2026-03-04T10:00"))
        assert passed

        child.started_elsewhere(passed)

        assert due_of(child, "works").instant == at("2026-05-06T17:00")

    def test_a_caller_hears_of_the_end_and_of_the_reopening_in_the_called_case(self) -> None:
        parent, passed = passed_on()
        ended = replace(passed, ended=at("2026-04-01T10:00"), outcome=Outcome.STOPPED)

        (stopped,) = parent.told_elsewhere(ended, at("2026-04-02T10:00"))
        assert (stopped.kind, stopped.at) == (ChangeKind.STOPPED, at("2026-04-01T10:00").isoformat())
        assert (parent["works"].outcome, parent["works"].ended) == (Outcome.STOPPED, at("2026-04-01T10:00"))
        assert parent.told_elsewhere(ended, at("2026-04-03T10:00")) == []

        (reopened,) = parent.told_elsewhere(passed, at("2026-04-04T10:00"))
        assert reopened.kind is ChangeKind.REOPENED
        assert parent["works"].outcome is Outcome.PASSED_ON

    def test_a_caller_hears_of_a_due_date_that_was_moved_in_the_called_case(self) -> None:
        parent, passed = passed_on()
        move = Move(at("2026-05-06T17:00"), "head", "间隔改造", at("2026-03-05T10:00"))

        (moved,) = parent.told_elsewhere(replace(passed, moves=(move,)), at("2026-03-05T10:00"))

        assert (moved.kind, moved.reason) == (ChangeKind.MOVED, "间隔改造")
        due = parent.due(parent["works"])
        assert due
        assert due.instant == move.due

    def test_what_a_called_case_tells_of_another_start_concerns_no_clock(self) -> None:
        parent, passed = passed_on()
        other = replace(passed, started=at("2026-03-01T10:00"), ended=at("2026-04-01T10:00"), outcome=Outcome.STOPPED)

        assert parent.told_elsewhere(other, at("2026-04-02T10:00")) == []

    def test_a_clock_is_passed_on_again_unless_a_called_case_has_brought_it_to_its_end(self) -> None:
        parent, passed = passed_on()
        assert parent.pass_on("works", at("2026-03-05T10:00"))[0] == parent["works"]

        parent.told_elsewhere(
            replace(passed, ended=at("2026-03-06T10:00"), outcome=Outcome.DROPPED), at("2026-03-06T10:00")
        )
        clock, changes = parent.pass_on("works", at("2026-03-07T10:00"))
        assert clock
        assert [change.kind for change in changes] == [ChangeKind.PASSED_ON]

        parent.told_elsewhere(
            replace(passed, ended=at("2026-03-08T10:00"), outcome=Outcome.STOPPED), at("2026-03-08T10:00")
        )
        assert parent.pass_on("works", at("2026-03-09T10:00")) == (None, [])

    def test_a_clock_runs_here_again_where_the_called_case_is_lost_whatever_that_had_done(self) -> None:
        parent, passed = passed_on()
        done_there = replace(passed, ended=at("2026-03-08T10:00"), outcome=Outcome.STOPPED)
        parent.told_elsewhere(done_there, at("2026-03-08T10:00"))

        (change,) = parent.take_back("works", at("2026-03-09T10:00"))

        assert (change.kind, running(parent, "works").started) == (ChangeKind.REOPENED, passed.started)
        assert parent.take_back("works", at("2026-03-09T10:00")) == []
        assert parent.pass_on("works", at("2026-03-10T10:00"))[0]


STEPS = st.lists(
    st.tuples(st.sampled_from(["complete_works", "rectify_works", "move", "tell"]), st.integers(0, 20)), max_size=12
)


@given(STEPS)
def test_a_caller_always_knows_what_it_was_last_told_and_hears_each_change_once(steps: list[tuple[str, int]]) -> None:
    plain = replace(WORKS, milestones=())
    parent, child = clocks(plain), clocks(plain)
    parent.feed(record("reply", "2026-03-02T10:00"))
    passed, _ = parent.pass_on("works", at("2026-03-04T10:00"))
    assert passed
    child.started_elsewhere(passed)
    now = at("2026-03-05T09:00")
    for number, (step, back) in enumerate([*steps, ("tell", 0)]):
        now += dt.timedelta(hours=1)
        if step == "move" and child["works"].running:
            child.move("works", now + dt.timedelta(days=30 + back), "head", str(number), now)
        elif step in ("complete_works", "rectify_works"):
            event = "activated" if step == "rectify_works" else "completed"
            happened = f"{now - dt.timedelta(minutes=back):%Y-%m-%dT%H:%M}"
            child.feed(record(step, f"{now:%Y-%m-%dT%H:%M}", event, happened=happened))
        elif step == "tell":
            parent.told_elsewhere(child["works"], now)
            assert parent.told_elsewhere(child["works"], now) == []

    own, there = parent["works"], child["works"]
    assert own.handed_on
    assert own.moves == there.moves
    assert (own.outcome is Outcome.PASSED_ON) == there.running
    assert there.running or (own.ended, own.outcome) == (there.ended, there.outcome)

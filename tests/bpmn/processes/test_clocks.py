"""The clocks of the diagrams begin and end by what the rules say."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bpmn.definition import Definition
from domain.calendar import WorkingCalendar
from domain.chinese import BUSINESS_ZONE, months_later
from domain.clock import Facts, Outcome
from domain.clocks import Clocks
from domain.due import Due
from domain.limits import LimitTable
from domain.records import Record
from tests.bpmn.processes.play import Play, played, written
from workflows.watch import clock_rules

DEDICATED_10KV = Facts("10", 1, True, "2026-03-02")


class Timed:
    """The clocks of one diagram, told of its elements one after another."""

    def __init__(self, definition: Definition, process: str, facts: Facts = DEDICATED_10KV) -> None:
        rules = clock_rules(definition.processes[process])
        self.clocks = Clocks(rules, LimitTable.shipped(), WorkingCalendar.shipped(), facts)
        self._seq = 0

    def tell(self, element: str, when: str, event: str = "completed") -> None:
        self._seq += 1
        at = datetime.fromisoformat(f"{when}+08:00").isoformat()
        self.clocks.feed(Record(self._seq, at, event, element, "", element, key=str(self._seq)))

    def follow(self, play: Play, process: str) -> None:
        """Be told what a play has recorded of a process since the last time."""
        told = [record for of, record in play.journal if of == process][self._seq :]
        for one in told:
            self._seq += 1
            self.clocks.feed(Record(self._seq, one.at.isoformat(), one.event, one.element, "", "", key=str(one.key)))

    def due(self, rule: str) -> Due | None:
        """When the newest clock of a rule is due; None where none runs."""
        clock = self.clocks.latest(rule)
        return self.clocks.due(clock) if clock and clock.running else None

    def due_on(self, rule: str) -> date | None:
        due = self.due(rule)
        return due.date if due else None


def test_power_is_on_a_week_after_the_first_application_however_often_it_is_made_again(definition: Definition) -> None:
    # domain.md §1.1 no. 9: the week begins with marketing's application. One that was sent back or taken back and made
    # again is marketing's or dispatch's own delay, so it gives no new week.
    timed = Timed(definition, "energization")
    timed.tell("apply_outage", "2026-03-02T15:00")
    timed.tell("outage_taken_back", "2026-03-03T09:00")
    timed.tell("apply_outage", "2026-03-03T10:00")
    timed.tell("approve_outage", "2026-03-04T10:00")
    timed.tell("apply_outage", "2026-03-04T15:00")

    assert timed.due_on("energization") == date(2026, 3, 9)
    timed.tell("record_energization", "2026-03-09T11:00")
    assert timed.due("energization") is None


def test_the_paper_the_task_and_the_clock_give_the_contract_the_same_last_day(definition: Definition) -> None:
    # The approval states the days in its text, so that they stand in the diagram; the officers' table has them too.
    play = played(definition, "ordinary_customer", until="start_works")
    project = next(one for one in play.running if one.process == "grid_project_10kv")
    (task,) = [task for task in project.tasks.values() if task.element == "sign_construction_contract"]
    timed = Timed(definition, "grid_project_10kv")
    timed.tell("start_works", f"{play.now:%Y-%m-%dT%H:%M}")
    last_day = timed.due_on("late_contract")

    (approval,) = written(play, "early_start_approval")
    assert play.now.date() + timedelta(days=approval.contract_due_days) == last_day
    assert datetime.fromisoformat(task.due_date).date() == last_day
    assert [due.date() for due in project.timers.values()] == [last_day]


def test_a_reply_to_an_objection_has_the_whole_limit_from_the_objection(definition: Definition) -> None:
    # domain.md §1.2: where the plan changes for the grid's reasons it is determined and replied to anew in writing, so
    # the company owes that reply in the time of a reply; a customer who wants something else withdraws and applies
    # again, which is a new case with a clock of its own. An objection leaves the application as it is: it asks for a
    # new reply, and the time the customer took to object is not the company's.
    timed = Timed(definition, "hv_connection")
    timed.tell("accept_application", "2026-03-02T10:00")
    timed.tell("reply_plan", "2026-03-13T10:00")
    assert timed.due("supply_plan_reply") is None
    timed.tell("sign_plan", "2026-03-16T10:00")
    assert timed.due("supply_plan_reply") is None

    timed.tell("void_reply", "2026-03-16T10:00", "activated")
    timed.tell("void_reply", "2026-03-16T10:00")
    assert timed.due_on("supply_plan_reply") == date(2026, 3, 30)
    timed.tell("reply_plan", "2026-03-20T10:00")
    assert timed.due("supply_plan_reply") is None


ASKED = {"extensionAppliedOn": "2026-03-16", "extensionHandler": "李昊"}
GRANTED, REFUSED = (
    {"extensionDecision": "granted"},
    {"extensionDecision": "refused", "extensionOpinion": "容量另行安排"},
)


def test_an_extension_asked_for_before_the_plan_expires_is_handled_while_the_works_go_on(
    definition: Definition,
) -> None:
    play, timed = played(definition, "plan_renewed_then_lapsed", until="sign_plan"), Timed(definition, "hv_connection")
    timed.follow(play, "hv_connection")
    assert timed.due("plan_validity.extension")
    play.send("plan_extension_requested", "YK-2026-0004", {})
    timed.follow(play, "hv_connection")

    assert {"build_customer_works", "extend_plan"} <= set(play.open_tasks())
    assert play.candidates("extend_plan") == ("marketing",)
    asked = timed.clocks.latest("plan_validity.extension")
    assert asked
    assert asked.outcome is Outcome.STOPPED


def test_a_plan_that_is_extended_is_valid_for_another_term_by_timer_and_clock(definition: Definition) -> None:
    play, timed = played(definition, "plan_renewed_then_lapsed", until="sign_plan"), Timed(definition, "hv_connection")
    play.reach("2026-12-01T10:00+08:00")
    play.send("plan_extension_requested", "YK-2026-0004", {})
    play.complete("extend_plan", ASKED | GRANTED)
    timed.follow(play, "hv_connection")

    assert play.open_tasks().count("build_customer_works") == 1
    assert timer_days(play) == [date(2027, 12, 1)]
    assert timed.due_on("plan_validity") == date(2027, 12, 1)


def test_a_plan_that_is_not_extended_expires_when_it_would_have(definition: Definition) -> None:
    play, timed = played(definition, "plan_renewed_then_lapsed", until="sign_plan"), Timed(definition, "hv_connection")
    play.send("plan_extension_requested", "YK-2026-0004", {})
    play.complete("extend_plan", ASKED | REFUSED)
    timed.follow(play, "hv_connection")

    assert "build_customer_works" in play.open_tasks()
    assert timer_days(play) == [date(2027, 3, 13)]
    assert timed.due_on("plan_validity") == date(2027, 3, 13)


def test_a_plan_renewed_after_it_expired_is_valid_for_another_term_by_timer_and_clock(definition: Definition) -> None:
    play, timed = played(definition, "plan_renewed_then_lapsed", until="renew_plan"), Timed(definition, "hv_connection")
    timed.follow(play, "hv_connection")

    (last_day,) = timer_days(play)
    assert timed.due_on("plan_validity") == last_day == months_later(play.now.date(), 12)


def timer_days(play: Play) -> list[date]:
    """The days of the timers that the connection process waits for."""
    return [due.astimezone(BUSINESS_ZONE).date() for due in play.case.timers.values()]

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.clock import ChangeKind
from domain.records import JournalBatch, Record
from storage.base import instant
from storage.clock_projection import CLOCK_EVENTS
from storage.database import Database
from storage.journal import rebuild, record_batch
from storage.journal_rows import workflow_journal
from storage.projection import HANDLERS, View, project
from tests.storage.journals import (
    CASE_NO,
    at,
    batch,
    case_record,
    opened,
    read_model,
    record,
    subscribed,
    unsubscribed,
)

KEYS = st.sampled_from(["1", "2", "3"])
PEOPLE = st.sampled_from(["wang", "li", ""])
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def seen(*records: Record) -> View:
    view = View("case-1", CASE_NO)
    project(view, records)
    return view


def test_a_case_record_opens_the_case_with_its_fields() -> None:
    case = seen(case_record()).case

    assert case is not None
    assert (case.case_no, case.process, case.version, case.title) == (CASE_NO, "hv_connection", 3, "10kV专线")
    assert (case.case_type, case.voltage_kv, case.county) == ("新装", "10", "桥西区")
    assert (case.customer, case.address, case.parent_workflow_id) == ("某某制造", "桥西区一号路", "")
    assert (case.state, case.stage, case.opened_at, case.closed_at) == ("running", "", instant(at(1)), None)


def test_a_later_case_record_changes_the_fields_and_nothing_else() -> None:
    case = seen(case_record(), record(2, "stage", data={"stage": "会商"}), case_record(3)).case

    assert case is not None
    assert (case.stage, case.opened_at, case.updated_at) == ("会商", instant(at(1)), instant(at(3)))


def test_the_end_of_the_process_closes_the_case() -> None:
    for event, state in (("completed", "completed"), ("terminated", "terminated")):
        case = seen(case_record(), record(2, event, "0", type="process")).case
        assert case is not None
        assert (case.state, case.closed_at) == (state, instant(at(2)))


def test_the_end_of_an_embedded_scope_leaves_the_case_running() -> None:
    case = seen(case_record(), record(2, "completed", "4", type="subProcess"), record(3, "completed", "5")).case

    assert case is not None
    assert case.state == "running"


def test_an_opened_task_has_what_the_diagram_says() -> None:
    task = seen(
        opened(
            2,
            "5",
            assignee=None,
            candidateGroups="营销部, 发展部,营销部",
            candidateUsers=["wang"],
            dueDate="2026-11-30",
            priority=80,
        )
    ).tasks["5"]

    assert (task.task, task.form, task.assignee, task.priority, task.state) == ("T5", "survey", "", 80, "open")
    assert (task.candidate_groups, task.candidate_users) == (["营销部", "发展部"], ["wang"])
    assert (task.due_date, task.due_at) == ("2026-11-30", datetime(2026, 11, 30, 16, tzinfo=UTC))
    assert (task.element, task.name) == ("survey", "现场勘查")


def test_a_claimed_task_has_an_assignee_until_it_is_released() -> None:
    records = [opened(2, "5"), record(3, "claimed", "5", {"by": "wang", "channel": "console"})]
    claimed = seen(*records).tasks["5"]
    released = seen(*records, record(4, "released", "5", {"by": "wang"})).tasks["5"]

    assert (claimed.assignee, claimed.claimed_at) == ("wang", instant(at(3)))
    assert (released.assignee, released.claimed_at) == ("", None)


def test_a_released_task_is_again_its_whom_the_diagram_gives_it() -> None:
    records = [
        opened(2, "5", assignee="li"),
        record(3, "transferred", "5", {"by": "li", "to": "wang"}),
        record(4, "released", "5", {"by": "wang", "assignee": "li"}),
    ]

    assert seen(*records).tasks["5"].assignee == "li"


def test_a_task_that_is_handed_over_is_held_by_whom_it_went_to_until_it_is_released() -> None:
    records = [
        opened(2, "5"),
        record(3, "claimed", "5", {"by": "wang"}),
        record(4, "transferred", "5", {"by": "wang", "to": "li", "reason": "出差"}),
    ]
    transferred = seen(*records).tasks["5"]
    released = seen(*records, record(5, "released", "5", {"by": "li"})).tasks["5"]

    assert (transferred.assignee, transferred.claimed_at) == ("li", instant(at(4)))
    assert (released.assignee, released.claimed_at) == ("", None)


def test_a_task_that_is_changed_has_what_it_was_changed_to() -> None:
    changes = {"dueDate": "2026-03-09T17:00:00+08:00", "followUpDate": "2026-03-05", "priority": 80}
    groups = {"candidateGroups": ["sales"], "candidateUsers": ["li"]}
    records = [
        opened(2, "5"),
        record(3, "updated", "5", {"by": "wang", "changes": changes}),
        record(4, "assigned", "5", {"by": "wang", "changes": {"assignee": "li", **groups}}),
    ]

    task = seen(*records).tasks["5"]
    assert (task.due_date, task.follow_up_date, task.priority) == tuple(changes.values())
    assert task.due_at == instant("2026-03-09T17:00:00+08:00")
    assert (list(task.candidate_groups), list(task.candidate_users)) == (["sales"], ["li"])


def test_a_copied_task_is_a_line_for_each_account_once() -> None:
    copied = record(3, "copied", "5", {"by": "wang", "to": ["li", "zhao", "li"], "text": "请知悉"})
    copies = seen(opened(2, "5"), copied).copies

    assert [(one.recipient, one.sent_by, one.text, one.at) for one in copies] == [
        ("li", "wang", "请知悉", instant(at(3))),
        ("zhao", "wang", "请知悉", instant(at(3))),
    ]


def test_a_skipped_incident_was_closed_by_whoever_skipped_it() -> None:
    stopped, skipped = record(2, "incident", "5", {"kind": "job"}), record(3, "skipped", "5", {"by": "li"})
    incident = seen(stopped, skipped, record(3, "resolved", "5")).incidents[2]

    assert (incident.closed_at, incident.closed_by) == (instant(at(3)), "li")


def test_a_closed_task_says_how_and_by_whom_and_changes_no_more() -> None:
    for outcome in ("completed", "cancelled"):
        closed = record(3, "closed", "5", {"by": "wang", "outcome": outcome})
        task = seen(opened(2, "5"), closed, record(4, "claimed", "5", {"by": "li"})).tasks["5"]
        assert (task.state, task.closed_by, task.closed_at, task.assignee) == (outcome, "wang", instant(at(3)), "")


def test_an_incident_is_open_until_it_is_resolved() -> None:
    stopped = record(2, "incident", "5", {"kind": "job", "message": "缺少字段 电压等级"})
    waiting = seen(stopped).incidents[2]
    resolved = seen(stopped, record(3, "resolved", "5", {"by": "li"})).incidents[2]

    assert (waiting.kind, waiting.message, waiting.closed_at) == ("job", "缺少字段 电压等级", None)
    assert (resolved.closed_at, resolved.closed_by) == (instant(at(3)), "li")


def test_an_incident_goes_with_the_element_it_stopped() -> None:
    stopped = record(2, "incident", "5", {"kind": "job", "message": "…"})

    assert seen(stopped, record(3, "terminated", "5")).incidents[2].closed_at == instant(at(3))
    assert seen(stopped, record(3, "terminated", "6")).incidents[2].closed_at is None


def test_a_second_incident_of_one_element_is_an_incident_of_its_own() -> None:
    stopped, resolved = record(2, "incident", "5", {"kind": "job"}), record(3, "resolved", "5")
    incidents = seen(stopped, resolved, record(4, "incident", "5", {"kind": "job"})).incidents

    assert [(seq, incident.closed_at is None) for seq, incident in incidents.items()] == [(2, False), (4, True)]


def test_a_subscription_lasts_until_it_is_given_up() -> None:
    waiting = seen(subscribed(2, "7")).subscriptions["7"]

    assert (waiting.message, waiting.correlation_key, waiting.opened_at) == ("withdrawal", CASE_NO, instant(at(2)))
    assert seen(subscribed(2, "7"), unsubscribed(3, "7")).subscriptions == {}


def test_acts_and_beginnings_change_nothing_but_the_time_of_the_case() -> None:
    quiet = [record(2, event, "5") for event in ("activated", "act", "refused")]
    view = seen(case_record(), *quiet)

    assert {each.event for each in quiet}.isdisjoint(HANDLERS)
    assert (view.tasks, view.incidents, view.subscriptions) == ({}, {}, {})


def limit_data() -> st.SearchStrategy[dict[str, Any]]:
    """What a record of limits may hold: sense, and what is none."""
    moments = st.sampled_from([at(5), at(50), "soon", "", None])
    return st.fixed_dictionaries(
        {"clock": KEYS},
        optional={
            "kind": st.sampled_from([kind.value for kind in ChangeKind]),
            "level": st.sampled_from(["L0", "L1", "L2", "L4", "L9", 3]),
            "levels": st.just({"L0": at(5), "L1": at(6)}) | st.just([]),
            "answer": st.just({"cause": "grid", "promised": at(50)}) | st.just("grid"),
            "overdue_days": st.integers(0, 9) | st.just("nine"),
            "takenBack": st.booleans(),
            **dict.fromkeys(("at", "due", "raised", "ordered"), moments),
            **dict.fromkeys(("number", "officer", "department"), PEOPLE),
        },
    )


@st.composite
def records(draw: st.DrawFn, seq: int) -> Record:
    """Any record that a journal may hold, also ones that make little sense where they stand."""
    event, key, by = draw(st.sampled_from([*HANDLERS, "activated", "act"])), draw(KEYS), draw(PEOPLE)
    if event == "case":
        return case_record(seq)
    if event == "opened":
        groups = draw(st.lists(st.sampled_from(["营销部", "发展部", "运检部"])) | st.just("营销部,调控中心"))
        due = draw(st.sampled_from(["2026-11-30", "2026-11-30T09:00:00+08:00", "soon", None]))
        return opened(seq, key, candidateGroups=groups, candidateUsers=[by], dueDate=due)
    if event == "subscribed":
        return subscribed(seq, key, draw(st.sampled_from(["withdrawal", "plan"])), draw(st.text(max_size=3)))
    text = draw(st.text(st.characters(exclude_categories=()), max_size=5))
    if event in CLOCK_EVENTS:
        return record(seq, event, data=draw(limit_data()))
    to = draw(PEOPLE | st.lists(PEOPLE | st.text(st.characters(exclude_categories=()), max_size=3)))
    data = {
        "by": by,
        "to": to,
        "outcome": draw(st.sampled_from(["completed", "cancelled"])),
        "stage": text,
        "message": text,
    }
    kind = draw(st.sampled_from(["process", "userTask"]))
    return record(seq, event, key, data, type=kind, scope=draw(st.sampled_from(["", "0"])), name=text)


@dataclass
class History:
    """Batches as a workflow and its resets would send them, and the records that count in the end."""

    batches: list[JournalBatch] = field(default_factory=list)
    counting: list[Record] = field(default_factory=list)


@st.composite
def histories(draw: st.DrawFn) -> History:
    """A run, then runs that resets began, each reset at any earlier point; some batches come twice."""
    history = History()
    for epoch in ["", "run-2", "run-3"][: draw(st.integers(1, 3))]:
        history.counting = history.counting[: draw(st.integers(0, len(history.counting)))]
        for size in draw(st.lists(st.integers(1, 6), max_size=5)):
            first = len(history.counting) + 1
            new = [draw(records(seq)) for seq in range(first, first + size)]
            history.counting += new
            history.batches += [batch(*new, epoch=epoch)] * draw(st.integers(1, 2))
    return history


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories())
def test_the_read_model_kept_up_batch_by_batch_is_the_one_rebuilt_from_the_journal(
    database: Database, history: History
) -> None:
    workflow_id = uuid4().hex
    with database.transaction() as session:
        for each in history.batches:
            record_batch(session, JournalBatch(workflow_id, each.epoch, each.case_no, each.records), NOW)
        kept_up = read_model(session, [workflow_id])
        rebuild(session, workflow_id)
        rebuilt = read_model(session, [workflow_id])
        counting = [line.record for line in workflow_journal(session, workflow_id)]

    assert kept_up == rebuilt
    if history.batches:
        assert counting == _counting(history)


def _counting(history: History) -> list[Record]:
    """The records that count, by the plain reading of the rule: a new epoch cuts off what came before it."""
    lines: list[Record] = []
    epoch = history.batches[0].epoch
    for each in history.batches:
        if each.epoch != epoch:
            lines, epoch = [line for line in lines if line.seq < each.records[0].seq], each.epoch
        lines += [new for new in each.records if all(new.seq != line.seq for line in lines)]
    return lines

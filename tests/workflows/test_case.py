"""A case's bookkeeping, without Temporal: the keys it has handled, and what it hands to its next run."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from activities.starting import packed
from bpmn import codec
from bpmn.reader import read_all
from domain.acts import ActRefused, ActResult, CompleteTask
from domain.calendar import WorkingCalendar
from domain.records import CaseFields
from domain.start import Carried, CaseStart
from workflows import acts
from workflows.case import Case
from workflows.handled import KEPT

MODEL = Path(__file__).parent / "models" / "collecting.bpmn"
NOW = datetime(2026, 3, 9, 10, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture
def start() -> CaseStart:
    dump = read_all({MODEL.name: MODEL.read_text("utf-8")}).dump()
    items = list(range(KEPT + 5))
    return CaseStart(
        CaseFields("YK-1", "collecting", 1),
        json.dumps(dump),
        packed(dump)[1],
        WorkingCalendar.shipped().to_json(),
        {"items": items},
    )


def begun(start: CaseStart) -> Case:
    case = Case(dataclasses.replace(start, settings=dataclasses.replace(start.settings, open_bodies=2_000)), "")
    case.begin(NOW)
    while case.instance.pending:
        case.proceed(NOW)
    return case


def complete(case: Case, task: str, key: str) -> str:
    act = CompleteTask(task, "wang", key=key)
    acts.check(case, act, NOW)
    return acts.do(case, act, "update", NOW)[0].by


def continued(case: Case) -> Case:
    """The case in its next run, after the way through JSON."""
    carried = json.loads(json.dumps(codec.encode(case.carry([]))))
    return Case(dataclasses.replace(case.start, carried=codec.decode(Carried, carried)), "")


def test_the_last_thousand_keys_are_answered_and_earlier_ones_are_forgotten(start: CaseStart) -> None:
    case = begun(start)
    tasks = list(case.tasks)
    for number, task in enumerate(tasks):
        complete(case, task, f"key {number}")

    assert len(case.handled) == KEPT
    assert complete(case, tasks[-1], f"key {len(tasks) - 1}") == "wang"
    with pytest.raises(ActRefused):
        complete(case, tasks[0], "key 0")


def test_a_repeated_key_is_answered_with_the_first_result_by_the_next_run(start: CaseStart) -> None:
    case = begun(start)
    task = next(iter(case.tasks))
    acts.do(case, CompleteTask(task, "wang", key="k"), "update", NOW)
    case.outbox.clear()

    again, todo = acts.do(continued(case), CompleteTask(task, "zhao", key="k"), "signal", NOW)

    assert (again.by, again.at, todo) == ("wang", NOW.isoformat(), [])


def test_a_key_that_an_earlier_version_kept_is_answered_whatever_is_said_with_it(start: CaseStart) -> None:
    case = begun(start)
    task = next(iter(case.tasks))
    carried = case.carry([])
    old = ["CompleteTask:k", dataclasses.asdict(ActResult("CompleteTask", NOW.isoformat(), "wang"))]
    case = Case(dataclasses.replace(start, carried=dataclasses.replace(carried, handled=[old])), "")

    act = CompleteTask(task, "zhao", key="k")
    acts.check(case, act, NOW)

    assert acts.do(case, act, "update", NOW)[0].by == "wang"


def test_all_that_a_case_knows_goes_into_the_next_run(start: CaseStart) -> None:
    case = begun(start)
    case.claims["7"] = "wang"
    case.children["8"] = "case/1/other-8"
    case.asked["8"] = [3]
    case.lost["9"] = None
    case.stage, case.epoch, case.reported, case.journal_problem = "勘查", "run-1", True, "不一致"

    again = continued(case)

    kept = ("claims", "children", "asked", "lost", "stage", "epoch", "reported", "journal_problem", "tasks", "outbox")
    assert {name: getattr(again, name) for name in kept} == {name: getattr(case, name) for name in kept}
    assert again.instance.dump() == case.instance.dump()

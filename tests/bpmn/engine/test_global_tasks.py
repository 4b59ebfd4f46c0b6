"""Global tasks, called like processes (BPMN 2.0 §10.3.7)."""

from __future__ import annotations

from typing import Any

import pytest

from bpmn import ModelRefused, commands
from tests.bpmn.building import Shape, build, call, end, process, start, task, zeebe
from tests.bpmn.engine.driving import Drive

DECIDED = zeebe("taskDefinition", type="decide")

WAITING = {
    "globalUserTask": (zeebe("userTask"), zeebe("assignmentDefinition", assignee="li")),
    "globalBusinessRuleTask": (DECIDED,),
}
PASSING = {
    "globalTask": (),
    "globalManualTask": (),
    "globalScriptTask": (zeebe("script", expression="=x + 1", resultVariable="x"),),
}


def caller(task_id: str = "G") -> Shape:
    return process(start(), call("C", task_id), end(), flows=["start > C > end"])


@pytest.mark.parametrize("tag", WAITING)
def test_a_global_task_waits_for_its_work(tag: str) -> None:
    drive = Drive(build(caller(), task(tag, "G", *WAITING[tag])), process="G")
    assert drive.open == ["G.task"]

    drive.complete("G.task", done=True)

    assert (drive.outcome, drive.variables) == ("completed", {"done": True})


@pytest.mark.parametrize("tag", PASSING)
def test_a_global_task_that_waits_for_nobody_is_done_at_once(tag: str) -> None:
    drive = Drive(build(caller(), task(tag, "G", *PASSING[tag])), {"x": 1}, process="G")

    assert drive.outcome == "completed"
    assert drive.variables == {"x": 2 if tag == "globalScriptTask" else 1}


def test_a_call_activity_calls_it_and_takes_it_with_it() -> None:
    definition = build(caller(), task("globalUserTask", "G", zeebe("userTask")))

    assert list(definition.closure("p").processes) == ["p", "G"]
    drive = Drive(definition, process="p")
    assert [asked.process for asked in drive.asked(commands.StartCall)] == ["G"]


def test_a_call_activity_may_name_what_it_calls_as_bpmn_does() -> None:
    plain = task("callActivity", "C")
    plain.attributes["calledElement"] = "tns:G"
    definition = build(process(start(), plain, end(), flows=["start > C > end"]), task("globalTask", "G"))

    called: list[Any] = Drive(definition, process="p").asked(commands.StartCall)
    assert [one.process for one in called] == ["G"]


def test_a_file_may_hold_nothing_but_global_tasks() -> None:
    assert list(build(task("globalTask", "G")).processes) == ["G"]


def test_what_is_wrong_with_a_global_task_is_a_fault() -> None:
    with pytest.raises(ModelRefused, match="it has no FEEL expression"):
        build(caller(), task("globalScriptTask", "G"))

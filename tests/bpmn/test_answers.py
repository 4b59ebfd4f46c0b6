"""The result that a job is answered with beside variables, as the JSON of Camunda's job completion."""

from __future__ import annotations

from typing import Any

import pytest

from bpmn.answers import answer, takes_result
from bpmn.commands import RunJob
from bpmn.events import Activate, JobCompleted, JobDenied


def job(listens: str = "", *activatable: str) -> RunJob:
    return RunJob(7, "A", "", "work", 3, {}, {}, listens=listens, activatable=activatable)


@pytest.mark.parametrize(
    ("of", "result", "event"),
    [
        (job(), {}, JobCompleted(7)),
        (job("completing"), {}, JobCompleted(7)),
        (job("completing"), {"denied": False}, JobCompleted(7)),
        (job("completing"), {"type": "userTask", "denied": True, "deniedReason": "no"}, JobDenied(7, "no")),
        (
            job("creating"),
            {"corrections": {"assignee": "li", "dueDate": None, "candidateGroups": []}},
            JobCompleted(7, {}, {"assignee": "li", "candidateGroups": []}),
        ),
        (
            job("", "A", "B"),
            {"activateElements": [{"elementId": "A"}, {"elementId": "B", "variables": {"x": 1}}]},
            JobCompleted(7, activates=(Activate("A"), Activate("B", {"x": 1}))),
        ),
        (
            job("", "A"),
            {"isCompletionConditionFulfilled": True, "isCancelRemainingInstances": True},
            JobCompleted(7, fulfilled=True, cancels=True),
        ),
    ],
)
def test_a_result_is_an_event(of: RunJob, result: dict[str, Any], event: Any) -> None:
    assert answer(of, {}, result) == event


def test_variables_stay_beside_a_result() -> None:
    assert answer(job("", "A"), {"round": 1}, {}) == JobCompleted(7, {"round": 1})


@pytest.mark.parametrize(
    ("of", "variables", "result", "why"),
    [
        (job(), {}, {"denied": True}, "only task listeners and ad-hoc sub-processes"),
        (job("start"), {}, {"denied": True}, "only task listeners and ad-hoc sub-processes"),
        (job("completing"), {}, {"denies": True}, "the result has denies; known are type, denied, deniedReason"),
        (job("completing"), {}, {"denied": "yes"}, "denied of the result is 'yes', which is no true or false"),
        (job("completing"), {}, {"denied": True, "corrections": {"priority": 1}}, "would be lost"),
        (job("completing"), {"x": 1}, {"denied": True}, "would be lost"),
        (job("", "A"), {}, {"activateElements": {"elementId": "A"}}, "which is no list"),
        (job("", "A"), {}, {"activateElements": ["A"]}, "'A', which is no elementId with variables"),
        (job("", "A"), {}, {"activateElements": [{"elementId": "A", "variables": 1}]}, "no elementId with variables"),
    ],
)
def test_what_is_no_result_of_such_a_job_is_refused(
    of: RunJob, variables: dict[str, Any], result: dict[str, Any], why: str
) -> None:
    with pytest.raises(ValueError, match=why):
        answer(of, variables, result)


def test_jobs_that_take_no_result_may_have_variables_named_alike() -> None:
    assert not takes_result(job())
    assert answer(job(), {"denied": True, "result": 1}, {}) == JobCompleted(7, {"denied": True, "result": 1})

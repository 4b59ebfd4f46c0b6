"""What a job is answered with beside variables: the `result` of Camunda's completion of a job, as plain JSON.

{"denied": true, "deniedReason": "less than nothing"}              a task listener says no
{"corrections": {"assignee": "li", "priority": 80}}                a task listener corrects the task
{"activateElements": [{"elementId": "A", "variables": {"x": 1}}],  the job of an ad-hoc sub-process decides
 "isCompletionConditionFulfilled": false, "isCancelRemainingInstances": true}
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bpmn.commands import RunJob
from bpmn.events import Activate, JobCompleted, JobDenied

TASK_MOMENTS = ("creating", "assigning", "updating", "completing", "canceling")
"""What task listeners listen to."""

_OF_LISTENERS = {"type": str, "denied": bool, "deniedReason": str, "corrections": dict}
_OF_AD_HOC = {
    "type": str,
    "activateElements": list,
    "isCompletionConditionFulfilled": bool,
    "isCancelRemainingInstances": bool,
}


def takes_result(job: RunJob) -> bool:
    """Whether a job may be answered with a result: that of a task listener, or of an ad-hoc sub-process."""
    return bool(job.activatable) or job.listens in TASK_MOMENTS


def answer(job: RunJob, variables: Mapping[str, Any], result: Mapping[str, Any]) -> JobCompleted | JobDenied:
    """The event that a job is answered by. Raises `ValueError` for a result that is none of such a job."""
    if not takes_result(job):
        if result:
            raise ValueError("only task listeners and ad-hoc sub-processes have jobs that take a result")
        return JobCompleted(job.key, dict(variables))
    given = {name: value for name, value in result.items() if value is not None}
    _check(given, _OF_AD_HOC if job.activatable else _OF_LISTENERS)
    return _decided(job.key, variables, given) if job.activatable else _heard(job.key, variables, given)


def _check(result: Mapping[str, Any], known: Mapping[str, type[Any]]) -> None:
    for name, value in result.items():
        if name not in known:
            raise ValueError(f"the result has {name}; known are {', '.join(known)}")
        if not isinstance(value, known[name]):
            raise ValueError(f"{name} of the result is {value!r}, which is no {_JSON[known[name]]}")


_JSON: dict[type[Any], str] = {str: "text", bool: "true or false", dict: "object", list: "list"}


def _heard(key: int, variables: Mapping[str, Any], result: Mapping[str, Any]) -> JobCompleted | JobDenied:
    corrections = {name: value for name, value in result.get("corrections", {}).items() if value is not None}
    if not result.get("denied"):
        return JobCompleted(key, dict(variables), corrections)
    if corrections or variables:
        raise ValueError("the result denies; corrections or variables beside that would be lost")
    return JobDenied(key, result.get("deniedReason", ""))


def _decided(key: int, variables: Mapping[str, Any], result: Mapping[str, Any]) -> JobCompleted:
    return JobCompleted(
        key,
        dict(variables),
        activates=tuple(_activate(one) for one in result.get("activateElements", [])),
        fulfilled=result.get("isCompletionConditionFulfilled", False),
        cancels=result.get("isCancelRemainingInstances", False),
    )


def _activate(one: Any) -> Activate:
    given = one if isinstance(one, dict) else {}
    element, variables = given.get("elementId"), given.get("variables") or {}
    if not isinstance(element, str) or not isinstance(variables, dict) or given.keys() - {"elementId", "variables"}:
        raise ValueError(f"activateElements of the result has {one!r}, which is no elementId with variables")
    return Activate(element, dict(variables))

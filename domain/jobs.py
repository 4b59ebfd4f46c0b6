"""What a service task hands to the activity that does its work, and what that may answer.

An activity answers with the variables that the job gives, or with nothing. Two kinds of jobs are answered otherwise, in
the form in which Camunda 8 has a job completed, `{"variables": {…}, "result": {…}}`, both of which may be missing: a
task listener's, which has no variables but may deny what it is asked about or correct the task (`denied`, `corrected`),
and that of an ad-hoc sub-process, which decides what follows in it (`activated`, `fulfilled`). `Job.listens` and
`Job.activatable` tell which one it is. What others answer are variables, whatever their names.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Job:
    """One piece of work of one case.

    `workflow_id` and `key` together name the work: the same pair never takes effect twice, however often it is tried.
    `now` is the case's instant when the job was created (ISO 8601 with offset): the business date of what it writes.
    That of a listener `listens` to start, end, beforeAll, creating, assigning, updating, completing or canceling; that
    of an ad-hoc sub-process may activate the elements `activatable`.
    """

    type: str
    case_no: str
    workflow_id: str
    key: str
    element: str
    name: str
    now: str
    headers: dict[str, str] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    listens: str = ""
    activatable: list[str] = field(default_factory=list)


def denied(reason: str) -> dict[str, Any]:
    """A task listener says no: the task is not assigned or changed, or opened again where it was completed."""
    return {"result": {"denied": True, "deniedReason": reason}}


def corrected(**corrections: Any) -> dict[str, Any]:
    """A task listener corrects the task: assignee, dueDate, followUpDate, candidateGroups, candidateUsers, priority."""
    return {"result": {"corrections": corrections}}


def activated(*elements: tuple[str, dict[str, Any]], cancels: bool = False, **variables: Any) -> dict[str, Any]:
    """The job of an ad-hoc sub-process activates elements with variables of their own, or none yet; it may end first
    what is active in there (`cancels`). The other variables go to the sub-process."""
    chosen = [{"elementId": element, "variables": own} for element, own in elements]
    return {"variables": variables, "result": {"activateElements": chosen, "isCancelRemainingInstances": cancels}}


def fulfilled(*, cancels: bool = False, **variables: Any) -> dict[str, Any]:
    """The job of an ad-hoc sub-process says that its completion condition is fulfilled: it completes when nothing in
    there is active any more, at once where it `cancels` what is."""
    result = {"isCompletionConditionFulfilled": True, "isCancelRemainingInstances": cancels}
    return {"variables": variables, "result": result}


class JobRefused(Exception):
    """The job can never succeed with this data; the text tells the person who resolves the incident what to change."""

"""Who does the work of an element, and how: jobs, listeners, people, called processes, expressions and decisions."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class LinkedResource:
    """zeebe:linkedResource: a file of another kind that a job works with; `link` is how its worker calls it."""

    id: str
    type: str = ""
    link: str = ""
    binding: str = "latest"
    version_tag: str = ""


@dataclass(frozen=True)
class JobDefinition:
    """zeebe:taskDefinition: who does the work of a service task. Its headers are taken as they are written, for the
    worker to read, as in Camunda 8: many hold expressions that only the worker can evaluate."""

    type: str
    retries: str = "3"
    headers: dict[str, str] = field(default_factory=dict)
    resources: tuple[LinkedResource, ...] = ()
    priority: str = ""


@dataclass(frozen=True)
class Listener:
    """zeebe:executionListener or zeebe:taskListener: a job at one `moment` in the life of an element."""

    moment: str
    type: str
    retries: str = "3"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class UserTask:
    """Who may do a user task, until when, on which form (zeebe:assignmentDefinition, taskSchedule, formDefinition).

    `form` is the id of a form that travels along or is deployed; `form_key` and `external_form` are what other
    programs know theirs by. Of a start event it is only the form.
    """

    assignee: str = ""
    candidate_groups: str = ""
    candidate_users: str = ""
    due_date: str = ""
    follow_up_date: str = ""
    priority: str = ""
    form: str = ""
    form_key: str = ""
    external_form: str = ""
    form_binding: str = "latest"
    form_version_tag: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """zeebe:calledElement: the process a call activity runs, and whether all variables go in and come back.

    `binding` says which version: `latest`, `deployment` (the one that travels along) or `versionTag`; `business_id`
    what people are to know the called instance by.
    """

    process: str
    propagate_parent: bool = True
    propagate_child: bool = True
    on_cancel: str = ""
    binding: str = "latest"
    version_tag: str = ""
    business_id: str = ""


@dataclass(frozen=True)
class Evaluation:
    """What a script task or a business rule task evaluates, and the variable that takes the result.

    `exact` where the decision must have the version tag: diagrams compiled before that was looked at do not say so.
    """

    result: str
    expression: str = ""
    decision: str = ""
    binding: str = "latest"
    version_tag: str = ""
    exact: bool = False

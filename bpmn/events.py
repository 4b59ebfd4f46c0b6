"""What the world tells an instance: the arguments of `Instance.handle`.

An event whose `key` is not waited for (any more) changes nothing: answers may come late or twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Activate:
    """An element of an ad-hoc sub-process that its job has chosen, with variables of its own."""

    element: str
    variables: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class JobCompleted:
    """The work is done; `variables` are its result.

    A task listener has none, but may correct the task by Camunda's names: assignee, dueDate, followUpDate,
    candidateGroups, candidateUsers, priority. The job of an ad-hoc sub-process says what it `activates`, or that its
    completion condition is `fulfilled`, and whether it `cancels` first what is still active inside.
    """

    key: int
    variables: dict[str, Any] = field(default_factory=dict)
    corrections: dict[str, Any] = field(default_factory=dict)
    activates: tuple[Activate, ...] = ()
    fulfilled: bool = False
    cancels: bool = False


@dataclass(frozen=True)
class JobFailed:
    """The work failed for good (all retries are used): becomes an incident."""

    key: int
    message: str


@dataclass(frozen=True)
class JobThrewError:
    """The work ended with a BPMN error that the diagram may catch."""

    key: int
    code: str
    message: str = ""
    variables: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class JobDenied:
    """A task listener says no: the task is not assigned or changed, or opened again where it was completed."""

    key: int
    reason: str = ""


@dataclass(frozen=True)
class TaskCompleted:
    """Somebody completed a user task with these form values."""

    key: int
    variables: dict[str, Any] = field(default_factory=dict)
    by: str = ""


@dataclass(frozen=True)
class TaskAssigned:
    """Somebody gives an open user task to `assignee`, to nobody where that is empty; listeners may deny it.

    `action` is what the listeners are told was done, such as assign, claim or release. A task that is not open, or at
    which listeners are at work, stays as it is; the journal says so.
    """

    key: int
    assignee: str
    by: str = ""
    action: str = "assign"


@dataclass(frozen=True)
class TaskUpdated:
    """Somebody changes an open user task, by Camunda's names: dueDate, followUpDate, candidateGroups, candidateUsers,
    priority; listeners may deny it. As with `TaskAssigned`, what cannot be changes nothing.
    """

    key: int
    changes: dict[str, Any] = field(default_factory=dict)
    by: str = ""
    action: str = "update"


@dataclass(frozen=True)
class StoreRead:
    """What a data store holds."""

    key: int
    value: Any = None


@dataclass(frozen=True)
class StoreWritten:
    """A data store has taken the value."""

    key: int


@dataclass(frozen=True)
class StoreFailed:
    """A data store cannot be read or written: becomes an incident."""

    key: int
    message: str


@dataclass(frozen=True)
class TimerFired:
    """A timer's instant has come."""

    key: int


@dataclass(frozen=True)
class MessageArrived:
    """A message came; where nobody waits for it, it is kept for `time_to_live` seconds (0: not at all)."""

    name: str
    correlation_key: str
    variables: dict[str, Any] = field(default_factory=dict)
    message_id: str = ""
    time_to_live: float = 0.0


@dataclass(frozen=True)
class SignalArrived:
    """A signal was broadcast; it reaches every wait for it and is never kept."""

    name: str
    variables: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CallCompleted:
    """The called process completed."""

    key: int
    variables: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CallThrewError:
    """The called process ended with an error that it did not catch."""

    key: int
    code: str
    message: str = ""
    variables: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class CallEscalated:
    """The called process threw an escalation that it did not catch; where it `waits`, it goes on at AnswerCall."""

    key: int
    code: str
    variables: dict[str, Any] = field(default_factory=dict)
    waits: bool = False


@dataclass(frozen=True)
class CallLost:
    """The called process closed without a report: becomes an incident."""

    key: int
    message: str


@dataclass(frozen=True)
class EscalationAnswered:
    """The caller was not interrupted by the escalation: the throw of `key` goes on."""

    key: int


@dataclass(frozen=True)
class RetryIncident:
    """The cause is mended: try again, after setting `variables`."""

    key: int
    variables: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class SkipIncident:
    """The step that cannot go on is to count as completed, leaving `variables` in place of its output mappings.

    Changes nothing where `Instance.unskippable` says why not.
    """

    key: int
    variables: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Suspend:
    """Nothing inside the scope of `key` (the process, also as 0, or a sub-process) is to move until it is resumed."""

    key: int = 0
    by: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Resume:
    """The suspended scope of `key` is to go on, with what was left of its timers and what came meanwhile."""

    key: int = 0
    by: str = ""
    reason: str = ""


@dataclass(frozen=True)
class ActivateAdHoc:
    """Elements of the ad-hoc sub-process `key` are to be activated, each with these variables as its own.

    Changes nothing where one of them is none that can be activated by itself; the journal says why.
    """

    key: int
    elements: tuple[str, ...]
    variables: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Cancelled:
    """The whole instance is to end now."""

    reason: str = ""


Event = (
    JobCompleted
    | JobFailed
    | JobThrewError
    | JobDenied
    | TaskCompleted
    | TaskAssigned
    | TaskUpdated
    | StoreRead
    | StoreWritten
    | StoreFailed
    | TimerFired
    | MessageArrived
    | SignalArrived
    | CallCompleted
    | CallThrewError
    | CallEscalated
    | CallLost
    | EscalationAnswered
    | RetryIncident
    | SkipIncident
    | Suspend
    | Resume
    | ActivateAdHoc
    | Cancelled
)

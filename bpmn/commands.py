"""What an instance asks of the world: the answers of `Instance.start` and `Instance.handle`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bpmn.model import LinkedResource


@dataclass(frozen=True)
class RunJob:
    """Do the work of `type`; answer with JobCompleted, JobFailed or JobThrewError for the same `key`.

    Where it is the job of a listener, `listens` says to what: start, end, beforeAll, creating, assigning, updating,
    completing or canceling; assigning, updating and completing may also be answered with JobDenied. Where it is the job
    of an ad-hoc sub-process, `activatable` are the elements that its completion may activate; the same job is asked for
    anew, with another key, as often as something in there has come to its end.
    """

    key: int
    element: str
    name: str
    type: str
    retries: int
    headers: dict[str, str]
    variables: dict[str, Any]
    resources: tuple[LinkedResource, ...] = ()
    priority: int = 0
    listens: str = ""
    activatable: tuple[str, ...] = ()


@dataclass(frozen=True)
class CancelJob:
    """The work of `key` is not needed any more; an answer that still comes is ignored."""

    key: int


@dataclass(frozen=True)
class OpenUserTask:
    """Offer a task to people; answer with TaskCompleted. Dates are ISO 8601 text, empty where none is set.

    `lane` is the name of the innermost lane that the task is drawn in: who runs the process may assign by it.
    `form` is the id of a form, `form_binding` and `form_version_tag` say which version of it; other programs know
    theirs by `form_key` or `external_form`.
    """

    key: int
    element: str
    name: str
    assignee: str
    candidate_groups: tuple[str, ...]
    candidate_users: tuple[str, ...]
    due_date: str
    follow_up_date: str
    priority: int
    form: str
    lane: str = ""
    form_key: str = ""
    external_form: str = ""
    form_binding: str = "latest"
    form_version_tag: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def for_key(self, key: int) -> OpenUserTask:
        """The same task for another instance: several times as quick as to give it all its parts again."""
        other = object.__new__(OpenUserTask)
        vars(other).update(vars(self), key=key)
        return other


@dataclass(frozen=True)
class ChangeUserTask:
    """The open task of `key` is another now: `changes` are by the names of the fields of OpenUserTask."""

    key: int
    changes: dict[str, Any]


@dataclass(frozen=True)
class CloseUserTask:
    """The task of `key` is gone without having been completed."""

    key: int


@dataclass(frozen=True)
class SetTimer:
    """Answer with TimerFired(key) at `due`, or at once where that has passed."""

    key: int
    element: str
    name: str
    due: datetime


@dataclass(frozen=True)
class CancelTimer:
    """Forget the timer of `key`."""

    key: int


@dataclass(frozen=True)
class Subscribe:
    """Messages of that name and correlation key are wanted from now on."""

    key: int
    element: str
    message: str
    correlation_key: str


@dataclass(frozen=True)
class Unsubscribe:
    """The subscription of `key` is over."""

    key: int
    message: str
    correlation_key: str


@dataclass(frozen=True)
class PublishMessage:
    """Deliver a message to whoever waits for it; answer with JobCompleted or JobFailed for the same `key`.

    `part` tells apart the messages that a multiple event sends one after the other with the same key, from 1.
    `message_id` tells two of the same message apart, `time_to_live` (an ISO 8601 duration) says how long it is kept
    where nobody waits for it; both may be empty.
    """

    key: int
    element: str
    name: str
    message: str
    correlation_key: str
    variables: dict[str, Any]
    part: int = 0
    message_id: str = ""
    time_to_live: str = ""


@dataclass(frozen=True)
class ReadStore:
    """Say what a data store holds; answer with StoreRead or StoreFailed for the same `key`."""

    key: int
    element: str
    name: str
    store: str


@dataclass(frozen=True)
class WriteStore:
    """Put a value into a data store, at a path in it or (empty) as the whole; answer with StoreWritten or StoreFailed
    for the same `key`.

    `part` counts the writes of one element, from 1; with `key` it tells each from every other, asked for again or not.
    """

    key: int
    element: str
    name: str
    store: str
    path: tuple[str, ...]
    value: Any
    part: int = 1


@dataclass(frozen=True)
class CancelStore:
    """The answer of a data store to `key` is not needed any more; one that still comes is ignored."""

    key: int


@dataclass(frozen=True)
class BroadcastSignal:
    """Deliver a signal to the other instances of this case's tree (this instance has had it already)."""

    signal: str
    variables: dict[str, Any]


@dataclass(frozen=True)
class StartCall:
    """Start `process`; answer with CallCompleted, CallThrewError, CallEscalated or CallLost.

    `caught_errors` and `interrupting_escalations` name the codes that somebody further up would catch; `*` is all.
    `binding` says which version of the process: latest, deployment (the one that travels with the caller) or
    versionTag, which is then `version_tag`.
    """

    key: int
    element: str
    name: str
    process: str
    variables: dict[str, Any]
    caught_errors: tuple[str, ...]
    interrupting_escalations: tuple[str, ...]
    binding: str = "latest"
    version_tag: str = ""
    business_id: str = ""


@dataclass(frozen=True)
class CancelCall:
    """The called process is to end: by the message `message` if it is given and waited for, else by cancellation."""

    key: int
    message: str


@dataclass(frozen=True)
class AnswerCall:
    """The escalation that the called process of `key` waits with did not interrupt it: it goes on."""

    key: int


@dataclass(frozen=True)
class RaiseEscalation:
    """Tell the caller of an escalation nobody caught here; where `waits`, answer with EscalationAnswered(key)."""

    key: int
    element: str
    code: str
    variables: dict[str, Any]
    waits: bool


@dataclass(frozen=True)
class RaiseIncident:
    """The element cannot go on; somebody mends the cause and answers with RetryIncident(key)."""

    key: int
    element: str
    name: str
    kind: str
    message: str


@dataclass(frozen=True)
class ResolveIncident:
    """The incident of `key` is over."""

    key: int


@dataclass(frozen=True)
class Finished:
    """The instance has ended: `outcome` is completed, terminated or failed; `code` the error it failed with."""

    outcome: str
    variables: dict[str, Any] = field(default_factory=dict)
    code: str = ""
    message: str = ""


Command = (
    RunJob
    | CancelJob
    | OpenUserTask
    | ChangeUserTask
    | CloseUserTask
    | SetTimer
    | CancelTimer
    | Subscribe
    | Unsubscribe
    | PublishMessage
    | ReadStore
    | WriteStore
    | CancelStore
    | BroadcastSignal
    | StartCall
    | CancelCall
    | AnswerCall
    | RaiseEscalation
    | RaiseIncident
    | ResolveIncident
    | Finished
)

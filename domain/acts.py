"""What people and systems do to a running case, as they send it: plain JSON objects with these fields.

Each act is an update and a signal of the same name. `key` is the sender's own id of the act: the same key is done once,
and refused for an act of the same kind that says something else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Refusal(StrEnum):
    """Why an act is refused, for programs: it decides what its sender may do about it."""

    CONFLICT = "conflict"
    """It does not fit how the case stands now."""
    GONE = "gone"
    """What it names (a task, an incident, a clock) is not there, or not any more."""
    FORBIDDEN = "forbidden"
    """It is not for this person or department to do."""
    INVALID = "invalid"
    """Some of its fields are missing or wrong."""


@dataclass(frozen=True)
class FieldProblem:
    """One field of an act that is missing or wrong, the parts of its place joined by dots (`data.capacity`)."""

    field: str
    message: str


class ActRefused(Exception):
    """The act is not allowed or not possible now; the text tells the sender why, in Chinese.

    `errors` names each wrong field where the kind is `Refusal.INVALID`.
    """

    def __init__(self, text: str, kind: Refusal = Refusal.CONFLICT, errors: Sequence[FieldProblem] = ()) -> None:
        super().__init__(text)
        self.kind, self.errors = kind, tuple(errors)

    def details(self) -> dict[str, Any]:
        """All but the text as plain JSON."""
        return {"kind": self.kind.value, "errors": [vars(error) for error in self.errors]}

    @classmethod
    def of(cls, text: str, details: Mapping[str, Any]) -> ActRefused:
        """The refusal with these `details`; a worker of an earlier version gives none."""
        errors = [FieldProblem(**error) for error in details.get("errors", ())]
        return cls(text, Refusal(details.get("kind", Refusal.CONFLICT)), errors)


def wrong_field(name: str, text: str, message: str = "") -> ActRefused:
    """The refusal of an act of which one field is wrong."""
    return ActRefused(text, Refusal.INVALID, [FieldProblem(name, message or text)])


def check_named(by: str) -> None:
    """Raises `ActRefused` for an act of nobody."""
    if not by:
        raise wrong_field("by", "未说明经办人（by）")


@dataclass(frozen=True)
class CompleteTask:
    """Somebody completes a user task with the values of its form. `groups` are the departments of `by`.

    `happened_at` is when the step was really done (ISO 8601 with offset; empty: now). A step that is entered long after
    needs a `late_reason`.
    """

    task: str
    by: str
    groups: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    key: str = ""
    happened_at: str = ""
    late_reason: str = ""


@dataclass(frozen=True)
class ClaimTask:
    """Somebody takes a task on: from then on only they complete it."""

    task: str
    by: str
    groups: list[str] = field(default_factory=list)
    key: str = ""


@dataclass(frozen=True)
class ReleaseTask:
    """Whoever took a task on gives it back to the department."""

    task: str
    by: str
    key: str = ""


@dataclass(frozen=True)
class TransferTask:
    """Somebody hands a task over to another account, which holds it from then on. `groups` are the departments of
    `by`."""

    task: str
    by: str
    to: str
    reason: str
    groups: list[str] = field(default_factory=list)
    key: str = ""


@dataclass(frozen=True)
class UpdateTask:
    """Somebody changes when a task is due, when it is looked at again, or how urgent it is.

    `changes` are by Camunda's names: dueDate and followUpDate (ISO 8601, empty for none), priority (0 to 100). `groups`
    are the departments of `by`.
    """

    task: str
    by: str
    changes: dict[str, Any]
    reason: str
    groups: list[str] = field(default_factory=list)
    key: str = ""


@dataclass(frozen=True)
class RemindTask:
    """Somebody reminds whoever has a task, or the department whose task it is."""

    task: str
    by: str
    text: str = ""
    key: str = ""


@dataclass(frozen=True)
class CopyTask:
    """Somebody lets these accounts know of a task; they have nothing to do with it."""

    task: str
    by: str
    to: list[str]
    text: str = ""
    key: str = ""


@dataclass(frozen=True)
class ResolveIncident:
    """The cause of an incident is mended: try again, after setting `variables`."""

    incident: str
    by: str
    variables: dict[str, Any] = field(default_factory=dict)
    key: str = ""


@dataclass(frozen=True)
class SkipIncident:
    """Somebody has a step that cannot go on count as done, for a reason: `outputs` are what it leaves to the case."""

    incident: str
    by: str
    reason: str
    outputs: dict[str, Any] = field(default_factory=dict)
    key: str = ""


@dataclass(frozen=True)
class SendMessage:
    """A BPMN message for this case; `key` is the message's id.

    One that is to be `awaited` is refused where nothing waits for it now, instead of being kept for a while.
    """

    name: str
    correlation_key: str
    variables: dict[str, Any] = field(default_factory=dict)
    key: str = ""
    by: str = ""
    awaited: bool = False


@dataclass(frozen=True)
class TakeBack:
    """Somebody takes back what was sent on to the next step (撤回). `groups` are the departments of `by`."""

    by: str
    reason: str
    groups: list[str] = field(default_factory=list)
    key: str = ""


@dataclass(frozen=True)
class AcknowledgeLevel:
    """Somebody has seen that a clock reached a level: it is not repeated any more, but the clock goes on."""

    clock: str
    level: str
    by: str
    key: str = ""


@dataclass(frozen=True)
class AnswerOrder:
    """Somebody answers the supervision order of a clock: its cause, the new promised instant (ISO 8601), and how things
    stand."""

    clock: str
    cause: str
    promised: str
    by: str
    text: str = ""
    key: str = ""


@dataclass(frozen=True)
class MoveDeadline:
    """Somebody with the right to moves a running clock to another due instant (ISO 8601 with offset), with a reason."""

    clock: str
    due: str
    reason: str
    by: str
    key: str = ""


@dataclass(frozen=True)
class NewCalendar:
    """The table of days off has changed: `calendar` is the dump of a `domain.calendar.WorkingCalendar`, whole.

    It goes on to every case that this one has called.
    """

    calendar: dict[str, Any]
    by: str
    key: str = ""


@dataclass(frozen=True)
class NewAuthority:
    """Other levels decide from now on: `authority` is the dump of a `domain.authority.AuthorityTable`, whole.

    `version` is its number among those that were loaded: an older one than the case has is not taken; 0 always is. It
    goes on to every case that this one has called.
    """

    authority: dict[str, Any]
    by: str
    version: int = 0
    key: str = ""


@dataclass(frozen=True)
class MigrateCase:
    """Somebody moves a process to another version of its diagram, with a reason.

    `definition` is the dump of a `bpmn.Definition` as JSON text, `version` its number among those deployed. `elements`
    say which element of it stands for which of the present one, where the ids do not; `variables` are set first. With
    `timers_anew` timers are set by the new version, else they keep their instants.
    """

    definition: str
    version: int
    by: str
    reason: str
    elements: dict[str, Any] = field(default_factory=dict)
    variables: dict[str, Any] = field(default_factory=dict)
    timers_anew: bool = False
    key: str = ""


@dataclass(frozen=True)
class ModifyCase:
    """Somebody cancels, adds and moves tokens of a process, with a reason.

    `changes` may hold `cancel`: keys of element instances; `activate`: objects of `element`, and, where wanted, the key
    of the `scope`, `variables`, the `item` of a multi-instance body; `move`: objects of `key` and `element`;
    `withdraw`: tokens at joins as objects of `scope`, `gateway` and `flow`; `ends`: whether nothing may be left.
    """

    changes: dict[str, Any]
    by: str
    reason: str
    key: str = ""


@dataclass(frozen=True)
class SuspendCase:
    """Somebody has a process, or the sub-process instance with the key `scope`, stand still, with a reason."""

    by: str
    reason: str
    scope: str = ""
    key: str = ""


@dataclass(frozen=True)
class ResumeCase:
    """Somebody has a suspended process, or the sub-process instance with the key `scope`, go on."""

    by: str
    reason: str = ""
    scope: str = ""
    key: str = ""


@dataclass(frozen=True)
class ActivateAdHoc:
    """Somebody chooses what is done next in the ad-hoc sub-process instance with the key `scope`.

    Its `elements` are activated, each with `variables` as its own. `groups` are the departments of `by`.
    """

    scope: str
    elements: list[str]
    by: str
    groups: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    key: str = ""


@dataclass(frozen=True)
class ActResult:
    """What became of an act, with a remark in Chinese if there is one; a repeated one gets the first result again."""

    act: str
    at: str
    by: str = ""
    remark: str = ""


Act = (
    CompleteTask
    | ClaimTask
    | ReleaseTask
    | TransferTask
    | UpdateTask
    | RemindTask
    | CopyTask
    | ResolveIncident
    | SkipIncident
    | SendMessage
    | TakeBack
    | AcknowledgeLevel
    | AnswerOrder
    | MoveDeadline
    | NewCalendar
    | NewAuthority
    | MigrateCase
    | ModifyCase
    | SuspendCase
    | ResumeCase
    | ActivateAdHoc
)


@dataclass(frozen=True)
class Handled:
    """An act that has been done: its result, and what it said (`content_of`), empty where that is not known."""

    result: ActResult
    content: str = ""


def content_of(act: Act) -> str:
    """A short hash of all that an act says but its key; what is left empty is not part of it."""
    said = {name: value for name, value in act.__dict__.items() if value and name != "key"}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]


def key_taken(key: str) -> str:
    """Why an act is refused whose key was another one's."""
    return f"同一个键 {key} 已用于另一项操作，请换用新的键"

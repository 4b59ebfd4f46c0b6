"""What people and systems do to a running case, as they send it: plain JSON objects with these fields.

Each act is an update and a signal of the same name. `key` is the sender's own id of the act: the same key is done once,
and refused for an act of the same kind that says something else.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import MISSING, dataclass, field, fields
from typing import TYPE_CHECKING, Any, TypeVar

from domain.values import fault_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

A = TypeVar("A", bound="DataclassInstance")


class ActRefused(Exception):
    """The act is not allowed or not possible now; the text tells the sender why, in Chinese."""


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
class ResolveIncident:
    """The cause of an incident is mended: try again, after setting `variables`."""

    incident: str
    by: str
    variables: dict[str, Any] = field(default_factory=dict)
    key: str = ""


@dataclass(frozen=True)
class SendMessage:
    """A BPMN message for this case; `key` is the message's id."""

    name: str
    correlation_key: str
    variables: dict[str, Any] = field(default_factory=dict)
    key: str = ""
    by: str = ""


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
    | ResolveIncident
    | SendMessage
    | AcknowledgeLevel
    | AnswerOrder
    | MoveDeadline
    | NewCalendar
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


_KINDS: dict[str, type[Any]] = {"groups": list, "data": dict, "variables": dict, "calendar": dict}


def act_from_json(cls: type[A], data: Any) -> A:
    """The act that somebody wrote as JSON. Raises `ActRefused` naming what does not fit."""
    known = [one.name for one in fields(cls)]
    if not isinstance(data, dict):
        raise ActRefused(f"操作应为 JSON 对象，字段为：{'、'.join(known)}")
    if unknown := sorted(set(data) - set(known)):
        raise ActRefused(f"不认识的字段：{'、'.join(unknown)}；可用的有：{'、'.join(known)}")
    if missing := [name for name in _required(cls) if name not in data]:
        raise ActRefused(f"缺少字段：{'、'.join(missing)}")
    for name, value in data.items():
        _check(name, value)
    return cls(**data)


def _check(name: str, value: Any) -> None:
    kind = _KINDS.get(name, str)
    if not isinstance(value, kind):
        raise ActRefused(f"字段 {name} 的类型不对，应为{_NAMES[kind]}")
    if kind is list and not all(isinstance(one, str) for one in value):
        raise ActRefused(f"字段 {name} 的类型不对，应为文字的列表")
    if fault := fault_of(value):
        raise ActRefused(f"字段 {name} {fault}")


_NAMES: dict[type[Any], str] = {str: "文字", list: "列表", dict: "JSON 对象"}


def _required(cls: type[DataclassInstance]) -> list[str]:
    return [one.name for one in fields(cls) if one.default is MISSING and one.default_factory is MISSING]

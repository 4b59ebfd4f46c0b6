"""What people and systems do to a running case, as they send it: plain JSON objects with these fields.

Each act is an update and a signal of the same name. `key` is the sender's own id of the act: the same key is done once.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields
from typing import Any, TypeVar

A = TypeVar("A")


class ActRefused(Exception):
    """The act is not allowed or not possible now; the text tells the sender why, in Chinese."""


@dataclass(frozen=True)
class CompleteTask:
    """Somebody completes a user task with the values of its form. `groups` are the departments of `by`."""

    task: str
    by: str
    groups: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    key: str = ""


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
class ActResult:
    """What became of an act; a repeated one gets the first result again."""

    act: str
    at: str
    by: str = ""


def act_from_json(cls: type[A], data: Any) -> A:
    """The act that somebody wrote as JSON. Raises `ActRefused` naming what does not fit."""
    names = {one.name for one in fields(cls)}  # type: ignore[arg-type]
    if not isinstance(data, dict):
        raise ActRefused(f"{cls.__name__}应为 JSON 对象，字段为：{'、'.join(sorted(names))}")
    if unknown := sorted(set(data) - names):
        raise ActRefused(f"不认识的字段：{'、'.join(unknown)}")
    kinds = {"groups": list, "data": dict, "variables": dict}
    for name, value in data.items():
        if not isinstance(value, kinds.get(name, str)):
            raise ActRefused(f"字段 {name} 的类型不对")
    if not all(isinstance(group, str) for group in data.get("groups", [])):
        raise ActRefused("字段 groups 应为部门代码的列表")
    try:
        return cls(**data)
    except TypeError:
        missing = sorted(name for name in _required(cls) if name not in data)
        raise ActRefused(f"缺少字段：{'、'.join(missing)}") from None


def _required(cls: type[Any]) -> list[str]:
    return [f.name for f in fields(cls) if f.default is MISSING and f.default_factory is MISSING]

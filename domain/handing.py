"""What people are told of a task that goes from hand to hand: 转办 (handed over), 催办 (reminded), 抄送 (copied), and
核退 (denied by a listener of the diagram, which then stands in the place of who did it)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from domain.posts import Post


class Handing(StrEnum):
    """What was done with a task; also what its notice is about, where the notice of a level has its name."""

    TRANSFERRED = "transferred"
    REMINDED = "reminded"
    COPIED = "copied"
    DENIED = "denied"

    @property
    def label(self) -> str:
        """Its name on screen."""
        return _LABELS[self]


_LABELS = {Handing.TRANSFERRED: "转办", Handing.REMINDED: "催办", Handing.COPIED: "抄送", Handing.DENIED: "核退"}
_WHO = {Handing.DENIED: "核对作业"}
_ASKED = {
    Handing.TRANSFERRED: "该任务现由你办理，请按期办结；不能办理的，请退还部门或再次转办。",
    Handing.REMINDED: "请尽快办理。",
    Handing.COPIED: "仅供知悉，无须办理。",
    Handing.DENIED: "您的操作未生效，任务已恢复原状；请按原因更正后再办理。",
}
_SAID = {Handing.TRANSFERRED: "原因", Handing.REMINDED: "留言", Handing.COPIED: "留言", Handing.DENIED: "原因"}


@dataclass(frozen=True)
class Handed:
    """Something done with a task by somebody, and whom to tell: `accounts`, or the post `to` of the `department`.

    `text` is what they say, `number` tells what was done at one instant in one case apart.
    """

    kind: Handing
    task: str
    name: str
    by: str
    text: str
    raised: dt.datetime
    number: int
    accounts: tuple[str, ...] = ()
    department: str = ""
    to: tuple[Post, ...] = ()

    @property
    def key(self) -> str:
        """An id for message and record."""
        parts = (self.task, self.kind.value, self.raised.isoformat(), str(self.number), self.department)
        return "/".join(filter(None, parts))

    def to_json(self) -> dict[str, Any]:
        """It as plain JSON, with the fields by which an `Escalation` is told too."""
        return {
            "key": self.key,
            "clock": "",
            "level": self.kind.value,
            "title": self.kind.label,
            "name": self.name,
            "department": self.department,
            "raised": self.raised.isoformat(),
            "by": self.by,
            "text": self.text,
            "accounts": list(self.accounts),
            "officers": [],
            "to": [post.value for post in self.to],
            "copied": [],
        }


def is_handing(raised: Mapping[str, Any]) -> bool:
    """Whether this JSON of something to be told is that of a `Handed`."""
    return raised["level"] in list(Handing)


def subject(raised: Mapping[str, Any], case_no: str) -> str:
    """One line for lists: what was done, the task, the case."""
    return f"{raised['title']}：{raised['name']}（{case_no}）"


def text(raised: Mapping[str, Any], summary: str) -> str:
    """The whole message: the case in one line, the task, who did it and why, what is asked."""
    kind = Handing(raised["level"])
    words = raised["text"].strip().rstrip("。")
    said = f"；{_SAID[kind]}：{words}" if words else ""
    who = _WHO.get(kind, f"{kind.label}人")
    return "\n".join([summary, f"任务：{raised['name']}。", f"{who}：{raised['by']}{said}。", _ASKED[kind]])

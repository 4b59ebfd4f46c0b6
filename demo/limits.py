"""The limits of a played case, from its journal: each clock with its dates, and the levels that late ones reached."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from demo.orders import Acknowledgement, SupervisionOrder
from domain.business_time import spoken
from domain.clock import ChangeKind
from domain.departments import department_name
from domain.ladder import Level
from domain.posts import Post
from storage.journal_rows import JournalLine

_KINDS = {kind.value: kind for kind in ChangeKind}


@dataclass(frozen=True)
class Deadline:
    """One clock: when it started, was due and ended; `how` is the kind of its last change."""

    clock: str
    name: str
    start: str
    due: str
    provisional: bool
    stop: str = ""
    how: ChangeKind = ChangeKind.STARTED

    @property
    def kept(self) -> bool | None:
        """Whether it was done in time; None where it has not been done, or has no limit."""
        if self.how is not ChangeKind.STOPPED or not self.due:
            return None
        return datetime.fromisoformat(self.stop) <= datetime.fromisoformat(self.due)


@dataclass(frozen=True)
class Raised:
    """One level that was reached."""

    clock: str
    name: str
    level: Level
    at: str
    department: str
    to: tuple[Post, ...]
    colour: str
    backdated: bool
    repeat: int


def deadlines(lines: Iterable[JournalLine]) -> list[Deadline]:
    """The clocks in the order of their start. One that a called case went on with is told by that case."""
    found: dict[tuple[str, str], Deadline] = {}
    for line in lines:
        if line.record.event == "clock" and not line.record.data.get("called"):
            key = line.workflow_id, str(line.record.data["clock"])
            found[key] = _changed(found.get(key), line.record.data)
    return sorted((one for one in found.values() if one.how is not ChangeKind.PASSED_ON), key=lambda one: one.start)


def _changed(before: Deadline | None, data: dict[str, Any]) -> Deadline:
    kind, due = _KINDS[data["kind"]], str(data["due"])
    if before is None or kind is ChangeKind.STARTED:
        return Deadline(data["clock"], data["name"], data["at"], due, data["provisional"])
    changed = replace(before, due=due, provisional=data["provisional"], how=kind)
    if kind in (ChangeKind.STOPPED, ChangeKind.DROPPED, ChangeKind.PASSED_ON):
        return replace(changed, stop=data["at"])
    return replace(changed, stop="") if kind is ChangeKind.REOPENED else changed


def escalations(lines: Iterable[JournalLine]) -> list[Raised]:
    """What was raised, in the order of the levels' instants."""
    found = [_raised(line.record.data) for line in lines if line.record.event == "escalated"]
    return sorted(found, key=lambda one: (one.at, one.clock, one.level))


def _raised(data: dict[str, Any]) -> Raised:
    return Raised(
        data["clock"],
        data["name"],
        Level[data["level"]],
        data["at"],
        data["department"],
        tuple(map(Post, data["to"])),
        data["colour"],
        data["backdated"],
        data["repeat"],
    )


def clock_table(rows: Iterable[Deadline], raised: Iterable[Raised]) -> list[tuple[str, ...]]:
    """Every clock in words: name, start, due, end, and how it went."""
    highest: dict[str, Raised] = {}
    for one in raised:
        if one.clock not in highest or one.level > highest[one.clock].level:
            highest[one.clock] = one
    return [
        (
            row.name,
            _date(row.start),
            _date(row.due) + ("（暂定）" if row.provisional else "") if row.due else "未规定",
            _date(row.stop) if row.stop else "—",
            _result(row, highest.get(row.clock)),
        )
        for row in rows
    ]


def _result(row: Deadline, raised: Raised | None) -> str:
    how = {True: "按期", False: "超期", None: row.how.value if row.stop else "计时中"}[row.kept]
    return f"{how}，{raised.level.name} {raised.level.title}" if raised else how


def escalation_lines(
    raised: Iterable[Raised], seen: Iterable[Acknowledgement], ordered: Iterable[SupervisionOrder]
) -> list[tuple[str, ...]]:
    """Every level and what followed, in words: when, what, of which clock, to or by whom."""
    lines = [(one.at, _level(one), one.name, _told(one)) for one in raised]
    lines += [(one.at, f"{one.level} 已确认", one.name, one.by) for one in seen]
    for order in ordered:
        lines.append((order.issued, "督办单", order.name, order.number))
        if order.answered:
            words = f"{order.by}：{order.cause}原因，承诺{_date(order.promised)}；{order.text}"
            lines.append((order.answered, "答复督办单", order.name, words))
    in_order = sorted(lines, key=lambda line: datetime.fromisoformat(line[0]))
    return [(_date(at), *words) for at, *words in in_order]


def _level(one: Raised) -> str:
    marks = ("（补录）" if one.backdated else "") + ("（重复）" if one.repeat else "")
    return f"{one.level.name} {one.level.title}{marks}"


def _told(one: Raised) -> str:
    return f"{department_name(one.department)} {'、'.join(post.title for post in one.to)}"


def _date(text: str) -> str:
    return spoken(datetime.fromisoformat(text))

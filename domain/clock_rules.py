"""What a diagram says about its clocks: which limit each counts and which elements begin, end, reopen and resume it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from domain.departments import DEPARTMENTS
from domain.limits import LimitTable
from domain.orders import Cause

EVENTS = ("activated", "completed", "terminated")
"""The events of a journal record that a clock may listen to. One that ends by `terminated` counts as dropped: the step
was taken back or the case withdrawn, so that nothing was done in time or late."""


@dataclass(frozen=True)
class Trigger:
    """An element of the diagram and what must have happened to it."""

    element: str
    event: str


@dataclass(frozen=True)
class DelayRule:
    """An element that holds a clock up: a code of `domain.orders.Cause`, and the variable that tells more of it.

    It does so for as long as it lasts; where `until` names another one, from its completion to the end of that one.
    """

    element: str
    cause: str
    text: str = ""
    until: str = ""

    @property
    def begins(self) -> str:
        """The event of the element with which the delay begins."""
        return "completed" if self.until else "activated"


@dataclass(frozen=True)
class Milestone:
    """A point of a clock's sub-plan: begins with the clock, has a limit of its own, only warns (domain.md §1.4).

    One that `outlasts` the clock goes on when that is done: acceptance comes after completion.
    """

    id: str
    name: str
    limit: str
    stops: tuple[Trigger, ...]
    outlasts: bool = False


@dataclass(frozen=True)
class ClockRule:
    """One clock of a diagram.

    `limit` is a step of the limits table. A clock `per_step` runs once for each time its element is reached; any other
    once for the case, and a start after its end begins a new round of it. A resumption after its end begins one too,
    with what the rounds before have left of the limit. With `restarts`, a start while it runs begins a new round;
    without, the first start stands. Where several elements start it (reply and signature), the moments of all are kept
    and that of the element `counts` begins the limit (any of them where it names none). `department` is whose officers
    answer for it. `milestone_of` names the clock whose milestone it is, which it may outlast. What
    `delays` a clock delays its milestones too.
    """

    id: str
    name: str
    limit: str
    starts: tuple[Trigger, ...] = ()
    stops: tuple[Trigger, ...] = ()
    reopens: tuple[Trigger, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    delays: tuple[DelayRule, ...] = ()
    resumes: tuple[Trigger, ...] = ()
    per_step: bool = False
    restarts: bool = False
    counts: str = ""
    department: str = ""
    milestone_of: str = ""
    outlasts: bool = False

    def expanded(self) -> Iterator[ClockRule]:
        """The rule itself and one for each of its milestones."""
        yield replace(self, milestones=())
        for point in self.milestones:
            yield ClockRule(
                f"{self.id}.{point.id}",
                point.name,
                point.limit,
                stops=point.stops,
                delays=self.delays,
                department=self.department,
                milestone_of=self.id,
                outlasts=point.outlasts,
            )

    def to_json(self) -> dict[str, Any]:
        """The rule as plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ClockRule:
        """The rule that `to_json` wrote; `KeyError` or `TypeError` for anything else."""
        milestones = (Milestone(**{**point, "stops": _triggers(point["stops"])}) for point in data["milestones"])
        lists = {key: _triggers(data.get(key, ())) for key in ("starts", "stops", "reopens", "resumes")}
        delays = tuple(DelayRule(**row) for row in data.get("delays", ()))
        return cls(**{**data, **lists, "milestones": tuple(milestones), "delays": delays})


def rule_faults(rules: Iterable[ClockRule], table: LimitTable) -> tuple[str, ...]:
    """What is wrong with a diagram's clocks, in Chinese; empty where nothing is. To be asked when it is deployed."""
    rules = tuple(rules)
    expanded = [one for rule in rules for one in rule.expanded()]
    faults = [f"计时“{name}”重复定义{times}次" for name, times in Counter(r.id for r in expanded).items() if times > 1]
    for rule in expanded:
        faults.extend(f"计时“{rule.id}”：{fault}" for fault in _faults(rule, table))
    return tuple(faults)


def _faults(rule: ClockRule, table: LimitTable) -> Iterator[str]:
    if not rule.id or any(mark in rule.id for mark in ":#"):
        yield "编号不得为空，也不得含有“:”或“#”"
    if rule.limit not in table.steps():
        yield f"时限表中没有环节“{rule.limit}”"
    if not rule.milestone_of and any(row.before for row in table.rows if row.step == rule.limit):
        yield f"环节“{rule.limit}”自到期日倒计，只能用于节点"
    if rule.department and rule.department not in DEPARTMENTS:
        yield f"没有部门“{rule.department}”，可用：{'、'.join(DEPARTMENTS)}"
    if rule.resumes and any(row.unit == "months" or row.red_days for row in table.rows if row.step == rule.limit):
        yield f"环节“{rule.limit}”按月计或另有转红日数，不能中止后恢复"
    for trigger in (*rule.starts, *rule.stops, *rule.reopens, *rule.resumes):
        if trigger.event not in EVENTS:
            yield f"元素“{trigger.element}”的事件“{trigger.event}”不存在，可用：{'、'.join(EVENTS)}"
    for delay in rule.delays:
        if delay.cause not in {cause.value for cause in Cause}:
            choices = "、".join(f"{cause.value}（{cause.title}）" for cause in Cause)
            yield f"元素“{delay.element}”的延误原因“{delay.cause}”不存在，可用：{choices}"
    if rule.counts and rule.counts not in {trigger.element for trigger in rule.starts}:
        yield f"起算元素“{rule.counts}”不在起始元素之中"
    if rule.per_step:
        if len({trigger.element for trigger in (*rule.starts, *rule.stops)}) != 1 or not rule.starts:
            yield "环节计时须由同一元素起止"
        if rule.reopens or rule.resumes or rule.milestones or rule.restarts:
            yield "环节计时不能恢复、重新起算，也没有节点"


def _triggers(rows: Iterable[Mapping[str, str]]) -> tuple[Trigger, ...]:
    return tuple(Trigger(**row) for row in rows)

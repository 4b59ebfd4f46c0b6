"""What new cases are started with that a company decides for itself: its calendar, limits, posts and authorities, how
its clocks count.

All of it is read anew at the start of each case, which keeps what it was started with. Every setting is an environment
variable with the prefix YEKUO_.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bpmn.definition import Definition
from domain.authority import AuthorityTable
from domain.business_time import close_of_business
from domain.calendar import WorkingCalendar
from domain.clock import ClockSettings
from domain.clock_rules import rule_faults
from domain.limits import LimitTable
from domain.posts import Post, PostTable
from storage.company_tables import (
    SettingsRefused,
    TableFiles,
    authority_in_force,
    calendar_in_force,
    limits_in_force,
    posts_in_force,
)
from storage.rules import RuleKind, RuleVersion
from workflows.watch import clock_rules


class CaseSettings(TableFiles):
    """What a company decides for its new cases.

    `clock_counts` is written `clock=element,...`, `move_posts` and `promise_posts` `post,...`.
    """

    clock_close: str = "24:00"
    """The end of a day: `24:00`, or close of business such as `17:30`."""
    clock_counts: str = ""
    """Which start counts for clocks that have several, such as `grid_works=sign_plan`."""
    move_posts: str = ""
    """Who may move a due date, as may those above; unless set, `department_head,service_centre`."""
    promise_posts: str = ""
    """Who may move the due date of a promise; unless set, `company_head`."""


@dataclass(frozen=True)
class CaseRules:
    """What a new case carries of them; `authority_version` is 0 where no table of authorities was ever loaded."""

    limits: LimitTable
    posts: PostTable
    clocks: ClockSettings
    calendar: WorkingCalendar
    authority: AuthorityTable
    authority_version: int

    @property
    def limits_json(self) -> str:
        """The limits as `CaseStart` carries them."""
        return json.dumps(self.limits.to_json(), ensure_ascii=False)

    @property
    def posts_json(self) -> str:
        """The posts as `CaseStart` carries them."""
        return json.dumps(self.posts.to_json(), ensure_ascii=False)

    @property
    def authority_json(self) -> str:
        """The authorities as `CaseStart` carries them."""
        return json.dumps(self.authority.to_json(), ensure_ascii=False)


def read_rules(settings: CaseSettings | None = None, loaded: Mapping[RuleKind, RuleVersion] | None = None) -> CaseRules:
    """The rules as they stand now: what is `loaded` (`storage.rules.current_rules`), else environment and files.

    Raises `SettingsRefused`.
    """
    settings, loaded = settings or CaseSettings(), loaded or {}
    empowering = loaded.get(RuleKind.AUTHORITY)
    return CaseRules(
        limits_in_force(settings, loaded.get(RuleKind.LIMITS)),
        posts_in_force(settings, loaded.get(RuleKind.POSTS)),
        _clocks(settings),
        calendar_in_force(loaded.get(RuleKind.CALENDAR)),
        authority_in_force(settings, empowering),
        empowering.version if empowering else 0,
    )


def check_clocks(definition: Definition, rules: CaseRules) -> None:
    """Whether the rules fit the clocks of a diagram. Raises `SettingsRefused` where a clock would not be watched."""
    if faults := list(_clock_faults(definition, rules)):
        raise SettingsRefused("；".join(faults))


def _clocks(settings: CaseSettings) -> ClockSettings:
    try:
        close_of_business(settings.clock_close)
    except ValueError:
        raise SettingsRefused(f"YEKUO_CLOCK_CLOSE 为“{settings.clock_close}”，应为 17:30 或 24:00 这样的时间") from None
    counts = dict(_counts(settings.clock_counts))
    plain = ClockSettings()
    return ClockSettings(
        settings.clock_close,
        counts or None,
        move_posts=_posts("YEKUO_MOVE_POSTS", settings.move_posts) or plain.move_posts,
        promise_posts=_posts("YEKUO_PROMISE_POSTS", settings.promise_posts) or plain.promise_posts,
    )


def _counts(text: str) -> Iterator[tuple[str, str]]:
    for part in filter(None, map(str.strip, text.split(","))):
        clock, _, element = map(str.strip, part.partition("="))
        if not clock or not element:
            raise SettingsRefused(f"YEKUO_CLOCK_COUNTS 中的“{part}”应写作 计时编号=起算元素，例如 grid_works=sign_plan")
        yield clock, element


def _posts(variable: str, text: str) -> list[str]:
    codes = [part.strip() for part in text.split(",") if part.strip()]
    known = {post.value: post for post in Post if post is not Post.OFFICER}
    for code in codes:
        if code not in known:
            choices = "、".join(f"{value}（{post.title}）" for value, post in known.items())
            raise SettingsRefused(f"{variable} 中没有岗位“{code}”，可用：{choices}")
    return codes


def _clock_faults(definition: Definition, rules: CaseRules) -> Iterator[str]:
    clocks = [rule for process in definition.processes.values() for rule in clock_rules(process)]
    for process in definition.processes.values():
        yield from rule_faults(clock_rules(process), rules.limits)
    for clock, element in (rules.clocks.counts or {}).items():
        starts = {start.element for rule in clocks if rule.id == clock for start in rule.starts}
        if element not in starts:
            known = "、".join(sorted(starts)) or "无"
            yield f"YEKUO_CLOCK_COUNTS：计时“{clock}”不由“{element}”起算，起算元素：{known}"

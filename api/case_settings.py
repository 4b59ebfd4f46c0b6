"""What new cases are started with that a company decides for itself: its calendar, limits, posts and authorities, how
its clocks count.

The tables are those loaded into the database last (`storage.rules`). Of what was never loaded, limits, posts and
authorities are the files that the settings name, the calendar is the shipped one. All of it is read anew at the start
of each case, which keeps what it was started with. Every setting is an environment variable with the prefix YEKUO_.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic_settings import SettingsConfigDict

from bpmn.definition import Definition
from domain import authority, limits, posts
from domain.authority import AuthorityTable
from domain.business_time import close_of_business
from domain.calendar import WorkingCalendar
from domain.calendar_dump import read_calendar
from domain.clock import ClockSettings
from domain.clock_rules import rule_faults
from domain.fields import MissingFields
from domain.limits import LimitTable
from domain.posts import Post, PostTable
from storage.configured import Configured
from storage.rules import RuleKind, RuleVersion
from workflows.watch import clock_rules

T = TypeVar("T")


class SettingsRefused(ValueError):
    """No case can be started by these settings; the text says in Chinese which file or variable is wrong, and where."""


class CaseSettings(Configured):
    """What a company decides for its new cases.

    `clock_counts` is written `clock=element,...`, `move_posts` and `promise_posts` `post,...`.
    """

    model_config = SettingsConfigDict(env_prefix="YEKUO_")

    limits: Path = limits.SHIPPED
    """The file of limits 时限表, read at the start of each case as long as none has been loaded over the API."""
    posts: Path = posts.SHIPPED
    """The file of posts 岗位表, read at the start of each case as long as none has been loaded over the API."""
    authority: Path = authority.SHIPPED
    """The file of authorities 授权表, read at the start of each case as long as none has been loaded over the API."""
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


def limits_in_force(settings: CaseSettings, loaded: RuleVersion | None) -> LimitTable:
    """The limits that new cases are started with. Raises `SettingsRefused`."""
    if loaded:
        return _kept("时限表", loaded, LimitTable.from_json)
    return _read("YEKUO_LIMITS", "时限表", settings.limits, LimitTable.from_json)


def posts_in_force(settings: CaseSettings, loaded: RuleVersion | None) -> PostTable:
    """Who holds which post now. Raises `SettingsRefused`."""
    if loaded:
        return _kept("岗位表", loaded, PostTable.from_json)
    return _read("YEKUO_POSTS", "岗位表", settings.posts, PostTable.from_json)


def authority_in_force(settings: CaseSettings, loaded: RuleVersion | None) -> AuthorityTable:
    """Which level decides what in new cases. Raises `SettingsRefused`."""
    if loaded:
        return _kept("授权表", loaded, AuthorityTable.from_json)
    return _read("YEKUO_AUTHORITY", "授权表", settings.authority, AuthorityTable.from_json)


def calendar_in_force(loaded: RuleVersion | None) -> WorkingCalendar:
    """The calendar that new cases are started with. Raises `SettingsRefused`."""
    return _kept("放假安排表", loaded, read_calendar) if loaded else WorkingCalendar.shipped()


def check_clocks(definition: Definition, rules: CaseRules) -> None:
    """Whether the rules fit the clocks of a diagram. Raises `SettingsRefused` where a clock would not be watched."""
    if faults := list(_clock_faults(definition, rules)):
        raise SettingsRefused("；".join(faults))


def _read(variable: str, what: str, path: Path, table: Callable[[Any], T]) -> T:
    try:
        data = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SettingsRefused(f"{what} {path} 无法打开（{error.strerror}），请核对 {variable}") from None
    except UnicodeDecodeError:
        raise SettingsRefused(f"{what} {path} 不是 UTF-8 编码的文本") from None
    except json.JSONDecodeError as error:
        raise SettingsRefused(f"{what} {path} 第{error.lineno}行第{error.colno}列不是 JSON：{error.msg}") from None
    if not isinstance(data, dict):
        raise SettingsRefused(f"{what} {path} 应为 JSON 对象")
    try:
        return table(data)
    except MissingFields as error:
        raise SettingsRefused(f"{what} {path}：{error}") from error


def _kept(what: str, loaded: RuleVersion, table: Callable[[Any], T]) -> T:
    try:
        return table(loaded.content)
    except MissingFields as error:
        raise SettingsRefused(f"数据库中的{what}第{loaded.version}版：{error}") from error


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

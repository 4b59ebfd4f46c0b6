"""What new cases are started with that a company decides for itself: limits, posts, and how its clocks count.

Every setting is an environment variable with the prefix YEKUO_. Limits and posts are files that a domain officer edits;
they are read anew at the start of each case, which keeps what it was started with.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic_settings import BaseSettings, SettingsConfigDict

from bpmn.definition import Definition
from domain import limits, posts
from domain.business_time import close_of_business
from domain.clock import ClockSettings
from domain.clock_rules import rule_faults
from domain.fields import MissingFields
from domain.limits import LimitTable
from domain.posts import Post, PostTable
from workflows.watch import clock_rules

T = TypeVar("T")


class SettingsRefused(ValueError):
    """No case can be started by these settings; the text says in Chinese which file or variable is wrong, and where."""


class CaseSettings(BaseSettings):
    """Settings of one installation; a variable that is set but empty counts as not set.

    `clock_counts` is written `clock=element,...`, `move_posts` and `promise_posts` `post,...`.
    """

    model_config = SettingsConfigDict(env_prefix="YEKUO_", env_ignore_empty=True, extra="ignore")

    limits: Path = limits.SHIPPED
    posts: Path = posts.SHIPPED
    clock_close: str = "24:00"
    clock_counts: str = ""
    move_posts: str = ""
    promise_posts: str = ""


@dataclass(frozen=True)
class CaseRules:
    """What a new case carries of them."""

    limits: LimitTable
    posts: PostTable
    clocks: ClockSettings

    @property
    def limits_json(self) -> str:
        """The limits as `CaseStart` carries them."""
        return json.dumps(self.limits.to_json(), ensure_ascii=False)

    @property
    def posts_json(self) -> str:
        """The posts as `CaseStart` carries them."""
        return json.dumps(self.posts.to_json(), ensure_ascii=False)


def read_rules(settings: CaseSettings | None = None) -> CaseRules:
    """The rules as they stand in environment and files now. Raises `SettingsRefused`."""
    settings = settings or CaseSettings()
    return CaseRules(
        _read("YEKUO_LIMITS", "时限表", settings.limits, LimitTable.from_json),
        _read("YEKUO_POSTS", "岗位表", settings.posts, PostTable.from_json),
        _clocks(settings),
    )


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

"""The tables that a company keeps: calendar, limits, posts and authorities, as they stand now.

They are those loaded into the database last (`storage.rules`). Of what was never loaded, limits, posts and authorities
are the files that the settings name, read anew each time; the calendar is the shipped one.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic_settings import SettingsConfigDict

from domain import authority, limits, posts
from domain.authority import AuthorityTable
from domain.calendar import WorkingCalendar
from domain.calendar_dump import read_calendar
from domain.fields import MissingFields
from domain.limits import LimitTable
from domain.posts import PostTable
from storage.configured import Configured
from storage.rules import RuleVersion

T = TypeVar("T")


class SettingsRefused(ValueError):
    """Nothing can be done by these settings; the text says in Chinese which file or variable is wrong, and where."""


class TableFiles(Configured):
    """Where the tables are that nobody has loaded."""

    model_config = SettingsConfigDict(env_prefix="YEKUO_")

    limits: Path = limits.SHIPPED
    """The file of limits 时限表, read at the start of each case as long as none has been loaded over the API."""
    posts: Path = posts.SHIPPED
    """The file of posts 岗位表, read at the start of each case as long as none has been loaded over the API."""
    authority: Path = authority.SHIPPED
    """The file of authorities 授权表, read at the start of each case as long as none has been loaded over the API."""


def limits_in_force(files: TableFiles, loaded: RuleVersion | None) -> LimitTable:
    """The limits that new cases are started with. Raises `SettingsRefused`."""
    if loaded:
        return _kept("时限表", loaded, LimitTable.from_json)
    return _read("YEKUO_LIMITS", "时限表", files.limits, LimitTable.from_json)


def posts_in_force(files: TableFiles, loaded: RuleVersion | None) -> PostTable:
    """Who holds which post now. Raises `SettingsRefused`."""
    if loaded:
        return _kept("岗位表", loaded, PostTable.from_json)
    return _read("YEKUO_POSTS", "岗位表", files.posts, PostTable.from_json)


def authority_in_force(files: TableFiles, loaded: RuleVersion | None) -> AuthorityTable:
    """Which level decides what in new cases. Raises `SettingsRefused`."""
    if loaded:
        return _kept("授权表", loaded, AuthorityTable.from_json)
    return _read("YEKUO_AUTHORITY", "授权表", files.authority, AuthorityTable.from_json)


def calendar_in_force(loaded: RuleVersion | None) -> WorkingCalendar:
    """The calendar that new cases are started with. Raises `SettingsRefused`."""
    return _kept("放假安排表", loaded, read_calendar) if loaded else WorkingCalendar.shipped()


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

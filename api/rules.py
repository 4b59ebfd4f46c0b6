"""The tables that a company loads, calendar, limits, posts, authorities, rules of outage plans: what may become
current, how each is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from activities.starting import unpacked
from api.case_settings import CaseSettings
from domain.authority import AuthorityTable
from domain.calendar_dump import read_calendar
from domain.calendars import is_news
from domain.clock_rules import rule_faults
from domain.differences import (
    Difference,
    authority_difference,
    calendar_difference,
    limits_difference,
    outage_rules_difference,
    planning_difference,
    posts_difference,
)
from domain.feel import shipped_functions
from domain.fields import FieldProblem, Fields, MissingFields
from domain.limits import LimitTable
from domain.outage.rules import OutageRules
from domain.posts import Holder, PostTable, Quiet
from domain.stock.planning import LeadTime, StageOutlook, StockPlanning, TypicalNeed
from storage.accounts import accounts_named
from storage.base import storable
from storage.bundles import current_bundles
from storage.company_tables import authority_in_force, calendar_in_force, limits_in_force, posts_in_force
from storage.rules import RuleKind, RuleVersion, current_rule, load_rules, lock_rules
from workflows import definitions
from workflows.watch import clock_rules

MOST_ROWS = 2000
"""Rows of one table: the limits are compared each with each other."""
_DEEPEST = 8
_OLDER = "这份放假安排缺少现行表中的年份，或所依据的通知比现行的旧：新受理的工单按此计算，在办工单不会换用"


@dataclass(frozen=True)
class Table:
    """One kind of table: its name for people, how it is read, what holds before one is loaded, how two differ.

    `read` raises `MissingFields`, `before` may raise `SettingsRefused`.
    """

    name: str
    read: Callable[[Mapping[str, Any]], Any]
    before: Callable[[CaseSettings], Any]
    difference: Callable[[Any, Any], Difference]


TABLES: Mapping[RuleKind, Table] = {
    RuleKind.CALENDAR: Table("放假安排表", read_calendar, lambda _: calendar_in_force(None), calendar_difference),
    RuleKind.LIMITS: Table("时限表", LimitTable.from_json, lambda s: limits_in_force(s, None), limits_difference),
    RuleKind.POSTS: Table("岗位表", PostTable.from_json, lambda s: posts_in_force(s, None), posts_difference),
    RuleKind.AUTHORITY: Table(
        "授权表", AuthorityTable.from_json, lambda s: authority_in_force(s, None), authority_difference
    ),
    RuleKind.STOCK_PLANNING: Table(
        "储备测算表", StockPlanning.from_json, lambda _: StockPlanning.shipped(), planning_difference
    ),
    RuleKind.OUTAGE: Table(
        "停电计划规则表", OutageRules.from_json, lambda _: OutageRules.shipped(), outage_rules_difference
    ),
}


@dataclass(frozen=True)
class LoadedTable:
    """A table that is current now; `new` where it was not before. `warnings`, in Chinese, did not keep it from that."""

    version: RuleVersion
    new: bool
    warnings: tuple[str, ...]


def load(
    session: Session, kind: RuleKind, content: Mapping[str, Any], note: str, by: str, now: datetime
) -> LoadedTable:
    """Makes a table current. Raises `MissingFields` with all that is wrong with it; then nothing has changed."""
    table = checked(kind, content)
    lock_rules(session)
    if kind is RuleKind.LIMITS and (problems := list(_clock_problems(session, table))):
        raise MissingFields(_doing(kind), problems)
    warnings = tuple(_warnings(session, kind, table))
    version, new = load_rules(session, kind, table.to_json(), note, by, now)
    return LoadedTable(version, new, warnings)


def checked(kind: RuleKind, content: Mapping[str, Any]) -> Any:
    """The table that was sent, where nothing is wrong with it by itself. Raises `MissingFields`."""
    if problems := list(_bounds(kind, content)):
        raise MissingFields(_doing(kind), problems)
    unknown = list(_unknown(kind, content))
    try:
        table = TABLES[kind].read(content)
    except MissingFields as error:
        raise MissingFields(_doing(kind), [*unknown, *error.problems]) from error
    if unknown:
        raise MissingFields(_doing(kind), unknown)
    return table


def _doing(kind: RuleKind) -> str:
    return f"采用这份{TABLES[kind].name}"


def _bounds(kind: RuleKind, content: Mapping[str, Any]) -> Iterator[FieldProblem]:
    """What must not even be read."""
    name = TABLES[kind].name
    if _is_deep(content):
        yield FieldProblem("content", name, f"嵌套超过{_DEEPEST}层")
        return
    if any(storable(text) != text for text in _texts(content)):
        yield FieldProblem("content", name, "含有不能保存的字符")
    lists = content.values() if kind is not RuleKind.CALENDAR else _parts(content)
    rows = sum(len(rows) for rows in lists if isinstance(rows, list))
    if rows > MOST_ROWS:
        yield FieldProblem("content", name, f"有{rows}行，最多{MOST_ROWS}行")


def _parts(content: Mapping[str, Any]) -> Iterator[Any]:
    for year in content.values():
        yield from year.values() if isinstance(year, dict) else ()


def _is_deep(content: Mapping[str, Any]) -> bool:
    level: list[Any] = [content]
    for _ in range(_DEEPEST):
        level = [inner for one in level for inner in _within(one)]
    return any(isinstance(one, dict | list) for one in level)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in (*(value if isinstance(value, dict) else ()), *_within(value)):
        yield from _texts(inner)


def _within(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _unknown(kind: RuleKind, content: Mapping[str, Any]) -> Iterator[FieldProblem]:
    """Columns that nobody reads: a misspelt one would be lost in silence. The rows of limits are looked at by
    `LimitTable`, those of authorities by `AuthorityTable`, the years of calendars by `read_calendar`, all of the rules
    of outage plans by `OutageRules`."""
    if kind is RuleKind.LIMITS:
        yield from _unknown_columns(LimitTable, content, "", "时限表")
    if kind is RuleKind.AUTHORITY:
        yield from _unknown_columns(AuthorityTable, content, "", "授权表")
    if kind is RuleKind.POSTS:
        yield from _unknown_columns(PostTable, content, "", "岗位表")
        yield from _unknown_parts(content, ("rows", Holder, "岗位"), ("quiet", Quiet, "免扰时段"))
    if kind is RuleKind.STOCK_PLANNING:
        yield from _unknown_columns(StockPlanning, content, "", "储备测算表")
        needs, stages = ("needs", TypicalNeed, "典型用量"), ("stages", StageOutlook, "环节概率")
        yield from _unknown_parts(content, ("leadTimes", LeadTime, "采购周期"), needs, stages)


def _unknown_parts(content: Mapping[str, Any], *parts: tuple[str, type[Fields], str]) -> Iterator[FieldProblem]:
    for part, group, label in parts:
        rows = content.get(part)
        for number, row in enumerate(rows if isinstance(rows, list) else (), 1):
            if isinstance(row, dict):
                yield from _unknown_columns(group, row, f"{part}[{number}].", f"{label}第{number}行·")


def _unknown_columns(group: type[Fields], row: Mapping[str, Any], place: str, label: str) -> Iterator[FieldProblem]:
    known = {field.alias for field in group.model_fields.values()}
    for column in row:
        if column not in known:
            yield FieldProblem(f"{place}{column}", f"{label}未知栏目", "没有这一栏，请核对拼写")


def _clock_problems(session: Session, limits: LimitTable) -> Iterator[FieldProblem]:
    """What the clocks of the deployed diagrams would miss."""
    functions = shipped_functions()
    for bundle in current_bundles(session):
        definition = definitions.load(bundle.sha256, unpacked(bundle.payload), functions)
        process = definition.processes[bundle.key]
        for fault in rule_faults(clock_rules(process), limits):
            yield FieldProblem("rows", f"已部署的流程“{process.name}”：", fault)


def _warnings(session: Session, kind: RuleKind, table: Any) -> Iterator[str]:
    if kind is RuleKind.POSTS:
        yield from _unknown_accounts(session, [row.account for row in table.rows])
    if kind is RuleKind.CALENDAR:
        known = calendar_in_force(current_rule(session, kind)).tables
        if table.tables != known and not is_news(table.tables, known):
            yield _OLDER


def _unknown_accounts(session: Session, named: Sequence[str]) -> Iterator[str]:
    known = accounts_named(session, named)
    for name in dict.fromkeys(named):
        if name not in known:
            yield f"岗位表中的账号“{name}”尚未开通"
        elif known[name].disabled:
            yield f"岗位表中的账号“{name}”已停用"

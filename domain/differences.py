"""How two versions of a table differ, for people: which rows came, went and changed, and what each said before.

Limits are told apart by step and row, calendars by day (and the notices by year), posts by seat, authorities by id,
what replenishment is worked out from by item or stage,
the rules of outage plans by figure, by the codes of units, crews and teams, by the two of a relation, by period.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.authority import LEVELS, MATTERS, PROJECT_KINDS, AuthorityTable, Grant
from domain.calendar import WorkingCalendar
from domain.calendars import YearTable
from domain.calendars.days import DayKind
from domain.chinese import plain_number, written_date
from domain.departments import full_name
from domain.fields import Fields
from domain.limits import Limit, LimitTable
from domain.outage.rules import RELATIONS, OutageRules, Sourced
from domain.posts import PostTable, Quiet
from domain.stock.planning import LeadTime, StageOutlook, StockPlanning, TypicalNeed

Value = str | int | float | bool | None


@dataclass(frozen=True)
class Cell:
    """One column of a row: its key, its Chinese label, what it says."""

    field: str
    label: str
    value: Value


@dataclass(frozen=True)
class Row:
    """One row of a table: what tells it apart from the others, its name for people, its columns."""

    key: str
    title: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Change:
    """One column that says something else; None where the row does not say it."""

    field: str
    label: str
    old: Value
    new: Value


@dataclass(frozen=True)
class ChangedRow:
    """One row that both versions have, and its columns that differ."""

    key: str
    title: str
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Difference:
    """What is in the new version only, in the old one only, and in both but not alike; each in the order of keys."""

    added: tuple[Row, ...]
    removed: tuple[Row, ...]
    changed: tuple[ChangedRow, ...]


def limits_difference(old: LimitTable, new: LimitTable) -> Difference:
    """How two tables of limits differ."""
    return _difference(list(_limit_rows(old)), list(_limit_rows(new)))


def calendar_difference(old: WorkingCalendar, new: WorkingCalendar) -> Difference:
    """How two calendars differ: days that are off or worked at a weekend, and the notices of each year."""
    return _difference(list(_calendar_rows(old)), list(_calendar_rows(new)))


def posts_difference(old: PostTable, new: PostTable) -> Difference:
    """How two tables of posts differ: who holds a seat, and when a post is not written to."""
    return _difference(list(_post_rows(old)), list(_post_rows(new)))


def authority_difference(old: AuthorityTable, new: AuthorityTable) -> Difference:
    """How two tables of authorities differ."""
    return _difference(list(_authority_rows(old)), list(_authority_rows(new)))


def outage_rules_difference(old: OutageRules, new: OutageRules) -> Difference:
    """How two tables of the rules of outage plans differ."""
    return _difference(list(_outage_rows(old)), list(_outage_rows(new)))


def sentences(difference: Difference) -> list[str]:
    """A difference in Chinese, a sentence for each row."""
    return [
        *(f"新增：{row.title}" for row in difference.added),
        *(f"取消：{row.title}" for row in difference.removed),
        *(f"修改：{row.title}，{'，'.join(map(_change_said, row.changes))}" for row in difference.changed),
    ]


def _change_said(change: Change) -> str:
    return f"{change.label}由{_spoken(change.old)}改为{_spoken(change.new)}"


def _spoken(value: Value) -> Value:
    if isinstance(value, bool):
        return "是" if value else "否"
    return "无" if value is None else value


def planning_difference(old: StockPlanning, new: StockPlanning) -> Difference:
    """How two tables of lead times, usual needs and likelihoods differ."""
    return _difference(list(_planning_rows(old)), list(_planning_rows(new)))


def _difference(old: Sequence[Row], new: Sequence[Row]) -> Difference:
    before, after = {row.key: row for row in old}, {row.key: row for row in new}
    changed = (_changed(before[key], after[key]) for key in sorted(before.keys() & after.keys()))
    return Difference(
        tuple(after[key] for key in sorted(after.keys() - before.keys())),
        tuple(before[key] for key in sorted(before.keys() - after.keys())),
        tuple(row for row in changed if row.changes),
    )


def _changed(old: Row, new: Row) -> ChangedRow:
    before, after = ({cell.field: cell for cell in row.cells} for row in (old, new))
    changes = []
    for field in dict.fromkeys((*before, *after)):
        one, other = before.get(field), after.get(field)
        was, is_ = one.value if one else None, other.value if other else None
        if was != is_:
            changes.append(Change(field, (other or before[field]).label, was, is_))
    return ChangedRow(new.key, new.title, tuple(changes))


def _limit_rows(table: LimitTable) -> Iterator[Row]:
    for row in table.rows:
        yield Row(f"{row.step}:{row.id}", row.name, tuple(_cells(row, Limit)))


def _post_rows(table: PostTable) -> Iterator[Row]:
    for row in table.rows:
        yield Row(row.seat.code, row.seat.title, (Cell("account", "账号", row.account),))
    for quiet in table.quiet:
        name = quiet.post.title if quiet.post else "其他岗位"
        code = quiet.post.value if quiet.post else ""
        yield Row(f"quiet:{code}", f"免扰时段（{name}）", tuple(_cells(quiet, Quiet)))


def _authority_rows(table: AuthorityTable) -> Iterator[Row]:
    for row in table.rows:
        cells = (replace(one, value=_names(one.field, one.value)) for one in _cells(row, Grant))
        yield Row(row.id, row.title, tuple(cells))


def _outage_rows(table: OutageRules) -> Iterator[Row]:
    yield Row("version", "版本", (Cell("version", "版本", table.version),))
    for name, field in OutageRules.model_fields.items():
        value = getattr(table, name)
        if isinstance(value, Sourced):
            yield Row(f"figure:{field.alias}", field.title or name, tuple(_outage_cells(value)))
    for unit in table.units:
        yield Row(f"unit:{unit.code}", f"调度单位（{unit.name}）", tuple(_outage_cells(unit)))
    for crew in table.crews:
        yield Row(f"crew:{crew.code}", f"施工班组（{crew.name}）", tuple(_outage_cells(crew)))
    for team in table.switching_teams:
        yield Row(f"team:{team.code}", f"操作班组（{team.name}）", tuple(_outage_cells(team)))
    for each in table.frequency:
        yield Row(f"frequency:{each.days}:{each.outages}", f"停电频次（{each.days}天）", tuple(_outage_cells(each)))
    for pair in table.relations:
        title = f"设备关系（{pair.first}与{pair.second}{RELATIONS[pair.kind]}）"
        yield Row(f"relation:{pair.kind}:{pair.first}:{pair.second}", title, tuple(_outage_cells(pair)))
    for period in table.protected_periods:
        where = "、".join((*period.stations, *period.feeders)) or "全部"
        key = f"protected:{period.start.isoformat()}:{period.end.isoformat()}:{where}"
        yield Row(key, f"保电时段（{where}，{period.reason}）", tuple(_outage_cells(period)))
    for row in table.outlook:
        yield Row(f"outlook:{row.stage}", f"送电展望（{row.stage}）", tuple(_outage_cells(row)))


def _outage_cells(row: Sourced) -> Iterator[Cell]:
    """The columns of a row; what is a list stands in one cell, what is a code by its name."""
    told = row.model_dump(mode="json", by_alias=True)
    for field in type(row).model_fields.values():
        key = field.alias or ""
        value = told[key]
        if key == "kind":
            value = RELATIONS[value]
        yield Cell(key, field.title or key, "、".join(value) if isinstance(value, list) else value)


def _names(column: str, value: Value) -> Value:
    """What stands for a code."""
    names: Mapping[str, Mapping[str, str]] = {"matter": MATTERS, "projectKind": PROJECT_KINDS, "level": LEVELS}
    return full_name(str(value)) if column == "department" else names.get(column, {}).get(str(value), value)


def _planning_rows(table: StockPlanning) -> Iterator[Row]:
    yield Row("horizon", "测算周数", (Cell("horizonWeeks", "测算周数", table.horizon_weeks),))
    for lead in table.lead_times:
        yield Row(f"lead:{lead.item}", f"采购周期（{lead.item}）", tuple(_cells(lead, LeadTime)))
    for need in table.needs:
        span = f"{plain_number(need.voltage_from)}–{plain_number(need.voltage_to)}kV"
        yield Row(f"need:{need.item}:{span}", f"典型用量（{need.item}，{span}）", tuple(_cells(need, TypicalNeed)))
    for row in table.stages:
        yield Row(f"stage:{row.process}:{row.stage}", f"环节概率（{row.stage}）", tuple(_cells(row, StageOutlook)))


def _calendar_rows(calendar: WorkingCalendar) -> Iterator[Row]:
    for year, table in calendar.tables.items():
        yield Row(str(year), f"{year}年", (Cell("notices", "依据", _notices(table)),))
        for day, (kind, holiday) in _special_days(table).items():
            cells = (Cell("kind", "性质", kind.value), Cell("holiday", "节日", holiday))
            yield Row(day.isoformat(), written_date(day), cells)


def _special_days(table: YearTable) -> dict[dt.date, tuple[DayKind, str]]:
    """The days of a year's table that are not as other days of their week are, with the holiday."""
    days: dict[dt.date, tuple[DayKind, str]] = {}
    for holiday in table.holidays:
        days.update((day, (DayKind.HOLIDAY, holiday.name)) for day in holiday.days_off())
        days.update((day, (DayKind.MAKE_UP, holiday.name)) for day in holiday.make_up_days)
    return days


def _notices(table: YearTable) -> str:
    named = (f"{one.title}（{one.number}，{written_date(one.announced_on)}）" for one in table.notices)
    return "；".join(named) or "尚无通知，暂按法定节日"


def _cells(row: Fields, group: type[Fields]) -> Iterator[Cell]:
    """The columns of a row by their labels; those that say nothing are left out."""
    told: Mapping[str, Value] = row.model_dump(mode="json", by_alias=True)
    for field in group.model_fields.values():
        key = field.alias or ""
        if told.get(key) is not None:
            yield Cell(key, field.title or key, told[key])

"""The time limits of a case: a table of rows that a domain officer edits, read with all its faults at once.

No limit is a constant of the program. A row says for which cases it holds (step, voltage, sources, dedicated line), how
long it is, which events begin and end it, where the rule comes from, whether someone has verified it, and since when
it holds. Beside the value that is used stand the lawful bound (供电监管办法) and an older assessment, for comparison
(domain.md §1.2). A case carries the whole table as JSON and so keeps the version that it started with.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from domain.calendar import DueDay, WorkingCalendar
from domain.chinese import months_later, plain_number, written_date
from domain.fields import Count, Day, FieldProblem, Fields, MissingFields, Number, Rows, Text, given, read_fields

SHIPPED = Path(__file__).parent / "limits.json"

UNITS = {"workdays": "个工作日", "calendar": "日", "months": "个月"}
"""What a limit counts, with the Chinese measure word."""
SOURCES = {"single": "单电源", "dual": "双电源及多电源", "any": "不限"}
"""For how many supply sources a row holds."""
ONLY_10KV = ("grid_works", "late_contract", "energization")
"""The steps of the three rules that hold at 10kV and nowhere else: works within 30 working days of the reply, the works
contract signed after an early start, power within a week of the application (domain.md §1.1 nos. 7, 8 and 9)."""
_DOING = "采用这份时限表"


def one_of(words: Mapping[str, str]) -> Callable[[Any], str]:
    """Reads one of these codes; the words say in Chinese what each means."""

    def choose(value: Any) -> str:
        if isinstance(value, str) and value in words:
            return value
        choices = "、".join(f"{code}（{name}）" for code, name in words.items())
        raise PydanticCustomError("field", "{problem}", {"problem": f"应为{choices}之一"})

    return choose


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise PydanticCustomError("field", "{problem}", {"problem": "应为true（是）或false（否）"})


Flag = Annotated[bool, BeforeValidator(_flag)]


class Limit(Fields):
    """One row: how long a step may take, in which cases, by which rule.

    Voltages are in kV, both ends included, no upper end where `voltage_to` is not given. `dedicated` true holds for
    dedicated lines 专线 only, false for others only. `rollover` moves an end that is a rest day to the next working day
    (民法典 203; always so for working days). `red_days` are the calendar days after which a lapse is red, where that is
    later than the limit itself. `promise` marks the company's two promises, whose breach climbs to the top at once.
    `lawful_days` and `older_days` count as `unit` does. With `before`, a milestone's limit counts back from the last
    day of its clock: what is to be done so long before.
    """

    id: Text = Field(title="编号")
    step: Text = Field(title="环节代码")
    name: Text = Field(title="名称")
    voltage_from: Number = Field(title="电压下限(kV)")
    voltage_to: Number | None = Field(None, title="电压上限(kV)")
    sources: Annotated[str, BeforeValidator(one_of(SOURCES))] = Field("any", title="电源数")
    dedicated: Flag | None = Field(None, title="是否专线")
    days: Count = Field(title="期限")
    unit: Annotated[str, BeforeValidator(one_of(UNITS))] = Field(title="计量")
    rollover: Flag = Field(title="遇休息日顺延")
    red_days: Count | None = Field(None, title="转红日数")
    promise: Flag = Field(False, title="公司承诺")
    before: Flag = Field(False, title="自到期日倒计")
    start_event: Text = Field(title="起算事件")
    stop_event: Text = Field(title="截止事件")
    source: Text = Field(title="规则来源")
    verified: Flag = Field(title="已核实")
    effective_from: Day = Field(title="施行日期")
    lawful_days: Count | None = Field(None, title="法定上限")
    lawful_source: Text | None = Field(None, title="法定上限来源")
    older_days: Count | None = Field(None, title="原考核时限")
    older_source: Text | None = Field(None, title="原考核时限来源")

    def holds_for(self, voltage_kv: Decimal, sources: int, dedicated: bool) -> bool:
        """Whether the row speaks of such a case, its date apart."""
        return (
            self.voltage_from <= voltage_kv
            and (self.voltage_to is None or voltage_kv <= self.voltage_to)
            and self.sources in ("any", "single" if sources == 1 else "dual")
            and self.dedicated in (None, dedicated)
        )

    def last_day(self, start: dt.date, calendar: WorkingCalendar) -> DueDay:
        """The last day of the limit; the starting day is not counted (民法典 201).

        With `before`, `start` is what is counted back from: an end on a rest day is then the working day before.
        """
        if self.before:
            back = -self.days
            if self.unit == "workdays":
                return calendar.add_workdays(start, back)
            return calendar.add_calendar_days(start, back, self.rollover)
        if self.unit == "workdays":
            return calendar.add_workdays(start, self.days)
        count = (months_later(start, self.days) - start).days if self.unit == "months" else self.days
        return calendar.add_calendar_days(start, count, self.rollover)

    def days_between(self, start: dt.date, end: dt.date, calendar: WorkingCalendar) -> int:
        """How many days of the limit the time from a start to an end has used up; of months, all of their days."""
        return calendar.workdays_between(start, end) if self.unit == "workdays" else (end - start).days

    def after(self, used: int) -> Limit:
        """The row for what is left of it: one day at least, for what has been broken is not mended."""
        return self.model_copy(update={"days": max(self.days - used, 1)}) if used else self

    def lawful(self) -> Limit | None:
        """The row with its lawful bound for its days; None where it names none."""
        return self.model_copy(update={"days": self.lawful_days}) if self.lawful_days and not self.before else None

    def words(self) -> str:
        """The limit in Chinese: its name, how long it is, from what to what."""
        return f"{self.name}{self._span()}"

    def sentences(self) -> tuple[str, ...]:
        """By which rule, in Chinese: the limit, its source and whether it is verified, and what it is compared with."""
        state = "已核实" if self.verified else "未核实，须由业务主管确认"
        since = f"本表自{written_date(self.effective_from)}起采用"
        parts = [f"规则：{self.words()}，来源：{self.source}（{state}，{since}）。"]
        if self.lawful_days is not None:
            parts.append(f"{self.lawful_words()}。")
        if self.older_days is not None:
            parts.append(f"原考核时限{self._long(self.older_days)}（{self.older_source}）。")
        return tuple(parts)

    def lawful_words(self) -> str:
        """The lawful bound in Chinese with its source; empty where the row names none."""
        return f"法定上限{self._long(self.lawful_days)}（{self.lawful_source}）" if self.lawful_days else ""

    def contradictions(self) -> Iterator[tuple[str, str, str]]:
        """Columns of the row that cannot be true together: field, label, problem."""
        if self.voltage_to is not None and self.voltage_to < self.voltage_from:
            yield "voltage_to", "电压上限(kV)", f"低于电压下限{plain_number(self.voltage_from)}"
        if self.step.partition(".")[0] in ONLY_10KV and self.voltage_to != 10:
            yield "voltage_to", "电压上限(kV)", f"环节“{self.step}”只适用于10kV，不得用于35kV及以上，应为10"
        if self.unit == "workdays" and not self.rollover:
            yield "rollover", "遇休息日顺延", "按工作日计的期限总止于工作日，应为true"
        if self.red_days is not None and (self.unit != "calendar" or self.red_days <= self.days):
            yield "red_days", "转红日数", "只用于按日计的期限，且应大于期限"
        if self.before and (self.unit == "months" or self.promise or self.red_days is not None):
            yield "before", "自到期日倒计", "只用于按工作日或日计的节点，不与公司承诺、转红日数并用"
        if self.lawful_days is not None and self.days > self.lawful_days:
            yield "days", "期限", f"长于法定上限{self.lawful_days}"
        for days, source in (("lawful_days", "lawful_source"), ("older_days", "older_source")):
            if (getattr(self, days) is None) != (getattr(self, source) is None):
                yield source, type(self).model_fields[source].title or source, "应与相应的日数一同填写"

    def overlaps(self, other: Limit) -> bool:
        """Whether some case would find both rows, and neither the newer."""
        return (
            (self.step, self.effective_from) == (other.step, other.effective_from)
            and (other.voltage_to is None or self.voltage_from <= other.voltage_to)
            and (self.voltage_to is None or other.voltage_from <= self.voltage_to)
            and (self.sources == other.sources or "any" in (self.sources, other.sources))
            and (self.dedicated is None or other.dedicated is None or self.dedicated == other.dedicated)
        )

    def _span(self) -> str:
        if self.before:
            return f"（{self.start_event}前{self._long(self.days)}，{self.stop_event}止）"
        return f"{self._long(self.days)}（{self.start_event}起，{self.stop_event}止）"

    def _long(self, days: int) -> str:
        return f"{days}{UNITS[self.unit]}"


class LimitTable(Fields):
    """One version of the limits; a value that never changes and travels as JSON."""

    version: Text = Field(title="版本")
    rows: Rows[Limit] = Field(title="时限")

    @classmethod
    def shipped(cls) -> LimitTable:
        """The table that comes with the program; raises `MissingFields` where it is wrong."""
        return _shipped()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> LimitTable:
        """The table that `to_json` wrote or an officer edited.

        Raises `MissingFields`, naming every fault by row, label and column in Chinese: columns that are missing,
        misspelt or wrong, columns that contradict each other, ids given twice, and rows of which a case could not know
        which one holds.
        """
        unknown = list(_unknown_columns(data))
        try:
            table = read_fields(cls, _DOING, data)
        except MissingFields as error:
            raise MissingFields(_DOING, [*unknown, *error.problems]) from error
        if problems := [*unknown, *table._faults()]:
            raise MissingFields(_DOING, problems)
        return table

    def to_json(self) -> dict[str, Any]:
        """The table as plain JSON, columns that say nothing left out."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    def row(self, step: str, voltage_kv: Decimal | float, sources: int, dedicated: bool, on: dt.date) -> Limit | None:
        """The row that holds for such a case on a day: the newest in force; None where no limit is set.

        `sources` is the number of supply sources.
        """
        voltage = Decimal(str(voltage_kv))
        found = [
            row
            for row in self.rows
            if row.step == step and row.effective_from <= on and row.holds_for(voltage, sources, dedicated)
        ]
        return max(found, key=lambda row: row.effective_from, default=None)

    def steps(self) -> frozenset[str]:
        """The steps that some row limits."""
        return frozenset(row.step for row in self.rows)

    def _faults(self) -> Iterator[FieldProblem]:
        seen: dict[str, int] = {}
        for number, row in enumerate(self.rows, 1):
            for field, label, problem in row.contradictions():
                yield _problem(number, to_camel(field), label, problem)
            if row.id in seen:
                yield _problem(number, "id", "编号", f"“{row.id}”与第{seen[row.id]}行重复")
            seen.setdefault(row.id, number)
        for (first, one), (second, other) in combinations(enumerate(self.rows, 1), 2):
            if one.overlaps(other):
                yield _problem(second, "step", "环节代码", f"与第{first}行（{one.id}）适用范围重叠且施行日期相同")


@cache
def _shipped() -> LimitTable:
    return LimitTable.from_json(json.loads(SHIPPED.read_text("utf-8")))


def _unknown_columns(data: Mapping[str, Any]) -> Iterator[FieldProblem]:
    """Columns that nobody reads: a misspelt optional one would otherwise be lost in silence."""
    known = {field.alias for field in Limit.model_fields.values()}
    rows = data.get("rows")
    for number, row in enumerate(rows if isinstance(rows, list) else (), 1):
        for column in given(row) if isinstance(row, Mapping) else ():
            if column not in known:
                yield _problem(number, column, "未知栏目", "没有这一栏，请核对拼写")


def _problem(number: int, column: str, label: str, problem: str) -> FieldProblem:
    return FieldProblem(f"rows[{number}].{column}", f"时限第{number}行·{label}", problem)

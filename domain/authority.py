"""Who decides what of a case: the table of authorities 授权表, of the city's company or the province's (domain.md §1.1
rows 3, 4 and 6, §1.3).

A row says who has the authority in one matter for a range of voltages, since when and until when, and by which
document. A row without a document is the original power 本级权限 of that level; one with a document delegates it 授权,
and prevails as long as it is in force. A row for one kind of project prevails over one for any. For every matter,
nominal voltage and day there is so exactly one answer. The company edits the rows; a case carries the whole table as
JSON and takes a new one by an act.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from domain.chinese import plain_number
from domain.departments import DEPARTMENTS, PROVINCE, full_name
from domain.fields import Day, FieldProblem, Fields, MissingFields, Number, Rows, Text, given, read_fields
from domain.limits import Flag, one_of

SHIPPED = Path(__file__).parent / "authorities.json"
"""The table as the source paper and general knowledge have it; the document numbers in it are examples."""

MATTERS = {
    "connection_review": "接入系统方案审查",
    "project_approval": "项目批复",
    "construction": "建设管理",
    "bay_reservation": "间隔预留批复",
}
PROJECT_KINDS = {"bay_extension": "间隔扩建类", "other": "非间隔扩建类"}
ANY_KIND = ""
"""The project kind of a row that holds for all of them, and of a question in which it does not matter."""
LEVELS = {"city": "市公司", "province": "省公司"}
VOLTAGES = tuple(map(Decimal, (10, 20, 35, 66, 110, 220, 330, 500, 750, 1000)))
"""The nominal voltages (GB/T 156, kV) for which somebody must have the original power in every matter."""
MOST_ROWS = 300
"""Rows are compared each with each other, also by a running case that is sent a table."""
_ONE_DAY = dt.timedelta(days=1)
_DOING = "采用这份授权表"


class NoAuthority(ValueError):
    """Nobody has the authority that is asked for, or the question names what there is not; the text is Chinese."""


@dataclass(frozen=True)
class Authority:
    """Who has the authority in a matter on a day: `document` is what delegates it, empty for the original power.

    The same answer holds from `since` to `until`, both included; without `until` it has no end that the table knows.
    `rule` says all that in a sentence.
    """

    level: str
    department: str
    document: str
    since: dt.date
    until: dt.date | None
    rule: str

    def to_json(self) -> dict[str, Any]:
        """As diagrams get it from the FEEL function `authority`."""
        return {
            "level": self.level,
            "department": self.department,
            "document": self.document,
            "until": self.until.isoformat() if self.until else None,
            "rule": self.rule,
        }


class Grant(Fields):
    """One row: who has an authority, for which voltages, from when to when, by which document.

    Voltages are in kV, both ends included, no upper end where `voltage_to` is not given; so is the last day.
    """

    id: Text = Field(title="编号")
    matter: Annotated[str, BeforeValidator(one_of(MATTERS))] = Field(title="事项")
    voltage_from: Number = Field(title="电压下限(kV)")
    voltage_to: Number | None = Field(None, title="电压上限(kV)")
    project_kind: Annotated[str, BeforeValidator(one_of(PROJECT_KINDS))] = Field(ANY_KIND, title="项目类别")
    first: Day = Field(alias="from", title="起始日期")
    last: Day | None = Field(None, alias="to", title="截止日期")
    level: Annotated[str, BeforeValidator(one_of(LEVELS))] = Field(title="层级")
    department: Text = Field(title="部门")
    document: Text = Field("", title="授权文号")
    source: Text = Field(title="规则来源")
    verified: Flag = Field(title="已核实")

    @property
    def title(self) -> str:
        """Its name for people, e.g. 110kV间隔扩建类项目批复（市公司发展部，授权）."""
        how = "授权" if self.document else "本级权限"
        what = f"{PROJECT_KINDS.get(self.project_kind, '')}{MATTERS[self.matter]}"
        return f"{self.voltages}{what}（{full_name(self.department)}，{how}）"

    @property
    def voltages(self) -> str:
        """The range of its voltages for people."""
        if self.voltage_to is None:
            return f"{plain_number(self.voltage_from)}kV及以上"
        if self.voltage_to == self.voltage_from:
            return f"{plain_number(self.voltage_from)}kV"
        return f"{plain_number(self.voltage_from)}至{plain_number(self.voltage_to)}kV"

    def speaks_of(self, matter: str, voltage_kv: Decimal, project_kind: str) -> bool:
        """Whether it holds for such a case, its days apart."""
        return (
            self.matter == matter
            and self.voltage_from <= voltage_kv
            and (self.voltage_to is None or voltage_kv <= self.voltage_to)
            and self.project_kind in (ANY_KIND, project_kind)
        )

    def in_force(self, day: dt.date) -> bool:
        """Whether it holds on a day."""
        return self.first <= day and (self.last is None or day <= self.last)

    @property
    def precedence(self) -> tuple[bool, bool]:
        """What prevails where several rows hold: a delegation, then what is said of one kind of project."""
        return bool(self.document), bool(self.project_kind)

    def overlaps(self, other: Grant) -> bool:
        """Whether some case would find both rows on some day, and neither prevails."""
        return (
            (self.matter, self.project_kind, bool(self.document))
            == (other.matter, other.project_kind, bool(other.document))
            and (other.voltage_to is None or self.voltage_from <= other.voltage_to)
            and (self.voltage_to is None or other.voltage_from <= self.voltage_to)
            and (other.last is None or self.first <= other.last)
            and (self.last is None or other.first <= self.last)
        )

    def contradictions(self) -> Iterator[tuple[str, str, str]]:
        """Columns that cannot be true together: column, label, problem."""
        if self.voltage_to is not None and self.voltage_to < self.voltage_from:
            yield "voltageTo", "电压上限(kV)", f"低于电压下限{plain_number(self.voltage_from)}"
        if self.last is not None and self.last < self.first:
            yield "to", "截止日期", f"早于起始日期{self.first.isoformat()}"
        of_level = [code for code in DEPARTMENTS if (code in PROVINCE) == (self.level == "province")]
        known = [code for code in of_level if code != "customer"]
        if self.department not in known:
            yield "department", "部门", f"{LEVELS[self.level]}没有部门“{self.department}”，可用：{'、'.join(known)}"

    def sentence(self, voltage_kv: Decimal, project_kind: str, since: dt.date, until: dt.date | None) -> str:
        """The rule as a case of that voltage and project meets it."""
        what = f"{plain_number(voltage_kv)}kV{PROJECT_KINDS.get(project_kind, '')}{MATTERS[self.matter]}"
        basis = f"依据 {self.document}" if self.document else "本级权限"
        period = f"{since.isoformat()}起" + (f"至{until.isoformat()}止" if until else "")
        doubt = "" if self.verified else "，规则未核实"
        return f"{what}由{full_name(self.department)}办理（{basis}，{period}{doubt}）"


class AuthorityTable(Fields):
    """All authorities; a value that never changes and travels as JSON."""

    rows: Rows[Grant] = Field(title="授权")

    @classmethod
    def shipped(cls) -> AuthorityTable:
        """The table that comes with the program; raises `MissingFields` where it is wrong."""
        return _shipped()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> AuthorityTable:
        """The table that `to_json` wrote or an officer edited.

        Raises `MissingFields`, naming every fault by row, label and column in Chinese: columns that are missing,
        misspelt or wrong, ids given twice, rows of which neither prevails, and voltages for which nobody has the
        original power in a matter.
        """
        unknown = list(_unknown_columns(data))
        rows = data.get("rows")
        if isinstance(rows, list) and len(rows) > MOST_ROWS:
            raise MissingFields(_DOING, [FieldProblem("rows", "授权", f"有{len(rows)}行，最多{MOST_ROWS}行")])
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

    def at(
        self, matter: str, voltage_kv: Decimal | float | str, day: dt.date, project_kind: str = ANY_KIND
    ) -> Authority:
        """Who has the authority in a matter, for a voltage and a kind of project, on a day.

        Raises `NoAuthority` where nobody has, and for a matter, voltage or kind that there is not.
        """
        voltage = _asked(matter, voltage_kv, project_kind)
        rows = [row for row in self.rows if row.speaks_of(matter, voltage, project_kind)]
        row = _prevailing(rows, day)
        if row is None:
            what = f"{plain_number(voltage)}kV{PROJECT_KINDS.get(project_kind, '')}{MATTERS[matter]}"
            raise NoAuthority(f"授权表中没有规定{day.isoformat()}由谁办理{what}，请补充授权表")
        since, until = _stretch(rows, row, day)
        rule = row.sentence(voltage, project_kind, since, until)
        return Authority(row.level, row.department, row.document, since, until, rule)

    def _faults(self) -> Iterator[FieldProblem]:
        seen: dict[str, int] = {}
        for number, row in enumerate(self.rows, 1):
            for column, label, problem in row.contradictions():
                yield _problem(number, column, label, problem)
            if row.id in seen:
                yield _problem(number, "id", "编号", f"“{row.id}”与第{seen[row.id]}行重复")
            seen.setdefault(row.id, number)
        for (first, one), (second, other) in combinations(enumerate(self.rows, 1), 2):
            if one.overlaps(other):
                kind = "授权" if one.document else "本级权限"
                yield _problem(second, "matter", "事项", f"与第{first}行（{one.id}）同为{kind}，适用范围和日期重叠")
        yield from self._uncovered()

    def _uncovered(self) -> Iterator[FieldProblem]:
        """Matters and voltages without an original power that begins some day and never ends from then on."""
        for matter, name in MATTERS.items():
            for voltage in VOLTAGES:
                rows = [row for row in self.rows if not row.document and row.speaks_of(matter, voltage, ANY_KIND)]
                what = f"{plain_number(voltage)}kV{name}"
                if not rows:
                    yield FieldProblem("rows", "授权", f"缺少{what}的本级权限")
                for day in sorted(after for row in rows if (after := _day_after(row.last))):
                    if not any(row.in_force(day) for row in rows):
                        yield FieldProblem("rows", "授权", f"{what}自{day.isoformat()}起没有本级权限")


@cache
def _shipped() -> AuthorityTable:
    return AuthorityTable.from_json(json.loads(SHIPPED.read_text("utf-8")))


def _asked(matter: str, voltage_kv: Decimal | float | str, project_kind: str) -> Decimal:
    """The voltage of a question, where the question can be answered."""
    if matter not in MATTERS:
        raise NoAuthority(f"没有事项“{matter}”，可用：{'、'.join(MATTERS)}")
    if project_kind and project_kind not in PROJECT_KINDS:
        raise NoAuthority(f"没有项目类别“{project_kind}”，可用：{'、'.join(PROJECT_KINDS)}，或留空")
    try:
        voltage = Decimal(str(voltage_kv).strip())
        known = voltage.is_finite() and voltage > 0
    except ArithmeticError:
        known = False
    if not known:
        raise NoAuthority(f"电压等级“{voltage_kv}”不是以kV计的数字，无法判断由谁办理")
    return voltage


def _prevailing(rows: list[Grant], day: dt.date) -> Grant | None:
    """The row that is in force on a day and prevails over the others."""
    in_force = [row for row in rows if row.in_force(day)]
    return max(in_force, key=lambda row: row.precedence, default=None)


def _stretch(rows: list[Grant], row: Grant, day: dt.date) -> tuple[dt.date, dt.date | None]:
    """From which to which day this row goes on prevailing."""
    days = {one.first for one in rows} | {after for one in rows if (after := _day_after(one.last))}
    since = day
    for change in sorted((one for one in days if one <= day), reverse=True):
        if _prevailing(rows, change) is not row:
            break
        since = change
    later = (one for one in sorted(days) if one > day and _prevailing(rows, one) is not row)
    ends = next(later, None)
    return since, ends - _ONE_DAY if ends else row.last


def _day_after(last: dt.date | None) -> dt.date | None:
    """The first day on which a row does not hold any more; None where that never comes."""
    return last + _ONE_DAY if last and last < dt.date.max else None


def _unknown_columns(data: Mapping[str, Any]) -> Iterator[FieldProblem]:
    """Columns that nobody reads: a misspelt end of a delegation would otherwise be lost in silence."""
    known = {field.alias for field in Grant.model_fields.values()}
    rows = data.get("rows")
    for number, row in enumerate(rows if isinstance(rows, list) else (), 1):
        for column in given(row) if isinstance(row, Mapping) else ():
            if column not in known:
                yield _problem(number, column, "未知栏目", "没有这一栏，请核对拼写")


def _problem(number: int, column: str, label: str, problem: str) -> FieldProblem:
    return FieldProblem(f"rows[{number}].{column}", f"授权第{number}行·{label}", problem)

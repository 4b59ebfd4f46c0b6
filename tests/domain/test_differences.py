"""Two versions of a table are compared row by row, with what each said before and says now."""

from __future__ import annotations

from typing import Any

from domain.authority import AuthorityTable
from domain.calendar import WorkingCalendar
from domain.calendars import Holiday, Notice, YearTable
from domain.differences import (
    Cell,
    Change,
    ChangedRow,
    Difference,
    authority_difference,
    calendar_difference,
    limits_difference,
    outage_rules_difference,
    posts_difference,
    sentences,
)
from domain.limits import LimitTable
from domain.outage.rules import OutageRules
from domain.posts import PostTable

NOTHING = Difference((), (), ())


def limits(**changes: Any) -> LimitTable:
    """The shipped limits, but for the row of the reply for a single source."""
    data = LimitTable.shipped().to_json()
    next(row for row in data["rows"] if row["id"] == "reply-single").update(changes)
    return LimitTable.from_json(data)


def test_equal_tables_do_not_differ() -> None:
    assert limits_difference(LimitTable.shipped(), LimitTable.shipped()) == NOTHING
    assert posts_difference(PostTable.shipped(), PostTable.shipped()) == NOTHING
    assert calendar_difference(WorkingCalendar.shipped(), WorkingCalendar.shipped()) == NOTHING


def test_a_limit_that_changed_is_told_by_step_and_row_with_the_columns_that_differ() -> None:
    found = limits_difference(limits(), limits(days=9, verified=True, redDays=None))

    assert found.changed == (
        ChangedRow(
            "supply_plan_reply:reply-single",
            "供电方案答复（单电源）",
            (Change("days", "期限", 10, 9), Change("verified", "已核实", False, True)),
        ),
    )
    assert (found.added, found.removed) == ((), ())


def test_a_column_that_only_one_version_has_is_told_against_nothing() -> None:
    (row,) = limits_difference(limits(), limits(voltageTo=35)).changed

    assert row.changes == (Change("voltageTo", "电压上限(kV)", None, "35"),)


def test_a_row_that_came_and_one_that_went_are_told_whole() -> None:
    renamed = limits(id="reply-one-source")

    found = limits_difference(limits(), renamed)

    assert [row.key for row in found.added] == ["supply_plan_reply:reply-one-source"]
    assert [row.key for row in found.removed] == ["supply_plan_reply:reply-single"]
    assert Cell("days", "期限", 10) in found.added[0].cells


def test_posts_are_told_by_seat_and_quiet_hours_by_post() -> None:
    data = PostTable.shipped().to_json()
    data["rows"][0]["account"] = "zhao"
    gone = data["rows"].pop(1)
    data["quiet"] = [{"post": "leader", "evening": "21:00"}]

    found = posts_difference(PostTable.shipped(), PostTable.from_json(data))

    assert [(row.title, row.changes) for row in found.changed] == [
        ("开发区营销部班组长、所长", (Change("account", "账号", "kfq.marketing.team", "zhao"),))
    ]
    assert [row.title for row in found.added] == ["免扰时段（分管领导）"]
    assert gone["account"] in [row.cells[0].value for row in found.removed]
    assert "免扰时段（其他岗位）" in [row.title for row in found.removed]


def test_calendars_are_told_by_day_and_the_notice_by_year() -> None:
    shipped = WorkingCalendar.shipped()
    table = shipped.tables[2027]
    first = table.holidays[0]
    longer = Holiday(first.name, first.first, first.last.replace(day=3), (first.last.replace(day=9),))
    notice = Notice("关于2027年放假的通知", "国办发明电〔1〕号", first.first.replace(year=2026), "https://www.gov.cn/")

    changed = shipped.with_table(YearTable(2027, (longer, *table.holidays[1:]), (notice,)))
    found = calendar_difference(shipped, changed)

    assert [(row.key, row.title, [cell.value for cell in row.cells]) for row in found.added] == [
        ("2027-01-02", "2027年1月2日", ["节假日", "元旦"]),
        ("2027-01-03", "2027年1月3日", ["节假日", "元旦"]),
        ("2027-01-09", "2027年1月9日", ["调休上班", "元旦"]),
    ]
    assert [(row.key, row.changes[0].old) for row in found.changed] == [("2027", "尚无通知，暂按法定节日")]
    assert "国办发明电〔1〕号" in str(found.changed[0].changes[0].new)


def test_a_day_that_is_worked_instead_of_off_changes_its_kind() -> None:
    shipped = WorkingCalendar.shipped()
    table = shipped.tables[2027]
    spring = table.holidays[1]
    shorter = Holiday(spring.name, spring.first, spring.last.replace(day=6), (spring.first.replace(day=7),))

    found = calendar_difference(
        shipped, shipped.with_table(YearTable(2027, (table.holidays[0], shorter, *table.holidays[2:])))
    )

    assert found.changed == (ChangedRow("2027-02-07", "2027年2月7日", (Change("kind", "性质", "节假日", "调休上班"),)),)
    assert [row.key for row in found.removed] == ["2027-02-08"]


def test_authorities_are_told_by_id_with_codes_by_their_names() -> None:
    data = AuthorityTable.shipped().to_json()
    review, bays = (next(row for row in data["rows"] if row["id"] == id_) for id_ in ("review-66", "bay-reservation"))
    review.update(level="province", department="province_planning", to=None, verified=True)
    bays["id"] = "bays"
    gone = data["rows"].pop()

    found = authority_difference(AuthorityTable.shipped(), AuthorityTable.from_json(data))

    assert found.changed == (
        ChangedRow(
            "review-66",
            "66kV接入系统方案审查（省公司发展部，本级权限）",
            (
                Change("level", "层级", "市公司", "省公司"),
                Change("department", "部门", "市公司发展部", "省公司发展部"),
                Change("verified", "已核实", False, True),
            ),
        ),
    )
    assert [row.key for row in found.added] == ["bays"]
    assert [row.key for row in found.removed] == ["bay-reservation", gone["id"]]
    assert sentences(found) == [
        "新增：10kV及以上间隔预留批复（省公司发展部，本级权限）",
        "取消：10kV及以上间隔预留批复（省公司发展部，本级权限）",
        "取消：110kV间隔扩建类建设管理（市公司建设部，授权）",
        "修改：66kV接入系统方案审查（省公司发展部，本级权限），"
        "层级由市公司改为省公司，部门由市公司发展部改为省公司发展部，已核实由否改为是",
    ]
    assert authority_difference(AuthorityTable.shipped(), AuthorityTable.shipped()) == NOTHING


def test_a_delegation_that_gets_an_end_is_told_against_none() -> None:
    data = AuthorityTable.shipped().to_json()
    data["rows"][-1]["to"] = "2026-12-31"

    (said,) = sentences(authority_difference(AuthorityTable.shipped(), AuthorityTable.from_json(data)))

    assert said == "修改：110kV间隔扩建类建设管理（市公司建设部，授权），截止日期由无改为2026-12-31"


def test_rules_of_outage_plans_are_compared_by_figure_team_unit_relation_and_period() -> None:
    old = OutageRules.shipped()
    data, basis = old.to_json(), {"source": "调控中心", "verified": True}
    data["cutOff"]["time"] = "15:00"
    data["crews"] = data["crews"][1:]
    data["switchingTeams"][0]["operationsPerDay"] = 9
    data["units"] = [
        {"code": "city", "name": "市调", "counties": ["开发区", "清水县"], "switchingTeam": "cz-1", **basis}
    ]
    data["relations"] = [{"kind": "不得同停", "first": "甲线", "second": "乙线", "reason": "互为备用", **basis}]
    period = {"from": "2026-06-07T00:00:00+08:00", "to": "2026-06-10T00:00:00+08:00"}
    data["protectedPeriods"] = [{**period, "stations": ["城西站"], "reason": "高考", **basis}]

    found = outage_rules_difference(old, OutageRules.from_json(data))

    assert sentences(found) == [
        "新增：保电时段（城西站，高考）",
        "新增：设备关系（甲线与乙线不得同停）",
        "新增：调度单位（市调）",
        "取消：施工班组（配电一班）",
        "修改：申请截止，时刻由16:00改为15:00",
        "修改：操作班组（运维操作一班），每日操作次数由8改为9",
    ]
    [unit] = [row for row in found.added if row.key == "unit:city"]
    assert Cell("counties", "县区", "开发区、清水县") in unit.cells
    assert outage_rules_difference(old, old) == NOTHING

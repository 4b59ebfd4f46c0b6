"""The table of limits: what is shipped says what the sources say, which row holds, what is refused and how."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.calendar import WorkingCalendar
from domain.fields import MissingFields
from domain.limits import LimitTable

TABLE = LimitTable.shipped()
CALENDAR = WorkingCalendar.shipped()
TODAY = dt.date(2026, 11, 24)
Change = Callable[[list[dict[str, Any]]], object]


def refused(change: Change) -> list[str]:
    data = TABLE.to_json()
    change(data["rows"])
    with pytest.raises(MissingFields) as caught:
        LimitTable.from_json(data)
    return [str(problem) for problem in caught.value.problems]


def days(step: str, voltage: float = 10, sources: int = 1, dedicated: bool = True) -> tuple[int, str] | None:
    row = TABLE.row(step, voltage, sources, dedicated, TODAY)
    return (row.days, row.unit) if row else None


@pytest.mark.parametrize(
    ("step", "limit"),
    [
        ("acceptance", (1, "workdays")),
        ("survey", (3, "workdays")),
        ("supply_plan_reply", (10, "workdays")),
        ("design_review", (5, "workdays")),
        ("midway_inspection", (2, "workdays")),
        ("completion_inspection", (5, "workdays")),
        ("metering", (5, "workdays")),
        ("utility_total", (22, "workdays")),
        ("grid_works", (30, "workdays")),
        ("energization", (7, "calendar")),
        ("late_contract", (30, "calendar")),
        ("plan_validity", (12, "months")),
    ],
)
def test_a_single_source_10kv_case_has_the_upper_end_of_post_2020_practice(step: str, limit: tuple[int, str]) -> None:
    assert days(step) == limit


def test_a_second_source_lengthens_the_reply_and_the_whole() -> None:
    assert days("supply_plan_reply", sources=2) == (20, "workdays")
    assert days("supply_plan_reply", sources=3) == (20, "workdays")
    assert days("utility_total", sources=2) == (32, "workdays")


def test_the_30_days_of_grid_works_hold_at_10kv_only() -> None:
    assert days("grid_works", voltage=35) is None
    assert days("grid_works", voltage=110) is None


def test_the_week_for_energization_holds_for_10kv_dedicated_lines_only() -> None:
    assert days("energization", dedicated=False) is None
    assert days("energization", voltage=35) is None


@pytest.mark.parametrize("step", ["grid_works", "grid_works.works_start", "late_contract", "energization"])
@pytest.mark.parametrize("voltage", [None, 35, 110, 220])
def test_none_of_the_three_10kv_rules_can_be_given_to_higher_voltages(step: str, voltage: float | None) -> None:
    # domain.md §1.1 nos. 7 and 9 speak of 10kV; no. 8: 35-110kV bay extension has a framework tender instead.
    number = next(number for number, row in enumerate(TABLE.to_json()["rows"]) if row["step"] == step)

    assert refused(lambda rows: rows[number].update(voltageTo=voltage)) == [
        f"时限第{number + 1}行·电压上限(kV)（rows[{number + 1}].voltageTo）"
        f"环节“{step}”只适用于10kV，不得用于35kV及以上，应为10"
    ]


def test_a_row_of_a_10kv_rule_for_higher_voltages_alone_is_refused_too() -> None:
    data = TABLE.to_json()
    row = next(row for row in data["rows"] if row["step"] == "energization")
    higher = {**row, "id": "energization-hv", "voltageFrom": 35, "voltageTo": 110}

    with pytest.raises(MissingFields, match="只适用于10kV"):
        LimitTable.from_json({**data, "rows": [*data["rows"], higher]})


def test_the_plan_of_the_30_days_warns_at_eleven_milestones() -> None:
    milestones = [row.days for row in TABLE.rows if row.step.startswith("grid_works.")]

    assert milestones == [1, 3, 8, 10, 10, 12, 13, 20, 27, 29, 30]


def test_only_the_two_promises_of_the_paper_are_verified() -> None:
    verified = {row.step for row in TABLE.rows if row.verified}

    assert verified == {"grid_works", "energization"} == {row.step for row in TABLE.rows if row.promise}


def test_the_lawful_bound_and_the_older_assessment_stand_beside_the_value() -> None:
    beside = {row.id: (row.days, row.lawful_days, row.older_days) for row in TABLE.rows if row.lawful_days is not None}

    assert beside == {
        "reply-single": (10, 20, 15),
        "reply-dual": (20, 45, 30),
        "design-review": (5, 20, 10),
        "midway-inspection": (2, 5, 5),
        "completion-inspection": (5, 7, 5),
        "metering": (5, 7, 5),
    }


def test_a_late_contract_turns_red_after_45_days() -> None:
    row = TABLE.row("late_contract", 10, 1, True, TODAY)

    assert row is not None
    assert row.red_days == 45


def test_the_table_travels_as_json() -> None:
    assert LimitTable.from_json(json.loads(json.dumps(TABLE.to_json()))) == TABLE


def test_a_newer_row_holds_from_its_day_and_no_day_sooner() -> None:
    data = TABLE.to_json()
    newer = {**data["rows"][2], "id": "reply-single-2027", "days": 8, "effectiveFrom": "2027-01-01"}
    table = LimitTable.from_json({"version": "2027-01", "rows": [*data["rows"], newer]})

    before = table.row("supply_plan_reply", 10, 1, True, dt.date(2026, 12, 31))
    after = table.row("supply_plan_reply", 10, 1, True, dt.date(2027, 1, 1))

    assert (before and before.days, after and after.days) == (10, 8)


def test_no_row_holds_before_any_is_in_force() -> None:
    assert TABLE.row("supply_plan_reply", 10, 1, True, dt.date(2020, 12, 31)) is None


def test_the_validity_of_a_year_ends_on_the_same_day_of_the_next() -> None:
    row = TABLE.row("plan_validity", 10, 1, True, TODAY)

    assert row is not None
    assert row.last_day(dt.date(2025, 3, 5), CALENDAR).date == dt.date(2026, 3, 5)
    assert row.last_day(dt.date(2024, 2, 29), CALENDAR).date == dt.date(2025, 2, 28)


def test_a_week_that_would_end_in_a_holiday_ends_after_it_unless_the_row_says_otherwise() -> None:
    row = TABLE.row("energization", 10, 1, True, TODAY)

    assert row is not None
    assert row.last_day(dt.date(2026, 9, 28), CALENDAR).date == dt.date(2026, 10, 8)
    strict = row.model_copy(update={"rollover": False})
    assert strict.last_day(dt.date(2026, 9, 28), CALENDAR).date == dt.date(2026, 10, 5)


def test_a_row_says_its_rule_its_source_and_that_nobody_has_verified_it() -> None:
    words = "".join(TABLE.rows[2].sentences())

    assert "供电方案答复（单电源）10个工作日（业务受理起，供电方案答复止）" in words
    assert "未核实" in words
    assert "法定上限20个工作日（供电监管办法（2009）第十一条）" in words
    assert "原考核时限15个工作日" in words


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("days", 0, "时限第3行·期限（rows[3].days）应为1至1200之间的整数"),
        ("days", "ten", "时限第3行·期限（rows[3].days）应为数字"),
        ("days", 21, "时限第3行·期限（rows[3].days）长于法定上限20"),
        ("days", None, "时限第3行·期限（rows[3].days）未填写"),
        ("unit", "weeks", "时限第3行·计量（rows[3].unit）应为workdays（个工作日）、calendar（日）、months（个月）之一"),
        (
            "sources",
            "two",
            "时限第3行·电源数（rows[3].sources）应为single（单电源）、dual（双电源及多电源）、any（不限）之一",
        ),
        ("verified", "yes", "时限第3行·已核实（rows[3].verified）应为true（是）或false（否）"),
        ("effectiveFrom", "2026-13-01", "时限第3行·施行日期（rows[3].effectiveFrom）应为日期（如2026-03-05）"),
        ("source", "", "时限第3行·规则来源（rows[3].source）未填写"),
        ("voltageTo", 0.4, "时限第3行·电压上限(kV)（rows[3].voltageTo）低于电压下限1"),
        ("rollover", False, "时限第3行·遇休息日顺延（rows[3].rollover）按工作日计的期限总止于工作日，应为true"),
        ("redDays", 45, "时限第3行·转红日数（rows[3].redDays）只用于按日计的期限，且应大于期限"),
        ("dedicated", "yes", "时限第3行·是否专线（rows[3].dedicated）应为true（是）或false（否）"),
        ("lawfulSource", None, "时限第3行·法定上限来源（rows[3].lawfulSource）应与相应的日数一同填写"),
        ("verifed", True, "时限第3行·未知栏目（rows[3].verifed）没有这一栏，请核对拼写"),
        ("id", "reply-dual", "时限第4行·编号（rows[4].id）“reply-dual”与第3行重复"),
        ("sources", "any", "时限第4行·环节代码（rows[4].step）与第3行（reply-single）适用范围重叠且施行日期相同"),
    ],
)
def test_a_bad_row_is_refused_in_words(column: str, value: object, said: str) -> None:
    assert refused(lambda rows: rows[2].update({column: value})) == [said]


def test_rows_for_dedicated_lines_and_for_others_stand_side_by_side() -> None:
    data = TABLE.to_json()
    reply = data["rows"][2]
    others = {**reply, "id": "reply-others", "dedicated": False}

    for rows in ([reply, others], [others, reply]):
        with pytest.raises(MissingFields, match="适用范围重叠"):
            LimitTable.from_json({**data, "rows": rows})

    with pytest.raises(MissingFields, match="适用范围重叠"):
        LimitTable.from_json({**data, "rows": [others, {**others, "id": "again"}]})
    table = LimitTable.from_json({**data, "rows": [{**reply, "dedicated": True, "days": 9}, others]})
    found = [table.row("supply_plan_reply", 10, 1, dedicated, TODAY) for dedicated in (True, False)]
    assert [row.days for row in found if row] == [9, 10]


def test_rows_that_share_one_voltage_are_refused_in_either_order() -> None:
    data = TABLE.to_json()
    low = {**data["rows"][2], "id": "low", "voltageFrom": 1, "voltageTo": 10}
    high = {**low, "id": "high", "voltageFrom": 10, "voltageTo": 35}

    for rows in ([low, high], [high, low]):
        with pytest.raises(MissingFields, match="适用范围重叠"):
            LimitTable.from_json({**data, "rows": rows})


def test_a_limit_may_be_as_long_as_the_law_allows() -> None:
    data = TABLE.to_json()
    row = {**data["rows"][2], "days": 20}

    assert LimitTable.from_json({**data, "rows": [row]}).rows[0].days == 20


@pytest.mark.parametrize(("red_days", "refused"), [(30, True), (31, False)])
def test_a_lapse_turns_red_after_its_limit_and_not_with_it(red_days: int, refused: bool) -> None:
    data = TABLE.to_json()
    row = next(row for row in data["rows"] if row["id"] == "late-contract")
    changed = {**data, "rows": [{**row, "redDays": red_days}]}

    if refused:
        with pytest.raises(MissingFields, match="应大于期限"):
            LimitTable.from_json(changed)
    else:
        assert LimitTable.from_json(changed).rows[0].red_days == red_days


def test_all_that_is_wrong_is_said_at_once() -> None:
    def spoil(rows: list[dict[str, Any]]) -> None:
        rows[0]["days"] = -1
        rows[5]["unit"] = ""
        rows[7]["source"] = None
        rows[9]["verifed"] = True

    assert len(refused(spoil)) == 4


@pytest.mark.parametrize("data", [{}, {"version": "1", "rows": []}, {"version": "1", "rows": "none"}])
def test_a_table_without_rows_is_refused(data: dict[str, Any]) -> None:
    with pytest.raises(MissingFields):
        LimitTable.from_json(data)


@given(
    st.sampled_from(sorted(TABLE.steps())),
    st.sampled_from([0.4, 6, 10, 20, 35, 66, 110, 220]),
    st.integers(1, 4),
    st.booleans(),
    st.dates(dt.date(2019, 1, 1), dt.date(2030, 1, 1)),
)
def test_the_row_that_is_chosen_speaks_of_the_case(
    step: str, voltage: float, sources: int, dedicated: bool, on: dt.date
) -> None:
    row = TABLE.row(step, voltage, sources, dedicated, on)

    if row is not None:
        assert row.step == step
        assert row.effective_from <= on
        assert row.voltage_from <= voltage
        assert row.voltage_to is None or voltage <= row.voltage_to
        assert row.sources != ("dual" if sources == 1 else "single")
        assert row.dedicated in (None, dedicated)


@pytest.mark.parametrize("column", [{"unit": "months"}, {"promise": True}, {"redDays": 20}])
def test_a_row_that_counts_back_is_for_milestones_counted_in_days(column: dict[str, Any]) -> None:
    row = next(number for number, row in enumerate(TABLE.rows) if row.before)

    assert any("自到期日倒计" in problem for problem in refused(lambda rows: rows[row].update(column)))


def test_counting_back_ends_at_the_working_day_before() -> None:
    row = next(row for row in TABLE.rows if row.before)
    calendar = WorkingCalendar.shipped()

    assert row.last_day(dt.date(2026, 5, 20), calendar).date == dt.date(2026, 5, 9)
    assert row.model_copy(update={"unit": "workdays", "days": 7}).last_day(
        dt.date(2026, 5, 20), calendar
    ).date == dt.date(2026, 5, 11)

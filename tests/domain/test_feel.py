"""The functions of the business as FEEL calls them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from bpmn.feel import Environment, compile_expression
from bpmn.options import SHANGHAI
from domain.calendar import WorkingCalendar
from domain.feel import feel_functions, shipped_functions

FUNCTIONS = feel_functions(WorkingCalendar.shipped())
AFTER, BETWEEN = FUNCTIONS["working days after"], FUNCTIONS["working days between"]
REPLY = dt.date(2026, 1, 5)


@pytest.mark.parametrize(
    "date",
    [
        REPLY,
        dt.datetime.fromisoformat("2026-01-05T23:59"),
        dt.datetime(2026, 1, 4, 16, tzinfo=dt.UTC),
        "2026-01-05",
        "2026-01-05T08:00:00+08:00",
        "2026-01-04T16:00:00Z",
    ],
)
def test_a_day_may_be_a_date_an_instant_or_the_text_of_either(date: Any) -> None:
    assert AFTER(date, Decimal(30)) == dt.date(2026, 2, 14)


@pytest.mark.parametrize("n", [30, 30.0, Decimal(30), Decimal("30.0"), Decimal("3E+1")])
def test_the_number_of_days_may_be_of_any_numeric_type(n: Any) -> None:
    assert AFTER(REPLY, n) == dt.date(2026, 2, 14)


def test_days_between_are_a_feel_number() -> None:
    answer = BETWEEN(REPLY, "2026-02-14")

    assert (answer, type(answer)) == (Decimal(30), Decimal)


@pytest.mark.parametrize(
    ("date", "n", "message"),
    [
        (None, 1, "argument date is null, not a date"),
        (5, 1, "argument date is a number, not a date"),
        ("5 March", 1, 'argument date: "5 March" is not a date'),
        ("2026-02-30", 1, 'argument date: "2026-02-30" is not a date'),
        (["2026-01-05"], 1, "argument date is a list, not a date"),
        (REPLY, None, "argument n is null, not a number of days"),
        (REPLY, True, "argument n is a boolean, not a number of days"),
        (REPLY, "30", "argument n is text, not a number of days"),
        (REPLY, Decimal("1.5"), "argument n: 1.5 is not a whole number of days"),
        (REPLY, Decimal("NaN"), "argument n: NaN is not a whole number of days"),
        (REPLY, float("inf"), "argument n: inf is not a whole number of days"),
        (REPLY, Decimal("1E9"), "is not a whole number of days between"),
    ],
)
def test_a_wrong_argument_is_named(date: Any, n: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace(".", r"\.")):
        AFTER(date, n)


def test_each_end_of_a_period_is_named_when_wrong() -> None:
    with pytest.raises(ValueError, match="argument b is null"):
        BETWEEN(REPLY, None)


# -- authorities -------------------------------------------------------------------------------------------------------

WHOSE = shipped_functions()["authority"]
DELEGATED_TO_THE_CITY = {
    "level": "city",
    "department": "planning",
    "document": "示例文号：省发展部〔2021〕1号",
    "until": None,
    "rule": "110kV接入系统方案审查由市公司发展部办理（依据 示例文号：省发展部〔2021〕1号，2021-07-01起，规则未核实）",
}


@pytest.mark.parametrize("voltage", [110, 110.0, Decimal(110), "110"])
@pytest.mark.parametrize("kind", [None, ""])
@pytest.mark.parametrize("day", ["2026-11-24", dt.date(2026, 11, 24), "2026-11-24T23:30:00+08:00"])
def test_authority_tells_level_department_document_last_day_and_rule(voltage: Any, kind: Any, day: Any) -> None:
    assert WHOSE("connection_review", voltage, kind, day) == DELEGATED_TO_THE_CITY


def test_the_kind_of_project_decides_where_it_matters() -> None:
    levels = [WHOSE("construction", 110, kind, "2026-11-24")["level"] for kind in ("bay_extension", "other", None)]

    assert levels == ["city", "province", "province"]


def test_authority_tells_the_last_day_of_the_answer_as_text() -> None:
    assert WHOSE("connection_review", 110, "", "2021-06-30")["until"] == "2021-06-30"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((None, 110, "", "2026-11-24"), "argument matter is null, not a text"),
        (("construction", None, "", "2026-11-24"), "argument voltageKv is null, not a number"),
        (("construction", 110, 5, "2026-11-24"), "argument projectKind is a number, not a text"),
        (("construction", 110, "", None), "argument day is null, not a date"),
        (("approval", 110, "", "2026-11-24"), "没有事项“approval”"),
        (("construction", 6, "", "2026-11-24"), "没有规定2026-11-24由谁办理6kV建设管理"),
    ],
)
def test_what_authority_cannot_answer_is_named(arguments: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        WHOSE(*arguments)


def test_without_a_table_there_is_no_such_function() -> None:
    assert "authority" not in feel_functions(WorkingCalendar.shipped())


def test_expressions_call_authority_by_position_and_by_name() -> None:
    environment = Environment(dt.datetime(2026, 11, 24, tzinfo=SHANGHAI), SHANGHAI, shipped_functions())
    named = 'authority(matter: "connection_review", voltageKv: voltageKv, projectKind: null, day: today()).department'

    for text in ('authority("connection_review", voltageKv, "", today()).department', named):
        answer = compile_expression(text).evaluate({"voltageKv": 110}, environment)
        assert (answer.value, answer.problems) == ("planning", ())


def test_what_authority_cannot_answer_is_null_in_an_expression_and_says_why() -> None:
    environment = Environment(dt.datetime(2026, 11, 24, tzinfo=SHANGHAI), SHANGHAI, shipped_functions())

    answer = compile_expression('authority("approval", 110, "", today())').evaluate({}, environment)

    assert answer.value is None
    assert "authority: 没有事项“approval”" in answer.problems[0]

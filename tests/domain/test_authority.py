"""Who has the authority on which day: original powers, the three delegations, and what is wrong with a table."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.authority import MATTERS, MOST_ROWS, PROJECT_KINDS, VOLTAGES, AuthorityTable, NoAuthority
from domain.departments import PROVINCE
from domain.fields import MissingFields

SHIPPED = AuthorityTable.shipped()
BEGINNING = date(2000, 1, 1)
DELEGATED = date(2021, 7, 1)
TODAY = date(2026, 11, 24)
Change = Callable[[list[dict[str, Any]]], object]

days = st.dates(BEGINNING, date(2060, 12, 31))
questions = st.tuples(
    st.sampled_from(list(MATTERS)), st.sampled_from(VOLTAGES), days, st.sampled_from(["", *PROJECT_KINDS])
)


def rows() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = SHIPPED.to_json()["rows"]
    return found


def row(data: list[dict[str, Any]], id_: str) -> dict[str, Any]:
    return next(one for one in data if one["id"] == id_)


def table(change: Change) -> AuthorityTable:
    data = rows()
    change(data)
    return AuthorityTable.from_json({"rows": data})


def ended(last: str) -> AuthorityTable:
    """The shipped table with an end of the delegated review."""
    return table(lambda data: row(data, "review-110-delegated").update(to=last))


def faults(change: Change) -> list[str]:
    with pytest.raises(MissingFields) as refused:
        table(change)
    return [f"{one.key}: {one.label}{one.problem}" for one in refused.value.problems]


# -- rules of the source paper (domain.md §1.1) ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("matter", "kind", "department", "document"),
    [
        ("connection_review", "", "planning", "示例文号：省发展部〔2021〕1号"),
        ("project_approval", "bay_extension", "planning", "示例文号：省发展部〔2021〕2号"),
        ("construction", "bay_extension", "construction", "示例文号：省建设部〔2021〕3号"),
    ],
)
def test_rules_3_and_4_three_separate_acts_delegate_what_the_city_does_at_110_kv(
    matter: str, kind: str, department: str, document: str
) -> None:
    answer = SHIPPED.at(matter, 110, TODAY, kind)

    assert (answer.level, answer.department, answer.document) == ("city", department, document)
    assert (answer.since, answer.until) == (DELEGATED, None)


@pytest.mark.parametrize(
    "gone", ["review-110-delegated", "approval-110-bay-delegated", "construction-110-bay-delegated"]
)
def test_rule_4_without_one_of_the_three_acts_only_its_matter_goes_back_to_the_province(gone: str) -> None:
    found = table(lambda data: data.remove(row(data, gone)))

    levels = {
        matter: found.at(matter, 110, TODAY, "bay_extension").level
        for matter in ("connection_review", "project_approval", "construction")
    }
    assert sorted(levels.values()) == ["city", "city", "province"]


@pytest.mark.parametrize("matter", ["project_approval", "construction"])
@pytest.mark.parametrize("kind", ["other", ""])
def test_rule_4_other_projects_of_110_kv_stay_with_the_province(matter: str, kind: str) -> None:
    assert SHIPPED.at(matter, 110, TODAY, kind).level == "province"


@pytest.mark.parametrize("matter", ["connection_review", "project_approval", "construction"])
@pytest.mark.parametrize(
    ("voltage", "level"), [(10, "city"), (35, "city"), (66, "city"), (220, "province"), (500, "province")]
)
def test_below_110_kv_the_city_decides_and_above_it_the_province(matter: str, voltage: int, level: str) -> None:
    answer = SHIPPED.at(matter, voltage, TODAY, "bay_extension")

    assert (answer.level, answer.document) == (level, "")
    assert (answer.department in PROVINCE) == (level == "province")


def test_rule_6_reserving_bays_is_approved_by_the_province_unless_the_company_says_otherwise() -> None:
    assert SHIPPED.at("bay_reservation", 10, TODAY).department == "province_planning"

    own = table(lambda data: row(data, "bay-reservation").update(level="city", department="planning"))
    assert own.at("bay_reservation", 10, TODAY).department == "planning"


def test_no_row_that_is_shipped_counts_as_verified_and_document_numbers_are_marked_as_examples() -> None:
    assert not any(one.verified for one in SHIPPED.rows)
    assert all(one.document.startswith("示例文号") for one in SHIPPED.rows if one.document)


# -- days --------------------------------------------------------------------------------------------------------------


@given(questions)
def test_on_every_day_there_is_exactly_one_answer(question: tuple[str, Decimal, date, str]) -> None:
    matter, voltage, day, kind = question
    answer = SHIPPED.at(matter, voltage, day, kind)

    holding = [one for one in SHIPPED.rows if one.speaks_of(matter, voltage, kind) and one.in_force(day)]
    best = max(one.precedence for one in holding)
    assert len([one for one in holding if one.precedence == best]) == 1
    assert answer.since <= day
    assert answer.until is None or day <= answer.until


@given(questions, st.lists(st.tuples(days, st.integers(0, 2000)), max_size=3))
def test_an_answer_holds_from_its_first_day_to_its_last_and_not_beyond(
    question: tuple[str, Decimal, date, str], windows: list[tuple[date, int]]
) -> None:
    """Whatever windows the review is delegated in, a day within the window has the same answer, its neighbours not."""

    def delegated(data: list[dict[str, Any]]) -> None:
        whole = row(data, "review-110-delegated")
        data.remove(whole)
        taken = date.min
        for number, (first, length) in enumerate(sorted(windows)):
            if first > taken:
                taken = first + timedelta(days=length)
                window = {"from": first.isoformat(), "to": taken.isoformat()}
                data.append({**whole, "id": f"w{number}", "document": f"第{number}号", **window})

    found = table(delegated)
    matter, voltage, day, kind = question
    answer = found.at(matter, voltage, day, kind)

    assert found.at(matter, voltage, answer.since, kind) == answer
    if answer.since > BEGINNING:
        assert found.at(matter, voltage, answer.since - timedelta(days=1), kind).rule != answer.rule
    if answer.until:
        assert found.at(matter, voltage, answer.until, kind) == answer
        assert found.at(matter, voltage, answer.until + timedelta(days=1), kind).rule != answer.rule


def test_before_the_delegation_began_and_after_it_has_ended_the_original_power_holds() -> None:
    found = ended("2026-12-31")

    answers = [found.at("connection_review", 110, day) for day in (date(2021, 6, 30), TODAY, date(2027, 1, 1))]

    assert [one.level for one in answers] == ["province", "city", "province"]
    assert [(one.since, one.until) for one in answers] == [
        (BEGINNING, date(2021, 6, 30)),
        (DELEGATED, date(2026, 12, 31)),
        (date(2027, 1, 1), None),
    ]


def test_a_delegation_that_is_renewed_under_another_number_is_another_answer() -> None:
    def renewed(data: list[dict[str, Any]]) -> None:
        old = row(data, "review-110-delegated")
        old["to"] = "2026-12-31"
        data.append({**old, "id": "renewed", "document": "第二号", "from": "2027-01-01", "to": "2028-12-31"})

    before, after = (table(renewed).at("connection_review", 110, day) for day in (TODAY, date(2027, 1, 1)))

    assert (before.department, before.until) == (after.department, date(2026, 12, 31))
    assert (after.document, after.until) == ("第二号", date(2028, 12, 31))


def test_a_row_for_one_kind_of_project_prevails_over_one_for_any() -> None:
    def kinds(data: list[dict[str, Any]]) -> None:
        whole = {**row(data, "approval-110"), "id": "bays", "projectKind": "bay_extension"}
        data.append({**whole, "level": "city", "department": "planning"})
        data.remove(row(data, "approval-110-bay-delegated"))

    found = table(kinds)

    assert [found.at("project_approval", 110, TODAY, kind).level for kind in ("bay_extension", "other", "")] == [
        "city",
        "province",
        "province",
    ]


def test_the_rule_is_a_sentence_with_document_days_and_whether_anybody_has_verified_it() -> None:
    def verified(data: list[dict[str, Any]]) -> None:
        row(data, "review-110-delegated").update(document="冀电发展〔2021〕88号", verified=True, to="2026-12-31")

    assert table(verified).at("connection_review", 110, TODAY).rule == (
        "110kV接入系统方案审查由市公司发展部办理（依据 冀电发展〔2021〕88号，2021-07-01起至2026-12-31止）"
    )
    assert SHIPPED.at("construction", "220", TODAY, "bay_extension").rule == (
        "220kV间隔扩建类建设管理由省公司建设部办理（本级权限，2000-01-01起，规则未核实）"
    )


@pytest.mark.parametrize(
    ("question", "text"),
    [
        (("connection_review", 6, TODAY, ""), "授权表中没有规定2026-11-24由谁办理6kV接入系统方案审查"),
        (("connection_review", 110, date(1999, 12, 31), ""), "没有规定1999-12-31由谁办理110kV"),
        (("reviews", 110, TODAY, ""), "没有事项“reviews”，可用：connection_review、project_approval"),
        (("construction", 110, TODAY, "bays"), "没有项目类别“bays”，可用：bay_extension、other，或留空"),
        (("construction", "", TODAY, ""), "电压等级“”不是以kV计的数字"),
        (("construction", "NaN", TODAY, ""), "电压等级“NaN”不是以kV计的数字"),
        (("construction", "-10", TODAY, ""), "电压等级“-10”不是以kV计的数字"),
    ],
)
def test_where_nobody_has_the_authority_the_error_says_what_was_asked(question: Any, text: str) -> None:
    with pytest.raises(NoAuthority, match=text):
        SHIPPED.at(*question)


# -- tables ------------------------------------------------------------------------------------------------------------


def test_the_table_travels_as_json() -> None:
    assert AuthorityTable.from_json(json.loads(json.dumps(SHIPPED.to_json()))) == SHIPPED


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            lambda data: data[0].update(matter="review"),
            "rows[1].matter: 授权第1行·事项应为connection_review",
        ),
        (lambda data: data[0].update(projectKind="bay"), "rows[1].projectKind: 授权第1行·项目类别应为bay_extension"),
        (lambda data: data[0].update(level="county"), "rows[1].level: 授权第1行·层级应为city（市公司）"),
        (lambda data: data[0].update(department="plans"), "rows[1].department: 授权第1行·部门市公司没有部门“plans”"),
        (
            lambda data: data[0].update(department="province_planning"),
            "rows[1].department: 授权第1行·部门市公司没有部门“province_planning”",
        ),
        (
            lambda data: data[3].update(department="planning"),
            "rows[4].department: 授权第4行·部门省公司没有",
        ),
        (
            lambda data: data[0].update(department="customer"),
            "rows[1].department: 授权第1行·部门市公司没有",
        ),
        (lambda data: data[-1].update(to="2021-06-30"), "rows[16].to: 授权第16行·截止日期早于起始日期2021-07-01"),
        (lambda data: data[-1].update(to="soon"), "rows[16].to: 授权第16行·截止日期应为日期"),
        (lambda data: data[-1].update(until="2027-01-01"), "rows[16].until: 授权第16行·未知栏目没有这一栏"),
        (lambda data: data[-1].pop("from"), "rows[16].from: 授权第16行·起始日期未填写"),
        (lambda data: data[-1].pop("verified"), "rows[16].verified: 授权第16行·已核实未填写"),
        (lambda data: data[-1].update(verified="yes"), "rows[16].verified: 授权第16行·已核实应为true"),
        (lambda data: data[0].update(voltageTo=5), "rows[1].voltageTo: 授权第1行·电压上限(kV)低于电压下限10"),
        (lambda data: data[1].update(id="review-10-35"), "rows[2].id: 授权第2行·编号“review-10-35”与第1行重复"),
        (
            lambda data: data.append({**data[-1], "id": "twice", "document": "第二号"}),
            "rows[17].matter: 授权第17行·事项与第16行（construction-110-bay-delegated）同为授权，适用范围和日期重叠",
        ),
        (
            lambda data: data[1].update(voltageFrom=35),
            "rows[2].matter: 授权第2行·事项与第1行（review-10-35）",
        ),
        (lambda data: data[13].pop("document"), "rows[14].matter: 授权第14行·事项与第3行（review-110）同为本级权限"),
        (lambda data: data.pop(1), "rows: 授权缺少66kV接入系统方案审查的本级权限"),
        (lambda data: data[12].update(voltageFrom=110), "rows: 授权缺少10kV间隔预留批复的本级权限"),
        (lambda data: data[2].update(to="2030-06-30"), "rows: 授权110kV接入系统方案审查自2030-07-01起没有本级权限"),
        (lambda data: data.clear(), "rows: 授权至少应有一行"),
        (lambda data: data.extend([data[0]] * MOST_ROWS), "rows: 授权有316行，最多300行"),
    ],
)
def test_what_is_wrong_with_a_table_is_told_by_row_and_column(change: Change, fault: str) -> None:
    assert any(found.startswith(fault) for found in faults(change)), faults(change)


def test_all_that_is_wrong_is_told_at_once() -> None:
    def worse(data: list[dict[str, Any]]) -> None:
        data[0].update(department="plans")
        data[2].update(to="1999-01-01")

    assert [found.partition(":")[0] for found in faults(worse)] == ["rows[1].department", "rows[3].to", "rows"]


def test_an_original_power_that_passes_to_another_level_without_a_gap_is_no_fault() -> None:
    def passed(data: list[dict[str, Any]]) -> None:
        old = row(data, "review-220-up")
        old["to"] = "2027-12-31"
        data.append(
            {**old, "id": "later", "from": "2028-01-01", "to": "9999-12-31", "level": "city", "department": "planning"}
        )

    found = table(passed)

    assert [found.at("connection_review", 220, date(year, 12, 31)).level for year in (2027, 2028)] == [
        "province",
        "city",
    ]
    assert found.at("connection_review", 220, TODAY).until == date(2027, 12, 31)
    assert found.at("connection_review", 220, date(2028, 1, 1)).until == date.max

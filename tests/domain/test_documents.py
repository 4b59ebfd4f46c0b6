"""The models of the documents: what variables must give, and what they may not contradict."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from domain.documents import (
    CONSTRUCTION_CONTRACT,
    DOCUMENTS,
    SUPPLY_PLAN_REPLY,
    WORKS_CONTRACT,
    ConstructionContract,
    SupplyPlanReply,
    model_from_variables,
)
from domain.fields import MissingFields

DATA = Path(__file__).parents[1] / "activities" / "data"


def example(kind: str) -> dict[str, Any]:
    variables: dict[str, Any] = json.loads((DATA / f"{kind}.json").read_text(encoding="utf-8"))
    return variables


def reply(**changes: Any) -> SupplyPlanReply:
    model = model_from_variables(SUPPLY_PLAN_REPLY, example(SUPPLY_PLAN_REPLY) | changes)
    assert isinstance(model, SupplyPlanReply)
    return model


def contract(**changes: Any) -> ConstructionContract:
    model = model_from_variables(CONSTRUCTION_CONTRACT, example(CONSTRUCTION_CONTRACT) | changes)
    assert isinstance(model, ConstructionContract)
    return model


def problems(kind: str, **changes: Any) -> dict[str, str]:
    with pytest.raises(MissingFields) as caught:
        model_from_variables(kind, example(kind) | changes)
    return {problem.key: f"{problem.label}{problem.problem}" for problem in caught.value.problems}


REQUIRED = [
    (kind, str(field.alias), str(field.title))
    for kind, model in DOCUMENTS.items()
    for field in model.model_fields.values()
    if field.is_required()
]


@pytest.mark.parametrize(("kind", "key", "label"), REQUIRED, ids=[f"{kind}-{key}" for kind, key, _ in REQUIRED])
def test_each_required_field_is_named_when_it_is_missing(kind: str, key: str, label: str) -> None:
    variables = example(kind)
    del variables[key]

    with pytest.raises(MissingFields) as caught:
        model_from_variables(kind, variables)

    assert str(caught.value) == f"不能出具{DOCUMENTS[kind].title}，请补正下列数据：{label}（{key}）未填写"


@pytest.mark.parametrize("blank", [None, "", "  \n"])
def test_what_a_form_leaves_empty_counts_as_missing(blank: str | None) -> None:
    assert problems(SUPPLY_PLAN_REPLY, substation=blank, customer=blank) == {"customer": "户名未填写"}


def test_an_optional_field_left_empty_takes_its_default() -> None:
    assert reply(notes=None, ownGeneration="").notes == "无"


def test_all_problems_come_at_once() -> None:
    found = problems(SUPPLY_PLAN_REPLY, customer=None, address=7.5, replyDate="9 March", voltageKv=0)

    assert found == {
        "customer": "户名未填写",
        "address": "用电地址应为文字",
        "voltageKv": "供电电压(kV)应大于0",
        "replyDate": "答复日期应为日期（如2026-03-05）",
    }


def test_a_problem_within_a_row_names_the_row() -> None:
    fees = [*example(SUPPLY_PLAN_REPLY)["fees"], {"name": "检定费", "unitPrice": "many"}]

    found = problems(SUPPLY_PLAN_REPLY, fees=fees)

    assert found["fees[3].unitPrice"] == "业务费用第3行·单价(元)应为数字"
    assert found["fees[3].amount"] == "业务费用第3行·应收金额(元)未填写"


def test_a_problem_within_a_group_names_the_group() -> None:
    builder = {**example(CONSTRUCTION_CONTRACT)["builder"], "certificateNo": ""}

    assert problems(CONSTRUCTION_CONTRACT, builder=builder) == {"builder.certificateNo": "承包人·资质证书编号未填写"}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"sources": []}, {"sources": "供电电源至少应有一行"}),
        ({"sources": "517"}, {"sources": "供电电源应为若干行"}),
        ({"sources": ["517"]}, {"sources[1]": "供电电源第1行应为一组字段"}),
        ({"customer": True}, {"customer": "户名应为文字"}),
        ({"customer": "某" * 2001}, {"customer": "户名超过2000字"}),
        ({"customer": "某\x00某"}, {"customer": "户名含有不可打印的字符"}),
        ({"capacityKva": True}, {"capacityKva": "核定容量(kVA)应为数字"}),
        ({"capacityKva": "NaN"}, {"capacityKva": "核定容量(kVA)应为数字"}),
        ({"capacityKva": 1e300}, {"capacityKva": "核定容量(kVA)应为数字"}),
        ({"validityMonths": 1.5}, {"validityMonths": "方案有效期(月)应为1至1200之间的整数"}),
        ({"replyDate": "2026-02-30"}, {"replyDate": "答复日期应为日期（如2026-03-05）"}),
        ({"replyDate": "2026-03-09T10:00:00+08:00"}, {"replyDate": "答复日期应为日期（如2026-03-05）"}),
    ],
)
def test_a_wrong_value_is_named(changes: dict[str, Any], problem: dict[str, str]) -> None:
    assert problems(SUPPLY_PLAN_REPLY, **changes) == problem


@pytest.mark.parametrize(("price", "problem"), [(-1, "不应为负数"), ("1.005", "最多两位小数"), ("1,000", "应为数字")])
def test_a_wrong_price_is_named(price: Any, problem: str) -> None:
    assert problems(CONSTRUCTION_CONTRACT, price=price, priceItems=None) == {"price": f"签约合同价(元){problem}"}


@pytest.mark.parametrize("given", [803500.36, "803500.36", " 803500.36 "])
def test_an_amount_may_come_as_number_or_as_text(given: float | str) -> None:
    assert contract(price=given, priceItems=None).price == Decimal("803500.36")


def test_an_account_number_may_come_as_a_number() -> None:
    owner = {**example(CONSTRUCTION_CONTRACT)["owner"], "account": 13001625308050003218}

    assert contract(owner=owner).owner.account == "13001625308050003218"


def test_variables_of_others_do_not_matter() -> None:
    assert reply(surveyOpinion="同意") == reply()


def test_reading_leaves_the_variables_as_they_are() -> None:
    variables = example(CONSTRUCTION_CONTRACT)
    before = deepcopy(variables)

    model_from_variables(CONSTRUCTION_CONTRACT, variables)

    assert variables == before


def test_the_plan_is_valid_for_its_months_after_the_day_of_reply() -> None:
    assert reply(replyDate="2026-03-09", validityMonths=12).valid_until == date(2027, 3, 9)


def test_fees_are_summed_to_the_cent() -> None:
    assert reply().fee_total == Decimal("661672.50")


def test_a_plan_without_fees_costs_nothing() -> None:
    assert reply(fees=[]).fee_total == 0


def test_the_works_last_from_first_to_last_day() -> None:
    assert contract(startDate="2026-03-20", completionDate="2026-04-17").duration_days == 29


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"reviewDate": "2026-03-10"}, {"reviewDate": "会商日期不应晚于答复日期"}),
        ({"gridCompletionDate": "2026-03-08"}, {"gridCompletionDate": "配套电网工程计划完工日期不应早于答复日期"}),
        (
            {"fees": [{"name": "费", "unitPrice": 2, "quantity": 3, "unit": "套", "amount": 5, "basis": "目录"}]},
            {"fees[1].amount": "业务费用第1行·应收金额(元)应等于单价乘以数量，即6.00"},
        ),
    ],
)
def test_a_reply_that_contradicts_itself_is_refused(changes: dict[str, Any], problem: dict[str, str]) -> None:
    assert problems(SUPPLY_PLAN_REPLY, **changes) == problem


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"safetyAgreementDate": "2026-03-21"}, {"safetyAgreementDate": "安全协议签订日期不应晚于实际开工日期"}),
        ({"earlyStartApprovalDate": "2026-03-21"}, {"earlyStartApprovalDate": "先行施工审批日期不应晚于实际开工日期"}),
        ({"frameworkAwardDate": "2026-03-21"}, {"frameworkAwardDate": "框架中标日期不应晚于实际开工日期"}),
        ({"designApprovalDate": "2026-03-21"}, {"designApprovalDate": "可研初设批复日期不应晚于实际开工日期"}),
        ({"completionDate": "2026-03-19"}, {"completionDate": "竣工日期不应早于实际开工日期"}),
        ({"contractDate": "2026-03-19"}, {"contractDate": "合同文本日期不应早于实际开工日期（补签合同不得倒签）"}),
        ({"approvedBudget": 1286500}, {"price": "签约合同价(元)超出批复预算1286500.00"}),
        ({"price": 1286500}, {"priceItems": "合同价款组成各项之和1286500.36应等于签约合同价1286500.00"}),
    ],
)
def test_a_contract_that_contradicts_itself_is_refused(changes: dict[str, Any], problem: dict[str, str]) -> None:
    assert problems(CONSTRUCTION_CONTRACT, **changes) == problem


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"safetyAgreementDate": "2026-03-20"}, {"safetyAgreementDate": "安全协议签订日期不应晚于合同文本日期"}),
        ({"callOffDate": "2026-03-20"}, {"callOffDate": "框架委托日期不应晚于合同文本日期"}),
        ({"frameworkAwardDate": "2026-03-20"}, {"frameworkAwardDate": "框架中标日期不应晚于合同文本日期"}),
        ({"designApprovalDate": "2026-03-20"}, {"designApprovalDate": "间隔扩建项目批复日期不应晚于合同文本日期"}),
        (
            {"contractDate": "2026-03-21"},
            {"contractDate": "合同文本日期不应晚于约定开工日期（本工程不得先施工后补合同）"},
        ),
        ({"completionDate": "2026-03-19"}, {"completionDate": "竣工日期不应早于约定开工日期"}),
        ({"approvedBudget": 1286500}, {"price": "签约合同价(元)超出批复预算1286500.00"}),
    ],
)
def test_the_contract_of_a_bay_extension_is_no_late_contract(changes: dict[str, Any], problem: dict[str, str]) -> None:
    # domain.md §1.1 row 8: building first and contracting later is for 10kV alone.
    assert problems(WORKS_CONTRACT, **changes) == problem


def test_a_contractor_whose_certificate_ran_out_before_the_start_is_refused() -> None:
    builder = {**example(CONSTRUCTION_CONTRACT)["builder"], "certificateValidUntil": "2026-03-19"}

    assert problems(CONSTRUCTION_CONTRACT, builder=builder) == {
        "builder.certificateValidUntil": "承包人·资质证书有效期至在实际开工日期之前已到期"
    }


def test_a_safety_agreement_signed_on_the_day_of_the_start_is_in_time() -> None:
    assert contract(safetyAgreementDate="2026-03-20").safety_agreement_date == date(2026, 3, 20)


def test_an_unknown_kind_is_an_error() -> None:
    with pytest.raises(KeyError):
        model_from_variables("minutes", {})

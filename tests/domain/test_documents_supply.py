"""高压供用电合同 and 电费结算协议: sums of capacities and shares, order of dates, agreements that must stand beside."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.documents import (
    SETTLEMENT_AGREEMENT,
    SUPPLY_CONTRACT,
    SettlementAgreement,
    SupplyContract,
    model_from_variables,
)
from domain.fields import MissingFields

DATA = Path(__file__).parents[1] / "activities" / "data"
CONTRACT: dict[str, Any] = json.loads((DATA / "supply_contract.json").read_text("utf-8"))
MAIN, STANDBY = CONTRACT["supplySources"]
SETTLEMENT: dict[str, Any] = json.loads((DATA / "settlement_agreement.json").read_text("utf-8"))


def contract(**changes: Any) -> SupplyContract:
    model = model_from_variables(SUPPLY_CONTRACT, CONTRACT | changes)
    assert isinstance(model, SupplyContract)
    return model


def settlement(**changes: Any) -> SettlementAgreement:
    model = model_from_variables(SETTLEMENT_AGREEMENT, SETTLEMENT | changes)
    assert isinstance(model, SettlementAgreement)
    return model


def problems(kind: str, variables: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(MissingFields) as caught:
        model_from_variables(kind, variables)
    return {problem.key: f"{problem.label}{problem.problem}" for problem in caught.value.problems}


def transformer(quantity: int, unit: int, total: int) -> dict[str, Any]:
    return {"model": "S20", "quantity": quantity, "unitKva": unit, "totalKva": total, "place": "配电室"}


def instalment(day: int, share: Any) -> dict[str, Any]:
    return {"name": "一次", "day": day, "sharePercent": share, "basis": "上月电费"}


def test_two_main_sources_may_share_the_capacity() -> None:
    halves = [MAIN | {"capacityKva": 3150}, STANDBY | {"role": "主供", "capacityKva": 3150}]

    assert len(contract(supplySources=halves).supply_sources) == 2


def test_the_contract_is_dated_by_its_signature() -> None:
    model = contract()

    assert model.dated.isoformat() == "2026-04-23"


def test_motors_without_transformer_count_by_their_kilowatts() -> None:
    motors = [{"name": "空压机", "quantity": 2, "totalKw": 1300}]

    model = contract(transformers=[transformer(2, 2500, 5000)], motors=motors)

    assert model.transformer_kva == 5000


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"transformers": [transformer(2, 3150, 6000)], "approvedCapacityKva": 6000},
            {"transformers[1].totalKva": "受电变压器第1行·小计容量(kVA)应等于台数乘以单台容量，即6300"},
        ),
        (
            {"transformers": [transformer(1, 3150, 3150)]},
            {"approvedCapacityKva": "合同用电容量(kVA)应等于受电变压器与高压电动机容量之和3150"},
        ),
        (
            {"supplySources": [MAIN | {"capacityKva": 3150}, STANDBY]},
            {"supplySources": "供电电源主供容量之和3150小于合同用电容量6300"},
        ),
        ({"supplySources": [MAIN]}, {"supplyMode": "供电方式与1路电源不符"}),
        ({"supplyMode": "高压单电源"}, {"supplyMode": "供电方式与2路电源不符"}),
        ({"replyDate": "2026-04-23"}, {"replyDate": "供电方案答复日期不应晚于竣工检验日期"}),
        ({"inspectedOn": "2026-04-24"}, {"inspectedOn": "竣工检验日期不应晚于合同文本日期"}),
        ({"supplyContractValidUntil": "2026-04-23"}, {"supplyContractValidUntil": "合同有效期至应晚于合同文本日期"}),
        ({"powerFactor": 1.01}, {"powerFactor": "功率因数考核标准不应大于1"}),
        (
            {"ownGenerationAgreementNo": None},
            {"ownGenerationAgreementNo": "自备应急电源协议编号未填写（有自备应急电源）"},
        ),
    ],
)
def test_a_supply_contract_that_contradicts_itself_is_refused(changes: dict[str, Any], problem: dict[str, str]) -> None:
    assert problems(SUPPLY_CONTRACT, CONTRACT | changes) == problem


ORDINARY = {
    "supplyMode": "高压单电源",
    "supplySources": [MAIN],
    "importance": None,
    "ownGeneration": None,
    "ownGenerationAgreementNo": None,
    "dispatchAgreementNo": None,
}


@pytest.mark.parametrize("importance", [None, "无", "普通电力用户"])
def test_an_ordinary_customer_with_one_source_needs_no_dispatch_agreement(importance: str | None) -> None:
    assert contract(**ORDINARY | {"importance": importance}).dispatch_agreement_no == "无"


@pytest.mark.parametrize(
    "changes",
    [
        {"supplyMode": "高压双电源", "supplySources": [MAIN, STANDBY]},
        {"importance": "二级"},
        {"planVoltageKv": 35},
        {"ownGeneration": "柴油发电机", "ownGenerationAgreementNo": "ZBDY-1"},
    ],
)
def test_each_reason_for_a_dispatch_agreement_is_enough(changes: dict[str, Any]) -> None:
    found = problems(SUPPLY_CONTRACT, CONTRACT | ORDINARY | changes)

    assert list(found) == ["dispatchAgreementNo"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"settlementAgreementDate": "2026-04-22"}, {"settlementAgreementDate": "协议文本日期不应早于合同文本日期"}),
        ({"settlementAgreementDate": "2029-04-22"}, {"settlementAgreementDate": "协议文本日期应早于合同有效期届满"}),
        ({"readingDay": 29}, {"readingDay": "抄表例日不应大于28（每月都有的日子）"}),
        ({"powerFactor": 1.2}, {"powerFactor": "功率因数考核标准不应大于1"}),
        ({"alertBalance": 840001}, {"alertBalance": "余额预警值(元)不应大于预存电费840000.00"}),
        ({"oldArrearsPermille": 1}, {"oldArrearsPermille": "跨年欠费违约金(每日‰)不应低于当年欠费违约金"}),
        (
            {"instalments": [instalment(29, 100)]},
            {"instalments[1].day": "分次结算第1行·每月缴费日不应大于28（每月都有的日子）"},
        ),
        ({"instalments": [instalment(8, 50), instalment(8, 50)]}, {"instalments": "分次结算缴费日重复"}),
        (
            {"instalments": [instalment(8, 50), instalment(18, 40)]},
            {"instalments": "分次结算各次比例之和90应等于100"},
        ),
    ],
)
def test_a_settlement_agreement_that_contradicts_itself_is_refused(
    changes: dict[str, Any], problem: dict[str, str]
) -> None:
    assert problems(SETTLEMENT_AGREEMENT, SETTLEMENT | changes) == problem


@given(st.lists(st.integers(1, 99), min_size=1, max_size=8, unique=True).map(sorted))
def test_shares_that_divide_the_whole_are_accepted(cuts: list[int]) -> None:
    shares = [high - low for low, high in zip([0, *cuts], [*cuts, 100], strict=True)]

    model = settlement(instalments=[instalment(day, share) for day, share in enumerate(shares, 1)])

    assert sum(part.share_percent for part in model.instalments) == Decimal(100)

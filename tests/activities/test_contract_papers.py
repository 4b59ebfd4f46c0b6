"""What the contracts and the supervision order say on paper, in each of their forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from activities.documents import render
from domain.documents import model_from_variables
from domain.documents.supervision import CAUSES
from tests.activities.printed import text_of

Example = Callable[[str], dict[str, Any]]


@pytest.fixture
def paper(example: Example) -> Callable[..., str]:
    """The text of a kind's paper, with some variables changed."""

    def write(kind: str, **changes: Any) -> str:
        return text_of(render(kind, model_from_variables(kind, example(kind) | changes), "第0042号"))

    return write


@pytest.mark.parametrize(
    "sentence",
    [
        "按照《中华人民共和国民法典》第六百四十九条所列内容，协商订立本合同",
        "依《中华人民共和国民法典》第六百五十条，以供电设施的产权分界处为履行地点",
        "应当承担赔偿责任（《中华人民共和国民法典》第六百五十二条）",
        "本次业务费用合计人民币陆拾陆万壹仟陆佰柒拾贰元伍角整（¥661,672.50）",
        "提前七日通知用电人或者公告；因临时检修需要停电的，提前二十四小时通知",
        "协议编号：CQFJ-2026-0058　　主合同编号：第0042号",
        "本合同一式四份，双方各执二份",
    ],
)
def test_the_supply_contract_says(sentence: str, paper: Callable[..., str]) -> None:
    assert sentence in paper("supply_contract")


def test_contract_and_settlement_bear_the_date_of_their_text_and_leave_the_signing_open(
    paper: Callable[..., str],
) -> None:
    contract, settlement = paper("supply_contract"), paper("settlement_agreement")

    assert "文本日期：\n二〇二六年四月二十三日" in contract
    assert "文本日期2026年4月23日" in settlement
    assert "签订日期：　　　　年　　月　　日" in contract
    assert "签订日期：　　　　年　　月　　日" in settlement


def test_a_supply_contract_without_fees_says_so(paper: Callable[..., str]) -> None:
    text = paper("supply_contract", businessFees=0)

    assert "7.4　本次业务不收取业务费用（¥0.00）。" in text
    assert "应当在送电前结清" not in text


def test_high_voltage_motors_are_listed_where_there_are_any(paper: Callable[..., str], example: Example) -> None:
    transformers = [example("supply_contract")["transformers"][0] | {"unitKva": 2500, "totalKva": 5000}]

    text = paper(
        "supply_contract",
        transformers=transformers,
        motors=[{"name": "离心压缩机", "quantity": 2, "totalKw": 1300}],
    )

    assert "离心压缩机\n2\n1300" in text
    assert "没有不经变压器直接接入的高压电动机" not in text


def test_the_settlement_agreement_states_each_amount_in_capitals(paper: Callable[..., str]) -> None:
    text = paper("settlement_agreement")

    for amount in (
        "人民币壹佰陆拾捌万元整（¥1,680,000.00）",
        "人民币捌拾肆万元整（¥840,000.00）",
        "人民币壹拾陆万捌仟元零伍角整（¥168,000.50）",
    ):
        assert amount in text


def test_the_safety_agreement_says_that_it_cannot_be_made_good_later(paper: Callable[..., str]) -> None:
    text = paper("safety_agreement")

    assert "安全协议不得后补" in text
    assert "文本日期为2026年3月19日，双方应当不晚于计划开工日期签订，不得事后补签" in text
    assert "签订日期：　　　　年　　月　　日" in text
    assert "安全保证金人民币伍万元整（¥50,000.00）" in text


def test_an_order_without_an_answer_carries_an_empty_sheet_with_the_causes(paper: Callable[..., str]) -> None:
    text = paper("supervision_order")

    assert "　　".join(f"□ {cause}" for cause in CAUSES) in text


def test_an_answered_order_lists_its_answers_instead(paper: Callable[..., str]) -> None:
    answer = {
        "cause": "电网受限",
        "explanation": "停电窗口取消",
        "measures": "并入下周停电",
        "promisedOn": "2026-04-28",
        "answeredBy": "韩冰",
        "answeredOn": "2026-04-22",
    }

    text = paper("supervision_order", answers=[answer])

    assert "情况：停电窗口取消。\n措施：并入下周停电。" in text
    assert "新的承诺日期：\n2026年4月28日\n回复人：韩冰\n2026年4月22日" in text
    assert "□ 业务人员" not in text


def test_no_clause_stands_in_two_papers(paper: Callable[..., str]) -> None:
    kinds = (
        "construction_contract",
        "safety_agreement",
        "settlement_agreement",
        "supply_contract",
        "supervision_order",
    )

    clauses = [line for kind in kinds for line in set(paper(kind).split("\n")) if len(line) > 40]

    assert sorted(clauses) == sorted(set(clauses))

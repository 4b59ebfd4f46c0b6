"""督办单: sent when a limit has passed, answered with one of five causes and a new date."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from domain.documents import SUPERVISION_ORDER, SupervisionOrder, model_from_variables
from domain.documents.supervision import CAUSES
from domain.fields import MissingFields

PATH = Path(__file__).parents[1] / "activities" / "data" / "supervision_order.json"
EXAMPLE: dict[str, Any] = json.loads(PATH.read_text("utf-8"))
ANSWER = {
    "cause": "业务人员",
    "explanation": "未及时安排检验",
    "measures": "增派一组检验人员",
    "promisedOn": "2026-04-22",
    "answeredBy": "韩冰",
    "answeredOn": "2026-04-21",
}


def order(**changes: Any) -> SupervisionOrder:
    model = model_from_variables(SUPERVISION_ORDER, EXAMPLE | changes)
    assert isinstance(model, SupervisionOrder)
    return model


def problems(**changes: Any) -> dict[str, str]:
    with pytest.raises(MissingFields) as caught:
        order(**changes)
    return {problem.key: f"{problem.label}{problem.problem}" for problem in caught.value.problems}


def test_an_order_goes_out_without_an_answer() -> None:
    assert order().answers == ()


@pytest.mark.parametrize("cause", CAUSES)
def test_each_of_the_five_causes_may_be_answered(cause: str) -> None:
    assert order(answers=[ANSWER | {"cause": cause}]).answers[0].cause == cause


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"startedOn": "2026-04-21"}, {"dueOn": "到期日期不应早于计时起始日期"}),
        ({"issuedOn": "2026-04-19"}, {"issuedOn": "签发日期不应早于到期日期（未超期不发督办单）"}),
        ({"replyDueOn": "2026-04-21"}, {"replyDueOn": "回复截止日期应晚于签发日期"}),
        (
            {"warnings": [EXAMPLE["warnings"][0] | {"sentOn": "2026-04-22"}]},
            {"warnings[1].sentOn": "此前预警记录第1行·发出日期应在计时起始日期与签发日期之间"},
        ),
        (
            {"answers": [ANSWER | {"cause": "天气"}]},
            {"answers[1].cause": "回复第1行·原因类别应为客户、业务人员、电网受限、政策、系统、物资短缺之一"},
        ),
        (
            {"answers": [ANSWER | {"answeredOn": "2026-04-20"}]},
            {"answers[1].answeredOn": "回复第1行·回复日期不应早于签发日期"},
        ),
        (
            {"answers": [ANSWER, ANSWER | {"promisedOn": "2026-04-20"}]},
            {"answers[2].promisedOn": "回复第2行·新的承诺日期不应早于回复日期"},
        ),
    ],
)
def test_an_order_that_contradicts_itself_is_refused(changes: dict[str, Any], problem: dict[str, str]) -> None:
    found = problems(**changes)

    assert {key: found.get(key) for key in problem} == problem

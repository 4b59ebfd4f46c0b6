"""安全协议: it stands before the works, and so do the papers of who does them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from domain.documents import SAFETY_AGREEMENT, model_from_variables
from domain.fields import MissingFields

PATH = Path(__file__).parents[1] / "activities" / "data" / "safety_agreement.json"
EXAMPLE: dict[str, Any] = json.loads(PATH.read_text("utf-8"))


def problems(**changes: Any) -> dict[str, str]:
    with pytest.raises(MissingFields) as caught:
        model_from_variables(SAFETY_AGREEMENT, EXAMPLE | changes)
    return {problem.key: f"{problem.label}{problem.problem}" for problem in caught.value.problems}


def test_an_agreement_written_on_the_day_of_the_start_is_in_time() -> None:
    model = model_from_variables(SAFETY_AGREEMENT, EXAMPLE | {"safetyAgreementTextDate": EXAMPLE["plannedStart"]})

    assert model.dated.isoformat() == "2026-03-20"


def test_an_agreement_after_the_start_is_refused() -> None:
    found = problems(safetyAgreementTextDate="2026-03-21")

    assert found == {"safetyAgreementTextDate": "安全协议文本日期不应晚于计划开工日期（安全协议不得事后补签）"}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"briefingDate": "2026-03-20"},
            {"briefingDate": "安全技术交底日期不应晚于安全协议文本日期（协议写明已经交底）"},
        ),
        ({"plannedFinish": "2026-03-19"}, {"plannedFinish": "计划完工日期不应早于计划开工日期"}),
        (
            {"violations": [{"name": "严重违章", "amount": "50000.01"}]},
            {"violations[1].amount": "违章扣除第1行·每次扣除(元)超出安全保证金50000.00"},
        ),
    ],
)
def test_an_agreement_that_contradicts_itself_is_refused(changes: dict[str, Any], problem: dict[str, str]) -> None:
    assert problems(**changes) == problem


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("certificateValidUntil", "资质证书有效期至"),
        ("safetyPermitValidUntil", "安全生产许可证有效期至"),
    ],
)
def test_a_paper_of_the_contractor_that_runs_out_during_the_works_is_refused(key: str, label: str) -> None:
    found = problems(builder=EXAMPLE["builder"] | {key: "2026-04-16"})

    assert found == {f"builder.{key}": f"承包人·{label}在计划完工日期之前到期"}

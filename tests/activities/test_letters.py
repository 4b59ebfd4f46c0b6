"""What the letters and forms of a case print where their data differ."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import docx
import pytest

from activities.documents import render
from activities.numbering import NumberFormats
from domain.documents import (
    CONSTRUCTION_CONTRACT,
    DOCUMENTS,
    EARLY_START_APPROVAL,
    INSPECTION_OPINION,
    INTEGRATED_DESIGN_COMMISSION,
    ONE_TIME_NOTICE,
    OUTAGE_REQUEST,
    RECTIFICATION_NOTICE,
    REVIEW_MINUTES,
    WORKS_CONTRACT,
    model_from_variables,
)

Example = Callable[[str], dict[str, Any]]
Written = Callable[..., str]


@pytest.fixture
def written(example: Example) -> Written:
    """The paragraphs and cells of a paper made from the example with some changes, one a line."""

    def write(kind: str, **changes: Any) -> str:
        content = render(kind, model_from_variables(kind, example(kind) | changes), "第0042号")
        return "\n".join(_texts(docx.Document(io.BytesIO(content))))

    return write


def _texts(word: Any) -> list[str]:
    cells = [cell for table in word.tables for row in table.rows for cell in row.cells]
    return [paragraph.text for part in (word, *cells) for paragraph in part.paragraphs]


def test_the_fee_of_a_design_stands_in_figures_and_in_capitals(written: Written) -> None:
    assert "人民币叁万捌仟陆佰元零伍角整（¥38,600.50）" in written(INTEGRATED_DESIGN_COMMISSION)


def test_the_budget_of_an_early_start_stands_in_figures_and_in_capitals(written: Written) -> None:
    assert "批复预算为人民币壹佰叁拾伍万元整（¥1,350,000.00）" in written(EARLY_START_APPROVAL)


def test_the_period_for_the_late_contract_is_the_one_given(written: Written) -> None:
    assert "自实际开工之日起45日内补签" in written(EARLY_START_APPROVAL, contractDueDays=45)


def test_a_notice_without_missing_papers_and_fees_says_so(written: Written) -> None:
    text = written(ONE_TIME_NOTICE, missingPapers=[], noticeFees=[])

    assert "尚缺资料\n无\n" in text
    assert "办理本项业务不收取业务费用。" in text
    assert "收费依据" not in text


def test_papers_in_a_row_stand_with_chinese_commas(written: Written) -> None:
    assert "已有且有效\n营业执照、法定代表人身份证\n" in written(ONE_TIME_NOTICE)


def test_minutes_name_departments_and_opinions_in_chinese(written: Written) -> None:
    text = written(REVIEW_MINUTES)

    assert "3\n调控中心\n何静\n不同意，退回修改\n两路电源闭锁方式未写入运行方式" in text
    assert "同意的部门2个，不同意的部门1个" in text


def test_a_failed_inspection_asks_for_rectification_and_forbids_the_connection(written: Written) -> None:
    text = written(INSPECTION_OPINION)

    assert "本次检验结论：不合格，整改。" in text
    assert "在2026年4月29日前完成：在发电机出线柜" in text
    assert "受电装置具备接电条件" not in text


def test_a_passed_inspection_says_that_the_works_may_be_connected(written: Written) -> None:
    passed = {"inspectionVerdict": "pass", "ownSourceCheck": "none", "dutyStaffCheck": "ok"}

    text = written(INSPECTION_OPINION, **passed, rectificationContent=None, rectificationDue=None)

    assert "本次检验结论：合格。" in text
    assert "受电装置具备接电条件" in text
    assert "自备电源闭锁\n与电网电源不能并列，切换可靠\n不涉及" in text
    assert "重新报验；复验合格前" not in text


def test_a_rectification_notice_refers_to_the_opinion_and_to_the_next_inspection(written: Written) -> None:
    text = written(RECTIFICATION_NOTICE)

    assert "竣工检验意见单编号：竣验〔2026〕0021号" in text
    assert "自检验次日起共7日" in text
    assert "提出第2次报验" in text


def test_a_planned_outage_stands_with_day_hour_and_minute(written: Written) -> None:
    text = written(OUTAGE_REQUEST)

    assert "计划停电时间\n2026年5月13日8时30分\n" in text
    assert "计划送电时间\n2026年5月13日15时00分\n" in text


def test_an_energization_without_an_outage_says_so(written: Written) -> None:
    changes = {"outageKind": "送电", "plannedOutageAt": None, "affectsOthers": "no", "affectedCustomers": 0}

    assert "计划停电时间\n不停电\n" in written(OUTAGE_REQUEST, **changes)


OF_ONE_TEXT = {CONSTRUCTION_CONTRACT, WORKS_CONTRACT}
"""施工合同 as it is signed after an early start, and before the works: what both agree on reads the same."""


def test_no_two_papers_share_a_clause(written: Written) -> None:
    clauses: dict[str, str] = {}
    shared = []
    for kind in DOCUMENTS:
        for clause in {line for line in written(kind).split("\n") if len(line) > 30}:
            if clause in clauses and {clauses[clause], kind} != OF_ONE_TEXT:
                shared.append((clauses[clause], kind, clause))
            clauses[clause] = kind

    assert shared == []


@pytest.mark.parametrize("kind", sorted(DOCUMENTS))
def test_each_kind_of_paper_has_a_number_format_of_its_own(kind: str) -> None:
    formats = NumberFormats().model_dump()

    assert list(formats.values()).count(formats[kind]) == 1

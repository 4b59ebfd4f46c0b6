"""What the papers of bay extensions, connection reviews, dispatch and outage plans print where their data differ."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest

from activities.documents import DocumentSettings, render
from activities.numbering import NumberFormats
from activities.writing import WritingActivities
from domain.departments import DEPARTMENTS
from domain.documents import (
    BAY_APPROVAL,
    CONNECTION_REVIEW_OPINION,
    DISPATCH_AGREEMENT,
    FRAMEWORK_CALL_OFF,
    JOINT_REVIEW_SHEET,
    OUTAGE_NOTICE,
    RULE_CONFLICT_RECORD,
    START_UP_PLAN,
    WEEKLY_OUTAGE_PLAN,
    model_from_variables,
)
from domain.jobs import Job
from storage.database import Database
from storage.documents import case_documents
from storage.files import FileStore
from tests.activities.printed import text_of

Example = Callable[[str], dict[str, Any]]
Written = Callable[..., str]
NEW_KINDS = (
    CONNECTION_REVIEW_OPINION,
    JOINT_REVIEW_SHEET,
    BAY_APPROVAL,
    FRAMEWORK_CALL_OFF,
    DISPATCH_AGREEMENT,
    START_UP_PLAN,
    WEEKLY_OUTAGE_PLAN,
    OUTAGE_NOTICE,
    RULE_CONFLICT_RECORD,
)


@pytest.fixture
def written(example: Example) -> Written:
    """The text of a paper made from the example with some changes."""

    def write(kind: str, **changes: Any) -> str:
        return text_of(render(kind, model_from_variables(kind, example(kind) | changes), "第0042号"))

    return write


def test_an_opinion_states_by_which_delegation_and_until_when_the_city_reviews(written: Written) -> None:
    text = written(CONNECTION_REVIEW_OPINION)

    assert "市公司发展部于2026年3月10日组织评审" in text
    assert "某电发展〔2025〕117号" in text
    assert "2027年12月31日" in text


def test_an_authority_without_an_end_is_lasting(written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(DEPARTMENTS, "province_planning", "省公司发展部")

    text = written(CONNECTION_REVIEW_OPINION, authority={"level": "province", "department": "province_planning"})

    assert text.startswith("省公司发展部\n接入系统方案审查意见")
    assert "长期有效" in text


def test_a_sheet_prints_a_reason_only_where_a_department_refuses(written: Written) -> None:
    text = written(JOINT_REVIEW_SHEET)

    assert text.count("理由：") == 1
    assert "逾期会签的部门：建设部。" in text


def test_the_investment_stands_in_figures_and_in_capitals(written: Written) -> None:
    text = written(BAY_APPROVAL)

    assert "人民币叁佰捌拾陆万肆仟贰佰元零伍角整（¥3,864,200.50）" in text
    assert "2,460,000.50" in text


def test_an_approval_without_a_division_prints_no_table_of_it(written: Written) -> None:
    assert "金额（元）" not in written(BAY_APPROVAL, investmentItems=[])


def test_an_approval_says_that_nothing_is_built_before_its_contract(written: Written) -> None:
    assert "35千伏及以上间隔扩建工程不适用先施工后补合同" in written(BAY_APPROVAL)


def test_a_call_off_states_what_remained_and_what_remains(written: Written) -> None:
    text = written(FRAMEWORK_CALL_OFF)

    assert "200,000.00\n186,400.80\n13,599.20" in text
    assert "本次委托金额为人民币壹拾捌万陆仟肆佰元零捌角整（¥186,400.80）" in text


def test_a_dispatch_agreement_prints_its_receivers_and_its_originals(written: Written) -> None:
    text = written(DISPATCH_AGREEMENT)

    assert "DDSL-2026-0118\n2028年6月30日" in text
    assert "本协议一式四份，双方各执二份" in text


def test_a_start_up_without_a_committee_prints_no_members(written: Written) -> None:
    small = written(START_UP_PLAN, startUpCommitteeNeeded="no", startUpCommittee=[])

    assert "启动委员会：不需要。" in small
    assert "启委会职务" not in small
    assert "启委会职务" in written(START_UP_PLAN)


def test_a_plan_prints_each_item_and_each_refusal(written: Written) -> None:
    text = written(WEEKLY_OUTAGE_PLAN)

    assert "停电：2026年5月13日8时30分　送电：2026年5月13日15时00分" in text
    assert "业扩工单号：YK-2026-000355　公告日期：无" in text
    assert "再次停电违反频次限制" in text


def test_an_empty_plan_says_so(written: Written) -> None:
    text = written(WEEKLY_OUTAGE_PLAN, planItems=[], refusedRequests=[], plannerObjective=0, plannerBound=0)

    assert "本周没有停送电项目。" in text
    assert "本周没有未列入的申请。" in text
    assert "施工（操作）班组" not in text


def test_a_notice_that_nobody_has_signed_leaves_the_receipt_open(written: Written) -> None:
    signed, unsigned = written(OUTAGE_NOTICE), written(OUTAGE_NOTICE, noticeReceivedBy=None, noticeReceivedAt=None)

    assert "签收人：周文博\n签收时间：2026年5月5日14时05分" in signed
    assert "签收人：\n签收时间：　　　年　月　日　时　分" in unsigned


def test_a_notice_names_its_law_and_how_early_it_comes(written: Written) -> None:
    assert "根据《供电监管办法》第十三条，现提前八日通知如下" in written(OUTAGE_NOTICE)


def test_a_record_states_decision_and_authority(written: Written) -> None:
    text = written(RULE_CONFLICT_RECORD)

    assert "执行业扩报装规定" in text
    assert "权限依据：业扩报装管理规则关于规则冲突由分管领导裁定的规定。" in text


def test_lines_of_a_text_become_paragraphs(example: Example) -> None:
    content = render(
        CONNECTION_REVIEW_OPINION,
        model_from_variables(CONNECTION_REVIEW_OPINION, example(CONNECTION_REVIEW_OPINION)),
        "1",
    )

    with zipfile.ZipFile(BytesIO(content)) as package:
        body = package.read("word/document.xml").decode()
    line = body.index("2.线路路径")
    assert body.rindex("<w:p>", 0, line) > body.index("1.补充电弧炉")


@pytest.mark.parametrize("kind", NEW_KINDS)
def test_each_kind_is_numbered_in_a_series_of_its_own(kind: str) -> None:
    formats = NumberFormats().model_dump()

    assert list(formats.values()).count(formats[kind]) == 1


def test_a_plan_s_papers_are_filed_under_its_number(
    database: Database, files: FileStore, job: Callable[..., Job], example: Example
) -> None:
    writing = WritingActivities(database, files, settings=DocumentSettings(planned_outage_notice_days=8))
    variables = {key: value for key, value in example(OUTAGE_NOTICE).items() if key != "caseNo"}
    headers = {"kind": OUTAGE_NOTICE}

    answer = writing.write_document(
        job(variables, case_no="TDJH-2026-W20", workflow_id="outage-plan/U/2026-W20", headers=headers)
    )

    with database.session() as session:
        (document,) = case_documents(session, "TDJH-2026-W20")
    assert (document.number, document.model["plannedOutageNoticeDays"]) == (answer["documentNo"], 8)
    assert "TDJH-2026-W20" in text_of(files.get(document.sha256))

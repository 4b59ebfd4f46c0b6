"""Documents written, voided and archived by activities: once, numbered without gap, and never gone."""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import docx
import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.documents import DocumentSettings
from activities.numbering import NumberFormats
from activities.writing import WritingActivities
from domain.jobs import Job
from storage.database import Database
from storage.documents import case_documents
from storage.files import FileStore

MakeJob = Callable[..., Job]
Example = Callable[[str], dict[str, Any]]
REPLY, CONTRACT = {"kind": "supply_plan_reply"}, {"kind": "construction_contract"}


@pytest.fixture
def writing(database: Database, files: FileStore) -> WritingActivities:
    return WritingActivities(database, files)


def run(activity: Callable[[Job], dict[str, Any]], job: Job) -> dict[str, Any]:
    result: dict[str, Any] = ActivityEnvironment().run(activity, job)
    return result


def listed(database: Database) -> list[tuple[str, str]]:
    with database.session() as session:
        return [(document.number, document.status) for document in case_documents(session, "YK-2026-000317")]


def test_a_document_is_numbered_and_lies_in_the_store(
    writing: WritingActivities, files: FileStore, job: MakeJob, example: Example
) -> None:
    result = run(writing.write_document, job(example("supply_plan_reply"), headers=REPLY))

    content = files.get(result["documentSha256"])
    assert result == {
        "documentNo": "供答〔2026〕0001号",
        "documentSha256": hashlib.sha256(content).hexdigest(),
    }
    assert "编号：供答〔2026〕0001号" in docx.Document(io.BytesIO(content)).paragraphs[1].text


def test_the_same_work_tried_again_writes_nothing_more(
    writing: WritingActivities, database: Database, job: MakeJob, example: Example
) -> None:
    work = job(example("construction_contract"), headers=CONTRACT, now="2026-04-18T09:00:00+08:00")

    first, second = run(writing.write_document, work), run(writing.write_document, work)

    assert first == second
    assert listed(database) == [("SGXY-2026-0001", "valid")]


def test_numbers_follow_each_other_within_a_kind_and_a_year(
    writing: WritingActivities, job: MakeJob, example: Example
) -> None:
    variables = example("supply_plan_reply") | {"replyDate": None}
    made = [
        run(writing.write_document, job(variables | changes, key=key, headers=REPLY, now=now))["documentNo"]
        for key, now, changes in [
            ("1", "2026-03-09T10:00:00+08:00", {}),
            ("2", "2026-03-10T10:00:00+08:00", {}),
            ("3", "2026-12-31T16:30:00+00:00", {"gridCompletionDate": "2027-02-26"}),
        ]
    ]

    assert made == ["供答〔2026〕0001号", "供答〔2026〕0002号", "供答〔2027〕0001号"]


def test_dates_and_case_number_come_from_the_job_unless_the_variables_say_otherwise(
    writing: WritingActivities, files: FileStore, database: Database, job: MakeJob, example: Example
) -> None:
    variables = example("supply_plan_reply") | {"replyDate": None, "caseNo": "", "validityMonths": None}

    run(writing.write_document, job(variables, headers=REPLY, now="2026-03-10T17:00:00+00:00"))

    with database.session() as session:
        (document,) = case_documents(session, "YK-2026-000317")
    assert document.model["replyDate"] == "2026-03-11"
    assert document.model["caseNo"] == "YK-2026-000317"
    assert document.model["validityMonths"] == 12


def test_what_a_contract_leaves_open_comes_from_the_settings(
    database: Database, files: FileStore, job: MakeJob, example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YEKUO_DOCUMENT_VOLTAGE_QUALITY", "标称电压的±5%")
    monkeypatch.setenv("YEKUO_DOCUMENT_UTILITY__BANK", "中国银行某某分行")
    monkeypatch.setenv("YEKUO_DOCUMENT_UTILITY__PHONE", "0313-1234567")
    variables = example("supply_contract")
    changes = {"voltageQuality": None, "renewalNoticeDays": 60, "utility": variables["utility"] | {"bank": None}}

    run(
        WritingActivities(database, files).write_document,
        job(variables | changes, headers={"kind": "supply_contract"}),
    )

    with database.session() as session:
        (document,) = case_documents(session, "YK-2026-000317")
    assert document.model["voltageQuality"] == "标称电压的±5%"
    assert document.model["renewalNoticeDays"] == 60
    assert document.model["utility"] == variables["utility"] | {"bank": "中国银行某某分行"}


def test_a_contract_whose_supplier_nobody_names_is_refused_field_by_field(
    writing: WritingActivities, job: MakeJob, example: Example
) -> None:
    nobody = example("supply_contract") | {"utility": {"name": "国网某某供电公司", "representative": "孙海涛"}}

    with pytest.raises(ApplicationError, match=r"供电人·统一社会信用代码（utility\.creditCode）未填写"):
        run(writing.write_document, job(nobody, headers={"kind": "supply_contract"}))


def test_missing_fields_are_refused_by_name_and_take_no_number(
    writing: WritingActivities, database: Database, job: MakeJob, example: Example
) -> None:
    complete = example("supply_plan_reply")
    incomplete = complete | {"customer": None, "sources": []}

    with pytest.raises(ApplicationError) as caught:
        run(writing.write_document, job(incomplete, headers=REPLY))

    assert caught.value.type == "JobRefused"
    assert caught.value.non_retryable
    assert caught.value.message == (
        "不能出具供电方案答复单，请补正下列数据：户名（customer）未填写；供电电源（sources）至少应有一行"
    )
    assert run(writing.write_document, job(complete, headers=REPLY))["documentNo"] == "供答〔2026〕0001号"


def test_a_template_that_does_not_fit_is_refused_and_takes_no_number(
    database: Database, files: FileStore, job: MakeJob, example: Example, tmp_path: Path
) -> None:
    broken = WritingActivities(database, files, settings=DocumentSettings(templates=tmp_path))
    work = job(example("supply_plan_reply"), headers=REPLY)

    with pytest.raises(ApplicationError, match="找不到模板") as caught:
        run(broken.write_document, work)

    assert caught.value.type == "JobRefused"
    assert listed(database) == []
    assert run(WritingActivities(database, files).write_document, work)["documentNo"] == "供答〔2026〕0001号"


@pytest.mark.parametrize("headers", [{}, {"kind": "minutes"}])
def test_an_unknown_kind_is_refused(writing: WritingActivities, job: MakeJob, headers: dict[str, str]) -> None:
    with pytest.raises(ApplicationError, match="任务没有指明要出具的文书") as caught:
        run(writing.write_document, job({}, headers=headers))

    assert caught.value.type == "JobRefused"


def test_formats_and_periods_are_settings(
    database: Database, files: FileStore, job: MakeJob, example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YEKUO_NUMBER_SUPPLY_PLAN_REPLY", "冀张供答〔{year}〕{n:03d}号")
    monkeypatch.setenv("YEKUO_DOCUMENT_VALIDITY_MONTHS", "6")
    variables = example("supply_plan_reply") | {"validityMonths": None}

    result = run(WritingActivities(database, files).write_document, job(variables, headers=REPLY))

    text = "".join(p.text for p in docx.Document(io.BytesIO(files.get(result["documentSha256"]))).paragraphs)
    assert result["documentNo"] == "冀张供答〔2026〕001号"
    assert "有效期为六个月" in text


def test_templates_may_lie_elsewhere(
    database: Database, files: FileStore, job: MakeJob, example: Example, tmp_path: Path
) -> None:
    shutil.copytree(DocumentSettings().templates, tmp_path / "ours")
    elsewhere = WritingActivities(database, files, settings=DocumentSettings(templates=tmp_path / "ours"))

    assert run(elsewhere.write_document, job(example("supply_plan_reply"), headers=REPLY))["documentNo"]


def test_voided_documents_stay_listed(
    writing: WritingActivities, database: Database, job: MakeJob, example: Example
) -> None:
    run(writing.write_document, job(example("supply_plan_reply"), key="1", headers=REPLY))
    other = job(example("supply_plan_reply"), workflow_id="grid-1", key="1", headers=REPLY)
    run(writing.write_document, other)

    result = run(writing.void_documents, job({"reason": "客户撤回申请"}, key="2"))

    assert result == {"voided": ["供答〔2026〕0001号"]}
    assert sorted(listed(database)) == [("供答〔2026〕0001号", "void"), ("供答〔2026〕0002号", "valid")]


def test_voiding_tried_again_touches_nothing_issued_since(
    writing: WritingActivities, database: Database, job: MakeJob, example: Example
) -> None:
    run(writing.write_document, job(example("supply_plan_reply"), key="1", headers=REPLY))
    voiding = job({"reason": "方案退回"}, key="2")
    first = run(writing.void_documents, voiding)
    run(writing.write_document, job(example("supply_plan_reply"), key="3", headers=REPLY))

    assert run(writing.void_documents, voiding) == first
    assert sorted(listed(database)) == [("供答〔2026〕0001号", "void"), ("供答〔2026〕0002号", "valid")]


def test_voiding_one_kind_leaves_the_others_good(
    writing: WritingActivities, database: Database, job: MakeJob, example: Example
) -> None:
    run(writing.write_document, job(example("one_time_notice"), key="1", headers={"kind": "one_time_notice"}))
    run(writing.write_document, job(example("supply_plan_reply"), key="2", headers=REPLY))

    result = run(writing.void_documents, job({"reason": "客户异议"}, key="3", headers=REPLY))

    assert result == {"voided": ["供答〔2026〕0001号"]}
    assert sorted(listed(database)) == [("供答〔2026〕0001号", "void"), ("告知〔2026〕0001号", "valid")]


def test_voiding_everything_spares_the_supervision_orders(
    writing: WritingActivities, database: Database, job: MakeJob, example: Example
) -> None:
    run(writing.write_document, job(example("supervision_order"), key="1", headers={"kind": "supervision_order"}))
    run(writing.write_document, job(example("supply_plan_reply"), key="2", headers=REPLY))

    result = run(writing.void_documents, job({"reason": "客户撤回申请"}, key="3"))

    assert result == {"voided": ["供答〔2026〕0001号"]}
    assert ("供督〔2026〕0001号", "valid") in listed(database)


def test_voiding_a_kind_that_does_not_exist_is_refused(writing: WritingActivities, job: MakeJob) -> None:
    with pytest.raises(ApplicationError, match="任务要作废的文书不存在：kind='minutes'"):
        run(writing.void_documents, job({"reason": "客户异议"}, headers={"kind": "minutes"}))


def test_voiding_without_a_reason_is_refused(writing: WritingActivities, job: MakeJob) -> None:
    with pytest.raises(ApplicationError, match="作废原因（reason）未填写"):
        run(writing.void_documents, job({"reason": " "}))


def test_a_document_may_be_written_again_after_its_number_was_voided(
    writing: WritingActivities, job: MakeJob, example: Example
) -> None:
    run(writing.write_document, job(example("supply_plan_reply"), key="1", headers=REPLY))
    run(writing.void_documents, job({"reason": "方案变更"}, key="2"))

    again = run(writing.write_document, job(example("supply_plan_reply"), key="3", headers=REPLY))

    assert again["documentNo"] == "供答〔2026〕0002号"


def test_the_archive_lists_every_document_of_the_case(
    writing: WritingActivities, job: MakeJob, example: Example
) -> None:
    written = run(writing.write_document, job(example("supply_plan_reply"), key="1", headers=REPLY))
    run(writing.void_documents, job({"reason": "客户撤回申请"}, key="2"))

    archived = run(writing.archive_case, job({"reason": "客户撤回申请"}, key="3"))

    assert archived == {
        "archiveNo": "YKDA-2026-00001",
        "archiveIndex": [
            {
                "kind": "supply_plan_reply",
                "number": "供答〔2026〕0001号",
                "status": "void",
                "sha256": written["documentSha256"],
            }
        ],
    }


def test_a_case_is_archived_once(writing: WritingActivities, job: MakeJob) -> None:
    work = job({"reason": None}, key="9")

    assert run(writing.archive_case, work) == run(writing.archive_case, work)
    assert run(writing.archive_case, job({}, key="10"))["archiveNo"] == "YKDA-2026-00002"


def test_the_formats_are_those_of_the_settings(database: Database, files: FileStore, job: MakeJob) -> None:
    writing = WritingActivities(database, files, NumberFormats(archive="档{n}"))

    assert run(writing.archive_case, job())["archiveNo"] == "档1"

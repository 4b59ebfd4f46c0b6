"""A called process whose paper lacks a field, or has it wrong, stops there and names it; mended, it goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from temporalio.testing import WorkflowEnvironment

import worker
from api.acts import send
from api.cases import start_case, workflow_id
from demo.acting import PATIENCE, CaseTree, eventually
from domain.acts import ResolveIncident
from storage.documents import Document, case_documents
from tests.cases.walking import Walk

_HANDED = {"approvedCapacityKva": 8000, "replyDate": "2026-03-13", "replyDocumentNo": "供答〔2026〕0001号"}
"""What the connection process knows when it calls the others."""


@dataclass(frozen=True)
class Stop:
    """A paper that one field stops: its process, what is entered before it, the field, what is the matter."""

    process: str
    kind: str
    elements: tuple[str, ...]
    field: str
    problem: str
    right: str
    dated: str
    """The field of the paper that holds the date which a person typed."""
    wrong: str | None = None


_COMMISSIONED = ("issue_grid_task", "survey_grid_works", "commission_design")
_BEFORE_SAFETY = (*_COMMISSIONED, "hand_in_design", "approve_integrated_design")

STOPS = [
    Stop(
        "grid_project_10kv",
        "integrated_design_commission",
        _COMMISSIONED,
        "replyDocumentNo",
        "供电方案答复单编号（replyDocumentNo）未填写",
        "供答〔2026〕0001号",
        "designCommissionedOn",
    ),
    Stop(
        "grid_project_10kv",
        "safety_agreement",
        (*_BEFORE_SAFETY, "draft_safety_agreement"),
        "briefingDate",
        "安全技术交底日期（briefingDate）不应晚于安全协议文本日期（协议写明已经交底）",
        "2026-03-23",
        "safetyAgreementTextDate",
        wrong="2026-03-24",
    ),
    Stop(
        "grid_project_10kv",
        "early_start_approval",
        (
            *_BEFORE_SAFETY,
            "draft_safety_agreement",
            "sign_safety_agreement",
            "apply_early_start",
            "approve_early_start",
        ),
        "earlyStartApprover",
        "审批人（earlyStartApprover）不应与申请人为同一人",
        "市公司分管领导",
        "earlyStartApprovalDate",
        wrong="郭亮",
    ),
    Stop(
        "energization",
        "outage_request",
        ("apply_outage",),
        "address",
        "用电地址（address）未填写",
        "开发区规划二路16号",
        "outageAppliedOn",
    ),
]


class Alone(Walk):
    """A called process started by itself."""

    def entered(self, element: str) -> dict[str, Any]:
        found: dict[str, Any] = next(act["data"] for act in self.walk["acts"] if act.get("element") == element)
        return dict(found)

    def written(self, kind: str) -> list[Document]:
        with self.database.session() as session:
            return [document for document in case_documents(session, self.case_no) if document.kind == kind]

    async def stop(self, stop: Stop) -> str:
        """Go on to the paper with its field wrong; answers what the incident said, when the paper has been written."""
        client, root = self.server.client, workflow_id(self.case_no)
        variables = {**self.variables, **_HANDED, stop.field: stop.wrong}
        async with worker.build(client, self.database, self.files, self.queue):
            await start_case(client, self.database, self.queue, stop.process, variables)
            case = CaseTree(client, root)
            for element in stop.elements:
                entered = self.entered(element)
                wrong = {stop.field: stop.wrong} if stop.field in entered else {}
                await case.complete(element, "承办人", entered | wrong)
            incident = await eventually(lambda: _incident(case), "没有出现异常", PATIENCE)
            assert self.written(stop.kind) == []
            await send(client, root, ResolveIncident(incident["key"], "承办人", {stop.field: stop.right}))
            await eventually(lambda: self._has(stop.kind), "文书没有写成", PATIENCE)
        return str(incident["message"])

    async def _has(self, kind: str) -> bool:
        return bool(self.written(kind))


async def _incident(case: CaseTree) -> dict[str, Any] | None:
    return next(iter([incident async for view in case.views() for incident in view["incidents"]]), None)


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.kind)
async def test_a_field_that_is_missing_or_wrong_stops_the_paper_until_it_is_mended(
    dev_server: WorkflowEnvironment, tmp_path: Path, stop: Stop
) -> None:
    alone = Alone(dev_server, tmp_path, "ordinary_customer")
    before = datetime.now(UTC)

    message = await alone.stop(stop)

    assert stop.problem in message
    (paper,) = alone.written(stop.kind)
    assert paper.model[stop.dated] == alone.entered(stop.elements[-1])[stop.dated]
    assert before <= paper.issued_at <= datetime.now(UTC)

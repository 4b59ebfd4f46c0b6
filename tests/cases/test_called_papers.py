"""A called process whose paper lacks a field stops there, names it in Chinese, and goes on once the field is given."""

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
    """A paper that lacks a field: its process, what is entered before it, the field by name, label and value."""

    process: str
    kind: str
    elements: tuple[str, ...]
    lacking: str
    label: str
    value: Any
    dated: str
    """The field of the paper that holds the date which a person typed."""


STOPS = [
    Stop(
        "grid_project_10kv",
        "integrated_design_commission",
        ("issue_grid_task", "commission_design"),
        "replyDocumentNo",
        "供电方案答复单编号",
        "供答〔2026〕0001号",
        "designCommissionedOn",
    ),
    Stop("energization", "outage_request", ("apply_outage",), "address", "用电地址", "规划二路16号", "outageAppliedOn"),
]


class Alone(Walk):
    """A called process started by itself."""

    def entered(self, element: str) -> dict[str, Any]:
        found: dict[str, Any] = next(act["data"] for act in self.walk["acts"] if act.get("element") == element)
        return found

    def written(self, kind: str) -> list[Document]:
        with self.database.session() as session:
            return [document for document in case_documents(session, self.case_no) if document.kind == kind]

    async def stop(self, stop: Stop) -> str:
        """Go on to the paper without its field; answers what the incident says, when the paper has been written."""
        client, root = self.server.client, workflow_id(self.case_no)
        variables = {**self.variables, **_HANDED, stop.lacking: None}
        async with worker.build(client, self.database, self.files, self.queue):
            await start_case(client, self.database, self.queue, stop.process, variables)
            case = CaseTree(client, root)
            for element in stop.elements:
                await case.complete(element, "承办人", self.entered(element))
            incident = await eventually(lambda: _incident(case), "没有出现异常", PATIENCE)
            assert self.written(stop.kind) == []
            await send(client, root, ResolveIncident(incident["key"], "承办人", {stop.lacking: stop.value}))
            await eventually(lambda: self._has(stop.kind), "文书没有写成", PATIENCE)
        return str(incident["message"])

    async def _has(self, kind: str) -> bool:
        return bool(self.written(kind))


async def _incident(case: CaseTree) -> dict[str, Any] | None:
    return next(iter([incident async for view in case.views() for incident in view["incidents"]]), None)


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.kind)
async def test_a_missing_field_stops_the_paper_until_it_is_given(
    dev_server: WorkflowEnvironment, tmp_path: Path, stop: Stop
) -> None:
    alone = Alone(dev_server, tmp_path, "ordinary_customer")
    before = datetime.now(UTC)

    message = await alone.stop(stop)

    assert f"{stop.label}（{stop.lacking}）未填写" in message
    (paper,) = alone.written(stop.kind)
    assert paper.model[stop.dated] == alone.entered(stop.elements[-1])[stop.dated]
    assert before <= paper.issued_at <= datetime.now(UTC)

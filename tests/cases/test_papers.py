"""The papers of a case as they are written through Temporal: what they say, and what stops them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from activities.documents.rendering import context_of
from api.acts import send
from demo.acting import PATIENCE, CaseTree, eventually
from demo.play import time_skipping
from domain.acts import ResolveIncident
from domain.documents import model_from_variables
from storage.documents import Document, case_documents
from tests.activities.printed import leaves, text_of, ways_to_print
from tests.cases.walking import Walk

VERSIONS = {
    "one_time_notice": 1,
    "review_minutes": 1,
    "supply_plan_reply": 1,
    "inspection_opinion": 2,
    "rectification_notice": 1,
    "supply_contract": 1,
    "settlement_agreement": 1,
    "integrated_design_commission": 1,
    "safety_agreement": 2,
    "early_start_approval": 1,
    "construction_contract": 1,
    "outage_request": 3,
}
"""What is written for the customer whose works fail their first inspection: contractor and outage change on the way."""


async def test_every_paper_of_a_case_is_written_once_a_version_and_says_what_was_known(tmp_path: Path) -> None:
    async with time_skipping() as server:
        walk = Walk(server, tmp_path, "important_customer_with_rework")
        assert await walk.play() == "completed"

    with walk.database.session() as session:
        documents = case_documents(session, walk.case_no)
    kinds = {paper.kind for paper in documents} - {"supervision_order"}
    versions = {kind: [paper.version for paper in documents if paper.kind == kind] for kind in kinds}
    assert versions == {kind: list(range(1, count + 1)) for kind, count in VERSIONS.items()}
    for document in documents:
        assert list(_absent(document, walk.files.get(document.sha256))) == [], document.kind


def _absent(document: Document, content: bytes) -> Iterator[str]:
    """Values of the paper's model that its text does not hold."""
    context = context_of(model_from_variables(document.kind, document.model), document.number)
    text = text_of(content)
    for path, value in leaves(context):
        if value is not None and not any(way in text for way in ways_to_print(value)):
            yield path


class Mended(Walk):
    """A walk in which somebody mends what stopped a paper."""

    problem = ""

    async def _act(self, case: CaseTree, act: dict[str, Any]) -> None:
        if "mend" in act:
            await self._mend(case, act["mend"])
        else:
            await super()._act(case, act)

    async def _mend(self, case: CaseTree, variables: dict[str, Any]) -> None:
        async def find() -> tuple[str, dict[str, Any]] | None:
            found = [(view["workflowId"], incident) async for view in case.views() for incident in view["incidents"]]
            return found[0] if found else None

        workflow_id, incident = await eventually(find, "没有事件", PATIENCE)
        self.problem = incident["message"]
        await send(self.server.client, workflow_id, ResolveIncident(incident["key"], "值班员", variables))


@pytest.mark.parametrize(
    ("started", "right", "problem"),
    [
        ({"contact": ""}, {"contact": "孙晓"}, "客户联系人（contact）未填写"),
        ({"address": ""}, {"address": "开发区规划二路16号"}, "用电地址（address）未填写"),
    ],
)
async def test_a_paper_without_its_data_stops_with_an_incident_until_somebody_mends_them(
    tmp_path: Path, started: dict[str, Any], right: dict[str, Any], problem: str
) -> None:
    async with time_skipping() as server:
        walk = Mended(server, tmp_path, "ordinary_customer")
        accepted, notice, dispatched, *_ = walk.walk["acts"]
        walk.variables |= started
        withdrawn = {"message": "customer_withdraws", "correlationKey": walk.case_no, "variables": {}}
        walk.walk["acts"] = [accepted, notice, {"mend": right}, dispatched, withdrawn]
        assert await walk.play() == "completed"

    with walk.database.session() as session:
        documents = case_documents(session, walk.case_no)
    assert walk.problem.endswith(f"不能出具一次性告知书，请补正下列数据：{problem}")
    assert [document.kind for document in documents] == ["one_time_notice"]
    assert all(right.items() <= document.model.items() for document in documents)

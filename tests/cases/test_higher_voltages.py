"""Cases of 35kV and above on Temporal, with everything real: authorities, papers, clocks and bays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from api.acts import send
from demo.acting import PATIENCE, CaseTree, eventually
from demo.play import time_skipping
from domain.acts import ActRefused, CompleteTask, Refusal
from domain.records import Record
from storage.bay_rows import BayTaking
from storage.clocks import CaseClock
from storage.documents import Document, case_documents
from storage.journal_rows import case_journal
from tests.cases.walking import Walk
from tests.storage.grid import state, told

REVIEW = "decide_connection_review"
OTHER = {"planning": "province_planning", "province_planning": "planning"}


class Tried(Walk):
    """A walk in which the other level first tries to review the connection system itself."""

    refused: ActRefused | None = None

    async def _act(self, case: CaseTree, act: dict[str, Any]) -> None:
        if act.get("element") == REVIEW:
            await self._try(case, act["data"])
        await super()._act(case, act)

    async def _try(self, case: CaseTree, data: dict[str, Any]) -> None:
        async def find() -> tuple[str, dict[str, Any]] | None:
            open_ = [(view["workflowId"], task) async for view in case.views() for task in view["tasks"]]
            return next((one for one in open_ if one[1]["element"] == REVIEW), None)

        name, task = await eventually(find, "没有待审查的接入系统方案", PATIENCE)
        others = [OTHER[group] for group in task["candidate_groups"]]
        with pytest.raises(ActRefused) as refused:
            await send(self.server.client, name, CompleteTask(str(task["key"]), "越权人", others, data))
        self.refused = refused.value

    def records(self) -> list[Record]:
        with self.database.session() as session:
            return [line.record for line in case_journal(session, self.case_no, limit=10_000)]

    def papers(self, kind: str) -> list[Document]:
        with self.database.session() as session:
            return [paper for paper in case_documents(session, self.case_no) if paper.kind == kind]

    def clocks(self) -> list[CaseClock]:
        with self.database.session() as session:
            return list(session.scalars(select(CaseClock).order_by(CaseClock.started_at)))

    def holders(self) -> dict[str, bool]:
        """The bays that were taken, and whether each is still held."""
        with self.database.session() as session:
            return {one.bay: one.ended_at is None for one in session.scalars(select(BayTaking))}

    def reviewed_by(self) -> list[list[str]]:
        """The departments to which the review was offered, one after another."""
        return [one.data["candidateGroups"] for one in self.records() if (one.element, one.event) == (REVIEW, "opened")]


async def _played(folder: Path, name: str) -> Tried:
    async with time_skipping() as server:
        walk = Tried(server, folder, name)
        assert await walk.play() == "completed"
    return walk


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def city(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Tried]:
    """110kV, reviewed by the city's company."""
    yield await _played(tmp_path_factory.mktemp("city"), "110kv_reviewed_by_the_city")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def province(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Tried]:
    """220kV, reviewed by the province's company; without a bay at first."""
    yield await _played(tmp_path_factory.mktemp("province"), "220kv_reviewed_by_the_province")


@pytest.fixture(params=["city", pytest.param("province", marks=pytest.mark.long)])
def walk(request: pytest.FixtureRequest) -> Tried:
    """Either."""
    walk: Tried = request.getfixturevalue(request.param)
    return walk


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def withdrawn(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Tried]:
    """110kV, where the delegation ends and rules conflict; withdrawn when the plan has been signed."""
    yield await _played(tmp_path_factory.mktemp("withdrawn"), "110kv_delegation_ends_then_withdrawn")


async def test_row_1_cases_of_35kv_and_above_go_through_the_main_diagram_to_their_archive(walk: Tried) -> None:
    ends = [one.element for one in walk.records() if (one.event, one.type) == ("completed", "process")]
    assert set(ends) == {"hv_connection", "connection_system", "grid_project_bay_extension", "energization_hv"}
    assert "case_archived" in {one.element for one in walk.records()}


async def test_row_2_a_conflict_of_rules_leaves_a_record_of_rule_safety_and_decision(withdrawn: Tried) -> None:
    first, second = withdrawn.papers("rule_conflict_record")

    assert (first.model["conflictStep"], second.model["conflictStep"]) == ("接入系统方案会签", "供电方案会商")
    for paper in (first, second):
        assert paper.number
        assert paper.model["conflictingRule"] == "线路保护通道配置管理办法"
        assert paper.model["safetyOfficer"] == "石磊"
        assert paper.model["conflictDecision"] == "执行业扩报装规定"
        assert paper.model["conflictDecidedBy"] == "陈雪、丁悦"


async def test_row_3_the_province_is_refused_by_the_rule_and_told_that_the_city_reviews_110kv(city: Tried) -> None:
    assert city.refused
    assert city.refused.kind is Refusal.FORBIDDEN
    assert str(city.refused).startswith("110kV接入系统方案审查由市公司发展部办理（依据 示例文号：省发展部〔2021〕1号")
    assert str(city.refused).endswith("省公司发展部不能办理")


@pytest.mark.long
async def test_row_3_the_city_is_refused_by_the_rule_and_told_that_the_province_reviews_220kv(province: Tried) -> None:
    assert province.refused
    assert str(province.refused).startswith("220kV接入系统方案审查由省公司发展部办理（本级权限")
    assert str(province.refused).endswith("，市公司发展部不能办理")


async def test_row_3_a_review_moves_from_level_to_level_with_the_delegation(withdrawn: Tried) -> None:
    assert withdrawn.reviewed_by() == [["planning"], ["province_planning"], ["planning"], ["province_planning"]]
    (paper,) = withdrawn.papers("connection_review_opinion")
    assert paper.model["authority"]["level"] == "省公司"


async def test_the_paper_of_a_review_names_the_authority_that_it_rests_on(city: Tried) -> None:
    (paper,) = city.papers("connection_review_opinion")

    assert paper.model["authority"]["document"] == "示例文号：省发展部〔2021〕1号"
    assert paper.number


async def test_none_of_the_10kv_rules_has_a_clock_in_a_case_of_110kv_or_220kv(walk: Tried) -> None:
    rules = {clock.clock.partition("#")[0].partition(":")[0].partition(".")[0] for clock in walk.clocks()}
    assert not {"grid_works", "late_contract", "energization"} & rules
    assert {"supply_plan_reply", "connection_review"} <= rules


async def test_the_reply_stands_still_while_the_connection_system_is_designed_and_reviewed(city: Tried) -> None:
    rounds = [clock for clock in city.clocks() if clock.clock.startswith("supply_plan_reply")]
    calls = {one.event: one.at for one in city.records() if one.element == "connection_system" and one.type}

    assert [clock.clock for clock in rounds] == ["supply_plan_reply", "supply_plan_reply#2"]
    assert rounds[0].ended_at is not None
    assert rounds[0].ended_at.isoformat()[:10] == calls["activated"][:10] == "2026-03-05"
    assert rounds[1].started_at.isoformat()[:10] == "2026-04-15"
    assert rounds[1].due_at is not None
    assert rounds[1].due_at.isoformat()[:10] == "2026-04-24"


async def test_a_case_holds_its_bay_when_it_is_archived(city: Tried) -> None:
    assert city.holders() == {"WS220:0": True}


@pytest.mark.long
async def test_a_case_that_found_no_bay_at_first_holds_its_bay_and_no_other(province: Tried) -> None:
    assert province.holders() == {"SD500:0": True}
    assert told(province.database, "SD500:0") == ["load", "take", "give_back", "take", "commission"]
    assert state(province.database, "SD500:0") == "in_use"


async def test_a_customer_who_withdraws_gives_the_bay_back(withdrawn: Tried) -> None:
    assert withdrawn.holders() == {"WS220:0": False}
    assert state(withdrawn.database, "WS220:0") == "free"
    assert told(withdrawn.database, "WS220:0") == ["load", "take", "give_back"]


async def test_the_read_model_of_a_case_of_110kv_is_what_its_journal_rebuilds(withdrawn: Tried) -> None:
    before = withdrawn.read_model()
    withdrawn.rebuild()
    assert withdrawn.read_model() == before

"""A bay extension of a customer as it runs on Temporal, with the table of authorities, the frameworks and the stock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from api.acts import send
from demo.acting import PATIENCE, CaseTree, eventually
from demo.play import time_skipping
from domain.acts import ActRefused, CompleteTask
from domain.bays import BayState
from storage.bays import listed_bay
from storage.clocks import case_clocks
from storage.documents import case_documents
from storage.frameworks import rooms
from storage.materials import case_slips
from tests.cases.walking import Walk

DECIDED = ("approve_bay_project", "decide_construction")
"""The tasks of the two authorities."""


class Watched(Walk):
    """A walk in which the other level tries each decision first."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.offered: list[tuple[str, str]] = []
        self.refused: list[str] = []

    async def _act(self, case: CaseTree, act: dict[str, Any]) -> None:
        if act.get("element") in DECIDED:
            await self._try(case, act)
        await super()._act(case, act)

    async def _try(self, case: CaseTree, act: dict[str, Any]) -> None:
        element = act["element"]

        async def find() -> tuple[str, dict[str, Any]] | None:
            found = [(view["workflowId"], task) async for view in case.views() for task in view["tasks"]]
            return next((one for one in found if one[1]["element"] == element), None)

        workflow, task = await eventually(find, f"任务 {element} 没有出现", PATIENCE)
        (group,) = task["candidate_groups"]
        other = group.removeprefix("province_") if group.startswith("province_") else f"province_{group}"
        self.offered.append((element, group))
        with pytest.raises(Exception) as caught:
            await send(self.server.client, workflow, CompleteTask(str(task["key"]), "另一级", [other], act["data"]))
        assert isinstance(caught.value, ActRefused), caught.value
        self.refused.append(str(caught.value))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def walked(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Watched]:
    folder: Path = tmp_path_factory.mktemp("bay-extension")
    async with time_skipping() as server:
        walk = Watched(server, folder, "bay_extension_for_a_customer")
        assert await walk.play() == "completed"
        yield walk


def test_row_4_each_decision_goes_to_the_level_that_has_its_own_authority_that_day(walked: Watched) -> None:
    # The delegation of the approval ends on 30 April, that of the construction on 22 May.
    assert walked.offered == [
        ("approve_bay_project", "province_planning"),
        ("approve_bay_project", "province_planning"),
        ("decide_construction", "province_construction"),
    ]


def test_row_4_the_other_level_is_refused_by_the_rule_and_told_whose_it_is(walked: Watched) -> None:
    approval, _, construction = walked.refused

    assert approval.startswith("110kV间隔扩建类项目批复由省公司发展部办理（本级权限")
    assert construction.startswith("110kV间隔扩建类建设管理由省公司建设部办理（本级权限")
    assert approval.endswith("市公司发展部不能办理")
    assert construction.endswith("市公司建设部不能办理")


def test_row_8_design_and_works_are_called_off_from_frameworks_and_from_no_others(walked: Watched) -> None:
    with walked.database.session() as session:
        left = {(room.framework, room.lot): room.remaining for room in rooms(session)}

    assert left == {
        ("KJ-2023-SJ-02", "标包1"): Decimal(5000000),
        ("KJ-2025-SJ-01", "标包2"): Decimal(200000),
        ("KJ-2025-SJ-01", "标包3"): Decimal(4680000),
        ("KJ-2024-SG-03", "标包1"): Decimal(900000),
        ("KJ-2026-SG-01", "标包4"): Decimal(17350000),
    }


def test_row_8_neither_thirty_days_nor_late_contract_nor_one_week_ever_ran(walked: Watched) -> None:
    with walked.database.session() as session:
        clocks = {clock.clock for clock in case_clocks(session, walked.case_no)}
        papers = [paper.kind for paper in case_documents(session, walked.case_no)]

    assert {clock.partition("/")[0].partition(".")[0] for clock in clocks} == {"bay_extension"}
    assert [kind for kind in papers if kind != "supervision_order"] == [
        "framework_call_off",
        "bay_approval",
        "framework_call_off",
        "safety_agreement",
        "works_contract",
    ]


def test_the_bay_is_in_use_and_its_materials_are_issued_once(walked: Watched) -> None:
    with walked.database.session() as session:
        bay, slips = listed_bay(session, "QS110:117"), case_slips(session, walked.case_no)

    assert bay is not None
    assert bay.kept.bay.state is BayState.IN_USE
    assert len(slips) == 1

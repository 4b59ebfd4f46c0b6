"""Plays energizations and the weekly outage plan that they come to, with everything real, on a server that skips."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from sqlalchemy import select
from temporalio.testing import WorkflowEnvironment

import worker
from activities.messages import Messenger
from api.cases import start_case, workflow_id
from api.deployment import SHIPPED, read_folder
from bpmn.reader import read_all
from demo.acting import PATIENCE, CaseTree, eventually
from demo.givens import planning
from demo.works import ask_for_outage
from domain.chinese import BUSINESS_ZONE
from domain.outage.rules import OutageRules
from storage.files import FileStore
from storage.journal_rows import JournalRow
from storage.rules import RuleKind, load_rules
from tests.databases import deployed

COUNTY = "开发区"
WEEK = "2026-W18"
"""27 April to 3 May 2026, cut off on Wednesday, 22 April, 16:00."""
CUT_OFF = datetime(2026, 4, 22, 16, 1, tzinfo=BUSINESS_ZONE)
"""Just after it."""
BEGUN = datetime(2026, 4, 20, 9, tzinfo=BUSINESS_ZONE)
"""A Monday: what is applied for then is promised for the next."""


def rules(unit: str, **changes: Any) -> OutageRules:
    """The shipped rules with a dispatch unit for our county."""
    row = {"code": unit, "name": "市调控中心", "counties": [COUNTY], "switchingTeam": "cz-1"}
    return OutageRules.from_json({**planning({"unit": row}).to_json(), **changes})


def application(**changes: Any) -> dict[str, Any]:
    """The form of an energization on 27 April from a spare bay, that leaves nobody without power."""
    return {
        "outageApplicantUnit": "市公司营销部",
        "outageApplicant": "王敏",
        "outageApplicantPhone": "0313-2018801",
        "outageAppliedOn": "2026-04-20",
        "outageKind": "送电",
        "outagePlanKind": "计划",
        "outageSubstation": "110kV清水站",
        "outageLine": "10kV恒源专线",
        "outageBay": "512间隔",
        "outageEquipment": "512开关及专线电缆",
        "outageWorkPlace": "清水站10kV高压室",
        "outageWorkContent": "专线启动送电",
        "plannedEnergizeAt": "2026-04-27T10:00+08:00",
        "outageScope": "无停电范围",
        "affectedTransformers": 0,
        "affectedCustomers": 0,
        "recentOutages": 0,
        "affectsOthers": "no",
        "needsSwitchingOrder": "yes",
        "outageRisk": "五级",
        "outageCrew": "装表接电班",
        "outageCrewLeader": "石磊",
        "outageCrewPhone": "0313-2018856",
        "outageSafety": "核对相序，专人监护",
        **changes,
    }


def outage(**changes: Any) -> dict[str, Any]:
    """The form of an energization that takes a feeder with other customers out."""
    form = application(outageKind="停送电", affectsOthers="yes", affectedCustomers=120, affectedTransformers=6)
    times = {"plannedOutageAt": "2026-04-30T08:00+08:00", "plannedEnergizeAt": "2026-04-30T12:00+08:00"}
    return {**form, **times, **changes}


class Office:
    """A company whose dispatch unit plans its outages by the week."""

    def __init__(self, server: WorkflowEnvironment, folder: Path, **changes: Any) -> None:
        """`changes` are of the rules."""
        self.server, self.client = server, server.client
        self.unit = f"ZD-{uuid4().hex[:8]}"
        self.queue = f"plan-{self.unit}"
        self.database = deployed(folder / "plan.db")
        self.files = FileStore(folder / "files")
        with self.database.transaction() as session:
            content = rules(self.unit, **changes).to_json()
            load_rules(session, RuleKind.OUTAGE, content, "测试", "测试", datetime.now(UTC))
        self._stack = AsyncExitStack()
        self._trees: list[CaseTree] = []

    async def __aenter__(self) -> Self:
        self.offset = BEGUN - await self.server.get_current_time()
        working = worker.build(self.client, self.database, self.files, self.queue)
        await self._stack.enter_async_context(working)
        return self

    async def __aexit__(self, *raised: Any) -> None:
        await self._stack.aclose()

    async def now(self) -> datetime:
        """The company's time."""
        return await self.server.get_current_time() + self.offset

    async def until(self, moment: datetime) -> None:
        """Let the time come."""
        if (left := moment - await self.now()) > timedelta():
            await self.server.sleep(left)

    async def case(self, **changes: Any) -> CaseTree:
        """A dedicated 10kV line that is ready to be energized."""
        number = f"YK-{uuid4()}"
        variables = {
            "caseNo": number,
            "customer": "恒源铸造有限公司",
            "address": "开发区工业路18号",
            "county": COUNTY,
            "voltageKv": 10,
            "dedicatedLine": True,
            "approvedCapacityKva": 6300,
            "supplySources": 1,
            "inspectionNo": "竣验〔2026〕0001号",
            "supplyContractNo": "GYDHT-2026-0001",
            "gridAcceptedOn": "2026-04-15",
            "supplyContractSignedOn": "2026-04-17",
            **changes,
        }
        await start_case(
            self.client,
            self.database,
            self.queue,
            "energization",
            variables,
            simulation=True,
            clock_offset=self.offset.total_seconds(),
        )
        return self._tree(workflow_id(number))

    async def file_works(self, week: str, applied_at: datetime, **changes: Any) -> None:
        """Other works ask for a week that is theirs to choose: as a system would, that may be late."""
        request = {
            "requestNo": f"TSD-{uuid4()}",
            "source": "works",
            "unit": self.unit,
            "station": "110kV清水站",
            "feeder": "10kV工业线",
            "equipment": ["521开关"],
            "workPlace": "12号杆",
            "workContent": "更换开关",
            "earliestStart": "2026-04-27T00:00:00+08:00",
            "latestEnd": "2026-05-03T00:00:00+08:00",
            "durationHours": 3,
            "affectsOthers": False,
            "crew": "pd-1",
            "switchingTeam": "cz-1",
            "appliedAt": applied_at.isoformat(),
            **changes,
        }
        messenger = Messenger(self.database, self.client, self.queue)
        offset = self.offset.total_seconds()
        await ask_for_outage(messenger, self.database, week, request, await self.now(), offset)

    async def recorded(self, element: str) -> None:
        """Wait until an element has been reached and that is recorded."""

        async def found() -> bool:
            with self.database.session() as session:
                return any(row.content["element"] == element for row in session.scalars(select(JournalRow)))

        await eventually(found, f"{element} 没有到达", PATIENCE)

    def _tree(self, root: str) -> CaseTree:
        self._trees.append(CaseTree(self.client, root))
        return self._trees[-1]

    async def explained(self, case: CaseTree, name: str) -> list[str]:
        """What a clock says of when it is due, and why it may be late."""
        async for view in case.views():
            for row in await self.client.get_workflow_handle(view["workflowId"]).query("limits"):
                if row["name"] == name:
                    return list(row["explanation"])
        return []

    async def flows(self) -> set[str]:
        """The sequence flows that all cases and plans have taken, once all that they have told is recorded."""

        async def recorded() -> bool:
            return all([not view["unrecorded"] for tree in self._trees async for view in tree.views()])

        await eventually(recorded, "日志没有全部入库", PATIENCE)
        with self.database.session() as session:
            rows = session.scalars(select(JournalRow)).all()
        return {flow for row in rows for flow in row.content["data"].get("flows", ())}

    def plan(self, week: str = WEEK) -> CaseTree:
        """The plan of a week."""
        return self._tree(f"outage-plan/{self.unit}/{week}")


async def compiled(plan: CaseTree, change: Callable[[list[dict[str, Any]]], None] | None = None) -> None:
    """The planner takes the proposal, as it is or changed by hand."""
    items = (await shown(plan, "compile_plan"))["planItems"]
    if change:
        change(items)
    await plan.complete("compile_plan", "赵调度", {"planItems": items, "planCompiler": "赵调度"})


async def balanced(plan: CaseTree, **changes: Any) -> None:
    """The balance meeting agrees, unless `changes` say otherwise."""
    for person in ("王敏", "李运检", "孙建设", "赵调度"):
        await plan.complete("balance_opinion", person, {"participant": person, "balanceVerdict": "agree"})
    day = "2026-04-22"
    conclusion = {"balanceChair": "赵调度", "balanceOn": day, "balanceConclusion": "agreed", **changes}
    await plan.complete("conclude_balance", "赵调度", conclusion)


async def approved(plan: CaseTree) -> None:
    """Marketing, operations and dispatch approve, each with a reliability opinion before it."""
    for person in ("周营销", "吴运检", "郑调控"):
        await opined(plan)
        await decided(plan, person)


async def opined(plan: CaseTree) -> None:
    """Operations gives its opinion for the next level."""
    opinion = {"reliabilityBy": "李运检", "reliabilityNMinusOne": "met", "reliabilityText": "满足N-1，可转供"}
    await plan.complete("reliability_opinion", "李运检", opinion)


async def decided(plan: CaseTree, person: str, **changes: Any) -> None:
    """A level approves, unless `changes` say otherwise."""
    approval = {"planApprover": person, "planApprovedOn": "2026-04-22", "planVerdict": "approved", **changes}
    await plan.complete("approve_plan_level", person, approval)


async def shown(tree: CaseTree, element: str) -> dict[str, Any]:
    """What the form of an element's open task shows."""
    return await tree.form(element)


async def issued(office: Office, plan: CaseTree) -> None:
    """The plan comes about as it was proposed."""
    await office.until(CUT_OFF)
    await compiled(plan)
    await balanced(plan)
    await approved(plan)


async def waits(tree: CaseTree) -> dict[str, str]:
    """The messages that a case waits for, with their keys."""
    return {
        str(wait["name"]): str(wait.get("correlation_key"))
        async for view in tree.views()
        for wait in view["waits"]
        if wait.get("name")
    }


def planned_flows() -> set[str]:
    """The sequence flows of the plan, of its items, and of an energization that is planned by it."""
    definition = read_all(read_folder(SHIPPED))
    energization = definition.processes["energization"].flows.values()
    own = {flow.id for flow in energization if {flow.source, flow.target} & _PLANNED}
    return own.union(*(definition.processes[name].flows for name in PLAN_PROCESSES))


PLAN_PROCESSES = ("weekly_outage_plan", "outage_item")
_PLANNED = {
    "choose_way_out",
    "file_request",
    "await_plan",
    "listed_in_plan",
    "refused_by_plan",
    "withdraw_request",
    "outage_cancelled_elsewhere",
    "outage_moved_elsewhere",
}
"""What only happens where a unit keeps a weekly plan, or a promise cannot be kept."""

"""What Temporal does by the calendar: weeks of outage plans are opened, reservations that are over are freed, cases are
told that what they wait for is there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio.client import (
    ScheduleActionExecutionStartWorkflow,
    ScheduleActionStartWorkflow,
    ScheduleDescription,
    ScheduleHandle,
    WorkflowExecutionStatus,
    WorkflowHandle,
)
from temporalio.service import RPCError
from temporalio.worker import Replayer

import worker
from api.deployment import SHIPPED, deploy, read_folder
from domain.outage.rules import OutageRules
from domain.outage.weeks import open_week
from storage.database import Database
from storage.outages import plan_of
from storage.reservations import Whose, check_stock, note_shortages
from storage.rules import RuleKind, load_rules
from storage.settings import Settings
from storage.waking import GOODS_ARRIVED
from tests.bpmn.building import end, model_xml, process, receive, start, user
from tests.storage.grid import STATION, approves, bays, busbar, load, proposes, state, station
from tests.storage.stocking import Stock, amount
from tests.workflows.office import Office, eventually
from workflows.codec import CONVERTER
from workflows.schedules import (
    FreeExpiredReservations,
    OpenOutageWeeks,
    Scheduled,
    ScheduleRefused,
    WakeWaitingCases,
    ensure_schedules,
)


class Calendar:
    """An office with the schedules of an installation of its own."""

    def __init__(self, office: Office) -> None:
        name = uuid4().hex[:8]
        self.office, self.client = office, office.client
        self.units = (f"A-{name}", f"B-{name}")
        self.settings = Settings(
            outage_weeks_schedule=f"weeks-{name}",
            expired_bays_schedule=f"bays-{name}",
            waking_schedule=f"waking-{name}",
            waking_cron="0 0 1 1 *",
            timed_starts_schedule=f"timed-{name}",
        )
        self.weeks = self.client.get_schedule_handle(self.settings.outage_weeks_schedule)
        self.bays = self.client.get_schedule_handle(self.settings.expired_bays_schedule)
        self.waking = self.client.get_schedule_handle(self.settings.waking_schedule)
        self.timed = self.client.get_schedule_handle(self.settings.timed_starts_schedule)

    @property
    def wanted(self) -> tuple[Scheduled, ...]:
        return worker.schedules(self.settings)

    async def ensure(self, *wanted: Scheduled) -> None:
        await ensure_schedules(self.client, self.office.queue, wanted or self.wanted)

    async def triggered(self, schedule: ScheduleHandle, times: int) -> WorkflowHandle[object, object]:
        """The workflow of the schedule's time of that number, begun by hand and done."""
        await schedule.trigger()

        async def acted() -> list[str]:
            actions = [one.action for one in (await schedule.describe()).info.recent_actions]
            begun = [one.workflow_id for one in actions if isinstance(one, ScheduleActionExecutionStartWorkflow)]
            return begun if len(begun) >= times else []

        workflow_ids = await eventually(acted, f"the time number {times} of {schedule.id}")
        handle: WorkflowHandle[object, object] = self.client.get_workflow_handle(workflow_ids[-1])
        await handle.result()
        return handle

    def plans(self) -> list[str]:
        """The workflow ids of the plans that take requests now."""
        week = open_week(datetime.now(UTC), OutageRules.shipped())
        return [f"outage-plan/{unit}/{week.id}" for unit in self.units]

    async def close(self) -> None:
        """Ends what may have begun."""
        for schedule in (self.weeks, self.bays, self.waking, self.timed):
            with suppress(RPCError):
                await schedule.delete()
        for plan in self.plans():
            with suppress(RPCError):
                await self.client.get_workflow_handle(plan).terminate()


def _plan(database: Database, units: tuple[str, ...]) -> None:
    """Deploys the diagrams and loads rules with these dispatch units."""
    deploy(database, read_folder(SHIPPED), datetime.now(UTC))
    rows = [
        {
            "code": unit,
            "name": f"{county}调控分中心",
            "counties": [county],
            "switchingTeam": "cz-1",
            "source": "测试",
            "verified": False,
        }
        for unit, county in zip(units, ("东城县", "西城县"), strict=True)
    ]
    content = OutageRules.from_json({**OutageRules.shipped().to_json(), "units": rows}).to_json()
    with database.transaction() as session:
        load_rules(session, RuleKind.OUTAGE, content, "测试", "测试", datetime.now(UTC))


@pytest_asyncio.fixture(loop_scope="session")
async def calendar(office: Office) -> AsyncIterator[Calendar]:
    """An office with schedules, on the dev server."""
    one = Calendar(office)
    yield one
    await one.close()


async def test_the_schedules_are_there_however_often_they_are_ensured(calendar: Calendar) -> None:
    await calendar.ensure()
    await calendar.ensure()

    weeks, bays, timed = [await one.describe() for one in (calendar.weeks, calendar.bays, calendar.timed)]
    assert (_begins(weeks), _begins(bays)) == ("open-outage-weeks", "free-expired-reservations")
    assert _begins(timed) == "begin-timed-cases"
    first, second = _times(timed)[:2]
    assert second - first == timedelta(minutes=1)
    assert {(at.weekday(), at.hour, at.minute) for at in _times(weeks)} == {(0, 0, 5)}
    assert {(at.hour, at.minute) for at in _times(bays)} == {(0, 10)}


async def test_a_schedule_follows_its_setting_and_stays_paused(calendar: Calendar) -> None:
    await calendar.ensure()
    await calendar.weeks.pause(note="迎峰度夏")
    calendar.settings = calendar.settings.model_copy(update={"outage_weeks_cron": "30 7 * * TUE"})

    await calendar.ensure()

    described = await calendar.weeks.describe()
    assert {(at.weekday(), at.hour, at.minute) for at in _times(described)} == {(1, 7, 30)}
    assert described.schedule.state.paused


async def test_a_cron_that_temporal_does_not_take_is_refused_by_name(calendar: Calendar) -> None:
    bad = Scheduled(calendar.settings.outage_weeks_schedule, "open-outage-weeks", "never", "打开停送电周计划")

    with pytest.raises(ScheduleRefused, match=f"the schedule '{bad.name}' at 'never'"):
        await calendar.ensure(bad)


async def test_its_time_begins_the_plan_of_every_unit_once(calendar: Calendar) -> None:
    _plan(calendar.office.database, calendar.units)
    await calendar.ensure()

    first = await calendar.triggered(calendar.weeks, 1)
    runs = [(await calendar.client.get_workflow_handle(plan).describe()).run_id for plan in calendar.plans()]
    second = await calendar.triggered(calendar.weeks, 2)

    assert await second.result() == []
    described = [await calendar.client.get_workflow_handle(plan).describe() for plan in calendar.plans()]
    assert [one.run_id for one in described] == runs
    assert {one.status for one in described} == {WorkflowExecutionStatus.RUNNING}
    assert {one.workflow_type for one in described} == {"weekly_outage_plan"}
    await _replays(first)


async def test_an_opened_week_waits_for_its_cut_off_with_the_companys_tables(calendar: Calendar) -> None:
    _plan(calendar.office.database, calendar.units)
    await calendar.ensure()
    await calendar.triggered(calendar.weeks, 1)

    plan = calendar.client.get_workflow_handle(calendar.plans()[0])
    view = await plan.query("view")
    history = await plan.fetch_history()

    assert [wait["element"] for wait in view["waits"] if wait["element"] == "cut_off"] == ["cut_off"]
    started = history.events[0].workflow_execution_started_event_attributes
    [start] = await CONVERTER.decode(started.input.payloads)
    assert all(start[table] for table in ("calendar", "limits", "posts", "authority"))
    assert start["variables"]["unit"] == calendar.units[0]
    with calendar.office.database.session() as session:
        kept = plan_of(session, calendar.units[0], start["variables"]["week"])
    assert kept is not None
    assert kept.cut_off_at == datetime.fromisoformat(start["variables"]["cutOffAt"])


async def test_a_company_without_dispatch_units_opens_nothing(calendar: Calendar) -> None:
    await calendar.ensure()

    opened = await calendar.triggered(calendar.weeks, 1)

    assert await opened.result() == []


async def test_its_time_frees_the_bays_whose_reservation_is_over(calendar: Calendar) -> None:
    database, bay = calendar.office.database, f"{STATION}:512"
    last = datetime.now(UTC).date() - timedelta(days=3)
    load(database, station(busbar(*bays("512"))))
    approves(database, proposes(database, bay=bay, expires_on=last), day=last)
    await calendar.ensure()

    freed = await calendar.triggered(calendar.bays, 1)

    assert (await freed.result(), state(database, bay)) == (1, "free")
    await _replays(freed)


async def test_its_time_wakes_a_case_once_there_is_enough_of_what_it_waits_for(calendar: Calendar) -> None:
    office = calendar.office
    shape = process(
        start(), receive("R", GOODS_ARRIVED, key="=caseNo"), user("A"), end(), flows=["start > R > A > end"]
    )
    deploy(office.database, {"model.bpmn": model_xml(shape)}, datetime.now(UTC))
    stock = Stock(office.database, datetime.now(UTC)).begin(cable=100)
    case = await office.start("p")
    await case.recorded("subscribed")
    whose = Whose(case.id, "5", case.id.removeprefix("case/"))
    with office.database.transaction() as session:
        found = check_stock(session, whose.case_no, [amount(300)], "", stock.now)
        note_shortages(session, whose, [amount(300)], found.shortages, stock.now)
    await calendar.ensure()
    assert await (await calendar.triggered(calendar.waking, 1)).result() == 0

    stock.receive(200)
    woken = await calendar.triggered(calendar.waking, 2)

    assert await woken.result() == 1
    await case.task("A")
    await _replays(woken)
    await case.handle.terminate()


def _begins(described: ScheduleDescription) -> str:
    action = described.schedule.action
    assert isinstance(action, ScheduleActionStartWorkflow)
    return action.workflow


def _times(described: ScheduleDescription) -> list[datetime]:
    """The next times, in Chinese time."""
    return [at + timedelta(hours=8) for at in described.info.next_action_times]


async def _replays(handle: WorkflowHandle[object, object]) -> None:
    replayer = Replayer(
        workflows=[OpenOutageWeeks, FreeExpiredReservations, WakeWaitingCases],
        workflow_runner=worker.RUNNER,
        data_converter=CONVERTER,
    )
    await replayer.replay_workflow(await handle.fetch_history())

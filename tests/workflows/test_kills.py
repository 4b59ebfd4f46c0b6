"""Whatever is killed between recording, sending and journalling a warning: nothing is lost, and no repeat unmarked.

Every case of a script goes the way of one that nothing disturbs, so what it leaves behind must be the same.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest
import pytest_asyncio
from temporalio.service import RPCError

from activities.channels.message import REPEAT, REPEAT_NOTE
from domain.acts import CompleteTask
from domain.documents.supervision import SUPERVISION_ORDER
from domain.levels import Level
from domain.notices import Channel, DeliveryState
from domain.records import Record
from storage.documents import case_documents
from storage.notices import NoticeDelivery, case_notices, deliveries
from tests.workflows.killing import BOTH, PATIENCE, SERVER, WORKER, Doing, Moment
from tests.workflows.running import Running, eventually
from tests.workflows.stage import MAIL, ROBOT, Stage, posts
from tests.workflows.stage import stage as set_up
from tests.workflows.support import gapless
from tests.workflows.watching import FIELDS, answered, replying, workdays_ago

pytestmark = pytest.mark.long

WHOLE = 170
"""Seconds for everything."""


@dataclass(frozen=True)
class Script:
    """One case: what is killed while its overdue step is entered and told of, and while the case is completed."""

    name: str
    entering: tuple[Moment, ...] = ()
    completing: tuple[Moment, ...] = ()

    @property
    def case_no(self) -> str:
        return f"YK-{self.name}"

    @property
    def county(self) -> str:
        """One of its own, so that the yellow of one case does not count for another."""
        return f"{self.name}县"


def at(victim: str, *points: str) -> tuple[Moment, ...]:
    return tuple(Moment(victim, point) for point in points)


def steps(activity: str, *points: str) -> tuple[str, ...]:
    return tuple(f"{activity}.{point}" for point in points)


ORDER, RECORD, JOURNAL = "write-document", "record-notices", "record-journal"
MAILED = (
    *steps("complete", "begun"),
    *steps(ORDER, "begun", "done"),
    *steps(RECORD, "begun", "done"),
    *steps(MAIL, "begun", "taken", "done"),
)
COMPLETED = (*steps("complete", "done"), *steps(JOURNAL, "begun", "done"))
CALM = Script("calm")
SCRIPTS = (
    Script("worker", at(WORKER, *MAILED), at(WORKER, *COMPLETED)),
    Script("server", at(SERVER, *MAILED), at(SERVER, *COMPLETED)),
    Script(
        "robots",
        (
            *at(SERVER, "complete.done"),
            *at(WORKER, f"{ORDER}.asked"),
            *at(SERVER, f"{ORDER}.done"),
            *at(WORKER, f"{RECORD}.asked", f"{RECORD}.done"),
            *at(WORKER, f"{ROBOT}.asked"),
            *at(SERVER, f"{ROBOT}.begun"),
            *at(WORKER, f"{ROBOT}.taken"),
            *at(SERVER, f"{ROBOT}.done"),
        ),
        (*at(WORKER, "complete.begun", f"{JOURNAL}.asked"), *at(SERVER, f"{JOURNAL}.done")),
    ),
    Script(
        "journal",
        (*at(BOTH, "complete.done", f"{JOURNAL}.begun"), *at(SERVER, f"{JOURNAL}.done")),
        (*at(SERVER, "complete.begun"), *at(BOTH, f"{JOURNAL}.done")),
    ),
)
"""Every moment is certain to come: the work that leads to it is not done before the moment above it."""


async def live(stage: Stage, script: Script) -> Running:
    """A case from its beginning to its end, with the kills of its script."""
    fields = replace(FIELDS, case_no=script.case_no, county=script.county)
    case = await replying(stage.house, posts=posts(script.county), case=fields)
    entered = {"happened_at": workdays_ago(25), "late_reason": "补录"}
    await complete(stage, case, "A", entered, script.entering)
    await complete(stage, case, "B", {}, script.completing)
    await answered(case)
    async with asyncio.timeout(PATIENCE):
        assert (await case.handle.result())["outcome"] == "completed"
    return case


async def complete(
    stage: Stage, case: Running, element: str, entered: dict[str, Any], moments: tuple[Moment, ...]
) -> None:
    """Complete an element, and kill at these moments, the first of which lies within the act itself.

    The act is sent again under its key while the work goes on to the next moment.
    """
    task = await eventually(lambda: open_task(case, element), PATIENCE)
    doing = Doing(case.handle, stage.house.client, CompleteTask(task, "wang", key=element, **entered))
    for moment in moments[:1]:
        await stage.killer.kill_at(moment, doing)
    answering = asyncio.create_task(doing.answered())
    try:
        for moment in moments[1:]:
            await stage.killer.kill_at(moment)
        await stage.killer.go_on()
        await answering
    finally:
        answering.cancel()


async def open_task(case: Running, element: str) -> str | None:
    with suppress(RPCError):
        return next((str(one["key"]) for one in (await case.view())["tasks"] if one["element"] == element), None)
    return None


@dataclass(frozen=True)
class Left:
    """What a case has left behind."""

    records: list[Record]
    notices: list[tuple[str, str, str]]
    orders: list[str]
    deliveries: list[NoticeDelivery]

    @classmethod
    def by(cls, case: Running, case_no: str) -> Left:
        with case.house.database.session() as session:
            papers = case_documents(session, case_no)
            return cls(
                case.records(),
                sorted((one.kind, one.recipient, one.key) for one in case_notices(session, case_no)),
                [one.number for one in papers if one.kind == SUPERVISION_ORDER],
                list(deliveries(session, case_no=case_no)),
            )

    def raised(self) -> list[tuple[str, str]]:
        """Key and level of each escalation, as often as it is recorded."""
        return [(one.data["key"], one.data["level"]) for one in self.records if one.event == "escalated"]

    def steps(self) -> Counter[tuple[str, str]]:
        return Counter((one.event, one.element) for one in self.records)


@dataclass(frozen=True)
class Aftermath:
    """What is left when everything has come to its end: `came` are ids and words, in the order of their coming."""

    kills: str
    moments: list[Moment]
    undisturbed: Left
    killed: list[Left]
    came: dict[Channel, list[tuple[str, str]]]

    def ordered(self, *channels: Channel) -> list[NoticeDelivery]:
        every = [one for left in (self.undisturbed, *self.killed) for one in left.deliveries]
        return [one for one in every if one.channel in channels]

    def repeats(self, channel: Channel) -> list[str]:
        """The words of what came under an id that had come before."""
        came = self.came[channel]
        return [words for place, (id_, words) in enumerate(came) if id_ in dict(came[:place])]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def aftermath(tmp_path_factory: pytest.TempPathFactory) -> Aftermath:
    """Every script played, one after another."""
    async with asyncio.timeout(WHOLE), set_up(tmp_path_factory.mktemp("kills")) as stage:
        await stage.killer.go_on()
        cases = {script.case_no: await live(stage, script) for script in (CALM, *SCRIPTS)}
        undisturbed, *killed = [Left.by(case, case_no) for case_no, case in cases.items()]
        came = {Channel.EMAIL: stage.post.mails(), Channel.DINGTALK: stage.post.messages()}
        return Aftermath(stage.killer.listed(), stage.killer.moments, undisturbed, killed, came)


def test_worker_and_server_were_killed_at_every_moment_of_the_table(aftermath: Aftermath) -> None:
    table = [moment for script in SCRIPTS for moment in (*script.entering, *script.completing)]

    assert aftermath.moments == table, aftermath.kills
    assert len(table) >= 30
    assert sum(moment.in_flight for moment in table) >= 10
    assert {moment.victim for moment in table} == {WORKER, SERVER, BOTH}


def test_every_escalation_is_recorded_once_in_a_journal_without_gaps(aftermath: Aftermath) -> None:
    assert [level for _, level in aftermath.undisturbed.raised()] == [level.name for level in Level]
    for left in aftermath.killed:
        assert left.raised() == aftermath.undisturbed.raised(), aftermath.kills
        assert left.steps() == aftermath.undisturbed.steps(), aftermath.kills
        assert gapless(left.records), aftermath.kills


def test_every_order_is_one_paper_with_a_number_of_its_own(aftermath: Aftermath) -> None:
    papers = [left.orders for left in (aftermath.undisturbed, *aftermath.killed)]

    assert [len(of_case) for of_case in papers] == [1] * (1 + len(SCRIPTS)), aftermath.kills
    assert len({number for of_case in papers for number in of_case}) == len(papers), aftermath.kills


def test_every_notice_is_recorded_once_and_sent(aftermath: Aftermath) -> None:
    assert aftermath.undisturbed.notices
    for left in aftermath.killed:
        assert left.notices == aftermath.undisturbed.notices, aftermath.kills
    assert {one.state for one in aftermath.ordered(*Channel)} == {DeliveryState.SENT}, aftermath.kills


@pytest.mark.parametrize(("channel", "mark"), [(Channel.EMAIL, REPEAT), (Channel.DINGTALK, REPEAT_NOTE)])
def test_what_came_again_has_the_same_id_is_marked_and_is_no_more_than_the_kills(
    aftermath: Aftermath, channel: Channel, mark: str
) -> None:
    ids, again = [id_ for id_, _ in aftermath.came[channel]], aftermath.repeats(channel)

    assert set(ids) == {one.message_id for one in aftermath.ordered(channel)}, aftermath.kills
    assert 1 <= len(again) <= len(aftermath.moments), aftermath.kills
    assert all(mark in words for words in again), aftermath.kills

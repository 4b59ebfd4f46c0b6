"""The journal reaches the read model whole and once, whatever the database does, and no act waits for it."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest_asyncio
from sqlalchemy import update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from temporalio.testing import WorkflowEnvironment

from storage.database import Database
from storage.journal_rows import JournalRow
from tests.bpmn.building import end, process, start, user
from tests.workflows.running import House
from tests.workflows.running import house as open_house

THREE = process(start(), user("A"), user("B"), user("C"), end(), flows=["start > A > B > C > end"])


class Moody(Database):
    """A database that cannot be reached while it is `down`."""

    down = False
    at_once = 0
    most_at_once = 0

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        if self.down:
            raise OperationalError("the database is down", {}, Exception())
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            with super().transaction() as session:
                yield session
        finally:
            self.at_once -= 1


@pytest_asyncio.fixture(loop_scope="session")
async def moody(dev_server: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[tuple[House, Moody]]:
    database = Moody(f"sqlite:///{tmp_path / 'cases.db'}")
    database.migrate()
    async with open_house(dev_server.client, tmp_path, database) as house:
        yield house, database


async def test_acts_are_answered_at_once_while_the_database_is_down(moody: tuple[House, Moody]) -> None:
    house, database = moody
    database.down = True
    case = await house.start(THREE)
    task = await case.task("A")

    begun = time.perf_counter()
    await case.act("complete", {"task": task, "by": "wang"})
    assert time.perf_counter() - begun < 2

    await case.complete("B")
    assert (await case.view())["unrecorded"] > 0
    database.down = False
    await case.complete("C")
    assert await case.outcome() == "completed"
    assert [record.seq for record in case.records()] == list(range(1, len(case.records()) + 1))


async def test_a_case_has_one_batch_on_its_way_at_most(moody: tuple[House, Moody]) -> None:
    house, database = moody
    case = await house.start(THREE)
    for element in "ABC":
        await case.complete(element)
    await case.outcome()

    assert database.most_at_once == 1


async def test_other_content_under_the_same_number_is_an_incident_until_it_is_resolved(house: House) -> None:
    case = await house.start(THREE)
    await case.task("A")
    await case.until(lambda view: not view["unrecorded"])
    last = case.records()[-1].seq
    with house.database.transaction() as session:
        mine = JournalRow.workflow_id == case.id
        moved = update(JournalRow).where(mine, JournalRow.seq == last).values(seq=last + 1)
        session.execute(moved)
    await case.complete("A")

    view = await case.until(lambda view: view["journalProblem"])
    assert f"record {last + 1}" in view["journalProblem"] or f"{last + 1}" in view["journalProblem"]
    attributes = (await case.handle.describe()).typed_search_attributes
    assert {pair.key.name: pair.value for pair in attributes}["Incident"] is True
    await case.complete("B")

    with house.database.transaction() as session:
        session.execute(update(JournalRow).where(mine, JournalRow.seq == last + 1).values(seq=last))
    await case.act("resolve_incident", {"incident": "journal", "by": "wang"})
    await case.complete("C")
    assert await case.outcome() == "completed"
    assert [record.seq for record in case.records()] == list(range(1, len(case.records()) + 1))

"""A data store outlives the cases that write it: each write counts once, and what is refused can be mended."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from signal import SIGKILL
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select

from domain.start import Settings
from storage.data_stores import Change, DataStoreWrite, data_store, write_store
from storage.database import Database
from tests.bpmn.building import end, gateway, message, on_event, process, script, service, start, user
from tests.workflows.running import House, Running, eventually
from tests.workflows.stage import Stage
from tests.workflows.stage import stage as set_up
from tests.workflows.storing import REGISTER, puts, takes
from tests.workflows.support import runs, scheduled, terminated, whole

WRITING = process(
    REGISTER,
    start(),
    user("A", puts("entry")),
    script("B", "=held", "told", takes("held")),
    user("C"),
    end(),
    flows=["start > A > B > C > end"],
    id_="writing",
)
TELLING = process(
    REGISTER,
    start(),
    user("A"),
    script("B", "=held", "told", takes("held")),
    user("C"),
    end(),
    flows=["start > A > B > C > end"],
    id_="telling",
)
STOPPABLE = process(
    REGISTER,
    start(),
    user("A", puts('"A"')),
    end(),
    on_event("stopped", message("stop"), then="Z"),
    flows=["start > A > end"],
    id_="stoppable",
)


def held(database: Database, name: str = "台账") -> Any:
    with database.session() as session:
        found = data_store(session, name)
    return found.value if found else None


def put(database: Database, value: Any) -> None:
    with database.transaction() as session:
        write_store(session, "台账", Change(value, 1_000_000), "keeper", datetime.now(UTC))


def writes(database: Database) -> list[DataStoreWrite]:
    with database.session() as session:
        return list(session.scalars(select(DataStoreWrite).order_by(DataStoreWrite.version)))


async def asked(case: Running) -> list[str]:
    """The types of the store's activities that the case has scheduled, in all its runs."""
    events = [event for run in await runs(case) for event in run.events]
    types = [event.activity_task_scheduled_event_attributes.activity_type.name for event in events]
    return [one for one in types if one.endswith("data-store")]


# -- written and read ------------------------------------------------------------------------------------------------


async def test_what_one_case_writes_another_reads(house: House) -> None:
    first = await house.start(WRITING)
    await first.complete("A", {"entry": {"bay": "101", "用途": ["出线"]}})
    await first.task("C")
    second = await house.start(TELLING)
    await second.complete("A")
    await second.task("C")

    entry = {"bay": "101", "用途": ["出线"]}
    assert held(house.database) == entry
    assert [(await one.view())["variables"]["told"] for one in (first, second)] == [entry, entry]
    assert [(one.written_by, one.path) for one in writes(house.database)] == [(first.id, [])]
    await terminated(house, first, second)


async def test_a_case_of_an_earlier_semantics_has_no_data_stores(house: House) -> None:
    case = await house.start(WRITING, semantics=4)
    await case.complete("A", {"entry": {"bay": "101"}})

    assert "is connected here" in (await case.incident())["message"]
    assert not any("data-store" in kind for kind in scheduled(await case.handle.fetch_history()))
    await terminated(house, case)


async def test_a_store_that_nobody_has_written_is_null(house: House) -> None:
    reading = process(
        REGISTER,
        start(),
        script("B", "=register = null", "empty", puts("register")),
        user("C"),
        end(),
        flows=["start > B > C > end"],
    )
    case = await house.start(reading)
    await case.task("C")

    assert (await case.view())["variables"]["empty"] is True
    await terminated(house, case)


async def test_the_activities_of_a_store_say_which_element_and_which_store(house: House) -> None:
    case = await house.start(WRITING)
    await case.complete("A", {"entry": 1})
    await case.task("C")

    events = (await case.handle.fetch_history()).events
    said = [
        json.loads(event.user_metadata.summary.data)
        for event in events
        if event.activity_task_scheduled_event_attributes.activity_type.name.endswith("data-store")
    ]
    assert said == ["A：台账", "B：台账"]
    assert await asked(case) == ["write-data-store", "read-data-store"]
    await terminated(house, case)


async def test_the_writes_of_one_element_are_each_done(house: House) -> None:
    both = process(
        REGISTER,
        start(),
        user("A", puts("x", "a"), puts("x + 1", "b", "more")),
        end(),
        flows=["start > A > end"],
    )
    case = await house.start(both)
    await case.complete("A", {"x": 1})

    assert await case.outcome() == "completed"
    assert held(house.database) == {"a": 1, "b": 2}


async def test_a_case_that_is_continued_as_new_at_every_step_writes_and_reads(restless: House) -> None:
    case = await restless.start(WRITING)
    await case.complete("A", {"entry": 5})
    await case.complete("C")

    assert await case.outcome() == "completed"
    assert len(await runs(case)) > 2
    assert held(restless.database) == 5
    assert len(writes(restless.database)) == 1


async def test_what_is_for_a_store_is_held_while_the_run_drains_and_done_by_the_next(restless: House) -> None:
    """A job that does not end keeps the run from being continued: meanwhile nothing new is begun."""
    beside = process(
        REGISTER,
        start(),
        gateway("parallel", "fork"),
        service("S"),
        user("A", puts("entry")),
        gateway("parallel", "join"),
        end(),
        flows=["start > fork > S > join > end", "fork > A > join"],
    )
    restless.work.may_go_on.clear()
    case = await restless.start(beside)
    await case.complete("A", {"entry": 5})
    before = await asked(case)
    restless.work.may_go_on.set()

    assert await case.outcome() == "completed"
    assert before == []
    assert await asked(case) == ["write-data-store"]
    assert held(restless.database) == 5


# -- refused, and mended ---------------------------------------------------------------------------------------------


async def test_a_store_that_would_be_too_large_is_an_incident_that_names_the_limit_and_can_be_retried(
    house: House,
) -> None:
    put(house.database, {"old": "x" * 1_500})
    house.settings = replace(Settings(), variable_bytes=2_000)
    adding = process(REGISTER, start(), user("A", puts("entry", "new")), end(), flows=["start > A > end"])
    case = await house.start(adding)
    await case.complete("A", {"entry": "y" * 600})
    incident = await case.incident()
    put(house.database, {"old": "less"})
    await case.act("resolve_incident", {"incident": incident["key"], "by": "wang"})

    assert incident["kind"] == "data store"
    assert incident["message"] == "不能写入数据存储「台账」：内容合计 2119 字节，超过上限 2000 字节"
    assert await case.outcome() == "completed"
    assert held(house.database) == {"old": "less", "new": "y" * 600}


async def test_what_is_read_and_too_large_for_a_variable_is_an_incident_that_can_be_retried(house: House) -> None:
    put(house.database, "x" * 3_000)
    house.settings = replace(Settings(), variable_bytes=2_000)
    case = await house.start(TELLING)
    await case.complete("A")
    incident = await case.incident()
    put(house.database, "short")
    await case.act("resolve_incident", {"incident": incident["key"], "by": "wang"})
    await case.task("C")

    assert "2000" in incident["message"]
    assert (await case.view())["variables"]["told"] == "short"
    await terminated(house, case)


# -- called off ------------------------------------------------------------------------------------------------------


async def test_a_write_that_was_called_off_while_it_was_at_work_is_journalled_as_too_late(house: House) -> None:
    case = await house.start(STOPPABLE, variables={"key": "7"})
    await case.task("A")
    await case.until(lambda view: not view["unrecorded"])
    with house.database.transaction():  # whoever writes waits for its end
        await case.complete("A")
        await eventually(lambda: at_work(case))
        await case.act("message", {"name": "stop", "correlation_key": "7", "by": "wang"})
    await case.complete("Z")

    assert await case.outcome() == "completed"
    late = [record.data for record in case.records() if record.event == "too late"]
    assert [(one["element"], one["job"], one["outcome"]) for one in late] == [("A", "write-data-store", "StoreWritten")]
    assert held(house.database) == "A"


async def at_work(case: Running) -> bool:
    """Whether the write has been handed out."""
    pending = (await case.handle.describe()).raw_description.pending_activities
    return any(
        one.activity_type.name == "write-data-store" and one.attempt and one.HasField("last_started_time")
        for one in pending
    )


async def test_what_was_called_off_before_it_began_is_never_done(house: House) -> None:
    waiting = process(
        REGISTER,
        start(),
        gateway("parallel", "fork"),
        service("S"),
        user("A", puts('"A"')),
        user("R"),
        script("B", "=held", "told", takes("held")),
        end(),
        end("end2"),
        end("end3"),
        on_event("stopped", message("stop"), then="Z"),
        flows=["start > fork > S > end", "fork > A > end2", "fork > R > B > end3"],
    )
    house.settings = replace(Settings(), jobs_in_flight=1)
    house.work.may_go_on.clear()
    case = await house.start(waiting, variables={"key": "7"})
    await case.complete("A")
    await case.complete("R")
    await case.act("message", {"name": "stop", "correlation_key": "7", "by": "wang"})
    house.work.may_go_on.set()
    await case.complete("Z")

    assert await case.outcome() == "completed"
    assert await asked(case) == []
    assert held(house.database) is None


# -- killed ----------------------------------------------------------------------------------------------------------


@pytest_asyncio.fixture(loop_scope="session")
async def stage(tmp_path: Path) -> AsyncIterator[Stage]:
    async with set_up(tmp_path) as one:
        yield one


@pytest.mark.long
async def test_a_worker_that_is_killed_between_write_and_answer_writes_once(stage: Stage) -> None:
    house, killer = stage.house, stage.killer
    await killer.go_on()
    case = await house.start(WRITING)
    killer.box.lay("write-data-store.done", SIGKILL)
    await case.complete("A", {"entry": 1})
    assert await killer.worker.halted() == "killed"
    put(house.database, 2)
    await killer.go_on()
    await case.task("C")

    assert held(house.database) == 2
    assert (await case.view())["variables"]["told"] == 2
    assert [one.written_by for one in writes(house.database)] == [case.id, "keeper"]
    assert "incident" not in [record.event for record in await whole(case)]

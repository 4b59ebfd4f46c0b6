"""A new table of days off is sent to every running case that no other has called, and each answers for itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from api.calendars import main, spread, spread_loaded
from api.spreading import Told, running_cases
from domain.calendar import WorkingCalendar
from domain.records import CaseFields
from storage.database import Database
from storage.rules import RuleKind, RuleVersion, load_rules
from tests.bpmn.building import build, call, end, process, start
from tests.conftest import TEMPORAL
from tests.workflows.calling import CHILD
from tests.workflows.days_off import with_a_day_off
from tests.workflows.running import House, Running, eventually
from tests.workflows.running import house as open_house
from workflows import showing
from workflows.codec import CONVERTER
from workflows.namespace import SEARCH_ATTRIBUTES

CALLER = process(start(), call("call", "child"), end(), flows=["start > call > end"])


@pytest_asyncio.fixture(loop_scope="session")
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A house on a server of its own, where nothing else runs."""
    async with (
        await WorkflowEnvironment.start_local(
            dev_server_existing_path=TEMPORAL,
            search_attributes=SEARCH_ATTRIBUTES,
            dev_server_log_level="error",
            data_converter=CONVERTER,
        ) as server,
        open_house(server.client, tmp_path) as one,
    ):
        yield one


def elsewhere(house: House, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """What the command works with: the house's Temporal, and a database of its own."""
    url = f"sqlite:///{folder / 'rules.db'}"
    monkeypatch.setenv("TEMPORAL_ADDRESS", house.client.service_client.config.target_host)
    monkeypatch.setenv("YEKUO_DATABASE_URL", url)
    database = Database(url)
    database.migrate()
    return database


def version(number: int, content: dict[str, Any]) -> RuleVersion:
    return RuleVersion(
        kind=RuleKind.CALENDAR,
        version=number,
        content=content,
        sha256=str(number),
        note="",
        loaded_by="zhao",
        loaded_at=datetime.now(UTC),
    )


async def listed(house: House, workflow_id: str) -> None:
    """Wait until Temporal lists a case."""

    async def find() -> bool:
        return workflow_id in [one async for one in running_cases(house.client)]

    await eventually(find)


async def calling(house: House) -> tuple[Running, Running]:
    """A case that Temporal lists, and what it has called."""
    case = await house.start(CALLER, CHILD, case=CaseFields(f"YK-{uuid4()}", "p", 1))
    child = await case.the_child()
    await child.task("C")
    await listed(house, case.id)
    return case, child


async def test_every_running_case_is_told_once_and_hands_it_on(house: House) -> None:
    case, child = await calling(house)

    first = await spread(house.client, with_a_day_off(), "operator")
    again = await spread(house.client, with_a_day_off(), "operator")

    assert first == again == [Told(case.id, remark="已换用新的放假安排，期限不变")]
    assert [one.data["act"] for one in await case.recorded("act")] == ["new_calendar"]
    assert await eventually(lambda: child.recorded("act"))


async def test_a_table_that_somebody_else_sends_again_changes_nothing(house: House) -> None:
    case, _ = await calling(house)
    await spread(house.client, with_a_day_off(), "operator")

    again = await spread(house.client, with_a_day_off(), "office")

    assert again == [Told(case.id, remark="放假安排不比本案现用的新，未作更改")]


async def test_a_case_that_does_not_answer_or_refuses_is_named_and_the_others_are_told(house: House) -> None:
    case, _ = await calling(house)
    fields = CaseFields(f"YK-{uuid4()}", "child", 1)
    silent = await house.client.start_workflow(
        "child",
        house.input(build(CHILD), "child", {}, fields),
        id=f"case/{fields.case_no}",
        task_queue="nobody",
        search_attributes=showing.first_attributes(fields),
    )
    await listed(house, silent.id)

    told = {one.workflow_id: one for one in await spread(house.client, with_a_day_off(), "", patience=1)}

    assert told[case.id].problem == "未说明经办人（by）"
    assert told[silent.id].problem == "工单未在时限内答复，请稍后重试"


async def test_the_command_prints_what_each_case_answered(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    case, _ = await calling(house)
    await spread(house.client, with_a_day_off(), "operator")
    elsewhere(house, tmp_path, monkeypatch)

    assert await main(["--by", "operator"]) == 0

    assert capsys.readouterr().out.splitlines() == [
        f"{case.id}：放假安排不比本案现用的新，未作更改",
        "共1件，未送达0件",
    ]


async def test_the_command_sends_the_table_that_was_loaded_in_the_name_of_who_loaded_it(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    case, _ = await calling(house)
    database = elsewhere(house, tmp_path, monkeypatch)
    with database.transaction() as session:
        load_rules(session, RuleKind.CALENDAR, with_a_day_off().to_json(), "", "zhao", datetime.now(UTC))

    assert [await main(["--by", one]) for one in ("operator", "office")] == [0, 0]

    assert [one.data["by"] for one in await case.recorded("act")] == ["zhao"]
    assert capsys.readouterr().out.count(f"{case.id}：已换用新的放假安排，期限不变") == 2


async def test_a_calendar_that_comes_back_after_another_is_taken_again(house: House) -> None:
    case, _ = await calling(house)
    longer = with_a_day_off().to_json()
    told = [
        await spread_loaded(house.client, version(number, content))
        for number, content in ((1, longer), (2, WorkingCalendar.shipped().to_json()), (3, longer))
    ]

    assert [one.remark for (one,) in told] == [
        "已换用新的放假安排，期限不变",
        "放假安排不比本案现用的新，未作更改",
        "放假安排不比本案现用的新，未作更改",
    ]
    assert len(await case.recorded("act")) == 3


async def test_without_a_database_the_command_says_so(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("YEKUO_DATABASE_URL", f"sqlite:///{tmp_path / 'empty.db'}")

    assert await main(["--by", "operator"]) == 2
    assert "the database cannot be read (YEKUO_DATABASE_URL)" in capsys.readouterr().err

"""An application becomes a case once."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.testing import WorkflowEnvironment

import worker
from api.cases import NotDeployed, start_case
from demo.scenario import read_scenario
from domain.fields import MissingFields
from storage.database import Database
from storage.files import FileStore
from tests.databases import deployed


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return deployed(tmp_path / "test.db")


@pytest.fixture
def application() -> dict[str, Any]:
    return {**read_scenario("10kv").variables, "caseNo": f"YK-{uuid4()}"}


async def test_the_same_case_number_is_not_started_twice(
    dev_server: WorkflowEnvironment, database: Database, tmp_path: Path, application: dict[str, Any]
) -> None:
    queue = str(uuid4())
    async with worker.build(dev_server.client, database, FileStore(tmp_path / "files"), queue):
        handle = await start_case(dev_server.client, database, queue, "hv_connection", application)
        with pytest.raises(WorkflowAlreadyStartedError):
            await start_case(dev_server.client, database, queue, "hv_connection", application)
        await handle.terminate()


async def test_a_process_that_is_not_deployed_is_refused_by_name(
    dev_server: WorkflowEnvironment, database: Database, application: dict[str, Any]
) -> None:
    with pytest.raises(NotDeployed, match="unheard_of"):
        await start_case(dev_server.client, database, "none", "unheard_of", application)


@pytest.mark.parametrize(
    ("stated", "text"),
    [
        ({"voltageKv": "十千伏"}, "电压等级(kV)（voltageKv）应为数字"),
        ({"voltageKv": 10, "sources": "双"}, "电源数（sources）应为数字"),
    ],
)
async def test_an_application_whose_facts_are_no_numbers_is_refused_in_words(
    dev_server: WorkflowEnvironment, database: Database, application: dict[str, Any], stated: dict[str, Any], text: str
) -> None:
    with pytest.raises(MissingFields) as refused:
        await start_case(dev_server.client, database, str(uuid4()), "hv_connection", {**application, **stated})

    assert str(refused.value) == f"不能受理，请补正下列数据：{text}"


async def test_the_case_is_listed_by_its_number_type_voltage_and_county(
    dev_server: WorkflowEnvironment, database: Database, application: dict[str, Any]
) -> None:
    handle = await start_case(dev_server.client, database, str(uuid4()), "hv_connection", application)
    description = await handle.describe()
    attributes = {pair.key.name: pair.value for pair in description.typed_search_attributes}

    assert attributes["CaseNo"] == application["caseNo"]
    assert (attributes["CaseType"], attributes["VoltageKV"], attributes["County"]) == ("10kV专线", "10", "开发区")
    assert application["customer"] not in str(await description.static_summary())
    await handle.terminate()

"""The houses and offices that tests of the workflows run their cases in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from storage.database import Database
from tests.conftest import TEMPORAL
from tests.workflows.office import Office
from tests.workflows.running import House
from tests.workflows.running import house as open_house
from workflows.codec import CONVERTER
from workflows.namespace import SEARCH_ATTRIBUTES

RESTLESS = [
    *("--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=1"),
    *("--dynamic-config-value", 'history.workflowIdReuseMinimalInterval="1ms"'),
]
"""Continue-as-new is suggested at every workflow task, and the next run begins at once, not a second later."""


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy from."""
    path = tmp_path_factory.mktemp("workflows") / "template.db"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    database.close()
    return path


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def restless_server() -> AsyncIterator[WorkflowEnvironment]:
    """A dev server that asks for continue-as-new at every workflow task."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=TEMPORAL,
        search_attributes=SEARCH_ATTRIBUTES,
        dev_server_log_level="error",
        dev_server_extra_args=RESTLESS,
        data_converter=CONVERTER,
    ) as environment:
        yield environment


async def _opened(server: WorkflowEnvironment, folder: Path, migrated: Path) -> AsyncIterator[Office]:
    office = Office(server.client, folder, migrated)
    await office.open()
    try:
        yield office
    finally:
        await office.close()
        office.database.close()


@pytest_asyncio.fixture(loop_scope="session")
async def office(dev_server: WorkflowEnvironment, tmp_path: Path, migrated: Path) -> AsyncIterator[Office]:
    """An office on the dev server."""
    async for one in _opened(dev_server, tmp_path, migrated):
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def restless_office(
    restless_server: WorkflowEnvironment, tmp_path: Path, migrated: Path
) -> AsyncIterator[Office]:
    """An office where every case is continued as new after every step."""
    async for one in _opened(restless_server, tmp_path, migrated):
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def house(dev_server: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[House]:
    """A house on the dev server."""
    async with open_house(dev_server.client, tmp_path) as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def restless(restless_server: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[House]:
    """A house where every case is continued as new after every step."""
    async with open_house(restless_server.client, tmp_path) as one:
        yield one

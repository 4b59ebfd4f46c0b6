"""The houses and offices that tests of the workflows run their cases in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from demo.play import time_skipping
from tests.conftest import TEMPORAL
from tests.workflows.fragile import Fragile
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


async def _opened(server: WorkflowEnvironment, folder: Path) -> AsyncIterator[Office]:
    office = Office(server.client, folder)
    await office.open()
    try:
        yield office
    finally:
        await office.close()
        office.database.close()


@pytest_asyncio.fixture(loop_scope="session")
async def office(dev_server: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[Office]:
    """An office on the dev server."""
    async for one in _opened(dev_server, tmp_path):
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def restless_office(restless_server: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[Office]:
    """An office where every case is continued as new after every step."""
    async for one in _opened(restless_server, tmp_path):
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


@pytest_asyncio.fixture(loop_scope="session")
async def fast_server() -> AsyncIterator[WorkflowEnvironment]:
    """A time-skipping server of its own: a query that meets a closing case may stop such a server's time."""
    async with time_skipping() as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def fast(fast_server: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[Office]:
    """An office on the time-skipping server."""
    office = Office(fast_server.client, tmp_path)
    await office.open()
    yield office
    await office.close()
    office.database.close()


@pytest_asyncio.fixture(loop_scope="session")
async def fragile(dev_server: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[tuple[House, Fragile]]:
    """A house whose database can be taken down."""
    database = Fragile(f"sqlite:///{tmp_path / 'cases.db'}")
    database.migrate()
    async with open_house(dev_server.client, tmp_path, database) as house:
        yield house, database
    database.close()

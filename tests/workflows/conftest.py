"""A house: a worker on the shared dev server with a database of its own. Another on a server that continues early."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from tests.conftest import TEMPORAL
from tests.workflows.running import House
from tests.workflows.running import house as open_house
from workflows.codec import CONVERTER
from workflows.namespace import SEARCH_ATTRIBUTES


@pytest_asyncio.fixture(loop_scope="session")
async def house(dev_server: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(dev_server.client, tmp_path) as one:
        yield one


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def restless_server() -> AsyncIterator[WorkflowEnvironment]:
    """A dev server that suggests continue-as-new to every run after a few events: after every step of a case."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=TEMPORAL,
        search_attributes=SEARCH_ATTRIBUTES,
        dev_server_log_level="error",
        dev_server_extra_args=["--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=3"],
        data_converter=CONVERTER,
    ) as environment:
        yield environment


@pytest_asyncio.fixture(loop_scope="session")
async def restless(restless_server: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(restless_server.client, tmp_path) as one:
        yield one

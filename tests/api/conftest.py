"""What tests of the API share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from tests.api.serving import Site, at_work, site
from tests.conftest import TEMPORAL
from workflows.codec import CONVERTER
from workflows.namespace import SEARCH_ATTRIBUTES


@pytest_asyncio.fixture(loop_scope="session")
async def here(dev_server: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[Site]:
    """An API with an empty database on the shared Temporal server."""
    async with site(tmp_path, dev_server.client.service_client.config.target_host) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def working(here: Site, dev_server: WorkflowEnvironment) -> AsyncIterator[Site]:
    """`here` with the shipped diagrams and a worker."""
    async with at_work(here, dev_server.client):
        yield here


@pytest_asyncio.fixture(loop_scope="session")
async def own_server() -> AsyncIterator[WorkflowEnvironment]:
    """A Temporal server where no other case runs."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=TEMPORAL,
        search_attributes=SEARCH_ATTRIBUTES,
        dev_server_log_level="error",
        data_converter=CONVERTER,
    ) as server:
        yield server


@pytest_asyncio.fixture(loop_scope="session")
async def alone(own_server: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[Site]:
    """An API and a worker on a server of their own, where no other case runs."""
    client = own_server.client
    async with site(tmp_path, client.service_client.config.target_host) as one, at_work(one, client):
        yield one

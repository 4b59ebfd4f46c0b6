"""What tests share: the two Temporal servers, once for the whole session, and free ports."""

from __future__ import annotations

import gc
import socket
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from temporalio.testing import WorkflowEnvironment

from workflows.codec import CONVERTER
from workflows.namespace import SEARCH_ATTRIBUTES, add_search_attributes

TEMPORAL = str(Path(sys.executable).with_name("temporal"))
TEMPORAL_TEST_SERVER = str(Path(sys.executable).with_name("temporal-test-server"))


_LONG = ("crash", "workflows", "cases", "ops", "demo")
"""The folders whose files take longest: begun first, so that no process waits for another's last file."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long ones first."""
    here = Path(__file__).parent
    rank = {here / name: place for place, name in enumerate(_LONG)}
    items.sort(key=lambda item: min((rank[folder] for folder in item.path.parents if folder in rank), default=99))


def pytest_collection_finish() -> None:
    """Set aside what was imported and collected: it stays until the end."""
    _set_aside()


def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Set aside what a module leaves behind, such as servers and what other modules share."""
    if nextitem is None or nextitem.path != item.path:
        _set_aside()


def _set_aside() -> None:
    """Have the garbage collector not walk again and again through what is there: that takes seconds after thousands of
    tests, and a workflow task that waits for two seconds counts as hung."""
    gc.collect()
    gc.freeze()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def dev_server() -> AsyncIterator[WorkflowEnvironment]:
    """Temporal's dev server, in memory, with our search attributes; time passes as it does.

    Shared by all tests: use workflow ids and a task queue of your own.
    """
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=TEMPORAL,
        search_attributes=SEARCH_ATTRIBUTES,
        dev_server_log_level="error",
        data_converter=CONVERTER,
    ) as environment:
        yield environment


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def time_server() -> AsyncIterator[WorkflowEnvironment]:
    """The time-skipping server, with our search attributes.

    Shared by all tests, and so is its time: it only ever goes forward, and only one test at a time may skip.
    """
    async with await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=TEMPORAL_TEST_SERVER, data_converter=CONVERTER
    ) as environment:
        await add_search_attributes(environment.client)
        yield environment


@pytest.fixture(scope="session")
def free_port() -> Callable[[], int]:
    """Gives a port of 127.0.0.1 that nobody listens on; a new one at each call."""
    given: set[int] = set()

    def take() -> int:
        while True:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                port = int(probe.getsockname()[1])
            if port not in given:
                given.add(port)
                return port

    return take


@pytest.fixture
def empty_heap() -> None:
    """What a measured function allocates is collected without walking through all that earlier tests left behind."""
    _set_aside()

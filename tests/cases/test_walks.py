"""Every sequence flow of every diagram is taken through Temporal, by acts that people and systems can send."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from api.deployment import SHIPPED, read_folder
from bpmn.reader import read_all
from demo.play import time_skipping
from tests.bpmn.processes.play import WALKS
from tests.cases.planning import planned_flows
from tests.cases.walking import Walk

OFTEN = ("hv_energized_without_outage",)
"""Walks of every run. Other tests play the great ones from 35kV, the one with stock and the withdrawn one each time,
and the engine alone plays all (`tests.bpmn.processes.test_walks`)."""


def _sometimes(name: str) -> object:
    return name if name in OFTEN else pytest.param(name, marks=pytest.mark.long)


@pytest.fixture(scope="module")
def flows_taken() -> dict[str, set[str]]:
    """By walk: the sequence flows that its case took."""
    return {}


@pytest.mark.parametrize("name", [_sometimes(name) for name in WALKS])
async def test_a_walk_ends_completed_on_the_time_skipping_server(
    tmp_path: Path, name: str, flows_taken: dict[str, set[str]]
) -> None:
    # A server of its own: a signal that meets a closing workflow may keep the test server's time from skipping again.
    async with time_skipping() as server:
        walk = Walk(server, tmp_path, name)

        assert await walk.play() == "completed"
    flows_taken[name] = walk.flows()


async def test_the_whole_case_runs_on_the_dev_server(dev_server: WorkflowEnvironment, tmp_path: Path) -> None:
    assert await Walk(dev_server, tmp_path, "ordinary_customer", skips=False).play() == "completed"


@pytest.mark.long
@pytest.mark.parametrize("name", ["ordinary_customer", "withdrawn_with_materials_issued"])
async def test_a_case_that_no_worker_remembers_goes_on_the_same(
    dev_server: WorkflowEnvironment, tmp_path: Path, name: str
) -> None:
    walk = Walk(dev_server, tmp_path, name, skips=False)

    assert await walk.play(cached=0) == "completed"
    assert await walk.failed_tasks() == []


@pytest.mark.long
@pytest.mark.timeout(1_800)
async def test_every_sequence_flow_is_taken(tmp_path: Path, flows_taken: dict[str, set[str]]) -> None:
    for name in WALKS:
        if name not in flows_taken:
            folder = tmp_path / name
            folder.mkdir()
            async with time_skipping() as server:
                walk = Walk(server, folder, name)
                assert await walk.play() == "completed"
                flows_taken[name] = walk.flows()
    definition = read_all(read_folder(SHIPPED))
    every = {flow for process in definition.processes.values() for flow in process.flows}
    taken = set().union(*flows_taken.values())

    print(f"{len(taken & every)} of {len(every)} sequence flows taken")
    assert every - taken - planned_flows() == set()

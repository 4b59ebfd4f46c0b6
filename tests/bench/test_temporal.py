"""The comparison with a hand-written workflow: both do the same work, and what is reported."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

import worker
from bench import handwritten, temporal
from storage.database import Database
from storage.files import FileStore
from storage.journal_rows import workflow_journal


@pytest.fixture
def database(tmp_path: Path) -> Database:
    found = Database(f"sqlite:///{tmp_path / 'yekuo.db'}")
    found.migrate()
    return found


async def _history(
    client: Client, database: Database, folder: Path, choose: Callable[[Client], temporal.Contender]
) -> tuple[str, list[HistoryEvent]]:
    """Play one case; answers its id and its events."""
    contender = choose(client)
    workflow_id = f"{contender.name}/{uuid4()}"
    files = FileStore(folder / "files")
    async with (
        worker.build(client, database, files, "ours", [temporal.bench_job]),
        temporal.hand_worker(client),
    ):
        await temporal.play(contender, workflow_id)
    history = await client.get_workflow_handle(workflow_id).fetch_history()
    return workflow_id, list(history.events)


def _jobs(events: list[HistoryEvent]) -> list[HistoryEvent]:
    return [
        event for event in events if event.activity_task_scheduled_event_attributes.activity_type.name == "bench-job"
    ]


async def test_both_schedule_the_same_jobs_with_the_same_options(
    dev_server: WorkflowEnvironment, database: Database, tmp_path: Path
) -> None:
    _, ours = await _history(dev_server.client, database, tmp_path, temporal.by_engine)
    _, hand = await _history(dev_server.client, database, tmp_path, temporal.by_hand)

    assert len(_jobs(ours)) == len(_jobs(hand)) == handwritten.TASKS
    for our, its in zip(_jobs(ours), _jobs(hand), strict=True):
        a, b = our.activity_task_scheduled_event_attributes, its.activity_task_scheduled_event_attributes
        assert a.retry_policy == b.retry_policy
        assert a.start_to_close_timeout == b.start_to_close_timeout
        assert our.user_metadata.summary == its.user_metadata.summary
        assert abs(a.input.ByteSize() - b.input.ByteSize()) < 20


async def test_the_journal_of_our_case_is_stored_to_its_end(
    dev_server: WorkflowEnvironment, database: Database, tmp_path: Path
) -> None:
    workflow_id, _ = await _history(dev_server.client, database, tmp_path, temporal.by_engine)

    with database.session() as session:
        records = [line.record for line in workflow_journal(session, workflow_id)]
    assert sum(one.event == "completed" and one.type == "serviceTask" for one in records) == handwritten.TASKS
    assert (records[-1].event, records[-1].element) == ("completed", "bench")


def test_the_hand_written_workflow_has_at_most_80_lines() -> None:
    assert len(inspect.getsource(handwritten).splitlines()) <= 80


def test_all_keys_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(temporal, "CASES", 2)
    monkeypatch.setattr(temporal, "ROUNDS", 2)

    results = {result.key: result for result in temporal.run()}

    assert set(results) == {
        "temporal_throughput_vs_handwritten",
        "temporal_events_vs_handwritten",
        "temporal_cases_per_second_yekuo",
        "temporal_cases_per_second_handwritten",
        "temporal_events_yekuo",
        "temporal_events_handwritten",
        "temporal_bytes_yekuo",
        "temporal_bytes_handwritten",
    }
    assert all(result.value > 0 for result in results.values())
    assert results["temporal_throughput_vs_handwritten"].target == ">= 0.85"
    assert results["temporal_events_vs_handwritten"].target == "<= 1.25"

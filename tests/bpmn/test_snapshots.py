"""Instances that earlier versions of the engine wrote go on: each is loaded as it was recorded and runs to its end."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bpmn import Definition, Instance, codec, events
from bpmn.commands import Finished
from tests.bpmn.snapshotting import FOLDER, SCENARIOS, record

FILES = sorted(FOLDER.glob("*.json"))


def told(one: dict[str, Any]) -> Any:
    """An event as it was recorded."""
    return codec.decode(getattr(events, one["event"]), one["data"])


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_snapshot_loads_and_runs_to_the_end_that_it_had_when_it_was_recorded(file: Path) -> None:
    snapshot = json.loads(file.read_text())
    instance = Instance.load(Definition.load(snapshot["definition"]), snapshot["instance"])
    asked = []

    for one in snapshot["then"]:
        asked += instance.handle(told(one), datetime.fromisoformat(one["at"]))

    assert instance.outcome == snapshot["outcome"]
    finished = asked[-1]
    assert isinstance(finished, Finished)
    assert finished.variables == snapshot["variables"]
    assert [one.element for one in instance.drain_journal() if one.event == "completed"] == snapshot["path"]


def test_every_scenario_has_been_recorded_with_the_version_of_its_dump() -> None:
    assert {file.stem for file in FILES} >= set(SCENARIOS)
    assert all(json.loads(file.read_text())["instance"]["version"] >= 1 for file in FILES)


def test_a_snapshot_is_taken_before_the_end() -> None:
    snapshot = record(SCENARIOS["user_tasks"])

    assert "outcome" not in snapshot["instance"]
    assert snapshot["path"] == ["B", "end", "p"]

"""What a health check makes of a worker's last word."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from storage.worker_state import STALE, forget, main, problem_of, tell


def _state(folder: Path, at: float, problem: str | None = None) -> Path:
    tell(folder / "worker.json", problem, at)
    return folder / "worker.json"


def test_a_fresh_word_without_a_problem_is_well(tmp_path: Path) -> None:
    assert problem_of(_state(tmp_path, at=1000), now=1000 + STALE) is None


def test_an_old_word_tells_nothing_any_more(tmp_path: Path) -> None:
    assert problem_of(_state(tmp_path, at=1000), now=1001 + STALE) == "the worker has said nothing for 46 s"


def test_a_problem_is_told(tmp_path: Path) -> None:
    assert problem_of(_state(tmp_path, at=1000, problem="no database"), now=1001) == "no database"


def test_a_worker_that_begins_is_not_taken_for_the_one_before_it(tmp_path: Path) -> None:
    state = _state(tmp_path, at=1000)

    forget(state)
    forget(state)

    assert "no worker writes" in str(problem_of(state, now=1001))


def test_the_health_check_is_content_with_a_worker_that_is_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YEKUO_VAR", str(tmp_path / "var"))
    tell(tmp_path / "var" / "worker.json", None, time.time())

    assert main() == 0


def test_the_health_check_fails_without_a_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("YEKUO_VAR", str(tmp_path))

    assert main() == 1
    assert "no worker writes" in capsys.readouterr().err

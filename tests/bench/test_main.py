"""The command: which parts run, and what its last line is."""

from __future__ import annotations

import json

import pytest

from bench import __main__ as command
from bench.results import Result


@pytest.fixture(autouse=True)
def parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        command,
        "PARTS",
        {
            "quick": lambda: [Result("quick_ratio", 2.0, "times as quick", ">= 1")],
            "small": lambda: [Result("small_bytes", 12_345, "bytes")],
        },
    )


def test_only_runs_the_named_part(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main("small", False) == 0

    printed = capsys.readouterr().out
    assert "small_bytes" in printed
    assert "quick_ratio" not in printed


def test_all_parts_run_where_none_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main("", False) == 0

    printed = capsys.readouterr().out
    assert "small_bytes" in printed
    assert "quick_ratio" in printed


def test_an_unknown_part_is_refused_with_the_names_of_the_known(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main("slow", True) == 64

    printed = capsys.readouterr()
    assert "quick, small" in printed.err
    assert not printed.out


def test_the_last_line_is_one_flat_object_of_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    command.main("", True)

    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last == {"quick_ratio": 2.0, "small_bytes": 12_345}


def test_without_json_no_object_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    command.main("", False)

    assert "{" not in capsys.readouterr().out

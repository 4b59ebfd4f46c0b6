"""The corpus of wrong models misses no rule: each place of the reader that tells a fault tells one of some case."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

import bpmn.reader
from bpmn import Fault, ModelRefused, read
from bpmn.reader.collector import Collector
from tests.bpmn.reader.test_wrong_models import CASES

READER = Path(bpmn.reader.__file__).parent
Place = tuple[str, int, int]


def places() -> Iterator[Place]:
    """File, first and last line of every call that tells a fault."""
    for path in sorted(READER.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and _tells(node.func) and path.name != "collector.py":
                yield str(path), node.lineno, node.end_lineno or node.lineno


def _tells(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id == "report"
    owner = function.value if isinstance(function, ast.Attribute) else None
    named = getattr(owner, "id", getattr(owner, "attr", ""))
    return isinstance(function, ast.Attribute) and function.attr in ("tag", "at") and named == "collector"


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> set[tuple[str, int]]:
    """The lines of the reader that were at work when a fault was told."""
    lines: set[tuple[str, int]] = set()

    class Watched(list[Fault]):
        def append(self, fault: Fault) -> None:
            frame = sys._getframe(1)
            while frame.f_back:
                lines.add((frame.f_code.co_filename, frame.f_lineno))
                frame = frame.f_back
            super().append(fault)

    def watch(collector: Collector, file: str) -> None:
        collector.file, collector.faults = file, Watched()

    monkeypatch.setattr(Collector, "__init__", watch)
    return lines


def test_every_place_that_tells_a_fault_tells_one_of_some_wrong_model(told: set[tuple[str, int]]) -> None:
    for case in CASES:
        with suppress(ModelRefused):
            read(case.xml)

    found = list(places())
    silent = [
        f"{Path(f).name}:{one}" for f, one, last in found if not any((f, n) in told for n in range(one, last + 1))
    ]
    assert len(found) >= 80
    assert not silent, ", ".join(silent)


def test_there_are_at_least_80_wrong_models() -> None:
    assert len({case.xml for case in CASES}) >= 80

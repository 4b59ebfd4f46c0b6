"""What is passed through the sandbox reads no clock, rolls no dice and touches nothing outside: so it replays."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from temporalio.worker.workflow_sandbox import SandboxRestrictions

import worker

ROOT = Path(__file__).parents[2]
FORBIDDEN_MODULES = {"time", "random", "secrets", "uuid", "os", "socket", "subprocess", "threading", "pathlib", "io"}
FORBIDDEN_CALLS = {"now", "utcnow", "today", "open", "input"}
OUTSIDE = {"bpmn.__main__", "workflows.namespace"}
"""The command line, and what runs beside workflows only."""


def modules() -> list[str]:
    """Every module of the engine and of the workflows."""
    files = [path for folder in ("bpmn", "workflows") for path in sorted((ROOT / folder).rglob("*.py"))]
    parts = [path.relative_to(ROOT).with_suffix("").parts for path in files]
    return [".".join(part for part in names if part != "__init__") for names in parts]


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def called(tree: ast.AST) -> Iterator[str]:
    """Functions that are called by their bare name, and methods of the classes `datetime` and `date`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            function = node.func
            if isinstance(function, ast.Name):
                yield function.id
            elif isinstance(function, ast.Attribute) and ast.unparse(function.value) in ("datetime", "date"):
                yield function.attr


@pytest.mark.parametrize("name", [name for name in modules() if name not in OUTSIDE])
def test_a_module_passed_through_is_deterministic(name: str) -> None:
    path = ROOT / name.replace(".", "/")
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    tree = ast.parse(path.read_text("utf-8"))

    assert FORBIDDEN_MODULES.isdisjoint(imported(tree))
    assert FORBIDDEN_CALLS.isdisjoint(called(tree))


def test_only_the_engine_the_domain_and_the_workflows_are_passed_through_beside_the_sdks_own() -> None:
    ours = worker.RUNNER.restrictions.passthrough_modules - SandboxRestrictions.default.passthrough_modules

    assert ours == {"bpmn", "domain", "lark", "workflows"}

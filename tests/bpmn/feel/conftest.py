"""An environment at a fixed instant, and a short way from text to JSON value."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bpmn.feel import Environment, compile_expression, to_json

Feel = Callable[..., Any]


@pytest.fixture(scope="session")
def env() -> Environment:
    return Environment(datetime(2026, 3, 2, 17, 30, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="session")
def feel(env: Environment) -> Feel:
    def evaluate(text: str, **variables: Any) -> Any:
        names = frozenset(name.replace("_", " ") for name in variables if "_" in name)
        values = {name.replace("_", " "): value for name, value in variables.items()}
        return to_json(compile_expression(text, names).evaluate(values, env).value)

    return evaluate

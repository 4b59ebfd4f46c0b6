"""How tests of papers ask for them: the example's variables with some changes, and the problems these give."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from domain.documents import model_from_variables
from domain.fields import MissingFields

DATA = Path(__file__).parents[1] / "activities" / "data"


def example(kind: str) -> dict[str, Any]:
    """The variables that give a complete paper of a kind."""
    variables: dict[str, Any] = json.loads((DATA / f"{kind}.json").read_text(encoding="utf-8"))
    return variables


def paper(kind: str, **changes: Any) -> Any:
    """The paper of the example with some variables changed."""
    return model_from_variables(kind, example(kind) | changes)


def problems(kind: str, **changes: Any) -> dict[str, str]:
    """What is said of the example with some variables changed, by key."""
    with pytest.raises(MissingFields) as caught:
        paper(kind, **changes)
    return {problem.key: f"{problem.label}{problem.problem}" for problem in caught.value.problems}


def with_row(kind: str, key: str, row: int, **changes: Any) -> dict[str, Any]:
    """The example's rows of `key`, the one at `row` (from 1) changed."""
    rows = list(example(kind)[key])
    rows[row - 1] = rows[row - 1] | changes
    return {key: rows}

"""How an application is classified: domain.md §1.1 row 1."""

from __future__ import annotations

import pytest

from bpmn.definition import Definition
from tests.bpmn.processes.play import WALKS, Play

START = WALKS["ordinary_customer"]["start"]


def applied(definition: Definition, voltage_kv: float, dedicated: bool) -> Play:
    """A case of that voltage, as it stands when it has been applied for."""
    facts = {"voltageKv": voltage_kv, "dedicatedLine": dedicated}
    return Play(definition, START, WALKS["ordinary_customer"]["variables"] | facts)


@pytest.mark.parametrize(
    ("voltage_kv", "dedicated", "complexity", "case_type"),
    [
        (0.4, False, "simple", "simple"),
        (10, False, "simple", "simple"),
        (10, True, "complex", "10kv_dedicated"),
        (35, False, "complex", "35kv"),
        (35, True, "complex", "35kv"),
        (66, True, "complex", "66kv"),
        (110, True, "complex", "110kv"),
        (220, True, "complex", "220kv"),
        (500, True, "complex", "220kv"),
    ],
)
def test_row_1_dedicated_10kv_lines_and_all_from_35kv_are_complex(
    definition: Definition, voltage_kv: float, dedicated: bool, complexity: str, case_type: str
) -> None:
    # domain.md §1.1 row 1: 复杂业务 = 10kV专线接入 and 35kV及以上; 简单业务 is out of the main flow.
    play = applied(definition, voltage_kv, dedicated)

    decided = next(
        record.data["variables"]["classification"]
        for _, record in play.journal
        if record.element == "classify_case" and record.event == "completed"
    )
    assert (decided["complexity"], decided["caseType"]) == (complexity, case_type)
    assert play.open_tasks() == (["accept_application"] if complexity == "complex" else [])

"""Every element, by the engine alone."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import pytest

from bpmn import read_all
from bpmn.options import SHANGHAI
from bpmn.simulation import Script, Simulation, beginning
from tests.bpmn.suite import CASES
from tests.bpmn.suite.cases import Case, is_drawn

START = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_must_complete_does(case: Case) -> None:
    definition = read_all({"model.bpmn": case.xml, **case.files})
    simulation = Simulation(definition, START, Script.from_json({"elements": {}, **case.script}))
    begins = beginning(definition, "model.bpmn", first=case.first, variables=case.variables)

    records = [record for _, record in simulation.play(begins)]

    completed = Counter(one.element for one in records if one.event == "completed" and is_drawn(one.type))
    assert completed == case.expected
    assert {one.data["kind"] for one in records if one.event == "incident"} == {case.incident} - {""}
    assert case.gives.items() <= simulation.variables.items()

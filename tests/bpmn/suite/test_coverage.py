"""The page of coverage is what the suite says, and the suite leaves nothing of BPMN 2.0 out."""

from __future__ import annotations

from bpmn.support import SUPPORT
from tests.bpmn.suite import CASES
from tests.bpmn.suite.coverage import MODELS, PAGE, page


def test_the_page_and_the_models_are_those_of_the_suite() -> None:
    assert PAGE.read_text("utf-8") == page(), "make coverage"
    assert {path.name: path.read_text("utf-8") for path in MODELS.glob("*.bpmn")} == {
        case.file: case.xml for case in CASES
    }, "make coverage"


def test_every_row_has_a_name_of_its_own() -> None:
    assert len({case.row for case in CASES}) == len({case.file for case in CASES}) == len(CASES)


def test_every_flow_node_and_every_event_definition_stands_in_a_model() -> None:
    models = "".join(case.xml for case in CASES)
    missing = [tag for tag in sorted([*SUPPORT.flow_nodes, *SUPPORT.event_definitions]) if f"<bpmn:{tag}" not in models]

    assert missing == []


def test_no_flow_node_of_bpmn_is_refused_but_a_global_task_inside_a_process() -> None:
    assert list(SUPPORT.refused) == ["globalTask"]

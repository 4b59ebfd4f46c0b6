"""The diagrams, decisions and forms fit each other and the company."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest

from bpmn.feel import compile_expression
from bpmn.forms import read_form
from bpmn.reader import read_all
from tests.bpmn.processes.answering import KNOWN_JOBS
from tests.bpmn.processes.drawing import BPMN, DIAGRAMS, PROCESSES, ZEEBE, Drawing, read_drawing
from tests.bpmn.processes.play import WALKS

DEPARTMENTS = {
    "客户": {"customer", "marketing"},
    "营销部": {"marketing"},
    "发展部": {"planning"},
    "运检部": {"operations"},
    "调控中心": {"dispatch"},
    "建设部": {"construction"},
    "物资部": {"materials"},
    "会同部门": set(),
    "运检部、调控中心": {"operations", "dispatch"},
    "有审查权限的发展部（省、市公司）": set(),
    "有权限的发展部（省、市公司）": set(),
    "有权部门（市、省公司）": set(),
}
"""The candidate groups that the tasks of each lane name at least; the account manager may record what a client does.
What several departments do, or the one that has the authority that day, is offered to one of them by an expression."""

FORMS = sorted(PROCESSES.glob("*.form"))
DRAWINGS = [read_drawing(file) for file in DIAGRAMS]
USER_TASKS = [(drawing, task) for drawing in DRAWINGS for task in drawing.of_kind("userTask")]
INPUTS = {"textfield", "textarea", "number", "datetime", "radio", "select", "checklist", "checkbox", "dynamiclist"}


def task_ids(value: Any) -> str:
    return value if isinstance(value, str) else value.file.stem


def components(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [item for top in schema["components"] for item in (top, *top.get("components", []))]


def inputs(form: str) -> list[str]:
    """The keys of the inputs of a form; a list counts once."""
    schema = json.loads((PROCESSES / f"{form}.form").read_text("utf-8"))
    return [item.get("key") or item["path"] for item in schema["components"] if item["type"] in INPUTS]


def optional_inputs(form: str) -> set[str]:
    """The keys of a form that may be left out: not required, or hidden at times."""
    schema = json.loads((PROCESSES / f"{form}.form").read_text("utf-8"))
    found = [item for item in schema["components"] if item["type"] in INPUTS]
    required = [item for item in found if item.get("validate", {}).get("required") and "conditional" not in item]
    return {item.get("key") or item["path"] for item in found if item not in required}


def form_of(drawing: Drawing, task: str) -> str:
    found = drawing.extension(task, "formDefinition")
    assert found is not None, task
    return found.get("formId", "")


def test_everything_is_read_without_a_fault() -> None:
    files = sorted(file for file in PROCESSES.iterdir() if file.suffix in (".bpmn", ".dmn", ".form"))
    definition = read_all({file.name: file.read_text("utf-8") for file in files})

    assert sorted(definition.processes) == sorted(drawing.file.stem for drawing in DRAWINGS)
    assert definition.decision("classify_case")
    assert definition.decision("design_review_needed")


@pytest.mark.parametrize(("drawing", "task"), USER_TASKS, ids=task_ids)
def test_every_user_task_has_a_form_that_reads(drawing: Drawing, task: str) -> None:
    file = PROCESSES / f"{form_of(drawing, task)}.form"

    assert read_form(file.read_text("utf-8"), file.name).id == file.stem
    assert drawing.extension(task, "userTask") is not None


def test_every_form_belongs_to_a_user_task() -> None:
    assert {file.stem for file in FORMS} == {form_of(drawing, task) for drawing, task in USER_TASKS}


@pytest.mark.parametrize(
    "form",
    [
        "supply_plan",
        "design_review",
        "completion_inspection",
        "supply_contract_terms",
        "settlement_terms",
        "outage_request",
    ],
)
def test_the_great_forms_ask_at_least_twelve_things(form: str) -> None:
    assert len(inputs(form)) >= 12


@pytest.mark.parametrize("file", FORMS, ids=lambda file: file.stem)
def test_forms_are_chinese_with_camel_case_keys(file: Any) -> None:
    for item in components(json.loads(file.read_text("utf-8"))):
        if item["type"] in INPUTS:
            assert re.fullmatch("[a-z][A-Za-z0-9]*", item.get("key") or item["path"]), item
            label = item.get("label") or item["dateLabel"]
            assert any("\u4e00" <= sign <= "\u9fff" for sign in label) or label == "WBS编码", item


@pytest.mark.parametrize(("drawing", "task"), USER_TASKS, ids=task_ids)
def test_every_user_task_is_offered_to_the_department_of_its_lane(drawing: Drawing, task: str) -> None:
    found = drawing.extension(task, "assignmentDefinition")
    assert found is not None
    groups = found.get("candidateGroups", "")
    lanes = drawing.lane_of()
    lane = drawing.name(lanes[task if task in lanes else drawing.parents[task]])

    if drawing.elements[task].find(f"{BPMN}multiInstanceLoopCharacteristics") is not None:
        assert groups.startswith("=[")
    else:
        assert set(re.findall('"([a-z]+)"', groups)) >= DEPARTMENTS[lane]


def test_every_job_is_one_the_worker_knows() -> None:
    types = {
        definition.get("type", "") for drawing in DRAWINGS for definition in drawing.root.iter(f"{ZEEBE}taskDefinition")
    }
    assert types == KNOWN_JOBS


def choices(text: str) -> tuple[str, ...]:
    """The names among which a literal text or an expression chooses."""
    found = compile_expression(text[1:]).choices if text.startswith("=") else (text,)
    assert found is not None, text
    return found


def test_calls_and_decisions_name_what_is_there() -> None:
    processes = {drawing.of_kind("process")[0] for drawing in DRAWINGS}
    decisions = {
        element.get("id")
        for file in PROCESSES.glob("*.dmn")
        for element in ET.parse(file).getroot().iterfind(".//{*}decision")
    }
    for drawing in DRAWINGS:
        called = [c.get("processId", "") for c in drawing.root.iter(f"{ZEEBE}calledElement")]
        assert {name for text in called for name in choices(text)} <= processes
        assert {c.get("decisionId") for c in drawing.root.iter(f"{ZEEBE}calledDecision")} <= decisions


def test_what_is_taken_back_is_the_task_that_the_message_names() -> None:
    taken_back = 0
    for drawing in DRAWINGS:
        for event in drawing.of_kind("boundaryEvent"):
            definition = drawing.elements[event].find(f"{BPMN}messageEventDefinition")
            if definition is None or drawing.name(definition.get("messageRef", "")) != "take_back":
                continue
            subscription = drawing.extension(definition.get("messageRef", ""), "subscription")
            assert subscription is not None
            host = drawing.elements[event].get("attachedToRef")
            assert subscription.get("correlationKey") == f'=caseNo + "/{host}"'
            taken_back += 1
    assert taken_back == 5


def test_element_ids_differ_from_diagram_to_diagram() -> None:
    names = [name for drawing in DRAWINGS for name in drawing.nodes()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("drawing", DRAWINGS, ids=task_ids)
def test_diagrams_say_which_modeler_and_platform_they_are_for(drawing: Drawing) -> None:
    modeler = "{http://camunda.org/schema/modeler/1.0}"

    assert drawing.root.get("exporter") == "Camunda Modeler"
    assert drawing.root.get(f"{modeler}executionPlatform") == "Camunda Cloud"
    assert drawing.root.get(f"{modeler}executionPlatformVersion", "").startswith("8.")


@pytest.mark.parametrize("name", [name for name, walk in WALKS.items() if "process" not in walk])
def test_a_case_starts_with_the_variables_that_the_start_event_documents(name: str) -> None:
    drawing = next(drawing for drawing in DRAWINGS if drawing.file.stem == "hv_connection")
    documentation = drawing.elements["application_received"].findtext(f"{BPMN}documentation", "")
    outermost = re.sub(r"\{[^}]*\}", "", documentation)

    assert set(re.findall(r"([a-z]\w*) (?:文本|数字|布尔|列表|对象)", outermost)) == set(WALKS[name]["variables"])

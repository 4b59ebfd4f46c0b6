"""The cases of the DMN Technology Compatibility Kit that lie beside the repository, each one a test.

Those that do not pass yet are listed with the reason in `tck_not_yet.txt`; one that passes all the same is a failure,
so that the list stays true.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bpmn.dmn import DecisionModel, DecisionResult, read_decisions
from bpmn.faults import ModelRefused
from bpmn.feel import Environment
from bpmn.feel.temporal import DateTime, Time
from bpmn.feel.temporal_text import parse_date, parse_date_time, parse_duration, parse_time
from bpmn.feel.values import equal, kind, lift

KIT = Path(__file__).parents[4] / "shared" / "dmn-tck"
NOT_YET = Path(__file__).with_name("tck_not_yet.txt")
NAMESPACE = "{http://www.omg.org/spec/DMN/20160719/testcase}"
INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
ENVIRONMENT = Environment(datetime(2026, 3, 2, 1, 30, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))
TOLERANCE = Decimal("0.00000001")


@dataclass(frozen=True)
class Case:
    folder: Path
    model: str
    element: ET.Element

    @property
    def name(self) -> str:
        return f"{self.folder.name}/{self.element.get('id')}"


def cases() -> Iterator[Case]:
    for file in sorted(KIT.glob("compliance-level-*/*/*.xml")):
        root = ET.parse(file).getroot()
        model = root.findtext(f"{NAMESPACE}modelName") or ""
        for element in root.iter(f"{NAMESPACE}testCase"):
            yield Case(file.parent, model.strip(), element)


def not_yet() -> dict[str, str]:
    lines = (line.strip() for line in NOT_YET.read_text(encoding="utf-8").splitlines())
    return dict(line.split(None, 1) for line in lines if line and not line.startswith("#"))


@cache
def read(folder: Path, model: str) -> DecisionModel:
    files = {file.name: file.read_bytes() for file in folder.glob("*.dmn")}
    waiting = dict(files)
    done: dict[str, DecisionModel] = {}
    while model not in done:
        for name in list(waiting):
            wanted = {tag.get("namespace") for tag in ET.fromstring(waiting[name]) if tag.tag.endswith("}import")}
            if wanted <= {other.namespace for other in done.values()}:
                done[name] = read_decisions(waiting.pop(name), name, imports=tuple(done.values()))
    return done[model]


def value_of(element: ET.Element) -> Any:
    """The FEEL value that an inputNode, expected, item or component element writes."""
    if (list_tag := element.find(f"{NAMESPACE}list")) is not None:
        nil = list_tag.get(f"{INSTANCE}nil") == "true"
        return None if nil else [value_of(item) for item in list_tag.findall(f"{NAMESPACE}item")]
    components = element.findall(f"{NAMESPACE}component")
    if components:
        return {component.get("name"): value_of(component) for component in components}
    value = element.find(f"{NAMESPACE}value")
    if value is None or value.get(f"{INSTANCE}nil") == "true":
        return None
    return scalar(value.get(f"{INSTANCE}type", "xsd:string").partition(":")[2], value.text or "")


def scalar(kind_of: str, text: str) -> Any:
    match kind_of:
        case "boolean":
            return text == "true"
        case "decimal" | "double" | "integer":
            return Decimal(text)
        case "date":
            return parse_date(text)
        case "time":
            return parse_time(text)
        case "dateTime":
            return parse_date_time(text)
        case "duration":
            return parse_duration(text)
    return text


def same(found: Any, expected: Any) -> bool:
    """Whether two values are the same to the kit: numbers nearly, times by fields and offset, all others exactly."""
    found, expected = lift(found), lift(expected)
    if kind(found) != kind(expected):
        return False
    if isinstance(expected, list):
        return len(found) == len(expected) and all(same(*pair) for pair in zip(found, expected, strict=True))
    if isinstance(expected, Mapping):
        return set(found) == set(expected) and all(same(found[key], expected[key]) for key in expected)
    if isinstance(expected, Decimal):
        return bool(abs(found - expected) < TOLERANCE)
    if isinstance(expected, Time | DateTime):
        return bool(found == expected)
    return equal(found, expected) is True


def evaluate(model: DecisionModel, case: Case, name: str) -> DecisionResult:
    inputs = {node.get("name", ""): value_of(node) for node in case.element.findall(f"{NAMESPACE}inputNode")}
    service = case.element.get("invocableName")
    if service is not None:
        return model.invoke(service, inputs, ENVIRONMENT)
    decision = next(found for found in model.decisions.values() if name in (found.name, found.variable.name))
    decided = {found.variable.name for found in model.decisions.values()}
    given = {key: value for key, value in inputs.items() if key in decided}
    return model.evaluate(decision.id, inputs, ENVIRONMENT, given)


def deviations(case: Case) -> list[str]:
    """What is wrong about the case's results, a line each."""
    try:
        model = read(case.folder, case.model)
    except ModelRefused as refusal:
        return [str(refusal)]
    wrong: list[str] = []
    for node in case.element.findall(f"{NAMESPACE}resultNode"):
        name, expected_tag = node.get("name", ""), node.find(f"{NAMESPACE}expected")
        expected = None if expected_tag is None else value_of(expected_tag)
        result = evaluate(model, case, name)
        value = result.value
        if case.element.get("invocableName") and isinstance(value, Mapping) and name in value:
            value = value[name]
        if not same(value, expected):
            wrong.append(f"{name}: expected {expected!r}, found {value!r} ({'; '.join(result.problems)})")
    return wrong


ALL = list(cases())


@pytest.mark.skipif(not ALL, reason="the cases of the DMN kit do not lie beside the repository")
@pytest.mark.parametrize("case", ALL, ids=lambda case: case.name)
def test_case_of_the_kit_gives_what_it_expects(case: Case) -> None:
    wrong = deviations(case)

    reason = not_yet().get(case.name)
    if reason is None:
        assert wrong == []
    else:
        assert wrong, f"the case passes: take it off {NOT_YET.name}"


def test_every_case_said_not_to_pass_yet_is_a_case_of_the_kit() -> None:
    if not ALL:
        pytest.skip("the cases of the DMN kit do not lie beside the repository")

    assert set(not_yet()) <= {case.name for case in ALL}

"""Short ways to write DMN files as Camunda Modeler saves them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

import pytest

from bpmn.feel import Environment

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"
    xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/"
    xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="d1" name="DRD" namespace="http://camunda.org/schema/1.0/dmn"
    exporter="Camunda Modeler" modeler:executionPlatform="Camunda Cloud">
"""
DIAGRAM = """<dmndi:DMNDI><dmndi:DMNDiagram><dmndi:DMNShape dmnElementRef="rating">
<dc:Bounds height="80" width="180" x="160" y="100" /></dmndi:DMNShape></dmndi:DMNDiagram></dmndi:DMNDI>
"""

Rows = Sequence[tuple[Sequence[str], Sequence[str]]]
TableXml = Callable[..., str]


@pytest.fixture(scope="session")
def env() -> Environment:
    return Environment(datetime(2026, 3, 2, 1, 30, tzinfo=UTC), ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="session")
def definitions() -> Callable[[str], str]:
    return lambda body: HEAD + body + DIAGRAM + "</definitions>"


@pytest.fixture(scope="session")
def table() -> TableXml:
    """The XML of a `decisionTable`; each input is (expression, type), each output (name, values, default)."""

    def write(
        rows: Rows,
        hit_policy: str = "",
        inputs: Sequence[tuple[str, str]] = (("score", "number"),),
        outputs: Sequence[tuple[str, str, str]] = (("", "", ""),),
    ) -> str:
        columns = [
            f'<input id="i{place}" label="列"><inputExpression id="e{place}" typeRef={quoteattr(kind)}>'
            f"<text>{escape(text)}</text></inputExpression></input>"
            for place, (text, kind) in enumerate(inputs)
        ] + [
            f'<output id="o{place}" name={quoteattr(name)}>{_part("outputValues", values)}'
            f"{_part('defaultOutputEntry', default)}</output>"
            for place, (name, values, default) in enumerate(outputs)
        ]
        rules = [
            f'<rule id="r{number}"><description>说明</description>'
            + "".join(f"<inputEntry><text>{escape(text)}</text></inputEntry>" for text in conditions)
            + "".join(f"<outputEntry><text>{escape(text)}</text></outputEntry>" for text in conclusions)
            + "</rule>"
            for number, (conditions, conclusions) in enumerate(rows, 1)
        ]
        return f'<decisionTable id="t1" {hit_policy}>{"".join(columns + rules)}</decisionTable>'

    return write


def _part(name: str, text: str) -> str:
    return f"<{name}><text>{escape(text)}</text></{name}>" if text else ""


@pytest.fixture(scope="session")
def decision() -> Callable[..., str]:
    """The XML of a decision with its logic, and what stands before the logic."""

    def write(logic: str, element_id: str = "rating", before: str = "", kind: str = "") -> str:
        variable = f'<variable id="v_{element_id}" name="{element_id}" typeRef="{kind}"/>'
        return f'<decision id="{element_id}" name="{element_id}">{variable}{before}{logic}</decision>'

    return write

"""What tests of forms share: forms of a few components, and what is wrong with what is entered."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from bpmn.feel import Environment
from bpmn.forms import Form, read_form

NOON = Environment(dt.datetime(2026, 3, 5, 12, tzinfo=ZoneInfo("Asia/Shanghai")), ZoneInfo("Asia/Shanghai"))


def form(*components: Mapping[str, Any], names: frozenset[str] = frozenset()) -> Form:
    schema = {"schemaVersion": 18, "id": "Form_test", "type": "default", "components": list(components)}
    return read_form(json.dumps(schema), "test.form", names)


def faults(
    form: Form, data: Any, variables: Mapping[str, Any] | None = None, env: Environment = NOON
) -> list[tuple[str, str]]:
    return [(fault.key, fault.problem) for fault in form.validate(data, variables or {}, env)]


def problems(component: Mapping[str, Any], value: Any, **variables: Any) -> list[str]:
    found = form({"key": "x", **component}).validate({"x": value}, variables, NOON)
    assert all(fault.key == "x" for fault in found)
    return [fault.problem for fault in found]


def field(kind: str, key: str, **properties: Any) -> dict[str, Any]:
    return {"type": kind, "key": key, "label": f"标{key}", **properties}


def required(kind: str, key: str = "x", **properties: Any) -> dict[str, Any]:
    return field(kind, key, validate={"required": True}, **properties)


AB = [{"label": "甲", "value": "a"}, {"label": "乙", "value": "b"}]

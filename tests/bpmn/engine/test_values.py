"""Values from outside: whatever comes in, the instance lives on, and its state can be written as JSON and read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn import Instance, Options, events
from bpmn.feel.environment import MAX_NESTING
from bpmn.variables import unfit
from tests.bpmn.building import (
    build,
    catch,
    end,
    gateway,
    process,
    receive,
    script,
    service,
    signal,
    start,
    user,
)
from tests.bpmn.engine import driving
from tests.bpmn.engine.driving import START, Drive, reloaded


def nested(depth: int, inside: Any = 1) -> Any:
    """Lists and contexts in each other."""
    for level in range(depth):
        inside = [inside] if level % 2 else {"a": inside}
    return inside


UNFIT: dict[str, tuple[Any, str]] = {
    "deep": (nested(MAX_NESTING + 1), "variable x is nested more than 100 levels deep"),
    "very deep": (nested(5_000), "variable x is nested more than 100 levels deep"),
    "half a character": ("\ud800", "variable x holds a text or a number that JSON does not have"),
    "half a character inside": ([{"\udfff": 1}], "variable x holds a text or a number that JSON does not have"),
    "NaN": (float("nan"), "variable x holds a text or a number that JSON does not have"),
    "infinity inside": ({"a": [float("-inf")]}, "variable x holds a text or a number that JSON does not have"),
}
BROUGHT: dict[str, Callable[[Drive, Any], Any]] = {
    "user task": lambda drive, value: drive.complete("A", x=value),
    "job": lambda drive, value: drive.complete("B", x=value),
    "error": lambda drive, value: drive.error("B", "E", x=value),
    "message": lambda drive, value: drive.message("M", x=value),
    "signal": lambda drive, value: drive.signal("S", x=value),
    "incident": lambda drive, value: (drive.fail("B"), drive.retry("B", x=value)),
}
WAITING = process(
    start(),
    gateway("parallel", "fork"),
    user("A"),
    service("B"),
    receive("C", "M"),
    catch("D", signal("S")),
    end(),
    flows=["start > fork"] + [f"fork > {one} > end" for one in "ABCD"],
)


@pytest.mark.parametrize("value", UNFIT)
@pytest.mark.parametrize("way", BROUGHT)
def test_a_variable_that_cannot_be_kept_is_refused_whatever_brings_it(way: str, value: str) -> None:
    drive = Drive(WAITING, {"key": "k"})

    BROUGHT[way](drive, UNFIT[value][0])

    told = drive.data("incident")[-1:] or drive.data("discarded")
    assert UNFIT[value][1] in (told[0].get("message"), told[0].get("reason"))
    assert drive.variables == {"key": "k"}


@pytest.mark.parametrize("value", UNFIT)
def test_an_instance_does_not_start_with_a_variable_that_cannot_be_kept(value: str) -> None:
    instance = Instance(build(WAITING), "", {"key": "k", "x": UNFIT[value][0]})

    with pytest.raises(ValueError, match=UNFIT[value][1]):
        instance.start(START)

    assert not instance.active


def test_a_name_that_json_does_not_have_is_refused() -> None:
    drive = Drive(WAITING, {"key": "k"})

    drive.tell(events.MessageArrived("M", "k", {"\ud800": 1}))

    assert drive.data("discarded")[0]["reason"] == r"'\ud800' is no name of a variable"


def test_what_is_nested_as_deeply_as_allowed_can_be_computed_with() -> None:
    model = process(start(), user("A"), script("B", "=[count([x]), x = x]", "r"), end(), flows=["start > A > B > end"])
    drive = Drive(model)
    value = nested(MAX_NESTING)

    drive.complete("A", x=value)

    assert drive.variables == {"x": value, "r": [1, True]}


def test_an_incident_says_why_a_value_was_too_much_for_an_expression() -> None:
    model = process(start(), script("A", "=[[x]]", "r"), end(), flows=["start > A > end"])
    drive = Drive(model, {"x": nested(MAX_NESTING)})

    assert drive.problem == "=[[x]]: the value is nested more than 100 levels deep"


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**300), 10**300) | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters()), inner, max_size=4),
    max_leaves=12,
)
EXPRESSIONS = [
    "=x + 1",
    "=x > 1",
    "=[x, x]",
    "=string(x)",
    "=x = x",
    "=x.a",
    "=x[1]",
    "=sort(x, function(a, b) a < b)",
    "=flatten(x)",
    "=x ** 9999",
    "=for i in 1..x return i",
    "=date(x)",
    "=number(x)",
    "=get entries(x)",
]


@settings(deadline=None, max_examples=150)
@given(ANY_JSON, st.sampled_from(EXPRESSIONS))
def test_whatever_value_comes_in_the_state_stays_json(value: Any, expression: str) -> None:
    driving.driven.clear()
    model = build(
        process(
            start(),
            user("A"),
            script("B", expression, "r"),
            gateway("exclusive", "g"),
            user("C"),
            end(),
            flows=["start > A > B > g", f"g > C: {expression}", "g > end: default", "C > end"],
        )
    )
    instance = Instance(model)
    instance.start(START)

    instance.handle(events.TaskCompleted(max(instance.instances), {"x": value}), START)

    records = instance.drain_journal()
    state = instance.dump()
    json.dumps([state, [record.data for record in records]], allow_nan=False, ensure_ascii=False).encode()
    assert reloaded(instance, model, Options()).dump() == state
    assert bool(unfit({"x": value})) == ([kind for kind, _ in instance.incidents.values()] == ["variable"])

"""Definitions: what they hold, and their trip through JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bpmn import Definition, Instance, read, read_all
from bpmn.options import SHANGHAI
from tests.bpmn.building import (
    boundary,
    build,
    call,
    catch,
    condition,
    end,
    error,
    gateway,
    instantiating,
    message,
    model_xml,
    on_event,
    parallel,
    process,
    receive,
    signal,
    start,
    sub,
    throw,
    timer,
    user,
    zeebe,
)
from tests.bpmn.engine.driving import START

MODELS = sorted(Path(__file__).with_name("models").glob("*.bpmn"))


def round_trip(definition: Definition) -> Definition:
    return Definition.load(json.loads(json.dumps(definition.dump(), sort_keys=True)))


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_definition_is_the_same_after_a_trip_through_json_that_sorts_keys(path: Path) -> None:
    definition = read(path.read_bytes(), path.name)

    loaded = round_trip(definition)

    assert loaded == definition
    for name, one in definition.processes.items():
        assert list(loaded.processes[name].elements) == list(one.elements)
        assert list(loaded.processes[name].flows) == list(one.flows)


def test_events_of_every_kind_make_the_trip() -> None:
    several = start("s", message("M"), condition("=x", variableNames="x, y"), timer("cycle=@daily"))
    definition = build(
        process(parallel(several), end("e", signal("S"), error()), flows=["s > e"]),
        process(
            instantiating("G", "Parallel"),
            receive("A", "M"),
            catch("B", condition("=x > 1", variableEvents="create")),
            end("z"),
            flows=["G > A > z", "G > B > z"],
            id_="q",
        ),
    )

    assert round_trip(definition) == definition


def test_the_order_of_the_document_decides_after_a_round_trip_too() -> None:
    model = process(
        start("z"),
        sub("y", start("x"), user("b"), end("a"), flows=["x > b > a"]),
        gateway("exclusive", "w"),
        user("second"),
        user("first"),
        end(),
        flows=["z > y > w", "w > second: =true", "w > first: =true", "second > end", "first > end"],
    )
    definition = build(model)

    journals = []
    for one in (definition, round_trip(definition)):
        instance = Instance(one)
        instance.start(START)
        journals.append(instance.drain_journal())

    assert journals[0] == journals[1]


def calling() -> Definition:
    return build(
        process(start("s1"), call("C", "two"), call("D", "nowhere"), end("e1"), flows=["s1 > C > D > e1"], id_="one"),
        process(start("s2"), call("E", "three"), end("e2"), flows=["s2 > E > e2"], id_="two"),
        process(start("s3"), call("F", "one"), end("e3"), flows=["s3 > F > e3"], id_="three"),
        process(start("s4"), call("G", "=next"), end("e4"), flows=["s4 > G > e4"], id_="four"),
    )


def test_a_process_travels_with_everything_it_can_call() -> None:
    assert sorted(calling().closure("one").processes) == ["one", "three", "two"]


def test_a_process_that_computes_what_it_calls_travels_with_every_process() -> None:
    assert sorted(calling().closure("four").processes) == ["four", "one", "three", "two"]


@pytest.mark.parametrize(
    ("expression", "needed"),
    [
        ('="two"', ["caller", "three", "two"]),
        ('=if kv >= 35 then "three" else "two"', ["caller", "three", "two"]),
        ('=if kv >= 35 then "three" else if kv >= 10 then "three" else "nowhere"', ["caller", "three"]),
        ('=if kv >= 35 then "three" else other', ["caller", "four", "three", "two"]),
        ('=if kv >= 35 then "three" else null', ["caller", "four", "three", "two"]),
    ],
)
def test_a_process_that_chooses_among_named_ones_travels_with_these_alone(expression: str, needed: list[str]) -> None:
    definition = build(
        process(start("s1"), call("C", expression), end("e1"), flows=["s1 > C > e1"], id_="caller"),
        process(start("s2"), call("E", "three"), end("e2"), flows=["s2 > E > e2"], id_="two"),
        process(start("s3"), end("e3"), flows=["s3 > e3"], id_="three"),
        process(start("s4"), end("e4"), flows=["s4 > e4"], id_="four"),
    )

    assert sorted(definition.closure("caller").processes) == needed


def test_a_process_travels_with_its_forms() -> None:
    form = json.dumps({"type": "default", "id": "f", "components": []})
    other = json.dumps({"type": "default", "id": "g", "components": []})
    model = process(start(), user("A", zeebe("formDefinition", formId="f")), end(), flows=["start > A > end"])
    definition = read_all({"m.bpmn": model_xml(model), "f.form": form, "g.form": other})

    assert list(definition.forms) == ["f", "g"]
    assert list(definition.closure("p").forms) == ["f"]
    assert list(round_trip(definition).forms) == ["f", "g"]


def test_a_definition_tells_which_messages_its_processes_know() -> None:
    model = process(
        start("begin", message("Order", key="")),
        receive("A", "Paid"),
        boundary("A", "b", message("Cancel")),
        throw("T", message("Thanks")),
        end(),
        end("end2"),
        on_event("E", message("Stop"), then="U"),
        on_event("F", timer("PT1H"), then="V"),
        flows=["begin > A > T > end", "b > end2"],
    )
    definition = build(model)

    assert definition.messages() == {"p": ("Order", "Paid", "Cancel", "Stop")}
    assert definition.message_starts() == {"Order": "p"}


def test_a_definition_tells_which_signals_its_instances_hear() -> None:
    model = process(
        start("begin", signal("Morning")),
        catch("A", signal("Noon")),
        catch("B", signal("=evening")),
        throw("T", signal("Night")),
        end(),
        on_event("E", signal("Alarm"), then="U"),
        flows=["begin > A > B > T > end"],
    )

    assert build(model).signals() == {"p": ("Noon", "", "Alarm")}


def test_an_instance_reads_no_clock_of_its_own() -> None:
    instance = Instance(build(process(start(), user("A"), end(), flows=["start > A > end"])))
    instance.start(START)

    assert {record.at for record in instance.drain_journal()} == {START}
    assert START.tzinfo is SHANGHAI

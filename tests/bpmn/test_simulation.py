"""Whole models in virtual time: calls, messages and signals between instances, time that passes."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bpmn import read
from bpmn.journal import Record
from bpmn.options import SHANGHAI
from bpmn.simulation import Action, Running, Script, Sent, Simulation
from tests.bpmn.building import (
    TERMINATE,
    boundary,
    build,
    call,
    end,
    escalation,
    gateway,
    listeners,
    process,
    start,
    task,
    throw,
    user,
)
from tests.bpmn.building_data import assigned, computed, item, reads, specification, writes

MODELS = Path(__file__).with_name("models")
START = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)


class Played:
    """A model played from start to rest."""

    def __init__(self, model: str, process: str, script: dict[str, Any] | None = None, **variables: Any) -> None:
        definition = read((MODELS / f"{model}.bpmn").read_bytes(), model)
        self.simulation = Simulation(definition, START, Script.from_json({"elements": {}, **(script or {})}))
        self.lines: list[tuple[Running, Record]] = list(self.simulation.run(process, variables))

    def path(self, event: str, instance: str) -> list[str]:
        return [r.element for running, r in self.lines if r.event == event and running.name == instance]

    @property
    def outcomes(self) -> dict[str, str]:
        return {running.name: running.instance.outcome for running in self.simulation.running}


def test_a_review_is_repeated_until_everybody_agrees() -> None:
    opinions = [{"variables": {"agreed": agreed}} for agreed in (True, False, True, True)]

    played = Played("review", "review", {"elements": {"opinion": opinions}}, departments=["发展部", "运检部"])

    assert played.path("completed", "review").count("draft") == 2
    assert played.simulation.variables["opinions"] == [True, True]
    assert played.outcomes == {"review": "completed"}


def test_reminders_come_in_time_while_a_task_takes_long() -> None:
    script = {"elements": {"opinion": [{"after": "P10D", "variables": {"agreed": True}}]}}

    played = Played("review", "review", script, departments=["发展部"])

    reminded = [record.at for _, record in played.lines if (record.event, record.element) == ("activated", "remind")]
    assert reminded == [START + timedelta(days=3), START + timedelta(days=6)]
    assert played.simulation.now == START + timedelta(days=10)


def test_a_called_process_brings_its_results_back() -> None:
    played = Played("withdrawal", "case", {"elements": {"issue": [{"variables": {"issueNo": "L-1"}}]}}, caseNo="1")

    assert played.outcomes == {"case": "completed", "case/works-4": "completed"}
    assert played.simulation.variables == {"caseNo": "1", "issueNo": "L-1"}


def test_a_withdrawal_reaches_the_called_process_and_what_it_took_is_given_back() -> None:
    script = {
        "elements": {"issue": [{"variables": {"issueNo": "L-1"}}], "build": [{"do": "wait"}]},
        "messages": [{"name": "Withdraw", "correlationKey": "1", "after": "P2D"}],
    }

    played = Played("withdrawal", "case", script, caseNo="1")

    assert played.path("terminated", "case") == ["run_works"]
    assert played.path("terminated", "case/works-4") == ["build"]
    assert "give_back" in played.path("completed", "case/works-4")
    assert "archive_withdrawn" in played.path("completed", "case")
    assert played.outcomes == {"case": "completed", "case/works-4": "completed"}


def test_escalations_and_errors_of_called_processes_reach_their_callers() -> None:
    played = Played("called", "outer", {"elements": {"check": [{"do": "error", "code": "broken"}]}})

    done = played.path("completed", "outer")
    assert {"stopped", "noted", "repaired", "second"} <= set(done)
    assert played.path("terminated", "outer") == ["first", "third"]
    assert sorted(played.outcomes.values()) == ["completed", "completed", "failed", "terminated"]


def test_a_called_process_goes_on_where_the_nearest_catcher_of_its_escalation_does_not_interrupt() -> None:
    leaf = process(
        start("s3"),
        throw("T", escalation("X")),
        task("task", "after"),
        end("e3"),
        flows=["s3 > T > after > e3"],
        id_="leaf",
    )
    middle = process(
        start("s2"),
        call("L", "leaf"),
        boundary("L", "b", escalation("X"), interrupting=False),
        task("task", "noted"),
        end("e2"),
        flows=["s2 > L > e2", "b > noted > e2"],
        id_="middle",
    )
    top = process(
        start("s1"),
        call("M", "middle"),
        boundary("M", "c", escalation("X")),
        end("e1"),
        flows=["s1 > M > e1", "c > e1"],
        id_="top",
    )
    simulation = Simulation(build(leaf, middle, top), START)

    done = [record.element for _, record in simulation.run("top", {}) if record.event == "completed"]

    assert {"noted", "after"} <= set(done)
    assert [running.instance.outcome for running in simulation.running] == ["completed"] * 3


def test_a_message_is_sent_and_its_answer_waited_for() -> None:
    paid = {"messages": [{"name": "Paid", "correlationKey": "7", "variables": {"amount": 5}, "after": "P6D"}]}

    assert "bought" in Played("payment", "buyer", paid, orderNo=7).path("completed", "buyer")
    assert "expired" in Played("payment", "buyer", None, orderNo=7).path("completed", "buyer")


def test_a_message_that_is_sent_early_is_kept() -> None:
    early = {"messages": [{"name": "Paid", "correlationKey": "7"}]}

    assert "bought" in Played("payment", "buyer", early, orderNo=7).path("completed", "buyer")


def test_a_signal_reaches_every_instance_of_the_case() -> None:
    script = {"elements": {"decide": [{"after": "P1D"}]}}

    assert Played("signals", "tree", script).outcomes == {"tree": "completed", "tree/leaf-4": "completed"}


def test_a_signal_may_come_from_outside() -> None:
    script = {"elements": {"decide": [{"do": "wait"}]}, "signals": [{"name": "Halt", "after": "PT1H"}]}

    assert Played("signals", "tree", script).outcomes == {"tree": "", "tree/leaf-4": "completed"}


def test_a_called_process_that_is_not_there_is_an_incident() -> None:
    definition = read((MODELS / "withdrawal.bpmn").read_bytes())
    simulation = Simulation(type(definition)({"case": definition.processes["case"]}), START)
    list(simulation.run("case", {"caseNo": "1"}))

    ((kind, problem),) = simulation.running[0].instance.incidents.values()
    assert (kind, problem) == ("call", "process works is not there")


def test_a_called_process_that_is_not_there_can_be_called_off() -> None:
    shapes = [start(), gateway("parallel", "F"), call("C", "nowhere"), end("stop", TERMINATE), end()]
    simulation = Simulation(build(process(*shapes, flows=["start > F > C > end", "F > stop"])), START)

    list(simulation.run("p", {}))

    assert simulation.outcome == "completed"


def test_a_failing_job_is_an_incident_and_nothing_more_happens() -> None:
    played = Played(
        "withdrawal", "case", {"elements": {"archive": [{"do": "fail", "message": "no shelf"}]}}, caseNo="1"
    )

    assert list(played.simulation.running[0].instance.incidents.values()) == [("job", "no shelf")]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"elements": []},
        {"elements": {"A": [{"do": "dance"}]}},
        {"elements": {"A": [{"dance": 1}]}},
        {"elements": {"A": {"do": "wait"}}},
        {"elements": {}, "messages": [{}]},
        {"elements": {}, "messages": [{"name": "M", "after": "soon"}]},
        {"elements": {"A": [{"after": "soon"}]}},
        {"elements": {"A": [{"variables": 5}]}},
        {"elements": {"A": [{"variables": {"x": float("nan")}}]}},
        [],
    ],
)
def test_a_script_of_another_form_is_an_error(data: Any) -> None:
    with pytest.raises(ValueError, match="script"):
        Script.from_json(data)


def test_a_script_is_read_as_it_is_written() -> None:
    script = Script.from_json(
        {
            "elements": {"A": [{"do": "error", "code": "E", "after": "PT1H"}]},
            "messages": [{"name": "M", "correlationKey": 7}],
            "signals": [{"name": "S", "variables": {"x": 1}}],
        }
    )

    assert script == Script(
        {"A": [Action("error", code="E", after="PT1H")]}, [Sent("M", "7")], [Sent("S", "", {"x": 1})]
    )


def test_data_stores_keep_what_is_put_into_them() -> None:
    put = task("task", "A", writes("", "store", assigned("=[1, 2]", "store.numbers")))
    get = task("userTask", "B", specification(["sum"]), reads("store", "sum", computed("=sum(store.numbers)")))
    model = process(start(), put, get, end(), flows=["start > A > B > end"])
    model.parts = (item("dataStoreReference", "store"),)
    simulation = Simulation(build(model), START, Script({"B": [Action("wait")]}))

    records = list(simulation.run("p", {}))

    instance = simulation.running[0].instance
    assert simulation.stores == {"store": {"numbers": [1, 2]}}
    assert instance.variables(max(instance.instances)) == {"sum": 3}
    assert [record.event for _, record in records if record.event in ("written", "read")] == ["written", "read"]


def test_two_offers_of_three_are_enough_and_the_third_is_filed() -> None:
    """Complex gateway, data, a data store, lanes and the standard's correlation in one model."""
    script = {
        "elements": {
            "ask_a": [{"after": "PT2H", "variables": {"offer": 20}}],
            "ask_b": [{"after": "PT1H", "variables": {"offer": 10}}],
            "ask_c": [{"after": "P1D"}],
            "choose": [{"variables": {"chosen": "B"}}],
        },
        "messages": [{"name": "offer chosen", "correlationKey": "7", "after": "P2D"}],
    }

    played = Played("offers", "offers", script, number=7)

    assert played.outcomes == {"offers": "completed"}
    assert played.path("completed", "offers").count("enough") == 2
    assert played.path("completed", "offers")[-6:] == ["enough", "file", "end", "confirmed", "end", "offers"]
    assert played.simulation.stores == {"suppliers": {"last": "B"}}
    assert played.simulation.variables == {"number": 7, "late": True, "offers": [10, 20]}
    opened = {record.element: record.data["lane"] for _, record in played.lines if record.event == "opened"}
    assert opened == {"ask_a": "询价班", "ask_b": "询价班", "ask_c": "询价班", "choose": "物资部"}


def test_an_open_task_is_assigned_and_updated_before_it_is_completed_each_once_its_listeners_are_done() -> None:
    rows = ("assigning: a1", "assigning: a2", "updating: u")
    definition = build(process(start(), user("A", listeners(*rows, of="task")), end(), flows=["start > A > end"]))
    changes = [
        {"do": "assign", "result": {"assignee": "wang"}},
        {"do": "update", "result": {"priority": 80}},
        {"do": "update", "result": {"priority": 90}, "after": "PT1H"},
    ]
    heard = {"A:updating": [{"after": "PT1H"}, {"do": "deny", "message": "too urgent"}]}
    script = Script.from_json({"elements": {"A": changes, **heard}})

    records = [record for _, record in Simulation(definition, START, script).run("p", {})]

    told = [(one.event, one.data.get("changes")) for one in records if one.event in ("assigned", "updated", "denied")]
    assert told == [("assigned", {"assignee": "wang"}), ("updated", {"priority": 80}), ("denied", None)]
    assert records[-1].event == "completed"

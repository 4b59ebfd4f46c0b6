"""A diagram's state by its journal is the state that the engine itself has, after any event of any run."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bpmn.instance import Instance
from bpmn.journal import Record as EngineRecord
from domain.diagram_state import DiagramState, ElementState, StandingIncident, diagram_state
from domain.records import Record
from tests.bpmn.engine import driving
from tests.bpmn.engine.driving import Drive
from tests.bpmn.engine.generating import VARIABLES, Maker, Run
from tests.bpmn.processes.play import WALKS, begun, read_definition


def sent(one: EngineRecord) -> Record:
    """The record as a case sends it."""
    key, scope = (str(number) if number else "" for number in (one.key, one.scope))
    return Record(one.seq, one.at.isoformat(), one.event, one.element, one.type, one.name, scope, key, one.data)


def record(seq: int, event: str, element: str, key: str, scope: str = "1", **data: object) -> Record:
    return Record(seq, "2026-03-05T10:00:00+08:00", event, element, "userTask", element, scope, key, data)


def active(state: DiagramState) -> dict[str, int]:
    return {element: one.active for element, one in state.elements.items() if one.active}


def assert_same(state: DiagramState, instance: Instance) -> None:
    """The replayed state is what the live instance says."""
    live = [one for one in instance.instances.values() if one.role != "body"]
    assert active(state) == dict(Counter(one.element for one in live))
    timers = {element: len(one.timers) for element, one in state.elements.items() if one.timers}
    assert timers == dict(Counter(wait.element for wait in instance.waits if wait.kind == "timer"))
    stopped = {(int(found.key), found.kind) for one in state.elements.values() for found in one.incidents}
    assert stopped == {(key, kind) for key, (kind, _) in instance.incidents.items()}


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.randoms(use_true_random=False))
def test_after_every_event_the_journal_gives_the_state_of_the_engine(chance: Random) -> None:
    driving.driven.clear()
    drive = Drive(Maker(chance, 14).model(), VARIABLES)
    run = Run(drive, chance)
    for _ in range(25):
        assert_same(diagram_state(map(sent, drive.records)), drive.instance)
        if not drive.outcome:
            run.anything()


@pytest.mark.parametrize("name", WALKS)
def test_at_any_moment_of_a_walk_the_journal_gives_the_state_of_the_engine(name: str) -> None:
    play = begun(read_definition(), name)
    for act in WALKS[name]["acts"]:
        play.act(act)
        if play.case in play.running:
            own = [sent(one) for process, one in play.journal if process == WALKS[name].get("process", "hv_connection")]
            assert_same(diagram_state(own), play.case.instance)


def test_flows_are_counted_as_often_as_they_are_taken() -> None:
    again = [record(seq, "completed", "draft", str(seq), flows=["to_review"]) for seq in (2, 3)]

    assert diagram_state(again).flows == {"to_review": 2}


def test_an_incident_stands_until_it_is_resolved() -> None:
    stopped = record(2, "incident", "write", "5", kind="job", message="缺电压")
    records = [record(1, "activated", "write", "5"), stopped]

    before = diagram_state(records).elements["write"]
    after = diagram_state([*records, record(3, "resolved", "write", "5")]).elements["write"]

    assert before == ElementState(active=1, incidents=(StandingIncident("5", "job", "缺电压"),))
    assert after == ElementState(active=1)


def test_a_repeating_timer_waits_on_when_its_event_has_begun() -> None:
    records = [
        record(1, "activated", "supply", "5"),
        record(2, "scheduled", "remind", "6", "5", due="a"),
        record(3, "scheduled", "remind", "6", "5", due="b"),
        record(4, "activated", "remind", "7"),
    ]

    assert diagram_state(records).elements["remind"] == ElementState(active=1, timers=("b",))


def test_a_timer_that_has_been_stopped_is_not_waited_for_until_it_is_set_again() -> None:
    begun = [
        record(1, "activated", "A", "2"),
        record(2, "scheduled", "late", "3", "2", due="2026-03-06T10:00:00+08:00"),
    ]
    stopped = [*begun, record(3, "unscheduled", "late", "3", "2")]
    again = [*stopped, record(4, "scheduled", "late", "3", "2", due="2026-03-07T10:00:00+08:00")]

    assert diagram_state(stopped).elements["late"].timers == ()
    assert diagram_state(again).elements["late"].timers == ("2026-03-07T10:00:00+08:00",)


def test_an_element_that_has_moved_to_another_version_is_active_where_it_is_now() -> None:
    state = diagram_state([record(1, "activated", "A", "2"), record(2, "migrated", "B", "2", was="A")])

    assert active(state) == {"B": 1}

"""Slices: where one ends, and events that come between two of them."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bpmn import Instance, Options, commands, events
from tests.bpmn.building import build, end, multi, process, script, start, user
from tests.bpmn.engine import driving
from tests.bpmn.engine.driving import START, Drive, reloaded
from tests.bpmn.engine.generating import VARIABLES, Maker, Run


def row(count: int, expression: str = "=x + 1") -> Instance:
    """A row of script tasks before a user task."""
    names = [f"s{n}" for n in range(count)]
    scripts = [script(name, expression, "x") for name in names]
    model = process(start(), *scripts, user("A"), end(), flows=[" > ".join(["start", *names, "A", "end"])])
    return Instance(build(model), "", {"x": 0}, Options(slice_steps=1))


def slices(instance: Instance, options: Options) -> list[int]:
    """How many scripts each slice of a started instance ran."""
    started = Instance(instance.definition, "", {"x": 0}, options)
    done = []
    started.start(START)
    while True:
        ended = [record for record in started.drain_journal() if record.event == "completed"]
        done.append(len([record for record in ended if record.type == "scriptTask"]))
        if not started.pending:
            return done
        started.proceed(START)


def test_a_slice_takes_as_many_steps_as_the_options_allow() -> None:
    assert max(slices(row(40), Options(slice_steps=10))) <= 10
    assert sum(slices(row(40), Options(slice_steps=10))) == 40


def test_without_a_limit_everything_is_done_at_once() -> None:
    assert slices(row(40), Options()) == [40]


def test_a_slice_ends_where_its_expressions_have_taken_its_budget() -> None:
    busy = row(12, "=x + count(for i in 1..200 return i) - 199")
    (whole,) = slices(busy, Options())
    done = slices(busy, Options(slice_budget=1000))

    assert whole == sum(done) == 12
    assert len(done) > 2
    assert 0 < max(done) < 12


def test_an_expression_that_runs_out_of_its_budget_counts_with_all_of_it() -> None:
    items = script("A", "=count(for i in 1..n return i)", "r", multi("=[1, 2, 3, 4, 5, 6]"))
    definition = build(process(start(), items, end(), flows=["start > A > end"]))
    instance = Instance(definition, "", {"n": 100_000}, Options(budget=1000, slice_budget=2500))

    raised = [len([c for c in instance.start(START) if isinstance(c, commands.RaiseIncident)])]
    while instance.pending:
        raised.append(len([c for c in instance.proceed(START) if isinstance(c, commands.RaiseIncident)]))

    assert sum(raised) == 6
    assert max(raised) == 3


@pytest.mark.parametrize("budget", [0, 1])
def test_a_slice_takes_at_least_one_step_however_small_its_budget(budget: int) -> None:
    assert sum(slices(row(5), Options(slice_budget=budget))) == 5


class Interrupted(Drive):
    """A drive whose events come while steps of the one before are left over."""

    def __init__(self, chance: Random, size: int) -> None:
        self._chance = chance
        super().__init__(Maker(chance, size).model(), VARIABLES, slice_steps=1)

    def _do(self, act: Callable[[Instance], list[commands.Command]]) -> list[commands.Command]:
        asked = list(self._heard(act))
        for _ in range(self._chance.choice([0, 0, 1, 2, 5])):
            if self.instance.pending:
                asked += self._heard(lambda instance: instance.proceed(self.now))
        return asked

    def _heard(self, act: Callable[[Instance], list[commands.Command]]) -> list[commands.Command]:
        asked = act(self.instance)
        self.records += self.instance.drain_journal()
        self.ledger.follow(asked)
        if self._chance.random() < 0.2:
            self.instance = reloaded(self.instance, self.definition, self.options)
        return asked

    def come_to_rest(self) -> None:
        """Take every step that is left over."""
        while self.instance.pending:
            self._heard(lambda instance: instance.proceed(self.now))


class Hurried(Run):
    """A random run that waits for the instance to rest only where nothing can come from outside."""

    drive: Interrupted

    def late(self) -> None:
        for kind in (events.JobCompleted, events.TaskCompleted, events.CallCompleted, events.TimerFired):
            self.drive.tell(kind(self.chance.choice([*self.closed, 10**6])))

    def towards_the_end(self) -> None:
        self.drive.come_to_rest()
        if not self.drive.outcome:
            super().towards_the_end()


def hurried(chance: Random, size: int, steps: int) -> Any:
    """A run in which events come between slices; everything left over is done at its end."""
    drive = Interrupted(chance, size)
    Hurried(drive, chance).play(steps)
    drive.come_to_rest()
    return drive


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], max_examples=60)
@given(st.randoms(use_true_random=False))
def test_events_may_come_between_slices(chance: Random) -> None:
    driving.driven.clear()

    drive = hurried(chance, 12, 30)

    drive.check()
    assert drive.outcome == "completed"


@pytest.mark.parametrize("seed", range(40))
def test_events_may_come_between_the_slices_of_a_larger_model(seed: int) -> None:
    assert hurried(Random(seed), 40, 80).outcome == "completed"


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1000, 2000))
def test_events_may_come_between_the_slices_of_many_models(seed: int) -> None:
    assert hurried(Random(seed), 30, 80).outcome == "completed"

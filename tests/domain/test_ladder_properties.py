"""Whatever happens to a clock, levels come in order, once, and never after its end."""

from __future__ import annotations

import datetime as dt
import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from domain.ladder import Escalation, Ladder
from domain.levels import LadderSettings, Level
from tests.domain.ladder_case import MINUTE, TASK, Case, at

LIMITS = ["supply_plan_reply", "survey", "grid_works", "energization", "late_contract", "acceptance"]
START = at("2026-01-05T09:00")
acts = st.lists(
    st.tuples(
        st.sampled_from(["poll", "end", "again", "begin", "issue", "answer", "move", "late end", "yellow", "carry"]),
        st.integers(1, 20 * 24 * 60),
        st.integers(0, 5 * 24 * 60),
    ),
    max_size=25,
)


def play(limit: str, story: list[tuple[str, int, int]], *, timer: bool) -> tuple[Case, list[Escalation]]:
    """A case lived through: acts at their minutes; with `timer` polled at every next instant, as the workflow does."""
    case = Case(limit, START.isoformat()[:16], milestones=(TASK,))
    now, raised = START, list[Escalation]()
    for act, wait, back in story:
        until = now + dt.timedelta(minutes=wait)
        while timer and (coming := case.ladder.next_instant()) and coming.at <= until:
            found = case.ladder.reached(max(coming.at, now))
            assert found, "the timer fired and nothing was raised"
            raised += found
        now = until
        happened = now - dt.timedelta(minutes=back)
        if act in ("end", "again", "begin", "issue"):
            case.record(act, now)
        elif act == "late end":
            case.record("end", now, happened)
        elif act == "answer" and (order := case.ladder.order("clock")) and not order.answer:
            case.ladder.answer("clock", "staff", now + MINUTE, "li", now)
        elif act == "move" and case.clock.running:
            case.clocks.move(case.clock.id, now + dt.timedelta(minutes=back + 1), "chen", "改期", now)
        elif act == "yellow":
            case.ladder.third_yellow("clock")
        elif act == "carry":
            state = json.loads(json.dumps([case.clocks.dump(), case.ladder.dump()]))
            case.clocks.load(state[0])
            case.ladder = Ladder(case.clocks, case.ladder.settings)
            case.ladder.load(state[1])
        if act != "poll" and not timer:
            continue
        raised += case.ladder.reached(now)
    return case, raised


@given(st.sampled_from(LIMITS), acts, st.booleans())
def test_levels_come_in_order_and_never_repeat(limit: str, story: list[tuple[str, int, int]], timer: bool) -> None:
    _, raised = play(limit, story, timer=timer)

    keys = [escalation.key for escalation in raised]
    assert len(keys) == len(set(keys))
    for name in {escalation.clock for escalation in raised}:
        levels = [escalation.level for escalation in raised if escalation.clock == name]
        assert all(lower < higher for lower, higher in pairwise(levels))


@given(st.sampled_from(LIMITS), acts)
def test_asking_again_raises_nothing(limit: str, story: list[tuple[str, int, int]]) -> None:
    case, _ = play(limit, story, timer=True)
    far = START + dt.timedelta(days=2000)
    case.ladder.reached(far)

    assert case.ladder.reached(far + dt.timedelta(days=1)) == []
    assert case.ladder.next_instant() is None


@given(st.sampled_from(LIMITS), st.integers(0, 120 * 24 * 60), st.integers(0, 40 * 24 * 60), st.booleans())
def test_a_clock_ended_before_an_instant_never_fires_at_it(
    limit: str, done_after: int, recorded_after: int, timer: bool
) -> None:
    ended = START + dt.timedelta(minutes=done_after)
    recorded = ended + dt.timedelta(minutes=recorded_after)
    case = Case(limit, START.isoformat()[:16])
    before = list[Escalation]()
    while timer and (coming := case.ladder.next_instant()) and coming.at < recorded:
        before += case.ladder.reached(coming.at)
    case.record("end", recorded, happened=ended)
    after = case.ladder.reached(recorded) + case.ladder.reached(recorded + dt.timedelta(days=500))

    assert all(escalation.at < ended for escalation in after)
    assert {one.key for one in before if one.at >= ended} == {one.key for one in case.ladder.done_in_time(recorded)}


@given(st.sampled_from(LIMITS), st.integers(0, 300 * 24 * 60), st.sampled_from(["24:00", "17:30"]))
def test_instants_stand_in_the_order_of_the_levels(limit: str, minutes: int, close: str) -> None:
    start = START + dt.timedelta(minutes=minutes)
    case = Case(limit, start.isoformat()[:16], close=close)

    instants = list(case.ladder.instants(case.clock).values())

    assert len(instants) == len(Level)
    assert instants == sorted(instants)
    assert instants[0] >= start


@given(acts)
def test_what_travels_on_goes_on_the_same(story: list[tuple[str, int, int]]) -> None:
    without = [(act if act != "carry" else "poll", wait, back) for act, wait, back in story]

    _, straight = play("supply_plan_reply", without, timer=True)
    _, carried = play("supply_plan_reply", [(act, wait, back) for act, wait, back in story], timer=True)

    assert carried == straight


@given(st.sampled_from(LIMITS), st.integers(0, 200 * 24 * 60), st.booleans())
def test_one_timer_is_enough_and_every_time_it_fires_something_is_to_be_said(
    limit: str, done_after: int, acknowledged: bool
) -> None:
    case = Case(limit, START.isoformat()[:16], milestones=(TASK,))
    case.ladder.settings = LadderSettings(repeat_most=3)
    last, said = START, list[str]()
    while (coming := case.ladder.next_instant()) and coming.at < START + dt.timedelta(minutes=done_after):
        assert coming.at >= last
        last = coming.at
        now = [*case.ladder.reached(coming.at), *case.ladder.repeats(coming.at)]
        assert (coming.clock, coming.level, coming.repeat) in [(one.clock, one.level, one.repeat) for one in now]
        said += [one.key for one in now]
        if acknowledged:
            case.ladder.acknowledge(coming.clock, coming.level)
    case.record("end", START + dt.timedelta(minutes=done_after))

    following = case.ladder.next_instant()
    assert following is None or following.clock == "clock.task"
    assert len(said) == len(set(said))

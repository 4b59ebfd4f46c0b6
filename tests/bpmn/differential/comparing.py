"""One random run of one random model in both engines, compared at every rest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from random import Random

from tests.bpmn.differential.generating import Feel, Maker, Python
from tests.bpmn.differential.running import Act, Ours, Spiff

_STEPS = 200


@dataclass(frozen=True)
class Played:
    """What a model was made of, what happened, and what was completed."""

    used: Counter[str]
    acts: tuple[tuple[Act, int], ...]
    completed: Counter[str]


def play(seed: int) -> Played:
    """The whole run of one seed. Raises `AssertionError` where the engines differ at a rest, or where it does not end.

    What is completed is compared as a multiset at each rest, and so is what may happen next.
    """
    maker, same = Maker(seed, Feel()), Maker(seed, Python())
    ours, theirs = Ours(maker.xml()), Spiff(same.xml())
    chance, acts = Random(seed), list[tuple[Act, int]]()
    for _ in range(_STEPS):
        completed, choices = ours.completed(), ours.choices()
        assert completed == theirs.completed(), f"seed {seed}: completed differs after {acts}"
        assert choices == theirs.choices(), f"seed {seed}: what may happen differs after {acts}"
        assert ours.ended == theirs.ended, f"seed {seed}: one has ended after {acts}"
        if ours.ended:
            return Played(maker.used, tuple(acts), completed)
        act, value = chance.choice(choices), chance.randint(0, 9)
        acts.append((act, value))
        theirs.do(ours.do(act, value), value)
    raise AssertionError(f"seed {seed}: not ended after {acts}")

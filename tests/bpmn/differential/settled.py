"""Where the engines differ, and which of them BPMN 2.0 (formal/2013-12-09) sides with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.bpmn.building import (
    Part,
    Shape,
    boundary,
    catch,
    end,
    error,
    gateway,
    message,
    model_xml,
    process,
    start,
    sub,
    task,
)
from tests.bpmn.differential.generating import Feel


@dataclass(frozen=True)
class Settled:
    """A difference with the smallest model that shows it: after the `acts`, `completed` is what the standard asks for.

    `how` tells how the random models keep clear of it. The acts name kind and element; each means the oldest such.
    `mended` are those that `running.Spiff` corrects, so that it does not show them.
    """

    difference: str
    standard: str
    how: str
    model: Callable[[Feel], Shape]
    acts: tuple[tuple[str, str], ...]
    completed: dict[str, int]
    mended: bool = False

    def xml(self, words: Feel) -> str:
        """The model in one dialect."""
        return model_xml(self.model(words))


def _beside(words: Feel) -> Shape:
    """A user task with a boundary event that does not interrupt it."""
    shapes = [
        start("s"),
        words.user("A"),
        boundary("A", "b", _message("b"), interrupting=False),
        end("e"),
        end("heard"),
    ]
    return process(*shapes, flows=["s > A > e", "b > heard"])


def _each_waits(words: Feel) -> Shape:
    body = sub("P", words.many(2, False), start("t"), catch("m", _message("m")), end("f"), flows=["t > m > f"])
    return process(start("s"), body, end("e"), flows=["s > P > e"])


def _fails(words: Feel) -> Shape:
    failing = sub("P", start("t"), words.user("A"), end("f", error("E")), flows=["t > A > f"])
    shapes = [start("s"), failing, boundary("P", "b", error("E")), end("e"), end("caught")]
    return process(*shapes, flows=["s > P > e", "b > caught"])


def _fails_beside(words: Feel) -> Shape:
    """The error is thrown beside the sub-process `Q`, in the sub-process `P`; both have an event that catches it."""
    inner = sub("Q", start("u"), words.user("B"), end("g"), flows=["u > B > g"])
    content = [start("t"), gateway("parallel", "split"), inner, boundary("Q", "near", error("E")), end("h"), end("n")]
    flows = ["t > split > Q > h", "near > n", "split > A > f"]
    outer = sub("P", *content, words.user("A"), end("f", error("E")), flows=flows)
    shapes = [start("s"), outer, boundary("P", "far", error("E")), end("e"), end("caught")]
    return process(*shapes, flows=["s > P > e", "far > caught"])


def _two_rounds(words: Feel, kind: str) -> Shape:
    """A fork and join of a kind inside a loop that never ends."""
    again = words.condition("v_D < 1")
    yes = f": {words.condition('1 > 0')}" if kind == "inclusive" else ""
    shapes = [start("s"), gateway("exclusive", "merge"), gateway(kind, "split"), words.user("A"), words.user("B")]
    shapes += [gateway(kind, "join"), words.user("D"), gateway("exclusive", "turn"), end("e")]
    flows = ["s > merge > split", f"split > A{yes}", f"split > B{yes}", "A > join", "B > join", "join > D > turn"]
    return process(*shapes, flows=[*flows, f"turn > merge: {again}", "turn > e: default"])


def _each_interrupted(words: Feel) -> Shape:
    body = sub("P", words.many(2, False), start("t"), words.user("A"), end("f"), flows=["t > A > f"])
    shapes = [start("s"), body, boundary("P", "b", _message("b")), end("e"), end("stopped")]
    return process(*shapes, flows=["s > P > e", "b > stopped"])


def _undefined(words: Feel) -> Shape:
    shapes = [start("s"), task("task", "A"), task("manualTask", "B"), end("e")]
    return process(*shapes, flows=["s > A > B > e"])


def _message(name: str) -> Part:
    return message(f"M_{name}", '="k"')


SETTLED = (
    Settled(
        "SpiffWorkflow hears a boundary event that does not interrupt only once",
        "§10.5.4, attributes of the boundary event: of one that does not cancel the activity several handlers may run"
        " at once; §13.5.3: the activity goes on, and with it the event",
        "an event that does not interrupt happens at most once for each activity instance (`Ours.choices`)",
        _beside,
        (("message", "b"), ("message", "b")),
        {"s": 1, "b": 2, "heard": 2},
    ),
    Settled(
        "SpiffWorkflow gives one message to everything that waits for its name",
        "§10.5.1 and §8.4.2: a message is for one receiver, found by correlation; a signal (§10.5.5) is for all",
        "a message is given to one task of SpiffWorkflow by hand (`Spiff.do`)",
        _each_waits,
        (("message", "m"),),
        {"s": 1, "t": 2, "m": 1, "f": 1, "P": 1},
        mended=True,
    ),
    Settled(
        "SpiffWorkflow counts a sub-process as completed that an error has ended",
        "§13.3.2, life cycle of an activity: interrupted by an error it fails, and is never completed",
        "such a sub-process is not counted (`running._interrupted`)",
        _fails,
        (("task", "A"),),
        {"s": 1, "t": 1, "A": 1, "f": 1, "b": 1, "caught": 1},
        mended=True,
    ),
    Settled(
        "SpiffWorkflow lets an error be caught beside where it was thrown",
        "§10.5.1: a trigger is propagated to the innermost enclosing scope that has an event to catch it",
        "each boundary event has an error code of its own",
        _fails_beside,
        (("task", "A"),),
        {"s": 1, "t": 1, "split": 1, "u": 1, "A": 1, "f": 1, "far": 1, "caught": 1},
    ),
    Settled(
        "SpiffWorkflow joins at an inclusive gateway while a token can still come: in the second round of a loop, from"
        " behind gateways on the way, and from an activity with something inside",
        "§13.4.3: it joins once no token can reach an empty incoming flow by a path around the gateway",
        "ways between inclusive gateways hold single elements, and no loop holds such gateways",
        lambda words: _two_rounds(words, "inclusive"),
        (("task", "A"), ("task", "B"), ("task", "D"), ("task", "A")),
        {"s": 1, "merge": 2, "split": 2, "A": 2, "B": 1, "join": 1, "D": 1, "turn": 1},
    ),
    Settled(
        "SpiffWorkflow joins at a parallel gateway with a token of the round before",
        "§13.4.1: it joins when there is a token on each incoming flow, and each is consumed once",
        "a loop holds parallel forks only inside sub-processes, where each round begins anew",
        lambda words: _two_rounds(words, "parallel"),
        (("task", "A"), ("task", "B"), ("task", "D"), ("task", "B")),
        {"s": 1, "merge": 2, "split": 2, "A": 1, "B": 2, "join": 1, "D": 1, "turn": 1},
    ),
    Settled(
        "SpiffWorkflow breaks off with an exception when a multi-instance sub-process is interrupted",
        "§13.5.3: an interrupting event cancels the activity it is attached to, whatever kind that is",
        "a multi-instance sub-process has events that do not interrupt only",
        _each_interrupted,
        (("message", "b"),),
        {"s": 1, "t": 2, "b": 1, "stopped": 1},
    ),
    Settled(
        "SpiffWorkflow waits for somebody to do an undefined or a manual task",
        "§13.3.3: an undefined task is completed as it is activated; a manual task is never done by an engine",
        "SpiffWorkflow's are completed at once (`Spiff._settle`)",
        _undefined,
        (),
        {"s": 1, "A": 1, "B": 1, "e": 1},
        mended=True,
    ),
)

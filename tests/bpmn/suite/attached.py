"""Events at the boundary of an activity and at the start of an event sub-process (BPMN 2.0 §10.5.4, §13.5.3, §13.5.4):
every kind, interrupting and not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.bpmn.building import (
    Part,
    Shape,
    boundary,
    call,
    compensation,
    end,
    error,
    escalation,
    gateway,
    message,
    multi,
    on_event,
    process,
    service,
    signal,
    start,
    sub,
    throw,
    timer,
    user,
)
from tests.bpmn.suite.cases import WAIT, Case, around, aside, conditional, row, sent
from tests.bpmn.suite.events import CANCEL, KEY, TIMERS

REPEATED = {"timer cycle": "R2/PT30M", "timer cron": "cycle=0 0,30 10 * * *"}


def _outside() -> dict[str, tuple[tuple[Part, ...], dict[str, Any]]]:
    """What a boundary event or an event sub-process may wait for from outside, and how it comes."""
    return {
        "message": ((message("M"),), {"variables": KEY, "script": sent(("M", "K"))}),
        "timer date": ((TIMERS["date"],), {}),
        "timer duration": ((TIMERS["duration"],), {}),
        "signal": ((signal("S"),), {"script": sent(signals=("S",))}),
        "multiple": ((message("M"), signal("S")), {"variables": KEY, "script": sent(signals=("S",))}),
        "parallel multiple": (
            (message("M"), signal("S")),
            {
                "variables": KEY,
                "script": sent(("M", "K")) | {"signals": [{"name": "S", "after": "PT2M"}]},
            },
        ),
    }


def _awaiting(more: dict[str, Any], *also: str) -> dict[str, Any]:
    """The same with tasks that nobody completes."""
    told = {**more.get("script", {})}
    told["elements"] = {**told.get("elements", {}), **{name: [WAIT] for name in also}}
    return {**more, "script": told}


def _boundaries() -> Iterator[Case]:
    for kind, (parts, more) in _outside().items():
        for interrupting in (True, False):
            how = "interrupting" if interrupting else "non-interrupting"
            event = boundary("A", "b", *parts, interrupting=interrupting)
            event.attributes |= {"parallelMultiple": "true"} if kind == "parallel multiple" else {}
            late = {"elements": {"A": [{"after": "PT3H"}]}}
            told = {**more.get("script", {}), **late} if not interrupting else _awaiting(more, "A")["script"]
            yield around(
                f"Boundary event · {kind} · {how}",
                user("A"),
                event,
                *aside("B"),
                flows=["b > B > B_end"],
                completed="start b B B_end" + ("" if interrupting else " A end"),
                **{**more, "script": told},
            )
    for kind, text in REPEATED.items():
        yield around(
            f"Boundary event · {kind} · non-interrupting",
            user("A"),
            boundary("A", "b", timer(text), interrupting=False),
            *aside("B"),
            flows=["b > B > B_end"],
            completed="start b B B_end b B B_end A end",
            script={"elements": {"A": [{"after": "PT4H"}]}},
        )
    for interrupting in (True, False):
        how = "interrupting" if interrupting else "non-interrupting"
        yield row(
            f"Boundary event · conditional · {how}",
            start(),
            gateway("parallel", "fork"),
            user("A"),
            user("B"),
            boundary("A", "b", conditional("=x &gt; 1"), interrupting=interrupting),
            *aside("C"),
            end(),
            end("end2"),
            flows=["start > fork > A > end", "fork > B > end2", "b > C > C_end"],
            completed="start fork B end2 b C C_end" + ("" if interrupting else " A end"),
            variables={"x": 0},
            script={"elements": {"B": [{"variables": {"x": 2}}], "A": [WAIT if interrupting else {"after": "PT3H"}]}},
        )
        yield row(
            f"Boundary event · escalation · {how}",
            start(),
            sub("S", start("s"), throw("T", escalation("X")), user("A"), end("e"), flows=["s > T > A > e"]),
            boundary("S", "b", escalation("X"), interrupting=interrupting),
            *aside("B"),
            end(),
            flows=["start > S > end", "b > B > B_end"],
            completed="start s T b B B_end" + ("" if interrupting else " A e S end"),
        )
    job = {"elements": {"A": [{"do": "error", "code": "X"}]}}
    for kind, part in {"error by its code": error("X"), "error without a code": error()}.items():
        yield around(
            f"Boundary event · {kind}",
            service("A"),
            boundary("A", "b", part),
            *aside("B"),
            flows=["b > B > B_end"],
            completed="start b B B_end",
            script=job,
        )
    yield row(
        "Boundary event · escalation without a code",
        start(),
        sub("S", start("s"), end("T", escalation("X")), flows=["s > T"]),
        boundary("S", "b", escalation(), interrupting=False),
        *aside("B"),
        end(),
        flows=["start > S > end", "b > B > B_end"],
        completed="start s T S end b B B_end",
    )
    yield row(
        "Boundary event · error code before no code",
        start(),
        sub("S", start("s"), end("T", error("X")), flows=["s > T"]),
        boundary("S", "any", error()),
        boundary("S", "b", error("X")),
        *aside("B"),
        *aside("C"),
        end(),
        flows=["start > S > end", "b > B > B_end", "any > C > C_end"],
        completed="start s T b B B_end",
    )
    yield row(
        "Boundary event · error thrown again further out",
        start(),
        sub(
            "S",
            start("s"),
            sub("I", start("s2"), end("T", error("X")), flows=["s2 > T"]),
            boundary("I", "b", error("X")),
            end("again", error("Y")),
            end("e"),
            flows=["s > I > e", "b > again"],
        ),
        boundary("S", "c", error("Y")),
        *aside("B"),
        end(),
        flows=["start > S > end", "c > B > B_end"],
        completed="start s s2 T b again c B B_end",
    )
    yield row(
        "Boundary event · cancel",
        start(),
        Shape("transaction", "T", {}, (), (start("s"), user("A"), end("c", CANCEL)), ("s > A > c",)),
        boundary("T", "b", CANCEL),
        *aside("B"),
        end(),
        flows=["start > T > end", "b > B > B_end"],
        completed="start s A c b B B_end",
    )
    yield row(
        "Boundary event · compensation",
        start(),
        user("A"),
        boundary("A", "undo", compensation()),
        user("U", undoes=True),
        end("T", compensation("A")),
        flows=["start > A > T"],
        links=("undo > U",),
        completed="start A U T",
    )


def _event_subprocesses() -> Iterator[Case]:
    for kind, (parts, more) in _outside().items():
        for interrupting in (True, False):
            how = "interrupting" if interrupting else "non-interrupting"
            inner = on_event("E", *parts, then="B", interrupting=interrupting)
            first = inner.inside[0]
            first.attributes |= {"parallelMultiple": "true"} if kind == "parallel multiple" else {}
            late = {"elements": {"A": [{"after": "PT3H"}]}}
            told = {**more.get("script", {}), **late} if not interrupting else _awaiting(more, "A")["script"]
            yield around(
                f"Event sub-process · {kind} · {how}",
                user("A"),
                inner,
                flows=[],
                completed="start E_start B E_end E" + ("" if interrupting else " A end"),
                **{**more, "script": told},
            )
    for interrupting in (True, False):
        how = "interrupting" if interrupting else "non-interrupting"
        yield row(
            f"Event sub-process · conditional · {how}",
            start(),
            gateway("parallel", "fork"),
            user("A"),
            user("C"),
            user("D"),
            on_event("E", conditional("=x &gt; 1"), then="B", interrupting=interrupting),
            end(),
            end("end2"),
            flows=["start > fork > A > end", "fork > C > D > end2"],
            completed="start fork C E_start B E_end E" + ("" if interrupting else " D end2 A end"),
            variables={"x": 0},
            script={
                "elements": {
                    "C": [{"variables": {"x": 2}, "after": "PT1M"}],
                    "A": [WAIT if interrupting else {"after": "PT3H"}],
                    "D": [WAIT if interrupting else {"after": "PT3H"}],
                }
            },
        )
        yield row(
            f"Event sub-process · escalation · {how}",
            start(),
            throw("T", escalation("X")),
            user("A"),
            on_event("E", escalation("X"), then="B", interrupting=interrupting),
            end(),
            flows=["start > T > A > end"],
            completed="start T E_start B E_end E" + ("" if interrupting else " A end"),
        )
    for kind, text in REPEATED.items():
        yield around(
            f"Event sub-process · {kind} · non-interrupting",
            user("A"),
            on_event("E", timer(text), then="B", interrupting=False),
            flows=[],
            completed="start E_start B E_end E E_start B E_end E A end",
            script={"elements": {"A": [{"after": "PT4H"}]}},
        )
    for kind, part in {"error by its code": error("X"), "error without a code": error()}.items():
        yield around(
            f"Event sub-process · {kind}",
            service("A"),
            on_event("E", part, then="B"),
            flows=[],
            completed="start E_start B E_end E",
            script={"elements": {"A": [{"do": "error", "code": "X"}]}},
        )
    yield row(
        "Event sub-process · error thrown again to the scope around",
        start(),
        sub(
            "S",
            start("s"),
            end("T", error("X")),
            sub("E", start("es", error("X")), end("again", error("X")), flows=["es > again"], by_event=True),
            flows=["s > T"],
        ),
        boundary("S", "b", error("X")),
        *aside("B"),
        end(),
        flows=["start > S > end", "b > B > B_end"],
        completed="start s T es again b B B_end",
    )
    yield row(
        "Event sub-process · compensation",
        start(),
        sub(
            "S",
            start("s"),
            user("A"),
            end("e"),
            on_event("E", compensation(), then="U"),
            flows=["s > A > e"],
        ),
        throw("T", compensation()),
        end(),
        flows=["start > S > T > end"],
        completed="start s A e S E_start U E_end E T end",
    )


def _hosts() -> Iterator[Case]:
    """What an event may be attached to, beside a task."""
    inside = (start("s"), user("B"), end("e"))
    called = process(*inside, flows=["s > B > e"], id_="child")
    shapes = (start(), call("A", "child"), boundary("A", "b", timer("PT30M")), *aside("C"), end())
    caller = process(*shapes, flows=["start > A > end", "b > C > C_end"])
    waiting = {"elements": {"B": [WAIT]}}
    yield Case("Boundary event · of a call activity", (caller, called), "start s b C C_end", script=waiting)
    for what, loop in {"of a sub-process": (), "of a multi-instance sub-process": (multi("=[1, 2]"),)}.items():
        yield row(
            f"Boundary event · {what}",
            start(),
            sub("A", *loop, *inside, flows=["s > B > e"]),
            boundary("A", "b", timer("PT30M")),
            *aside("C"),
            end(),
            flows=["start > A > end", "b > C > C_end"],
            completed="start s s b C C_end" if loop else "start s b C C_end",
            script={"elements": {"B": [WAIT, WAIT]}},
        )


def _calls() -> Iterator[Case]:
    """What leaves a called process while it goes on, or ends with it."""
    called = process(start("s"), throw("T", escalation("X")), user("A"), end("e"), flows=["s > T > A > e"], id_="child")
    for interrupting in (True, False):
        how = "interrupting" if interrupting else "non-interrupting"
        shapes = (start(), call("C", "child"), boundary("C", "b", escalation("X"), interrupting=interrupting))
        caller = process(*shapes, *aside("B"), end(), flows=["start > C > end", "b > B > B_end"])
        yield Case(
            f"Call activity · an escalation of the called process · {how}",
            (caller, called),
            "start s b B B_end" + ("" if interrupting else " T A e C end"),
        )


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _boundaries()
    yield from _hosts()
    yield from _calls()
    yield from _event_subprocesses()

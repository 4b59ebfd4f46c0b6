"""Events (BPMN 2.0 §10.5): every kind where it may stand, interrupting and not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.bpmn.building import (
    TERMINATE,
    Part,
    Shape,
    boundary,
    catch,
    compensation,
    end,
    error,
    escalation,
    gateway,
    link,
    message,
    parallel,
    process,
    script,
    service,
    signal,
    start,
    sub,
    task,
    throw,
    timer,
    user,
)
from tests.bpmn.suite.cases import Case, around, aside, conditional, raw, row, sent, waits

CANCEL = raw("<bpmn:cancelEventDefinition/>")
TIMERS = {
    "date": timer("2026-03-02T10:00:00+08:00"),
    "duration": timer("PT30M"),
    "cycle": timer("R2/PT30M"),
    "cron": timer("cycle=0 30 9 * * *"),
}
KEY = {"key": "K"}
GO = {"elements": {"B": [{"variables": {"x": 2}}]}}
"""The task B makes the condition `=x > 1` true."""


def _starts() -> Iterator[Case]:
    yield row("Start event · none", start(), end(), flows=["start > end"], completed="start end")
    triggers: dict[str, tuple[Part, dict[str, Any]]] = {
        "message": (message("M", key=""), sent(("M", ""))),
        "signal": (signal("S"), sent(signals=("S",))),
    }
    for kind, (part, told) in triggers.items():
        yield row(
            f"Start event · {kind}",
            start("begin", part),
            user("A"),
            end(),
            flows=["begin > A > end"],
            completed="begin A end",
            script=told,
        )
    for kind, part in TIMERS.items():
        if kind not in ("cycle", "cron"):
            shapes = (start("begin", part), user("A"), end())
            yield row(f"Start event · timer {kind}", *shapes, flows=["begin > A > end"], completed="begin A end")
    yield row(
        "Start event · timer cycle",
        start("begin", timer("R1/PT30M")),
        end(),
        flows=["begin > end"],
        completed="begin end",
    )
    yield row(
        "Start event · conditional",
        start("begin", conditional("=x &gt; 1")),
        end(),
        flows=["begin > end"],
        completed="begin end",
        variables={"x": 2},
    )
    yield row(
        "Start event · multiple",
        start("begin", message("M", key=""), signal("S")),
        end(),
        flows=["begin > end"],
        completed="begin end",
        script=sent(signals=("S",)),
    )

    yield row(
        "Start event · multiple, by one of its messages",
        start("begin", message("M", key=""), message("N", key="")),
        end(),
        flows=["begin > end"],
        completed="begin end",
        script=sent(("N", "K")),
    )
    yield row(
        "Start event · parallel multiple",
        parallel(start("begin", message("M", key=""), message("N", key=""))),
        script("A", "=m + n", "told"),
        end(),
        flows=["begin > A > end"],
        completed="begin A end",
        script={
            "messages": [
                {"name": "N", "correlationKey": "K", "variables": {"n": 2}, "after": "PT1M"},
                {"name": "M", "correlationKey": "K", "variables": {"m": 1}, "after": "PT2M"},
            ]
        },
        gives={"told": 3},
    )


def _catches() -> Iterator[Case]:
    def through(kind: str, *parts: Part, **more: Any) -> Case:
        what = f"Intermediate catch event · {kind}"
        return around(what, catch("A", *parts), flows=[], completed="start A end", **more)

    yield through("message", message("M"), variables=KEY, script=sent(("M", "K")))
    for kind, part in TIMERS.items():
        yield through(f"timer {kind}", part)
    yield through("signal", signal("S"), script=sent(signals=("S",)))
    yield row(
        "Intermediate catch event · conditional",
        start(),
        gateway("parallel", "fork"),
        catch("A", conditional("=x &gt; 1")),
        user("B"),
        end(),
        end("end2"),
        flows=["start > fork > A > end", "fork > B > end2"],
        completed="start fork A end B end2",
        variables={"x": 0},
        script=GO,
    )
    yield through("conditional true at once", conditional("=x &gt; 1"), variables={"x": 2})
    yield through("multiple", message("M"), signal("S"), variables=KEY, script=sent(signals=("S",)))
    yield around(
        "Intermediate catch event · parallel multiple",
        Shape("intermediateCatchEvent", "A", {"parallelMultiple": "true"}, (message("M"), signal("S"))),
        flows=[],
        completed="start A end",
        variables=KEY,
        script={"elements": {}, "messages": [{"name": "M", "correlationKey": "K", "after": "PT1M"}]}
        | {"signals": [{"name": "S", "after": "PT2M"}]},
    )
    yield row(
        "Intermediate throw event · link",
        start(),
        throw("A", link("L")),
        catch("B", link("L")),
        end(),
        flows=["start > A", "B > end"],
        completed="start A B end",
    )


def _throws() -> Iterator[Case]:
    yield around("Intermediate throw event · none", throw("A"), flows=[], completed="start A end")
    yield around("Intermediate throw event · escalation nobody catches", throw("A", escalation("X")), **_SIMPLE)
    receiver = process(start("r"), catch("R", message("M")), end("re"), flows=["r > R > re"], id_="receiver")
    sender = process(start(), throw("A", message("M")), end(), flows=["start > A > end"])
    more: dict[str, Any] = {"variables": KEY, "first": ("receiver",)}
    yield Case("Intermediate throw event · message", (sender, receiver), "start A end r R re", **more)
    hearer = process(start("r"), catch("R", signal("S")), end("re"), flows=["r > R > re"], id_="receiver")
    caller = process(start(), throw("A", signal("S")), end(), flows=["start > A > end"])
    yield Case(
        "Intermediate throw event · signal",
        (caller, hearer),
        "start A end r R re",
        first=("receiver",),
    )
    yield row(
        "Intermediate throw event · escalation",
        start(),
        sub("S", start("s"), throw("T", escalation("X")), end("e"), flows=["s > T > e"]),
        boundary("S", "b", escalation("X"), interrupting=False),
        *aside("B"),
        end(),
        flows=["start > S > end", "b > B > B_end"],
        completed="start s T e S end b B B_end",
    )
    yield row(
        "Intermediate throw event · compensation",
        start(),
        user("A"),
        boundary("A", "undo", compensation()),
        user("U", undoes=True),
        throw("T", compensation()),
        end(),
        flows=["start > A > T > end"],
        links=("undo > U",),
        completed="start A U T end",
    )
    throwing = process(start(), throw("A", message("M"), signal("S")), end(), flows=["start > A > end"])
    hears = process(
        start("r"),
        gateway("parallel", "f"),
        catch("R", message("M")),
        catch("R2", signal("S")),
        end("re"),
        end("re2"),
        flows=["r > f > R > re", "f > R2 > re2"],
        id_="receiver",
    )
    yield Case(
        "Intermediate throw event · multiple",
        (throwing, hears),
        "start A end r f R R2 re re2",
        **more,
    )


def _more_throws() -> Iterator[Case]:
    yield row(
        "Intermediate throw event · links of the same name lead to one",
        start(),
        gateway("parallel", "fork"),
        throw("A", link("L")),
        throw("B", link("L")),
        catch("C", link("L")),
        end(),
        flows=["start > fork > A", "fork > B", "C > end"],
        completed="start fork A B C C end end",
    )
    yield row(
        "End event · terminate ends its own scope alone",
        start(),
        sub(
            "S",
            start("s"),
            gateway("parallel", "fork"),
            end("T", TERMINATE),
            user("A"),
            end("e"),
            flows=["s > fork > A > e", "fork > T"],
        ),
        user("B"),
        end(),
        flows=["start > S > B > end"],
        completed="start s fork T S B end",
    )


_SIMPLE: dict[str, Any] = {"flows": [], "completed": "start A end"}


def _ends() -> Iterator[Case]:
    yield row("End event · none", start(), end("A"), flows=["start > A"], completed="start A")
    receiver = process(start("r"), catch("R", message("M")), end("re"), flows=["r > R > re"], id_="receiver")
    sender = process(start(), end("A", message("M")), flows=["start > A"])
    more: dict[str, Any] = {"variables": KEY, "first": ("receiver",)}
    yield Case("End event · message", (sender, receiver), "start A r R re", **more)
    hearer = process(start("r"), catch("R", signal("S")), end("re"), flows=["r > R > re"], id_="receiver")
    caller = process(start(), end("A", signal("S")), flows=["start > A"])
    yield Case("End event · signal", (caller, hearer), "start A r R re", first=("receiver",))
    for kind, part in {"error": error("X"), "escalation": escalation("X")}.items():
        yield row(
            f"End event · {kind}",
            start(),
            sub("S", start("s"), end("T", part), flows=["s > T"]),
            boundary("S", "b", part),
            *aside("B"),
            end(),
            flows=["start > S > end", "b > B > B_end"],
            completed="start s T b B B_end",
        )
    yield row(
        "End event · error nobody catches",
        start(),
        end("A", error("X")),
        flows=["start > A"],
        completed="start",
        incident="uncaught error",
    )
    yield row(
        "End event · compensation",
        start(),
        user("A"),
        boundary("A", "undo", compensation()),
        user("U", undoes=True),
        end("T", compensation()),
        flows=["start > A > T"],
        links=("undo > U",),
        completed="start A U T",
    )
    yield row(
        "End event · terminate",
        start(),
        gateway("parallel", "fork"),
        user("A"),
        user("B"),
        end("stop", TERMINATE),
        end(),
        flows=["start > fork > A > stop", "fork > B > end"],
        completed="start fork A stop",
        script=waits("B"),
    )
    yield row(
        "End event · cancel",
        start(),
        Shape("transaction", "T", {}, (), (start("s"), end("c", CANCEL)), ("s > c",)),
        boundary("T", "b", CANCEL),
        *aside("B"),
        end(),
        flows=["start > T > end", "b > B > B_end"],
        completed="start s c b B B_end",
    )
    both = process(start(), end("A", message("M"), signal("S")), flows=["start > A"])
    hears = process(
        start("r"),
        gateway("parallel", "f"),
        catch("R", message("M")),
        catch("R2", signal("S")),
        end("re"),
        end("re2"),
        flows=["r > f > R > re", "f > R2 > re2"],
        id_="receiver",
    )
    yield Case("End event · multiple", (both, hears), "start A r f R R2 re re2", **more)


def _variables() -> Iterator[Case]:
    yield around(
        "Error · with variables",
        service("A"),
        boundary("A", "b", error("X")),
        script("B", "=reason", "told"),
        end("B_end"),
        flows=["b > B > B_end"],
        completed="start b B B_end",
        script={"elements": {"A": [{"do": "error", "code": "X", "variables": {"reason": "缺章"}}]}},
        gives={"told": "缺章"},
    )
    yield around(
        "Message · with variables",
        catch("A", message("M")),
        flows=[],
        completed="start A end",
        variables=KEY,
        script={
            "elements": {},
            "messages": [{"name": "M", "correlationKey": "K", "variables": {"paid": 5}, "after": "PT1M"}],
        },
        gives={"paid": 5},
    )
    yield around("Task · after a timer", task("task", "A"), **_SIMPLE)


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _starts()
    yield from _catches()
    yield from _throws()
    yield from _more_throws()
    yield from _ends()
    yield from _variables()

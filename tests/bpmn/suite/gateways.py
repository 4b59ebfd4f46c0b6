"""Gateways and flows (BPMN 2.0 §10.6, §13.3.1, §13.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.bpmn.building import Shape, catch, end, gateway, message, receive, script, signal, start, timer, user
from tests.bpmn.suite.cases import WAIT, Case, conditional, raw, row, sent, waits

KEY = {"key": "K"}


def _exclusive() -> Iterator[Case]:
    split = ["start > G", "G > A: =x > 1", "G > B: default", "A > end", "B > end"]
    shapes = (start(), gateway("exclusive", "G"), user("A"), user("B"), end())
    yield row("Exclusive gateway · split", *shapes, flows=split, completed="start G A end", variables={"x": 2})
    shapes = (start(), gateway("exclusive", "G"), user("A"), user("B"), end())
    yield row("Exclusive gateway · default flow", *shapes, flows=split, completed="start G B end", variables={"x": 0})
    yield row(
        "Exclusive gateway · merge",
        start(),
        gateway("parallel", "fork"),
        user("A"),
        user("B"),
        gateway("exclusive", "M"),
        end(),
        flows=["start > fork > A > M > end", "fork > B > M"],
        completed="start fork A B M M end end",
    )
    yield row(
        "Exclusive gateway · no flow open",
        start(),
        gateway("exclusive", "G"),
        user("A"),
        user("B"),
        end(),
        flows=["start > G", "G > A: =x > 1", "G > B: =x > 2", "A > end", "B > end"],
        completed="start",
        variables={"x": 0},
        incident="no flow",
    )
    yield row(
        "Exclusive gateway · loop",
        start(),
        gateway("exclusive", "again"),
        script("A", "=n + 1", "n"),
        gateway("exclusive", "G"),
        end(),
        flows=["start > again > A > G", "G > again: =n < 3", "G > end: default"],
        completed="start again A G again A G again A G end",
        variables={"n": 0},
    )


def _inclusive() -> Iterator[Case]:
    for x, taken in ((3, "A B"), (2, "A"), (0, "C")):
        yield row(
            f"Inclusive gateway · split and join, x is {x}",
            start(),
            gateway("inclusive", "G"),
            user("A"),
            user("B"),
            user("C"),
            gateway("inclusive", "J"),
            end(),
            flows=[
                "start > G",
                "G > A: =x > 1",
                "G > B: =x > 2",
                "G > C: default",
                "A > J > end",
                "B > J",
                "C > J",
            ],
            completed=f"start G {taken} J end",
            variables={"x": x},
        )
    yield row(
        "Inclusive gateway · join in a loop",
        start(),
        gateway("inclusive", "G"),
        script("A", "=n + 1", "n"),
        user("B"),
        gateway("inclusive", "J"),
        gateway("exclusive", "again"),
        end(),
        flows=[
            "start > G",
            "G > A: =true",
            "G > B: =n < 1",
            "A > J",
            "B > J",
            "J > again",
            "again > G: =n < 2",
            "again > end: default",
        ],
        completed="start G A B J again G A J again end",
        variables={"n": 0},
    )


def _parallel() -> Iterator[Case]:
    yield row(
        "Parallel gateway · split and join",
        start(),
        gateway("parallel", "fork"),
        user("A"),
        user("B"),
        gateway("parallel", "join"),
        end(),
        flows=["start > fork > A > join > end", "fork > B > join"],
        completed="start fork A B join end",
    )
    yield row(
        "Parallel gateway · a join that can never be passed",
        start(),
        gateway("exclusive", "G"),
        user("A"),
        user("B"),
        gateway("parallel", "join"),
        end(),
        flows=["start > G", "G > A: =true", "G > B: default", "A > join > end", "B > join"],
        completed="start G A",
        incident="deadlock",
    )


def _event_based() -> Iterator[Case]:
    options = {
        "message": (sent(("M", "K")), "M1"),
        "signal": (sent(signals=("S",)), "S1"),
        "timer": ({}, "T1"),
    }
    for kind, (told, chosen) in options.items():
        yield row(
            f"Event-based gateway · {kind}",
            start(),
            gateway("eventBased", "G"),
            catch("M1", message("M")),
            catch("S1", signal("S")),
            catch("T1", timer("PT1H")),
            end(),
            flows=["start > G > M1 > end", "G > S1 > end", "G > T1 > end"],
            completed=f"start G {chosen} end",
            variables=KEY,
            script=told,
        )
    yield row(
        "Event-based gateway · receive task",
        start(),
        gateway("eventBased", "G"),
        receive("R", "M"),
        catch("T1", timer("PT1H")),
        end(),
        flows=["start > G > R > end", "G > T1 > end"],
        completed="start G R end",
        variables=KEY,
        script=sent(("M", "K")),
    )
    yield row(
        "Event-based gateway · conditional",
        start(),
        gateway("parallel", "fork"),
        user("A"),
        gateway("eventBased", "G"),
        catch("C1", conditional("=x &gt; 1")),
        catch("T1", timer("PT1H")),
        end(),
        end("end2"),
        flows=["start > fork > G > C1 > end", "G > T1 > end", "fork > A > end2"],
        completed="start fork G A end2 C1 end",
        variables={"x": 0},
        script={"elements": {"A": [{"variables": {"x": 2}, "after": "PT1M"}]}},
    )
    yield row(
        "Event-based gateway · instantiating, exclusive",
        Shape("eventBasedGateway", "G", {"instantiate": "true", "eventGatewayType": "Exclusive"}),
        catch("M1", message("M", key="")),
        catch("N1", message("N", key="")),
        end(),
        flows=["G > M1 > end", "G > N1 > end"],
        completed="G N1 end",
        script=sent(("N", "")),
    )
    yield row(
        "Event-based gateway · instantiating, parallel",
        Shape("eventBasedGateway", "G", {"instantiate": "true", "eventGatewayType": "Parallel"}),
        catch("M1", message("M")),
        catch("N1", message("N")),
        user("A"),
        user("B"),
        end(),
        end("end2"),
        flows=["G > M1 > A > end", "G > N1 > B > end2"],
        completed="G N1 B end2 M1 A end",
        variables=KEY,
        script={
            "messages": [
                {"name": "N", "correlationKey": "K", "variables": KEY, "after": "PT1M"},
                {"name": "M", "correlationKey": "K", "variables": KEY, "after": "PT2M"},
            ]
        },
    )


def _complex() -> Iterator[Case]:
    def joined(what: str, condition: str, completed: str, **more: Any) -> Case:
        return row(
            f"Complex gateway · {what}",
            start(),
            gateway("parallel", "fork"),
            user("A"),
            user("B"),
            user("C"),
            Shape(
                "complexGateway", "G", {}, (raw(f"<bpmn:activationCondition>{condition}</bpmn:activationCondition>"),)
            ),
            user("D"),
            end(),
            flows=["start > fork > A > G", "fork > B > G", "fork > C > G", "G > D: =waitingForStart", "D > end"],
            completed=completed,
            **more,
        )

    late = {"elements": {"C": [{"after": "PT1H"}]}}
    both = "activated by two of three, reset by the third"
    yield joined(both, "=activationCount &gt;= 2", "start fork A B G D end C G", script=late)
    yield joined("activated by all", "=activationCount &gt;= 3", "start fork A B C G D end G")
    yield joined("waits for what is still missing", "=activationCount &gt;= 3", "start fork A B", script=waits("C"))


def _flows() -> Iterator[Case]:
    yield row(
        "Flows · implicit fork",
        start(),
        user("A"),
        user("B"),
        user("C"),
        end(),
        end("end2"),
        flows=["start > A", "A > B > end", "A > C > end2"],
        completed="start A B C end end2",
    )
    yield row(
        "Flows · implicit merge",
        start(),
        gateway("parallel", "fork"),
        user("A"),
        user("B"),
        user("C"),
        end(),
        flows=["start > fork > A > C > end", "fork > B > C"],
        completed="start fork A B C C end end",
    )
    yield row(
        "Flows · conditional out of an activity",
        start(),
        user("A"),
        user("B"),
        user("C"),
        end(),
        flows=["start > A", "A > B: =x > 1", "A > C: =x > 2", "B > end", "C > end"],
        completed="start A B end",
        variables={"x": 2},
    )
    yield row(
        "Flows · default out of an activity",
        start(),
        user("A"),
        user("B"),
        user("C"),
        end(),
        flows=["start > A", "A > B: =x > 1", "A > C: default", "B > end", "C > end"],
        completed="start A C end",
        variables={"x": 0},
    )
    yield row(
        "Flows · conditional and unconditional out of an activity",
        start(),
        user("A"),
        user("B"),
        user("C"),
        end(),
        flows=["start > A", "A > B: =x > 1", "A > C", "B > end", "C > end"],
        completed="start A B C end end",
        variables={"x": 2},
    )
    yield row(
        "Flows · two ends of which one waits",
        start(),
        gateway("parallel", "fork"),
        user("A"),
        user("B"),
        end(),
        end("end2"),
        flows=["start > fork > A > end", "fork > B > end2"],
        completed="start fork A end",
        script={"elements": {"B": [WAIT]}},
    )


def cases() -> Iterator[Case]:
    """All of them."""
    yield from _exclusive()
    yield from _inclusive()
    yield from _parallel()
    yield from _event_based()
    yield from _complex()
    yield from _flows()

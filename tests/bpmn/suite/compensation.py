"""Compensation (BPMN 2.0 §10.7, §13.5.5)."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bpmn.building import (
    Shape,
    boundary,
    compensation,
    end,
    io,
    looping,
    multi,
    on_event,
    script,
    start,
    sub,
    throw,
    user,
)
from tests.bpmn.suite.cases import Case, row


def cases() -> Iterator[Case]:
    """Every row about compensation."""

    def undoable(id_: str) -> list[Shape]:
        return [user(id_), boundary(id_, f"undo_{id_}", compensation()), user(f"U{id_}", undoes=True)]

    yield row(
        "Compensation · all of a scope, last first",
        start(),
        *undoable("A"),
        *undoable("B"),
        throw("T", compensation()),
        end(),
        flows=["start > A > B > T > end"],
        links=("undo_A > UA", "undo_B > UB"),
        completed="start A B UB UA T end",
    )
    yield row(
        "Compensation · of one activity",
        start(),
        *undoable("A"),
        *undoable("B"),
        throw("T", compensation("A")),
        end(),
        flows=["start > A > B > T > end"],
        links=("undo_A > UA", "undo_B > UB"),
        completed="start A B UA T end",
    )
    nested = sub("S", start("s"), *undoable("A"), end("e"), flows=["s > A > e"], links=("undo_A > UA",))
    yield row(
        "Compensation · of what is inside a completed sub-process",
        start(),
        nested,
        throw("T", compensation()),
        end(),
        flows=["start > S > T > end"],
        completed="start s A e S UA T end",
    )
    yield row(
        "Compensation · of each instance of a multi-instance activity",
        start(),
        user("A", multi("=items", item="i")),
        boundary("A", "undo", compensation()),
        user("U", undoes=True),
        throw("T", compensation()),
        end(),
        flows=["start > A > T > end"],
        links=("undo > U",),
        completed="start A A A U U U T end",
        variables={"items": [1, 2, 3]},
    )
    for what, marker in (
        ("run of a loop", looping(at_most=2)),
        ("instance of a multi-instance sub-process", multi("=[1, 2]", item="i")),
    ):
        yield row(
            f"Compensation · of what is inside each {what}",
            start(),
            sub("S", marker, start("s"), *undoable("A"), end("e"), flows=["s > A > e"], links=("undo_A > UA",)),
            throw("T", compensation()),
            end(),
            flows=["start > S > T > end"],
            completed="start s A e s A e S S UA UA T end",
        )
    each = on_event("E", compensation(), then="U")
    yield row(
        "Compensation · of each instance by its own event sub-process",
        start(),
        sub("S", multi("=[1, 2]", item="i"), start("s"), user("A"), end("e"), each, flows=["s > A > e"]),
        throw("T", compensation()),
        end(),
        flows=["start > S > T > end"],
        completed="start s A e s A e S S E_start U E_end E E_start U E_end E T end",
    )
    undo = script("U", "=x", "told")
    undo.attributes["isForCompensation"] = "true"
    yield row(
        "Compensation · with the data of then",
        start(),
        user("A", io({"x": "=n"})),
        boundary("A", "undo", compensation()),
        undo,
        script("B", "=99", "n"),
        throw("T", compensation()),
        end(),
        flows=["start > A > B > T > end"],
        links=("undo > U",),
        completed="start A B U T end",
        variables={"n": 7},
        gives={"told": 7},
    )
    inside = sub(
        "S",
        start("s"),
        *undoable("A"),
        end("e"),
        sub(
            "E",
            start("es", compensation()),
            throw("again", compensation()),
            user("more"),
            end("ee"),
            flows=["es > again > more > ee"],
            by_event=True,
        ),
        flows=["s > A > e"],
        links=("undo_A > UA",),
    )
    yield row(
        "Compensation · by an event sub-process that compensates what is inside",
        start(),
        inside,
        throw("T", compensation("S")),
        end(),
        flows=["start > S > T > end"],
        completed="start s A e S es UA again more ee E T end",
    )

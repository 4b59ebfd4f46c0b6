"""The invariants fail where they should: a journal with something missing, or in the wrong order, is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bpmn.journal import Record
from tests.bpmn.building import end, gateway, process, start, sub, user
from tests.bpmn.engine import driving, invariants
from tests.bpmn.engine.driving import Drive


def forked() -> Drive:
    """A run that waits: one branch is done and waits at the join, the other is in a sub-process."""
    inner = sub("P", start("s"), user("B"), end("e"), flows=["s > B > e"])
    shapes = [start(), gateway("parallel", "split"), user("A"), inner, gateway("parallel", "join"), end()]
    drive = Drive(process(*shapes, flows=["start > split > A > join", "split > P > join > end"]))
    drive.complete("A")
    return drive


def renumbered(records: list[Record]) -> list[Record]:
    return [record._replace(seq=seq) for seq, record in enumerate(records, 1)]


def check_with(records: list[Record]) -> None:
    drive = forked()
    driving.driven.clear()
    invariants.check(drive.instance, drive.ledger, renumbered(records))


def line(event: str, element: str) -> Callable[[Record], bool]:
    return lambda record: (record.event, record.element) == (event, element)


def test_the_journal_of_a_run_keeps_them() -> None:
    check_with(forked().records)


def test_a_token_that_does_not_arrive_is_lost() -> None:
    records = forked().records
    (first, *_) = [number for number, record in enumerate(records) if line("completed", "split")(record)]
    data = {"flows": [*records[first].data["flows"], "split_A"]}
    records[first] = records[first]._replace(data=data)

    with pytest.raises(AssertionError, match=r"\d tokens went to A, not all came"):
        check_with(records)


@pytest.mark.parametrize(
    ("event", "element", "complaint"),
    [("activated", "A", "ended, but not active"), ("activated", "B", "journal and state differ")],
)
def test_a_missing_line_is_found(event: str, element: str, complaint: str) -> None:
    records = [record for record in forked().records if not line(event, element)(record)]

    with pytest.raises(AssertionError, match=complaint):
        check_with(records)


def test_what_outlives_its_scope_is_found() -> None:
    drive = forked()
    drive.complete("B")
    driving.driven.clear()
    ended = next(record for record in drive.records if line("completed", "P")(record))
    others = [record for record in drive.records if record is not ended]
    before = next(number for number, record in enumerate(others) if line("completed", "B")(record))
    moved = renumbered([*others[:before], ended, *others[before:]])

    with pytest.raises(AssertionError, match="ended with something active inside"):
        invariants.check(drive.instance, drive.ledger, moved)

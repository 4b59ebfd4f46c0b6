"""Data stores: read before an activity begins, written after it ends (BPMN 2.0 §10.4.1)."""

from __future__ import annotations

import pytest

from bpmn import commands, events
from tests.bpmn.building import (
    Part,
    catch,
    message,
    task,
    user,
)
from tests.bpmn.building_data import assigned, computed, item, reads, specification, writes
from tests.bpmn.engine.driving import Drive
from tests.bpmn.engine.test_data import one

STORE = '<bpmn:dataStore id="DataStore_1" name="customers"/>'
CUSTOMERS = item("dataStoreReference", "Store_1", dataStoreRef="DataStore_1", globals_=(STORE,))
READS = (specification(["asked"]), reads("Store_1", "asked", computed("=customers[1]")))
WRITES = (specification([], ["answer"]), writes("answer", "Store_1"))


def test_a_data_store_is_read_before_the_activity_begins() -> None:
    drive = Drive(one(user("A", *READS), CUSTOMERS))
    key = drive.key("A")
    assert drive.asked(commands.ReadStore) == [commands.ReadStore(key, "A", "", "customers")]
    assert drive.asked(commands.OpenUserTask) == []

    drive.tell(events.StoreRead(key, ["赵", "钱"]))

    assert drive.asked(commands.OpenUserTask)
    assert drive.instance.variables(key) == {"asked": "赵"}


def test_a_data_store_is_written_after_the_activity_ends() -> None:
    drive = Drive(one(user("A", *WRITES), CUSTOMERS))
    key = drive.key("A")
    drive.complete("A", answer=["孙"])
    assert drive.asked(commands.WriteStore) == [commands.WriteStore(key, "A", "", "customers", (), ["孙"])]
    assert drive.path() == ["start"]

    drive.tell(events.StoreWritten(key))

    assert drive.open == ["Z"]


def test_a_part_of_a_data_store_can_be_written() -> None:
    own = (specification([], ["answer"]), writes("answer", "Store_1", assigned("=answer", "customers.last")))
    drive = Drive(one(user("A", *own), CUSTOMERS))

    drive.complete("A", answer=1)

    assert drive.asked(commands.WriteStore)[0].path == ("last",)


def test_stores_are_asked_one_after_another() -> None:
    other = item("dataStoreReference", "parts")
    both = (
        specification(["a", "b"], ["x", "y"]),
        reads("Store_1", "a"),
        reads("parts", "b"),
        writes("x", "Store_1"),
        writes("y", "parts"),
    )
    drive = Drive(one(user("A", *both), CUSTOMERS, other))
    key = drive.key("A")
    drive.tell(events.StoreRead(key, 1))
    drive.tell(events.StoreRead(key, 2))
    assert drive.instance.variables(key) == {"a": 1, "b": 2, "x": None, "y": None}

    drive.complete("A", x=3, y=4)
    asked = drive.asked(commands.WriteStore)
    drive.tell(events.StoreWritten(key))
    asked += drive.asked(commands.WriteStore)
    drive.tell(events.StoreWritten(key))

    assert [(one.store, one.value, one.part) for one in asked] == [("customers", 3, 1), ("parts", 4, 2)]
    assert drive.open == ["Z"]


@pytest.mark.parametrize("own", [READS, WRITES], ids=["read", "written"])
def test_a_data_store_that_fails_is_an_incident_and_is_asked_again(own: tuple[Part, ...]) -> None:
    drive = Drive(one(task("task", "A", *own), CUSTOMERS))
    key = drive.key("A")
    drive.tell(events.StoreFailed(key, "away"))
    assert drive.incidents == [("A", "data store")]
    assert drive.problem == "away"

    drive.retry("A")
    drive.tell(events.StoreRead(key, [1]) if own is READS else events.StoreWritten(key))

    assert drive.open == ["Z"]


def test_a_data_store_that_cannot_be_written_can_be_skipped() -> None:
    drive = Drive(one(user("A", *WRITES), CUSTOMERS))
    key = drive.key("A")
    drive.complete("A", answer=1)
    drive.tell(events.StoreFailed(key, "away"))

    drive.skip("A")

    assert drive.open == ["Z"]


def test_an_answer_that_nobody_waits_for_changes_nothing() -> None:
    drive = Drive(one(user("A"), CUSTOMERS))
    key = drive.key("A")

    drive.tell(events.StoreRead(key, 1))
    drive.tell(events.StoreWritten(key))
    drive.tell(events.StoreFailed(key, "x"))

    assert drive.open == ["A"]
    assert drive.incidents == []


@pytest.mark.parametrize("own", [READS, WRITES], ids=["read", "written"])
def test_what_ends_while_it_waits_for_a_data_store_takes_its_question_back(own: tuple[Part, ...]) -> None:
    drive = Drive(one(task("task", "A", *own), CUSTOMERS))
    key = drive.key("A")

    drive.cancel()

    assert drive.asked(commands.CancelStore) == [commands.CancelStore(key)]


def test_an_event_may_write_to_a_data_store_too() -> None:
    own = (item("dataOutput", "body", name="body"), writes("body", "Store_1"))
    drive = Drive(one(catch("A", message("M"), *own), CUSTOMERS), {"key": "k"})
    drive.message("M", body=3)

    drive.tell(events.StoreWritten(drive.key("A")))

    assert drive.open == ["Z"]
    assert drive.variables == {"key": "k"}


def test_the_content_of_a_store_must_be_fit_to_be_kept() -> None:
    drive = Drive(one(user("A", *READS), CUSTOMERS), variable_bytes=10)

    drive.tell(events.StoreRead(drive.key("A"), ["x" * 20]))

    assert drive.incidents == [("A", "variable")]

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from storage.data_stores import (
    LONGEST_NAME,
    Change,
    DataStoreRefused,
    data_store,
    data_store_writes,
    data_stores,
    write_id_of,
    write_store,
)
from storage.database import Database

CASE = "case/YK-1"


def put(
    database: Database,
    now: datetime,
    value: Any,
    path: Sequence[str] = (),
    *,
    name: str = "台账",
    by: str = CASE,
    write_id: str | None = None,
    limit: int = 1_000,
) -> None:
    with database.transaction() as session:
        write_store(session, name, Change(value, limit, path), by, now, write_id)


def held(database: Database, name: str = "台账") -> Any:
    with database.session() as session:
        found = data_store(session, name)
    assert found
    return found.value


def test_a_store_holds_what_was_written_last_and_knows_by_whom_and_when(database: Database, now: datetime) -> None:
    put(database, now, {"a": 1})
    put(database, now + timedelta(hours=1), [1, None, "二"], by="keeper")

    with database.session() as session:
        found = data_store(session, "台账")
    assert found
    told = (found.value, found.version, found.written_by, found.written_at)
    assert told == ([1, None, "二"], 2, "keeper", now + timedelta(hours=1))


def test_nothing_is_known_of_a_store_that_nobody_has_written(database: Database) -> None:
    with database.session() as session:
        assert data_store(session, "台账") is None
        assert data_stores(session, limit=10) == []


@pytest.mark.parametrize("value", [None, 0, "", [], {}, True, {"x": None}])
def test_a_store_may_hold_any_json(database: Database, now: datetime, value: Any) -> None:
    put(database, now, value)

    assert held(database) == value


def test_a_part_is_written_and_the_rest_stays(database: Database, now: datetime) -> None:
    put(database, now, {"a": {"x": 1, "y": 2}, "b": 3})
    put(database, now, 9, ["a", "x"])
    put(database, now, 7, ["c", "d"])

    assert held(database) == {"a": {"x": 9, "y": 2}, "b": 3, "c": {"d": 7}}


@pytest.mark.parametrize("before", [None, 5, "text", [1]])
def test_what_is_no_context_becomes_one_where_a_part_is_written(database: Database, now: datetime, before: Any) -> None:
    put(database, now, before)
    put(database, now, 1, ["a"])

    assert held(database) == {"a": 1}


def test_a_write_that_comes_again_changes_nothing_even_where_another_has_written_since(
    database: Database, now: datetime
) -> None:
    first = write_id_of(CASE, "", "7", 1)
    put(database, now, "first", write_id=first)
    put(database, now, "second", write_id=write_id_of("case/YK-2", "", "7", 1))
    put(database, now, "first", write_id=first)

    assert held(database) == "second"
    with database.session() as session:
        assert [one.version for one in data_store_writes(session, "台账", limit=10)] == [2, 1]


@pytest.mark.parametrize(
    "other", [(CASE, "", "7", 2), (CASE, "", "8", 1), (CASE, "run", "7", 1), ("case/2", "", "7", 1)]
)
def test_another_part_key_epoch_or_case_is_another_write(
    database: Database, now: datetime, other: tuple[str, str, str, int]
) -> None:
    put(database, now, "first", write_id=write_id_of(CASE, "", "7", 1))
    put(database, now, "second", write_id=write_id_of(*other))

    assert held(database) == "second"


def test_parts_written_at_once_are_all_kept(database: Database, now: datetime) -> None:
    barrier = Barrier(8)

    def one(number: int) -> None:
        barrier.wait()
        put(database, now, number, [f"n{number}"])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(8)))

    assert held(database) == {f"n{number}": number for number in range(8)}


def test_the_same_write_at_once_is_done_once(database: Database, now: datetime) -> None:
    barrier = Barrier(6)

    def one(_: int) -> None:
        barrier.wait()
        put(database, now, "once", write_id=write_id_of(CASE, "", "7", 1))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(one, range(6)))

    with database.session() as session:
        assert len(data_store_writes(session, "台账", limit=10)) == 1


def test_a_whole_that_would_be_too_large_is_refused_with_the_limit_and_nothing_changes(
    database: Database, now: datetime
) -> None:
    put(database, now, {"a": "x" * 60}, limit=100)

    with pytest.raises(DataStoreRefused, match="不能写入数据存储「台账」：内容合计 135 字节，超过上限 100 字节"):
        put(database, now, "y" * 60, ["b"], limit=100)

    assert held(database) == {"a": "x" * 60}


def test_a_value_that_json_does_not_have_and_a_name_without_end_are_refused(database: Database, now: datetime) -> None:
    deep: list[Any] = []
    for _ in range(200):
        deep = [deep]

    with pytest.raises(DataStoreRefused, match="嵌套超过"):
        put(database, now, deep, limit=10_000)
    with pytest.raises(DataStoreRefused, match=f"超过上限 {LONGEST_NAME} 个"):
        put(database, now, 1, name="长" * (LONGEST_NAME + 1))


def test_stores_and_the_writes_of_one_are_told_page_by_page(database: Database, now: datetime) -> None:
    for name in ("b", "a", "c"):
        put(database, now, name, name=name)
    for number in range(3):
        put(database, now, number, ["x"], name="c")

    with database.session() as session:
        assert [one.name for one in data_stores(session, limit=2)] == ["a", "b"]
        assert [one.name for one in data_stores(session, limit=2, after="b")] == ["c"]
        newest = data_store_writes(session, "c", limit=2)
        older = data_store_writes(session, "c", limit=5, before=newest[-1].version)
    assert [(one.version, one.path, one.written_by) for one in newest] == [(4, ["x"], CASE), (3, ["x"], CASE)]
    assert [one.version for one in older] == [2, 1]

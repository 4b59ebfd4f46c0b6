"""Data stores: what outlives every case, one JSON value a name, written by cases and by people.

Each write is kept with who did it, so that a second delivery of it changes nothing even where others have written
since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, exists, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from domain.values import fault_of
from storage.base import Base, json_text
from storage.locks import lock

LONGEST_NAME = 200
"""Characters of a store's name."""


class DataStoreRefused(Exception):
    """The value cannot be kept; the text says what to change, in Chinese."""


class DataStore(Base):
    """What a store holds now. `version` counts its writes; `written_by` is a workflow id or a person's account."""

    __tablename__ = "data_stores"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSON, nullable=False)
    version: Mapped[int]
    written_by: Mapped[str]
    written_at: Mapped[datetime]


class DataStoreWrite(Base):
    """One write of a store, the one that made its `version`; `path` is empty for the whole.

    `write_id` names the write of a case (see `write_id_of`); a person's has none.
    """

    __tablename__ = "data_store_writes"

    store: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    write_id: Mapped[str | None] = mapped_column(unique=True)
    path: Mapped[list[str]]
    note: Mapped[str]
    written_by: Mapped[str]
    written_at: Mapped[datetime]


@dataclass(frozen=True)
class Change:
    """What is put into a store, at a path in it or (empty) as the whole; the whole may have `limit` bytes then."""

    value: Any
    limit: int
    path: Sequence[str] = ()
    note: str = ""


def write_id_of(workflow_id: str, epoch: str, key: str, part: int) -> str:
    """The name of one write of a case: the same for every attempt at it."""
    return f"{workflow_id}:{epoch}:{key}:{part}"


def write_store(
    session: Session, name: str, change: Change, by: str, now: datetime, write_id: str | None = None
) -> None:
    """Puts a value into a store, which is there from then on; a write that has been done already changes nothing.

    Raises `DataStoreRefused` where the whole would be too large or too deep, or the name is too long.
    """
    if len(name) > LONGEST_NAME:
        raise DataStoreRefused(f"数据存储的名称有 {len(name)} 个字符，超过上限 {LONGEST_NAME} 个")
    lock(session, f"data store {name}")
    if write_id is not None and _is_done(session, write_id):
        return
    found = session.get(DataStore, name, with_for_update=True)
    value = _with(found.value if found else None, change.path, change.value)
    _check(name, value, change.limit)
    version = found.version + 1 if found else 1
    store = found or DataStore(name=name)
    store.value, store.version, store.written_by, store.written_at = value, version, by, now
    session.add(store)
    session.add(
        DataStoreWrite(
            store=name,
            version=version,
            write_id=write_id,
            path=list(change.path),
            note=change.note,
            written_by=by,
            written_at=now,
        )
    )
    session.flush()


def data_store(session: Session, name: str) -> DataStore | None:
    """The store of that name; None where nothing was ever put into one."""
    return session.get(DataStore, name)


def data_stores(session: Session, *, limit: int, after: str = "") -> Sequence[DataStore]:
    """Stores by name, those behind `after`."""
    behind = select(DataStore).where(DataStore.name > after).order_by(DataStore.name)
    return session.scalars(behind.limit(limit)).all()


def data_store_writes(
    session: Session, name: str, *, limit: int, before: int | None = None
) -> Sequence[DataStoreWrite]:
    """Who has written a store, the newest first: what came before the version `before`, if one is named."""
    writes = select(DataStoreWrite).where(DataStoreWrite.store == name)
    if before is not None:
        writes = writes.where(DataStoreWrite.version < before)
    return session.scalars(writes.order_by(DataStoreWrite.version.desc()).limit(limit)).all()


def _is_done(session: Session, write_id: str) -> bool:
    return bool(session.scalar(select(exists().where(DataStoreWrite.write_id == write_id))))


def _with(value: Any, path: Sequence[str], new: Any) -> Any:
    """The value with another one at a path in it; what is no context on the way becomes one, the rest stays."""
    if not path:
        return new
    name, *rest = path
    inner = dict(value) if isinstance(value, Mapping) else {}
    return {**inner, name: _with(inner.get(name), rest, new)}


def _check(name: str, value: Any, limit: int) -> None:
    if fault := fault_of(value):
        raise DataStoreRefused(f"不能写入数据存储「{name}」：值{fault}")
    size = len(json_text(value).encode())
    if size > limit:
        raise DataStoreRefused(f"不能写入数据存储「{name}」：内容合计 {size} 字节，超过上限 {limit} 字节")

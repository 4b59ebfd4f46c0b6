"""What every table shares: column types that mean the same on SQLite and PostgreSQL, names of constraints, upserts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any, cast

from sqlalchemy import JSON, DateTime, Dialect, Insert, MetaData, Numeric, String, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator, TypeEngine

REPLACEMENT = "�"


def json_text(value: Any) -> str:
    """`value` as JSON text that both databases take: readable Chinese, surrogates escaped, no NaN (`ValueError`)."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text if storable(text) == text else json.dumps(value, allow_nan=False, separators=(",", ":"))


def storable(text: str) -> str:
    """`text` with the characters that PostgreSQL cannot hold (NUL, lone surrogates) replaced by U+FFFD."""
    if "\0" in text:
        text = text.replace("\0", REPLACEMENT)
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join(REPLACEMENT if "\ud800" <= letter <= "\udfff" else letter for letter in text)
    return text


def instant(text: str) -> datetime:
    """The UTC instant that an ISO 8601 text with offset names; `ValueError` for anything else."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} names no instant: it has no offset")
    return moment.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text; see `storable`. Applied to what is stored and to what is searched alike, so that they still meet."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        del dialect
        return None if value is None else storable(value)


class UtcInstant(TypeDecorator[datetime]):
    """An instant: aware going in (`ValueError` otherwise), aware and in UTC coming out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} names no instant: it has no time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal number to the last digit; SQLite, which knows only floats, holds its text."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String() if dialect.name == "sqlite" else Numeric())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        return str(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        del dialect
        return None if value is None else Decimal(value)


class Base(DeclarativeBase):
    """The parent of every table."""

    metadata = MetaData(
        naming_convention={
            "pk": "pk_%(table_name)s",
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
        }
    )
    type_annotation_map = {
        str: Words,
        datetime: UtcInstant,
        Decimal: ExactDecimal,
        dict[str, Any]: JSON,
        list[str]: JSON,
        list[dict[str, Any]]: JSON,
    }


def table_of(model: type[Base]) -> Table:
    """The table behind a mapped class."""
    return cast(Table, model.__table__)


def row_of(entity: Base) -> dict[str, Any]:
    """The columns of a mapped instance, without a word to the database."""
    return {column.name: getattr(entity, column.name) for column in table_of(type(entity)).columns}


def on_sqlite(session: Session) -> bool:
    """Whether the session speaks to SQLite (else PostgreSQL)."""
    return session.get_bind().dialect.name == "sqlite"


def upsert(session: Session, model: type[Base], rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes whole rows in one statement, over those that have the same primary key."""
    if not rows:
        return
    session.execute(_upsert(model, on_sqlite(session)), list(rows))


@cache
def _upsert(model: type[Base], sqlite_dialect: bool) -> Insert:
    """The statement, built once: building it takes longer than running it."""
    table = table_of(model)
    insert = sqlite.insert(table) if sqlite_dialect else postgresql.insert(table)
    others = {column.name: insert.excluded[column.name] for column in table.columns if not column.primary_key}
    keys = [column.name for column in table.primary_key]
    return insert.on_conflict_do_update(index_elements=keys, set_=others)

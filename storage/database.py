"""The one door to the database: connections, transactions, migration.

Reading and writing are told apart from the start. `session()` reads a consistent snapshot and cannot write.
`transaction()` writes; on SQLite it takes the write lock at once (BEGIN IMMEDIATE), so that two writers queue instead
of failing when both have read and then want to write.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session, configure_mappers

from storage.base import json_text
from storage.locks import lock_number

MIGRATIONS = Path(__file__).with_name("migrations")
BUSY_SECONDS = 30.0
_WRITES = "yekuo_writes"
_migrating = threading.Lock()  # Alembic's context is one for the whole process


class Database:
    """The database at a SQLAlchemy address: `sqlite:///path` or `postgresql+psycopg://…`.

    `pool` is how many connections are kept open; as many again may be opened for a while. Safe to share among threads.
    """

    def __init__(self, url: str, pool: int = 10) -> None:
        address = _checked(make_url(url))
        # Not at the first query: an activity that is called off in the middle of it would leave every later one broken.
        configure_mappers()
        self._engine = create_engine(
            address,
            json_serializer=json_text,
            pool_size=pool,
            max_overflow=pool,
            pool_use_lifo=True,
            pool_pre_ping=address.get_backend_name() == "postgresql",
            connect_args=_connect_args(address),
        )
        if address.get_backend_name() == "sqlite":
            event.listen(self._engine, "connect", _prepare_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)
            self._reader = self._engine
        else:
            self._reader = self._engine.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True, **{_WRITES: False}
            )
        self._writer = self._engine.execution_options(**{_WRITES: True})

    @property
    def engine(self) -> Engine:
        """The engine, for inspection."""
        return self._engine

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Reads one consistent snapshot; a write fails. What was read may be used after the end."""
        with Session(self._reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Commits at the end, rolls everything back if an exception leaves the block."""
        with Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    def migrate(self) -> None:
        """Brings an empty or older database to this version's tables, in one transaction.

        Several processes may start at once: one migrates, the others wait and find it done.
        """
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        with _migrating, self._writer.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": lock_number("migration")})
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def close(self) -> None:
        """Closes the idle connections."""
        self._engine.dispose()


def _checked(url: URL) -> URL:
    backend = url.get_backend_name()
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise ValueError(f"the database address must begin with sqlite: or postgresql:, not {backend}:")
    if not url.database or url.database == ":memory:":
        raise ValueError("a SQLite database in memory is not shared among processes; give the address of a file")
    Path(url.database).absolute().parent.mkdir(parents=True, exist_ok=True)
    return url


def _connect_args(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"timeout": BUSY_SECONDS, "check_same_thread": False}
    return {"application_name": "yekuo"}


def _prepare_sqlite(connection: sqlite3.Connection, record: object) -> None:
    del record
    connection.isolation_level = None  # transactions begin where `_begin_sqlite` says, not where the driver guesses
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")
    _use_wal(connection)


def _use_wal(connection: sqlite3.Connection) -> None:
    """Turns WAL on. SQLite does not wait for its lock here when others open the new file in the same moment."""
    deadline = time.monotonic() + BUSY_SECONDS
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

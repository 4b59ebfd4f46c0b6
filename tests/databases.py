"""Databases to begin with, migrated or with the shipped diagrams too; made once for a process, then copied."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from sqlalchemy import func, select

from api.deployment import SHIPPED, deploy, read_folder
from storage.database import Database
from storage.deployments import Deployment


def migrated(path: Path) -> Database:
    """A database in a SQLite file, without a row where the file is new."""
    _copy(_migrated(), path)
    return Database(f"sqlite:///{path}")


def deployed(path: Path) -> Database:
    """A database in a SQLite file, with the shipped diagrams deployed where the file is new."""
    _copy(_deployed(), path)
    return Database(f"sqlite:///{path}")


def deploy_shipped(database: Database) -> None:
    """Bring the shipped diagrams into a SQLite database."""
    path = database.engine.url.database
    assert path, "the database is a file"
    with database.session() as session:
        others = session.scalar(select(func.count()).select_from(Deployment))
    if others:
        deploy(database, read_folder(SHIPPED), datetime.now(UTC))
        return
    with closing(sqlite3.connect(path)) as connection, _attached(connection), connection:
        for table in _tables_of_diagrams():
            connection.execute(f"INSERT INTO main.{table} SELECT * FROM shipped.{table}")


@contextmanager
def _attached(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("ATTACH ? AS shipped", (str(_deployed()),))
    yield
    connection.execute("DETACH shipped")


def _copy(template: Path, path: Path) -> None:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(template, path)


@cache
def _migrated() -> Path:
    path = Path(tempfile.mkdtemp(prefix="yekuo-")) / "migrated.db"
    with closing(Database(f"sqlite:///{path}")) as database:
        database.migrate()
    return path


@cache
def _deployed() -> Path:
    path = _migrated().with_name("deployed.db")
    with closing(migrated(path)) as database:
        deploy(database, read_folder(SHIPPED), datetime.now(UTC))
    return path


@cache
def _tables_of_diagrams() -> list[str]:
    """The tables that deploying writes to."""
    with closing(sqlite3.connect(_deployed())) as after, closing(sqlite3.connect(_migrated())) as before:
        tables = [name for (name,) in after.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [name for name in tables if _rows(after, name) != _rows(before, name)]


def _rows(connection: sqlite3.Connection, table: str) -> int:
    (count,) = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(count)

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from storage.database import Database
from storage.tables import METADATA, TABLES

ROOT = Path(__file__).parents[2]
MIGRATE = "import sys; from storage.database import Database; Database(sys.argv[1]).migrate()"


def test_migrations_make_the_tables_that_the_models_describe(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, METADATA) == []


def test_every_table_of_the_metadata_is_listed(database: Database) -> None:
    listed = {model.__tablename__ for model in TABLES}

    assert listed == set(METADATA.tables)
    assert set(inspect(database.engine).get_table_names()) == listed | {"alembic_version"}


def test_migrating_again_changes_nothing(empty_url: str) -> None:
    database = Database(empty_url)
    database.migrate()
    tables = inspect(database.engine).get_table_names()

    database.migrate()

    assert inspect(database.engine).get_table_names() == tables
    database.close()


def test_processes_that_migrate_an_empty_database_at_once_all_succeed(empty_url: str) -> None:
    processes = [
        subprocess.Popen([sys.executable, "-c", MIGRATE, empty_url], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    outcomes = [(process.communicate(timeout=60)[1], process.returncode) for process in processes]

    assert [code for _, code in outcomes] == [0, 0, 0], outcomes
    database = Database(empty_url)
    assert len(inspect(database.engine).get_table_names()) == len(TABLES) + 1
    database.close()

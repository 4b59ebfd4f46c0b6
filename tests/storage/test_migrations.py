from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, text

from activities.starting import packed
from storage.bundles import BundleMessage, BundleSignal
from storage.database import MIGRATIONS, Database
from storage.messages import has_begun
from storage.tables import METADATA, TABLES
from tests.bpmn.building import Shape, build, catch, end, message, on_event, parallel, process, signal, start, throw

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


def test_what_older_bundles_hear_of_signals_is_found_in_their_diagrams(empty_url: str) -> None:
    database = Database(empty_url)
    _migrate(database, command.upgrade, "0020")
    shape = process(
        start("begin", signal("Morning")),
        catch("A", signal("Noon")),
        throw("T", signal("Night")),
        end(),
        on_event("E", signal("=alarm")),
        flows=["begin > A > T > end"],
    )
    payload, sha256 = packed(build(shape).dump())
    with database.transaction() as session:
        columns = "INSERT INTO bundles (key, version, sha256, payload, deployed_at) VALUES ('p', 1, :s, :p, :at)"
        session.execute(text(columns), {"s": sha256, "p": payload, "at": datetime.now(UTC)})

    database.migrate()

    with database.session() as session:
        found = [(one.signal, one.element) for one in session.scalars(select(BundleSignal))]
    assert set(found) == {("", ""), ("Morning", ""), ("Morning", "begin"), ("Noon", ""), ("Night", "")}
    _migrate(database, command.downgrade, "0020")
    assert "bundle_signals" not in inspect(database.engine).get_table_names()
    database.close()


def test_messages_that_began_a_case_before_it_was_kept_are_known_to_have(empty_url: str) -> None:
    database = Database(empty_url)
    _migrate(database, command.upgrade, "0022")
    columns = "message_id, name, correlation_key, wait_id, variables, published_at, expires_at, handed_to"
    row = text(f"INSERT INTO messages ({columns}) VALUES (:id, 'm', 'k', 'w', '{{}}', :at, :until, :to)")
    at = datetime(2026, 3, 2, tzinfo=UTC)
    rows: dict[str, dict[str, Any]] = {
        "began": {"until": at, "to": "message/m/k"},
        "opened the plan": {"until": at, "to": "outage-plan/k"},
        "came to it later": {"until": at + timedelta(days=1), "to": "message/m/k"},
        "waits": {"until": at + timedelta(days=1), "to": None},
    }
    with database.transaction() as session:
        for name, fields in rows.items():
            session.execute(row, {"id": name, "at": at, **fields})

    database.migrate()

    with database.session() as session:
        assert [name for name in rows if has_begun(session, name)] == ["began"]
    database.close()


def test_which_messages_of_older_bundles_begin_a_case_together_is_found_in_their_diagrams(empty_url: str) -> None:
    database = Database(empty_url)
    _migrate(database, command.upgrade, "0022")
    gateway = Shape("eventBasedGateway", "G", {"instantiate": "true", "eventGatewayType": "Parallel"})
    shape = process(
        gateway,
        catch("A", message("M")),
        catch("B", message("N")),
        parallel(start("S", message("Z", key=""), message("Y", key=""))),
        start("own", message("O", key="")),
        end(),
        flows=["G > A > end", "G > B > end", "S > end", "own > end"],
    )
    payload, sha256 = packed(build(shape).dump())
    with database.transaction() as session:
        columns = "INSERT INTO bundles (key, version, sha256, payload, deployed_at) VALUES ('p', 1, :s, :p, :at)"
        session.execute(text(columns), {"s": sha256, "p": payload, "at": datetime.now(UTC)})
        known = "INSERT INTO bundle_messages (key, version, message, starts) VALUES ('p', 1, :m, :s)"
        for name, starts in {"M": True, "N": True, "O": True, "Y": False, "Z": False}.items():
            session.execute(text(known), {"m": name, "s": starts})

    database.migrate()

    with database.session() as session:
        found = {one.message: (one.starts, one.together, one.part) for one in session.scalars(select(BundleMessage))}
    gateway_first = (True, "G", 0)
    assert found == {
        "M": gateway_first,
        "N": gateway_first,
        "O": (True, None, 0),
        "Z": (True, "S", 1),
        "Y": (True, "S", 2),
    }
    _migrate(database, command.downgrade, "0022")
    database.close()


def _migrate(database: Database, step: Callable[[Config, str], None], revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.transaction() as session:
        config.attributes["connection"] = session.connection()
        step(config, revision)

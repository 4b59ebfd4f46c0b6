"""What stands in the way of `make run` is said plainly, before anything is started."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from api.preflight import Listener, folder_problem, main, port_problems
from storage.database import Database
from storage.migrate import migration_problem


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, free_port: Callable[[], int]) -> pytest.MonkeyPatch:
    """Settings under which a run could start."""
    monkeypatch.setenv("YEKUO_VAR", str(tmp_path / "var"))
    monkeypatch.delenv("YEKUO_DATABASE_URL", raising=False)
    for setting in ("YEKUO_TEMPORAL_PORT", "YEKUO_TEMPORAL_UI_PORT", "YEKUO_API_PORT"):
        monkeypatch.setenv(setting, str(free_port()))
    return monkeypatch


def test_free_ports_are_no_problem(free_port: Callable[[], int]) -> None:
    assert list(port_problems([Listener("the API", free_port(), "YEKUO_API_PORT")])) == []


def test_a_taken_port_is_named_with_the_setting_to_change(taken: int) -> None:
    [problem] = port_problems([Listener("the API", taken, "YEKUO_API_PORT")])

    assert problem.startswith(f"port {taken} is taken, the API cannot listen on it: ")
    assert "`make run YEKUO_API_PORT=" in problem


def test_the_port_proposed_instead_is_free(taken: int) -> None:
    [problem] = port_problems([Listener("the API", taken, "YEKUO_API_PORT")])

    proposed = int(problem.rstrip("`").rsplit("=", 1)[1])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", proposed))


def test_the_port_proposed_instead_is_not_another_servers(taken: int) -> None:
    servers = [Listener("the API", taken, "YEKUO_API_PORT")] + [
        Listener(f"server {n}", taken + n, f"YEKUO_PORT_{n}") for n in range(1, 4)
    ]

    problem = next(port_problems(servers))

    assert int(problem.rstrip("`").rsplit("=", 1)[1]) > taken + 3


def test_a_port_taken_on_every_address_counts() -> None:
    with socket.socket() as listener:
        listener.bind(("0.0.0.0", 0))
        listener.listen()
        port = listener.getsockname()[1]

        assert len(list(port_problems([Listener("the API", port, "YEKUO_API_PORT")]))) == 1


def test_a_connection_that_is_still_closing_takes_no_port() -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as visitor:
            accepted, _ = listener.accept()
            accepted.close()  # this end closes first and stays in TIME_WAIT
            assert visitor.recv(1) == b""

    assert list(port_problems([Listener("the API", port, "YEKUO_API_PORT")])) == []


def test_two_servers_on_one_port_are_both_named(free_port: Callable[[], int]) -> None:
    port = free_port()

    [problem] = port_problems([Listener("the Web UI", port, "YEKUO_UI"), Listener("the API", port, "YEKUO_API_PORT")])

    assert problem.startswith(f"the Web UI and the API are both set to port {port}: ")


def test_the_folder_is_made(tmp_path: Path) -> None:
    assert folder_problem(tmp_path / "deep" / "var") is None
    assert (tmp_path / "deep" / "var").is_dir()


def test_a_folder_that_cannot_be_made_is_named_with_its_setting(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    assert f"the folder {file}/var cannot be used" in (problem := folder_problem(file / "var") or "")
    assert "YEKUO_VAR" in problem


_HOLDER = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1])
database.execute("PRAGMA journal_mode = WAL")
database.execute("CREATE TABLE cases (id)")
database.commit()
print("open", flush=True)
sys.stdin.read()
"""


def test_a_folder_where_another_run_works_is_refused(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _HOLDER, str(tmp_path / "temporal.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        try:
            assert "another run works in the folder" in (folder_problem(tmp_path) or "")
        finally:
            other.kill()


def test_a_folder_whose_run_was_killed_is_free_again(tmp_path: Path) -> None:
    command = [sys.executable, "-c", _HOLDER, str(tmp_path / "temporal.db")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        other.stdout.readline()
        other.kill()

    assert (tmp_path / "temporal.db-shm").exists()
    assert folder_problem(tmp_path) is None


def test_the_database_is_on_its_schema_afterwards(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'yekuo.db'}"

    assert migration_problem(url) is None

    database = Database(url)
    with database.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM alembic_version")).scalar_one() == 1
    database.close()


def test_a_database_of_a_later_version_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "yekuo.db") as later:
        later.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        later.execute("INSERT INTO alembic_version VALUES ('9999')")
    later.close()

    assert "9999" in (migration_problem(f"sqlite:///{tmp_path / 'yekuo.db'}") or "")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://yekuo:secret@127.0.0.1:1/yekuo", "the database postgresql://yekuo:***@127.0.0.1:1/yekuo cannot"),
        ("mysql://yekuo:secret@127.0.0.1:1/yekuo", "must begin with sqlite: or postgresql:"),
        ("yekuo.db", "YEKUO_DATABASE_URL is no database address"),
    ],
)
def test_a_database_that_cannot_be_used_is_named_without_its_password(url: str, said: str) -> None:
    problem = migration_problem(url)

    assert problem is not None
    assert said in problem
    assert "YEKUO_DATABASE_URL" in problem
    assert "secret" not in problem


def test_the_addresses_are_printed(
    environment: pytest.MonkeyPatch, free_port: Callable[[], int], capsys: pytest.CaptureFixture[str]
) -> None:
    web_ui, api = free_port(), free_port()
    environment.setenv("YEKUO_TEMPORAL_UI_PORT", str(web_ui))
    environment.setenv("YEKUO_API_PORT", str(api))

    assert main() == 0

    printed = capsys.readouterr().out
    assert f"http://127.0.0.1:{web_ui}\n" in printed
    assert f"http://127.0.0.1:{api} " in printed


def test_a_taken_port_ends_with_an_error_and_changes_nothing(
    environment: pytest.MonkeyPatch, taken: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("YEKUO_API_PORT", str(taken))

    assert main() == 1

    assert f"yekuo cannot start: port {taken} is taken" in capsys.readouterr().err
    assert list((tmp_path / "var").iterdir()) == []


def test_a_port_that_is_no_number_is_named_by_its_variable(
    environment: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environment.setenv("YEKUO_API_PORT", "http")

    assert main() == 1

    assert "YEKUO_API_PORT is wrong" in capsys.readouterr().err


def test_a_setting_that_is_empty_counts_as_not_set(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("YEKUO_DATABASE_URL", "")
    environment.setenv("YEKUO_FILES", "")

    assert main() == 0

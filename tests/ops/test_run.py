"""`make run` as a person uses it: start, Ctrl-C, start again."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from workflows.namespace import CASE_NO, RETENTION

ROOT = Path(__file__).parents[2]


@dataclass
class Installation:
    """One folder of data and one set of ports; started and stopped like in a terminal of its own."""

    var: Path
    temporal: int
    web_ui: int
    api: int
    process: subprocess.Popen[bytes] | None = None
    started: int = 0

    def start(self, **settings: str) -> None:
        """`make run`."""
        self.started += 1
        environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL")}
        environment |= {
            "YEKUO_VAR": str(self.var),
            "YEKUO_TEMPORAL_PORT": str(self.temporal),
            "YEKUO_TEMPORAL_UI_PORT": str(self.web_ui),
            "YEKUO_API_PORT": str(self.api),
            **settings,
        }
        with self._output_file().open("wb") as output:
            self.process = subprocess.Popen(
                ["make", "run"], cwd=ROOT, env=environment, start_new_session=True, stdout=output, stderr=output
            )

    def wait_until_ready(self) -> None:
        """Until the API says that all parts are there, and the worker has prepared the namespace."""
        end = time.monotonic() + 60
        while not self._answers(f"http://127.0.0.1:{self.api}/ready"):
            assert self.process is not None
            assert self.process.poll() is None, self.output()
            assert time.monotonic() < end, self.output()
            time.sleep(0.1)

    def processes(self) -> list[psutil.Process]:
        """All that `make run` started and that lives."""
        assert self.process is not None
        return [p for p in psutil.Process(self.process.pid).children(recursive=True) if p.is_running()]

    def interrupt(self) -> None:
        """Ctrl-C: the whole foreground process group hears it; returns when make has ended."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGINT)
        self.process.wait(20)

    def output(self) -> str:
        """What the last start has printed so far."""
        return self._output_file().read_text(encoding="utf-8")

    def _output_file(self) -> Path:
        return self.var.with_name(f"output-{self.started}")

    def _answers(self, url: str) -> bool:
        try:
            return httpx.get(url, timeout=4).status_code == 200
        except httpx.TransportError:
            return False


@pytest.fixture
def installation(tmp_path: Path, free_port: Callable[[], int]) -> Iterator[Installation]:
    """An installation that nobody has started yet; whatever is left of it at the end is killed."""
    made = Installation(tmp_path / "var", free_port(), free_port(), free_port())
    yield made
    if made.process is not None and made.process.poll() is None:
        left = made.processes()
        made.process.kill()
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        made.process.wait()


async def _client(installation: Installation) -> Client:
    return await Client.connect(f"127.0.0.1:{installation.temporal}")


async def _until_prepared(client: Client) -> None:
    """Until the worker has given the namespace its ten years; it does that before it takes work."""
    request = DescribeNamespaceRequest(namespace=client.namespace)
    for _ in range(200):
        answer = await client.workflow_service.describe_namespace(request)
        if answer.config.workflow_execution_retention_ttl.ToTimedelta() == RETENTION:
            return
        await asyncio.sleep(0.1)
    pytest.fail("the worker did not set the retention within 20 s")


async def _start(client: Client, case: str) -> WorkflowHandle[Any, Any]:
    attributes = TypedSearchAttributes([SearchAttributePair(CASE_NO, case)])
    return await client.start_workflow("a case", id=case, task_queue="nobody", search_attributes=attributes)


def _listening(processes: list[psutil.Process]) -> set[str]:
    connections = [connection for process in processes for connection in process.net_connections("inet")]
    return {connection.laddr.ip for connection in connections if connection.status == psutil.CONN_LISTEN}


async def test_a_run_prints_its_addresses_and_answers_there_whatever_temporal_the_shell_names(
    installation: Installation,
) -> None:
    installation.start(TEMPORAL_ADDRESS="127.0.0.1:1", TEMPORAL_NAMESPACE="elsewhere", TEMPORAL_API_KEY="none")
    installation.wait_until_ready()

    printed = installation.output()
    assert f"http://127.0.0.1:{installation.web_ui}\n" in printed
    assert f"http://127.0.0.1:{installation.api} " in printed
    assert httpx.get(f"http://127.0.0.1:{installation.web_ui}/").status_code == 200
    assert httpx.get(f"http://127.0.0.1:{installation.api}/health").json() == {"alive": True}
    assert _listening(installation.processes()) == {"127.0.0.1"}
    await _until_prepared(await _client(installation))


@pytest.mark.long
async def test_ctrl_c_leaves_no_process_and_the_next_start_goes_on_with_the_cases(installation: Installation) -> None:
    installation.start()
    installation.wait_until_ready()
    client = await _client(installation)
    await _until_prepared(client)
    started = await _start(client, "C-7")

    ours = installation.processes()
    assert len(ours) >= 4
    installation.interrupt()
    assert [process for process in ours if process.is_running()] == []

    installation.start()
    installation.wait_until_ready()
    found = await (await _client(installation)).get_workflow_handle("C-7").describe()
    assert (found.run_id, found.status) == (started.first_execution_run_id, WorkflowExecutionStatus.RUNNING)


def test_a_port_problem_stops_the_run_before_anything_starts(installation: Installation) -> None:
    installation.api = installation.web_ui

    installation.start()

    assert installation.process is not None
    assert installation.process.wait(60) != 0
    assert f"Temporal's Web UI and the API are both set to port {installation.api}" in installation.output()
    assert "started (pid=" not in installation.output()

"""The runner stops everything it started, whenever and however it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]
LONG = "exec sleep 987"


def _as_in_a_terminal() -> None:
    """What is run in the background ignores these signals, and so would all that it starts."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


class Run:
    """`python -m api.runner` in a folder with a Procfile, leading a process group of its own as under a terminal."""

    def __init__(
        self, folder: Path, services: dict[str, str], output: str = "> output 2>&1", program: str = "-m api.runner"
    ) -> None:
        self.folder = folder
        lines = [f"{name}: {command}" for name, command in services.items()]
        (folder / "Procfile").write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = f"{sys.executable} {program} {output}; exit $?"
        # The mark is inherited by all that the run starts, so that nothing which left the group is overlooked.
        self.mark = f"yekuo-test-{os.getpid()}-{folder.name}-{time.monotonic_ns()}"
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "YEKUO_TEST_MARK": self.mark}
        self.process = subprocess.Popen(
            ["bash", "-c", command],
            cwd=folder,
            env=environment,
            start_new_session=True,
            stderr=subprocess.DEVNULL,
            preexec_fn=_as_in_a_terminal,
        )

    def members(self) -> list[psutil.Process]:
        """Every living process of this run."""
        return [process for process in psutil.process_iter() if self._is_mine(process)]

    def runner(self) -> psutil.Process:
        """The first process of the runner, to which a terminal or an operator speaks; waits until it is there."""
        while True:
            for process in psutil.Process(self.process.pid).children():
                if "api.runner" in process.cmdline():
                    return process
            time.sleep(0.001)

    def wait_for(self, text: str, times: int = 1) -> None:
        """Waits until the run has written `text` that often."""
        end = time.monotonic() + 10
        while self.output().count(text) < times:
            assert time.monotonic() < end, self.output()
            time.sleep(0.01)

    def signal_all(self, number: signal.Signals) -> None:
        """What a terminal does: the whole foreground process group hears it."""
        os.killpg(self.process.pid, number)

    def end(self) -> int:
        """The exit code of the run."""
        return self.process.wait(15)

    def output(self) -> str:
        file = self.folder / "output"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def _is_mine(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get("YEKUO_TEST_MARK") == self.mark and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False


@pytest.fixture
def runs() -> Iterator[list[Run]]:
    """The runs of a test; whatever is left of them is killed at its end."""
    started: list[Run] = []
    yield started
    for run in started:
        for process in run.members():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        run.process.wait()


def _nobody_left(run: Run) -> bool:
    end = time.monotonic() + 10
    while run.members() and time.monotonic() < end:
        time.sleep(0.02)
    return not run.members()


def test_a_signal_ends_all_services(runs: list[Run], tmp_path: Path) -> None:
    runs.append(run := Run(tmp_path, {"one": LONG, "two": LONG}))
    run.wait_for("started", times=2)

    run.signal_all(signal.SIGINT)

    assert _nobody_left(run)
    assert "one stopped" in run.output()


@pytest.mark.parametrize("milliseconds", range(0, 160, 40))
def test_a_signal_soon_after_the_command_leaves_nothing(runs: list[Run], tmp_path: Path, milliseconds: int) -> None:
    runs.append(run := Run(tmp_path, {"one": LONG, "two": LONG, "three": LONG}))
    run.runner()
    time.sleep(milliseconds / 1000)

    run.signal_all(signal.SIGINT)

    assert _nobody_left(run)


_SLOW_START = """
import time
from api import runner
from honcho import process

start = process.Popen.__init__

def start_slowly(*args, **kwargs):
    time.sleep(0.4)
    start(*args, **kwargs)
    time.sleep(0.4)

process.Popen.__init__ = start_slowly
runner.main()
"""


@pytest.mark.parametrize("seconds", [0.2, 0.6])
def test_a_signal_while_services_are_being_started_leaves_nothing(
    runs: list[Run], tmp_path: Path, seconds: float
) -> None:
    (tmp_path / "api.runner").write_text(_SLOW_START, encoding="utf-8")
    runs.append(run := Run(tmp_path, {"one": LONG, "two": LONG}, program="api.runner"))
    while len(run.runner().children()) < 2:
        time.sleep(0.001)
    time.sleep(seconds)

    run.signal_all(signal.SIGINT)

    assert _nobody_left(run)


def test_a_closed_terminal_ends_all_services(runs: list[Run], tmp_path: Path) -> None:
    runs.append(run := Run(tmp_path, {"one": LONG, "two": LONG}))
    run.wait_for("started", times=2)

    run.signal_all(signal.SIGHUP)

    assert _nobody_left(run)


def test_a_reader_that_went_away_does_not_hinder_the_end(runs: list[Run], tmp_path: Path) -> None:
    talks = "while sleep 0.02; do echo still here; done"
    runs.append(run := Run(tmp_path, {"one": talks, "two": LONG}, output="2>&1 | head -n 4 > output"))
    run.wait_for("still here")
    time.sleep(0.3)
    assert len(run.members()) > 3

    run.signal_all(signal.SIGINT)

    assert _nobody_left(run)


_LITTLE_PATIENCE = """
from api import runner
from honcho import manager

manager.KILL_WAIT = 0.5
runner.main()
"""


def test_a_service_that_ignores_the_request_is_killed(runs: list[Run], tmp_path: Path) -> None:
    (tmp_path / "api.runner").write_text(_LITTLE_PATIENCE, encoding="utf-8")
    stubborn = "trap '' TERM; while :; do sleep 0.1; done"
    runs.append(run := Run(tmp_path, {"stubborn": stubborn, "two": LONG}, program="api.runner"))
    run.wait_for("started", times=2)
    time.sleep(0.2)

    run.signal_all(signal.SIGINT)

    assert _nobody_left(run)


def test_when_one_service_fails_the_others_end_and_its_exit_code_stays(runs: list[Run], tmp_path: Path) -> None:
    runs.append(run := Run(tmp_path, {"fails": "sleep 0.2; exit 7", "two": LONG}))

    assert run.end() == 7
    assert _nobody_left(run)
    assert "fails stopped (rc=7)" in run.output()


def test_ending_by_request_is_no_failure(runs: list[Run], tmp_path: Path) -> None:
    runs.append(run := Run(tmp_path, {"one": LONG}))
    run.wait_for("started")

    run.runner().send_signal(signal.SIGTERM)

    assert run.end() == 0
    assert _nobody_left(run)

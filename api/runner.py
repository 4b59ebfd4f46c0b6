"""Runs the Procfile under honcho until Ctrl-C: `python -m api.runner`.

honcho alone leaves processes behind when a signal comes while it still starts them, when its terminal is closed, and
when nobody reads its output any more (`make run | tee log` and Ctrl-C). What stands here makes it stop them then, too.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from honcho.environ import parse_procfile
from honcho.manager import SIGNALS, Manager
from honcho.printer import Message, Printer

_AGAIN = 0.05


class _Output(Printer):  # type: ignore[misc]
    """Drops a line that nobody can read any more, or that a signal would write into the middle of another."""

    def write(self, message: Message) -> None:
        with suppress(OSError, RuntimeError):
            super().write(message)


class Runner(Manager):  # type: ignore[misc]
    """Starts services and stops all of them when one ends or a signal comes, however early it comes."""

    def __init__(self) -> None:
        super().__init__(_Output(sys.stdout))

    def loop(self) -> None:
        """Runs until every service has ended."""
        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
        signal.signal(signal.SIGALRM, lambda *_: self.terminate())
        super().loop()

    def terminate(self) -> None:
        """Asks all services to end, as soon as each of them has started."""
        if self._all_started():
            super().terminate()
        else:
            signal.setitimer(signal.ITIMER_REAL, _AGAIN)


def main() -> int:
    """The exit code: 0 after a signal, otherwise that of the first service that ended."""
    runner = Runner()
    for name, command in parse_procfile(Path("Procfile").read_text(encoding="utf-8")).processes.items():
        runner.add_process(name, command)
    runner.loop()
    asked = {rule["rc"] for rule in SIGNALS.values()}
    return 0 if runner.returncode in asked else int(runner.returncode or 0)


if __name__ == "__main__":
    raise SystemExit(main())

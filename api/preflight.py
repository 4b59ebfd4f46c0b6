"""What `make run` does before it starts a process: `python -m api.preflight`.

Free ports, a working folder that no other run uses, a database on its latest schema; then the addresses. Whatever
stands in the way is said in one plain sentence each, with the setting to change, and the exit code is 1.
"""

from __future__ import annotations

import errno
import fcntl
import socket
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError
from pydantic_settings import SettingsError

from storage.migrate import migration_problem
from storage.settings import Settings

# SQLite in WAL mode: every open connection holds a shared lock on this byte of the -shm file.
_SHM_IN_USE = 128


@dataclass(frozen=True)
class Listener:
    """One server of a run: what it is, the port it listens on, the setting that chooses the port."""

    name: str
    port: int
    setting: str


def listeners(settings: Settings) -> tuple[Listener, ...]:
    """The servers that `make run` starts."""
    return (
        Listener("the Temporal server", settings.temporal_port, "YEKUO_TEMPORAL_PORT"),
        Listener("Temporal's Web UI", settings.temporal_ui_port, "YEKUO_TEMPORAL_UI_PORT"),
        Listener("the API", settings.api_port, "YEKUO_API_PORT"),
    )


def port_problems(servers: Sequence[Listener]) -> Iterator[str]:
    """A sentence for each server that cannot have its port on 127.0.0.1."""
    names: dict[int, str] = {}
    for server in servers:
        if other := names.get(server.port):
            yield f"{other} and {server.name} are both set to port {server.port}: {_remedy(server, servers)}"
        elif error := _bind_error(server.port):
            yield f"port {server.port} {error}, {server.name} cannot listen on it: {_remedy(server, servers)}"
        names.setdefault(server.port, server.name)


def folder_problem(var: Path) -> str | None:
    """Why a run cannot work in `var`, which is created where it is missing; None if it can.

    Two servers on one Temporal database would overwrite each other's cases, on whatever ports they listen.
    """
    try:
        var.mkdir(parents=True, exist_ok=True)
        in_use = _in_use(var / "temporal.db-shm")
    except OSError as error:
        return f"the folder {var} cannot be used ({error.strerror}): set YEKUO_VAR to a folder you may write to"
    if in_use:
        return f"another run works in the folder {var}: stop that one first, or set YEKUO_VAR to a folder of its own"
    return None


def main() -> int:
    """The exit code: 0 when the processes may start."""
    try:
        settings = Settings()
    except ValidationError as error:
        return _refuse(f"YEKUO_{'_'.join(map(str, e['loc'])).upper()} is wrong: {e['msg']}" for e in error.errors())
    except SettingsError as error:
        return _refuse([str(error)])
    folder = folder_problem(settings.var)
    problems = [*([folder] if folder else []), *port_problems(listeners(settings))]
    if problems:
        return _refuse(problems)
    if problem := migration_problem(settings.database):
        return _refuse([problem])
    print(
        f"Temporal's Web UI  http://127.0.0.1:{settings.temporal_ui_port}\n"
        f"the API            http://127.0.0.1:{settings.api_port}  (/health, /ready)\n"
        f"the Temporal server  {settings.temporal_address}\n"
        f"Everything is kept in {settings.var}. Ctrl-C stops all of it; started again, the cases go on."
    )
    return 0


def _refuse(problems: Iterable[str]) -> int:
    for problem in problems:
        print(f"yekuo cannot start: {problem}", file=sys.stderr)
    return 1


def _bind_error(port: int) -> str | None:
    with socket.socket() as probe:
        # As the servers do: a connection of the last run that is still closing does not take the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return "is taken" if error.errno == errno.EADDRINUSE else f"is refused ({error.strerror})"
    return None


def _remedy(server: Listener, servers: Sequence[Listener]) -> str:
    asked = {other.port for other in servers}
    candidates = (port for port in range(server.port + 1, 65536) if port not in asked)
    free = next((port for port in candidates if _bind_error(port) is None), 18000)
    return f"choose another one with {server.setting}, for example `make run {server.setting}={free}`"


def _in_use(shm: Path) -> bool:
    if not shm.exists():
        return False
    with shm.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _SHM_IN_USE)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EAGAIN):
                return True
            raise
    return False


if __name__ == "__main__":
    raise SystemExit(main())

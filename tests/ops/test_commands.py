"""The commands of the Makefile, the lock file, the Procfile and the scripts of `.ci`."""

from __future__ import annotations

import os
import re
import stat
import subprocess
from pathlib import Path

import pytest
from honcho.environ import parse_procfile

from storage.settings import Settings

ROOT = Path(__file__).parents[2]


def _read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


MAKEFILE = _read("Makefile")
PROCFILE = _read("Procfile")


def _make(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    # Without what a surrounding `make test` hands on to its own makes.
    clean = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    return subprocess.run(
        ["make", *arguments], cwd=ROOT, env=clean | environment, capture_output=True, text=True, timeout=60
    )


def _targets() -> set[str]:
    [phony] = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    return set(phony.split())


def test_every_command_is_there() -> None:
    assert _targets() >= {"install", "run", "demo", "test", "test-long", "bench", "format", "help"}


def test_make_alone_lists_every_target() -> None:
    answer = _make()

    listed = {line.split()[1] for line in answer.stdout.splitlines()}
    assert answer.returncode == 0
    assert listed == _targets()


def test_running_needs_no_system_package() -> None:
    for target in ("run", "demo"):
        assert "packages" not in _make("--dry-run", target).stdout


def test_tests_begin_with_the_linters() -> None:
    plan = _make("--dry-run", "test").stdout

    steps = ["ruff check", "ruff format --check", "mypy", "lint-imports", ".ci/packages", "pytest"]
    assert sorted(steps, key=plan.index) == steps


@pytest.mark.parametrize(
    ("python", "said"),
    [
        ("#!/bin/sh\n[ $# = 1 ] && echo Python 3.9.2; exit 1", "{} is Python 3.9.2"),
        (None, "there is no "),
    ],
)
def test_a_python_that_is_too_old_or_missing_is_said_plainly(tmp_path: Path, python: str | None, said: str) -> None:
    interpreter = tmp_path / "python"
    if python is not None:
        interpreter.write_text(python)
        interpreter.chmod(0o755)

    answer = _make("--always-make", "install", f"PYTHON={interpreter}")

    assert answer.returncode != 0
    assert f"yekuo needs Python 3.11 or later, and {said.format(interpreter)}" in answer.stderr


_REQUIREMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]*==[^\s:@]+( ; [^:@]+?)?( +--hash=sha256:[0-9a-f]{64})+\s*")


@pytest.mark.parametrize("lock", ["requirements.lock", "uv.lock.txt"])
def test_the_lock_holds_names_versions_and_hashes_only(lock: str) -> None:
    lines = _read(lock).replace("\\\n", " ").splitlines()

    assert len(lines) > 0
    assert [line for line in lines if not _REQUIREMENT.fullmatch(line)] == []


def test_the_lock_holds_every_package_of_the_project() -> None:
    locked = {name.lower() for name in re.findall(r"^([A-Za-z0-9.-]+)==", _read("requirements.lock"), re.MULTILINE)}
    wanted = {name.lower() for name in re.findall(r'^    "([A-Za-z0-9.-]+)', _read("pyproject.toml"), re.MULTILINE)}

    assert len(wanted) > 20
    assert wanted <= locked


def test_a_run_has_three_processes() -> None:
    assert list(parse_procfile(PROCFILE).processes) == ["temporal", "worker", "api"]


def test_the_procfile_and_the_settings_agree_on_every_default(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("YEKUO_")]:
        monkeypatch.delenv(name)
    settings = Settings()

    defaults = re.findall(r"\$\{YEKUO_(\w+):-([^}]*)\}", PROCFILE)
    assert {name for name, _ in defaults} == {"TEMPORAL_PORT", "TEMPORAL_UI_PORT", "API_PORT", "NAMESPACE", "VAR"}
    for name, default in defaults:
        assert str(getattr(settings, name.lower())) == default


def test_the_temporal_database_survives_and_does_not_wait_for_the_disk_twice() -> None:
    command = parse_procfile(PROCFILE).processes["temporal"]

    assert "--sqlite-pragma journal_mode=WAL --sqlite-pragma synchronous=NORMAL" in command
    assert "/temporal.db" in command


@pytest.mark.parametrize("script", sorted(path.name for path in (ROOT / ".ci").iterdir()))
def test_the_scripts_can_be_started_and_name_no_host(script: str) -> None:
    path = ROOT / ".ci" / script
    text = _read(f".ci/{script}")

    assert path.stat().st_mode & stat.S_IXUSR
    assert "set -euo pipefail" in text
    assert "://" not in text
    assert subprocess.run(["bash", "-n", str(path)], timeout=10).returncode == 0


def test_the_whole_check_is_make_test() -> None:
    assert _read(".ci/run").rstrip().endswith("exec make test")

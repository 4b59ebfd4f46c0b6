"""Missing system packages are installed where that is allowed; otherwise they are named, and nothing else happens."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = (Path(__file__).parents[2] / ".ci" / "packages").read_text(encoding="utf-8")

_DPKG = "#!/bin/bash\n[[ ${@: -1} == there* ]] && echo -n installed"
_APT = '#!/bin/bash\necho "apt-get $*"'
_SUDO = '#!/bin/bash\n[[ $ALLOWED == yes ]] || exit 1\nshift\n[[ $1 == true ]] || echo "as root: ${*: -2}"'


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The folder of commands of a machine where the packages `there*` are installed."""
    for name, text in {"dpkg-query": _DPKG, "apt-get": _APT, "sudo": _SUDO}.items():
        (tmp_path / name).write_text(text + "\n")
        (tmp_path / name).chmod(0o755)
    tmp_path.chmod(0o755)
    return tmp_path


def _run(path: str, *packages: str, sudo: bool = False, root: bool = False) -> subprocess.CompletedProcess[str]:
    # An ordinary user, also where the tests run as root; for root's branch the one check of the user is replaced.
    script = SCRIPT.replace("((EUID == 0))", "((0 == 0))" if root else "((1 == 0))")
    return subprocess.run(
        ["/bin/bash", "-s", "--", *packages],
        input=script,
        env={"PATH": path, "ALLOWED": "yes" if sudo else "no"},
        capture_output=True,
        text=True,
        timeout=20,
    )


def _path(machine: Path) -> str:
    return f"{machine}{os.pathsep}/usr/bin{os.pathsep}/bin"


def test_nothing_happens_where_all_are_there(machine: Path) -> None:
    answer = _run(_path(machine), "there-a", "there-b", root=True)

    assert (answer.returncode, answer.stdout, answer.stderr) == (0, "", "")


def test_missing_ones_are_named_where_they_may_not_be_installed(machine: Path) -> None:
    answer = _run(_path(machine), "there-a", "missing-a", "missing-b")

    assert answer.returncode == 1
    assert "System packages are missing: missing-a missing-b\n" in answer.stderr
    assert "there-a" not in answer.stderr
    assert answer.stdout == ""


def test_root_installs_the_missing_ones_from_fresh_lists(machine: Path) -> None:
    answer = _run(_path(machine), "there-a", "missing-a", "missing-b", root=True)

    assert answer.returncode == 0
    calls = [line for line in answer.stdout.splitlines() if line.startswith("apt-get ")]
    assert [call.split()[-1] for call in calls] == ["update", "missing-b"]
    assert calls[1].endswith("install -y --no-install-recommends missing-a missing-b")


def test_sudo_without_a_password_will_do(machine: Path) -> None:
    answer = _run(_path(machine), "missing-a", sudo=True)

    assert answer.returncode == 0
    assert "as root: --no-install-recommends missing-a" in answer.stdout


def test_either_of_two_packages_is_enough(machine: Path) -> None:
    assert _run(_path(machine), "missing-a|there-a").returncode == 0


def test_of_two_missing_ones_the_first_is_asked_for(machine: Path) -> None:
    assert "are missing: missing-a\n" in _run(_path(machine), "missing-a|missing-b").stderr


def test_a_system_without_dpkg_is_told_what_the_tests_need(machine: Path) -> None:
    (machine / "dpkg-query").unlink()

    answer = _run(str(machine), "missing-a")

    assert answer.returncode == 1
    assert "no dpkg" in answer.stderr
    assert "missing-a" in answer.stderr

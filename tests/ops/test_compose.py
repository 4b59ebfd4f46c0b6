"""What the files of the containers promise: nothing open that need not be, everything pinned, checked and bounded."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from tests.ops.compose import FILE, ROOT, Service, ours, read, services

BIN = Path(sys.executable).parent
ALL = list(services().values())
LASTING = [service for service in ALL if not service.is_job]


def _name(service: Service) -> str:
    return service.name


def _schema_check(file: Path) -> subprocess.CompletedProcess[str]:
    command = [str(BIN / "check-jsonschema"), "--builtin-schema", "vendor.compose-spec", str(file)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60)


def test_the_compose_file_is_one() -> None:
    assert _schema_check(FILE).returncode == 0


def test_a_misspelt_key_is_found(tmp_path: Path) -> None:
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(FILE.read_text("utf-8").replace("stop_grace_period: 60s", "stop_grace_periode: 60s"), "utf-8")

    answer = _schema_check(wrong)

    assert answer.returncode != 0
    assert "stop_grace_periode" in answer.stdout + answer.stderr


@pytest.mark.parametrize("service", ALL, ids=_name)
def test_no_process_has_more_than_it_needs(service: Service) -> None:
    said = service.said

    assert said["cap_drop"] == ["ALL"]
    assert said.get("cap_add", []) == (["NET_BIND_SERVICE"] if service.name == "gateway" else [])
    assert said["security_opt"] == ["no-new-privileges:true"]
    assert said["read_only"] is (service.name != "temporal-ui")
    assert not said.get("privileged")
    assert str(said.get("user", "")) not in ("0", "root", "0:0")
    assert set(said["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}


@pytest.mark.parametrize("service", LASTING, ids=_name)
def test_whatever_lasts_is_watched_restarted_and_given_time_to_end(service: Service) -> None:
    assert {"test", "interval", "timeout", "retries", "start_period"} <= set(service.said["healthcheck"])
    assert service.said["restart"] == "unless-stopped"
    assert 0 < service.grace <= 60


def test_only_the_gateway_and_temporal_s_web_ui_are_reached_and_from_this_machine_alone() -> None:
    published = {service.name: service.said["ports"] for service in ALL if "ports" in service.said}

    assert set(published) == {"gateway", "temporal-ui"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)


def test_only_what_must_is_in_the_network_that_leads_outside() -> None:
    networks = read()["networks"]

    assert {name for name, said in networks.items() if not said.get("internal")} == {"outside"}
    assert {one.name for one in ALL if "outside" in one.said["networks"]} == {"gateway", "temporal-ui", "worker", "api"}
    assert {one.name for one in ALL if "database" in one.said["networks"]} == {
        "postgres",
        "temporal-schema",
        "temporal",
        "migrate",
        "diagrams",
        "worker",
        "api",
    }


@pytest.mark.parametrize("service", ALL, ids=_name)
def test_every_image_is_pinned_to_a_version(service: Service) -> None:
    assert re.fullmatch(r"[a-z/-]+:\d+\.\d+(\.\d+)?(-[a-z]+)?", service.said["image"])


def test_the_deprecated_image_is_not_used() -> None:
    assert "auto-setup" not in FILE.read_text("utf-8")


@pytest.mark.parametrize("service", ALL, ids=_name)
def test_no_secret_stands_in_the_environment(service: Service) -> None:
    secret = re.compile(r"PASSWORD|PWD|SECRET|TOKEN|KEY")

    assert [name for name in service.variables if secret.search(name) and not name.endswith("_FILE")] == []
    for name, value in service.variables.items():
        assert not name.endswith("_FILE") or value.removeprefix("/run/secrets/") in service.said["secrets"]


def test_secrets_are_files_that_the_repository_does_not_hold() -> None:
    files = [said["file"] for said in read()["secrets"].values()]
    tracked = subprocess.run(["git", "ls-files", "secrets"], cwd=ROOT, capture_output=True, text=True, timeout=30)

    assert len(files) == 3
    assert all(file.startswith("./secrets/") for file in files)
    ignored = subprocess.run(["git", "check-ignore", *files], cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert ignored.stdout.split() == files
    assert set(tracked.stdout.split()) <= {"secrets/README.md", "secrets/.gitignore"}


def test_the_order_is_database_schema_server_namespace_and_then_who_works() -> None:
    found = services()
    done = "service_completed_successfully"

    assert found["temporal"].waits_for() == {"temporal-schema": done}
    assert found["worker"].waits_for() == {"namespace": done, "diagrams": done}
    assert found["api"].waits_for() == {"namespace": done, "diagrams": done}
    assert all(found[name].is_job for one in found.values() for name, on in one.waits_for().items() if on == done)


def test_there_are_two_workers_and_two_apis() -> None:
    assert {name: one.replicas for name, one in ours().items() if not one.is_job} == {"worker": 2, "api": 2}


def test_every_file_that_is_mounted_is_there() -> None:
    mounted = [volume.split(":")[0] for one in ALL for volume in one.said.get("volumes", []) if volume.startswith("./")]

    assert len(mounted) == 4
    assert all((ROOT / path).is_file() for path in mounted)


def test_the_dynamic_configuration_is_yaml_with_values() -> None:
    said = yaml.safe_load((ROOT / "deploy/temporal/dynamic.yaml").read_text("utf-8"))

    assert said == {"limit.maxIDLength": [{"value": 255}]}


def test_the_image_and_the_compose_file_agree() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]

    for service in ours().values():
        assert service.said["image"] == f"yekuo:{version}"
        assert service.said["user"] == "10001:10001"
        for name in ("YEKUO_ENVIRONMENT", "YEKUO_VAR", "YEKUO_FILES"):
            assert f"{name}={service.variables[name]}" in dockerfile
    assert "USER 10001:10001" in dockerfile
    assert f"ARG VERSION={version}" in dockerfile


def test_the_image_holds_every_package_of_ours_and_nothing_of_the_tests() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    copied = set(re.findall(r"^COPY (\w+) \w+$", dockerfile, re.MULTILINE))
    let_in = set(re.findall(r"^!(\w+)/$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE))

    packages = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["root_packages"]
    assert copied == let_in == set(packages)


def test_hadolint_has_nothing_to_say() -> None:
    answer = subprocess.run([str(BIN / "hadolint"), "Dockerfile"], cwd=ROOT, capture_output=True, text=True, timeout=60)

    assert (answer.returncode, answer.stdout) == (0, "")


def _locked(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text("utf-8").replace("\\\n", " ")
    lines = (line.partition("==") for line in text.splitlines())
    return {package: " ".join(rest.split()) for package, _, rest in lines}


def test_the_image_takes_what_was_tested_in_the_same_versions() -> None:
    runtime, everything = _locked("requirements.runtime.lock"), _locked("requirements.lock")

    assert runtime.items() <= everything.items()


def test_the_image_takes_all_that_runs_and_no_server_of_development() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = {re.split(r"[\[>=]", name)[0].lower() for name in project["project"]["dependencies"]}
    others = {name.lower() for group in project["dependency-groups"].values() for name in group}
    locked = set(_locked("requirements.runtime.lock"))

    assert wanted <= locked
    assert not others & locked


_LOADS = """
import importlib, pkgutil, sys
from importlib.metadata import packages_distributions
from pathlib import Path
locked = set(sys.argv[1].split())
plain = lambda name: name.lower().replace("_", "-").replace(".", "-")
lacking = {module for module, of in packages_distributions().items() if not locked & {plain(name) for name in of}}

class Image:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in lacking:
            raise ModuleNotFoundError(f"the image has no {name}", name=name)

sys.meta_path.insert(0, Image())
packages = [importlib.import_module(name) for name in sys.argv[2].split()]
for package in packages:
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        # Alembic alone runs the migrations; the runner is what `make run` has beside it.
        if not module.name.startswith("storage.migrations") and module.name != "api.runner":
            importlib.import_module(module.name)
import worker
print(len(lacking))
"""


def test_what_runs_needs_no_package_that_the_image_lacks() -> None:
    locked = " ".join(name.lower().replace("_", "-").replace(".", "-") for name in _locked("requirements.runtime.lock"))
    arguments = [sys.executable, "-c", _LOADS, locked, "activities api bpmn domain storage workflows"]

    answer = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=100)

    assert answer.returncode == 0, answer.stderr
    assert int(answer.stdout) > 20

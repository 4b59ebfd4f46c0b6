"""`docker-compose.yml` as tests read it: what each service runs, in which environment."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
_VARIABLE = re.compile(r"\$\{(\w+):-([^}]*)\}")


@dataclass(frozen=True)
class Service:
    """One service of the file; `variables` without a `.env`, `health` the command of its health check."""

    name: str
    said: dict[str, Any] = field(repr=False)

    @property
    def command(self) -> list[str]:
        return list(self.said["command"])

    @property
    def health(self) -> list[str]:
        kind, *command = self.said["healthcheck"]["test"]
        assert kind == "CMD"
        return list(command)

    @property
    def variables(self) -> dict[str, str]:
        return {name: _VARIABLE.sub(r"\2", str(value)) for name, value in self.said.get("environment", {}).items()}

    @property
    def replicas(self) -> int:
        return int(self.said.get("deploy", {}).get("replicas", 1))

    @property
    def grace(self) -> float:
        """Seconds from SIGTERM to SIGKILL."""
        return float(self.said["stop_grace_period"].removesuffix("s"))

    @property
    def is_job(self) -> bool:
        return self.said.get("restart") == "no"

    def waits_for(self) -> dict[str, str]:
        """The services it starts after, and on which condition."""
        return {name: said["condition"] for name, said in self.said.get("depends_on", {}).items()}


def read() -> dict[str, Any]:
    """The whole file, its anchors resolved."""
    data: dict[str, Any] = yaml.safe_load(FILE.read_text("utf-8"))
    return data


def services() -> dict[str, Service]:
    """All services by name."""
    return {name: Service(name, said) for name, said in read()["services"].items()}


def ours() -> dict[str, Service]:
    """Those that run the image of the Dockerfile."""
    return {name: service for name, service in services().items() if service.said["image"].startswith("yekuo:")}

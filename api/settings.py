"""Settings of the API; every one is an environment variable with the prefix YEKUO_API_."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_settings import SettingsConfigDict

from api.outbound import Outbound, networks
from api.patience import Patience
from storage.configured import Configured


def _networks(text: str) -> str:
    networks(text)
    return text


class ApiSettings(Configured):
    """What one installation decides for its API."""

    model_config = SettingsConfigDict(env_prefix="YEKUO_API_", frozen=True)

    access_minutes: int = Field(15, ge=1)
    """How long an access token lasts."""
    refresh_hours: int = Field(12, ge=1)
    """How long a refresh token lasts: after that, one logs in again."""
    wrong_passwords: int = Field(5, ge=1)
    """Wrong passwords in a row after which an account is locked."""
    lock_minutes: int = Field(15, ge=1)
    """How long it is locked then."""
    case_number: str = "YK-{year}-{n:04d}"
    """The format of case numbers: `{year}` and the running number `{n}`."""
    largest_body: int = Field(2_000_000, ge=1_000)
    """The largest request, in bytes."""
    largest_message: int = Field(500_000, ge=1_000)
    """The largest message, in bytes."""
    largest_file: int = Field(20_000_000, ge=1_000)
    """The largest uploaded file, in bytes."""
    table_rows: int = Field(50_000, ge=1)
    """The most cases that a table as CSV has."""
    largest_deployment: int = Field(10_000_000, ge=1_000)
    """The largest deployment, all of its files together, in bytes."""
    incident_seconds: float = Field(15.0, gt=0, le=60)
    """How long whoever tries an incident again waits for what comes of it."""
    largest_payloads: int = Field(20_000_000, ge=1_000)
    """What payloads that Temporal's Web UI shows may unpack to, in bytes."""
    ui_origins: str = ""
    """The addresses, with commas between, whose pages may have payloads decoded; those of `make run` unless set."""
    feed_seconds: float = Field(0.5, gt=0, le=60)
    """How often each process looks for what has changed in cases."""
    feed_days: int = Field(90, ge=0)
    """How long what has changed is kept for those who follow it; 0: for ever."""
    streams: int = Field(5, ge=1)
    """How often an account may follow it at once in each process."""
    heartbeat_seconds: float = Field(15.0, gt=0, le=300)
    """How often who follows it hears that the stream lives."""

    hook_networks: Annotated[str, AfterValidator(_networks)] = ""
    """The private networks that webhooks may go to (`10.20.0.0/16`), with commas between; public addresses over https
    they may always go to."""
    hook_seconds: float = Field(1.0, gt=0, le=60)
    """How often each process looks for webhooks that are due."""
    hooks_at_once: int = Field(10, ge=1)
    """How many webhooks each process sends at once."""
    hook_timeout: float = Field(10.0, gt=0, le=120)
    """How long a webhook may take, in seconds."""
    hook_rest_seconds: float = Field(5.0, gt=0)
    """How long a webhook rests after its first failure; twice as long each time after."""
    hook_longest_rest_seconds: float = Field(3600.0, gt=0)
    """The longest rest between two attempts."""
    hook_hours: float = Field(72.0, gt=0)
    """After how many hours of failing a webhook is paused."""

    @property
    def feed_kept(self) -> timedelta | None:
        return timedelta(days=self.feed_days) if self.feed_days else None

    def origins(self, ui_port: int) -> list[str]:
        """The origins of Temporal's Web UI, which listens on `ui_port` of this machine unless told otherwise."""
        named = [one for part in self.ui_origins.split(",") if (one := part.strip().rstrip("/"))]
        return named or [f"http://{host}:{ui_port}" for host in ("127.0.0.1", "localhost")]

    @property
    def bounds(self) -> dict[str, int]:
        """The largest requests, by how their paths end, where that is not `largest_body`."""
        return {
            "/messages": self.largest_message,
            "/files": self.largest_file,
            "/signed": self.largest_file,
            "/deployments": self.largest_deployment,
        }

    @property
    def outbound(self) -> Outbound:
        return Outbound(networks(self.hook_networks), self.hook_timeout)

    @property
    def hook_patience(self) -> Patience:
        return Patience(
            self.hooks_at_once,
            self.hook_seconds,
            timedelta(seconds=self.hook_rest_seconds),
            timedelta(seconds=self.hook_longest_rest_seconds),
            timedelta(hours=self.hook_hours),
        )

    @property
    def access(self) -> timedelta:
        return timedelta(minutes=self.access_minutes)

    @property
    def refresh(self) -> timedelta:
        return timedelta(hours=self.refresh_hours)

    @property
    def lock(self) -> timedelta:
        return timedelta(minutes=self.lock_minutes)

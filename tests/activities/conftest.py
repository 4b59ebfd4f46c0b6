"""What tests of activities share: a database, a file store, servers on loopback, jobs, and the example variables."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from activities.channels import ChannelSettings
from domain.jobs import Job
from storage.database import Database
from storage.files import FileStore
from tests.activities.servers import Mailbox, Webhook, serving
from tests.databases import migrated

DATA = Path(__file__).parent / "data"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A migrated database of the test's own."""
    database = migrated(tmp_path / "yekuo.db")
    yield database
    database.close()


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    """A file store of the test's own."""
    return FileStore(tmp_path / "files")


@pytest.fixture
def example() -> Callable[[str], dict[str, Any]]:
    """The variables that give a complete document of a kind."""

    def read(kind: str) -> dict[str, Any]:
        variables: dict[str, Any] = json.loads((DATA / f"{kind}.json").read_text(encoding="utf-8"))
        return variables

    return read


@pytest.fixture
def job() -> Callable[..., Job]:
    """Makes a job of one case; what is not given is the same for all."""

    def make(variables: dict[str, Any] | None = None, **changes: Any) -> Job:
        fields = {
            "type": "write-document",
            "case_no": "YK-2026-000317",
            "workflow_id": "case-YK-2026-000317",
            "key": "7",
            "element": "Task_1",
            "name": "出具文书",
            "now": "2026-03-09T10:00:00+08:00",
            "variables": variables or {},
        }
        return Job(**(fields | changes))

    return make


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    """A webhook that answers `{"errcode": 0}` until it is told otherwise."""
    hook = Webhook(lambda request: None)
    hook.says({"errcode": 0, "errmsg": "ok"})
    with serving(hook):
        yield hook


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def smtp_port(mailbox: Mailbox, free_port: Callable[[], int]) -> Iterator[int]:
    """The port of a mail server that gives everything to `mailbox`."""
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller.port
    if mailbox.hold:
        mailbox.hold.set()
    controller.stop()


@pytest.fixture
def mail_settings(smtp_port: int) -> Callable[..., ChannelSettings]:
    """Settings for the mail server of the test."""

    def settings(**changes: Any) -> ChannelSettings:
        fields: dict[str, Any] = {
            "smtp_host": "127.0.0.1",
            "smtp_port": smtp_port,
            "smtp_security": "none",
            "smtp_from": "yekuo@example.com",
            "timeout": 5,
        }
        return ChannelSettings(**(fields | changes))

    return settings

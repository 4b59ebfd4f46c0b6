"""Where killing takes place: a server and a worker that may be killed, officers with mail addresses and robots."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from pathlib import Path

from aiosmtpd.controller import Controller

from domain.notices import Address, Channel
from domain.start import Settings
from storage.addresses import set_addresses
from storage.database import Database
from storage.files import FileStore
from tests.activities.servers import Mailbox, Webhook, serving
from tests.workflows.fuses import FuseBox
from tests.workflows.killing import Killer, Server, Worker
from tests.workflows.running import House
from workflows.codec import CONVERTER
from workflows.namespace import connect

HASTY = replace(Settings(), job_timeout=2.0, record_timeout=2.0, delivery_timeout=2.0, delivery_pause=0.5)
"""What was killed is begun again after so many seconds."""

ACCOUNTS = {
    "team_leader": "leader",
    "department_head": "head",
    "service_centre": "centre",
    "leader": "deputy",
    "company_head": "chief",
    "audit": "auditor",
}
WITH_ROBOTS = ("leader", "centre")
MAIL, ROBOT = "deliver-notice email", "deliver-notice dingtalk"
"""The activities that send; their point `taken`: the message is there, the worker does not know."""


@dataclass
class Post:
    """What has reached the officers: mails and the messages of robots, each with its id."""

    mailbox: Mailbox
    webhook: Webhook

    def mails(self) -> list[tuple[str, str]]:
        """Id and subject of each mail, in the order in which they came."""
        contents = [envelope.original_content or b"" for envelope in self.mailbox.mails]
        found = [message_from_bytes(content, policy=policy.default) for content in contents]
        return [(str(mail["Message-ID"]).strip("<>").split("@")[0], str(mail["Subject"])) for mail in found]

    def messages(self) -> list[tuple[str, str]]:
        """Id and text of each message of a robot, in the order in which they came."""
        texts = [request.body["text"]["content"] for request in self.webhook.requests]
        return [(re.findall(r"消息编号：(\w+)", text)[0], text) for text in texts]


@dataclass
class Stage:
    """All that takes part."""

    killer: Killer
    house: House
    post: Post


@asynccontextmanager
async def stage(folder: Path) -> AsyncIterator[Stage]:
    """Everything at work, until everything has ended."""
    (folder / "fuses").mkdir()
    box, server = FuseBox(folder / "fuses"), Server(folder)
    with ExitStack() as stack:
        mailbox, port = stack.enter_context(smtp())
        webhook = stack.enter_context(serving(Webhook(lambda request: (200, b'{"errcode": 0}', {}))))
        settings = {
            "YEKUO_CHANNEL_SMTP_HOST": "127.0.0.1",
            "YEKUO_CHANNEL_SMTP_PORT": str(port),
            "YEKUO_CHANNEL_SMTP_SECURITY": "none",
            "YEKUO_CHANNEL_SMTP_FROM": "y@example.com",
            "YEKUO_CHANNEL_DINGTALK": json.dumps({account: {"token": account} for account in WITH_ROBOTS}),
            "YEKUO_CHANNEL_DINGTALK_BASE": webhook.base,
        }
        worker = Worker(server, "killed", folder, settings)
        mailbox.on_data = lambda: worker.reaches(box, f"{MAIL}.taken")
        webhook.on_request = lambda: worker.reaches(box, f"{ROBOT}.taken")
        database = Database(f"sqlite:///{folder / 'cases.db'}")
        database.migrate()
        reach_all(database)
        try:
            await server.begin()
            await worker.load()
            client = await connect(server.address, "default", CONVERTER)
            house = House(client, database, FileStore(folder / "files"), "killed", settings=HASTY)
            yield Stage(Killer(server, worker, box), house, Post(mailbox, webhook))
        finally:
            await worker.close()
            await server.kill()
            database.close()


@contextmanager
def smtp() -> Iterator[tuple[Mailbox, int]]:
    """A mail server on loopback, with its port."""
    mailbox = Mailbox()
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield mailbox, port
    finally:
        controller.stop()


def reach_all(database: Database) -> None:
    """Every account has a mail address, some a robot."""
    with database.transaction() as session:
        for account in ACCOUNTS.values():
            robot = [Address(Channel.DINGTALK, account)] if account in WITH_ROBOTS else []
            set_addresses(session, account, [Address(Channel.EMAIL, f"{account}@example.com"), *robot])


def posts(county: str) -> str:
    """A table in which every post of the county is held, and none is quiet."""
    rows = [
        {"post": post, "county": county, "account": account}
        | ({"department": "marketing"} if post in ("team_leader", "department_head") else {})
        for post, account in ACCOUNTS.items()
    ]
    return json.dumps({"rows": rows, "quiet": [{"atAnyTime": True}]}, ensure_ascii=False)

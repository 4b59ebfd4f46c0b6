"""Servers on loopback: a webhook that answers as it is told, and what a mail server does with its mails."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Request:
    """One request as the webhook got it."""

    path: str
    query: dict[str, str]
    body: Any
    raw: bytes


@dataclass
class Webhook:
    """Answers every request as `answer` says: status, body, and headers; or drops the connection if it says None.

    With `hold`, it does not answer before the test releases it. `on_request` is called when a request is there.
    With `drip`, the body comes byte by byte, so many seconds apart, as long as the webhook is there.
    """

    answer: Callable[[Request], tuple[int, bytes, dict[str, str]] | None]
    base: str = ""
    requests: list[Request] = field(default_factory=list)
    hold: threading.Event | None = None
    on_request: Callable[[], None] = lambda: None
    drip: float = 0
    gone: threading.Event = field(default_factory=threading.Event)

    def says(self, body: Any, status: int = 200, **headers: str) -> None:
        """From now on answers with this JSON."""
        content = json.dumps(body, ensure_ascii=False).encode()
        self.answer = lambda request: (status, content, headers)


def _handler(webhook: Webhook) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            address = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(address.query).items()}
            request = Request(address.path, query, json.loads(raw), raw)
            webhook.requests.append(request)
            hold = webhook.hold
            webhook.on_request()
            if hold:
                hold.wait(60)
            answer = webhook.answer(request)
            if answer is None:
                self.close_connection = True
                return
            status, content, headers = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if not webhook.drip:
                self.wfile.write(content)
                return
            for byte in content:
                self.wfile.write(bytes([byte]))
                if webhook.gone.wait(webhook.drip):
                    return

        def log_message(self, format: str, *args: Any) -> None:
            """Keeps the test's output clean."""

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that did not wait for its answer is what some tests are about."""


@contextmanager
def serving(webhook: Webhook) -> Iterator[Webhook]:
    """The webhook, listening on loopback."""
    server = _Server(("127.0.0.1", 0), _handler(webhook))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    webhook.base = f"http://127.0.0.1:{server.server_port}"
    try:
        yield webhook
    finally:
        webhook.gone.set()
        if webhook.hold:
            webhook.hold.set()
        server.shutdown()
        thread.join()
        server.server_close()


class Mailbox:
    """A mail server's handler: keeps what it takes; replies as it is told.

    aiosmtpd finds its methods by their names, which end with the command of SMTP.
    """

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.rcpt_reply = "250 OK"
        self.data_reply = "250 OK"
        self.hold: threading.Event | None = None
        self.on_data: Callable[[], None] = lambda: None

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.rcpt_reply.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt_reply

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data_reply.startswith("250"):
            self.mails.append(envelope)
        self.on_data()
        if self.hold:
            await server.loop.run_in_executor(None, self.hold.wait, 60)
        return self.data_reply

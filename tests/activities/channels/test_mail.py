"""Mail, against a real SMTP server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from activities.channels import Channels, ChannelSettings, Message, NotSent, Refused, Unclear
from domain.notices import Channel
from tests.activities.servers import Mailbox

MakeMessage = Callable[..., Message]
Send = Callable[..., None]
TO = "zhangwei@example.com"


@pytest.fixture
def send(mail_settings: Callable[..., ChannelSettings], now: datetime, message: MakeMessage) -> Send:
    """Sends the example to zhangwei; what is given goes to the settings, or to the message if it has the field."""

    def sent(settings: dict[str, Any] | None = None, **changes: Any) -> None:
        Channels(mail_settings(**(settings or {})), lambda: now).send(Channel.EMAIL, message(**({"to": TO} | changes)))

    return sent


def only_mail(mailbox: Mailbox) -> EmailMessage:
    (envelope,) = mailbox.mails
    return message_from_bytes(envelope.original_content or b"", policy=default)


def test_a_mail_arrives_in_chinese_with_link_and_fixed_id(send: Send, mailbox: Mailbox) -> None:
    send()

    mail = only_mail(mailbox)
    assert mailbox.mails[0].rcpt_tos == [TO]
    assert (mailbox.mails[0].mail_from, mail["To"]) == ("yekuo@example.com", TO)
    assert mail["From"] == "业扩报装系统 <yekuo@example.com>"
    assert mail["Subject"] == "【业扩】督办：供电方案答复超期"
    assert mail["Message-ID"] == "<0123456789abcdef0123456789abcdef@example.com>"
    assert mail["Date"].datetime.isoformat() == "2026-11-23T01:00:00+00:00"
    assert mail.get_content_charset() == "utf-8"
    assert "已超期2个工作日" in mail.get_content()
    assert "http://127.0.0.1:8000/cases/YK-2026-000317" in mail.get_content()
    assert mail["X-Yekuo-Repeat"] is None


def test_a_repeat_has_the_same_id_and_is_marked(send: Send, mailbox: Mailbox) -> None:
    send(repeat=True)

    mail = only_mail(mailbox)
    assert mail["Message-ID"] == "<0123456789abcdef0123456789abcdef@example.com>"
    assert mail["Subject"] == "【业扩】督办：供电方案答复超期（重发）"
    assert mail["X-Yekuo-Repeat"] == "yes"
    assert "前一次发送是否送达不明" in mail.get_content()


def test_a_long_mail_is_whole(send: Send, mailbox: Mailbox) -> None:
    body = "电" * 50_000 + "\n.\n..尾"

    send(body=body)

    assert only_mail(mailbox).get_content().replace("\r\n", "\n").startswith(body + "\n\n工单：")


def test_a_subject_with_line_breaks_adds_no_header(send: Send, mailbox: Mailbox) -> None:
    send(subject="督办\r\nBcc: lina@example.com")

    mail = only_mail(mailbox)
    assert mail["Bcc"] is None
    assert mail["Subject"] == "督办 Bcc: lina@example.com"


@pytest.mark.parametrize(
    "address",
    ["", "zhangwei", "a@b@c", "a@example.com\nBcc: b@example.com", "张伟@example.com", "a@example.com, b@example.com"],
)
def test_what_is_no_mail_address_is_refused(send: Send, mailbox: Mailbox, address: str) -> None:
    with pytest.raises(Refused, match="邮件地址不正确"):
        send(to=address)

    assert mailbox.mails == []


def test_an_unknown_recipient_is_refused_in_the_words_of_the_server(send: Send, mailbox: Mailbox) -> None:
    mailbox.rcpt_reply = "550 5.1.1 no such user"

    with pytest.raises(Refused, match=r"邮件服务器答复 550：5.1.1 no such user"):
        send()


def test_a_full_mailbox_may_take_it_another_time(send: Send, mailbox: Mailbox) -> None:
    mailbox.rcpt_reply = "452 4.2.2 mailbox full"

    with pytest.raises(NotSent, match="452"):
        send()


@pytest.mark.parametrize(("reply", "kind"), [("554 5.7.1 spam", Refused), ("451 4.3.0 try later", NotSent)])
def test_a_mail_that_the_server_does_not_take_has_not_gone_out(
    send: Send, mailbox: Mailbox, reply: str, kind: type[Exception]
) -> None:
    mailbox.data_reply = reply

    with pytest.raises(kind, match=reply[:3]):
        send()


def test_a_server_that_does_not_confirm_in_time_leaves_it_unclear(send: Send, mailbox: Mailbox) -> None:
    mailbox.hold = threading.Event()

    with pytest.raises(Unclear, match="没有确认收到邮件"):
        send({"timeout": 0.3})

    assert len(mailbox.mails) == 1


def test_a_server_that_nobody_runs_is_tried_again(send: Send, free_port: Callable[[], int]) -> None:
    with pytest.raises(NotSent, match="连接不上邮件服务器"):
        send({"smtp_port": free_port()})


def test_a_server_without_the_demanded_encryption_gets_nothing(send: Send, mailbox: Mailbox) -> None:
    with pytest.raises(NotSent, match="STARTTLS"):
        send({"smtp_security": "starttls"})

    assert mailbox.mails == []


def test_a_server_that_confirms_late_but_in_time_has_taken_it(send: Send, mailbox: Mailbox) -> None:
    mailbox.hold = threading.Event()
    timer = threading.Timer(0.3, mailbox.hold.set)
    timer.start()

    send()

    timer.join()
    assert len(mailbox.mails) == 1


@pytest.fixture
def guarded_port(mailbox: Mailbox, free_port: Callable[[], int]) -> Iterator[int]:
    """The port of a mail server that takes mail from the user yekuo with the password right-pw-1 only."""

    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: LoginPassword) -> AuthResult:
        return AuthResult(success=(login.login, login.password) == (b"yekuo", b"right-pw-1"), handled=False)

    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=free_port(),
        authenticator=check,
        auth_required=True,
        auth_require_tls=False,
    )
    controller.start()
    yield controller.port
    controller.stop()


def test_a_user_logs_in_with_the_password(send: Send, mailbox: Mailbox, guarded_port: int) -> None:
    send({"smtp_port": guarded_port, "smtp_user": "yekuo", "smtp_password": "right-pw-1"})

    assert len(mailbox.mails) == 1


def test_a_wrong_password_is_refused_and_not_shown(send: Send, mailbox: Mailbox, guarded_port: int) -> None:
    with pytest.raises(Refused, match="535") as caught:
        send({"smtp_port": guarded_port, "smtp_user": "yekuo", "smtp_password": "wrong-pw-2"})

    assert "wrong-pw-2" not in caught.value.reason
    assert mailbox.mails == []


def test_a_server_that_wants_a_login_refuses_a_mail_without_one(send: Send, guarded_port: int) -> None:
    with pytest.raises(Refused, match="530"):
        send({"smtp_port": guarded_port})


def test_mail_without_a_server_is_refused(now: datetime, message: MakeMessage) -> None:
    with pytest.raises(Refused, match="没有设置邮件服务器"):
        Channels(ChannelSettings(), lambda: now).send(Channel.EMAIL, message(to=TO))

"""E-mail by SMTP. The conversation is led step by step, because what a failure means depends on where it happens:
before the message itself nothing has gone out; after it, only the server's answer says whether it was taken.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from ssl import create_default_context

from activities.channels.message import Message
from activities.channels.outcomes import NotSent, Refused, Unclear
from activities.channels.settings import ChannelSettings

_OK = 250
_LONGEST_TEXT = 300


class Mail:
    """Mail through the server that the settings name; `clock` dates it."""

    def __init__(self, settings: ChannelSettings, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._clock = clock

    def send(self, message: Message) -> None:
        """Sends once, to the mail address `message.to`, always under the same Message-ID."""
        if not self._settings.smtp_host:
            raise Refused("没有设置邮件服务器（YEKUO_CHANNEL_SMTP_HOST）")
        mail = self._written(message)
        try:
            server = self._connected()
        except smtplib.SMTPResponseException as error:
            raise _meaning(error.smtp_code, error.smtp_error) from None
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(f"连接不上邮件服务器：{_words(error)}") from None
        try:
            self._hand_over(server, message.to, mail.as_bytes())
        finally:
            with suppress(OSError, smtplib.SMTPException):
                server.quit()

    def _written(self, message: Message) -> EmailMessage:
        sender = _address(self._settings.smtp_from, self._settings.smtp_from_name)
        mail = EmailMessage(policy=SMTP_POLICY)
        mail["From"] = sender
        mail["To"] = _address(message.to)
        mail["Subject"] = message.title
        mail["Date"] = format_datetime(self._clock())
        mail["Message-ID"] = f"<{message.message_id}@{sender.domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        if message.repeat:
            mail["X-Yekuo-Repeat"] = "yes"
        mail.set_content(f"{message.body.strip()}\n\n{message.closing}\n", charset="utf-8", cte="base64")
        return mail

    def _connected(self) -> smtplib.SMTP:
        settings = self._settings
        context = create_default_context()
        server: smtplib.SMTP
        if settings.smtp_security == "tls":
            server = smtplib.SMTP_SSL(settings.smtp_host, settings.smtp_port, timeout=settings.timeout, context=context)
        else:
            server = smtplib.SMTP(settings.smtp_host, settings.smtp_port, timeout=settings.timeout)
        try:
            if settings.smtp_security == "starttls":
                server.starttls(context=context)
            if settings.smtp_user:
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
            server.ehlo_or_helo_if_needed()
        except BaseException:
            server.close()
            raise
        return server

    def _hand_over(self, server: smtplib.SMTP, to: str, content: bytes) -> None:
        try:
            for code, text in (server.mail(self._settings.smtp_from), server.rcpt(to)):
                if code not in (_OK, 251):
                    raise _meaning(code, text)
        except (OSError, smtplib.SMTPException) as error:
            raise NotSent(f"邮件服务器中断了会话：{_words(error)}") from None
        try:
            code, text = server.data(content)
        except smtplib.SMTPDataError as error:
            raise _meaning(error.smtp_code, error.smtp_error) from None
        except (OSError, smtplib.SMTPException) as error:
            raise Unclear(f"邮件服务器没有确认收到邮件就中断了会话：{_words(error)}") from None
        if code != _OK:
            raise _meaning(code, text)


def _address(text: str, name: str = "") -> Address:
    try:
        address = Address(name, addr_spec=text)
    except (ValueError, IndexError, HeaderParseError):
        raise Refused(f"邮件地址不正确：{text}") from None
    if not (address.username and address.domain and text.isascii()):
        raise Refused(f"邮件地址不正确：{text}")
    return address


def _meaning(code: int, text: bytes | str) -> NotSent | Refused:
    """What a reply says (RFC 5321 §4.2.1): 4xx may succeed another time, 5xx will not."""
    words = text.decode(errors="replace") if isinstance(text, bytes) else text
    reason = f"邮件服务器答复 {code}：{' '.join(words.split())[:_LONGEST_TEXT]}"
    return Refused(reason) if code >= 500 else NotSent(reason)


def _words(error: Exception) -> str:
    return str(error)[:_LONGEST_TEXT] or type(error).__name__

"""WeCom (企业微信) group robots: `POST /cgi-bin/webhook/send?key=…`, result in `errcode`; they know no signature.

Sent as `text`, in which nothing that an officer typed can become a mention or a markup.
"""

from __future__ import annotations

from urllib.parse import quote

from activities.channels.message import Message, plain_text
from activities.channels.outcomes import Refused
from activities.channels.posting import Poster, Service
from activities.channels.settings import ChannelSettings
from domain.notices import Channel

_BUSY = frozenset({-1})
_THROTTLED = frozenset({45009, 45033})


class WeComRobots:
    """The robots that the settings name."""

    def __init__(self, settings: ChannelSettings, poster: Poster) -> None:
        self._settings = settings
        self._poster = poster
        self._service = Service(Channel.WECOM.label, _BUSY, _THROTTLED, settings.wecom_wait)

    def send(self, message: Message) -> None:
        """Sends once, to the robot named `message.to`."""
        key = self._settings.wecom.get(message.to)
        if key is None:
            raise Refused(f"设置中没有名为“{message.to}”的企业微信机器人")
        base = self._settings.wecom_base.rstrip("/")
        url = f"{base}/cgi-bin/webhook/send?key={quote(key.get_secret_value(), safe='')}"
        content = plain_text(message, self._settings.wecom_bytes)
        self._poster.post(self._service, url, {"msgtype": "text", "text": {"content": content}})

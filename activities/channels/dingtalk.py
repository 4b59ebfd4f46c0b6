"""DingTalk (钉钉) group robots: `POST /robot/send?access_token=…&timestamp=…&sign=…`, result in `errcode`.

Sent as `text`, in which nothing that an officer typed can become a mention or a markup.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlencode

from activities.channels.message import Message, plain_text
from activities.channels.outcomes import Refused
from activities.channels.posting import Poster, Service
from activities.channels.settings import ChannelSettings, SignedRobot
from activities.channels.signing import dingtalk_signature
from domain.notices import Channel

_BUSY = frozenset({-1})
_THROTTLED = frozenset({90030, 130101, 410100})


class DingTalkRobots:
    """The robots that the settings name; `clock` dates their signatures."""

    def __init__(self, settings: ChannelSettings, poster: Poster, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._poster = poster
        self._clock = clock
        self._service = Service(Channel.DINGTALK.label, _BUSY, _THROTTLED, settings.dingtalk_wait)

    def send(self, message: Message) -> None:
        """Sends once, to the robot named `message.to`."""
        robot = self._settings.dingtalk.get(message.to)
        if robot is None:
            raise Refused(f"设置中没有名为“{message.to}”的钉钉机器人")
        url = f"{self._settings.dingtalk_base.rstrip('/')}/robot/send?{urlencode(self._query(robot))}"
        content = plain_text(message, self._settings.dingtalk_bytes)
        self._poster.post(self._service, url, {"msgtype": "text", "text": {"content": content}})

    def _query(self, robot: SignedRobot) -> dict[str, str]:
        query = {"access_token": robot.token.get_secret_value()}
        if secret := robot.secret.get_secret_value():
            milliseconds = int(self._clock().timestamp() * 1000)
            query |= {"timestamp": str(milliseconds), "sign": dingtalk_signature(secret, milliseconds)}
        return query

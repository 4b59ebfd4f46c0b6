"""Feishu (飞书) group robots: `POST /open-apis/bot/v2/hook/…`, signed in the body, result in `code`.

Sent as `post`: its plain text runs do not read `<at user_id="all">` as a mention, as `text` does.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

from activities.channels.message import REPEAT_NOTE, Message, cut
from activities.channels.outcomes import Refused
from activities.channels.posting import Poster, Service
from activities.channels.settings import ChannelSettings, SignedRobot
from activities.channels.signing import feishu_signature
from domain.notices import Channel

_THROTTLED = frozenset({11232, 11233, 99991400})


class FeishuRobots:
    """The robots that the settings name; `clock` dates their signatures."""

    def __init__(self, settings: ChannelSettings, poster: Poster, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._poster = poster
        self._clock = clock
        self._service = Service(Channel.FEISHU.label, frozenset(), _THROTTLED, settings.feishu_wait)

    def send(self, message: Message) -> None:
        """Sends once, to the robot named `message.to`."""
        robot = self._settings.feishu.get(message.to)
        if robot is None:
            raise Refused(f"设置中没有名为“{message.to}”的飞书机器人")
        base = self._settings.feishu_base.rstrip("/")
        url = f"{base}/open-apis/bot/v2/hook/{quote(robot.token.get_secret_value(), safe='')}"
        self._poster.post(self._service, url, self._body(message, robot))

    def _body(self, message: Message, robot: SignedRobot) -> dict[str, Any]:
        signed: dict[str, Any] = {}
        if secret := robot.secret.get_secret_value():
            seconds = int(self._clock().timestamp())
            signed = {"timestamp": str(seconds), "sign": feishu_signature(secret, seconds)}
        frame = signed | _post(message, "")
        text = cut(message.body.strip(), self._settings.feishu_bytes - _json_size(frame), _json_size)
        return signed | _post(message, text)


def _post(message: Message, text: str) -> dict[str, Any]:
    lines = [
        [{"tag": "text", "text": text}],
        [{"tag": "a", "text": "打开工单", "href": message.link}],
        [{"tag": "text", "text": f"消息编号：{message.message_id}"}],
    ]
    if message.repeat:
        lines.append([{"tag": "text", "text": REPEAT_NOTE}])
    return {"msg_type": "post", "content": {"post": {"zh_cn": {"title": message.title, "content": lines}}}}


def _json_size(value: Any) -> int:
    """Bytes of a value in the request: line breaks and quotation marks count twice there."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace"))

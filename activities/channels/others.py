"""Any other service by apprise, which knows some two hundred of them by the form of an address.

Apprise looks at the HTTP status alone. A service that refuses within a successful answer counts as sent here; the three
group robots do just that, so their apprise addresses are refused in favour of the adapters of our own.
"""

from __future__ import annotations

from itertools import islice

import apprise

from activities.channels.message import Message
from activities.channels.outcomes import Refused, Unclear
from activities.channels.settings import ChannelSettings

_OWN_ADAPTERS = frozenset({"wecombot", "dingtalk", "feishu", "lark"})
_MOST_REASONS = 3


class OtherServices:
    """The apprise addresses that the settings name."""

    def __init__(self, settings: ChannelSettings) -> None:
        self._settings = settings

    def send(self, message: Message) -> None:
        """Sends once, to the address named `message.to`."""
        address = self._settings.other.get(message.to)
        if address is None:
            raise Refused(f"设置中没有名为“{message.to}”的其他渠道")
        service = apprise.Apprise.instantiate(address.get_secret_value())
        if service is None:
            raise Refused(f"名为“{message.to}”的其他渠道地址不正确，apprise不认识它")
        if service.secure_protocol in _OWN_ADAPTERS:
            raise Refused(f"名为“{message.to}”的其他渠道是群机器人，请改用企业微信、钉钉或飞书渠道")
        self._notify(service, message)

    def _notify(self, service: apprise.NotifyBase, message: Message) -> None:
        services = apprise.Apprise()
        services.add(service)
        result = services.notify(
            title=message.title,
            body=f"{message.body.strip()}\n\n{message.closing}",
            body_format=apprise.NotifyFormat.TEXT,
            interpret_escapes=False,
        )
        if not result:
            reasons = "；".join(entry.message for entry in islice(result.logs(), _MOST_REASONS))
            raise Unclear(f"{service.service_name}没有确认收到消息：{reasons or '没有说明原因'}")

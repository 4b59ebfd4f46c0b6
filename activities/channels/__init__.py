"""The ways out of the system: mail, group robots, and whatever else apprise knows; one module for each.

A way takes one message and returns when the service has taken it; how it can fail is in `outcomes`. It never tries
twice: that is decided where the attempts are counted.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from activities.channels.dingtalk import DingTalkRobots
from activities.channels.feishu import FeishuRobots
from activities.channels.mail import Mail
from activities.channels.message import Message
from activities.channels.others import OtherServices
from activities.channels.outcomes import DeliveryFault, NotSent, Refused, Unclear
from activities.channels.posting import Poster
from activities.channels.secrecy import MaskingFilter
from activities.channels.settings import ChannelSettings
from activities.channels.wecom import WeComRobots
from domain.notices import Channel

__all__ = ["ChannelSettings", "Channels", "DeliveryFault", "Message", "NotSent", "Refused", "Unclear"]

_TALKATIVE = ("apprise", "urllib3.connectionpool", "httpx", "httpcore")


class Way(Protocol):
    """One way out."""

    def send(self, message: Message) -> None:
        """Returns when the service has taken the message; raises a `DeliveryFault` otherwise."""


class Channels:
    """Every way out, by its channel. No text that leaves it, in errors or in logs, holds a secret of the settings."""

    def __init__(self, settings: ChannelSettings, clock: Callable[[], datetime]) -> None:
        self.settings = settings
        self._secrets = settings.secrets()
        poster = Poster(settings.timeout, settings.proxy)
        self._ways: Mapping[Channel, Way] = {
            Channel.EMAIL: Mail(settings, clock),
            Channel.WECOM: WeComRobots(settings, poster),
            Channel.DINGTALK: DingTalkRobots(settings, poster, clock),
            Channel.FEISHU: FeishuRobots(settings, poster, clock),
            Channel.OTHER: OtherServices(settings),
        }
        for name in _TALKATIVE:
            logging.getLogger(name).addFilter(MaskingFilter(self._secrets))

    def send(self, channel: Channel, message: Message) -> None:
        """Sends once; raises `Refused`, `NotSent` or `Unclear`, the last for whatever nobody foresaw, too."""
        try:
            self._ways[channel].send(message)
        except DeliveryFault as fault:
            raise type(fault)(self._secrets.masked(fault.reason), fault.retry_after) from None
        except Exception as error:  # its text and its cause may hold an address with a key
            raise Unclear(self._secrets.masked(f"{channel.label}发送中断：{type(error).__name__} {error}")) from None

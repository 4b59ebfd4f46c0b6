"""Other services by apprise, against a webhook of its JSON kind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from activities.channels import Channels, ChannelSettings, Message, Refused, Unclear
from domain.notices import Channel
from tests.activities.servers import Webhook

MakeMessage = Callable[..., Message]
TOKEN = "k-5f2a9c71"


def send(address: str, now: datetime, message: Message) -> None:
    Channels(ChannelSettings(other={"指挥中心": address}), lambda: now).send(Channel.OTHER, message)


def test_a_message_goes_where_the_address_says(webhook: Webhook, now: datetime, message: MakeMessage) -> None:
    send(webhook.base.replace("http", "json") + "/hook", now, message(repeat=True))

    (request,) = webhook.requests
    assert request.path == "/hook"
    assert request.body["title"] == "【业扩】督办：供电方案答复超期（重发）"
    assert "已超期2个工作日" in request.body["message"]
    assert "消息编号：0123456789abcdef0123456789abcdef" in request.body["message"]


def test_words_that_look_like_markup_arrive_as_they_are(webhook: Webhook, now: datetime, message: MakeMessage) -> None:
    send(webhook.base.replace("http", "json") + "/hook", now, message(body="<b>a & b</b> \\n *x*"))

    assert "<b>a & b</b> \\n *x*" in webhook.requests[0].body["message"]


def test_an_error_leaves_it_unclear_and_shows_no_key(webhook: Webhook, now: datetime, message: MakeMessage) -> None:
    webhook.says({}, 500)

    with pytest.raises(Unclear, match=r"没有确认收到消息.*500") as caught:
        send(f"{webhook.base.replace('http', 'json')}/{TOKEN}", now, message())

    assert TOKEN not in caught.value.reason


def test_nobody_listening_leaves_it_unclear(free_port: Callable[[], int], now: datetime, message: MakeMessage) -> None:
    with pytest.raises(Unclear, match="没有确认收到消息"):
        send(f"json://127.0.0.1:{free_port()}/{TOKEN}", now, message())


@pytest.mark.parametrize(
    "address",
    [
        "wecombot://693a91f6-7aaa-4bc4-97a0-0ec2sifa5aaa",
        "dingtalk://693a91f67aaa4bc497a00ec2sifa5aaa",
        "feishu://693a91f67aaa4bc497a00ec2sifa5aaa",
        "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7aaa-4bc4-97a0-0ec2sifa5aaa",
    ],
)
def test_robots_whose_refusals_apprise_cannot_see_are_refused(
    now: datetime, message: MakeMessage, address: str
) -> None:
    with pytest.raises(Refused, match="群机器人") as caught:
        send(address, now, message())

    assert "693a91f6" not in caught.value.reason


@pytest.mark.parametrize("address", ["nosuch://host/token-123", "k-5f2a9c71", ""])
def test_an_address_that_apprise_does_not_know_is_refused(now: datetime, message: MakeMessage, address: str) -> None:
    with pytest.raises(Refused, match="apprise不认识它"):
        send(address, now, message())


def test_an_address_that_the_settings_do_not_name_is_refused(now: datetime, message: MakeMessage) -> None:
    with pytest.raises(Refused, match="设置中没有名为“稽查”的其他渠道"):
        send("json://127.0.0.1/", now, message(to="稽查"))

"""The group robots, against webhooks that check key and signature as the services do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from activities.channels import Channels, ChannelSettings, Message, Refused
from domain.notices import Channel
from tests.activities.servers import Request, Webhook

MakeMessage = Callable[..., Message]
Answer = tuple[int, bytes, dict[str, str]]
TOKEN, SECRET = "tok/en+1234", "SEC0a1b2c"
HOUR = 3600


def says(code: dict[str, Any]) -> Answer:
    return 200, json.dumps(code).encode(), {}


def wecom(request: Request) -> Answer:
    """Knows one key, and takes at most 2,048 bytes of text."""
    if request.path != "/cgi-bin/webhook/send" or request.query != {"key": TOKEN}:
        return says({"errcode": 93000, "errmsg": "invalid webhook url"})
    if len(request.body["text"]["content"].encode()) > 2048:
        return says({"errcode": 40058, "errmsg": "text.content exceed max length 2048"})
    return says({"errcode": 0, "errmsg": "ok"})


def dingtalk(now: datetime) -> Callable[[Request], Answer]:
    """Knows one token, and checks the signature of a time within one hour."""

    def answer(request: Request) -> Answer:
        query = request.query
        if request.path != "/robot/send" or query.get("access_token") != TOKEN:
            return says({"errcode": 300005, "errmsg": "token is not exist"})
        stamp = query.get("timestamp", "0")
        wanted = hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256).digest()
        if abs(int(stamp) / 1000 - now.timestamp()) > HOUR:
            return says({"errcode": 310000, "errmsg": "invalid timestamp"})
        if query.get("sign") != base64.b64encode(wanted).decode():
            return says({"errcode": 310000, "errmsg": "sign not match"})
        return says({"errcode": 0, "errmsg": "ok"})

    return answer


def feishu(now: datetime) -> Callable[[Request], Answer]:
    """Knows one hook, checks the signature of a time within one hour, and takes at most 20 KB."""

    def answer(request: Request) -> Answer:
        body = request.body
        if request.path != "/open-apis/bot/v2/hook/" + TOKEN.replace("/", "%2F").replace("+", "%2B"):
            return says({"code": 19001, "msg": "param invalid: incoming webhook access token invalid"})
        wanted = hmac.new(f"{body.get('timestamp')}\n{SECRET}".encode(), b"", hashlib.sha256).digest()
        late = abs(int(body.get("timestamp", 0)) - now.timestamp()) > HOUR
        if late or body.get("sign") != base64.b64encode(wanted).decode():
            return says({"code": 19021, "msg": "sign match fail or timestamp is not within one hour"})
        if len(request.raw) > 20 * 1024:
            return says({"code": 9499, "msg": "Bad Request"})
        return says({"StatusCode": 0, "StatusMessage": "success", "code": 0, "msg": "success", "data": {}})

    return answer


def checks(channel: Channel, now: datetime) -> Callable[[Request], Answer]:
    return {Channel.WECOM: wecom, Channel.DINGTALK: dingtalk(now), Channel.FEISHU: feishu(now)}[channel]


def robots(base: str, clock: datetime, token: str = TOKEN, secret: str = SECRET, **changes: Any) -> Channels:
    signed = {"指挥中心": {"token": token, "secret": secret}}
    settings = ChannelSettings(
        wecom={"指挥中心": token},
        dingtalk=signed,
        feishu=signed,
        wecom_base=base,
        dingtalk_base=base + "/",
        feishu_base=base,
        **changes,
    )
    return Channels(settings, lambda: clock)


def text_of(channel: Channel, request: Request) -> str:
    """The words that the officers read."""
    if channel is not Channel.FEISHU:
        return str(request.body["text"]["content"])
    post = request.body["content"]["post"]["zh_cn"]
    return "\n".join([post["title"], *(run["text"] for line in post["content"] for run in line)])


ALL = pytest.mark.parametrize("channel", [Channel.WECOM, Channel.DINGTALK, Channel.FEISHU])
SIGNED = pytest.mark.parametrize("channel", [Channel.DINGTALK, Channel.FEISHU])


@ALL
def test_a_robot_takes_a_message_with_link_and_id(
    webhook: Webhook, now: datetime, message: MakeMessage, channel: Channel
) -> None:
    webhook.answer = checks(channel, now)

    robots(webhook.base, now).send(channel, message())

    (request,) = webhook.requests
    text = text_of(channel, request)
    assert text.startswith("【业扩】督办：供电方案答复超期\n")
    assert "已超期2个工作日" in text
    assert "0123456789abcdef0123456789abcdef" in text
    assert "http://127.0.0.1:8000/cases/YK-2026-000317" in request.raw.decode()
    assert "重发" not in text


@ALL
def test_a_repeat_is_marked(webhook: Webhook, now: datetime, message: MakeMessage, channel: Channel) -> None:
    webhook.answer = checks(channel, now)

    robots(webhook.base, now).send(channel, message(repeat=True))

    text = text_of(channel, webhook.requests[0])
    assert "（重发）" in text
    assert "前一次发送是否送达不明" in text


@ALL
@pytest.mark.parametrize("letter", ["电", '"', "\n电", "😀"])
def test_a_long_message_is_cut_to_what_the_service_takes(
    webhook: Webhook, now: datetime, message: MakeMessage, channel: Channel, letter: str
) -> None:
    webhook.answer = checks(channel, now)

    robots(webhook.base, now).send(channel, message(body=letter * 30_000))

    text = text_of(channel, webhook.requests[0])
    assert "此处有删节，全文见工单" in text
    assert "0123456789abcdef0123456789abcdef" in text


@ALL
def test_what_an_officer_types_is_no_mention(
    webhook: Webhook, now: datetime, message: MakeMessage, channel: Channel
) -> None:
    webhook.answer = checks(channel, now)
    typed = '<at user_id="all">所有人</at> @all <@all>'

    robots(webhook.base, now).send(channel, message(body=typed))

    body = webhook.requests[0].body
    assert typed in text_of(channel, webhook.requests[0])
    assert body.get("msgtype", body.get("msg_type")) == ("post" if channel is Channel.FEISHU else "text")
    assert "at" not in body
    assert set(body.get("text", {})) <= {"content"}


@ALL
def test_a_wrong_key_is_refused_and_not_shown(
    webhook: Webhook, now: datetime, message: MakeMessage, channel: Channel
) -> None:
    webhook.answer = checks(channel, now)

    with pytest.raises(Refused, match="错误码") as caught:
        robots(webhook.base, now, token="wrong-key-99").send(channel, message())

    assert "wrong-key-99" not in caught.value.reason


@SIGNED
def test_a_wrong_signature_is_refused(webhook: Webhook, now: datetime, message: MakeMessage, channel: Channel) -> None:
    webhook.answer = checks(channel, now)

    with pytest.raises(Refused, match=r"sign (not match|match fail)"):
        robots(webhook.base, now, secret="SEC-other").send(channel, message())


@SIGNED
def test_a_signature_of_long_ago_is_refused(
    webhook: Webhook, now: datetime, message: MakeMessage, channel: Channel
) -> None:
    webhook.answer = checks(channel, now)

    with pytest.raises(Refused, match="timestamp"):
        robots(webhook.base, now - timedelta(hours=2)).send(channel, message())


@SIGNED
def test_a_robot_without_a_secret_sends_no_signature(
    webhook: Webhook, now: datetime, message: MakeMessage, channel: Channel
) -> None:
    robots(webhook.base, now, secret="").send(channel, message())

    (request,) = webhook.requests
    assert not {"sign", "timestamp"} & (set(request.query) | set(request.body))


@ALL
def test_a_robot_that_the_settings_do_not_name_is_refused(
    webhook: Webhook, now: datetime, message: MakeMessage, channel: Channel
) -> None:
    with pytest.raises(Refused, match="设置中没有名为“稽查”的"):
        robots(webhook.base, now).send(channel, message(to="稽查"))

    assert webhook.requests == []

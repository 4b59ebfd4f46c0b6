"""Settings of the channels, and the secrecy of what is in them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

import pytest
from pydantic import ValidationError

from activities.channels import Channels, ChannelSettings, DeliveryFault, Message
from activities.channels.secrecy import Secrets
from domain.notices import Channel
from tests.activities.servers import Webhook

MakeMessage = Callable[..., Message]
SECRET = "SEC-5f2a9c71/b+c"


def test_robots_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YEKUO_CHANNEL_WECOM", '{"指挥中心": "k-1"}')
    monkeypatch.setenv("YEKUO_CHANNEL_DINGTALK", '{"桥东": {"token": "t-1", "secret": "s-1"}}')
    monkeypatch.setenv("YEKUO_CHANNEL_SMTP_HOST", "")

    settings = ChannelSettings()

    assert settings.wecom["指挥中心"].get_secret_value() == "k-1"
    assert settings.dingtalk["桥东"].secret.get_secret_value() == "s-1"
    assert settings.smtp_host == ""


@pytest.mark.parametrize(
    ("name", "value", "word"),
    [
        ("DINGTALK", f'{{"桥东": {{"token": "{SECRET}", "secrets": "{SECRET}"}}}}', "secrets"),
        ("DINGTALK", f'{{"桥东": "{SECRET}"}}', "dingtalk"),
        ("FEISHU_BASE", f"open.feishu.cn/{SECRET}", "http://"),
        ("SMTP_HOST", "mail.example.com", "SMTP_FROM"),
    ],
)
def test_wrong_settings_are_refused_at_the_start_without_showing_keys(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, word: str
) -> None:
    monkeypatch.setenv(f"YEKUO_CHANNEL_{name}", value)

    with pytest.raises(ValidationError, match=word) as caught:
        ChannelSettings()

    assert SECRET not in str(caught.value)


def test_settings_show_no_keys() -> None:
    settings = ChannelSettings(
        wecom={"指挥中心": SECRET}, dingtalk={"桥东": {"token": SECRET}}, other={"值班": f"json://h/{SECRET}"}
    )

    assert SECRET not in repr(settings)


def test_the_link_leads_to_the_case() -> None:
    settings = ChannelSettings(base_url="https://yekuo.example.com/")

    assert settings.case_link("业扩 2026/1") == "https://yekuo.example.com/cases/%E4%B8%9A%E6%89%A9%202026%2F1"


@pytest.mark.parametrize(
    "text",
    [
        f"POST https://host/send?key={SECRET}",
        "POST https://host/send?key=SEC-5f2a9c71%2Fb%2Bc",
        "tgram://bot-token-1/chat-number-2/",
        "token bot-token-1",
        "chat-number-2 of query-value-3",
    ],
)
def test_a_secret_is_masked_plain_and_encoded_whole_and_in_parts(text: str) -> None:
    secrets = Secrets([SECRET], ["tgram://bot-token-1/chat-number-2/?x=query-value-3"])

    masked = secrets.masked(text)

    assert "***" in masked
    assert not any(word in masked for word in ("5f2a", "bot-token", "chat-number", "query-value"))


def test_without_secrets_nothing_is_masked() -> None:
    assert ChannelSettings().secrets().masked("设置") == "设置"


@pytest.mark.parametrize("channel", [Channel.WECOM, Channel.DINGTALK, Channel.FEISHU, Channel.OTHER])
@pytest.mark.parametrize("status", [200, 404, 500])
def test_no_secret_is_logged_at_any_level_nor_told_in_an_error(
    webhook: Webhook,
    now: datetime,
    message: MakeMessage,
    caplog: pytest.LogCaptureFixture,
    channel: Channel,
    status: int,
) -> None:
    key = "k-5f2a9c71"
    webhook.says({"errcode": 93000, "errmsg": f"invalid key {key}"}, status)
    signed = {"指挥中心": {"token": key, "secret": "SEC-5f2a"}}
    settings = ChannelSettings(
        wecom={"指挥中心": key},
        dingtalk=signed,
        feishu=signed,
        other={"指挥中心": f"{webhook.base.replace('http', 'json')}/{key}"},
        wecom_base=webhook.base,
        dingtalk_base=webhook.base,
        feishu_base=webhook.base,
    )
    told = ""

    with caplog.at_level(logging.DEBUG):
        try:
            Channels(settings, lambda: now).send(channel, message())
        except DeliveryFault as fault:
            told = f"{fault!r} {fault.__cause__!r}"

    assert len(webhook.requests) == 1
    assert "5f2a" not in caplog.text + told


def test_what_nobody_foresaw_is_unclear_and_shows_no_key(
    now: datetime, message: MakeMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*arguments: object) -> None:
        raise LookupError(SECRET)

    monkeypatch.setattr("activities.channels.wecom.plain_text", fail)
    channels = Channels(ChannelSettings(wecom={"指挥中心": SECRET}), lambda: now)

    with pytest.raises(DeliveryFault, match=r"企业微信发送中断：LookupError \*\*\*") as caught:
        channels.send(Channel.WECOM, message())

    assert caught.value.__cause__ is None

"""Settings of the ways out; every one is an environment variable with the prefix YEKUO_CHANNEL_.

Robots have names, by which the addresses of officers and posts call them: keys stand in the settings alone. Example:
`YEKUO_CHANNEL_DINGTALK={"供电服务指挥中心": {"token": "…", "secret": "SEC…"}}`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, Self
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from activities.channels.secrecy import Secrets
from storage.configured import Configured


class SignedRobot(BaseModel):
    """A group robot: the token of its webhook, and its signing secret if 加签 / 签名校验 is switched on for it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    token: SecretStr
    secret: SecretStr = SecretStr("")


class ChannelSettings(Configured):
    """Where messages leave, with which keys.

    Lengths in bytes and waits are the services' published limits (WeCom: 2,048 bytes of text, 20 messages a minute;
    DingTalk: 20 a minute, then ten minutes of silence; Feishu: 20 KB a request, 100 a minute); they change them.
    `subject_prefix` stands before every subject: robots that check keywords let messages pass by it.
    """

    model_config = SettingsConfigDict(env_prefix="YEKUO_CHANNEL_", frozen=True)

    base_url: str = "http://127.0.0.1:8000"
    """The address at which people open the system; links in messages begin with it."""
    subject_prefix: str = "【业扩】"
    """Stands before every subject; robots that check keywords let messages pass by it."""
    timeout: float = Field(10, gt=0, le=120)
    """Seconds to wait for a service each time it is its turn: once for a robot, up to seven times for a mail."""
    proxy: str = ""
    """The HTTP proxy that messages leave through."""

    smtp_host: str = ""
    """The mail server; no mail unless set."""
    smtp_port: int = Field(587, ge=1, le=65535)
    """The port of the mail server."""
    smtp_security: Literal["none", "starttls", "tls"] = "starttls"
    """`none`, `starttls` or `tls`."""
    smtp_user: str = ""
    """The user of the mail server."""
    smtp_password: SecretStr = SecretStr("")
    """The password of that user."""
    smtp_from: str = ""
    """The sender of mails."""
    smtp_from_name: str = "业扩报装系统"
    """The name of the sender."""

    wecom: dict[str, SecretStr] = Field(default_factory=dict)
    """WeCom robots 企业微信: a JSON object, name to key."""
    wecom_base: str = "https://qyapi.weixin.qq.com"
    """The address of WeCom."""
    wecom_bytes: int = Field(2048, ge=1000)
    """The longest message to WeCom, in bytes."""
    wecom_wait: timedelta = timedelta(minutes=1)
    """How long WeCom is left alone when it says too many."""

    dingtalk: dict[str, SignedRobot] = Field(default_factory=dict)
    """DingTalk robots 钉钉: a JSON object, name to token and secret."""
    dingtalk_base: str = "https://oapi.dingtalk.com"
    """The address of DingTalk."""
    dingtalk_bytes: int = Field(18_000, ge=1000)
    """The longest message to DingTalk, in bytes."""
    dingtalk_wait: timedelta = timedelta(minutes=10)
    """How long DingTalk is left alone when it says too many."""

    feishu: dict[str, SignedRobot] = Field(default_factory=dict)
    """Feishu robots 飞书: a JSON object, name to token and secret."""
    feishu_base: str = "https://open.feishu.cn"
    """The address of Feishu."""
    feishu_bytes: int = Field(18_000, ge=1000)
    """The longest message to Feishu, in bytes."""
    feishu_wait: timedelta = timedelta(minutes=1)
    """How long Feishu is left alone when it says too many."""

    other: dict[str, SecretStr] = Field(default_factory=dict)
    """Addresses of apprise, by name; see `activities.channels.others` for what it cannot tell."""

    @field_validator("base_url", "wecom_base", "dingtalk_base", "feishu_base")
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        if urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname:
            raise ValueError("must be an address that begins with http:// or https://")
        return value

    @model_validator(mode="after")
    def _mail_has_a_sender(self) -> Self:
        if self.smtp_host and "@" not in self.smtp_from:
            raise ValueError("YEKUO_CHANNEL_SMTP_FROM must be a mail address when YEKUO_CHANNEL_SMTP_HOST is set")
        return self

    def case_link(self, case_no: str) -> str:
        """The address of a case's page."""
        return f"{self.base_url.rstrip('/')}/cases/{quote(case_no, safe='')}"

    def secrets(self) -> Secrets:
        """Everything in these settings that must not be seen."""
        robots = [*self.dingtalk.values(), *self.feishu.values()]
        values = [self.smtp_password, *self.wecom.values()]
        values += [value for robot in robots for value in (robot.token, robot.secret)]
        addresses = [self.proxy, *(address.get_secret_value() for address in self.other.values())]
        return Secrets([value.get_secret_value() for value in values], addresses)

"""Settings of the ways out; every one is an environment variable with the prefix YEKUO_CHANNEL_.

Robots have names, by which the addresses of officers and posts call them: keys stand in the settings alone. Example:
`YEKUO_CHANNEL_DINGTALK={"供电服务指挥中心": {"token": "…", "secret": "SEC…"}}`.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Literal, Self
from urllib.parse import quote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from activities.channels.secrecy import Secrets


class SignedRobot(BaseModel):
    """A group robot: the token of its webhook, and its signing secret if 加签 / 签名校验 is switched on for it."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    token: SecretStr
    secret: SecretStr = SecretStr("")


class ChannelSettings(BaseSettings):
    """Where messages leave, with which keys.

    Lengths in bytes and waits are the services' published limits (WeCom: 2,048 bytes of text, 20 messages a minute;
    DingTalk: 20 a minute, then ten minutes of silence; Feishu: 20 KB a request, 100 a minute); they change them.
    `subject_prefix` stands before every subject: robots that check keywords let messages pass by it.
    """

    model_config = SettingsConfigDict(
        env_prefix="YEKUO_CHANNEL_", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    base_url: str = "http://127.0.0.1:8000"
    subject_prefix: str = "【业扩】"
    timeout: float = Field(10, gt=0, le=120)
    """Seconds to wait for a service each time it is its turn: once for a robot, up to seven times for a mail."""
    proxy: str = ""

    smtp_host: str = ""
    smtp_port: int = Field(587, ge=1, le=65535)
    smtp_security: Literal["none", "starttls", "tls"] = "starttls"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_from: str = ""
    smtp_from_name: str = "业扩报装系统"

    wecom: dict[str, SecretStr] = Field(default_factory=dict)
    wecom_base: str = "https://qyapi.weixin.qq.com"
    wecom_bytes: int = Field(2048, ge=1000)
    wecom_wait: timedelta = timedelta(minutes=1)

    dingtalk: dict[str, SignedRobot] = Field(default_factory=dict)
    dingtalk_base: str = "https://oapi.dingtalk.com"
    dingtalk_bytes: int = Field(18_000, ge=1000)
    dingtalk_wait: timedelta = timedelta(minutes=10)

    feishu: dict[str, SignedRobot] = Field(default_factory=dict)
    feishu_base: str = "https://open.feishu.cn"
    feishu_bytes: int = Field(18_000, ge=1000)
    feishu_wait: timedelta = timedelta(minutes=1)

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

"""One JSON message to a robot's webhook, and what the answer means.

The robots of all three services answer HTTP 200 when they refuse: what counts is the result code in the body. Feishu
sends two, the older of which (`StatusCode`) may say 0 beside a `code` that refuses, so every one of them must be 0.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx

from activities.channels.outcomes import NotSent, Refused, Unclear

_CODES = ("errcode", "code", "StatusCode")
_TEXTS = ("errmsg", "msg", "StatusMessage")
_THROTTLED_TEXTS = ("too many", "too fast", "frequency limit", "rate limit")
_WAITS = ("retry-after", "x-ogw-ratelimit-reset")
_LONGEST_WAIT = timedelta(hours=1)
_LARGEST_ANSWER = 64 * 1024
_LONGEST_TEXT = 300


@dataclass(frozen=True)
class Service:
    """A robot service: its name on screen, and the result codes that mean "later", whatever else is a refusal."""

    label: str
    busy: frozenset[int]
    throttled: frozenset[int]
    wait: timedelta


@dataclass(frozen=True)
class Answer:
    """What the service answered: the status, the headers, and the body's object if it is one."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any]


class Poster:
    """Posts JSON, through `proxy` if one is given, and waits `timeout` seconds for the answer.

    It logs no addresses: they hold keys.
    """

    def __init__(self, timeout: float, proxy: str = "") -> None:
        self._timeout = timeout
        self._proxy = proxy or None
        self._verify = httpx.create_ssl_context()  # once: reading the authorities takes longer than a message

    def post(self, service: Service, url: str, body: Mapping[str, Any]) -> None:
        """Returns when the service has taken the message; raises `Refused`, `NotSent` or `Unclear` otherwise."""
        settle(service, self._exchange(service, url, body))

    def _exchange(self, service: Service, url: str, body: Mapping[str, Any]) -> Answer:
        deadline = time.monotonic() + self._timeout
        extensions = {"timeout": httpx.Timeout(self._timeout).as_dict()}
        request = httpx.Request("POST", url, json=body, extensions=extensions)
        try:
            # The transport itself: httpx.Client would log the address, key and all.
            with httpx.HTTPTransport(verify=self._verify, proxy=self._proxy) as transport:
                response = transport.handle_request(request)
                content = _read(service, response, deadline)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.ProxyError) as error:
            raise NotSent(f"连接不上{service.label}（{request.url.host}）：{_words(error)}") from None
        except httpx.TimeoutException:
            raise Unclear(f"{service.label}在{self._timeout:g}秒内没有答复") from None
        except httpx.TransportError as error:
            raise Unclear(f"{service.label}没有答复就断开了：{_words(error)}") from None
        return Answer(response.status_code, response.headers, _object(content))


def settle(service: Service, answer: Answer) -> None:
    """Returns if the answer says that the message was taken; raises what it means otherwise."""
    codes = [code for key in _CODES if (code := _code(answer.body.get(key))) is not None]
    code = next((code for code in codes if code != 0), None)
    if 200 <= answer.status < 300 and codes and code is None:
        return
    text = next((str(answer.body[key]) for key in _TEXTS if answer.body.get(key)), "")[:_LONGEST_TEXT]
    reason = f"{service.label}答复{f'错误码 {code}' if code is not None else f' HTTP {answer.status}'}"
    reason += f"：{text}" if text else ""
    if _is_throttled(service, answer.status, code, text):
        raise NotSent(reason, _wait(answer.headers) or service.wait)
    if code in service.busy or answer.status == httpx.codes.SERVICE_UNAVAILABLE:
        raise NotSent(reason, _wait(answer.headers))
    if answer.status >= 500 or answer.status == httpx.codes.REQUEST_TIMEOUT:
        raise Unclear(reason)
    if code is not None or answer.status >= 300:
        raise Refused(reason)
    raise Unclear(f"{service.label}的答复中没有错误码（HTTP {answer.status}），不知道消息是否被接收")


def _is_throttled(service: Service, status: int, code: int | None, text: str) -> bool:
    if status == httpx.codes.TOO_MANY_REQUESTS or code in service.throttled:
        return True
    return code is not None and any(words in text.lower() for words in _THROTTLED_TEXTS)


def _read(service: Service, response: httpx.Response, deadline: float) -> bytes:
    content = b""
    for part in response.iter_raw():
        content += part
        if time.monotonic() > deadline:
            raise Unclear(f"{service.label}的答复太慢，没有等到结尾")
        if len(content) > _LARGEST_ANSWER:
            raise Unclear(f"{service.label}的答复太长，不像是机器人接口的答复")
    return content


def _object(content: bytes) -> Mapping[str, Any]:
    with suppress(ValueError):
        if isinstance(body := json.loads(content), dict):
            return body
    return {}


def _code(value: Any) -> int | None:
    """A result code; text of digits counts, true and false do not."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    with suppress(ValueError):
        return int(value)
    return None


def _wait(headers: Mapping[str, str]) -> timedelta | None:
    seconds = next((value for name in _WAITS if (value := headers.get(name, "").strip()).isdecimal()), None)
    return min(timedelta(seconds=float(seconds[:9])), _LONGEST_WAIT) if seconds else None


def _words(error: Exception) -> str:
    return str(error)[:_LONGEST_TEXT] or type(error).__name__

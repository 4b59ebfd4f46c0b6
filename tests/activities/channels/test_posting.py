"""What a robot's answer means, and what no answer means."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from activities.channels.outcomes import DeliveryFault, NotSent, Refused, Unclear
from activities.channels.posting import Poster, Service
from tests.activities.servers import Webhook

SERVICE = Service("钉钉", busy=frozenset({-1}), throttled=frozenset({130101}), wait=timedelta(minutes=10))


def post(webhook: Webhook, timeout: float = 5) -> None:
    Poster(timeout).post(SERVICE, webhook.base + "/send?key=k", {"text": "你好"})


def fault(webhook: Webhook, timeout: float = 5) -> DeliveryFault:
    with pytest.raises(DeliveryFault) as caught:
        post(webhook, timeout)
    return caught.value


@pytest.mark.parametrize(
    "body",
    [
        {"errcode": 0, "errmsg": "ok"},
        {"code": 0, "msg": "success", "data": {}},
        {"StatusCode": 0, "StatusMessage": "success"},
        {"StatusCode": 0, "code": 0},
        {"errcode": "0"},
    ],
)
def test_a_message_was_taken_when_every_result_code_is_zero(webhook: Webhook, body: dict[str, Any]) -> None:
    webhook.says(body)

    post(webhook)

    assert [request.body for request in webhook.requests] == [{"text": "你好"}]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"errcode": 93000, "errmsg": "invalid webhook url"}, "错误码 93000：invalid webhook url"),
        ({"errcode": 310000, "errmsg": "sign not match"}, "错误码 310000：sign not match"),
        ({"code": 19021, "msg": "sign match fail"}, "错误码 19021：sign match fail"),
        ({"StatusCode": 0, "StatusMessage": "", "code": 19007, "msg": "Bot Not Enabled"}, "19007：Bot Not Enabled"),
        ({"StatusCode": 19024, "StatusMessage": "Key Words Not Found"}, "19024：Key Words Not Found"),
        ({"errcode": "40058", "errmsg": "too long"}, "错误码 40058：too long"),
    ],
)
def test_a_result_code_in_a_successful_answer_is_a_refusal(webhook: Webhook, body: Any, reason: str) -> None:
    webhook.says(body)

    refusal = fault(webhook)

    assert isinstance(refusal, Refused)
    assert reason in refusal.reason


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (400, {"code": 9499, "msg": "Bad Request"}, Refused),
        (404, {}, Refused),
        (302, {}, Refused),
        (503, {}, NotSent),
        (500, {}, Unclear),
        (502, {"errcode": 0}, Unclear),
        (408, {}, Unclear),
        (200, {}, Unclear),
        (200, [], Unclear),
        (200, {"errcode": True}, Unclear),
    ],
)
def test_the_status_of_an_answer_says_whether_the_message_can_have_gone_out(
    webhook: Webhook, status: int, body: Any, kind: type[DeliveryFault]
) -> None:
    webhook.says(body, status)

    assert type(fault(webhook)) is kind


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}),
        (200, {"StatusCode": 0, "code": 9499, "msg": "too many request"}),
        (400, {"code": 99991400, "msg": "request trigger frequency limit"}),
        (429, {}),
    ],
)
def test_too_many_messages_wait_as_long_as_the_service_is_known_to_want(
    webhook: Webhook, status: int, body: Any
) -> None:
    webhook.says(body, status)

    throttled = fault(webhook)

    assert isinstance(throttled, NotSent)
    assert throttled.retry_after == timedelta(minutes=10)


@pytest.mark.parametrize("header", ["Retry_After", "x_ogw_ratelimit_reset"])
def test_a_wait_that_the_service_names_goes_before_ours(webhook: Webhook, header: str) -> None:
    webhook.says({}, 429, **{header: "52"})

    assert fault(webhook).retry_after == timedelta(seconds=52)


def test_an_absurd_wait_ends_after_an_hour(webhook: Webhook) -> None:
    webhook.says({}, 429, Retry_After="99999999999999")

    assert fault(webhook).retry_after == timedelta(hours=1)


def test_a_busy_service_is_tried_again(webhook: Webhook) -> None:
    webhook.says({"errcode": -1, "errmsg": "系统繁忙"})

    busy = fault(webhook)

    assert isinstance(busy, NotSent)
    assert "系统繁忙" in busy.reason


def test_nobody_listening_is_not_sent(free_port: Callable[[], int]) -> None:
    with pytest.raises(NotSent, match=r"连接不上钉钉（127\.0\.0\.1）"):
        Poster(5).post(SERVICE, f"http://127.0.0.1:{free_port()}/", {})


def test_an_answer_that_does_not_come_in_time_leaves_it_unclear(webhook: Webhook) -> None:
    webhook.hold = threading.Event()

    assert isinstance(late := fault(webhook, timeout=0.3), Unclear)
    assert "0.3秒内没有答复" in late.reason
    assert len(webhook.requests) == 1


def test_an_answer_that_comes_late_but_in_time_counts(webhook: Webhook) -> None:
    webhook.hold = threading.Event()
    timer = threading.Timer(0.3, webhook.hold.set)
    timer.start()

    post(webhook)

    timer.join()


def test_an_answer_that_comes_byte_by_byte_is_not_waited_for_without_end(webhook: Webhook) -> None:
    webhook.drip = 0.02
    webhook.says({"errcode": 0, "errmsg": "o" * 200})

    assert isinstance(slow := fault(webhook, timeout=0.3), Unclear)
    assert "太慢" in slow.reason


def test_a_message_goes_through_the_proxy(webhook: Webhook) -> None:
    Poster(5, proxy=webhook.base).post(SERVICE, "http://robot.invalid/send", {"text": "你好"})

    assert [request.body for request in webhook.requests] == [{"text": "你好"}]


def test_a_dropped_connection_leaves_it_unclear(webhook: Webhook) -> None:
    webhook.answer = lambda request: None

    assert isinstance(fault(webhook), Unclear)


@pytest.mark.parametrize("content", [b"<html>login</html>", b"\xff\xfe", b"", b"x" * 100_000])
def test_an_answer_that_is_no_result_leaves_it_unclear(webhook: Webhook, content: bytes) -> None:
    webhook.answer = lambda request: (200, content, {})

    assert isinstance(fault(webhook), Unclear)


def test_an_endless_reason_is_cut(webhook: Webhook) -> None:
    webhook.says({"errcode": 40058, "errmsg": "长" * 5000})

    assert len(fault(webhook).reason) < 400

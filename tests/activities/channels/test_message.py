"""The words of a message, whole and cut."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from activities.channels.message import REPEAT_NOTE, Message, byte_size, cut, plain_text

MakeMessage = Callable[..., Message]
ROOM = 2048


def test_a_short_message_is_whole(message: MakeMessage) -> None:
    one = message()

    assert plain_text(one, ROOM) == (
        "【业扩】督办：供电方案答复超期\n\n"
        "工单 YK-2026-000317 的供电方案答复已超期2个工作日，请在1个工作日内说明原因。\n\n"
        "工单：http://127.0.0.1:8000/cases/YK-2026-000317\n"
        "消息编号：0123456789abcdef0123456789abcdef"
    )


def test_a_repeat_says_so_at_both_ends(message: MakeMessage) -> None:
    text = plain_text(message(repeat=True), ROOM)

    assert text.startswith("【业扩】督办：供电方案答复超期（重发）\n")
    assert text.endswith(REPEAT_NOTE)


def test_a_long_message_is_cut_in_its_body_and_says_so(message: MakeMessage) -> None:
    text = plain_text(message(body="电" * 5000), ROOM)

    assert ROOM - 3 < byte_size(text) <= ROOM
    assert "……（原文共5000字，此处有删节，全文见工单）\n\n工单：http://127.0.0.1:8000/cases/" in text
    assert text.endswith("0123456789abcdef0123456789abcdef")


def test_a_subject_is_one_line_of_at_most_eighty_characters(message: MakeMessage) -> None:
    assert message(subject="督办\r\nBcc: 张三").title == "督办 Bcc: 张三"
    assert message(subject="督" * 81).title == "督" * 79 + "…"
    assert message(subject="督" * 80).title == "督" * 80


@given(st.text(), st.integers(min_value=100, max_value=400))
def test_what_is_cut_fits_and_begins_as_the_whole_does(text: str, room: int) -> None:
    short = cut(text, room)

    assert byte_size(short) <= room
    assert short == text or short.endswith("全文见工单）")
    assert text.startswith(short.partition("……（原文共")[0]) or "……（原文共" in text

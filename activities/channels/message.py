"""A message as it leaves: its words, whole or cut to what a service takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

REPEAT = "（重发）"
REPEAT_NOTE = "本消息为重发：前一次发送是否送达不明，如已收到请忽略。"
_LONGEST_SUBJECT = 80

Size = Callable[[str], int]


@dataclass(frozen=True)
class Message:
    """`message_id` is the same every time the message is sent; `repeat` if an earlier time may have succeeded.

    `to` is what the officer's address says: a mail address or the name of a robot.
    """

    message_id: str
    to: str
    subject: str
    body: str
    link: str
    repeat: bool = False

    @property
    def title(self) -> str:
        """The subject in one line of at most 80 characters, marked 重发 if it is a repeat."""
        line = " ".join(self.subject.split())
        short = line if len(line) <= _LONGEST_SUBJECT else line[: _LONGEST_SUBJECT - 1] + "…"
        return short + REPEAT if self.repeat else short

    @property
    def closing(self) -> str:
        """What stands below every text: the link to the case, the id, and the note of a repeat."""
        lines = [f"工单：{self.link}", f"消息编号：{self.message_id}"]
        return "\n".join([*lines, REPEAT_NOTE] if self.repeat else lines)


def byte_size(text: str) -> int:
    """How many bytes a text is in UTF-8."""
    return len(text.encode(errors="replace"))


def cut(text: str, room: int, size: Size = byte_size) -> str:
    """`text` if its size is within `room`; else as much of it as fits before a note that says so."""
    if size(text) <= room:
        return text
    note = f"……（原文共{len(text)}字，此处有删节，全文见工单）"
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if size(text[:middle] + note) <= room:
            low = middle
        else:
            high = middle - 1
    return text[:low].rstrip() + note


def plain_text(message: Message, room: int, size: Size = byte_size) -> str:
    """Title, body and closing within `room`; only the body is cut."""
    frame = f"{message.title}\n\n\n\n{message.closing}"
    body = cut(message.body.strip(), room - size(frame), size)
    return f"{message.title}\n\n{body}\n\n{message.closing}"

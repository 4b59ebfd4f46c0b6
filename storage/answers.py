"""What the API answered to acts that it does itself, by the sender's own key: the same key is done once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base
from storage.locks import lock

KEPT = timedelta(days=30)
"""How long a key is remembered; who sends again does so within hours."""


class Answer(Base):
    """The first answer to an act: `content` is the hash of what was asked."""

    __tablename__ = "answers"

    caller: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[str]
    answer: Mapped[dict[str, Any]]
    at: Mapped[datetime] = mapped_column(index=True)


class KeyTaken(Exception):
    """The key was used for another act."""


def answer_once(
    session: Session, caller: str, key: str, content: str, now: datetime, act: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Does `act` in this transaction and keeps its answer, or answers what it did the first time.

    Raises `KeyTaken` where the key belongs to other `content`; what `act` raises keeps nothing.
    """
    lock(session, f"answer {caller} {key}")
    known = session.get(Answer, (caller, key))
    if known:
        if known.content != content:
            raise KeyTaken(key)
        return known.answer
    answer = act()
    session.execute(delete(Answer).where(Answer.at < now - KEPT))
    session.add(Answer(caller=caller, key=key, content=content, answer=answer, at=now))
    session.flush()
    return answer

"""Acts that the API does itself, not a case: each is done once for its key, and answered the same again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any, TypeVar

from pydantic import BaseModel
from sqlalchemy.orm import Session

from api.context import Context
from api.identity import Caller
from api.problems import Problem, Said
from storage.answers import KeyTaken, answer_once

M = TypeVar("M", bound=BaseModel)


def once(context: Context, caller: Caller, key: str, asked: Any, answer: type[M], act: Callable[[Session], M]) -> M:
    """What `act` answers, done in one transaction with the keeping of its answer; the first answer for a known key.

    `asked` is all that the act depends on, as JSON. Raises `Problem` (conflict) where the key came with something else.
    """
    content = content_of(asked)
    with context.database.transaction() as session:
        try:
            kept = answer_once(
                session, caller.account, key, content, context.clock(), lambda: act(session).model_dump(mode="json")
            )
        except KeyTaken:
            raise Problem("conflict", key_taken(key)) from None
    return answer.model_validate(kept)


def content_of(asked: Any) -> str:
    """A hash of what was asked, as JSON."""
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()


def key_taken(key: str) -> Said:
    """What is said of a key that came with another act before."""
    return Said(f"幂等键 {key} 已用于另一项操作", f"The key {key} was used for another act")

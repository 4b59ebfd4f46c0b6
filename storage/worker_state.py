"""The word of a worker on how it is, kept in a file; `python -m storage.worker_state` reads it (a health check).

The worker writes it (`activities.beat`). One that hangs says nothing any more, so an old word is a bad one.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from storage.settings import Settings

STALE = 45.0
"""Seconds after which the last word tells nothing any more."""


def tell(state: Path, problem: str | None, now: float) -> None:
    """Writes down what is wrong with the worker, None if nothing; `now` in seconds since 1970."""
    state.parent.mkdir(parents=True, exist_ok=True)
    fresh = state.with_suffix(".new")
    fresh.write_text(json.dumps({"at": now, "problem": problem}), "utf-8")
    fresh.replace(state)


def forget(state: Path) -> None:
    """There is no worker now, or not yet: what one before it said is not its word."""
    state.unlink(missing_ok=True)


def problem_of(state: Path, now: float) -> str | None:
    """What is wrong with the worker that writes `state`; None if nothing."""
    try:
        told = json.loads(state.read_text("utf-8"))
    except FileNotFoundError:
        return f"no worker writes {state}"
    age = now - told["at"]
    if age > STALE:
        return f"the worker has said nothing for {age:.0f} s"
    problem: str | None = told["problem"]
    return problem


def main() -> int:
    """The exit code: 0 for a worker that is well."""
    problem = problem_of(Settings().worker_state, time.time())
    print(problem or "the worker is well", file=sys.stderr if problem else sys.stdout)
    return 1 if problem else 0


if __name__ == "__main__":
    sys.exit(main())

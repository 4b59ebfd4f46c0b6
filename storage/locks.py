"""Locks by name that last until the transaction ends.

PostgreSQL's advisory locks; on SQLite a writing transaction already excludes every other, so nothing is left to lock.
Names are locked in one fixed order, so that two transactions never wait for each other.
"""

from __future__ import annotations

import hashlib

from sqlalchemy import text
from sqlalchemy.orm import Session

from storage.base import on_sqlite

_LOCK = text("SELECT pg_advisory_xact_lock(n) FROM unnest(CAST(:numbers AS bigint[])) AS n")


def lock(session: Session, *names: str) -> None:
    """Waits until no other transaction holds one of these names, then holds them to the end of this one."""
    if names and not on_sqlite(session):
        session.execute(_LOCK, {"numbers": sorted({lock_number(name) for name in names})}).all()


def lock_job(session: Session, workflow_id: str, key: str) -> None:
    """Holds the piece of work (workflow, key): two attempts of it at once run one after the other."""
    lock(session, f"job {workflow_id} {key}")


def lock_number(name: str) -> int:
    """The 64-bit number that stands for a name."""
    return int.from_bytes(hashlib.sha256(name.encode(errors="replace")).digest()[:8], signed=True)

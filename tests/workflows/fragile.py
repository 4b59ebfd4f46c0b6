"""A database that goes down and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from storage.database import Database


class Fragile(Database):
    """A database that cannot be written while it is `down`; it counts what was tried."""

    down = False
    refused = 0

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        if self.down:
            self.refused += 1
            raise OperationalError("BEGIN IMMEDIATE", {}, Exception("disk I/O error"))
        with super().transaction() as session:
            yield session

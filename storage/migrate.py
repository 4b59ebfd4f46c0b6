"""Brings the database to this version's tables: `python -m storage.migrate`.

Several may start at once, and doing it again changes nothing. Whatever stands in the way is said in one sentence,
without the password, and the exit code is 1.
"""

from __future__ import annotations

import sys

from alembic.util import CommandError
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from storage.database import Database
from storage.safety import UnsafeSettings, refuse_unsafe
from storage.settings import Settings


def migration_problem(url: str) -> str | None:
    """Brings the database at `url` to the latest schema; says why that failed, without the password."""
    try:
        address = make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "YEKUO_DATABASE_URL is no database address: sqlite:///FILE or postgresql://USER@HOST/NAME"
    try:
        Database(url).migrate()
    except (SQLAlchemyError, CommandError, OSError, ValueError) as error:
        reason = getattr(error, "orig", None) or error
        return f"the database {address} cannot be used (YEKUO_DATABASE_URL): {reason}"
    return None


def main() -> int:
    """The exit code: 0 when the database has the tables."""
    try:
        settings = Settings()
        refuse_unsafe(settings, ())
    except (UnsafeSettings, ValueError) as refused:
        print(refused, file=sys.stderr)
        return 1
    if problem := migration_problem(settings.database):
        print(problem, file=sys.stderr)
        return 1
    print("the database has this version's tables")
    return 0


if __name__ == "__main__":
    sys.exit(main())

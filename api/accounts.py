"""Makes accounts from the machine itself, the first administrator's above all:

    python -m api.accounts create --account ACCOUNT --role administrator [--name NAME] [--password-file FILE]

The password is read from the file, otherwise asked for, or taken as the one line of standard input: never from an
argument, which every user of the machine could see. An account that exists is not changed; exit code 1, and 2 for a
wrong command.
"""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from api.passwords import hashed
from api.rights import Role
from domain.departments import DEPARTMENTS, fault_of_place
from storage.accounts import Account, account_of, save_account
from storage.database import Database
from storage.locks import lock
from storage.safety import UnsafeSettings, refuse_unsafe
from storage.settings import Settings

SHORTEST, LONGEST = 10, 1000
"""Characters of a password, as `PUT /accounts/{account}` takes them."""


class AccountRefused(Exception):
    """The account is not made; the text says why."""


@dataclass(frozen=True)
class NewAccount:
    """What an account is made of; `county` is empty for those of the whole city and of the province."""

    account: str
    name: str
    roles: tuple[Role, ...]
    departments: tuple[str, ...] = ()
    county: str = ""


def create(database: Database, wanted: NewAccount, password: str, now: datetime) -> None:
    """Makes the account. Raises `AccountRefused` where there is one already, or where a part of it cannot be."""
    _check(wanted, password)
    account = Account(
        account=wanted.account,
        name=wanted.name,
        departments=list(wanted.departments),
        county=wanted.county,
        roles=[role.value for role in wanted.roles],
        password_hash=hashed(password),
        disabled=False,
        failures=0,
        locked_until=None,
        created_at=now,
    )
    with database.transaction() as session:
        lock(session, f"account {wanted.account}")
        if account_of(session, wanted.account):
            raise AccountRefused(f"the account {wanted.account} exists; an administrator changes it over the API")
        save_account(session, account)


def _check(wanted: NewAccount, password: str) -> None:
    if not 1 <= len(wanted.account) <= 100 or wanted.account != wanted.account.strip():
        raise AccountRefused("an account has 1 to 100 characters, and no space at its ends")
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccountRefused(f"a password has {SHORTEST} to {LONGEST} characters; this one has {len(password)}")
    if unknown := [name for name in wanted.departments if name not in DEPARTMENTS]:
        raise AccountRefused(f"there is no department {', '.join(unknown)}; there are {', '.join(DEPARTMENTS)}")
    if fault_of_place(wanted.departments, wanted.county):
        raise AccountRefused("a department of the province is of no county: leave the county out")


def _password(file: Path | None) -> str:
    if file:
        try:
            return file.read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise AccountRefused(f"the password cannot be read from {file}: {error}") from None
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Once more: ") != password:
        raise AccountRefused("the two passwords differ")
    return password


def _arguments(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m api.accounts", description="Makes accounts from the machine itself.")
    making = parser.add_subparsers(required=True).add_parser("create", help="make an account", allow_abbrev=False)
    making.add_argument("--account", required=True, help="the name to log in with")
    making.add_argument("--name", default="", help="the person's name; unless given, the account")
    making.add_argument("--role", action="append", required=True, choices=[role.value for role in Role])
    making.add_argument("--department", action="append", default=[], choices=list(DEPARTMENTS))
    making.add_argument("--county", default="", help="unless given, the whole city; for the province, none")
    making.add_argument("--password-file", type=Path, help="unless given, asked for or taken from standard input")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str]) -> int:
    """The exit code: 0 when the account is made."""
    given = _arguments(arguments)
    roles = tuple(Role(role) for role in given.role)
    wanted = NewAccount(given.account, given.name or given.account, roles, tuple(given.department), given.county)
    try:
        settings = Settings()
        refuse_unsafe(settings, ())
        create(Database(settings.database), wanted, _password(given.password_file), datetime.now(UTC))
    except (AccountRefused, UnsafeSettings) as refused:
        print(refused, file=sys.stderr)
        return 1
    print(f"the account {wanted.account} is made: {', '.join(role.value for role in roles)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

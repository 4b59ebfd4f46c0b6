"""Who may use the system: accounts of people, what they are logged in with, and the tokens of other systems.

No secret stands here, only what it can be checked by: passwords as Argon2 hashes, tokens as SHA-256 of their bytes.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from storage.base import Base
from storage.locks import lock


class Account(Base):
    """One person's account. `departments` and `county` say whose work they do (county empty: the city's company);
    `roles` what they may do beside it. `failures` counts wrong passwords in a row, `locked_until` follows from them."""

    __tablename__ = "accounts"

    account: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    departments: Mapped[list[str]]
    county: Mapped[str] = mapped_column(index=True)
    roles: Mapped[list[str]]
    password_hash: Mapped[str]
    disabled: Mapped[bool]
    failures: Mapped[int]
    locked_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Login(Base):
    """One login: a short-lived access token, and the refresh token that brings the next pair and is good once."""

    __tablename__ = "logins"

    access_hash: Mapped[str] = mapped_column(primary_key=True)
    refresh_hash: Mapped[str] = mapped_column(unique=True)
    account: Mapped[str] = mapped_column(index=True)
    access_until: Mapped[datetime]
    refresh_until: Mapped[datetime] = mapped_column(index=True)


class SystemToken(Base):
    """The token of another system: what it may do, until when; revoked ones stay, so that their acts keep a name."""

    __tablename__ = "system_tokens"

    name: Mapped[str] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[list[str]]
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


def account_of(session: Session, account: str) -> Account | None:
    """One account, disabled or not."""
    return session.get(Account, account)


def accounts(session: Session, *, limit: int = 100, after: str = "") -> Sequence[Account]:
    """Accounts by their id, those after `after`."""
    following = select(Account).where(Account.account > after).order_by(Account.account)
    return session.scalars(following.limit(limit)).all()


def accounts_named(session: Session, wanted: Collection[str]) -> dict[str, Account]:
    """Those of the accounts that there are, disabled or not."""
    return {one.account: one for one in session.scalars(select(Account).where(Account.account.in_(wanted)))}


def account_names(session: Session, wanted: Collection[str]) -> dict[str, str]:
    """The names of those of the accounts that there are, by account."""
    if not wanted:
        return {}
    return dict(session.execute(select(Account.account, Account.name).where(Account.account.in_(wanted))).all())


def save_account(session: Session, account: Account) -> None:
    """Writes an account over what was known of it; whoever is disabled or has a new password is logged out."""
    lock(session, f"account {account.account}")
    former = session.get(Account, account.account)
    if account.disabled or (former and former.password_hash != account.password_hash):
        log_out(session, account.account)
    session.merge(account)
    session.flush()


def change_password(session: Session, account: str, password_hash: str) -> None:
    """Gives an account another password and logs it out everywhere."""
    session.execute(update(Account).where(Account.account == account).values(password_hash=password_hash))
    log_out(session, account)


def wrong_password(session: Session, account: str, failures_allowed: int, until: datetime) -> bool:
    """Counts a wrong password; True if the account is locked `until` then because of it."""
    lock(session, f"account {account}")
    found = session.get(Account, account, with_for_update=True)
    if found is None:
        return False
    found.failures += 1
    if found.failures >= failures_allowed:
        found.failures, found.locked_until = 0, until
    session.flush()
    return found.locked_until == until


def right_password(session: Session, account: str, login: Login) -> None:
    """Begins a login; wrong passwords before it do not count any more."""
    session.execute(update(Account).where(Account.account == account).values(failures=0, locked_until=None))
    session.execute(delete(Login).where(Login.account == account, Login.refresh_until < login.access_until))
    session.add(login)
    session.flush()


def login_of(session: Session, access_hash: str) -> tuple[Login, Account] | None:
    """The login of an access token, and whose it is."""
    found = select(Login, Account).join(Account, Account.account == Login.account)
    row = session.execute(found.where(Login.access_hash == access_hash)).first()
    return (row[0], row[1]) if row else None


def renew(session: Session, refresh_hash: str, following: Login, now: datetime) -> Account | None:
    """Puts the `following` login in the place of the one with this refresh token; None where that is not good."""
    lock(session, f"login {refresh_hash}")
    found = session.scalar(select(Login).where(Login.refresh_hash == refresh_hash).with_for_update())
    account = session.get(Account, found.account) if found and found.refresh_until > now else None
    if found is None or account is None or account.disabled:
        return None
    session.delete(found)
    session.flush()
    following.account = account.account
    session.add(following)
    session.flush()
    return account


def log_out(session: Session, account: str) -> None:
    """Ends every login of an account."""
    session.execute(delete(Login).where(Login.account == account))


def end_login(session: Session, access_hash: str) -> None:
    """Ends one login."""
    session.execute(delete(Login).where(Login.access_hash == access_hash))


def system_token(session: Session, token_hash: str) -> SystemToken | None:
    """The token of a system, revoked or not."""
    return session.scalar(select(SystemToken).where(SystemToken.token_hash == token_hash))


def system_tokens(session: Session) -> Sequence[SystemToken]:
    """All tokens of systems, by name."""
    return session.scalars(select(SystemToken).order_by(SystemToken.name)).all()


def add_system_token(session: Session, token: SystemToken) -> bool:
    """Keeps a new token; False if its name is taken."""
    lock(session, f"system token {token.name}")
    if session.get(SystemToken, token.name):
        return False
    session.add(token)
    session.flush()
    return True


def revoke_system_token(session: Session, name: str, now: datetime) -> bool:
    """Ends a token's validity; False where it has none."""
    open_ = (SystemToken.name == name) & SystemToken.revoked_at.is_(None)
    revoked = session.execute(update(SystemToken).where(open_).values(revoked_at=now).returning(SystemToken.name))
    return revoked.first() is not None

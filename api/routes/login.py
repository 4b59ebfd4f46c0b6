"""Logging in with a password, staying logged in, and out again."""

from __future__ import annotations

import math
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, status
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import Field, SecretStr

from api.context import Context, InContext
from api.identity import Caller, logged_in
from api.models import Answer, Name, Sent
from api.passwords import hashed, is_password, new_token, token_hash
from api.posts import PostHeld, posts_held
from api.problems import Problem, Said
from domain.chinese import BUSINESS_ZONE
from storage.accounts import (
    Login,
    account_of,
    change_password,
    end_login,
    renew,
    right_password,
    wrong_password,
)

router = APIRouter(tags=["login"])
_WRONG = Said("账号或密码不对", "The account or the password is wrong")
_EXPIRED = Said("刷新令牌无效或已用过，请重新登录", "The refresh token is not good or has been used; log in again")


class Credentials(Sent):
    """Who logs in."""

    account: Name = Field(examples=["wangmin"])
    password: SecretStr = Field(max_length=1000, examples=["correct horse battery staple"])


class RefreshToken(Sent):
    """The refresh token of the last login; it is good once."""

    refresh_token: Annotated[str, Field(min_length=1, max_length=200)]


class NewPassword(Sent):
    """The password one has, and the one that is to be."""

    old: SecretStr = Field(max_length=1000)
    new: SecretStr = Field(min_length=10, max_length=1000)


class Tokens(Answer):
    """What a login gives: send `access_token` as `Authorization: Bearer …` until `expires_at`."""

    access_token: str
    refresh_token: str
    token_type: str = "bearer"
    expires_at: datetime


class Me(Answer):
    """Who sends the request, which posts they hold, and what they may do."""

    account: str
    name: str
    departments: list[str]
    county: str
    roles: list[str]
    rights: list[str]
    posts: list[PostHeld]


@router.post("/login")
def log_in(context: InContext, sent: Credentials) -> Tokens:
    """A pair of tokens for an account and its password. Too many wrong ones lock the account for a while."""
    _checked(context, sent.account, sent.password.get_secret_value())
    tokens, login = _new_login(context, sent.account, context.clock())
    with context.database.transaction() as session:
        right_password(session, sent.account, login)
    return tokens


@router.post("/login/refresh")
def refresh(context: InContext, sent: RefreshToken) -> Tokens:
    """The next pair of tokens; the one before is not good any more."""
    now = context.clock()
    tokens, login = _new_login(context, "", now)
    with context.database.transaction() as session:
        renewed = renew(session, token_hash(sent.refresh_token), login, now)
    if renewed is None:
        raise Problem("unauthenticated", _EXPIRED)
    return tokens


@router.post("/logout", status_code=status.HTTP_204_NO_CONTENT)
def log_out(
    context: InContext,
    caller: Annotated[Caller, Depends(logged_in)],
    credentials: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())],
) -> None:
    """Ends this login; a system's token is not ended so."""
    del caller
    with context.database.transaction() as session:
        end_login(session, token_hash(credentials.credentials))


@router.get("/me")
def me(context: InContext, caller: Annotated[Caller, Depends(logged_in)]) -> Me:
    """Who I am."""
    with context.database.session() as session:
        held = posts_held(session)
    return Me(
        account=caller.account,
        name=caller.name,
        departments=list(caller.departments),
        county=caller.county,
        roles=list(caller.roles),
        rights=sorted(right.value for right in caller.rights),
        posts=held.get(caller.account, []),
    )


@router.post("/me/password", status_code=status.HTTP_204_NO_CONTENT)
def new_password(context: InContext, caller: Annotated[Caller, Depends(logged_in)], sent: NewPassword) -> None:
    """Changes one's own password and ends every login of the account; a wrong old one counts as at the login."""
    if caller.system:
        raise Problem("forbidden", Said("系统令牌没有密码", "A system's token has no password"))
    _checked(context, caller.account, sent.old.get_secret_value())
    with context.database.transaction() as session:
        change_password(session, caller.account, hashed(sent.new.get_secret_value()))


def _checked(context: Context, account: str, password: str) -> None:
    """Raises `Problem` unless it is the password of an account that is neither disabled nor locked."""
    now = context.clock()
    with context.database.session() as session:
        found = account_of(session, account)
    known = found if found and not found.disabled else None
    if known and known.locked_until and known.locked_until > now:
        raise _locked(known.locked_until, now)
    if not is_password(password, known.password_hash if known else ""):
        _count_wrong(context, account, now)
        raise Problem("unauthenticated", _WRONG)


def _new_login(context: Context, account: str, now: datetime) -> tuple[Tokens, Login]:
    access, following = new_token(), new_token()
    until = now + context.settings.access
    login = Login(
        access_hash=token_hash(access),
        refresh_hash=token_hash(following),
        account=account,
        access_until=until,
        refresh_until=now + context.settings.refresh,
    )
    return Tokens(access_token=access, refresh_token=following, expires_at=until), login


def _count_wrong(context: Context, account: str, now: datetime) -> None:
    until = now + context.settings.lock
    with context.database.transaction() as session:
        locked = wrong_password(session, account, context.settings.wrong_passwords, until)
    if locked:
        raise _locked(until, now)


def _locked(until: datetime, now: datetime) -> Problem:
    at = until.astimezone(BUSINESS_ZONE)
    wait = {"Retry-After": str(math.ceil((until - now).total_seconds()))}
    told = Said(f"密码多次输错，请在 {at:%H:%M} 之后再试", f"Too many wrong passwords: wait until {at:%H:%M}")
    return Problem("too-many", told, headers=wait)

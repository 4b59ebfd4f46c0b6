"""Who sends a request: a person who has logged in, or another system with a token; and whether they may.

`Having(Right.X)` is the dependency that every route but the open ones names; a request without a good token is answered
401, one without the right 403.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.context import Context, InContext
from api.passwords import token_hash
from api.problems import Problem, Said
from api.rights import RIGHTS, Right, Role
from storage.accounts import login_of, system_token

_bearer = HTTPBearer(auto_error=False, description="短期登录令牌，或系统令牌")
_CHALLENGE = {"WWW-Authenticate": 'Bearer realm="yekuo"'}


@dataclass(frozen=True)
class Caller:
    """Who sends the request. `county` is empty for those of the whole city and of the province, `system` true for
    another system."""

    account: str
    name: str
    departments: tuple[str, ...]
    county: str
    roles: tuple[str, ...]
    rights: frozenset[Right]
    system: bool = False

    def sees(self, county: str) -> bool:
        """Whether a case of that county is theirs to see."""
        return self.system or not self.county or self.county == county


def _unauthenticated(detail: Said) -> Problem:
    return Problem("unauthenticated", detail, headers=_CHALLENGE)


def _caller(
    context: InContext, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Caller:
    if credentials is None:
        raise _unauthenticated(Said("请求没有令牌（Authorization: Bearer …）", "The request has no bearer token"))
    found = caller_of(context, credentials.credentials, context.clock())
    if found is None:
        raise _unauthenticated(Said("令牌无效或已过期，请重新登录", "The token is not good; log in again"))
    return found


def caller_of(context: Context, token: str, now: datetime) -> Caller | None:
    """Whose token it is at that instant; None where it is nobody's."""
    kept = token_hash(token)
    with context.database.session() as session:
        if login := login_of(session, kept):
            entry, account = login
            if entry.access_until <= now or account.disabled:
                return None
            roles = tuple(account.roles)
            rights = frozenset(right for role in roles for right in RIGHTS[Role(role)])
            departments = tuple(account.departments)
            return Caller(account.account, account.name, departments, account.county, roles, rights)
        system = system_token(session, kept)
    if system is None or system.revoked_at or (system.expires_at and system.expires_at <= now):
        return None
    scopes = frozenset(Right(scope) for scope in system.scopes)
    return Caller(f"system:{system.name}", system.name, (), "", (), scopes, system=True)


class Having:
    """The dependency of routes that need a right; answers who calls."""

    def __init__(self, right: Right) -> None:
        self.right = right

    def __call__(self, caller: Annotated[Caller, Depends(_caller)]) -> Caller:
        if self.right not in caller.rights:
            name, right = caller.account, self.right.value
            raise Problem("forbidden", Said(f"{name} 没有“{right}”权限", f"{name} does not have the right {right}"))
        return caller


def logged_in(caller: Annotated[Caller, Depends(_caller)]) -> Caller:
    """The dependency of routes for whoever has a good token, whatever their rights: who am I, log out."""
    return caller

"""Giving out accounts and tokens: what an administrator does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, status
from pydantic import Field, SecretStr

from api.context import InContext
from api.identity import Caller, Having
from api.models import Answer, Department, Instant, Name, Page, Sent
from api.passwords import hashed, new_token, token_hash
from api.posts import PostHeld, posts_held
from api.problems import FieldFault, Problem, Said
from api.rights import Right, Role
from domain.departments import fault_of_place
from storage.accounts import (
    Account,
    SystemToken,
    account_of,
    accounts,
    add_system_token,
    revoke_system_token,
    save_account,
    system_tokens,
)

router = APIRouter(tags=["accounts"])
Administrator = Annotated[Caller, Depends(Having(Right.MANAGE_ACCOUNTS))]
_NO_PASSWORD = Said("新账号须有密码", "A new account needs a password")
_ONESELF = Said("不能停用自己的账号或取消自己的管理员角色", "You cannot disable yourself or give up your own role")

_OF_NO_COUNTY = Said("省公司部门的账号不属于县区", "An account of the province's departments is of no county")


class AccountData(Sent):
    """An account as it is to be. Without a password the one it has stays; a new account needs one. One of the
    province's departments is of no county."""

    name: Name = Field(examples=["王敏"])
    departments: list[Department] = Field(default_factory=list, max_length=20, examples=[["marketing"]])
    county: str = Field("", max_length=100, examples=["开发区"])
    roles: list[Annotated[Role, Field(strict=False)]] = Field(
        default_factory=lambda: [Role.OFFICER], max_length=len(Role)
    )
    disabled: bool = False
    password: SecretStr | None = Field(None, min_length=10, max_length=1000)


class AccountView(Answer):
    """An account, without anything secret; its posts are those that the current table of posts gives it."""

    account: str
    name: str
    departments: list[str]
    county: str
    roles: list[str]
    disabled: bool
    locked_until: datetime | None
    created_at: datetime
    posts: list[PostHeld]


class TokenData(Sent):
    """A token for another system: its name, what it may do, until when."""

    name: Name = Field(examples=["营销2.0"])
    scopes: list[Annotated[Right, Field(strict=False)]] = Field(min_length=1, max_length=20)
    expires_at: Instant | None = None


class TokenView(Answer):
    """A system's token, without the token."""

    name: str
    scopes: list[str]
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class NewToken(Answer):
    """A new token; it is told this once and kept nowhere."""

    name: str
    token: str


@router.get("/accounts")
def list_accounts(
    context: InContext,
    caller: Administrator,
    after: Annotated[str, Query(max_length=100)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> Page[AccountView]:
    """All accounts, by their ids."""
    del caller
    with context.database.session() as session:
        found = accounts(session, limit=limit + 1, after=after)
        held = posts_held(session)
    page = [_view(one, held) for one in found[:limit]]
    return Page(items=page, next=page[-1].account if len(found) > limit else None)


@router.put("/accounts/{account}")
def put_account(context: InContext, caller: Administrator, account: Name, sent: AccountData) -> AccountView:
    """Makes an account, or changes it. Who is disabled or gets a new password is logged out; a new password unlocks.

    Nobody disables themselves or takes their own right to give out accounts: the last administrator would be gone.
    """
    if account == caller.account and (sent.disabled or Role.ADMINISTRATOR not in sent.roles):
        raise Problem("conflict", _ONESELF)
    if fault := fault_of_place(sent.departments, sent.county):
        raise Problem("invalid", _OF_NO_COUNTY, [FieldFault(field="county", message=fault)])
    password = hashed(sent.password.get_secret_value()) if sent.password else ""
    with context.database.transaction() as session:
        former = account_of(session, account)
        if not password and former is None:
            raise Problem("conflict", _NO_PASSWORD, [FieldFault(field="password", message=_NO_PASSWORD.zh)])
        saved = Account(
            account=account,
            name=sent.name,
            departments=list(sent.departments),
            county=sent.county,
            roles=[role.value for role in sent.roles],
            password_hash=password or (former.password_hash if former else ""),
            disabled=sent.disabled,
            failures=0 if password or former is None else former.failures,
            locked_until=None if password or former is None else former.locked_until,
            created_at=former.created_at if former else context.clock(),
        )
        save_account(session, saved)
        return _view(saved, posts_held(session))


def _view(account: Account, held: Mapping[str, list[PostHeld]]) -> AccountView:
    row = {name: getattr(account, name) for name in AccountView.model_fields if name != "posts"}
    return AccountView(**row, posts=held.get(account.account, []))


@router.get("/tokens")
def list_tokens(context: InContext, caller: Administrator) -> list[TokenView]:
    """The tokens of other systems, revoked ones too."""
    del caller
    with context.database.session() as session:
        return [TokenView.model_validate(one) for one in system_tokens(session)]


@router.post("/tokens", status_code=status.HTTP_201_CREATED)
def create_token(context: InContext, caller: Administrator, sent: TokenData) -> NewToken:
    """A token for another system."""
    token = new_token()
    kept = SystemToken(
        name=sent.name,
        token_hash=token_hash(token),
        scopes=[scope.value for scope in sent.scopes],
        created_by=caller.account,
        created_at=context.clock(),
        expires_at=sent.expires_at,
        revoked_at=None,
    )
    with context.database.transaction() as session:
        if not add_system_token(session, kept):
            raise Problem("conflict", Said(f"已有名为“{sent.name}”的令牌", f"There is a token named {sent.name!r}"))
    return NewToken(name=sent.name, token=token)


@router.delete("/tokens/{name}", status_code=status.HTTP_204_NO_CONTENT)
def revoke_token(context: InContext, caller: Administrator, name: Name) -> None:
    """From now on the token is good for nothing."""
    del caller
    with context.database.transaction() as session:
        if not revoke_system_token(session, name, context.clock()):
            raise Problem("not-found", Said(f"没有有效的令牌“{name}”", f"There is no valid token {name!r}"))

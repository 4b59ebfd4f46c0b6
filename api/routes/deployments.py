"""Deploying diagrams, decisions and forms, and going back to what was current before."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Path, Query, UploadFile
from fastapi.concurrency import run_in_threadpool
from pydantic import StringConstraints
from sqlalchemy.orm import Session

from api.context import Context, InContext
from api.deployment import Author, Outcome, check_files, deploy_files, roll_back
from api.identity import Caller, Having
from api.models import Answer, IdempotencyKey, Page, Sent
from api.once import once
from api.problems import FieldFault, Problem, Said
from api.rights import Right
from api.uploads import model_files
from bpmn.faults import Fault, ModelRefused
from storage.base import storable
from storage.company_tables import SettingsRefused
from storage.definitions import DefinitionKind
from storage.deployments import Deployment, deployment, deployments

router = APIRouter(tags=["definitions"])
Reader = Annotated[Caller, Depends(Having(Right.READ_RULES))]
Deployer = Annotated[Caller, Depends(Having(Right.DEPLOY))]
Number = Annotated[int, Path(ge=1, le=1_000_000_000, examples=[3])]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
_MOST_FAULTS = 500


class FileView(Answer):
    """One source that was current after a deployment; `changed` where the deployment made it so."""

    file: str
    kind: DefinitionKind
    key: str
    version: int
    changed: bool


class DeployedProcess(Answer):
    """One process, and the version that new cases of it were started with after a deployment."""

    process: str
    version: int
    changed: bool


class DeploymentLine(Answer):
    """One deployment; `rolls_back` is the deployment whose sources it brought back."""

    id: int
    note: str
    deployed_by: str
    deployed_at: datetime
    rolls_back: int | None


class DeploymentView(DeploymentLine):
    """One deployment, and all that was current after it."""

    files: list[FileView]
    processes: list[DeployedProcess]


class Deploying(Answer):
    """What became of files that were sent: the deployment by which they are current, `new` or as they were before.

    Of a dry run there is no deployment, only the names of the files that would change something.
    """

    new: bool
    changed: list[str]
    deployment: DeploymentView | None


class RollingBack(Sent):
    """Why an older state is made current again."""

    note: Note = ""


@router.post("/deployments")
async def deploy(
    context: InContext,
    caller: Deployer,
    key: IdempotencyKey,
    files: Annotated[list[UploadFile], File(description="Files .bpmn, .dmn and .form, UTF-8")],
    note: Annotated[Note, Form()] = "",
    dry_run: Annotated[bool, Query(description="Only check, and say which files would change something")] = False,
) -> Deploying:
    """Takes files over those that are current, all of them or none; files that are not sent stay as they are. Running
    cases stay with what they were started with."""
    sources = await model_files(files)
    if dry_run:
        return await run_in_threadpool(_checked, context, sources)
    author = Author(caller.account, note)
    hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in sources.items()}

    def act(session: Session) -> Outcome:
        return deploy_files(session, sources, context.clock(), author)

    return await run_in_threadpool(_done, context, caller, key, ["deploy", note, hashes], act)


@router.post("/deployments/{number}/rollback")
def rollback(context: InContext, caller: Deployer, key: IdempotencyKey, number: Number, sent: RollingBack) -> Deploying:
    """Makes the sources current again that were so after a deployment, as a new deployment; what came later is current
    no more. They are checked as any others: the limits may have changed since."""

    def act(session: Session) -> Outcome:
        return roll_back(session, _found(session, number), context.clock(), Author(caller.account, sent.note))

    return _done(context, caller, key, ["rollback", number, sent.note], act)


@router.get("/deployments")
def list_deployments(
    context: InContext,
    caller: Reader,
    after: Annotated[int | None, Query(ge=1, le=1_000_000_000, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> Page[DeploymentLine]:
    """All deployments, the newest first."""
    del caller
    with context.database.session() as session:
        found = deployments(session, limit=limit + 1, before=after)
    page = [DeploymentLine.model_validate(one) for one in found[:limit]]
    return Page(items=page, next=str(page[-1].id) if len(found) > limit else None)


@router.get("/deployments/{number}")
def one_deployment(context: InContext, caller: Reader, number: Number) -> DeploymentView:
    """One deployment with its files and processes."""
    del caller
    with context.database.session() as session:
        return DeploymentView.model_validate(_found(session, number))


def _found(session: Session, number: int) -> Deployment:
    found = deployment(session, number)
    if found is None:
        raise Problem("not-found", Said(f"没有第{number}次部署", f"There is no deployment {number}"))
    return found


def _checked(context: Context, sources: dict[str, str]) -> Deploying:
    with _told(), context.database.session() as session:
        return Deploying(new=False, changed=check_files(session, sources, context.clock()), deployment=None)


def _done(context: Context, caller: Caller, key: str, asked: object, act: Callable[[Session], Outcome]) -> Deploying:
    def done(session: Session) -> Deploying:
        outcome = act(session)
        view = DeploymentView.model_validate(outcome.deployment)
        changed = [one.file for one in view.files if one.changed] if outcome.new else []
        return Deploying(new=outcome.new, changed=changed, deployment=view)

    with _told():
        return once(context, caller, key, asked, Deploying, done)


@contextmanager
def _told() -> Iterator[None]:
    """Tells a refusal as a problem, every fault by file, line and element."""
    try:
        yield
    except ModelRefused as refused:
        faults = refused.faults
        detail = Said(f"共{len(faults)}处有误，未作任何更改", f"{len(faults)} faults; nothing has changed")
        raise Problem("faulty-model", detail, [_fault(one) for one in faults[:_MOST_FAULTS]]) from None
    except SettingsRefused as refused:
        raise Problem("unavailable", str(refused)) from None


def _fault(fault: Fault) -> FieldFault:
    place = f"{fault.file}:{fault.line}" if fault.line else fault.file
    named = f"{fault.element} «{fault.name}»" if fault.name else fault.element
    return FieldFault(field=storable(f"{place} {named}".strip()), message=storable(f"{fault.problem}; {fault.remedy}"))

"""The papers of a case: what it has issued, their signed copies, and what its customer has handed in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Form, Path, Response, UploadFile, status
from pydantic import Field
from sqlalchemy.orm import Session

from api.context import Context, InContext
from api.downloads import BINARY, checked_kind, download, name_of
from api.identity import Caller, Having
from api.models import Answer, IdempotencyKey
from api.once import once
from api.problems import Problem, Said
from api.rights import Right
from api.routes.files import FileView
from api.sight import CaseNo, family_of
from domain.documents import DOCUMENTS
from domain.file_kinds import BY_NAME, SIGNED
from storage.documents import Document, DocumentStatus, case_documents
from storage.paging import WrongPlace, mark, place
from storage.papers import papers_for_case
from storage.uploads import FileFault, SignedCopy, case_signed_copies, case_uploads, file_faults, signed_copies

router = APIRouter(tags=["papers"])
Reader = Annotated[Caller, Depends(Having(Right.READ_CASES))]
Uploader = Annotated[Caller, Depends(Having(Right.UPLOAD_FILES))]
PaperId = Annotated[str, Path(min_length=1, max_length=1000, description="`id` of GET /cases/{case_no}/papers")]
_STATUS = {DocumentStatus.VALID.value: "有效", DocumentStatus.VOID.value: "作废"}


class SignedView(Answer):
    """A signed copy of a paper."""

    sha256: str
    name: str
    media_type: str
    size: int = Field(description="Bytes")
    note: str
    by: str
    at: datetime


class PaperView(Answer):
    """A numbered paper of a case."""

    id: str = Field(description="How /papers names it")
    kind: str
    title: str
    number: str
    version: int
    status: str = Field(description="有效 or 作废")
    void_reason: str
    issued_at: datetime
    voided_at: datetime | None
    sha256: str
    fault: str = Field(description="Empty, or `missing` or `damaged` where the file was found so")
    signed: list[SignedView]


class HandedInView(Answer):
    """A paper that the customer handed in, for this case or for an earlier one."""

    kind: str
    valid_until: date | None = Field(description="Its last valid day; null where it does not expire")
    received_at: datetime
    case_no: str


class PapersView(Answer):
    """All papers of a case."""

    issued: list[PaperView]
    handed_in: list[HandedInView]
    files: list[FileView]


@router.get("/cases/{case_no}/papers")
def papers(context: InContext, caller: Reader, case_no: CaseNo) -> PapersView:
    """What a case has issued, void papers too; what its customer has handed in; the files that were put to it."""
    family_of(context, caller, case_no)
    with context.database.session() as session:
        documents = case_documents(session, case_no)
        copies = case_signed_copies(session, case_no)
        faults = file_faults(session, {one.sha256 for one in documents})
        handed_in, files = papers_for_case(session, case_no), case_uploads(session, case_no)
    by_document: dict[tuple[str, str], list[SignedCopy]] = {}
    for copy in copies:
        by_document.setdefault((copy.workflow_id, copy.key), []).append(copy)
    return PapersView(
        issued=[_paper(one, by_document.get((one.workflow_id, one.key), []), faults) for one in documents],
        handed_in=[HandedInView.model_validate(one) for one in handed_in],
        files=[FileView.model_validate(one) for one in files],
    )


@router.get("/papers/{paper}/content", response_class=Response, responses=BINARY)
def content(context: InContext, caller: Reader, paper: PaperId) -> Response:
    """The paper itself, as it was written; its hash is checked on reading."""
    document = _document(context, caller, paper)
    name = f"{_title(document.kind)}_{document.number}{BY_NAME['DOCX'].endings[0]}"
    return download(context, document.sha256, name, BY_NAME["DOCX"].media_type)


@router.get("/papers/{paper}/signed")
def signed(context: InContext, caller: Reader, paper: PaperId) -> list[SignedView]:
    """The signed copies of a paper, in the order in which they came."""
    document = _document(context, caller, paper)
    with context.database.session() as session:
        copies = signed_copies(session, document.workflow_id, document.key)
    return [SignedView.model_validate(one) for one in copies]


@router.post("/papers/{paper}/signed", status_code=status.HTTP_201_CREATED)
def put_signed(
    context: InContext,
    caller: Uploader,
    key: IdempotencyKey,
    paper: PaperId,
    file: UploadFile,
    note: Annotated[str, Form(max_length=500)] = "",
) -> SignedView:
    """Takes in a signed copy, a PDF or a picture; what came before stays beside it."""
    document = _document(context, caller, paper)
    name = name_of(file)
    kind = checked_kind(name, file, SIGNED)
    sha256, size = context.files.put_stream(file.file)

    def act(session: Session) -> SignedView:
        copy = SignedCopy(
            id=str(uuid4()),
            workflow_id=document.workflow_id,
            key=document.key,
            sha256=sha256,
            name=name,
            media_type=kind.media_type,
            size=size,
            note=note,
            by=caller.account,
            at=context.clock(),
        )
        session.add(copy)
        session.flush()
        return SignedView.model_validate(copy)

    asked = {"act": "sign", "paper": paper, "sha256": sha256, "name": name, "note": note}
    return once(context, caller, key, asked, SignedView, act)


@router.get("/papers/{paper}/signed/{sha256}", response_class=Response, responses=BINARY)
def signed_content(
    context: InContext, caller: Reader, paper: PaperId, sha256: Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
) -> Response:
    """A signed copy itself."""
    document = _document(context, caller, paper)
    with context.database.session() as session:
        copies = signed_copies(session, document.workflow_id, document.key)
    found = next((one for one in copies if one.sha256 == sha256), None)
    if found is None:
        raise Problem("not-found", Said(f"这份文书没有签字件 {sha256}", f"The paper has no signed copy {sha256}"))
    return download(context, sha256, found.name, found.media_type)


def _paper(document: Document, copies: list[SignedCopy], faults: dict[str, FileFault]) -> PaperView:
    fault = faults.get(document.sha256)
    return PaperView(
        id=_id(document),
        kind=document.kind,
        title=_title(document.kind),
        number=document.number,
        version=document.version,
        status=_STATUS[document.status],
        void_reason=document.void_reason,
        issued_at=document.issued_at,
        voided_at=document.voided_at,
        sha256=document.sha256,
        fault=fault.fault if fault else "",
        signed=[SignedView.model_validate(copy) for copy in copies],
    )


def _title(kind: str) -> str:
    """The Chinese name of a kind of paper; one that is not known keeps its code."""
    return DOCUMENTS[kind].title if kind in DOCUMENTS else kind


def _id(document: Document) -> str:
    return mark("paper", document.workflow_id, document.key)


def _document(context: Context, caller: Caller, paper: str) -> Document:
    """The paper that is named so, where its case may be seen. Raises `Problem` (not found)."""
    missing = Problem("not-found", Said(f"没有文书 {paper}", f"There is no paper {paper}"))
    try:
        workflow_id, key = place(paper, "paper", str, str)
    except WrongPlace:
        raise missing from None
    with context.database.session() as session:
        document = session.get(Document, (workflow_id, key))
    if document is None:
        raise missing
    family_of(context, caller, document.case_no)
    return document

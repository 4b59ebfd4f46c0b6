"""Files that people put in: checked by their content, kept by their hash."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Form, Path, Response, UploadFile, status
from pydantic import Field
from sqlalchemy.orm import Session

from api.context import InContext
from api.downloads import BINARY, checked_kind, download, name_of
from api.identity import Caller, Having
from api.models import Answer, IdempotencyKey
from api.once import once
from api.problems import Problem, Said
from api.rights import Right
from api.sight import family_of
from storage.cases import case_counties
from storage.uploads import Upload, uploads_of

router = APIRouter(tags=["files"])
Uploader = Annotated[Caller, Depends(Having(Right.UPLOAD_FILES))]
Reader = Annotated[Caller, Depends(Having(Right.READ_CASES))]
Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$", examples=["0" * 64])]


class FileView(Answer):
    """A file as it was brought."""

    sha256: str = Field(description="Of its content; GET /files/{sha256} gives it back")
    name: str
    media_type: str
    size: int = Field(description="Bytes")
    case_no: str
    by: str
    at: datetime


@router.post("/files", status_code=status.HTTP_201_CREATED)
def put_file(
    context: InContext,
    caller: Uploader,
    key: IdempotencyKey,
    file: UploadFile,
    case_no: Annotated[str, Form(max_length=100, description="The case it belongs to, if it belongs to one")] = "",
) -> FileView:
    """Takes in a PDF, PNG, JPEG, DOCX, XLSX or OFD file; its content says which, and its name must say the same."""
    if case_no:
        family_of(context, caller, case_no)
    name = name_of(file)
    kind = checked_kind(name, file)
    sha256, size = context.files.put_stream(file.file)

    def act(session: Session) -> FileView:
        upload = Upload(
            id=str(uuid4()),
            sha256=sha256,
            name=name,
            media_type=kind.media_type,
            size=size,
            case_no=case_no,
            by=caller.account,
            at=context.clock(),
        )
        session.add(upload)
        session.flush()
        return FileView.model_validate(upload)

    asked = {"act": "upload", "sha256": sha256, "name": name, "case_no": case_no}
    return once(context, caller, key, asked, FileView, act)


@router.get("/files/{sha256}", response_class=Response, responses=BINARY)
def get_file(context: InContext, caller: Reader, sha256: Sha256) -> Response:
    """The content of a file, for whoever brought it or sees a case that it was brought for."""
    with context.database.session() as session:
        uploads = uploads_of(session, sha256)
        counties = case_counties(session, {one.case_no for one in uploads if one.case_no})
    for upload in uploads:
        if upload.by == caller.account or (upload.case_no in counties and caller.sees(counties[upload.case_no])):
            return download(context, sha256, upload.name, upload.media_type)
    raise Problem("not-found", Said(f"没有文件 {sha256}", f"There is no file {sha256}"))

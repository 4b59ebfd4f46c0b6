"""Activities that number papers: documents written and marked 作废, the case's file archived."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from pydantic import Field
from temporalio import activity

from activities.documents import DocumentSettings, render
from activities.numbering import NumberFormats
from activities.refusals import refusing
from domain.chinese import business_date
from domain.documents import DOCUMENTS, SUPERVISION_ORDER, model_from_variables
from domain.fields import Fields, Text, read_fields
from domain.jobs import Job, JobRefused
from storage.archives import archive_case
from storage.base import instant
from storage.database import Database
from storage.documents import issue_document, void_documents
from storage.files import FileStore

_OF_CASE = "case"


class VoidingRequest(Fields):
    """Why documents are no longer good."""

    reason: Text = Field(title="作废原因")


class ArchivingRequest(Fields):
    """Why a case ended early; empty when it ended in the ordinary way."""

    reason: Text = Field("", title="归档说明")


class WritingActivities:
    """Papers of cases, kept in `database` and `files`."""

    def __init__(
        self,
        database: Database,
        files: FileStore,
        formats: NumberFormats | None = None,
        settings: DocumentSettings | None = None,
    ) -> None:
        self._database = database
        self._files = files
        self._formats = formats or NumberFormats()
        self._settings = settings or DocumentSettings()

    @activity.defn(name="write-document")
    @refusing
    def write_document(self, job: Job) -> dict[str, Any]:
        """Writes and numbers the document that the task's header `kind` names, from the job's variables.

        Answers documentNo and documentSha256. Refuses an unknown kind, and fields that are missing or wrong, by name.
        """
        kind = _known_kind(job.headers.get("kind", ""), "任务没有指明要出具的文书")
        day = business_date(job.now)
        model = model_from_variables(kind, self._with_defaults(job, day))
        series = self._formats.series(kind, day)
        with self._database.transaction() as session:
            issued = issue_document(
                session,
                self._files,
                workflow_id=job.workflow_id,
                key=job.key,
                case_no=job.case_no,
                kind=kind,
                series=series.name,
                number_format=series.number_format,
                model=model.model_dump(mode="json", by_alias=True),
                write=lambda number: render(kind, model, number, self._settings.templates),
                now=instant(job.now),
            )
        return {"documentNo": issued.number, "documentSha256": issued.sha256}

    @activity.defn(name="void-documents")
    @refusing
    def void_documents(self, job: Job) -> dict[str, Any]:
        """Marks valid documents of the job's workflow 作废 for the variable `reason`; answers their numbers.

        The task's header `kind` limits it to one kind, or several with blanks between; without it, it is all of them
        but supervision orders: that a step was late stays true of a case that is withdrawn, and is still to be answered
        for. With the header `of` = `case` it is the documents of all workflows of the case.
        """
        request = read_fields(VoidingRequest, "作废文书", job.variables)
        kinds = [_known_kind(kind, "任务要作废的文书不存在") for kind in job.headers.get("kind", "").split()]
        with self._database.transaction() as session:
            voided = void_documents(
                session,
                job.workflow_id,
                job.key,
                request.reason,
                instant(job.now),
                kinds,
                (SUPERVISION_ORDER,),
                job.case_no if job.headers.get("of") == _OF_CASE else "",
            )
        return {"voided": voided}

    @activity.defn(name="archive-case")
    @refusing
    def archive_case(self, job: Job) -> dict[str, Any]:
        """Files the case: answers archiveNo and archiveIndex, which lists every document, void ones too."""
        request = read_fields(ArchivingRequest, "归档", job.variables)
        series = self._formats.series("archive", business_date(job.now))
        with self._database.transaction() as session:
            archived = archive_case(
                session,
                workflow_id=job.workflow_id,
                key=job.key,
                case_no=job.case_no,
                reason=request.reason,
                series=series.name,
                number_format=series.number_format,
                now=instant(job.now),
            )
        return {"archiveNo": archived.number, "archiveIndex": archived.index}

    def _with_defaults(self, job: Job, day: date) -> Mapping[str, Any]:
        """The job's variables, over what the case and the settings say by themselves."""
        known = {"caseNo": job.case_no, "replyDate": day.isoformat(), "contractDate": day.isoformat()}
        return known | self._settings.completed(job.variables)


def _known_kind(kind: str, problem: str) -> str:
    if kind not in DOCUMENTS:
        raise JobRefused(f"{problem}：kind={kind!r}，应为{'或'.join(DOCUMENTS)}")
    return kind

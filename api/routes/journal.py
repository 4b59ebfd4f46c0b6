"""What happened in a case, told so that people can follow it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from api.context import InContext
from api.identity import Caller, Having
from api.models import Answer, Page
from api.problems import language_of
from api.rights import Right
from api.sight import CaseNo, family_of
from domain.business_time import HAPPENED_AT
from domain.journal_words import words
from domain.said import accounts_of
from storage.accounts import account_names
from storage.clocks import case_clocks
from storage.journal_rows import JournalLine, journal_page

router = APIRouter(tags=["cases"])
Reader = Annotated[Caller, Depends(Having(Right.READ_CASES))]


class JournalEntry(Answer):
    """One line of a case's journal."""

    workflow_id: str
    epoch: str = Field(description="Empty, or the run with which the workflow was reset")
    seq: int
    at: datetime = Field(description="When the case came to it")
    recorded_at: datetime = Field(description="When the database learned of it")
    happened_at: str = Field(description="When the step was really done, where somebody named another time")
    words: str = Field(description="What happened, in the language asked for", examples=["王敏办结「业务受理」"])
    event: str
    element: str
    name: str
    data: dict[str, Any]


@router.get("/cases/{case_no}/journal")
def journal(
    request: Request,
    context: InContext,
    caller: Reader,
    case_no: CaseNo,
    important: Annotated[bool, Query(description="Without what concerns only single elements")] = False,
    after: Annotated[str, Query(max_length=1000, description="`next` of the page before")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> Page[JournalEntry]:
    """What happened in a case and in all that it called, in order: when it was, and when the system learned it."""
    family_of(context, caller, case_no)
    with context.database.session() as session:
        lines, following = journal_page(session, case_no, limit=limit, after=after, important=important)
        people = account_names(session, {account for line in lines for account in accounts_of(line.record)})
        clocks = {clock.clock: clock.name for clock in case_clocks(session, case_no)}
    speaker = _Speaker(people, clocks, language_of(request))
    return Page(items=[speaker.entry(line) for line in lines], next=following or None)


class _Speaker:
    """Says lines in one language, people and clocks by their names."""

    def __init__(self, people: dict[str, str], clocks: dict[str, str], language: str) -> None:
        self._people, self._clocks, self._language = people, clocks, language

    def entry(self, line: JournalLine) -> JournalEntry:
        record = line.record
        said = words(record, self._person, self._clock)
        return JournalEntry(
            workflow_id=line.workflow_id,
            epoch=line.epoch,
            seq=record.seq,
            at=datetime.fromisoformat(record.at),
            recorded_at=line.recorded_at,
            happened_at=str(record.data.get(HAPPENED_AT) or ""),
            words=said.en if self._language == "en" else said.zh,
            event=record.event,
            element=record.element,
            name=record.name,
            data=record.data,
        )

    def _person(self, account: str) -> str:
        return self._people.get(account, account)

    def _clock(self, clock: str) -> str:
        return self._clocks.get(clock, clock)

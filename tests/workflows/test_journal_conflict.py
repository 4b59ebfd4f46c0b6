"""Where the journal table knows another past than the case, that is an incident, and nothing is overwritten."""

from __future__ import annotations

from sqlalchemy import delete, update
from temporalio.client import WorkflowExecutionStatus

from domain.records import JournalBatch, Record
from storage.journal import record_batch
from storage.journal_rows import JournalRow
from tests.bpmn.building import end, process, start, user
from tests.workflows.running import House, Running, eventually
from tests.workflows.support import gapless, lines, status, terminated, whole
from workflows.incident_acts import JOURNAL_INCIDENT

THREE = process(start(), user("A"), user("B"), user("C"), end(), flows=["start > A > B > C > end"])


async def conflicting(house: House) -> tuple[Running, int]:
    """A case whose next record's number is taken by another record; answers the number too."""
    case = await house.start(THREE)
    await case.task("A")
    last = (await whole(case))[-1]
    foreign = Record(last.seq + 1, last.at, "act", "A", "userTask", "", data={"by": "nobody"})
    with house.database.transaction() as session:
        record_batch(session, JournalBatch(case.id, "", "YK-TEST", [foreign]), lines(case)[-1].recorded_at)
    await case.complete("A")
    await case.until(lambda view: view["journalProblem"])
    return case, foreign.seq


def mend(house: House, case: Running, seq: int) -> None:
    """Take the foreign record out again."""
    with house.database.transaction() as session:
        session.execute(delete(JournalRow).where(JournalRow.workflow_id == case.id, JournalRow.seq == seq))


async def incident_shown(case: Running, shown: bool) -> None:
    """Wait until the list of cases shows the incident, or no longer."""

    async def there() -> bool:
        attributes = (await case.handle.describe()).typed_search_attributes
        return {pair.key.name: pair.value for pair in attributes}.get("Incident", False) is shown

    await eventually(there)


async def test_a_conflicting_record_is_an_incident_that_names_case_and_number(house: House) -> None:
    case, seq = await conflicting(house)
    problem = (await case.view())["journalProblem"]

    assert case.id in problem
    assert f"record {seq}" in problem
    await terminated(house, case)


async def test_the_incident_is_shown_in_the_details_and_in_the_list(house: House) -> None:
    case, _ = await conflicting(house)
    await incident_shown(case, True)
    details = await (await case.handle.describe()).static_details() or ""
    current = await case.handle.query("__temporal_workflow_metadata")

    assert JOURNAL_INCIDENT in f"{details} {current}"
    await terminated(house, case)


async def test_a_conflicting_record_stays_as_it_was_and_the_case_goes_on(house: House) -> None:
    case, seq = await conflicting(house)
    await case.complete("B")
    await case.complete("C")
    await case.until(lambda view: view["outcome"])

    assert await status(case) is WorkflowExecutionStatus.RUNNING
    assert {record.seq: record.data for record in case.records()}[seq] == {"by": "nobody"}
    assert case.records()[-1].seq == seq
    await terminated(house, case)


async def test_once_the_table_is_mended_the_incident_is_resolved_and_the_journal_is_whole(house: House) -> None:
    case, seq = await conflicting(house)
    mend(house, case, seq)
    await case.act("resolve_incident", {"incident": JOURNAL_INCIDENT, "by": "wang"})
    await case.complete("B")
    await case.complete("C")

    assert await case.outcome() == "completed"
    records = case.records()
    assert gapless(records)
    assert [record.element for record in records if record.event == "closed"] == ["A", "B", "C"]
    assert "resolve_incident" in [record.data.get("act") for record in records if record.event == "act"]


async def test_resolving_without_mending_brings_the_incident_again(house: House) -> None:
    case, _ = await conflicting(house)
    await case.act("resolve_incident", {"incident": JOURNAL_INCIDENT, "by": "wang"})
    await case.until(lambda view: view["journalProblem"])

    await incident_shown(case, True)
    await terminated(house, case)


async def test_a_gap_in_the_journal_table_is_an_incident_too(house: House) -> None:
    case = await house.start(THREE)
    await case.task("A")
    last = (await whole(case))[-1].seq
    with house.database.transaction() as session:
        lost = (JournalRow.workflow_id == case.id) & (JournalRow.seq == last)
        session.execute(update(JournalRow).where(lost).values(workflow_id=f"{case.id}/lost"))
    await case.complete("A")
    view = await case.until(lambda view: view["journalProblem"])

    assert f"expected record {last}, given {last + 1}" in view["journalProblem"]
    await terminated(house, case)

"""After a reset the case goes on from there: what it did before stays in the journal, what it does now has an epoch."""

from __future__ import annotations

from sqlalchemy import select
from temporalio.client import WorkflowExecutionStatus

from storage.journal_rows import JournalRow
from storage.notices import notices_of
from storage.tasks import Task
from tests.bpmn.building import call, end, process, start, user
from tests.workflows.calling import CHILD
from tests.workflows.running import House, Running, eventually
from tests.workflows.support import child_named, continued, gapless, lines, reset, task_before, terminated, whole
from tests.workflows.watching import told, workdays_ago

FOUR = process(start(), user("A"), user("B"), user("C"), end(), flows=["start > A > B > C > end"])
CALLER = process(start(), user("B"), call("call", "child"), user("D"), end(), flows=["start > B > call > D > end"])


def table(house: House, case: Running) -> list[tuple[str, int, str, str]]:
    """Every record that the journal table has of a case: epoch, number, event, element."""
    with house.database.session() as session:
        rows = session.scalars(select(JournalRow).where(JournalRow.workflow_id == case.id))
        return [(row.epoch, row.seq, row.content["event"], row.content["element"]) for row in rows]


def tasks(house: House, case: Running) -> dict[str, str]:
    """The tasks of a case in the read model: element and state."""
    with house.database.session() as session:
        rows = session.scalars(select(Task).where(Task.workflow_id == case.id))
        return {row.element: row.state for row in rows}


async def up_to_c(house: House) -> tuple[Running, str]:
    """A case that was at its third task and was reset to its second; answers the run that the reset began."""
    case = await house.start(FOUR)
    await case.complete("A")
    await case.task("B")
    await whole(case)
    await case.complete("B", {"from": "the first time"})
    await case.task("C")
    await whole(case)
    history = await case.handle.fetch_history()
    again, run_id = await reset(case, task_before(history, "WORKFLOW_EXECUTION_UPDATE_ACCEPTED", 1))
    await again.task("B")
    return again, run_id


async def test_the_journal_of_a_reset_run_carries_its_run_id_as_epoch(house: House) -> None:
    case, run_id = await up_to_c(house)
    await case.complete("B", {"from": "the second time"})
    await case.complete("C")

    assert await case.outcome() == "completed"
    counting = lines(case)
    assert {line.epoch for line in counting} == {"", run_id}
    assert gapless([line.record for line in counting])
    assert [line.epoch for line in counting] == sorted(line.epoch for line in counting)


async def test_what_was_recorded_before_the_reset_stays_in_the_journal_table(house: House) -> None:
    case, _ = await up_to_c(house)
    before = [row for row in table(house, case) if not row[0]]
    await case.complete("B")
    await case.complete("C")
    await case.outcome()

    assert [row for row in table(house, case) if not row[0]] == before
    assert ("", "opened", "C") in [(epoch, event, element) for epoch, _, event, element in before]


async def test_the_read_model_follows_the_reset_run(house: House) -> None:
    case, _ = await up_to_c(house)
    await case.complete("B")
    await case.task("C")
    await whole(case)

    assert tasks(house, case) == {"A": "completed", "B": "completed", "C": "open"}
    with house.database.session() as session:
        opened = session.scalars(select(Task.key).where(Task.workflow_id == case.id, Task.element == "C")).all()
    assert opened == [await case.task("C")]
    await terminated(house, case)


async def test_the_epoch_of_a_reset_run_lasts_through_continue_as_new(restless: House) -> None:
    case = await restless.start(FOUR)
    await case.task("A")
    await whole(case)
    await case.complete("A")
    await continued(case)
    await whole(case)
    history = await case.handle.fetch_history()
    case, run_id = await reset(case, task_before(history, "ACTIVITY_TASK_SCHEDULED"))
    await continued(case)
    await case.complete("B")
    await continued(case)
    await case.complete("C")

    assert await case.outcome() == "completed"
    counting = lines(case)
    assert gapless([line.record for line in counting])
    assert {line.epoch for line in counting} == {"", run_id}
    assert counting[-1].epoch == run_id


async def test_a_child_that_is_running_is_adopted_by_the_reset_run(house: House) -> None:
    case = await house.start(CALLER, CHILD)
    await case.complete("B")
    child = await child_named(case, "child")
    await child.task("C")
    await whole(case)
    first = (await child.handle.describe()).run_id
    history = await case.handle.fetch_history()
    case, _ = await reset(case, task_before(history, "START_CHILD_WORKFLOW_EXECUTION_INITIATED"))
    await case.complete("B")
    await case.until(lambda view: view["children"])
    await child.complete("C", {"result": 7})
    await case.complete("D")

    assert await case.outcome() == "completed"
    assert (await child.handle.describe()).run_id == first
    assert [record.data["child"] for record in case.records() if record.event == "adopted"] == [child.id]


async def test_a_child_that_was_lost_and_started_anew_has_a_journal_of_its_own(house: House) -> None:
    case = await house.start(CALLER, CHILD)
    await case.complete("B")
    lost = await child_named(case, "child")
    await lost.task("C")
    await whole(lost)
    await lost.handle.terminate("by mistake")
    incident = await case.incident()
    await case.act("resolve_incident", {"incident": incident["key"], "by": "wang"})
    child = await child_named(case, "child")
    run_id = (await child.handle.describe()).run_id
    await child.complete("C")
    await case.complete("D")

    assert await case.outcome() == "completed"
    assert await child.closed() is WorkflowExecutionStatus.COMPLETED
    counting = lines(child)
    assert {line.epoch for line in counting} == {run_id}
    assert gapless([line.record for line in counting])
    assert ("", "opened", "C") in [(epoch, event, element) for epoch, _, event, element in table(house, child)]
    assert tasks(house, child) == {"C": "completed"}


async def warned(house: House, prefix: str) -> bool:
    """Whether the team leader has been told of both levels under keys that begin so."""
    with house.database.session() as session:
        kinds = {one.kind for one in notices_of(session, ["leader"]) if one.key.startswith(f"{prefix}/")}
    return {"L1", "L2"} <= kinds


async def test_what_the_reset_run_raises_is_told_again(house: House) -> None:
    case = await told(house)
    await case.until_recorded("ordered")
    await eventually(lambda: warned(house, "reply"))
    history = await case.handle.fetch_history()
    again, run_id = await reset(case, task_before(history, "WORKFLOW_EXECUTION_UPDATE_ACCEPTED"))
    await again.complete("A", happened_at=workdays_ago(40), late_reason="补录")

    await eventually(lambda: warned(house, run_id))
    await terminated(house, again)

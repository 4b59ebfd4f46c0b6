"""The same workflow on the time-skipping server, where weeks pass in moments."""

from __future__ import annotations

from datetime import datetime, timedelta

from temporalio.testing import WorkflowEnvironment

from tests.workflows.office import Office


async def test_weekly_reminders_and_a_deadline_of_three_weeks_come_on_their_days(
    fast_server: WorkflowEnvironment, fast: Office
) -> None:
    fast.deploy("seasons")
    case = await fast.start("seasons")
    began = datetime.fromisoformat((await case.recorded("case")).at)

    for _ in range(6):
        await fast_server.sleep(timedelta(days=7, minutes=1))
    await case.task("closing")
    closed_on = (await case.view())["variables"]["closedOn"]
    await case.complete("closing")
    await case.recorded("completed", flows=["closing_done"])

    after = [
        round((datetime.fromisoformat(record.at) - began) / timedelta(days=1))
        for record in case.journal()
        if record.event == "activated" and record.element in ("remind", "late", "closing")
    ]
    assert after == [7, 14, 21, 35]
    assert len(fast.work.keys("reminder")) == 2
    assert closed_on == (began + timedelta(days=21)).date().isoformat()


async def test_a_whole_flow_with_a_called_process_runs_on_it_as_on_the_dev_server(fast: Office) -> None:
    fast.deploy("withdrawing")
    case = await fast.start("withdrawing")
    child = await case.child("works_project")
    await child.task("build")
    number = (await case.view())["case"]["case_no"]

    await case.update("message", name="Withdraw", correlation_key=number)

    await case.recorded("completed", flows=["file_filed"])
    await child.recorded("completed", flows=["works_withdrawn_undo"])
    assert {job.element for job in fast.work.done} == {"issue", "give_back", "file"}

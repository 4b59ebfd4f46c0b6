"""What a run hands to the next one: everything, however the runs are cut."""

from __future__ import annotations

from tests.workflows.office import Office, Running


def assert_gapless(case: Running) -> None:
    numbers = [record.seq for record in case.journal()]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_jobs_timers_messages_children_bodies_incidents_claims_and_keys_survive_every_run(
    restless_office: Office,
) -> None:
    restless_office.deploy("everything")
    case = await restless_office.start("everything", {"items": [1, 2, 3], "broken": True})
    number = (await case.view())["case"]["case_no"]
    claimable = await case.task("claimable")
    await case.update("claim", task=claimable, by="zhao", groups=["marketing"], key="c1")
    incident = await case.incident()
    child = await case.child("helper")
    await case.recorded("completed", flows=["pause_merge"])

    refused = await case.refusal("complete", task=claimable, by="wang", groups=["marketing"], data={})
    await child.complete("assist")
    await case.update("resolve_incident", incident=incident["key"], by="wang", variables={"broken": False}, key="i1")
    first = await case.update("message", name="Signed", correlation_key=number, key="m1")
    again = await case.update("message", name="Signed", correlation_key=number, key="m1")
    await case.update("complete", task=claimable, by="zhao", groups=["marketing"], data={}, key="c2")

    assert await case.result() == "completed"
    assert await child.result() == "completed"
    assert "已由 zhao 领办" in refused
    assert again == first
    done = [job.element for job in restless_office.work.done]
    assert {element: done.count(element) for element in done} == {
        "first": 1,
        "second": 1,
        "third": 1,
        "each": 3,
        "repairable": 1,
        "assist_work": 1,
    }
    assert len(await case.runs()) > 5
    assert_gapless(case)
    assert_gapless(child)


async def test_an_act_that_comes_with_the_first_task_of_a_run_finds_the_case_as_it_stands(
    restless_office: Office,
) -> None:
    restless_office.deploy("collecting")
    start = restless_office.case("collecting", {"items": [1]})

    handle = await restless_office.client.start_workflow(
        "collecting",
        start,
        id=f"case/{start.case.case_no}",
        task_queue=restless_office.queue,
        start_signal="complete",
        start_signal_args=[{"task": "4", "by": "wang", "data": {"answer": 1}}],
    )
    case = Running(restless_office, handle)
    await case.complete("check")

    assert await case.result() == "completed"
    assert not [record for record in case.journal() if record.event == "refused"]


async def test_refused_signals_are_journalled_once_each_whatever_run_they_meet(restless_office: Office) -> None:
    restless_office.deploy("collecting")
    case = await restless_office.start("collecting", {"items": [1]})
    await case.task("fill")

    for _ in range(5):
        await case.handle.signal("complete", {"task": "99", "by": "wang"})
    await case.complete("fill")
    await case.complete("check")

    assert await case.result() == "completed"
    assert len([record for record in case.journal() if record.event == "refused"]) == 5
    assert_gapless(case)


async def test_a_state_that_is_too_large_to_be_carried_is_an_incident_and_the_run_goes_on(
    restless_office: Office,
) -> None:
    restless_office.deploy("collecting")
    texts = {f"part{number}": "x" * 200_000 for number in range(8)}
    case = await restless_office.start("collecting", {"items": [1], **texts})
    await case.complete("fill", {"answer": 1})
    await case.task("check")
    attributes = (await case.handle.describe()).typed_search_attributes
    shown = {pair.key.name: pair.value for pair in attributes}
    await case.complete("check")

    assert await case.result() == "completed"
    assert shown["Incident"] is True
    assert len(await case.runs()) == 1
    assert_gapless(case)

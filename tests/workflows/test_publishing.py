"""Where a published message cannot go, or begins a case of its own."""

from __future__ import annotations

from tests.workflows.office import Office, Running, eventually


async def test_a_message_to_a_case_that_is_gone_is_an_incident_that_names_the_case(office: Office) -> None:
    office.deploy("posting")
    gone = await office.start("waiting")
    await gone.complete("prepare")
    number = (await gone.view())["case"]["case_no"]
    await gone.recorded("subscribed")
    await gone.handle.terminate()

    sender = await office.start("posting", {"messageName": "Letter", "target": number})
    incident = await sender.incident()

    assert incident["message"] == f"等待消息「Letter」的流程 {gone.id} 已不在运行，消息无法送达"


async def test_a_case_that_a_message_starts_is_found_by_its_number_like_any_other(office: Office) -> None:
    office.deploy("posting")
    sender = await office.start("posting", {"messageName": "Order", "target": "YK-ORDERED"})
    await sender.complete("posted")
    started = Running(office, office.client.get_workflow_handle("message/Order/YK-ORDERED"))
    await started.task("carry_out")

    async def attributes() -> dict[str, str]:
        pairs = (await started.handle.describe()).typed_search_attributes
        return {pair.key.name: pair.value for pair in pairs if pair.key.name == "CaseNo"}

    assert await eventually(attributes, "CaseNo") == {"CaseNo": "YK-ORDERED"}
    assert await (await started.handle.describe()).static_summary() == "YK-ORDERED 由消息启动"

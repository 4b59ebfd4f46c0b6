"""People choose what is done next in an ad-hoc sub-process: who may, from what, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from domain.acts import Act, ActivateAdHoc, ActRefused, CompleteTask, Refusal, ResumeCase, SuspendCase
from domain.start import Settings
from tests.bpmn.building import Shape, ad_hoc, call, end, model_xml, multi, process, start, user
from tests.workflows.running import House
from tests.workflows.scenarios_of_ad_hoc import (
    NOTHING_AT_FIRST,
    activate,
    activated,
    activated_in_turn,
    begun,
    choosing,
    opened,
)
from tests.workflows.watching import kept, key_of
from workflows import acts, ad_hoc_acts, showing
from workflows.case import Case

NOON = datetime.fromisoformat("2026-03-03T12:00:00+08:00")
MAY_BEGIN = "现场勘察（A）、协调会（B）、J（J）"


def at_h(shape: Shape | None = None, **fields: Any) -> tuple[Case, str]:
    """A case without a server that is in H, and the key of H."""
    case = kept(model_xml(shape or choosing()), **{"variables": {"done": False}, **fields})
    case.begin(NOON)
    return case, host_of(case)


def host_of(case: Case) -> str:
    return next(str(key) for key, one in case.instance.instances.items() if one.element == "H" and one.role != "body")


def done(case: Case, act: Act, channel: str = "update") -> None:
    acts.check(case, act, NOON)
    acts.do(case, act, channel, NOON)


def refusal(case: Case, act: Act) -> ActRefused:
    before = case.instance.dump()
    with pytest.raises(ActRefused) as refused:
        acts.check(case, act, NOON)
    assert case.instance.dump() == before
    return refused.value


def elements(case: Case) -> list[str]:
    return [task.element for task in case.tasks.values()]


# -- what there is to choose from ------------------------------------------------------------------------------------


def test_an_open_ad_hoc_sub_process_says_what_can_be_activated_and_what_is_under_way() -> None:
    case, host = at_h()
    done(case, ActivateAdHoc(host, ["B"], "wang"))

    (shown,) = ad_hoc_acts.opened(case)

    assert (shown.key, shown.element, shown.name) == (host, "H", "会商")
    assert [shown.sequential, shown.suspended] == [False, False]
    assert [(one.element, one.name) for one in shown.activatable] == [("A", "现场勘察"), ("B", "协调会"), ("J", "J")]
    assert [(one.key, one.element, one.name) for one in shown.running] == [(key_of(case, "B"), "B", "协调会")]
    assert shown.waiting == []


def test_a_sequential_one_says_what_waits_for_its_turn() -> None:
    case, host = at_h(choosing(sequential=True))
    done(case, ActivateAdHoc(host, ["B", "A", "B"], "wang"))

    (shown,) = ad_hoc_acts.opened(case)

    assert shown.sequential
    assert [one.element for one in shown.running] == ["B"]
    assert [one.element for one in shown.waiting] == ["A", "B"]


def test_each_instance_of_one_that_is_multi_instance_is_chosen_in_by_itself() -> None:
    host = ad_hoc("H", NOTHING_AT_FIRST, multi("=[1, 2]", item="item"), user("A"), until="=done")
    case, first = at_h(process(start(), host, end(), flows=["start > H > end"]))
    second = ad_hoc_acts.opened(case)[1].key

    done(case, ActivateAdHoc(second, ["A"], "wang"))

    assert [one.key for one in ad_hoc_acts.opened(case)] == [first, second]
    assert case.instance.variables(int(key_of(case, "A")))["item"] == 2


def test_where_nothing_is_ad_hoc_there_is_nothing_to_choose() -> None:
    case = kept(model_xml(process(start(), user("A"), end(), flows=["start > A > end"])))
    case.begin(NOON)

    assert ad_hoc_acts.opened(case) == []
    refused = refusal(case, ActivateAdHoc("2", ["A"], "wang"))
    assert (refused.kind, str(refused)) == (Refusal.GONE, "没有编号为 2 的自选子流程，或它已经结束；在办的：无")


def test_temporal_shows_with_the_tasks_what_can_be_activated_and_by_whom() -> None:
    case, host = at_h(choosing(lane="发展部", cancels=False))
    before = showing.details(case, NOON)
    done(case, SuspendCase("ops", "客户要求"))
    suspended = showing.details(case, NOON)
    done(case, ResumeCase("ops"))
    done(case, ActivateAdHoc(host, ["A", "B"], "li", ["planning"]))
    done(case, CompleteTask(key_of(case, "A"), "wang", data={"done": True}))

    assert f"**可启动**\n\n- 「会商」（编号 {host}，由发展部启动）：{MAY_BEGIN}" in before
    assert "可启动" not in suspended
    assert "可启动" not in showing.details(case, NOON)


# -- choosing --------------------------------------------------------------------------------------------------------


def test_somebody_has_elements_begin_with_variables_of_their_own() -> None:
    case, host = at_h()

    done(case, ActivateAdHoc(host, ["A", "B"], "wang", variables={"site": "规划二路"}))

    assert elements(case) == ["A", "B"]
    assert [case.instance.variables(int(key))["site"] for key in case.tasks] == ["规划二路"] * 2
    assert "site" not in case.instance.variables()


def test_who_chose_what_and_by_which_channel_is_in_the_journal() -> None:
    case, host = at_h()

    done(case, ActivateAdHoc(host, ["A", "B"], "wang", variables={"site": "规划二路"}), "signal")

    (told,) = [record for record in case.outbox if record.event == "act"]
    assert (told.key, told.element, told.data) == (
        host,
        "H",
        {
            "act": "activate",
            "by": "wang",
            "channel": "signal",
            "elements": ["A", "B"],
            "names": ["现场勘察", "协调会"],
            "variables": ["site"],
        },
    )


def test_the_same_key_is_done_once_and_answered_with_its_first_result() -> None:
    case, host = at_h()
    act = ActivateAdHoc(host, ["A"], "wang", key="click")

    done(case, act)
    done(case, act)

    assert elements(case) == ["A"]
    assert "已用于另一项操作" in str(refusal(case, replace(act, elements=["B"])))


def test_one_that_ended_takes_nothing_any_more() -> None:
    case, host = at_h()
    done(case, ActivateAdHoc(host, ["A"], "wang"))
    done(case, CompleteTask(key_of(case, "A"), "wang", data={"done": True}))

    assert str(refusal(case, ActivateAdHoc(host, ["A"], "wang"))) == "本流程已结束，不再接受操作"


@pytest.mark.parametrize(
    ("fields", "kind", "text"),
    [
        ({"by": ""}, Refusal.INVALID, "未说明经办人（by）"),
        ({"scope": "99"}, Refusal.GONE, "没有编号为 99 的自选子流程，或它已经结束；在办的：会商（编号 3）"),
        ({"scope": "x"}, Refusal.GONE, "没有编号为 x 的自选子流程，或它已经结束；在办的：会商（编号 3）"),
        ({"elements": []}, Refusal.INVALID, f"未说明要启动的环节（elements）；可以启动的：{MAY_BEGIN}"),
        ({"elements": ["A", "H", "C"]}, Refusal.INVALID, f"「会商」中不能启动 H、C；可以启动的：{MAY_BEGIN}"),
        (
            {"variables": {"text": "长" * 100_000}},
            Refusal.INVALID,
            "text 有 300002 字节，超过上限 262144 字节；大的内容请作为文件上传",
        ),
    ],
)
def test_what_cannot_be_chosen_is_refused_and_says_what_can(fields: dict[str, Any], kind: Refusal, text: str) -> None:
    case, host = at_h()

    refused = refusal(case, ActivateAdHoc(**{"scope": host, "elements": ["A"], "by": "wang", **fields}))

    assert (refused.kind, str(refused)) == (kind, text)


def test_nothing_begins_in_one_that_only_waits_for_what_is_under_way() -> None:
    case, host = at_h(choosing(cancels=False))
    done(case, ActivateAdHoc(host, ["A", "B"], "wang"))
    done(case, CompleteTask(key_of(case, "A"), "wang", data={"done": True}))

    refused = refusal(case, ActivateAdHoc(host, ["A"], "wang"))

    assert (refused.kind, str(refused)) == (Refusal.CONFLICT, "「会商」即将结束，不能再启动其中的环节")
    assert ad_hoc_acts.opened(case)[0].activatable == []


def test_nothing_begins_in_a_suspended_one_until_it_is_resumed() -> None:
    case, host = at_h()
    done(case, SuspendCase("ops", "客户要求", host))

    refused = refusal(case, ActivateAdHoc(host, ["A"], "wang"))
    suspended = ad_hoc_acts.opened(case)[0].suspended
    done(case, ResumeCase("ops", scope=host))
    done(case, ActivateAdHoc(host, ["A"], "wang"))

    assert (str(refused), suspended) == ("流程已挂起，恢复后才能办理", True)
    assert elements(case) == ["A"]


def test_so_much_is_open_at_once_and_no_more() -> None:
    case, host = at_h(settings=replace(Settings(), open_bodies=3))
    done(case, ActivateAdHoc(host, ["A", "A"], "wang"))

    refused = refusal(case, ActivateAdHoc(host, ["A", "A"], "wang"))
    done(case, ActivateAdHoc(host, ["A"], "wang"))

    assert str(refused) == "「会商」中同时在办和待办的环节不能超过 3 项"
    assert elements(case) == ["A", "A", "A"]


# -- who chooses -----------------------------------------------------------------------------------------------------


def test_the_officers_of_the_lane_choose() -> None:
    case, host = at_h(choosing(lane="发展部、运检部"))

    refused = refusal(case, ActivateAdHoc(host, ["A"], "wang", ["marketing"]))
    nobody = refusal(case, ActivateAdHoc(host, ["A"], "wang"))
    done(case, ActivateAdHoc(host, ["A"], "li", ["operations"]))

    assert (refused.kind, str(refused)) == (
        Refusal.FORBIDDEN,
        "「会商」中的环节由 发展部、运检部 启动，wang 不在其中",
    )
    assert nobody.kind is Refusal.FORBIDDEN
    assert ad_hoc_acts.opened(case)[0].departments == ["planning", "operations"]
    assert elements(case) == ["A"]


@pytest.mark.parametrize("lane", ["", "会同部门", "发展部、会同部门"])
def test_where_the_lane_names_no_departments_whoever_works_on_the_case_chooses(lane: str) -> None:
    case, host = at_h(choosing(lane=lane))

    done(case, ActivateAdHoc(host, ["A"], "wang", ["marketing"]))

    assert ad_hoc_acts.opened(case)[0].departments == []
    assert elements(case) == ["A"]


# -- on the server ---------------------------------------------------------------------------------------------------


async def test_what_people_choose_is_done_and_ends_with_the_condition(house: House) -> None:
    (case,) = await activated(house)

    completed = [record.element for record in case.records() if record.event == "completed"]
    assert await case.outcome() == "completed"
    assert sorted(one for one in completed if one in "ABJ") == ["A", "B", "J"]
    assert [record.element for record in case.records() if record.event == "terminated"] == ["A"]


async def test_in_a_sequential_one_what_people_choose_is_done_in_turn(house: House) -> None:
    (case,) = await activated_in_turn(house)

    assert [record.element for record in case.records() if record.event == "closed"] == ["B", "A", "B"]


async def test_a_signal_chooses_too_and_one_that_is_refused_is_in_the_journal_with_its_reason(house: House) -> None:
    (case,) = await activated_in_turn(house)

    told = [record.data for record in case.records() if record.event in ("act", "refused")]
    chosen = [(one["act"], one["by"], one["channel"]) for one in told if one["act"] == "activate"]
    assert chosen == [("activate", "wang", "update"), ("activate", "li", "signal"), ("activate", "li", "signal")]
    assert told[1]["reason"] == f"「会商」中不能启动 C；可以启动的：{MAY_BEGIN}"


async def test_an_update_that_is_refused_is_told_why_and_changes_nothing(house: House) -> None:
    case = await begun(house, choosing(lane="发展部"))
    key = (await opened(case))["key"]

    refused = await case.refused("activate", {"scope": key, "elements": ["A"], "by": "wang", "groups": ["marketing"]})

    assert refused == "「会商」中的环节由 发展部 启动，wang 不在其中"
    assert (await case.view())["tasks"] == []
    await activate(case, "A", groups=["planning"])
    await case.task("A")
    await case.handle.terminate()


async def test_people_choose_in_a_called_process_too(house: House) -> None:
    caller = process(start("s"), call("C", "child"), end("e"), flows=["s > C > e"])
    case = await house.start(caller, replace(choosing(), id="child"), variables={"done": False})
    child = await case.the_child()

    await activate(child, "A")
    await child.complete("A", {"done": True})

    assert await case.outcome() == "completed"


async def test_a_case_that_is_continued_as_new_after_every_step_keeps_what_can_be_activated(restless: House) -> None:
    (case,) = await activated(restless)
    assert await case.outcome() == "completed"

    case = await begun(restless, choosing(sequential=True))
    before = await opened(case)
    await activate(case, "B", "A")
    await case.task("B")
    after = await opened(case)

    assert after["activatable"] == before["activatable"]
    assert [one["element"] for one in after["running"]] == ["B"]
    assert [one["element"] for one in after["waiting"]] == ["A"]
    await case.handle.terminate()


async def test_one_that_is_continued_as_new_takes_turns_as_before(restless: House) -> None:
    (case,) = await activated_in_turn(restless)

    assert [record.element for record in case.records() if record.event == "closed"] == ["B", "A", "B"]

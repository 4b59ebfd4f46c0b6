"""What was sent on is taken back by who sent it, or their department, and only as long as the diagram waits for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.acts import ActRefused, CompleteTask, Refusal, SendMessage, TakeBack
from tests.bpmn.building import boundary, end, message, model_xml, process, service, start, user, zeebe
from tests.workflows.watching import kept, key_of
from workflows import acts
from workflows.case import Case

NOW = datetime(2026, 3, 5, 2, tzinfo=UTC)
DRAWN = process(
    start(),
    user("A", zeebe("assignmentDefinition", candidateGroups='=["marketing"]')),
    user("B", zeebe("assignmentDefinition", candidateGroups='=["planning"]')),
    boundary("B", "back", message("take_back", '="K/B"')),
    service("undo", type_="undo"),
    end(),
    flows=["start > A > B > end", "back > undo > A"],
)


def sent_on() -> Case:
    """A case whose step A has been completed by wang of 营销部, and whose step B is open."""
    case = kept(model_xml(DRAWN))
    case.begin(NOW)
    acts.do(case, CompleteTask(key_of(case, "A"), "wang", ["marketing"]), "update", NOW)
    return case


def taken_back(case: Case, by: str, *groups: str, key: str = "k") -> None:
    act = TakeBack(by, "有误", list(groups), key)
    acts.check(case, act, NOW)
    acts.do(case, act, "update", NOW)


@pytest.mark.parametrize(("by", "groups"), [("wang", ()), ("li", ("marketing",))])
def test_the_sender_and_their_department_take_back(by: str, groups: tuple[str, ...]) -> None:
    case = sent_on()

    taken_back(case, by, *groups)

    assert not case.tasks
    told = [record.data for record in case.outbox if record.event == "act"][-1]
    assert (told["act"], told["by"], told["reason"]) == ("take_back", by, "有误")


def test_the_department_that_has_the_next_step_does_not_take_back() -> None:
    with pytest.raises(ActRefused, match="「A」：wang、营销部") as refused:
        taken_back(sent_on(), "zhou", "planning")

    assert refused.value.kind is Refusal.FORBIDDEN


def test_nothing_is_taken_back_before_it_is_sent_on_or_after_the_next_step() -> None:
    fresh = kept(model_xml(DRAWN))
    fresh.begin(NOW)
    done = sent_on()
    acts.do(done, CompleteTask(key_of(done, "B"), "zhou", ["planning"]), "update", NOW)

    with pytest.raises(ActRefused, match="没有可以撤回的环节"):
        taken_back(fresh, "wang", "marketing")
    with pytest.raises(ActRefused, match="本流程已结束"):
        taken_back(done, "wang", "marketing")


def test_the_same_key_takes_back_once() -> None:
    case = sent_on()
    taken_back(case, "wang")

    taken_back(case, "wang")

    with pytest.raises(ActRefused, match="没有可以撤回的环节"):
        taken_back(case, "wang", key="other")


def test_who_sent_a_step_on_is_known_after_the_case_goes_on_in_a_new_run() -> None:
    case = sent_on()
    again = Case(replace(case.start, carried=case.carry([])), "")

    taken_back(again, "wang")

    assert not again.tasks


def test_a_message_that_is_to_be_awaited_is_refused_where_nothing_waits_for_it() -> None:
    case = kept(model_xml(DRAWN))
    case.begin(NOW)

    with pytest.raises(ActRefused, match="不等待消息"):
        acts.check(case, SendMessage("take_back", "K/B", awaited=True), NOW)
    acts.check(case, SendMessage("take_back", "K/B"), NOW)

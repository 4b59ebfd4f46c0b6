"""Messages that find their conversation by the standard's correlation: properties, keys, subscriptions (§8.4.2)."""

from __future__ import annotations

import pytest

from bpmn import commands
from tests.bpmn.building import (
    Part,
    Shape,
    boundary,
    catch,
    end,
    gateway,
    message,
    on_event,
    process,
    receive,
    signal,
    start,
    sub,
    task,
    throw,
    user,
)
from tests.bpmn.building import io as mapped
from tests.bpmn.engine.driving import Drive


def declared(*properties: dict[str, str], in_conversation: bool = False) -> tuple[str, ...]:
    """A key K of properties P1, P2 …, each with the path to its value in each message."""
    found, names = [], [f"P{number}" for number, _ in enumerate(properties, 1)]
    for name, paths in zip(names, properties, strict=True):
        rows = "".join(
            f'<bpmn:correlationPropertyRetrievalExpression messageRef="Message_{one}">'
            f"<bpmn:messagePath>{path}</bpmn:messagePath></bpmn:correlationPropertyRetrievalExpression>"
            for one, path in paths.items()
        )
        found.append(f'<bpmn:correlationProperty id="{name}">{rows}</bpmn:correlationProperty>')
    refs = "".join(f"<bpmn:correlationPropertyRef>{name}</bpmn:correlationPropertyRef>" for name in names)
    key = f'<bpmn:correlationKey id="K" name="order">{refs}</bpmn:correlationKey>'
    if in_conversation:
        key = f'<bpmn:conversation id="Talk">{key}</bpmn:conversation>'
    return (*found, f'<bpmn:collaboration id="Collaboration">{key}</bpmn:collaboration>')


def bound(*paths: str) -> Part:
    """A subscription to K with the values of its properties."""
    rows = "".join(
        f'<bpmn:correlationPropertyBinding correlationPropertyRef="P{number}"><bpmn:dataPath>{path}</bpmn:dataPath>'
        "</bpmn:correlationPropertyBinding>"
        for number, path in enumerate(paths, 1)
    )
    return Part(f'<bpmn:correlationSubscription id="Sub" correlationKeyRef="K">{rows}</bpmn:correlationSubscription>')


ONE = declared({"Ask": "=order.id", "Answer": "=reply.orderId"})
TWO = declared({"Ask": "=id", "Answer": "=id"}, {"Ask": "=town", "Answer": "=place"})


def talk(*shapes: Shape, keys: tuple[str, ...] = ONE, parts: tuple[Part, ...] = (), flow: str = "") -> Shape:
    """A process of these steps in a row, after whose last comes the task Z."""
    path = flow or " > ".join(["start", *(shape.id for shape in shapes), "Z", "end"])
    begins = () if any(shape.id == "start" for shape in shapes) else (start(),)
    model = process(*begins, *shapes, user("Z"), end(), flows=[path.replace("start > start", "start")])
    model.parts = (*parts, Part(globals_=keys))
    for name in ("Ask", "Answer"):
        if not any(f'id="Message_{name}"' in text for text in model.all_globals()):
            model.parts += (message_only(name),)
    return model


def message_only(name: str) -> Part:
    """A message without a subscription, defined in the file."""
    return Part(globals_=message(name, "").globals_)


ASK = throw("ask", message("Ask", ""), mapped({"order": "=order"}))
ANSWER = catch("answer", message("Answer", ""))


@pytest.mark.parametrize("in_conversation", [False, True])
def test_what_is_sent_has_the_key_that_it_carries(in_conversation: bool) -> None:
    keys = declared({"Ask": "=order.id"}, in_conversation=in_conversation)

    drive = Drive(talk(ASK, keys=keys), {"order": {"id": 7}})

    assert drive.asked(commands.PublishMessage)[0].correlation_key == "7"


def test_a_send_task_correlates_as_an_event_does() -> None:
    send = task("sendTask", "ask", mapped({"order": "=order"}))
    send.attributes["messageRef"] = "Message_Ask"
    drive = Drive(talk(send), {"order": {"id": "A-1"}})

    assert drive.asked(commands.PublishMessage)[0].correlation_key == "A-1"


def test_an_answer_is_waited_for_with_the_key_of_what_was_sent() -> None:
    drive = Drive(talk(ASK, ANSWER), {"order": {"id": 7}})
    drive.complete("ask")
    drive.message("Answer", "8")
    assert drive.waiting == ["answer"]

    drive.message("Answer", "7")

    assert drive.open == ["Z"]


def test_an_answer_is_waited_for_with_the_key_of_what_came_first() -> None:
    begin = start("start", message("Ask", ""))
    drive = Drive(talk(begin, ANSWER), {"order": {"id": 7}}, start_event="start")

    drive.message("Answer", "7")

    assert drive.open == ["Z"]


def test_a_process_that_waits_for_its_first_message_talks_about_what_that_carries() -> None:
    begin = start("start", message("Ask", ""))
    drive = Drive(talk(begin, ANSWER), {"order": {"id": 1}})
    drive.message("Ask", "", order={"id": 7})

    drive.message("Answer", "7")

    assert drive.open == ["Z"]


def test_an_instantiating_receive_task_begins_the_conversation() -> None:
    begin = receive("first", "Ask", key="")
    begin.attributes["instantiate"] = "true"
    model = talk(begin, ANSWER, flow="first > answer > Z > end")
    model.inside = tuple(shape for shape in model.inside if shape.id != "start")
    drive = Drive(model, {"order": {"id": 7}}, start_event="first")

    drive.message("Answer", "7")

    assert drive.open == ["Z"]


def test_one_definition_of_a_multiple_event_may_wait_in_the_conversation() -> None:
    either = catch("either", message("Answer", ""), signal("Stop"))
    drive = Drive(talk(ASK, either), {"order": {"id": 7}})
    drive.complete("ask")

    drive.message("Answer", "7")

    assert drive.open == ["Z"]


def test_a_multiple_boundary_event_waits_for_its_conversation_to_begin() -> None:
    inner = sub("S", start("s"), ASK, user("A"), end("e"), flows=["s > ask > A > e"])
    model = talk(inner, boundary("S", "either", signal("Stop"), message("Answer", "")), flow="start > S > end")
    model.flows = (*model.flows, "either > Z > end")
    drive = Drive(model, {"order": {"id": 7}})

    drive.message("Answer", "7")

    assert drive.open == ["Z"]


def test_a_second_message_about_something_else_is_an_incident() -> None:
    again = throw("again", message("Ask", ""), mapped({"order": "={id: 8}"}))
    drive = Drive(talk(ASK, again), {"order": {"id": 7}})

    drive.complete("ask")

    assert drive.incidents == [("again", "correlation")]
    assert drive.problem == "the conversation K is about 7, and this message 8"


def test_waiting_in_a_conversation_that_nothing_began_is_an_incident() -> None:
    drive = Drive(talk(ANSWER))

    assert drive.incidents == [("answer", "correlation")]
    assert drive.problem == "no message has begun the conversation K that it waits in"


def test_a_first_message_that_does_not_say_what_it_is_about_begins_nothing() -> None:
    drive = Drive(talk(start("start", message("Ask", "")), ANSWER))

    drive.message("Ask", "")

    assert drive.incidents == [("answer", "correlation")]


def test_a_process_with_a_subscription_waits_for_what_its_data_say() -> None:
    drive = Drive(talk(ANSWER, parts=(bound("=wanted.id"),)), {"wanted": {"id": "W"}})

    drive.message("Answer", "W")

    assert drive.open == ["Z"]


def test_a_message_that_is_sent_has_its_own_key_beside_a_subscription() -> None:
    drive = Drive(talk(ASK, parts=(bound("=wanted"),)), {"wanted": "W", "order": {"id": 7}})

    assert drive.asked(commands.PublishMessage)[0].correlation_key == "7"


def test_a_key_of_several_properties_is_one_text() -> None:
    ask = throw("ask", message("Ask", ""), mapped({"id": "=7", "town": '="武汉"'}))
    drive = Drive(talk(ask, ANSWER, keys=TWO))
    assert drive.asked(commands.PublishMessage)[0].correlation_key == '["7", "武汉"]'

    drive.complete("ask")
    drive.message("Answer", '["7", "武汉"]')

    assert drive.open == ["Z"]


def test_a_binding_of_several_properties_gives_the_same_text() -> None:
    drive = Drive(talk(ANSWER, keys=TWO, parts=(bound("=no", "=town"),)), {"no": 7, "town": "武汉"})

    drive.message("Answer", '["7", "武汉"]')

    assert drive.open == ["Z"]


def test_a_key_that_is_neither_text_nor_number_is_an_incident_until_it_is() -> None:
    drive = Drive(talk(ASK), {"order": {"id": [1]}})
    assert drive.incidents == [("ask", "correlation")]
    assert drive.problem == "the correlation key =order.id gave [1], not a text or a number"

    drive.retry("ask", order={"id": 1})

    assert drive.open == ["ask"]


def test_a_message_with_a_subscription_of_its_own_is_correlated_by_that() -> None:
    drive = Drive(talk(catch("answer", message("Answer", "=mine")), parts=(bound("=wanted"),)), {"mine": "M"})

    drive.message("Answer", "M")

    assert drive.open == ["Z"]


def test_a_boundary_event_waits_until_the_conversation_has_begun_inside_its_activity() -> None:
    inner = sub("S", start("s"), ASK, user("A"), end("e"), flows=["s > ask > A > e"])
    model = talk(inner, boundary("S", "answer", message("Answer", "")), flow="start > S > end")
    model.flows = (*model.flows, "answer > Z > end")
    drive = Drive(model, {"order": {"id": 7}})
    assert drive.asked(commands.Subscribe)[0].correlation_key == "7"

    drive.message("Answer", "7")

    assert drive.open == ["Z"]


def test_an_event_sub_process_waits_until_the_conversation_has_begun() -> None:
    event = on_event("E", message("Answer", ""), then="Aside", interrupting=False)
    model = talk(user("A"), ASK, event, flow="start > A > ask > Z > end")
    drive = Drive(model, {"order": {"id": 7}})
    drive.message("Answer", "7")
    assert drive.open == ["A"]

    drive.complete("A")
    drive.message("Answer", "7")

    assert drive.open == ["ask", "Aside"]


def test_an_early_answer_is_delivered_when_the_conversation_begins() -> None:
    event = on_event("E", message("Answer", ""), then="Aside", interrupting=False)
    drive = Drive(talk(user("A"), ASK, event, flow="start > A > ask > Z > end"), {"order": {"id": 7}})
    drive.message("Answer", "7", ttl=60)

    drive.complete("A")

    assert drive.open == ["ask", "Aside"]


def test_what_waits_for_a_conversation_to_begin_is_gone_with_its_activity() -> None:
    model = talk(user("A"), boundary("A", "answer", message("Answer", "")), flow="start > A > Z > end")
    model.flows = (*model.flows, "answer > end")
    drive = Drive(model)
    assert drive.waiting == ["answer"]
    assert drive.asked(commands.Subscribe) == []

    drive.complete("A")

    assert drive.waiting == []
    assert drive.asked(commands.Unsubscribe) == []


@pytest.mark.parametrize("place", ["receive", "boundary", "event sub-process", "gateway"])
def test_every_catcher_of_a_message_waits_in_the_conversation(place: str) -> None:
    answer = message("Answer", "")
    model = {
        "receive": lambda: talk(ASK, receive("answer", "Answer", key="")),
        "boundary": lambda: talk(ASK, user("A"), boundary("A", "answer", answer), flow="start > ask > A > end"),
        "event sub-process": lambda: talk(ASK, sub("S", start("s"), user("A"), on_event("E", answer, then="Z2"))),
        "gateway": lambda: talk(ASK, gateway("eventBased", "G"), catch("answer", answer), catch("more", answer)),
    }[place]()
    if place == "boundary":
        model.flows = (*model.flows, "answer > Z > end")
    elif place == "event sub-process":
        model.inside[2].flows = ("s > A",)
    elif place == "gateway":
        model.flows = ("start > ask > G > answer > Z > end", "G > more > end")
    drive = Drive(model, {"order": {"id": 7}})
    drive.complete("ask")

    drive.message("Answer", "7")

    assert drive.open in (["Z"], ["Z2"])

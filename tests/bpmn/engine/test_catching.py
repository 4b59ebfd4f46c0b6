"""Intermediate events: timers, messages (early ones too), signals and links (BPMN 2.0 §10.5, §13.5.2)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from bpmn import commands, events
from bpmn.options import SHANGHAI
from tests.bpmn.building import (
    TERMINATE,
    Shape,
    boundary,
    catch,
    end,
    gateway,
    io,
    link,
    message,
    process,
    receive,
    signal,
    start,
    sub,
    task,
    throw,
    timer,
    user,
)
from tests.bpmn.engine.driving import START, Drive


def waits_at(shape: Shape) -> Shape:
    return process(start(), shape, user("next"), end(), flows=[f"start > {shape.id} > next > end"])


def march(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """An instant of the month in which the drives start."""
    return datetime(2026, 3, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("definition", "variables", "due"),
    [
        ("2026-03-05T10:30:00+08:00", {}, march(5, 10, 30)),
        ("2026-03-05T02:30:00Z", {}, march(5, 10, 30)),
        ("2026-03-05T10:30:00", {}, march(5, 10, 30)),
        ("date=2026-03-05", {}, march(5)),
        ("date==d", {"d": "2026-03-05T10:30:00"}, march(5, 10, 30)),
        ("date==date and time(d)", {"d": "2026-03-05T10:30:00+08:00"}, march(5, 10, 30)),
        ('date==now() + duration("P1D")', {}, march(3, 9)),
        ("2026-03-05T10:30:00+08:00[Asia/Shanghai]", {}, march(5, 10, 30)),
        ("2026-03-05T10:30:00[Asia/Tokyo]", {}, march(5, 9, 30)),
        ('date==date and time("2026-03-05T10:30:00@Asia/Tokyo")', {}, march(5, 9, 30)),
        ("PT90M", {}, march(2, 10, 30)),
        ("PT0S", {}, march(2, 9)),
        ('duration==duration("-PT1H")', {}, march(2, 8)),
        ("P1Y2M3DT4H5M6S", {}, datetime(2027, 5, 5, 13, 5, 6, tzinfo=SHANGHAI)),
        ("P2W", {}, march(16, 9)),
        ('duration==duration("P" + string(n) + "D")', {"n": 3}, march(5, 9)),
        ("R/PT1H", {}, march(2, 10)),
        ("R3/2026-03-04T08:00:00+08:00/PT1H", {}, march(4, 8)),
        ("R3/2026-03-04T08:00:00+08:00/2026-03-04T09:30:00+08:00", {}, march(4, 8)),
        ("R/PT1H/2026-03-02T12:00:00+08:00", {}, march(2, 10)),
        ("cycle=0 0 9-17 * * MON-FRI", {}, march(2, 10)),
        ("cycle=15 9 * * *", {}, march(2, 9, 15)),
        ("cycle=@daily", {}, march(3)),
        ("cycle==c", {"c": "0 30 8 L * ?"}, march(31, 8, 30)),
    ],
)
def test_a_timer_is_due_as_its_definition_says(definition: str, variables: dict[str, Any], due: datetime) -> None:
    drive = Drive(waits_at(catch("C", timer(definition))), variables)

    (set_,) = drive.asked(commands.SetTimer)
    assert set_.due == due

    drive.now = set_.due
    drive.tell(events.TimerFired(set_.key))
    assert drive.open == ["next"]


@pytest.mark.parametrize(
    ("definition", "variables"),
    [
        ("date==d", {"d": "soon"}),
        ("date==d", {"d": 5}),
        ("date==d", {"d": None}),
        ("duration==d", {"d": "1 day"}),
        ("duration==d", {"d": "P"}),
        ("duration==d", {"d": "PT"}),
        ("duration==d", {"d": "P99999999999D"}),
        ("duration==d", {"d": "P9999Y"}),
        ("duration==d", {"d": "PT99999999999999H"}),
        ("duration==d", {"d": "PT999999999999H"}),
        ("duration==d", {"d": f"P{'9' * 5000}D"}),
        ("cycle==d", {"d": f"R{'9' * 5000}/PT1H"}),
        ("cycle==d", {"d": "R00/PT1H"}),
        ("cycle==d", {"d": "PT1H"}),
        ("cycle==d", {"d": "R0/PT1H"}),
        ("cycle==d", {"d": "R2/never/PT1H"}),
        ("cycle==d", {"d": "R2/P9999Y"}),
        ("cycle==d", {"d": "R/PT0S"}),
        ("cycle==d", {"d": "R/PT1H/2026-03-02T09:59:00+08:00"}),
        ("cycle==d", {"d": "R/2026-03-04T08:00:00/2026-03-04T08:00:00"}),
        ("cycle==d", {"d": "0 0 9 30 2 *"}),
        ("cycle==d", {"d": "0 0 9 * *  * *"}),
        ("cycle==d", {"d": ""}),
        ("date==d", {"d": "2026-03-05T10:30:00[Nowhere/Land]"}),
    ],
)
def test_a_timer_that_says_no_time_is_an_incident(definition: str, variables: dict[str, Any]) -> None:
    drive = Drive(waits_at(catch("C", timer(definition))), variables)
    assert drive.incidents == [("C", "timer")]

    drive.retry("C", d={"date": "2026-03-03", "duration": "P1D", "cycle": "R/P1D"}[definition.split("=")[0]])

    assert drive.waiting == ["C"]


def test_the_journal_tells_until_when_a_timer_waits() -> None:
    drive = Drive(waits_at(catch("C", timer("PT1H"))))

    assert drive.data("scheduled") == [{"due": (START + timedelta(hours=1)).isoformat()}]


def test_a_message_reaches_the_wait_with_its_name_and_key() -> None:
    drive = Drive(waits_at(catch("C", message("M", key="=order.id"))), {"order": {"id": 7}})
    assert drive.asked(commands.Subscribe)[0].correlation_key == "7"
    assert drive.instance.waits_for("M", "7")
    assert not drive.instance.waits_for("M", "8")
    drive.message("M", "8")
    drive.message("N", "7")
    assert drive.waiting == ["C"]

    drive.message("M", "7", x=1)

    assert drive.open == ["next"]
    assert not drive.instance.waits_for("M", "7")
    assert drive.data("subscribed") == drive.data("unsubscribed") == [{"message": "M", "correlationKey": "7"}]


@pytest.mark.parametrize("key", [None, "", True, [1], {"a": 1}])
def test_a_correlation_key_is_a_text_or_a_number(key: Any) -> None:
    drive = Drive(waits_at(catch("C", message("M"))), {"key": key})

    assert drive.incidents == [("C", "correlation")]


def test_what_has_come_is_not_waited_for_any_more_even_where_its_mapping_fails() -> None:
    shape = catch("C", message("M"), io(outputs={"y": "=for i in 1..x return i"}))
    drive = Drive(waits_at(shape), {"key": "k", "x": 1}, variable_bytes=1000)

    drive.message("M", x=500)

    assert drive.incidents == [("C", "variable")]
    assert drive.waiting == []
    assert len(drive.asked(commands.Unsubscribe)) == 1


def test_of_two_waits_a_message_goes_to_the_one_that_is_open_longest() -> None:
    model = process(
        start(),
        gateway("parallel", "fork"),
        receive("A", "M"),
        receive("B", "M"),
        end(),
        flows=["start > fork > B > end", "fork > A > end"],
    )
    drive = Drive(model, {"key": "k"})

    drive.message("M")

    assert drive.waiting == ["A"]
    drive.message("M")
    assert drive.outcome == "completed"


def early() -> Shape:
    return process(start(), user("A"), catch("C", message("M")), user("B"), end(), flows=["start > A > C > B > end"])


def test_a_message_that_comes_early_is_kept_for_its_time_to_live() -> None:
    drive = Drive(early(), {"key": "k"})
    drive.message("M", ttl=3600, x=1)
    assert drive.data("buffered") == [
        {"message": "M", "correlationKey": "k", "expires": (START + timedelta(hours=1)).isoformat()}
    ]

    drive.wait(minutes=59)
    drive.complete("A")

    assert drive.open == ["B"]
    assert drive.variables == {"key": "k", "x": 1}


def test_a_message_that_came_too_early_is_gone() -> None:
    drive = Drive(early(), {"key": "k"})
    drive.message("M", ttl=3600)

    drive.wait(minutes=60)
    drive.complete("A")

    assert drive.waiting == ["C"]


def test_an_early_message_is_taken_once_in_the_order_of_coming() -> None:
    model = process(
        start(),
        user("A"),
        catch("C", message("M")),
        catch("D", message("M")),
        catch("E", message("M")),
        end(),
        flows=["start > A > C > D > E > end"],
    )
    drive = Drive(model, {"key": "k"})
    drive.message("M", ttl=60, first=1)
    drive.message("M", "other", ttl=60)
    drive.message("M", ttl=60, second=2)

    drive.complete("A")

    assert drive.path()[-2:] == ["C", "D"]
    assert drive.waiting == ["E"]
    assert drive.variables == {"key": "k", "first": 1, "second": 2}


def test_a_wait_that_goes_on_takes_every_early_message() -> None:
    model = process(
        start(),
        user("A"),
        user("B"),
        boundary("B", "news", message("M"), interrupting=False),
        user("C"),
        end(),
        flows=["start > A > B > end", "news > C > end"],
    )
    drive = Drive(model, {"key": "k"})
    drive.message("M", ttl=60)
    drive.message("M", ttl=60)

    drive.complete("A")

    assert drive.open == ["B", "C", "C"]


def test_an_early_message_with_the_id_of_one_that_is_kept_is_kept_once() -> None:
    drive = Drive(early(), {"key": "k"})
    for _ in range(2):
        drive.tell(events.MessageArrived("M", "k", {}, message_id="7", time_to_live=60))

    assert len(drive.data("buffered")) == 1
    assert drive.data("discarded")[0]["reason"] == "a message with the id 7 is kept already"


def test_messages_that_have_expired_are_not_kept_in_the_state() -> None:
    drive = Drive(early(), {"key": "k"})
    for _ in range(5):
        drive.message("N", ttl=60)
        drive.wait(minutes=2)

    assert len(drive.instance.dump()["buffer"]) == 1


def test_a_signal_reaches_everything_that_waits_for_it() -> None:
    model = process(
        start(),
        gateway("parallel", "fork"),
        catch("A", signal("S")),
        catch("B", signal("S")),
        catch("C", signal("T")),
        gateway("parallel", "join"),
        end(),
        flows=["start > fork > A > join > end", "fork > B > join", "fork > C > join"],
    )
    drive = Drive(model)

    drive.signal("S", x=1)

    assert drive.waiting == ["C"]
    assert drive.variables == {"x": 1}


def test_a_signal_is_not_kept() -> None:
    drive = Drive(process(start(), user("A"), catch("C", signal("S")), end(), flows=["start > A > C > end"]))
    drive.signal("S")

    drive.complete("A")

    assert drive.waiting == ["C"]


def test_a_thrown_signal_reaches_the_waits_of_this_instance_and_is_broadcast() -> None:
    model = process(
        start(),
        gateway("parallel", "fork"),
        catch("A", signal("S")),
        user("B"),
        throw("T", signal("S"), io({"x": "=n + 1"})),
        end(),
        flows=["start > fork > A > end", "fork > B > T > end"],
    )
    drive = Drive(model, {"n": 1})

    drive.complete("B")

    assert drive.asked(commands.BroadcastSignal) == [commands.BroadcastSignal("S", {"x": 2})]
    assert drive.outcome == "completed"
    assert drive.variables == {"n": 1, "x": 2}


def test_a_signal_interrupts_the_very_sub_process_that_throws_it() -> None:
    inner = sub("S", start("s"), throw("T", signal("Stop")), user("A"), end("e"), flows=["s > T > A > e"])
    model = process(
        start(),
        inner,
        boundary("S", "b", signal("Stop")),
        user("B"),
        end(),
        flows=["start > S > end", "b > B > end"],
    )
    drive = Drive(model)

    assert drive.open == ["B"]
    assert drive.path("terminated") == ["S"]


def test_a_thrown_signal_arrives_even_where_its_scope_ends_at_once() -> None:
    inner = sub(
        "S",
        start("s"),
        gateway("parallel", "g"),
        user("A"),
        gateway("parallel", "h"),
        end("alarm", signal("Alarm")),
        task("task", "x"),
        end("stop", TERMINATE),
        flows=["s > g", "g > A > h", "h > alarm", "h > stop", "g > x"],
    )
    model = process(
        start(),
        gateway("parallel", "fork"),
        catch("C", signal("Alarm")),
        inner,
        end(),
        flows=["start > fork > C > end", "fork > S > end"],
    )
    drive = Drive(model)

    drive.complete("A")

    assert "C" in drive.path()
    assert drive.outcome == "completed"


def test_a_link_goes_on_at_its_partner_in_the_same_scope() -> None:
    model = process(
        start(),
        gateway("exclusive", "G"),
        throw("out", link("L")),
        throw("out2", link("L")),
        catch("in", link("L")),
        user("A"),
        end(),
        sub("S", start("s"), throw("o", link("L")), catch("i", link("L")), end("e"), flows=["s > o", "i > e"]),
        flows=["start > S > G", "G > out: =true", "G > out2: default", "in > A > end"],
    )
    drive = Drive(model)

    assert drive.path() == ["start", "s", "o", "i", "e", "S", "G", "out", "in"]
    assert drive.open == ["A"]


def test_a_none_throw_event_only_passes_the_token_on() -> None:
    drive = Drive(waits_at(throw("T")))

    assert drive.open == ["next"]

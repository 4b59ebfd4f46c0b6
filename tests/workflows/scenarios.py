"""Small cases that together use everything the workflow does, played for their histories."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.bpmn.building import (
    Shape,
    boundary,
    call,
    catch,
    compensation,
    end,
    error,
    escalation,
    gateway,
    message,
    multi,
    on_event,
    process,
    receive,
    script,
    service,
    signal,
    start,
    sub,
    task,
    throw,
    timer,
    user,
    zeebe,
)
from tests.workflows.calling import CHILD
from tests.workflows.running import House, Running, reset_to
from tests.workflows.scenarios_of_acts import ACTS
from tests.workflows.scenarios_of_ad_hoc import AD_HOC
from tests.workflows.scenarios_of_authority import AUTHORITY
from tests.workflows.scenarios_of_life import LIFE
from tests.workflows.scenarios_of_limits import LIMITS
from tests.workflows.scenarios_of_listeners import LISTENERS

DISCOUNT = Path(__file__).parents[1].joinpath("bpmn", "models", "discount.dmn").read_text("utf-8")
Play = Callable[[House], Awaitable[list[Running]]]
MARKETING = zeebe("assignmentDefinition", candidateGroups="marketing")


async def one_task(house: House) -> list[Running]:
    case = await house.start(process(start(), user("A"), end(), flows=["start > A > end"]))
    await case.complete("A", {"approved": True})
    await case.outcome()
    return [case]


async def two_tasks(house: House) -> list[Running]:
    case = await house.start(process(start(), user("A"), user("B"), end(), flows=["start > A > B > end"]))
    await case.complete("A")
    await case.complete("B")
    await case.outcome()
    return [case]


async def claim(house: House) -> list[Running]:
    case = await house.start(process(start(), user("A", MARKETING), end(), flows=["start > A > end"]))
    task = await case.task("A")
    await case.act("claim", {"task": task, "by": "wang", "groups": ["marketing"]})
    await case.act("release", {"task": task, "by": "wang"})
    await case.complete("A", groups=["marketing"], key="click")
    await case.outcome()
    return [case]


async def refused_signal(house: House) -> list[Running]:
    case = await house.start(process(start(), user("A", MARKETING), end(), flows=["start > A > end"]))
    await case.handle.signal("complete", {"task": await case.task("A"), "by": "li"})
    await case.handle.signal("dance", 1)
    await case.complete("A", groups=["marketing"])
    await case.outcome()
    return [case]


async def repeated_key(house: House) -> list[Running]:
    case = await house.start(process(start(), user("A"), user("B"), end(), flows=["start > A > B > end"]))
    act = {"task": await case.task("A"), "by": "wang", "key": "k"}
    await case.act("complete", act)
    await case.act("complete", act)
    await case.complete("B")
    await case.outcome()
    return [case]


async def jobs(house: House) -> list[Running]:
    case = await house.start(
        process(start(), service("one"), service("two"), user("A"), end(), flows=["start > one > two > A > end"])
    )
    await case.complete("A")
    await case.outcome()
    return [case]


async def incident(house: House) -> list[Running]:
    house.work.failing["job"] = "no"
    case = await house.start(process(start(), service("job"), end(), flows=["start > job > end"]))
    found = await case.incident()
    house.work.failing.clear()
    await case.act("resolve_incident", {"incident": found["key"], "by": "wang"})
    await case.outcome()
    return [case]


async def bpmn_error(house: House) -> list[Running]:
    house.work.throwing["job"] = "SHORT"
    caught = boundary("job", "short", error("SHORT"))
    case = await house.start(
        process(start(), service("job"), caught, end(), end("other"), flows=["start > job > end", "short > other"])
    )
    await case.outcome()
    return [case]


async def timer_fires(house: House) -> list[Running]:
    case = await house.start(process(start(), catch("T", timer("PT0.2S")), end(), flows=["start > T > end"]))
    await case.outcome()
    return [case]


async def timer_cancelled(house: House) -> list[Running]:
    late = boundary("A", "late", timer("P1D"))
    case = await house.start(
        process(start(), user("A"), late, end(), end("other"), flows=["start > A > end", "late > other"])
    )
    await case.complete("A")
    await case.outcome()
    return [case]


async def late_message(house: House) -> list[Running]:
    case = await house.start(
        process(start(), receive("R", "paid"), end(), flows=["start > R > end"]), variables={"key": "7"}
    )
    await case.until(lambda view: view["waits"])
    await case.handle.signal("message", {"name": "paid", "correlation_key": "7"})
    await case.outcome()
    return [case]


async def early_message(house: House) -> list[Running]:
    shapes = process(start(), user("A"), receive("R", "paid"), end(), flows=["start > A > R > end"])
    case = await house.start(shapes, variables={"key": "7"})
    await case.act("message", {"name": "paid", "correlation_key": "7", "key": "m"})
    await case.complete("A")
    await case.outcome()
    return [case]


async def published_message(house: House) -> list[Running]:
    sending = process(start("s"), throw("T", message("paid")), end("e"), flows=["s > T > e"], id_="sending")
    waiting = process(start(), receive("R", "paid"), end(), flows=["start > R > end"], id_="waiting")
    house.deploy(sending, waiting)
    receiver = await house.start_deployed("waiting", {"key": "7"})
    await receiver.until(lambda view: view["waits"] and not view["unrecorded"])
    sender = await house.start_deployed("sending", {"key": "7"})
    await sender.outcome()
    await receiver.outcome()
    return [receiver, sender]


async def bpmn_signal(house: House) -> list[Running]:
    shapes = process(
        start(),
        gateway("parallel", "f"),
        catch("S", signal("x")),
        throw("T", signal("x")),
        gateway("parallel", "j"),
        end(),
        flows=["start > f > S > j > end", "f > T > j"],
    )
    case = await house.start(shapes)
    await case.outcome()
    return [case]


async def signal_to_all(house: House) -> list[Running]:
    """Thrown by one case, heard by another; the signal that no other hears goes out, too."""
    sending = process(
        start("s"), throw("T", signal("x")), throw("U", signal("y")), end("e"), flows=["s > T > U > e"], id_="sending"
    )
    hearing = process(start(), catch("S", signal("x")), end(), flows=["start > S > end"], id_="hearing")
    house.deploy(sending, hearing)
    hearer = await house.start_deployed("hearing", {})
    await hearer.until(lambda view: view["waits"] and not view["unrecorded"])
    sender = await house.start_deployed("sending", {})
    await sender.outcome()
    await hearer.outcome()
    return [sender, hearer]


async def bodies_at_once(house: House) -> list[Running]:
    case = await house.start(
        process(start(), service("S", multi("=[1,2,3]", item="i")), end(), flows=["start > S > end"])
    )
    await case.outcome()
    return [case]


async def bodies_in_turn(house: House) -> list[Running]:
    loop = multi("=[1,2,3]", item="i", sequential=True)
    case = await house.start(process(start(), service("S", loop), end(), flows=["start > S > end"]))
    await case.outcome()
    return [case]


async def compensated(house: House) -> list[Running]:
    shapes = process(
        start(),
        service("S"),
        boundary("S", "b", compensation()),
        service("undo", undoes=True),
        throw("T", compensation()),
        end(),
        flows=["start > S > T > end"],
        links=["b > undo"],
    )
    case = await house.start(shapes)
    await case.outcome()
    return [case]


async def event_gateway(house: House) -> list[Running]:
    shapes = process(
        start(),
        gateway("eventBased", "g"),
        catch("M", message("paid")),
        catch("T", timer("P1D")),
        end(),
        end("late"),
        flows=["start > g > M > end", "g > T > late"],
    )
    case = await house.start(shapes, variables={"key": "7"})
    await case.act("message", {"name": "paid", "correlation_key": "7"})
    await case.outcome()
    return [case]


async def inclusive_join(house: House) -> list[Running]:
    shapes = process(
        start(),
        gateway("inclusive", "f"),
        user("A"),
        script("B", "=1", "n"),
        gateway("inclusive", "j"),
        end(),
        flows=["start > f", "f > A: =true", "f > B: =true", "A > j > end", "B > j"],
    )
    case = await house.start(shapes)
    await case.complete("A")
    await case.outcome()
    return [case]


async def called(house: House) -> list[Running]:
    case = await house.start(process(start(), call("call", "child"), end(), flows=["start > call > end"]), CHILD)
    child = await case.the_child()
    await child.complete("C", {"result": 1})
    await case.outcome()
    return [case, child]


def catching(event: Shape) -> Shape:
    """A caller whose call activity has a boundary event `caught`."""
    flows = ["start > call > end", "caught > other"]
    return process(start(), call("call", "child"), event, end(), end("other"), flows=flows)


async def child_error(house: House) -> list[Running]:
    child = process(start("begin"), end("no", error("NO")), flows=["begin > no"], id_="child")
    caught = boundary("call", "caught", error("NO"))
    case = await house.start(
        process(start(), call("call", "child"), caught, end(), end("o"), flows=["start > call > end", "caught > o"]),
        child,
    )
    await case.outcome()
    return [case]


async def child_escalation(house: House) -> list[Running]:
    child = process(
        start("begin"),
        throw("T", escalation("LATE")),
        user("C"),
        end("done"),
        flows=["begin > T > C > done"],
        id_="child",
    )
    caught = boundary("call", "caught", escalation("LATE"))
    case = await house.start(
        process(start(), call("call", "child"), caught, end(), end("o"), flows=["start > call > end", "caught > o"]),
        child,
    )
    await case.outcome()
    return [case]


async def withdrawn(house: House) -> list[Running]:
    shape = process(
        start(),
        call("call", "child", on_cancel="withdrawn"),
        end(),
        on_event("stop", message("stop")),
        flows=["start > call > end"],
    )
    undoing = sub(
        "undo",
        start("undo_start", message("withdrawn")),
        throw("back", compensation()),
        end("undo_end"),
        flows=["undo_start > back > undo_end"],
        by_event=True,
    )
    child = process(
        start("begin"),
        service("issue"),
        boundary("issue", "undone", compensation()),
        service("return", undoes=True),
        user("C"),
        end("done"),
        undoing,
        flows=["begin > issue > C > done"],
        links=["undone > return"],
        id_="child",
    )
    case = await house.start(shape, child, variables={"key": "7"})
    running = await case.the_child()
    await running.task("C")
    await case.act("message", {"name": "stop", "correlation_key": "7"})
    await case.outcome()
    await running.closed()
    return [case, running]


async def reset(house: House) -> list[Running]:
    shape = process(start(), user("B"), call("call", "child"), end(), flows=["start > B > call > end"])
    case = await house.start(shape, CHILD)
    await case.complete("B")
    child = await case.the_child()
    await child.task("C")
    await case.until(lambda view: not view["unrecorded"])
    await reset_to(case, "CHILD_WORKFLOW_EXECUTION_STARTED")
    again = Running(house, house.client.get_workflow_handle(case.id))
    await again.until(lambda view: view["children"])
    await child.complete("C")
    await again.outcome()
    return [again, child]


async def lost_child(house: House) -> list[Running]:
    case = await house.start(process(start(), call("call", "child"), end(), flows=["start > call > end"]), CHILD)
    lost = await case.the_child()
    await lost.task("C")
    await lost.handle.terminate("by mistake")
    found = await case.incident()
    await case.act("resolve_incident", {"incident": found["key"], "by": "wang"})
    child = await case.the_child()
    await child.complete("C")
    await case.outcome()
    return [case, child]


async def business_rule(house: House) -> list[Running]:
    rule = task("businessRuleTask", "D", zeebe("calledDecision", decisionId="discount", resultVariable="rate"))
    case = await house.start(
        process(start(), rule, user("A"), end(), flows=["start > D > A > end"]),
        variables={"total": 150},
        files={"discount.dmn": DISCOUNT},
    )
    await case.complete("A")
    await case.outcome()
    return [case]


async def late_entry(house: House) -> list[Running]:
    case = await house.start(process(start(), user("A"), end(), flows=["start > A > end"]))
    await case.complete("A", happened_at="2026-01-05T09:00:00+08:00", late_reason="补录")
    await case.outcome()
    return [case]


async def one_after_another(house: House) -> list[Running]:
    names = [f"A{number}" for number in range(8)]
    case = await house.start(process(start(), *map(user, names), end(), flows=[" > ".join(["start", *names, "end"])]))
    for name in names:
        await case.complete(name)
    await case.outcome()
    return [case]


SCENARIOS: dict[str, Play] = {
    "one_task": one_task,
    "two_tasks": two_tasks,
    "claim": claim,
    "refused_signal": refused_signal,
    "repeated_key": repeated_key,
    "jobs": jobs,
    "incident": incident,
    "bpmn_error": bpmn_error,
    "timer": timer_fires,
    "timer_cancelled": timer_cancelled,
    "late_message": late_message,
    "early_message": early_message,
    "published_message": published_message,
    "bpmn_signal": bpmn_signal,
    "signal_to_all": signal_to_all,
    "bodies_at_once": bodies_at_once,
    "bodies_in_turn": bodies_in_turn,
    "compensated": compensated,
    "event_gateway": event_gateway,
    "inclusive_join": inclusive_join,
    "call": called,
    "child_error": child_error,
    "child_escalation": child_escalation,
    "withdrawn": withdrawn,
    "reset": reset,
    "lost_child": lost_child,
    "business_rule": business_rule,
    "late_entry": late_entry,
    "one_after_another": one_after_another,
    **LIMITS,
    **ACTS,
    **AUTHORITY,
    **LIFE,
    **AD_HOC,
    **LISTENERS,
}
CONTINUED = (
    "two_tasks",
    "call",
    "jobs",
    "incident",
    "timer",
    "one_after_another",
    "late_and_answered",
    "clock_handed_on",
    "handed_about",
    "authority_moved",
    "migrated",
    "suspended",
    "activated",
    "activated_in_turn",
    "denied_once",
    "decided_by_job",
)
"""Those that are recorded once more where continue-as-new is suggested early, with all their runs."""

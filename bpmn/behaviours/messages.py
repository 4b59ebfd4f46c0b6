"""Messages and signals on their way to what waits for them (BPMN 2.0 §10.5.1, §10.5.7)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bpmn.behaviours import suspending, waits
from bpmn.events import Event, MessageArrived, SignalArrived
from bpmn.state import BufferedMessage, Step

if TYPE_CHECKING:
    from bpmn.execution import Execution


def keeps(x: Execution, event: Event) -> bool:
    """Whether a message has been kept here because all that waits for it is suspended."""
    if not isinstance(event, MessageArrived) or x.refused(event.variables):
        return False
    matching = x.subscriptions.get(("message", event.name, event.correlation_key), {})
    if not matching or suspending.awake(x, matching):
        return False
    _keep_for_suspended(x, event)
    return True


def arrive(x: Execution, event: MessageArrived) -> None:
    """Give a message to the wait that is open longest; keep it for its time to live where there is none."""
    matching = x.subscriptions.get(("message", event.name, event.correlation_key), {})
    awake = suspending.awake(x, matching)
    data: dict[str, Any] = {"message": event.name, "correlationKey": event.correlation_key}
    if problem := x.refused(event.variables):
        x.record("discarded", x.graph.root, 0, 0, {**data, "reason": problem})
    elif awake:
        waits.trigger(x, x.state.waits[awake[0]], dict(event.variables))
    elif event.time_to_live > 0:
        _keep(x, event, data)
    else:
        x.record("discarded", x.graph.root, 0, 0, {**data, "reason": "nobody waits for it"})


def _keep_for_suspended(x: Execution, event: MessageArrived) -> None:
    data: dict[str, Any] = {"message": event.name, "correlationKey": event.correlation_key}
    if event.message_id and any(one.data.get("message_id") == event.message_id for one in x.state.kept):
        reason = f"a message with the id {event.message_id} is kept already"
        x.record("discarded", x.graph.root, 0, 0, {**data, "reason": reason})
        return
    suspending.keep(x, event)
    x.record("kept", x.graph.root, 0, 0, {**data, "event": MessageArrived.__name__})


def _keep(x: Execution, event: MessageArrived, data: dict[str, Any]) -> None:
    _forget_expired(x)
    if event.message_id and any(one.message_id == event.message_id for one in x.state.buffer):
        reason = f"a message with the id {event.message_id} is kept already"
        x.record("discarded", x.graph.root, 0, 0, {**data, "reason": reason})
        return
    expires = (x.now + timedelta(seconds=event.time_to_live)).isoformat()
    x.record("buffered", x.graph.root, 0, 0, {**data, "expires": expires})
    x.state.buffer.append(
        BufferedMessage(event.name, event.correlation_key, dict(event.variables), event.message_id, expires)
    )


def _forget_expired(x: Execution) -> None:
    x.state.buffer = [one for one in x.state.buffer if datetime.fromisoformat(one.expires) > x.now]


def deliver_early(x: Execution, step: Step) -> None:
    """Give a new subscription what came before it and has not expired: one message, or all where it stays open."""
    _forget_expired(x)
    for message in list(x.state.buffer):
        wait = x.state.waits.get(step.key)
        if wait and (message.name, message.correlation_key) == (wait.name, wait.correlation_key):
            x.state.buffer.remove(message)
            waits.trigger(x, wait, message.variables)


def signal(x: Execution, name: str, variables: dict[str, Any]) -> None:
    """Give a signal to everything that waits for it, in the order in which the waits were opened."""
    if problem := x.refused(variables):
        x.record("discarded", x.graph.root, 0, 0, {"signal": name, "reason": problem})
        return
    matching = list(x.subscriptions.get(("signal", name, ""), ()))
    awake = suspending.awake(x, matching)
    if len(awake) < len(matching):
        suspending.keep(x, SignalArrived(name, dict(variables)), [key for key in matching if key not in awake])
        x.record("kept", x.graph.root, 0, 0, {"signal": name, "event": SignalArrived.__name__})
    for key in awake:
        if key in x.state.waits:
            waits.trigger(x, x.state.waits[key], dict(variables))

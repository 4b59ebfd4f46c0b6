"""Suspending an instance, or one sub-process of it, and resuming it.

What is inside a suspended scope takes no step. Work that was given out may come back meanwhile: its result is kept, in
order, and applied when the scope is resumed, and so are the messages and signals that only suspended waits wait for.
Nobody completes a task in it, or retries an incident. Timers stop: they keep what was left of them and are due so much
later than the instant of resuming. The scope may still be ended, from outside or as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from bpmn import codec, commands, events
from bpmn.behaviours import terminating, waits
from bpmn.options import MENDED_SINCE
from bpmn.state import Kept, Step

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.state import ElementInstance

_RESULTS: dict[str, type[Any]] = {
    one.__name__: one
    for one in (
        events.JobCompleted,
        events.JobFailed,
        events.JobThrewError,
        events.JobDenied,
        events.CallCompleted,
        events.CallThrewError,
        events.CallEscalated,
        events.CallLost,
        events.EscalationAnswered,
        events.StoreRead,
        events.StoreWritten,
        events.StoreFailed,
    )
}
_ASKING = ("waiting", "reading", "writing")
_REFUSED = (
    events.TaskCompleted,
    events.TaskAssigned,
    events.TaskUpdated,
    events.RetryIncident,
    events.SkipIncident,
    events.ActivateAdHoc,
)


def is_suspended(x: Execution, key: int) -> bool:
    """Whether an instance, or anything around it, is suspended."""
    suspended = x.state.suspended
    while suspended and key:
        if key in suspended:
            return True
        instance = x.state.instances.get(key)
        key = instance.parent if instance else 0
    return False


def withholds_step(x: Execution, step: Step) -> bool:
    """Whether a step waits: for a resume, or for a termination to end."""
    if x.state.suspended and is_suspended(x, step.scope):
        return True
    return bool(step.after) and terminating.is_under_way(x, step.after)


def may_be_suspended(x: Execution, key: int) -> bool:
    """Whether there is such a scope: the process (also as key 0), or a sub-process."""
    instance = _scope(x, key)
    return instance is not None and x.graph.nodes[instance.element].holds


def _scope(x: Execution, key: int) -> ElementInstance | None:
    return x.state.instances.get(key) if key else next(iter(x.state.instances.values()), None)


def suspend(x: Execution, event: events.Suspend) -> None:
    """Nothing inside moves from now on."""
    instance = _scope(x, event.key)
    if instance and may_be_suspended(x, instance.key) and instance.key not in x.state.suspended:
        x.state.suspended.append(instance.key)
        x.record_instance("suspended", instance, {"by": event.by, "reason": event.reason})
        stop_timers(x)


def stop_timers(x: Execution) -> None:
    """Stop the timers of suspended scopes that still run."""
    for wait in list(x.state.waits.values()) if x.state.suspended else []:
        if wait.kind == "timer" and wait.left is None and is_suspended(x, wait.owner):
            wait.left = max((datetime.fromisoformat(wait.due) - x.now).total_seconds(), 0.0)
            x.command(commands.CancelTimer(wait.key))
            x.record("unscheduled", x.graph.nodes[wait.element], wait.key, wait.owner, {"left": wait.left})


def resume(x: Execution, event: events.Resume) -> None:
    """It goes on, unless something around it is suspended too; what was kept follows when the instance takes steps."""
    instance = _scope(x, event.key)
    if instance and instance.key in x.state.suspended:
        x.state.suspended.remove(instance.key)
        x.record_instance("resumed", instance, {"by": event.by, "reason": event.reason})
        _start_timers(x)
        _look_at_conditions(x)


def _start_timers(x: Execution) -> None:
    for wait in list(x.state.waits.values()):
        if wait.left is not None and not is_suspended(x, wait.owner):
            due = x.now + timedelta(seconds=wait.left)
            wait.due, wait.left = due.isoformat(), None
            node = x.graph.nodes[wait.element]
            x.command(commands.SetTimer(wait.key, node.id, node.name, due))
            x.record("scheduled", node, wait.key, wait.owner, waits.scheduled(wait))


def forget(x: Execution, key: int) -> None:
    """The instance is gone."""
    if key in x.state.suspended:
        x.state.suspended.remove(key)


def _look_at_conditions(x: Execution) -> None:
    """What has changed meanwhile may have made true what is waited for."""
    for wait in x.state.waits.values():
        if wait.kind == "conditional" and not is_suspended(x, wait.owner):
            x.unseen[wait.key] = None


# -- what comes meanwhile ------------------------------------------------------------------------------------------


def withholds(x: Execution, event: events.Event) -> bool:
    """Whether an event is for something suspended, and has been kept or refused here."""
    if isinstance(event, events.TimerFired):
        wait = x.state.waits.get(event.key)
        return wait is not None and wait.left is not None
    key = getattr(event, "key", 0)
    instance = x.state.instances.get(x.listening.get(key, key))
    if instance is None or not is_suspended(x, instance.key):
        return False
    if isinstance(event, _REFUSED):
        x.record_instance("discarded", instance, {"event": type(event).__name__, "reason": "it is suspended"})
        return True
    if type(event).__name__ not in _RESULTS:
        return False
    if key in x.listening:
        keep(x, event)
        x.record_instance("kept", instance, {"event": type(event).__name__})
    elif instance.stage in _ASKING:
        keep(x, event, stage=instance.stage)
        if not isinstance(event, events.CallEscalated):
            instance.stage = "answered"
        x.record_instance("kept", instance, {"event": type(event).__name__})
    return True


def keep(x: Execution, event: events.Event, waits: Iterable[int] = (), stage: str = "waiting") -> None:
    """Put an event aside until what it is for is resumed; for a signal these are `waits`."""
    one = Kept(type(event).__name__, codec.encode(event), list(waits), stage)
    x.state.kept.append(one)
    count_answer(x, one, 1)


def has_answer_of(x: Execution, key: int) -> bool:
    """Whether the answer of a job is among what has been put aside."""
    return key in x.answered


def count_answer(x: Execution, one: Kept, change: int) -> None:
    """One more answer of a job has been put aside, or (-1) one less."""
    if one.event in _RESULTS:
        key = one.data["key"]
        x.answered[key] = x.answered.get(key, 0) + change
        if not x.answered[key]:
            del x.answered[key]


def awake(x: Execution, waits: Iterable[int]) -> list[int]:
    """Those of these waits that are not suspended."""
    if not x.state.suspended:
        return list(waits)
    return [key for key in waits if not is_suspended(x, x.state.waits[key].owner)]


# -- what was kept goes on -----------------------------------------------------------------------------------------


def release(
    x: Execution, handle: Callable[[events.Event], None], trigger: Callable[[int, dict[str, Any]], None]
) -> bool:
    """Go on with the steps and events that were put aside, as far as what they are for is not suspended any more.

    An event waits until the steps are done that those before it led to: `True` where more may follow then. `trigger` is
    told the key of a wait, and the variables of the signal that has come for it.
    """
    x.stirred = False
    _release_steps(x)
    kept = x.state.kept
    number = 0
    while number < len(kept):
        if x.state.outcome:
            break
        if x.steps.queue and x.options.semantics >= MENDED_SINCE:
            return True
        one = kept.pop(number)
        left = len(kept)
        if one.event == events.SignalArrived.__name__:
            _release_signal(x, one, trigger)
        elif _still_withheld(x, one):
            kept.append(one)
        else:
            x.stirred = True
            count_answer(x, one, -1)
            _await_again(x, one)
            handle(codec.decode(_RESULTS.get(one.event, events.MessageArrived), one.data))
        number = _in_front(kept, left, number)
    del kept[number:]
    _release_steps(x)
    return False


def _in_front(kept: list[Kept], left: int, number: int) -> int:
    """What has been put aside since there were `left` of them comes before that `number`, which goes up by as many."""
    new = kept[left:]
    del kept[left:]
    kept[number:number] = new
    return number + len(new)


def _release_steps(x: Execution) -> None:
    for step in [step for step in x.steps.parked if not withholds_step(x, step)]:
        x.stirred = True
        x.steps.unpark(step)


def _await_again(x: Execution, one: Kept) -> None:
    instance = x.state.instances.get(one.data.get("key", 0))
    if instance and instance.stage == "answered":
        instance.stage = one.stage


def _release_signal(x: Execution, one: Kept, trigger: Callable[[int, dict[str, Any]], None]) -> None:
    open_ = [key for key in one.waits if key in x.state.waits]
    free = awake(x, open_)
    if held := [key for key in open_ if key not in free]:
        x.state.kept.append(Kept(one.event, one.data, held))
    signal = codec.decode(events.SignalArrived, one.data)
    x.stirred = x.stirred or bool(free)
    for key in free:
        if key in x.state.waits:
            trigger(key, dict(signal.variables))


def _still_withheld(x: Execution, one: Kept) -> bool:
    if one.event in _RESULTS:
        key = one.data["key"]
        return is_suspended(x, x.listening.get(key, key))
    wanted = ("message", one.data["name"], one.data["correlation_key"])
    matching = x.subscriptions.get(wanted, {})
    return bool(matching) and not awake(x, matching)

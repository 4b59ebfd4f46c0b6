"""What the world does with each command of an instance: one function per command."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from bpmn import answers, commands, events, timing
from bpmn.simulation.running import Running
from bpmn.simulation.script import Action
from bpmn.variables import assign

if TYPE_CHECKING:
    from bpmn.simulation.world import Simulation


def _act(world: Simulation, running: Running, command: commands.RunJob | commands.OpenUserTask) -> None:
    listens = command.listens if isinstance(command, commands.RunJob) else ""
    if isinstance(command, commands.RunJob) and not listens:
        world.post.working(running, command)
    action = world.next_action(f"{command.element}:{listens}" if listens else command.element)
    if action.do == "wait":
        return
    answer = _answer(command, action)
    due = timing.following(world.now, action.after or "PT0S", world.options.zone)
    world.agenda.at(due, lambda: _tell(world, running, command, answer))


def _tell(
    world: Simulation, running: Running, command: commands.RunJob | commands.OpenUserTask, answer: events.Event
) -> None:
    """Answer; what has been done to an open task is followed by the next thing that is, once its listeners are done."""
    if isinstance(command, commands.OpenUserTask) and isinstance(answer, events.TaskAssigned | events.TaskUpdated):
        running.changing[command.key] = command
    world.tell(running, answer)
    for key, task in list(running.changing.items()):
        instance = running.instance.instances.get(key)
        if instance is None or instance.stage == "waiting":
            del running.changing[key]
        if instance and instance.stage == "waiting":
            _act(world, running, task)


def _answer(command: commands.RunJob | commands.OpenUserTask, action: Action) -> events.Event:
    """What the script has somebody answer; a result that is none of such a job is one that fails."""
    key = command.key
    if action.do == "error":
        return events.JobThrewError(key, action.code, action.message, action.variables)
    if action.do == "fail":
        return events.JobFailed(key, action.message)
    if action.do == "deny":
        return events.JobDenied(key, action.message)
    if isinstance(command, commands.OpenUserTask):
        return _done_to_task(key, action)
    decided = {"isCompletionConditionFulfilled": True} if command.activatable and action == Action() else action.result
    try:
        return answers.answer(command, action.variables, decided)
    except ValueError as error:
        return events.JobFailed(key, str(error))


def _done_to_task(key: int, action: Action) -> events.Event:
    if action.do == "assign":
        return events.TaskAssigned(key, str(action.result.get("assignee", "")))
    if action.do == "update":
        return events.TaskUpdated(key, action.result)
    return events.TaskCompleted(key, action.variables)


def _set_timer(world: Simulation, running: Running, command: commands.SetTimer) -> None:
    running.timers[command.key] = None

    def fire() -> None:
        if command.key in running.timers:
            world.tell(running, events.TimerFired(command.key))

    world.agenda.at(command.due, fire)


def _cancel_timer(world: Simulation, running: Running, command: commands.CancelTimer) -> None:
    running.timers.pop(command.key, None)


def _publish(world: Simulation, running: Running, command: commands.PublishMessage) -> None:
    world.agenda.soon(lambda: world.post.publish(running, command))
    world.agenda.soon(lambda: world.tell(running, events.JobCompleted(command.key)))


def _read_store(world: Simulation, running: Running, command: commands.ReadStore) -> None:
    read = events.StoreRead(command.key, world.stores.get(command.store))
    world.agenda.soon(lambda: world.tell(running, read))


def _write_store(world: Simulation, running: Running, command: commands.WriteStore) -> None:
    assign(world.stores, (command.store, *command.path), command.value)
    world.agenda.soon(lambda: world.tell(running, events.StoreWritten(command.key)))


def _signal(world: Simulation, running: Running, command: commands.BroadcastSignal) -> None:
    world.agenda.soon(lambda: world.post.broadcast(command.signal, command.variables, running))


def _subscribe(world: Simulation, running: Running, command: commands.Subscribe) -> None:
    world.post.subscribed(running, command)


def _unsubscribe(world: Simulation, running: Running, command: commands.Unsubscribe) -> None:
    world.post.unsubscribed(running, command)


def _call(world: Simulation, running: Running, command: commands.StartCall) -> None:
    problem = ""
    if world.definition.process(command.process, command.version_tag) is None:
        which = f" with the version tag {command.version_tag}" if command.version_tag else ""
        problem = f"process {command.process}{which} is not there"
    elif running.depth >= MAX_CALLS:
        problem = f"{MAX_CALLS} calls are nested in each other: nothing ends the calls of process {command.process}"
    if problem:
        lost = events.CallLost(command.key, problem)
        world.agenda.soon(lambda: world.tell(running, lost))
        return
    world.call(running, command)


def _cancel_call(world: Simulation, running: Running, command: commands.CancelCall) -> None:
    child = running.calls.get(command.key)
    if child is None:  # the process is not there, which the call has not been told yet
        return
    name = command.message
    key = next((w.correlation_key for w in child.instance.waits if w.name == name and w.kind == "message"), None)
    event: events.Event = events.Cancelled("the call activity ended")
    if name and key is not None:
        event = events.MessageArrived(name, key)
    world.agenda.soon(lambda: world.tell(child, event))


def _escalate(world: Simulation, running: Running, command: commands.RaiseEscalation) -> None:
    if caller := running.caller:
        if command.waits:
            running.asked.append(command.key)
        event = events.CallEscalated(running.call_key, command.code, command.variables, command.waits)
        world.agenda.soon(lambda: world.tell(caller, event))


def _answer_call(world: Simulation, running: Running, command: commands.AnswerCall) -> None:
    child = running.calls[command.key]
    answer = events.EscalationAnswered(child.asked.pop(0))
    world.agenda.soon(lambda: world.tell(child, answer))


def _finished(world: Simulation, running: Running, command: commands.Finished) -> None:
    running.ended_with = command.variables
    caller = running.caller
    if caller is None:
        return
    event: events.Event = events.CallCompleted(running.call_key, command.variables)
    if command.outcome == "failed":
        event = events.CallThrewError(running.call_key, command.code, command.message, command.variables)
    elif command.outcome == "terminated":
        event = events.CallLost(running.call_key, "the called process was cancelled")
    world.agenda.soon(lambda: world.tell(caller, event))


MAX_CALLS = 100
"""So many calls may be nested in each other; one more is an incident of the call activity."""

HANDLERS: dict[type[Any], Callable[[Simulation, Running, Any], None]] = {
    commands.RunJob: _act,
    commands.OpenUserTask: _act,
    commands.SetTimer: _set_timer,
    commands.CancelTimer: _cancel_timer,
    commands.PublishMessage: _publish,
    commands.ReadStore: _read_store,
    commands.WriteStore: _write_store,
    commands.BroadcastSignal: _signal,
    commands.Subscribe: _subscribe,
    commands.Unsubscribe: _unsubscribe,
    commands.StartCall: _call,
    commands.CancelCall: _cancel_call,
    commands.RaiseEscalation: _escalate,
    commands.AnswerCall: _answer_call,
    commands.Finished: _finished,
}

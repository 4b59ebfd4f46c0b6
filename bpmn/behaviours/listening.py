"""Listeners: jobs at moments in the life of an element, one after another (zeebe:executionListeners, taskListeners).

Start listeners are run after the input mappings and before the element begins to wait or to act; what they answer is
local to the element. End listeners are run after the output mappings, when nothing can interrupt the element any more;
what they answer goes to the scope around. Those of a multi-instance activity are run in each of its instances; its
body has `beforeAll`, before the input collection is evaluated. Task listeners are run before a user task is offered
(`creating`, then `assigning` where it has an assignee), before somebody's change of an open task counts (`assigning`
again, and `updating`), before its completion does (`completing`), and before it is terminated (`canceling`). They may
correct the task, and deny that it is assigned, updated or completed: then it is as it was. All as in Camunda 8, but for
one thing: where an expression of a listener fails, those before it are not run again.

The element stays in the stage of its listeners meanwhile. `ElementInstance.job` is the key of the one that is open,
each has a key of its own; `heard` counts those of the stage that have been. One that fails is an incident of its
element at that stage, and retrying runs that one again.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bpmn import codec, commands
from bpmn.behaviours import suspending, tasks, waits
from bpmn.outcome import Stuck
from bpmn.state import Wanted

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.model import Listener
    from bpmn.state import ElementInstance

AT_TASK = ("creating", "assigning", "updating", "completing")
"""The stages of a user task at which its listeners are run while it lives."""
_DENIABLE = ("assigning", "updating", "completing")
_TASK_MOMENTS = (*AT_TASK, "canceling")
_CORRECTIONS = {
    "assignee": ("assignee", str),
    "dueDate": ("due_date", str),
    "followUpDate": ("follow_up_date", str),
    "candidateGroups": ("candidate_groups", list),
    "candidateUsers": ("candidate_users", list),
    "priority": ("priority", int),
}
"""What a task listener may correct, by Camunda's names."""


def heard(x: Execution, instance: ElementInstance, node: Node) -> bool:
    """Whether all listeners of the present stage have been run; where not, the next is asked for. Raises `Stuck`."""
    if instance.stage in _OF_TASKS and instance.task is None and node.kind == "userTask":
        instance.task = codec.encode(tasks.planned(x, instance, node))
    if instance.wanted and not instance.wanted.before:
        instance.wanted.before = dict(instance.task or {})
    todo = _of_stage(instance, node)
    if instance.heard < len(todo):
        _ask(x, instance, node, todo[instance.heard])
        return False
    instance.heard = 0
    if instance.stage in ("creating", "completing"):
        instance.wanted = None
    return True


def goes_on_waiting(x: Execution, instance: ElementInstance) -> bool:
    """Whether the listeners have been asked about a change of an open task; it counts now, and the task stays open."""
    if instance.stage not in ("assigning", "updating"):
        return False
    change(x, instance, instance.stage)
    return True


def change(x: Execution, instance: ElementInstance, stage: str) -> None:
    """What somebody wanted of an open task is so now."""
    wanted, task = instance.wanted, instance.task
    assert wanted is not None
    assert task is not None
    before, after = corrected(wanted.before), corrected(task)
    parts = {name: part for name, (part, _) in _CORRECTIONS.items() if getattr(before, part) != getattr(after, part)}
    instance.stage, instance.wanted = "waiting", None
    if parts:
        x.command(commands.ChangeUserTask(instance.key, {part: getattr(after, part) for part in parts.values()}))
    changes = {name: task[part] for name, part in parts.items()}
    data = {"by": wanted.by, "action": wanted.action, "changes": changes}
    event = "assigned" if stage == "assigning" else "updated"
    x.record_instance(event, instance, {name: part for name, part in data.items() if part})


def _of_stage(instance: ElementInstance, node: Node) -> list[Listener]:
    if instance.role == "body":
        return node.listeners.get("beforeAll", [])
    if instance.stage == "creating":
        assigned = node.listeners.get("assigning", []) if (instance.task or {}).get("assignee") else []
        return node.listeners.get("creating", []) + assigned
    return node.listeners.get(_MOMENTS[instance.stage], [])


_MOMENTS = {
    "starting": "start",
    "assigning": "assigning",
    "updating": "updating",
    "completing": "completing",
    "ending": "end",
    "terminating": "canceling",
}
_OF_TASKS = (*AT_TASK, "terminating")


def _ask(x: Execution, instance: ElementInstance, node: Node, listener: Listener) -> None:
    if instance.stage == "creating" and listener.moment == "assigning" and instance.wanted is None:
        instance.wanted = Wanted(before={**(instance.task or {}), "assignee": ""})
    where = f"{listener.moment} {listener.type}"
    kind = x.text(node.texts[f"{where} type"], instance.key, "job type of the listener")
    retries = tasks.integer(x.evaluate(node.texts[f"{where} retries"], instance.key), "retries", listener.retries)
    holder = node.element.job or node.element.user
    headers = {**(holder.headers if holder else {}), **_task_headers(instance), **listener.headers}
    variables = tasks.visible(x, instance)
    if instance.stage == "completing":
        variables |= instance.payload or {}
    instance.job = x.new_key()
    x.listening[instance.job] = instance.key
    job = commands.RunJob(instance.job, node.id, node.name, kind, retries, headers, variables, listens=listener.moment)
    x.command(job)


def _task_headers(instance: ElementInstance) -> dict[str, str]:
    """The user task as Camunda tells its listeners of it."""
    if instance.task is None:
        return {}
    task = corrected(instance.task)
    facts = {"userTaskKey": str(task.key), "formKey": task.form_key, "priority": str(task.priority)}
    for name, (part, kind) in _CORRECTIONS.items():
        value = getattr(task, part)
        facts[name] = json.dumps(list(value), ensure_ascii=False) if kind is list and value else str(value or "")
    if instance.wanted:
        changed = _changed(corrected(instance.wanted.before), task)
        facts |= {"action": instance.wanted.action, "changedAttributes": json.dumps(changed) if changed else ""}
    return {f"io.camunda.zeebe:{name}": value for name, value in facts.items() if value}


def _changed(before: commands.OpenUserTask, after: commands.OpenUserTask) -> list[str]:
    """What of a task is another, by Camunda's names."""
    return [name for name, (part, _) in _CORRECTIONS.items() if getattr(before, part) != getattr(after, part)]


def corrected(task: dict[str, Any]) -> commands.OpenUserTask:
    """A task (`ElementInstance.task`) as its listeners have left it."""
    return codec.decode(commands.OpenUserTask, task)


# -- answers -------------------------------------------------------------------------------------------------------


def _answered(x: Execution, key: int) -> tuple[ElementInstance, Node, Listener]:
    """The instance whose listener job has been answered, with that listener; the job is over."""
    instance = x.state.instances[x.listening.pop(key)]
    node = x.graph.nodes[instance.element]
    instance.job = 0
    return instance, node, _of_stage(instance, node)[instance.heard]


def completed(x: Execution, key: int, variables: dict[str, Any], corrections: dict[str, Any]) -> None:
    """A listener has done its work."""
    instance, node, listener = _answered(x, key)
    try:
        if listener.moment in _TASK_MOMENTS:
            if variables:
                raise Stuck("variable", f"the {listener.moment} listener {listener.type} cannot set variables")
            _correct(instance, corrections)
        else:
            x.check_sizes(variables)
            _keep(x, instance, node, variables)
    except Stuck as stuck:
        x.raise_incident(instance, stuck.kind, stuck.message)
        return
    data = {"moment": listener.moment, "job": listener.type, "variables": variables, "corrections": corrections}
    x.record_instance("listened", instance, {name: part for name, part in data.items() if part})
    instance.heard += 1
    x.advance(instance)


def _keep(x: Execution, instance: ElementInstance, node: Node, variables: dict[str, Any]) -> None:
    if instance.stage == "starting" or node.handler:
        instance.variables = {**(instance.variables or {}), **variables}
    if instance.stage == "ending" and variables:
        # As with output mappings: an inner instance keeps them, for the output element to collect.
        own = instance.role == "inner" or not instance.parent
        x.propagate(instance.key if own else instance.parent, variables)


def _correct(instance: ElementInstance, corrections: dict[str, Any]) -> None:
    assert instance.task is not None
    instance.task |= fields(corrections, "a listener")


def fields(changes: dict[str, Any], who: str) -> dict[str, Any]:
    """Changes of a task by the names of its fields, given by Camunda's names. Raises `Stuck` for what is none."""
    for name, value in changes.items():
        _, kind = _CORRECTIONS.get(name, ("", None))
        if kind is None:
            raise Stuck("job", f"{who} corrects {name}; it may correct {', '.join(_CORRECTIONS)}")
        whole = isinstance(value, kind) and not isinstance(value, bool)
        if not whole or (kind is list and not all(isinstance(one, str) for one in value)):
            raise Stuck("job", f"{who} corrects {name} to {value!r}, which is no {_WORDS[kind]}")
    return {_CORRECTIONS[name][0]: value for name, value in changes.items()}


_WORDS: dict[type[Any], str] = {str: "text", list: "list of texts", int: "whole number"}


def failed(x: Execution, key: int, message: str) -> None:
    """A listener has failed for good."""
    instance, _, _ = _answered(x, key)
    x.raise_incident(instance, "job", message)


def threw(x: Execution, key: int, code: str) -> None:
    """A listener has thrown an error of BPMN: nothing can catch it, as in Camunda 8."""
    instance, _, listener = _answered(x, key)
    x.raise_incident(instance, "job", f"the {listener.moment} listener {listener.type} threw error {code}")


def denied(x: Execution, key: int, reason: str) -> None:
    """A listener denies what was to happen: the task is as it was before, and opened again where it was completed."""
    instance, _, listener = _answered(x, key)
    if listener.moment not in _DENIABLE:
        x.raise_incident(instance, "job", f"the {listener.moment} listener {listener.type} cannot deny: {reason}")
        return
    wanted = instance.wanted
    data = {"moment": listener.moment, "job": listener.type, "reason": reason, "by": wanted.by if wanted else ""}
    x.record_instance("denied", instance, {name: part for name, part in data.items() if part or name != "by"})
    instance.heard, instance.wanted = 0, None
    if wanted:
        instance.task = wanted.before
    elif listener.moment == "assigning" and instance.task:  # of a state that was kept before there was `wanted`
        instance.task["assignee"] = ""
    if instance.stage in ("assigning", "updating"):
        instance.stage = "waiting"
        return
    if instance.stage == "completing":
        instance.payload = None
    instance.stage = "acting"
    x.advance(instance)


# -- moments -------------------------------------------------------------------------------------------------------


def completing(x: Execution, instance: ElementInstance, variables: dict[str, Any], by: str) -> None:
    """Somebody has completed a user task: its listeners say whether that counts."""
    if problem := x.refused(variables):
        instance.stage = "acting"
        x.raise_incident(instance, "variable", problem)
        return
    instance.payload = variables
    instance.wanted = Wanted(by, "complete")
    instance.stage = "completing"
    x.advance(instance)


def ending(x: Execution, instance: ElementInstance) -> None:
    """The element is about to be left: from now on nothing interrupts it."""
    waits.close_all(x, instance)
    instance.stage = "ending"


def cancel(x: Execution, instance: ElementInstance) -> None:
    """The element is being terminated while one of its listeners is at work."""
    if not suspending.has_answer_of(x, instance.job):
        x.command(commands.CancelJob(instance.job))
    del x.listening[instance.job]
    instance.job = 0

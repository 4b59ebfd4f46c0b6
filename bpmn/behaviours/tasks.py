"""Tasks and call activities (BPMN 2.0 §13.3.2, §13.3.3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from bpmn import commands, timing
from bpmn.behaviours import listening, propagation, waits
from bpmn.outcome import Outcome, Stuck

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.state import ElementInstance


class PassThrough:
    """Does nothing of its own: start and boundary events, gateways that only route."""

    def act(self, x: Execution, instance: ElementInstance, node: Node) -> Outcome:
        return Outcome.DONE

    def cancel(self, x: Execution, instance: ElementInstance, node: Node) -> None:
        """Nothing to take back."""


class Reported(PassThrough):
    """An undefined or manual task: done without the engine's knowledge (BPMN 2.0 §13.3.3), so it is passed at once.

    One of `Options.reported` is a job, of its kind as type: the surroundings say when it is done.
    """

    def act(self, x: Execution, instance: ElementInstance, node: Node) -> Outcome:
        if node.id not in x.options.reported:
            return Outcome.DONE
        x.command(commands.RunJob(instance.key, node.id, node.name, node.kind, 0, {}, visible(x, instance)))
        return Outcome.WAITS

    def cancel(self, x: Execution, instance: ElementInstance, node: Node) -> None:
        if instance.stage == "waiting":
            x.command(commands.CancelJob(instance.key))


class Job:
    """A service task: somebody outside does the work (zeebe:taskDefinition)."""

    def act(self, x: Execution, instance: ElementInstance, node: Node) -> Outcome:
        x.command(job_of(x, instance, node))
        return Outcome.WAITS

    def cancel(self, x: Execution, instance: ElementInstance, node: Node) -> None:
        if instance.stage == "waiting":
            x.command(commands.CancelJob(instance.key))


def job_of(x: Execution, instance: ElementInstance, node: Node) -> commands.RunJob:
    """The job as the diagram describes it. Raises `Stuck`."""
    assert node.element.job is not None
    kind = x.text(node.texts["job_type"], instance.key, "job type")
    retries = integer(x.evaluate(node.texts["retries"], instance.key), "retries", node.element.job.retries)
    headers = dict(node.element.job.headers)
    resources = tuple(
        replace(one, id=x.text(node.texts[f"resource {number}"], instance.key, "resource") if one.id else "")
        for number, one in enumerate(node.element.job.resources)
    )
    variables = dict(instance.variables or {}) if node.inputs else visible(x, instance)
    priority = _priority(x, instance, node, "job_priority") if "job_priority" in node.texts else 0
    return commands.RunJob(instance.key, node.id, node.name, kind, retries, headers, variables, resources, priority)


class Send(Job):
    """A send task or message throw: a job where it has a task definition, else a BPMN message."""

    def act(self, x: Execution, instance: ElementInstance, node: Node) -> Outcome:
        if node.element.job:
            return super().act(x, instance, node)
        name, key = waits.publication(x, node, instance.key)
        variables = dict(instance.variables or {})
        id_, lasts = _text(x, instance, node, "message_id"), _text(x, instance, node, "time_to_live")
        if lasts and not timing.is_duration(lasts):
            raise Stuck("expression", f"the time to live {lasts} is no duration such as PT1H")
        how = (node.part, id_, lasts)
        x.command(commands.PublishMessage(instance.key, node.id, node.name, name, key, variables, *how))
        return Outcome.WAITS


class UserTask:
    """A task for people."""

    def act(self, x: Execution, instance: ElementInstance, node: Node) -> Outcome:
        if node.offer and not instance.task:
            task, opened = node.offer
            x.command(task.for_key(instance.key))
            x.record_instance("opened", instance, {"task": str(instance.key), **opened})
            return Outcome.WAITS
        task = listening.corrected(instance.task) if instance.task else planned(x, instance, node)
        opened = _opened(task)
        if not (instance.task or any(node.texts[part].expression for part in node.texts if part in _PARTS)):
            node.offer = task, opened
        x.command(task)
        x.record_instance("opened", instance, {"task": str(instance.key), **opened})
        return Outcome.WAITS

    def cancel(self, x: Execution, instance: ElementInstance, node: Node) -> None:
        if instance.stage in ("waiting", "assigning", "updating"):
            x.command(commands.CloseUserTask(instance.key))
            x.record_instance("closed", instance, {"outcome": "cancelled", "by": ""})


def planned(x: Execution, instance: ElementInstance, node: Node) -> commands.OpenUserTask:
    """The task as the diagram describes it. Raises `Stuck`."""
    user = node.element.user
    assert user is not None
    given = {part: _PARTS[part](x, instance, node, part) for part in node.texts if part in _PARTS}
    return commands.OpenUserTask(
        key=instance.key,
        element=node.id,
        name=node.name,
        assignee=given.get("assignee", ""),
        candidate_groups=given.get("candidate_groups", ()),
        candidate_users=given.get("candidate_users", ()),
        due_date=given.get("due_date", ""),
        follow_up_date=given.get("follow_up_date", ""),
        priority=given.get("priority", 50),
        form=given.get("form", ""),
        form_key=given.get("form_key", ""),
        external_form=given.get("external_form", ""),
        form_binding=user.form_binding,
        form_version_tag=user.form_version_tag,
        headers=user.headers,
        lane=node.element.lane,
    )


def _opened(task: commands.OpenUserTask) -> dict[str, Any]:
    data = {
        "form": task.form,
        "assignee": task.assignee,
        "candidateGroups": list(task.candidate_groups),
        "candidateUsers": list(task.candidate_users),
        "dueDate": task.due_date,
        "followUpDate": task.follow_up_date,
        "priority": task.priority,
        "lane": task.lane,
    }
    if task.form_key or task.external_form:
        data |= {"formKey": task.form_key, "externalReference": task.external_form}
    return {name: value for name, value in data.items() if value or name == "priority"}


def _text(x: Execution, instance: ElementInstance, node: Node, part: str) -> str:
    text = node.texts.get(part)
    value = x.evaluate(text, instance.key) if text else None
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Stuck("expression", f"the {part.replace('_', ' ')} gave {value!r}, not a text")
    return value


def _names(x: Execution, instance: ElementInstance, node: Node, part: str) -> tuple[str, ...]:
    """A list of names: a FEEL list, or texts with commas between."""
    value = x.evaluate(node.texts[part], instance.key)
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(name.strip() for name in value.split(",") if name.strip())
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return tuple(value)
    raise Stuck("expression", f"{part.replace('_', ' ')} gave {value!r}, not a list of texts")


def _priority(x: Execution, instance: ElementInstance, node: Node, part: str) -> int:
    text = node.texts[part]
    return integer(x.evaluate(text, instance.key), part.replace("_", " "), text.source)


_PARTS: dict[str, Callable[[Execution, ElementInstance, Node, str], Any]] = {
    "assignee": _text,
    "candidate_groups": _names,
    "candidate_users": _names,
    "due_date": _text,
    "follow_up_date": _text,
    "priority": _priority,
    "form": _text,
    "form_key": _text,
    "external_form": _text,
}
"""What of a user task is evaluated when it is opened, and how."""


def integer(value: Any, what: str, source: str) -> int:
    """A whole number, or a text of its digits; else `Stuck`, which calls it `what`."""
    if isinstance(value, str) and value.strip().removeprefix("-").isdigit():
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Stuck("expression", f"{what} {source} gave {value!r}, not a whole number")
    return value


class Script:
    """A script task in FEEL (zeebe:script)."""

    def act(self, x: Execution, instance: ElementInstance, node: Node) -> Outcome:
        if node.element.job:
            return _JOB.act(x, instance, node)
        assert node.element.evaluation is not None
        result = {node.element.evaluation.result: x.evaluate(node.texts["expression"], instance.key)}
        x.check_sizes(result)
        instance.payload = result
        return Outcome.DONE

    def cancel(self, x: Execution, instance: ElementInstance, node: Node) -> None:
        if node.element.job:
            _JOB.cancel(x, instance, node)


class BusinessRule:
    """A business rule task: a DMN decision that travels with the process, or a job."""

    def act(self, x: Execution, instance: ElementInstance, node: Node) -> Outcome:
        if node.element.job:
            return _JOB.act(x, instance, node)
        called = node.element.evaluation
        assert called is not None
        decision = x.text(node.texts["decision"], instance.key, "decision")
        result = {called.result: x.decide(decision, instance, called.version_tag if called.exact else "")}
        x.check_sizes(result)
        instance.payload = result
        return Outcome.DONE

    def cancel(self, x: Execution, instance: ElementInstance, node: Node) -> None:
        if node.element.job:
            _JOB.cancel(x, instance, node)


class Call:
    """A call activity: another process, run as an instance of its own."""

    def act(self, x: Execution, instance: ElementInstance, node: Node) -> Outcome:
        call = node.element.call
        assert call is not None
        process = x.text(node.texts["process"], instance.key, "called process")
        variables = visible(x, instance) if call.propagate_parent else dict(instance.variables or {})
        errors, escalations = propagation.caught_codes(x, instance)
        which = (call.binding, call.version_tag, _text(x, instance, node, "business_id"))
        x.command(commands.StartCall(instance.key, node.id, node.name, process, variables, errors, escalations, *which))
        return Outcome.WAITS

    def cancel(self, x: Execution, instance: ElementInstance, node: Node) -> None:
        if instance.stage == "waiting":
            assert node.element.call is not None
            x.command(commands.CancelCall(instance.key, node.element.call.on_cancel))


def visible(x: Execution, instance: ElementInstance) -> dict[str, Any]:
    """Every variable an instance can see."""
    return dict(x.view(instance.key).items())


_JOB = Job()

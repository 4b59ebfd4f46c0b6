"""Tasks and call activities (BPMN 2.0 §13.3.2, §13.3.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bpmn import commands
from bpmn.behaviours import propagation, waits
from bpmn.outcome import Outcome, Stuck

if TYPE_CHECKING:
    from bpmn.execution import Execution
    from bpmn.graph import Node
    from bpmn.state import ElementInstance


class PassThrough:
    """Does nothing of its own: undefined and manual tasks, start and boundary events, gateways that only route."""

    def act(self, x: Execution, instance: ElementInstance, node: Node) -> Outcome:
        return Outcome.DONE

    def cancel(self, x: Execution, instance: ElementInstance, node: Node) -> None:
        """Nothing to take back."""


class Job:
    """A service task: somebody outside does the work (zeebe:taskDefinition)."""

    def act(self, x: Execution, instance: ElementInstance, node: Node) -> Outcome:
        assert node.element.job is not None
        kind = x.text(node.texts["job_type"], instance.key, "job type")
        retries = integer(x.evaluate(node.texts["retries"], instance.key), "retries", node.element.job.retries)
        headers = {
            name: x.text(node.texts[f"header {name}"], instance.key, f"header {name}") if value else ""
            for name, value in node.element.job.headers.items()
        }
        variables = dict(instance.variables or {}) if node.inputs else visible(x, instance)
        x.command(commands.RunJob(instance.key, node.id, node.name, kind, retries, headers, variables))
        return Outcome.WAITS

    def cancel(self, x: Execution, instance: ElementInstance, node: Node) -> None:
        if instance.stage == "waiting":
            x.command(commands.CancelJob(instance.key))


class Send(Job):
    """A send task or message throw: a job where it has a task definition, else a BPMN message."""

    def act(self, x: Execution, instance: ElementInstance, node: Node) -> Outcome:
        if node.element.job:
            return super().act(x, instance, node)
        name, key = waits.publication(x, node, instance.key)
        variables = dict(instance.variables or {})
        x.command(commands.PublishMessage(instance.key, node.id, node.name, name, key, variables, node.part))
        return Outcome.WAITS


class UserTask:
    """A task for people."""

    def act(self, x: Execution, instance: ElementInstance, node: Node) -> Outcome:
        task = commands.OpenUserTask(
            key=instance.key,
            element=node.id,
            name=node.name,
            assignee=_text(x, instance, node, "assignee"),
            candidate_groups=_names(x, instance, node, "candidate_groups"),
            candidate_users=_names(x, instance, node, "candidate_users"),
            due_date=_text(x, instance, node, "due_date"),
            follow_up_date=_text(x, instance, node, "follow_up_date"),
            priority=_priority(x, instance, node),
            form=_text(x, instance, node, "form"),
            lane=node.element.lane,
        )
        x.command(task)
        x.record_instance("opened", instance, _opened(task))
        return Outcome.WAITS

    def cancel(self, x: Execution, instance: ElementInstance, node: Node) -> None:
        if instance.stage == "waiting":
            x.command(commands.CloseUserTask(instance.key))
            x.record_instance("closed", instance, {"outcome": "cancelled", "by": ""})


def _opened(task: commands.OpenUserTask) -> dict[str, Any]:
    data = {
        "task": str(task.key),
        "form": task.form,
        "assignee": task.assignee,
        "candidateGroups": list(task.candidate_groups),
        "candidateUsers": list(task.candidate_users),
        "dueDate": task.due_date,
        "followUpDate": task.follow_up_date,
        "priority": task.priority,
        "lane": task.lane,
    }
    return {name: value for name, value in data.items() if value not in ("", [])}


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
    text = node.texts.get(part)
    value = x.evaluate(text, instance.key) if text else None
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(name.strip() for name in value.split(",") if name.strip())
    if isinstance(value, list) and all(isinstance(name, str) for name in value):
        return tuple(value)
    raise Stuck("expression", f"{part.replace('_', ' ')} gave {value!r}, not a list of texts")


def _priority(x: Execution, instance: ElementInstance, node: Node) -> int:
    text = node.texts.get("priority")
    return integer(x.evaluate(text, instance.key), "priority", text.source) if text else 50


def integer(value: Any, what: str, source: str) -> int:
    """A value that must be a whole number, or the digits of one; `Stuck` where it is not."""
    if isinstance(value, str) and value.strip().isdigit():
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
        assert node.element.evaluation is not None
        decision = x.text(node.texts["decision"], instance.key, "decision")
        result = {node.element.evaluation.result: x.decide(decision, instance)}
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
        x.command(commands.StartCall(instance.key, node.id, node.name, process, variables, errors, escalations))
        return Outcome.WAITS

    def cancel(self, x: Execution, instance: ElementInstance, node: Node) -> None:
        if instance.stage == "waiting":
            assert node.element.call is not None
            x.command(commands.CancelCall(instance.key, node.element.call.on_cancel))


def visible(x: Execution, instance: ElementInstance) -> dict[str, Any]:
    """Every variable an instance can see."""
    return dict(x.view(instance.key).items())


_JOB = Job()

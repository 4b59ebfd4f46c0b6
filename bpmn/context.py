"""What surrounds an instance at work: the instant, its journal, the commands it gives, incidents, values as elements
see them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from bpmn.commands import Command, RaiseIncident, ResolveIncident
from bpmn.definition import Definition
from bpmn.feel import BudgetExceeded, Environment, to_json
from bpmn.graph import Graph, Node
from bpmn.journal import Record
from bpmn.options import Options
from bpmn.outcome import Stuck
from bpmn.state import ElementInstance, Incident, State
from bpmn.texts import Text
from bpmn.variables import ScopeView, json_size, unfit


class Context:
    """The present event's surroundings; `spent` counts the steps of expressions since the slice began."""

    def __init__(self, graph: Graph, definition: Definition, state: State, options: Options) -> None:
        self.graph = graph
        self.definition = definition
        self.state = state
        self.options = options
        self.spent = 0
        self.commands: list[Command] = []
        self.records: list[Record] = []
        self.now: datetime
        self._environment: Environment | None = None

    # -- the clock, the journal, the world -------------------------------------------------------------------------

    def at(self, now: datetime) -> None:
        """The instant of what follows. Raises `ValueError` for one that does not know its time zone."""
        if now.tzinfo is None:
            raise ValueError("now must know its time zone")
        self.now = now
        self._environment = None

    @property
    def environment(self) -> Environment:
        """The world as the expressions of this event see it; many an event has none."""
        if self._environment is None:
            options = self.options
            self._environment = Environment(self.now, options.zone, options.functions, options.budget)
        return self._environment

    @property
    def root(self) -> ElementInstance:
        """The process itself; it is the first to be created."""
        return next(iter(self.state.instances.values()))

    def command(self, command: Command) -> None:
        self.commands.append(command)

    def record(
        self, event: str, node: Node, key: int, scope: int, data: dict[str, Any] | None = None, kind: str = ""
    ) -> None:
        self.state.seq += 1
        seq, now = self.state.seq, self.now
        self.records.append(Record(seq, now, event, node.id, kind or node.kind, node.name, key, scope, data or {}))

    def record_instance(self, event: str, instance: ElementInstance, data: dict[str, Any] | None = None) -> None:
        node = self.graph.nodes[instance.element]
        kind = ""
        if instance.role == "body":
            kind = "loopBody" if node.element.standard_loop else "multiInstanceBody"
        self.record(event, node, instance.key, instance.parent, data, kind)

    # -- incidents -------------------------------------------------------------------------------------------------

    def raise_incident(
        self, instance: ElementInstance, kind: str, message: str, data: Mapping[str, Any] = MappingProxyType({})
    ) -> None:
        """Mark the instance as unable to go on; `data` is told in the journal only."""
        node = self.graph.nodes[instance.element]
        if instance.incident:
            self.resolve(instance)
        instance.incident = Incident(kind, message)
        self.record_instance("incident", instance, {"kind": kind, "message": message, **data})
        self.command(RaiseIncident(instance.key, node.id, node.name, kind, message))

    def resolve(self, instance: ElementInstance) -> None:
        """The incident of an instance is over; `advance` tries the stage again at which it arose."""
        instance.incident = None
        self.record_instance("resolved", instance)
        self.command(ResolveIncident(instance.key))

    # -- values ----------------------------------------------------------------------------------------------------

    def view(self, key: int, extra: Mapping[str, Any] | None = None) -> ScopeView:
        return ScopeView(self.state.instances, key, extra)

    def evaluate(
        self, text: Text, key: int, extra: Mapping[str, Any] | None = None, about: int = 0, quiet: bool = False
    ) -> Any:
        """The value of a text as an expression sees it at the instance `key`, as JSON.

        Raises `Stuck` where the expression takes more than the budget. A value that became null because something
        was wrong in the expression is journalled, for FEEL itself stays silent; `about` is the instance the line is
        written for, where that is not `key`. Where nobody is to be told, it is `quiet`.
        """
        if text.expression is None:
            return text.literal
        try:
            result = text.expression.evaluate(self.view(key, extra), self.environment)
            self.spent += result.steps
            value = to_json(result.value)
        except BudgetExceeded as error:
            self.spent += self.options.budget
            raise Stuck("expression", f"{text.source}: {error}") from None
        except (TypeError, ValueError) as error:
            raise Stuck("expression", f"{text.source}: {error}") from None
        if value is None and result.problems and not quiet:
            instance = self.state.instances[about or key]
            self.record_instance("warned", instance, {"expression": text.source, "problems": list(result.problems)})
        return value

    def text(self, text: Text, key: int, what: str, extra: Mapping[str, Any] | None = None) -> str:
        """The value of a text that must be one and not empty; `Stuck`, which calls it `what`, where it is not."""
        value = self.evaluate(text, key, extra)
        if not isinstance(value, str) or not value:
            raise Stuck("expression", f"the {what} {text.source} gave {value!r}, not a text")
        return value

    def condition(self, text: Text, key: int, extra: Mapping[str, Any] | None = None, about: int = 0) -> bool:
        """The truth of a condition; `Stuck` where it is neither true nor false."""
        value = self.evaluate(text, key, extra, about)
        if not isinstance(value, bool):
            raise Stuck("condition", f"{text.source} gave {json.dumps(value, ensure_ascii=False)}, not true or false")
        return value

    def decide(self, decision: str, instance: ElementInstance, version_tag: str = "") -> Any:
        """The result of a DMN decision as JSON; which rules matched is journalled."""
        model = self.definition.decision(decision, version_tag)
        if model is None:
            which = f"{decision} with the version tag {version_tag}" if version_tag else decision
            raise Stuck("decision", f"no decision {which} travels with this process")
        try:
            result = model.evaluate(decision, self.view(instance.key), self.environment)
            self.spent += result.steps
            value = to_json(result.value)
        except BudgetExceeded as error:
            self.spent += self.options.budget
            raise Stuck("decision", f"{decision}: {error}") from None
        except (TypeError, ValueError) as error:
            raise Stuck("decision", f"{decision}: {error}") from None
        data = {"decision": decision, "value": value, "rules": list(result.rules), "problems": list(result.problems)}
        self.record_instance("decided", instance, {name: part for name, part in data.items() if part != []})
        return value

    def refused(self, variables: Mapping[str, Any]) -> str:
        """Why these variables are refused: one is not fit to be kept, or larger than the options allow; else empty."""
        if problem := unfit(variables):
            return problem
        limit = self.options.variable_bytes
        for name, value in variables.items():
            if isinstance(value, str | list | dict) and (size := json_size(value)) > limit:
                return f"variable {name} has {size} bytes as JSON; at most {limit} are allowed"
        return ""

    def check_sizes(self, variables: Mapping[str, Any]) -> None:
        """`Stuck` where a variable is not fit to be kept, or larger than the options allow."""
        if problem := self.refused(variables):
            raise Stuck("variable", problem)

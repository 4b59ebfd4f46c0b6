"""The texts of a model that may be FEEL expressions: which there are, and each made ready to be evaluated."""

from __future__ import annotations

from collections.abc import Iterable

from bpmn.feel import Expression as FeelExpression
from bpmn.feel import compile_expression
from bpmn.model import Element, EventDefinition, Listener


class Text:
    """A text of the model: literal, or FEEL where it starts with `=`."""

    __slots__ = ("expression", "literal", "source")

    def __init__(self, source: str, names: frozenset[str]) -> None:
        self.source = source
        self.expression: FeelExpression | None = None
        self.literal: str | None = source or None
        if source.startswith("="):
            self.expression = compile_expression(source[1:], names)


def texts_of_event(event: EventDefinition) -> Iterable[tuple[str, str]]:
    """The texts of an event definition that may be expressions, by the part they are."""
    if event.timer:
        yield "timer", event.timer.text
    if event.message:
        yield "message", event.message.name
        yield "correlation_key", event.message.correlation_key
        if correlation := event.message.correlation:
            yield from ((f"retrieval {number}", text) for number, text in enumerate(correlation.retrieval))
            yield from ((f"binding {number}", text) for number, text in enumerate(correlation.binding))
    if event.condition:
        yield "condition", event.condition.expression
    if event.publication:
        yield "correlation_key", event.publication.correlation_key
        yield "message_id", event.publication.message_id
        yield "time_to_live", event.publication.time_to_live
    yield "signal", event.signal
    yield "code", event.code


def texts_of(element: Element) -> Iterable[tuple[str, str]]:
    """The texts of an element that may be expressions, by the part they are."""
    if event := element.event:
        yield from texts_of_event(event)
        for number, part in enumerate(event.parts, 1):
            yield from ((f"{number} {name}", source) for name, source in texts_of_event(part))
    if element.job:
        yield "job_type", element.job.type
        yield "retries", element.job.retries
        yield "job_priority", element.job.priority
        for number, resource in enumerate(element.job.resources):
            yield f"resource {number}", resource.id
    yield "activation_condition", element.activation_condition
    if user := element.user:
        yield "assignee", user.assignee
        yield "candidate_groups", user.candidate_groups
        yield "candidate_users", user.candidate_users
        yield "due_date", user.due_date
        yield "follow_up_date", user.follow_up_date
        yield "priority", user.priority
        yield "form", user.form
        yield "form_key", user.form_key
        yield "external_form", user.external_form
    if loop := element.loop:
        yield "input_collection", loop.input_collection
        yield "output_element", loop.output_element
        yield "cardinality", loop.cardinality
        yield "completion_condition", loop.completion_condition
        for throw in loop.throws:
            yield f"condition of {throw.id}", throw.condition
            yield from ((f"{part} of {throw.id}", text) for part, text in texts_of_event(throw.event))
    if element.standard_loop:
        yield "loop_condition", element.standard_loop.condition
    if ad_hoc := element.ad_hoc:
        yield "active_elements", ad_hoc.active_elements
        yield "ad_hoc_condition", ad_hoc.completion_condition
        yield "ad_hoc_output", ad_hoc.output_element
    if element.call:
        yield "process", element.call.process
        yield "business_id", element.call.business_id
    if element.evaluation:
        yield "expression", element.evaluation.expression
        yield "decision", element.evaluation.decision


def listener_texts(listeners: Iterable[Listener]) -> Iterable[tuple[str, str]]:
    """The texts of listeners that may be expressions."""
    for one in listeners:
        where = f"{one.moment} {one.type}"
        yield f"{where} type", one.type
        yield f"{where} retries", one.retries

"""The extension elements of Camunda 8 on their way from the file to the commands."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bpmn import Definition, ModelRefused, commands, read
from bpmn.model import LinkedResource, Listener
from tests.bpmn.building import Part, Shape, build, call, end, io, message, process, start, task, throw, user, zeebe
from tests.bpmn.building import model_xml as xml
from tests.bpmn.engine.driving import Drive

FORM = json.dumps(
    {"type": "default", "components": [{"type": "textfield", "key": "name", "label": "Name", "id": "F1"}]}
)


def around(shape: Shape) -> Shape:
    """A process of one element."""
    return process(start(), shape, end(), flows=["start > A > end"])


def opened(*parts: Part, **variables: Any) -> commands.OpenUserTask:
    """The command that a user task with these parts leads to."""
    (command,) = Drive(around(user("A", *parts)), variables).asked(commands.OpenUserTask)
    assert isinstance(command, commands.OpenUserTask)
    return command


def again(definition: Definition) -> Definition:
    """The definition after a trip through JSON."""
    return Definition.load(json.loads(json.dumps(definition.dump(), sort_keys=True)))


def test_a_form_of_another_program_reaches_the_task() -> None:
    keyed = opened(zeebe("formDefinition", formKey="=prefix + name"), prefix="forms:", name="n")
    linked = opened(zeebe("formDefinition", externalReference="https://forms.example/7"))

    assert (keyed.form, keyed.form_key) == ("", "forms:n")
    assert (linked.form, linked.external_form) == ("", "https://forms.example/7")


def test_the_version_of_a_form_reaches_the_task() -> None:
    task_ = opened(zeebe("formDefinition", formId="F", bindingType="versionTag", versionTag="v1"))

    assert (task_.form, task_.form_binding, task_.form_version_tag) == ("F", "versionTag", "v1")


def test_the_headers_of_a_user_task_reach_it() -> None:
    headers = '<zeebe:taskHeaders><zeebe:header key="k" value="=x"/><zeebe:header key="none"/></zeebe:taskHeaders>'

    assert opened(Part(extension=headers), x="v").headers == {"k": "=x", "none": ""}


def with_form(body: str, key: str = "camunda-forms:bpmn:papers", id_: str = ' id="papers"') -> str:
    """A model with a form inside it."""
    inside = f"<bpmn:extensionElements><zeebe:userTaskForm{id_}>{body}</zeebe:userTaskForm></bpmn:extensionElements>"
    text = xml(around(user("A", zeebe("formDefinition", formKey=key))))
    return text.replace('isExecutable="true">', f'isExecutable="true">{inside}', 1)


def test_a_form_inside_the_diagram_travels_with_the_definition() -> None:
    definition = read(with_form(FORM.replace('"', "&#34;")))

    assert list(definition.forms) == ["papers"]
    assert again(definition) == definition
    assert list(definition.closure("p").forms) == ["papers"]
    (task_,) = Drive(definition).asked(commands.OpenUserTask)
    assert (task_.form, task_.form_binding) == ("papers", "deployment")


@pytest.mark.parametrize(
    ("body", "id_", "problem"),
    [
        ("{", ' id="papers"', "no JSON"),
        ("[" * 100_000, ' id="papers"', "no JSON"),
        ("[]", ' id="papers"', "form"),
        ('{"components": [{"type": "hologram"}]}', ' id="papers"', "hologram"),
        (FORM, "", "the form has no id"),
    ],
)
def test_a_form_inside_the_diagram_that_cannot_be_used_is_refused_in_its_line(
    body: str, id_: str, problem: str
) -> None:
    text = with_form(body, id_=id_)
    with pytest.raises(ModelRefused, match=problem) as refused:
        read(text)

    lines = [number for number, line in enumerate(text.splitlines(), 1) if "<zeebe:userTaskForm" in line]
    assert {fault.line for fault in refused.value.faults} == set(lines)


def test_a_start_form_is_kept() -> None:
    model = process(start("start", zeebe("formDefinition", formId="F")), end(), flows=["start > end"])
    element = build(model).processes["p"].elements["start"]

    assert element.user is not None
    assert element.user.form == "F"


@pytest.mark.parametrize(("binding", "tag"), [("latest", ""), ("deployment", ""), ("versionTag", "v2")])
def test_the_version_of_a_called_process_reaches_whoever_starts_it(binding: str, tag: str) -> None:
    called = call("A", "q", bindingType=binding, versionTag=tag)
    (command,) = Drive(around(called)).asked(commands.StartCall)

    assert (command.binding, command.version_tag) == (binding, tag)


def test_the_version_of_a_decision_is_kept() -> None:
    called = zeebe("calledDecision", decisionId="d", resultVariable="r", bindingType="versionTag", versionTag="v3")
    evaluation = build(around(task("businessRuleTask", "A", called))).processes["p"].elements["A"].evaluation

    assert evaluation is not None
    assert (evaluation.binding, evaluation.version_tag) == ("versionTag", "v3")


def test_linked_resources_reach_the_job() -> None:
    resources = (
        '<zeebe:linkedResources><zeebe:linkedResource resourceId="=robot" resourceType="RPA" linkName="script" '
        'bindingType="versionTag" versionTag="v1"/><zeebe:linkedResource resourceId="plain"/></zeebe:linkedResources>'
    )
    shape = task("serviceTask", "A", zeebe("taskDefinition", type="rpa"), Part(extension=resources))
    (job,) = Drive(around(shape), {"robot": "R1"}).asked(commands.RunJob)

    assert job.resources == (LinkedResource("R1", "RPA", "script", "versionTag", "v1"), LinkedResource("plain"))


def test_a_message_is_published_as_its_extension_says() -> None:
    how = zeebe("publishMessage", correlationKey="=order", messageId="=order + n", timeToLive="PT1H").extension
    inside = (
        f'<bpmn:messageEventDefinition messageRef="Message_M"><bpmn:extensionElements>{how}</bpmn:extensionElements>'
    )
    definition = Part(f"{inside}</bpmn:messageEventDefinition>", globals_=message("M", "").globals_)
    drive = Drive(around(throw("A", definition, io({"x": "=1"}))), {"order": "7", "n": "-1"})
    (command,) = drive.asked(commands.PublishMessage)

    assert (command.message, command.correlation_key, command.message_id) == ("M", "7", "7-1")
    assert (command.time_to_live, command.variables) == ("PT1H", {"x": 1})


def test_a_send_task_publishes_a_message_as_its_extension_says() -> None:
    parts = (zeebe("publishMessage", correlationKey="=order"), Part(globals_=message("M", "").globals_))
    shape = Shape("sendTask", "A", {"messageRef": "Message_M"}, parts)
    (command,) = Drive(around(shape), {"order": 7}).asked(commands.PublishMessage)

    assert (command.correlation_key, command.message_id, command.time_to_live) == ("7", "", "")


@pytest.mark.parametrize(
    ("own", "of_process", "priority"), [("", "", 0), ("=-n", "5", -3), ("", "=n + 1", 4), ("90", "5", 90)]
)
def test_a_job_has_its_own_priority_or_that_of_its_process(own: str, of_process: str, priority: int) -> None:
    parts = [zeebe("jobPriorityDefinition", priority=own)] if own else []
    model = around(task("serviceTask", "A", zeebe("taskDefinition", type="t"), *parts))
    model.parts = (zeebe("jobPriorityDefinition", priority=of_process),) if of_process else ()

    (job,) = Drive(model, {"n": 3}).asked(commands.RunJob)

    assert job.priority == priority


def test_a_called_instance_has_a_business_id() -> None:
    (command,) = Drive(around(call("A", "q", businessId='="order-" + n')), {"n": "7"}).asked(commands.StartCall)

    assert command.business_id == "order-7"


def test_an_input_without_a_source_is_null() -> None:
    inside = '<zeebe:ioMapping><zeebe:input target="x"/></zeebe:ioMapping>'
    shape = task("serviceTask", "A", zeebe("taskDefinition", type="t"), Part(extension=inside))
    (job,) = Drive(around(shape), {"x": 1, "y": 2}).asked(commands.RunJob)

    assert job.variables == {"x": None}


def test_listeners_survive_a_trip_through_json() -> None:
    rows = '<zeebe:executionListener eventType="start" type="s" retries="5"/>'
    extension = f"<zeebe:executionListeners>{rows}</zeebe:executionListeners>"
    model = around(task("task", "A", Part(extension=extension)))
    model.parts = (Part(extension=extension),)
    definition = build(model)

    assert definition.processes["p"].listeners == (Listener("start", "s", "5"),)
    assert definition.processes["p"].elements["A"].listeners == (Listener("start", "s", "5"),)
    assert again(definition) == definition


def test_attributes_of_the_modeler_say_nothing_of_what_runs() -> None:
    model = around(task("task", "A"))
    model.inside[1].attributes |= {
        "zeebe:modelerTemplate": "io.camunda.connectors.HttpJson.v2",
        "zeebe:modelerTemplateVersion": "11",
        "zeebe:modelerTemplateIcon": "data:image/svg+xml;base64,PHN2Zy8+",
    }

    assert build(model).processes["p"].foreign_extensions == ()


def test_elements_and_attributes_of_others_are_listed_wherever_they_stand() -> None:
    text = xml(
        process(start(), user("A"), end(), flows=["start > A > end"]),
    )
    text = text.replace("<bpmn:definitions", '<bpmn:definitions xmlns:o="http://other" o:checked="yes"', 1)
    text = text.replace('id="start_A"', 'id="start_A" o:weight="3"')
    text = text.replace(
        '<bpmn:endEvent id="end">', '<bpmn:endEvent id="end"><bpmn:extensionElements><o:cost/></bpmn:extensionElements>'
    )

    assert read(text).processes["p"].foreign_extensions == (
        "{http://other}@checked",
        "{http://other}cost",
        "{http://other}@weight",
    )


def test_colours_and_the_platform_of_the_modeler_are_not_foreign() -> None:
    text = xml(process(start(), end(), flows=["start > end"]))
    text = text.replace(
        "<bpmn:definitions",
        '<bpmn:definitions xmlns:modeler="http://camunda.org/schema/modeler/1.0" '
        'xmlns:bioc="http://bpmn.io/schema/bpmn/biocolor/1.0" modeler:executionPlatform="Camunda Cloud"',
        1,
    )
    drawn = (
        '<bpmndi:BPMNDiagram xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI"><bpmndi:BPMNPlane>'
        '<bpmndi:BPMNShape bpmnElement="start" bioc:stroke="#0d4372" bioc:fill="#bbdefb"/>'
        "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></bpmn:definitions>"
    )

    assert read(text.replace("</bpmn:definitions>", drawn)).processes["p"].foreign_extensions == ()

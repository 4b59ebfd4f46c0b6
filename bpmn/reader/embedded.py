"""Forms that stand inside a diagram: zeebe:userTaskForm, named by `formKey="camunda-forms:bpmn:ID"`."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

from bpmn.faults import ModelRefused
from bpmn.reader.collector import Collector
from bpmn.reader.namespaces import BPMN, ZEEBE
from bpmn.xml import Tag

if TYPE_CHECKING:  # read only with the first form
    from bpmn.forms import Form

PREFIX = "camunda-forms:bpmn:"


def read_embedded_forms(process: Tag, collector: Collector, names: frozenset[str]) -> dict[str, Form]:
    """The forms of a process by the ids they are named by; those that cannot be used are faults."""
    forms: dict[str, Form] = {}
    for holder in process.all("extensionElements", BPMN):
        for tag in holder.all("userTaskForm", ZEEBE):
            form = _read(tag, process, collector, names)
            if form:
                forms[form.id] = form
    return forms


def _read(tag: Tag, process: Tag, collector: Collector, names: frozenset[str]) -> Form | None:
    """The form of one tag under the tag's own id, which its JSON need not have."""
    if not tag.get("id"):
        collector.tag(tag, "the form has no id", "give it one, and name it by formKey", process)
        return None
    from bpmn.forms import read_form

    try:
        document = json.loads(tag.text)
        text = json.dumps({**document, "id": tag.get("id")}) if isinstance(document, dict) else tag.text
        return read_form(text, collector.file, names)
    except (ValueError, RecursionError) as error:
        collector.tag(tag, f"form {tag.get('id')} is no JSON ({error})", "save it again from the modeler", process)
    except ModelRefused as refused:
        collector.faults += [dataclasses.replace(fault, line=tag.line) for fault in refused.faults]
    return None

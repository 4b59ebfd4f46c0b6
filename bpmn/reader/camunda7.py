"""Models of Camunda 7, Activiti and Flowable: what to write instead for each of their extensions.

Such a model says what runs in classes and expressions of Java, which nobody here can run. So each extension is refused
where it stands, with what says the same in Camunda 8.
"""

from __future__ import annotations

import re

_LISTENER = "write zeebe:executionListener or zeebe:taskListener with a job type, and let a worker do the work"
_WORKER = "write zeebe:taskDefinition with a job type, and let a worker do the work"
_MAPPING = "write zeebe:ioMapping with inputs and outputs, sources in FEEL (=amount)"
_FORM = "write zeebe:formDefinition with the formId of a form (.form)"
_REMOVE = "remove it: every step is a transaction of its own here"
_HISTORY = "remove it: the journal keeps everything"
_ACCESS = "remove it: who may start a process is the business of what deploys it"

_ATTRIBUTES = {
    "assignee": "write zeebe:assignmentDefinition assignee",
    "candidateGroups": "write zeebe:assignmentDefinition candidateGroups",
    "candidateUsers": "write zeebe:assignmentDefinition candidateUsers",
    "dueDate": "write zeebe:taskSchedule dueDate",
    "followUpDate": "write zeebe:taskSchedule followUpDate",
    "priority": "write zeebe:priorityDefinition priority",
    "formKey": _FORM,
    "formRef": _FORM,
    "formRefBinding": "write bindingType at zeebe:formDefinition",
    "formRefVersion": "write versionTag at zeebe:formDefinition",
    "formHandlerClass": _FORM,
    "class": _WORKER,
    "delegateExpression": _WORKER,
    "expression": "write zeebe:script in a script task, or zeebe:taskDefinition with a job type",
    "topic": "write zeebe:taskDefinition with the topic as its type",
    "type": "remove it: zeebe:taskDefinition has the job type",
    "taskPriority": "remove it: jobs have no priority here",
    "resultVariable": "write resultVariable at zeebe:script or zeebe:calledDecision, or an output mapping",
    "decisionRef": "write zeebe:calledDecision decisionId",
    "decisionRefBinding": "write bindingType at zeebe:calledDecision",
    "decisionRefVersion": "write versionTag at zeebe:calledDecision",
    "decisionRefVersionTag": "write versionTag at zeebe:calledDecision",
    "decisionRefTenantId": "remove it: there are no tenants here",
    "mapDecisionResult": "remove it: the result is what the decision gives; take parts of it by an output mapping",
    "calledElementBinding": "write bindingType at zeebe:calledElement",
    "calledElementVersion": "write versionTag at zeebe:calledElement",
    "calledElementVersionTag": "write versionTag at zeebe:calledElement",
    "calledElementTenantId": "remove it: there are no tenants here",
    "variableMappingClass": _MAPPING,
    "variableMappingDelegateExpression": _MAPPING,
    "collection": "write zeebe:loopCharacteristics inputCollection",
    "elementVariable": "write zeebe:loopCharacteristics inputElement",
    "initiator": "give the process a variable with who started it",
    "asyncBefore": _REMOVE,
    "asyncAfter": _REMOVE,
    "async": _REMOVE,
    "exclusive": _REMOVE,
    "jobPriority": "remove it: jobs have no priority here",
    "historyTimeToLive": _HISTORY,
    "versionTag": "write zeebe:versionTag value",
    "isStartableInTasklist": _ACCESS,
    "candidateStarterGroups": _ACCESS,
    "candidateStarterUsers": _ACCESS,
    "errorMessage": "remove it: who throws the error says its message",
    "errorCodeVariable": "write an output mapping at the event",
    "errorMessageVariable": "write an output mapping at the event",
    "escalationCodeVariable": "write an output mapping at the event",
    "variableName": "write zeebe:conditionalFilter variableNames",
    "variableEvents": "write zeebe:conditionalFilter variableEvents",
    "resource": "write zeebe:script with an expression in FEEL",
    "modelerTemplate": "write zeebe:modelerTemplate, or remove it",
    "modelerTemplateVersion": "write zeebe:modelerTemplateVersion, or remove it",
}
_ELEMENTS = {
    "inputOutput": _MAPPING,
    "in": _MAPPING,
    "out": _MAPPING,
    "executionListener": _LISTENER,
    "taskListener": _LISTENER,
    "formData": _FORM,
    "formProperty": _FORM,
    "field": "write zeebe:taskHeaders with a header of that name",
    "properties": "write zeebe:properties",
    "connector": _WORKER,
    "failedJobRetryTimeCycle": "write retries at zeebe:taskDefinition",
    "errorEventDefinition": "let the worker throw the error, and draw an error boundary event",
    "potentialStarter": _ACCESS,
    "script": "write zeebe:script with an expression in FEEL",
}


_PLACE = re.compile(r"write zeebe:\w+ \w+")


def attribute_remedy(name: str, value: str) -> str:
    """What to write instead of an attribute; its value is said again in FEEL where it is an expression of Java."""
    remedy = _ATTRIBUTES.get(name, "remove it, or say in zeebe: what it says")
    return f'{remedy}="{to_feel(value)}"' if is_java(value) and _PLACE.fullmatch(remedy) else remedy


def element_remedy(name: str) -> str:
    """What to write instead of an extension element."""
    return _ELEMENTS.get(name, "remove it, or say in zeebe: what it says")


def is_java(text: str) -> bool:
    """Whether a text is, or holds, an expression in the language of Java (`${amount}`)."""
    return "${" in text or "#{" in text


_OPERATORS = (("&&", " and "), ("||", " or "), ("==", "="), ("'", '"'))


def to_feel(text: str) -> str:
    """A proposal of the same expression in FEEL: `${a == 1 && b}` is `=a = 1 and b`."""
    whole = re.fullmatch(r"\s*[$#]\{(.*)\}\s*", text, re.DOTALL)
    if whole is None:
        return f"={text}"
    inside = whole[1].strip()
    for java, feel in _OPERATORS:
        inside = inside.replace(java, feel)
    inside = re.sub(r"!(?!=)\s*([\w.]+)", r"not(\1)", inside)
    return "=" + re.sub(r"(?<=\S)  +", " ", inside)

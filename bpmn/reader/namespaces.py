"""The XML namespaces that mean something here."""

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
YEKUO = "http://yekuo.org/schema/1.0"
DIAGRAM = (
    "http://www.omg.org/spec/BPMN/20100524/DI",
    "http://www.omg.org/spec/DD/20100524/DC",
    "http://www.omg.org/spec/DD/20100524/DI",
)
CAMUNDA_7 = {CAMUNDA: "camunda", "http://activiti.org/bpmn": "activiti", "http://flowable.org/bpmn": "flowable"}
"""Engines that run expressions and classes of Java, with the prefixes that their models are written with."""

KNOWN = frozenset(
    {
        BPMN,
        ZEEBE,
        YEKUO,
        *DIAGRAM,
        "http://www.w3.org/2001/XMLSchema-instance",
        "http://www.w3.org/XML/1998/namespace",
        "http://camunda.org/schema/modeler/1.0",
        "http://bpmn.io/schema/bpmn/biocolor/1.0",
        "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
    }
)
"""Namespaces that are ours, or that say how a diagram looks and what drew it."""

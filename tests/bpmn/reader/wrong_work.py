"""Wrong models whose extension elements say wrongly what work is to be done."""

from __future__ import annotations

from tests.bpmn.reader.wrong_models import around, extended

WORK = [
    # -- work --
    around("no job type", '<bpmn:serviceTask id="A"/>', ("serviceTask", "A", "it has no task definition")),
    around(
        "empty job type",
        extended("serviceTask", "A", "<zeebe:taskDefinition/>"),
        ("serviceTask", "A", "its job type is empty"),
    ),
    around("no decision", '<bpmn:businessRuleTask id="A"/>', ("businessRuleTask", "A", "it has no decision")),
    around(
        "no result",
        extended("scriptTask", "A", '<zeebe:script expression="=1"/>'),
        ("scriptTask", "A", "its result goes nowhere"),
    ),
    around(
        "result that is no name",
        extended("scriptTask", "A", '<zeebe:script expression="=1" resultVariable="my result"/>'),
        ("scriptTask", "A", "my result is no name of a variable"),
    ),
    around("no called process", '<bpmn:callActivity id="A"/>', ("callActivity", "A", "it calls no process")),
    around(
        "mapping without a target",
        extended("userTask", "A", '<zeebe:ioMapping><zeebe:input source="=1"/></zeebe:ioMapping>'),
        ("userTask", "A", "a variable mapping has no source or no target"),
    ),
    around(
        "output mapping without a source",
        extended("userTask", "A", '<zeebe:ioMapping><zeebe:output target="x"/></zeebe:ioMapping>'),
        ("userTask", "A", "a variable mapping has no source or no target"),
    ),
    *(
        around(
            f"mapping to {target}",
            extended(
                "userTask", "A", f'<zeebe:ioMapping><zeebe:output source="=1" target="{target}"/></zeebe:ioMapping>'
            ),
            ("userTask", "A", f"{target} is no name of a variable"),
        )
        for target in ("a b", "=a", "a..b", "1a", "a-b")
    ),
    around(
        "expression that cannot be parsed",
        extended("userTask", "A", '<zeebe:assignmentDefinition assignee="=if x then"/>'),
        ("userTask", "A", "=if x then is no FEEL"),
    ),
    around(
        "mapping that cannot be parsed",
        extended("userTask", "A", '<zeebe:ioMapping><zeebe:input source="=1 +" target="x"/></zeebe:ioMapping>'),
        ("userTask", "A", "=1 + is no FEEL"),
    ),
    around(
        "random number",
        extended("scriptTask", "A", '<zeebe:script expression="=random number()" resultVariable="r"/>'),
        ("scriptTask", "A", "=random number() is no FEEL"),
    ),
    around(
        "work for an event that only marks a place",
        extended("intermediateThrowEvent", "A", '<zeebe:taskDefinition type="t"/>'),
        ("intermediateThrowEvent", "A", "a none event has no work to do"),
    ),
    # -- extension elements --
    around(
        "extension that is not run",
        extended("userTask", "A", "<zeebe:teleport/>"),
        ("zeebe:teleport", "A", "zeebe:teleport is not run here"),
    ),
    around(
        "extension on the wrong element",
        extended("userTask", "A", '<zeebe:taskDefinition type="t"/>'),
        ("zeebe:taskDefinition", "A", "zeebe:taskDefinition has no meaning on a userTask"),
    ),
    around(
        "extension twice",
        extended("serviceTask", "A", '<zeebe:taskDefinition type="t"/>\n<zeebe:taskDefinition type="u"/>'),
        ('type="u"', "A", "zeebe:taskDefinition stands twice"),
    ),
    around(
        "unknown attribute",
        extended("userTask", "A", '<zeebe:formDefinition formName="k"/>'),
        ("zeebe:formDefinition", "A", "attribute formName of zeebe:formDefinition is not run here"),
    ),
    around(
        "unknown mapping",
        extended("userTask", "A", '<zeebe:ioMapping>\n<zeebe:both source="=1" target="x"/>\n</zeebe:ioMapping>'),
        ("zeebe:both", "A", "zeebe:both in zeebe:ioMapping is not run here"),
    ),
    around(
        "binding that nobody knows",
        extended("callActivity", "A", '<zeebe:calledElement processId="q" bindingType="version"/>'),
        ("zeebe:calledElement", "A", "binding version is not run here"),
    ),
    around(
        "binding by a version tag that is missing",
        extended("callActivity", "A", '<zeebe:calledElement processId="q" bindingType="versionTag"/>'),
        ("zeebe:calledElement", "A", "the binding names no version tag"),
    ),
    around(
        "Camunda 7 attribute",
        '<bpmn:userTask id="A" xmlns:camunda="http://camunda.org/schema/1.0/bpmn" camunda:assignee="li"/>',
        ("userTask", "A", "attribute camunda:assignee belongs to Camunda 7"),
    ),
    around(
        "Camunda 7 element",
        extended("userTask", "A", '<c:in xmlns:c="http://camunda.org/schema/1.0/bpmn"/>'),
        ("<c:in", "A", "camunda:in belongs to Camunda 7"),
    ),
    around(
        "own extension that is unknown",
        extended("callActivity", "A", '<zeebe:calledElement processId="q"/>\n<yekuo:dance/>'),
        ("yekuo:dance", "A", "yekuo:dance is unknown"),
    ),
    around(
        "message of a withdrawn call on another element",
        extended("userTask", "A", '<yekuo:onCancel message="M"/>'),
        ("yekuo:onCancel", "A", "yekuo:onCancel names the message"),
    ),
]

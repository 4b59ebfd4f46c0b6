"""Models that read and write data stores."""

from __future__ import annotations

from tests.bpmn.building import Part, Shape

REGISTER = Shape("dataStoreReference", "register", {"name": "register", "dataStoreRef": "Register"})
"""The reference by which a process knows the store 台账."""
_STORE = '<bpmn:dataStore id="Register" name="台账" capacity="3" isUnlimited="false"/>'


def puts(value: str, path: str = "", id_: str = "put") -> Part:
    """Of an activity: it puts a value into the store when it ends, at a path in it or as the whole."""
    source = f'<bpmn:transformation xsi:type="bpmn:tFormalExpression">={value}</bpmn:transformation>'
    if path:
        source = (
            f'<bpmn:assignment><bpmn:from xsi:type="bpmn:tFormalExpression">={value}</bpmn:from>'
            f'<bpmn:to xsi:type="bpmn:tFormalExpression">register.{path}</bpmn:to></bpmn:assignment>'
        )
    association = f"<bpmn:targetRef>register</bpmn:targetRef>{source}"
    return Part(
        f'<bpmn:dataOutputAssociation id="{id_}">{association}</bpmn:dataOutputAssociation>', globals_=(_STORE,)
    )


def takes(variable: str) -> Part:
    """Of an activity: it has what the store holds as this variable when it begins."""
    return Part(
        f'<bpmn:ioSpecification id="spec_{variable}"><bpmn:dataInput id="in_{variable}" name="{variable}"/>'
        f'<bpmn:inputSet id="set_{variable}"><bpmn:dataInputRefs>in_{variable}</bpmn:dataInputRefs></bpmn:inputSet>'
        f'<bpmn:outputSet id="outset_{variable}"/></bpmn:ioSpecification>'
        f'<bpmn:dataInputAssociation id="take_{variable}"><bpmn:sourceRef>register</bpmn:sourceRef>'
        f"<bpmn:targetRef>in_{variable}</bpmn:targetRef></bpmn:dataInputAssociation>",
        globals_=(_STORE,),
    )

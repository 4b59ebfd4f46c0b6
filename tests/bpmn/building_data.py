"""Parts of small models that are about data: what `building.py` is for the rest."""

from __future__ import annotations

from collections.abc import Iterable

from tests.bpmn.building import Part


def item(tag: str, id_: str, *inside: str, globals_: tuple[str, ...] = (), **attributes: str) -> Part:
    """A piece of data in the element that this part belongs to."""
    return Part(_item(tag, id_, *inside, **attributes), globals_=globals_)


def _item(tag: str, id_: str, *inside: str, **attributes: str) -> str:
    written = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<bpmn:{tag} id="{id_}"{written}>{"".join(inside)}</bpmn:{tag}>'


def reads(source: str, target: str, *inside: str) -> Part:
    """A data input association."""
    return Part(_association("dataInputAssociation", source, target, *inside))


def writes(source: str, target: str, *inside: str) -> Part:
    """A data output association."""
    return Part(_association("dataOutputAssociation", source, target, *inside))


def _association(tag: str, source: str, target: str, *inside: str) -> str:
    sources = "".join(f"<bpmn:sourceRef>{one}</bpmn:sourceRef>" for one in source.split())
    ends = sources + (f"<bpmn:targetRef>{target}</bpmn:targetRef>" if target else "")
    return f"<bpmn:{tag}>{ends}{''.join(inside)}</bpmn:{tag}>"


def computed(expression: str) -> str:
    """The transformation of an association."""
    return f"<bpmn:transformation>{expression}</bpmn:transformation>"


def assigned(source: str, target: str) -> str:
    """An assignment of an association."""
    return f"<bpmn:assignment><bpmn:from>{source}</bpmn:from><bpmn:to>{target}</bpmn:to></bpmn:assignment>"


def specification(
    inputs: Iterable[str] = (),
    outputs: Iterable[str] = (),
    needs: Iterable[tuple[str, ...]] = (),
    gives: Iterable[tuple[str, ...]] = (),
    collection: str = "",
) -> Part:
    """An input/output specification: data inputs and outputs by name, input and output sets."""
    rows = [
        f'<bpmn:{tag} id="{name}" name="{name}" isCollection="{str(name == collection).lower()}"/>'
        for tag, names in (("dataInput", inputs), ("dataOutput", outputs))
        for name in names
    ]
    for tag, part, sets in (("inputSet", "dataInputRefs", needs), ("outputSet", "dataOutputRefs", gives)):
        listed = ("".join(f"<bpmn:{part}>{name}</bpmn:{part}>" for name in names) for names in sets)
        rows += [f"<bpmn:{tag}>{names}</bpmn:{tag}>" for names in listed]
    return Part(f"<bpmn:ioSpecification>{''.join(rows)}</bpmn:ioSpecification>")

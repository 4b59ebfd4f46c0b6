"""Data: what elements hold of it, and how it goes from one to another (BPMN 2.0 §10.4)."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Mapping:
    """One variable mapping: the value of `source` goes to `target`, a name or a dotted path."""

    source: str
    target: str


@dataclass(frozen=True)
class DataItem:
    """A data object, property, data input or data output (BPMN 2.0 §10.4.1): a variable of the element it stands in.

    `structure` and `item_kind` are those of its item definition, `type` the simple type that the structure names, where
    that is known: every value, of a collection every member, must be of it. `states` are the data states it is drawn
    with, by the id of the object or of the reference to it.
    """

    id: str
    variable: str
    kind: str
    collection: bool = False
    structure: str = ""
    item_kind: str = ""
    states: dict[str, str] = field(default_factory=dict)
    type: str = ""


@dataclass(frozen=True)
class StoreAccess:
    """A data store that is read, by the name the world has for it; its content is called `variable`."""

    variable: str
    store: str


@dataclass(frozen=True)
class StoreWrite:
    """A value that goes into a data store, at a dotted path in it, or as a whole where that is empty."""

    store: str
    source: str
    path: str = ""


@dataclass(frozen=True)
class Data:
    """What an element holds and does about data (BPMN 2.0 §10.4).

    `inputs` and `outputs` are its data associations as mappings, `reads` and `writes` those with data stores;
    of the `input_sets` and `output_sets`, the variables that must not be null in one of them.
    """

    items: tuple[DataItem, ...] = ()
    inputs: tuple[Mapping, ...] = ()
    outputs: tuple[Mapping, ...] = ()
    reads: tuple[StoreAccess, ...] = ()
    writes: tuple[StoreWrite, ...] = ()
    input_sets: tuple[tuple[str, ...], ...] = ()
    output_sets: tuple[tuple[str, ...], ...] = ()

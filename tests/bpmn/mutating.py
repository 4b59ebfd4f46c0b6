"""Spoils valid files at random, as broken tools, bad merges and bad intent do; all chance comes from one `Random`."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from random import Random
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

ODD = (
    *(
        "",
        " ",
        "=",
        "=1 +",
        "=null",
        "=" + "(" * 300,
        "${x}",
        "true",
        "-1",
        "A",
        "审核",
        "\U0001f600",
        "a b",
        "x" * 5000,
    ),
    *("=[1..999999999]", "R/PT0S", "P9999999999Y", "R999999999999/P1D", "2026-13-01", "2026-01-01T00:00:00[Mars/X]"),
    *(
        "=a.b.c",
        '="' + "\\" * 50 + '"',
        "=for x in y return x",
        "Definitions_1",
        "bpmn:Task",
        "#",
        "http://x#y",
        "NaN",
        "1e999",
    ),
)
"""Texts that something somewhere may stumble over."""


def spoilt_xml(chance: Random, text: bytes) -> bytes | str:
    """A file with a few changes to its tree, and now and then to its letters."""
    root = ElementTree.fromstring(text)
    for _ in range(chance.choice([0, 1, 1, 1, 2, 3, 6])):
        chance.choice(_ON_TREES)(chance, root)
    return _written(chance, ElementTree.tostring(root, "unicode"))


def spoilt_json(chance: Random, text: bytes) -> bytes | str:
    """The same for a file of JSON."""
    document = json.loads(text)
    for _ in range(chance.choice([0, 1, 1, 1, 2, 3, 6])):
        _spoil_value(chance, document)
    return _written(chance, json.dumps(document, ensure_ascii=chance.random() < 0.5))


# -- trees of XML ------------------------------------------------------------------------------------------------------


def _somewhere(chance: Random, root: Element) -> tuple[Element, int]:
    """An element and the place of one of its children."""
    parents = [element for element in root.iter() if len(element)]
    if not parents:
        root.append(Element("bpmn"))
        parents = [root]
    parent = chance.choice(parents)
    return parent, chance.randrange(len(parent))


def _drop(chance: Random, root: Element) -> None:
    parent, place = _somewhere(chance, root)
    del parent[place]


def _double(chance: Random, root: Element) -> None:
    parent, place = _somewhere(chance, root)
    parent.insert(place, copy.deepcopy(parent[place]))


def _move(chance: Random, root: Element) -> None:
    parent, place = _somewhere(chance, root)
    other = copy.deepcopy(parent[place])
    del parent[place]
    chance.choice(list(root.iter())).append(other)


def _rename(chance: Random, root: Element) -> None:
    every = list(root.iter())
    chance.choice(every).tag = chance.choice([chance.choice(every).tag, "{urn:x}y", "plain"])


def _attribute(chance: Random, root: Element) -> None:
    """An attribute goes, gets another name, or another value: an odd one, or that of another attribute."""
    element = chance.choice(list(root.iter()))
    if not element.attrib:
        return
    name = chance.choice(sorted(element.attrib))
    way = chance.randrange(4)
    value = element.attrib.pop(name)
    if way == 1:
        element.set(chance.choice(["id", "name", "default", "attachedToRef", "sourceRef", "processId", "href"]), value)
    elif way == 2:
        element.set(name, chance.choice(ODD))
    elif way == 3:
        values = [other for one in root.iter() for other in one.attrib.values()] or [""]
        element.set(name, chance.choice(values))


def _text(chance: Random, root: Element) -> None:
    chance.choice(list(root.iter())).text = chance.choice(ODD)


def _nest(chance: Random, root: Element) -> None:
    """An element that holds itself, many times."""
    parent, place = _somewhere(chance, root)
    inner = parent[place]
    for _ in range(chance.choice([1, 5, 99, 120, 400])):
        outer = Element(inner.tag, dict(parent[place].attrib))
        outer.append(inner)
        inner = outer
    parent[place] = inner


_ON_TREES: tuple[Callable[[Random, Element], None], ...] = (_drop, _double, _move, _rename, _text, _nest)
_ON_TREES += (_attribute,) * 4


# -- JSON --------------------------------------------------------------------------------------------------------------


def _spoil_value(chance: Random, value: Any) -> None:
    """One entry somewhere inside goes, gets another name, or another value."""
    holders = [one for one in _inside(value) if one]
    holder = chance.choice(holders)
    key = chance.choice(list(holder)) if isinstance(holder, dict) else chance.randrange(len(holder))
    way = chance.randrange(5)
    odd: Any = chance.choice([None, True, 0, -1, 10**40, 1.5, [], {}, [[]], {"a": {}}, *ODD])
    if way == 0:
        del holder[key]
    elif way == 1:
        holder[key] = odd
    elif way == 2:
        holder[key] = copy.deepcopy(chance.choice(holders))
    elif isinstance(holder, dict):
        holder[chance.choice(["id", "key", "type", "components", "validate", "min", "pattern", "values"])] = odd
    else:
        holder.append(copy.deepcopy(holder[key]))


def _inside(value: Any) -> list[Any]:
    """Every object and list, outermost first."""
    if not isinstance(value, dict | list):
        return []
    parts = value.values() if isinstance(value, dict) else value
    return [value, *(inner for part in parts for inner in _inside(part))]


# -- letters -----------------------------------------------------------------------------------------------------------


def _written(chance: Random, text: str) -> bytes | str:
    """The text as a file, mostly as it should be."""
    way = chance.randrange(20)
    place = chance.randrange(len(text) + 1)
    if way == 0:
        return text[:place]
    if way == 1:
        return (
            text[:place]
            + chance.choice(["\x00", "&x;", "<", "]]>", "<!--", "&#0;", "&#xD800;", "\ud800", "\x1f"])
            + text[place:]
        )
    if way == 2:
        return '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + text
    if way == 3:
        return text[:place] + text[min(len(text), place + chance.randrange(200)) :]
    if way == 4:
        return text.encode(chance.choice(["utf-16", "utf-32", "utf-8-sig", "utf-7", "gb18030", "utf-16-le"]))
    if way == 5:
        encoding = chance.choice(["latin-1", "gb18030", "utf-16", "no-such", "utf-7", "ascii", "cp1252"])
        return f'<?xml version="1.0" encoding="{encoding}"?>{text}'.encode("utf-8", "surrogatepass")
    if way == 6:
        raw = bytearray(text.encode("utf-8", "surrogatepass"))
        for _ in range(chance.randint(1, 5)):
            raw[chance.randrange(len(raw))] = chance.randrange(256)
        return bytes(raw)
    return text.encode("utf-8", "surrogatepass") if chance.random() < 0.5 else text

"""Reads XML into a small tree that knows its line numbers, with DTDs, entities and the network off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from bpmn.faults import Fault, ModelRefused

_SEPARATOR = "\x1f"
MAX_DEPTH = 100
"""How deep tags may be nested: in BPMN a sub-process in a sub-process takes one level."""


@dataclass
class Tag:
    """One XML element: namespace and local name apart, attributes as written (qualified ones as `{ns}name`)."""

    namespace: str
    name: str
    line: int
    attributes: dict[str, str]
    children: list[Tag] = field(default_factory=list)
    text: str = ""

    def get(self, attribute: str, default: str = "") -> str:
        return self.attributes.get(attribute, default)

    def all(self, name: str, namespace: str | None = None) -> Iterator[Tag]:
        """The child elements of that local name (and namespace, if given), in document order."""
        for child in self.children:
            if child.name == name and (namespace is None or child.namespace == namespace):
                yield child

    def first(self, name: str, namespace: str | None = None) -> Tag | None:
        return next(self.all(name, namespace), None)

    def nests(self, levels: int) -> bool:
        """Whether elements below this one are nested in more than so many levels."""
        level = [self]
        for _ in range(levels):
            level = [child for tag in level for child in tag.children]
        return bool(level)

    def walk(self) -> Iterator[Tag]:
        """This element and everything below it, in document order."""
        stack = [self]
        while stack:
            tag = stack.pop()
            yield tag
            stack.extend(reversed(tag.children))


class _Builder:
    def __init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.open: list[Tag] = []
        self.root: Tag | None = None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, local = _split(name)
        tag = Tag(
            namespace,
            local,
            self.parser.CurrentLineNumber,
            {_attribute(key): value for key, value in attributes.items()},
        )
        if self.open:
            self.open[-1].children.append(tag)
        else:
            self.root = tag
        self.open.append(tag)

    def _end(self, _name: str) -> None:
        self.open.pop()

    def _characters(self, data: str) -> None:
        self.open[-1].text += data

    def _doctype(self, *_declaration: object) -> None:
        raise _DoctypeFound(self.parser.CurrentLineNumber)


class _DoctypeFound(Exception):
    def __init__(self, line: int) -> None:
        self.line = line


def _split(name: str) -> tuple[str, str]:
    namespace, separator, local = name.rpartition(_SEPARATOR)
    return (namespace, local) if separator else ("", name)


def _attribute(name: str) -> str:
    namespace, local = _split(name)
    return f"{{{namespace}}}{local}" if namespace else local


def parse(xml: str | bytes, file: str) -> Tag:
    """The root element of `xml`.

    Raises `ModelRefused` with line and remedy where the text is not well-formed, is not UTF-8/16 as it claims, or
    declares a DTD (the only way to entities and outside references, so all three are refused at once).
    """
    builder = _Builder()
    try:
        builder.parser.Parse(xml.encode() if isinstance(xml, str) else xml, True)
    except _DoctypeFound as found:
        fault = Fault(
            file,
            found.line,
            "",
            "",
            "the file declares a DTD",
            "remove the DOCTYPE; DTDs and entities are not read",
        )
        raise ModelRefused([fault]) from None
    except (expat.ExpatError, ValueError, LookupError) as error:
        line = error.lineno if isinstance(error, expat.ExpatError) else 0
        fault = Fault(
            file, line, "", "", f"the file is not well-formed XML ({error})", "save it again from the modeler"
        )
        raise ModelRefused([fault]) from None
    assert builder.root is not None
    return builder.root

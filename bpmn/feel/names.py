"""Names with spaces and signs.

FEEL names may hold spaces and the signs `. / - ' + *` ("full time equivalent", "Pre-bureau risk category"); where one
ends depends on which names are known. Before parsing, each known name in the text is masked: every character of it
that the grammar would take for something else is replaced by a private-use character of the same width, so that the
grammar sees one plain identifier and positions stay true. `unmask` gives the name back, its blanks made single.
"""

from __future__ import annotations

import re
from functools import lru_cache

START = (
    "?_A-Za-z\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\ue000-\ufdff\ufdf0-\ufffd\U00010000-\U000effff"
)
PART = START + "0-9\u00b7\u203f\u2040"
_BLANK = "\ue000"
_SIGNS = dict(zip("./-'+*", "\ue001\ue002\ue003\ue004\ue005\ue006", strict=True))
_MASK = str.maketrans(dict.fromkeys(" \t\r\n\f\v\u00a0\u2003\u3000", _BLANK) | _SIGNS)
_UNMASK = str.maketrans({_BLANK: " "} | {code: sign for sign, code in _SIGNS.items()})
_RESERVED = {
    *("and", "or", "in", "between", "instance", "if", "then", "else", "for", "return", "some", "every", "satisfies"),
    *("function", "true", "false", "null"),
}
_LITERALS = r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/|`[^`\n]+`'
_TOKEN = re.compile(rf"{_LITERALS}|[{PART}]+|\s+|.", re.DOTALL)
_PLAIN = re.compile(rf"[{START}][{PART}]*")
_PRIVATE = re.compile("[\ue000-\ue006]")


def is_plain(name: str) -> bool:
    """Whether `name` is one identifier that needs no telling."""
    return _PLAIN.fullmatch(name) is not None


def normalise(name: str) -> str:
    return " ".join(name.split())


def unmask(token: str) -> str:
    """The name that a NAME of the grammar stands for."""
    if token.startswith("`"):
        return normalise(token[1:-1])
    if _PRIVATE.search(token) is None:
        return str(token)
    return normalise(token.translate(_UNMASK))


def mask(text: str, names: frozenset[str]) -> str:
    """`text` with every known name in it made one identifier: `names`, and those that the text itself binds."""
    bound = frozenset(name for name in _bound(text) if not is_plain(name))
    pattern = _pattern(names | bound)
    if pattern is None:
        return text
    return pattern.sub(lambda found: found.group() if found.lastgroup == "literal" else _masked(found.group()), text)


def _masked(name: str) -> str:
    return name.translate(_MASK)


@lru_cache(maxsize=512)
def _pattern(names: frozenset[str]) -> re.Pattern[str] | None:
    spaced = {normalise(name) for name in names if not is_plain(name)}
    known = sorted((name for name in spaced if _can_be_known(name)), key=lambda name: (-len(name), name))
    if not known:
        return None
    words = "|".join(r"\s+".join(re.escape(word) for word in name.split(" ")) for name in known)
    return re.compile(rf"(?P<literal>{_LITERALS})|(?<![{PART}])(?:{words})(?![{PART}])", re.DOTALL)


def _can_be_known(name: str) -> bool:
    words = name.split(" ")
    return bool(words[0]) and re.match(rf"[{START}]", name) is not None and words[0] not in _RESERVED


def _bound(text: str) -> set[str]:
    """Names that the text binds: of iterators, context entries, function and argument parameters."""
    scan = _Scan()
    for found in _TOKEN.finditer(text):
        scan.take(found.group())
    return scan.names


class _Scan:
    """Reads tokens and collects what stands where only a name can stand."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.open: list[str] = []
        self.iterating: list[int] = []
        self.collected: list[str] | None = None
        self.until = ""
        self.before = ""

    def take(self, token: str) -> None:
        if self.collected is not None and self._ends(token):
            self._keep()
        if token in ("(", "[", "{"):
            self.open.append("f" if token == "(" and self.before == "function" else token)
            self._collect(":,)" if self.open[-1] == "f" else ":")
        elif token in (")", "]", "}"):
            if self.open:
                self.open.pop()
            self._drop()
        elif token == ",":
            self._after_comma()
        elif token in ("for", "some", "every") and self.before != ".":
            self.iterating.append(len(self.open))
            self._collect("in")
        elif token in ("return", "satisfies"):
            if self.iterating:
                self.iterating.pop()
            self._drop()
        elif self.collected is not None:
            self._add(token)
        if not token.isspace():
            self.before = token

    def _after_comma(self) -> None:
        if self.iterating and self.iterating[-1] == len(self.open):
            self._collect("in")
        elif self.open:
            self._collect(":,)" if self.open[-1] == "f" else ":")
        else:
            self._drop()

    def _collect(self, until: str) -> None:
        self.collected, self.until = [], until

    def _drop(self) -> None:
        self.collected = None

    def _add(self, token: str) -> None:
        assert self.collected is not None
        if token[0] == '"' and not "".join(self.collected).strip():
            token = token[1:-1]
        if _NAME_TOKEN.fullmatch(token):
            self.collected.append(token)
        else:
            self._drop()

    def _ends(self, token: str) -> bool:
        return token == "in" if self.until == "in" else token in self.until

    def _keep(self) -> None:
        assert self.collected is not None
        name = normalise("".join(self.collected))
        if name:
            self.names.add(name)
        self.collected = None


_NAME_TOKEN = re.compile(rf"[{PART}./'+*\-\s]+")

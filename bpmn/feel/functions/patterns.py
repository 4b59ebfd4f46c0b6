"""String functions that take a pattern (DMN 1.5, table 74): XPath's regular expressions, each step counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bpmn.feel.environment import Run
from bpmn.feel.functions.registry import builtin, fail
from bpmn.feel.regex import Match, Pattern, PatternError, compile_pattern, search


def _compiled(run: Run, name: str, pattern: str, flags: str) -> Pattern | None:
    try:
        return compile_pattern(pattern, flags)
    except PatternError as error:
        run.fail(f"{name}: {error}")
        return None


def _matches(run: Run, pattern: Pattern, text: str) -> Iterator[Match]:
    """The matches of a pattern one behind the other; the reading goes on one character further after an empty one."""
    start = 0
    while start <= len(text):
        found = search(pattern, text, start, run.spend)
        if found is None:
            return
        yield found
        start = found.end if found.end > found.start else found.end + 1


@builtin("matches", "input:string", "pattern:string", "flags:string=?")
def matches(run: Run, text: str, pattern: str, flags: str | None = None) -> Any:
    compiled = _compiled(run, "matches", pattern, flags or "")
    return None if compiled is None else search(compiled, text, 0, run.spend) is not None


@builtin("replace", "input:string", "pattern:string", "replacement:string", "flags:string=?")
def replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> Any:
    compiled = _compiled(run, "replace", pattern, flags or "")
    if compiled is None:
        return None
    if search(compiled, "", 0, run.spend) is not None:
        return fail(run, "replace: the pattern matches the empty text")
    parts = [replacement] if compiled.quoted else _replacement(replacement, compiled.groups)
    if parts is None:
        return fail(run, "replace: in the replacement «$» stands before a digit and «\\» before «$» or «\\» only")
    pieces: list[str] = []
    last = 0
    for found in _matches(run, compiled, text):
        put = [part if isinstance(part, str) else found.group(text, part) for part in parts]
        run.spend_text(sum(map(len, put)))
        pieces += [text[last : found.start], *put]
        last = found.end
    return "".join([*pieces, text[last:]])


def _replacement(text: str, groups: int) -> list[str | int] | None:
    """The parts of a replacement: texts, and group numbers for `$1`; None where it is ill-formed."""
    parts: list[str | int] = []
    place = 0
    while place < len(text):
        character, follower = text[place], text[place + 1 : place + 2]
        place += 2
        if character == "\\" and follower in ("\\", "$") and follower:
            parts.append(follower)
        elif character == "$" and follower.isdecimal() and follower.isascii():
            number = int(follower)
            while text[place : place + 1].isdecimal() and number * 10 + int(text[place]) <= groups:
                number = number * 10 + int(text[place])
                place += 1
            parts.append(number if number <= groups else "")
        elif character in "\\$":
            return None
        else:
            parts.append(character)
            place -= 1
    return parts


@builtin("split", "string:string", "delimiter:string")
def split(run: Run, text: str, delimiter: str) -> Any:
    """The pieces of a text between the matches of a pattern."""
    compiled = _compiled(run, "split", delimiter, "")
    if compiled is None:
        return None
    pieces: list[str] = []
    last = 0
    for found in _matches(run, compiled, text):
        if found.end > found.start:
            pieces.append(text[last : found.start])
            last = found.end
    return [*pieces, text[last:]]


@builtin("extract", "input:string", "pattern:string", "flags:string=?")
def extract(run: Run, text: str, pattern: str, flags: str | None = None) -> Any:
    """Every part of a text that matches a pattern (Camunda)."""
    compiled = _compiled(run, "extract", pattern, flags or "")
    return None if compiled is None else [text[found.start : found.end] for found in _matches(run, compiled, text)]

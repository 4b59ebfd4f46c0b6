"""Regular expressions of forms, matched in time that grows with the text only, never exponentially.

A pattern comes from a file and a text from anyone, and both meet inside a workflow: a backtracking matcher could hang
it. So the pattern is compiled to a small program whose states all advance together over the text (Thompson 1968; Pike
1987). The language is that of JavaScript's `RegExp` without flags, as form-js uses it, less what needs backtracking:
back references and look-around are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

MAX_PROGRAM = 2_000
MAX_WORK = 500_000
"""The most state visits one match may take: program size times text length."""

Test = Callable[[str], bool]

_DIGIT = "0123456789"
_WORD = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
_LINE_ENDS = "\n\r\u2028\u2029"
_CONTROL = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "0": "\0"}
_SHORTHAND: dict[str, Test] = {
    "d": lambda c: c in _DIGIT,
    "D": lambda c: c not in _DIGIT,
    "w": lambda c: c in _WORD,
    "W": lambda c: c not in _WORD,
    "s": lambda c: c.isspace() or c == "\ufeff",
    "S": lambda c: not (c.isspace() or c == "\ufeff"),
}
_HEX_DIGITS = {"x": 2, "u": 4}
_ASSERTIONS = {"^": "start", "$": "end", "b": "boundary", "B": "no boundary"}


class PatternRefused(ValueError):
    """A pattern that is wrong, or that cannot be matched safely; the text says what is to be changed."""


class TextTooLong(ValueError):
    """A text so long that matching it would take more than `MAX_WORK` steps."""


@dataclass(frozen=True, slots=True)
class _Step:
    """One state: consume a character that passes `test`, check an assertion, or (neither) go on to all of `next`."""

    next: tuple[int, ...]
    test: Test | None = None
    assertion: str = ""


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern; `source` is its text."""

    source: str
    program: tuple[_Step, ...]

    def found_in(self, text: str) -> bool:
        """Whether some part of `text` matches, as JavaScript's `test`. Raises `TextTooLong` beyond `MAX_WORK`."""
        if len(self.program) * (len(text) + 1) > MAX_WORK:
            raise TextTooLong(f"{len(text)} characters are too many to be matched")
        current: list[int] = []
        for position in range(len(text) + 1):
            reached = self._closure([0, *current], text, position)
            if reached is None:
                return True
            if position == len(text):
                return False
            character = text[position]
            current = [self.program[s].next[0] for s in reached if self._consumes(s, character)]
        return False

    def _consumes(self, state: int, character: str) -> bool:
        test = self.program[state].test
        return test is not None and test(character)

    def _closure(self, states: list[int], text: str, position: int) -> list[int] | None:
        """The consuming states reached without a character; None when the end of the program is."""
        seen = bytearray(len(self.program) + 1)
        stack, reached = states, []
        while stack:
            state = stack.pop()
            if seen[state]:
                continue
            seen[state] = 1
            if state == len(self.program):
                return None
            step = self.program[state]
            if step.test is not None:
                reached.append(state)
            elif not step.assertion or _holds(step.assertion, text, position):
                stack.extend(step.next)
        return reached


@lru_cache(maxsize=256)
def compile_pattern(source: str) -> Pattern:
    """The pattern of that text; raises `PatternRefused`."""
    return Pattern(source, tuple(_Compiler(source).program()))


def _holds(assertion: str, text: str, position: int) -> bool:
    if assertion == "start":
        return position == 0
    if assertion == "end":
        return position == len(text)
    before = position > 0 and text[position - 1] in _WORD
    after = position < len(text) and text[position] in _WORD
    return (before != after) is (assertion == "boundary")


_Part = Callable[[list[_Step]], None]
"""Appends to a program the steps of one part of a pattern, which lead on to what is appended next."""


class _Compiler:
    """Reads a pattern from left to right; each method returns the part it has read."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.at = 0
        self.depth = 0

    def program(self) -> list[_Step]:
        part = self._alternatives()
        if self.at < len(self.source):
            raise PatternRefused(f"a ) at character {self.at + 1} closes nothing")
        steps: list[_Step] = []
        part(steps)
        return steps

    def _peek(self) -> str:
        return self.source[self.at : self.at + 1]

    def _take(self) -> str:
        character = self._peek()
        if not character:
            raise PatternRefused("the pattern ends too early")
        self.at += 1
        return character

    def _alternatives(self) -> _Part:
        branches = [self._sequence()]
        while self._peek() == "|":
            self.at += 1
            branches.append(self._sequence())
        return branches[0] if len(branches) == 1 else _either(branches)

    def _sequence(self) -> _Part:
        parts: list[_Part] = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repeated(self._atom()))
        return _in_order(parts)

    def _repeated(self, part: _Part) -> _Part:
        bounds = self._bounds()
        if bounds is None:
            return part
        if self._peek() == "?":
            self.at += 1
        if self._bounds() is not None:
            raise PatternRefused(f"nothing to repeat at character {self.at}")
        return _repeat(part, *bounds)

    def _bounds(self) -> tuple[int, int | None] | None:
        simple = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(self._peek())
        if simple is not None:
            self.at += 1
            return simple
        if self._peek() != "{":
            return None
        inside, closed, _ = self.source[self.at + 1 :].partition("}")
        low, comma, high = inside.partition(",")
        if not closed or not low.isdecimal() or not (high.isdecimal() or high == ""):
            return None
        self.at += len(inside) + 2
        most = int(high) if high else None if comma else int(low)
        if most is not None and most < int(low):
            raise PatternRefused(f"{{{inside}}} asks for at least more than at most")
        return int(low), most

    def _atom(self) -> _Part:
        character = self._take()
        if character == "(":
            return self._group()
        if character == "[":
            return _consume(self._class())
        if character == ".":
            return _consume(lambda c: c not in _LINE_ENDS)
        if character in "^$":
            return _assert(_ASSERTIONS[character])
        if character == "\\":
            return self._escape()
        if character in "*+?":
            raise PatternRefused(f"nothing to repeat at character {self.at}")
        return _consume(_is(character))

    def _group(self) -> _Part:
        if self._peek() == "?":
            self._group_kind()
        self.depth += 1
        if self.depth > 50:
            raise PatternRefused("groups are nested more than 50 deep")
        inside = self._alternatives()
        self.depth -= 1
        if self._peek() != ")":
            raise PatternRefused("a ( is not closed")
        self.at += 1
        return inside

    def _group_kind(self) -> None:
        rest = self.source[self.at :]
        if rest.startswith("?:"):
            self.at += 2
        elif rest.startswith("?<") and not rest.startswith(("?<=", "?<!")) and ">" in rest:
            self.at += rest.index(">") + 1
        else:
            raise PatternRefused("look-ahead and look-behind are not supported; say it without them")

    def _escape(self) -> _Part:
        character = self._take()
        if character in "bB":
            return _assert(_ASSERTIONS[character])
        if character in "123456789k":
            raise PatternRefused("back references are not supported; say it without them")
        if character in _SHORTHAND:
            return _consume(_SHORTHAND[character])
        return _consume(_is(self._escaped(character)))

    def _escaped(self, character: str) -> str:
        if character in _CONTROL:
            return _CONTROL[character]
        if character in _HEX_DIGITS:
            digits = self.source[self.at : self.at + _HEX_DIGITS[character]]
            if len(digits) != _HEX_DIGITS[character] or any(d not in "0123456789abcdefABCDEF" for d in digits):
                raise PatternRefused(f"\\{character} needs {_HEX_DIGITS[character]} hexadecimal digits")
            self.at += len(digits)
            return chr(int(digits, 16))
        if character in _WORD:
            raise PatternRefused(f"\\{character} has no meaning here")
        return character

    def _class(self) -> Test:
        negated = self._peek() == "^"
        if negated:
            self.at += 1
        tests: list[Test] = []
        while self._peek() != "]":
            tests.append(self._class_member())
        self.at += 1
        return lambda c: any(test(c) for test in tests) is not negated

    def _class_member(self) -> Test:
        first = self._class_character()
        follows_range = self._peek() == "-" and self.source[self.at + 1 : self.at + 2] not in ("]", "")
        if not follows_range:
            return _is(first) if isinstance(first, str) else first
        self.at += 1
        last = self._class_character()
        if not isinstance(first, str) or not isinstance(last, str):
            raise PatternRefused("a range in [...] needs a character at both ends")
        if last < first:
            raise PatternRefused(f"the range {first}-{last} runs backwards")
        return _between(first, last)

    def _class_character(self) -> str | Test:
        character = self._take()
        if character != "\\":
            return character
        character = self._take()
        if character in _SHORTHAND:
            return _SHORTHAND[character]
        return "\b" if character == "b" else self._escaped(character)


def _is(wanted: str) -> Test:
    return lambda c: c == wanted


def _between(first: str, last: str) -> Test:
    return lambda c: first <= c <= last


def _append(steps: list[_Step], step: _Step) -> None:
    if len(steps) >= MAX_PROGRAM:
        raise PatternRefused("the pattern is too large; use smaller repetitions")
    steps.append(step)


def _consume(test: Test) -> _Part:
    return lambda steps: _append(steps, _Step((len(steps) + 1,), test))


def _assert(assertion: str) -> _Part:
    return lambda steps: _append(steps, _Step((len(steps) + 1,), assertion=assertion))


def _in_order(parts: list[_Part]) -> _Part:
    def part(steps: list[_Step]) -> None:
        for each in parts:
            each(steps)

    return part


def _either(branches: list[_Part]) -> _Part:
    def part(steps: list[_Step]) -> None:
        fork = len(steps)
        _append(steps, _Step(()))
        starts, ends = [], []
        for branch in branches:
            starts.append(len(steps))
            branch(steps)
            ends.append(len(steps))
            _append(steps, _Step(()))
        steps[fork] = _Step(tuple(starts))
        for end in ends:
            steps[end] = _Step((len(steps),))

    return part


def _optional(inner: _Part) -> _Part:
    def part(steps: list[_Step]) -> None:
        fork = len(steps)
        _append(steps, _Step(()))
        inner(steps)
        steps[fork] = _Step((fork + 1, len(steps)))

    return part


def _any_number(inner: _Part) -> _Part:
    def part(steps: list[_Step]) -> None:
        fork = len(steps)
        _append(steps, _Step(()))
        inner(steps)
        _append(steps, _Step((fork,)))
        steps[fork] = _Step((fork + 1, len(steps)))

    return part


def _repeat(inner: _Part, least: int, most: int | None) -> _Part:
    if max(least, most or 0) > MAX_PROGRAM:
        raise PatternRefused("the pattern is too large; use smaller repetitions")
    rest = [_any_number(inner)] if most is None else [_optional(inner)] * (most - least)
    return _in_order([_copies(inner, least), *rest])


def _copies(inner: _Part, count: int) -> _Part:
    def part(steps: list[_Step]) -> None:
        for _ in range(count):
            before = len(steps)
            inner(steps)
            if len(steps) == before:
                return

    return part

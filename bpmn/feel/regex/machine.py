"""A pattern's tree as a program, and the machine that runs it over a text, with its own stack of choices."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bpmn.feel.regex.classes import variants
from bpmn.feel.regex.parser import (
    Anchor,
    AnyCharacter,
    BackReference,
    Choice,
    Class,
    Group,
    Item,
    PatternError,
    Repeat,
    Sequence,
    Single,
    parse,
)

_MAX_PROGRAM = 20_000
_LITERAL, _TEST, _SPLIT, _JUMP, _SAVE, _ANCHOR, _REFERENCE, _DONE = range(8)
_STEPS_PER_REPORT = 64
Instruction = tuple[int, Any, Any]
Spend = Callable[[int], None]


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern. `quoted` says that it was given with the flag q."""

    program: tuple[Instruction, ...]
    groups: int
    quoted: bool
    ignore_case: bool
    has_references: bool


@dataclass(frozen=True, slots=True)
class Match:
    start: int
    end: int
    saves: tuple[int, ...]

    def group(self, text: str, number: int) -> str:
        """What a group matched, "" where it took no part; group 0 is the whole match."""
        if number == 0:
            return text[self.start : self.end]
        first, last = self.saves[2 * number - 2], self.saves[2 * number - 1]
        return text[first:last] if 0 <= first <= last else ""


@lru_cache(maxsize=512)
def compile_pattern(pattern: str, flags: str) -> Pattern:
    """The program of a pattern with the flags s, m, i, x and q; raises `PatternError`."""
    strange = [flag for flag in flags if flag not in "smixq"]
    if strange:
        raise PatternError(f"there is no flag «{strange[0]}»; there are s, m, i, x and q")
    quoted = "q" in flags
    if quoted:
        tree, groups = Sequence(tuple(Single(character) for character in pattern)), 0
    else:
        tree, groups = _parsed(pattern, "x" in flags)
    writer = _Writer(flags)
    writer.write(tree)
    writer.emit(_DONE)
    has_references = any(instruction[0] == _REFERENCE for instruction in writer.program)
    return Pattern(tuple(writer.program), groups, quoted, "i" in flags, has_references)


def _parsed(pattern: str, ignore_blanks: bool) -> tuple[Any, int]:
    return parse(pattern, ignore_blanks)


class _Writer:
    def __init__(self, flags: str) -> None:
        self.program: list[Instruction] = []
        self.ignore_case, self.lines, self.dot_all = "i" in flags, "m" in flags, "s" in flags

    def emit(self, code: int, first: Any = None, second: Any = None) -> int:
        if len(self.program) >= _MAX_PROGRAM:
            raise PatternError("the pattern repeats too much")
        self.program.append((code, first, second))
        return len(self.program) - 1

    def write(self, item: Item) -> None:
        match item:
            case Single(character=character):
                self._single(character)
            case AnyCharacter():
                self.emit(_TEST, (lambda _: True) if self.dot_all else (lambda character: character not in "\n\r"))
            case Class(members=members):
                ignore_case = self.ignore_case
                self.emit(_TEST, lambda character: members.holds(variants(character, ignore_case)))
            case Anchor(sign=sign):
                self.emit(_ANCHOR, sign, self.lines)
            case BackReference(group=group):
                self.emit(_REFERENCE, group)
            case Group():
                self._group(item)
            case Sequence(items=items):
                for part in items:
                    self.write(part)
            case Choice(options=options):
                self._choice(options)
            case Repeat():
                self._repeat(item)

    def _single(self, character: str) -> None:
        if self.ignore_case:
            allowed = frozenset(variants(character, True))
            self.emit(_TEST, lambda other: not allowed.isdisjoint(variants(other, True)))
        else:
            self.emit(_LITERAL, character)

    def _group(self, group: Group) -> None:
        if group.number:
            self.emit(_SAVE, 2 * group.number - 2)
        self.write(group.inner)
        if group.number:
            self.emit(_SAVE, 2 * group.number - 1)

    def _choice(self, options: tuple[Item, ...]) -> None:
        jumps: list[int] = []
        for option in options[:-1]:
            split = self.emit(_SPLIT)
            self.write(option)
            jumps.append(self.emit(_JUMP))
            self.program[split] = (_SPLIT, split + 1, len(self.program))
        self.write(options[-1])
        for jump in jumps:
            self.program[jump] = (_JUMP, len(self.program), None)

    def _repeat(self, repeat: Repeat) -> None:
        for _ in range(repeat.least):
            self.write(repeat.inner)
        if repeat.most is None:
            split = self.emit(_SPLIT)
            self.write(repeat.inner)
            self.emit(_JUMP, split)
            self._branch(split, split + 1, len(self.program), repeat.greedy)
            return
        splits: list[int] = []
        for _ in range(repeat.most - repeat.least):
            splits.append(self.emit(_SPLIT))
            self.write(repeat.inner)
        for split in splits:
            self._branch(split, split + 1, len(self.program), repeat.greedy)

    def _branch(self, split: int, inside: int, behind: int, greedy: bool) -> None:
        self.program[split] = (_SPLIT, inside, behind) if greedy else (_SPLIT, behind, inside)


def search(pattern: Pattern, text: str, start: int, spend: Spend) -> Match | None:
    """The first match at or behind `start`, or None; `spend` is told of the steps and may end the search by raising."""
    machine = _Machine(pattern, text, spend)
    first = pattern.program[0]
    while start <= len(text):
        if first[0] == _LITERAL:
            start = text.find(first[1], start)
            if start < 0:
                return None
        end = machine.run(start)
        if end is not None:
            return Match(start, end, machine.saves)
        start += 1
    return None


class _Machine:
    """Runs a program. What a choice led to before, at the same place, needs no second try: the work stays bounded."""

    def __init__(self, pattern: Pattern, text: str, spend: Spend) -> None:
        self.pattern, self.text, self.spend = pattern, text, spend
        self.tried: set[Any] = set()
        self.saves: tuple[int, ...] = (-1,) * (2 * pattern.groups)

    def run(self, start: int) -> int | None:
        """Where a match that begins at `start` ends."""
        program, references, tried = self.pattern.program, self.pattern.has_references, self.tried
        text, length = self.text, len(self.text)
        self.spend(1)
        stack: list[tuple[int, int, tuple[int, ...]]] = [(0, start, (-1,) * (2 * self.pattern.groups))]
        steps = 0
        while stack:
            counter, place, saves = stack.pop()
            while True:
                steps += 1
                if steps % _STEPS_PER_REPORT == 0:
                    self.spend(_STEPS_PER_REPORT)
                code, first, second = program[counter]
                counter += 1
                if code == _LITERAL:
                    if place >= length or text[place] != first:
                        break
                    place += 1
                elif code == _TEST:
                    if place >= length or not first(text[place]):
                        break
                    place += 1
                elif code == _SPLIT:
                    key = (counter, place, saves) if references else (counter, place)
                    if key in tried:
                        break
                    tried.add(key)
                    stack.append((second, place, saves))
                    counter = first
                elif code == _JUMP:
                    counter = first
                elif code == _SAVE:
                    saves = (*saves[:first], place, *saves[first + 1 :])
                elif code == _ANCHOR:
                    if not self._at_anchor(first, second, place):
                        break
                elif code == _REFERENCE:
                    advanced = self._referred(saves, first, place)
                    if advanced is None:
                        break
                    place = advanced
                else:
                    self.saves = saves
                    return place
        return None

    def _at_anchor(self, sign: str, lines: bool, place: int) -> bool:
        if sign == "^":
            return place == 0 or (lines and self.text[place - 1] == "\n" and place < len(self.text))
        return place == len(self.text) or (lines and self.text[place] == "\n")

    def _referred(self, saves: tuple[int, ...], group: int, place: int) -> int | None:
        """Where the text that a group matched ends if it stands at `place` again; a group without a match is empty."""
        first, last = saves[2 * group - 2], saves[2 * group - 1]
        if first < 0 or last < first:
            return place
        length = last - first
        self.spend(1 + length // 16)
        earlier, here = self.text[first:last], self.text[place : place + length]
        same = earlier == here or (self.pattern.ignore_case and earlier.casefold() == here.casefold())
        return place + length if same and len(here) == length else None

"""The text of a pattern to its tree."""

from __future__ import annotations

from dataclasses import dataclass

from bpmn.feel.regex.classes import MULTIPLE, CharacterClass, Test, category, negated

MAX_LENGTH = 2_000
_MAX_NESTING = 40
_MAX_REPEAT = 1_000
_SINGLE_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"} | {sign: sign for sign in "\\|.-^?*+{}$()[]"}
_SPECIAL = "|.^?*+{}$()[]\\"


class PatternError(Exception):
    """A text that is not a regular expression of XPath, or one too large to be tried."""


@dataclass(frozen=True)
class Single:
    character: str


@dataclass(frozen=True)
class AnyCharacter:
    """`.`"""


@dataclass(frozen=True)
class Class:
    members: CharacterClass


@dataclass(frozen=True)
class Anchor:
    """`^` or `$`."""

    sign: str


@dataclass(frozen=True)
class BackReference:
    group: int


@dataclass(frozen=True)
class Group:
    """Parentheses; `number` is 0 for `(?:...)`."""

    number: int
    inner: Item


@dataclass(frozen=True)
class Sequence:
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Choice:
    options: tuple[Item, ...]


@dataclass(frozen=True)
class Repeat:
    """`most` None is without end."""

    inner: Item
    least: int
    most: int | None
    greedy: bool


Item = Single | AnyCharacter | Class | Anchor | BackReference | Group | Sequence | Choice | Repeat


def parse(pattern: str, ignore_blanks: bool) -> tuple[Item, int]:
    """The tree of a pattern and the number of its groups; raises `PatternError`."""
    if len(pattern) > MAX_LENGTH:
        raise PatternError(f"the pattern is longer than {MAX_LENGTH} characters")
    parser = _Parser(without_blanks(pattern) if ignore_blanks else pattern)
    tree = parser.choice(0)
    if parser.place < len(parser.text):
        raise PatternError(f"the pattern has a «{parser.peek()}» too many")
    return tree, parser.groups


def without_blanks(pattern: str) -> str:
    """The pattern without blanks, those inside of a class kept (flag x)."""
    kept: list[str] = []
    depth, escaped = 0, False
    for character in pattern:
        if character in " \t\n\r" and depth == 0:
            continue
        kept.append(character)
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        else:
            depth += {"[": 1, "]": -1}.get(character, 0)
    return "".join(kept)


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        self.groups = 0
        self.closed: set[int] = set()

    def peek(self) -> str:
        return self.text[self.place : self.place + 1]

    def take(self) -> str:
        character = self.peek()
        if not character:
            raise PatternError("the pattern ends too early")
        self.place += 1
        return character

    def skip(self, text: str) -> bool:
        if self.text.startswith(text, self.place):
            self.place += len(text)
            return True
        return False

    def choice(self, nesting: int) -> Item:
        if nesting > _MAX_NESTING:
            raise PatternError(f"the pattern is nested more than {_MAX_NESTING} levels deep")
        options = [self.sequence(nesting)]
        while self.skip("|"):
            options.append(self.sequence(nesting))
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def sequence(self, nesting: int) -> Item:
        items: list[Item] = []
        while self.peek() not in ("", "|", ")"):
            items.append(self.quantified(self.atom(nesting)))
        return Sequence(tuple(items))

    def quantified(self, atom: Item) -> Item:
        sign = self.peek()
        if sign not in ("?", "*", "+", "{") or not sign:
            return atom
        self.take()
        least, most = self.braces() if sign == "{" else {"?": (0, 1), "*": (0, None), "+": (1, None)}[sign]
        return Repeat(atom, least, most, not self.skip("?"))

    def braces(self) -> tuple[int, int | None]:
        least = self.number()
        most: int | None = least
        if self.skip(","):
            most = None if self.peek() == "}" else self.number()
        if not self.skip("}") or (most is not None and most < least):
            raise PatternError("a repetition is written {n}, {n,} or {n,m}")
        return least, most

    def number(self) -> int:
        digits = ""
        while self.peek().isdecimal() and self.peek().isascii():
            digits += self.take()
        if not digits or len(digits) > 6 or int(digits) > _MAX_REPEAT:
            raise PatternError(f"a repetition is a number up to {_MAX_REPEAT}")
        return int(digits)

    def atom(self, nesting: int) -> Item:
        character = self.take()
        match character:
            case "(":
                return self.group(nesting)
            case "[":
                return Class(self.character_class(nesting))
            case ".":
                return AnyCharacter()
            case "^" | "$":
                return Anchor(character)
            case "\\":
                return self.escape()
        if character in _SPECIAL:
            raise PatternError(f"«{character}» stands where something to match is expected")
        return Single(character)

    def group(self, nesting: int) -> Item:
        number = 0
        if not self.skip("?:"):
            self.groups += 1
            number = self.groups
        inner = self.choice(nesting + 1)
        if not self.skip(")"):
            raise PatternError("a «(» is not closed")
        self.closed.add(number)
        return Group(number, inner)

    def escape(self) -> Item:
        if self.peek().isdecimal():
            return self.back_reference()
        single, test = self.escaped()
        if test is not None:
            return Class(CharacterClass(frozenset(), (), (test,), False, None))
        return Single(single)

    def back_reference(self) -> Item:
        number = int(self.take())
        while self.peek().isdecimal() and number * 10 + int(self.peek()) <= self.groups:
            number = number * 10 + int(self.take())
        if number not in self.closed or number == 0:
            raise PatternError(f"there is no group {number} before \\{number}")
        return BackReference(number)

    def escaped(self) -> tuple[str, Test | None]:
        """What stands behind a backslash: one character, or a class of them."""
        letter = self.take()
        if letter in _SINGLE_ESCAPES:
            return _SINGLE_ESCAPES[letter], None
        if letter in MULTIPLE:
            return "", MULTIPLE[letter]
        if letter in "pP" and self.skip("{"):
            name = ""
            while self.peek() not in ("}", ""):
                name += self.take()
            test = category(name)
            if self.skip("}") and test is not None:
                return "", test if letter == "p" else negated(test)
            raise PatternError(f"there is no character class \\{letter}{{{name}}}")
        raise PatternError(f"«\\{letter}» means nothing")

    def character_class(self, nesting: int) -> CharacterClass:
        if nesting > _MAX_NESTING:
            raise PatternError(f"the pattern is nested more than {_MAX_NESTING} levels deep")
        is_negated = self.skip("^")
        singles: set[str] = set()
        ranges: list[tuple[str, str]] = []
        tests: list[Test] = []
        minus: CharacterClass | None = None
        while not self.skip("]"):
            if self.skip("-["):
                minus = self.character_class(nesting + 1)
                if not self.skip("]"):
                    raise PatternError("nothing may follow a subtracted class")
                break
            single, test = self.member()
            if test is not None:
                tests.append(test)
            elif self._is_range():
                self.take()
                last, no_single = self.member()
                if no_single is not None or last < single:
                    raise PatternError("a range goes from a character to a later one")
                ranges.append((single, last))
            else:
                singles.add(single)
        if not (singles or ranges or tests):
            raise PatternError("a character class is empty")
        return CharacterClass(frozenset(singles), tuple(ranges), tuple(tests), is_negated, minus)

    def _is_range(self) -> bool:
        return self.peek() == "-" and self.text[self.place + 1 : self.place + 2] not in ("]", "[", "")

    def member(self) -> tuple[str, Test | None]:
        character = self.take()
        if character == "\\":
            return self.escaped()
        if character == "[":
            raise PatternError("a «[» in a character class is written \\[")
        return character, None

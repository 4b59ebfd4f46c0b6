"""Character classes: what one character of a pattern may stand for."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

Test = Callable[[str], bool]
_CATEGORIES = {
    *("L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "Z", "Zs", "Zl", "Zp"),
    *("P", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "C", "Cc", "Cf", "Co", "Cn"),
}
# Unicode's blocks of the scripts in use (first and last character).
_BLOCKS = {
    "BasicLatin": (0x0000, 0x007F),
    "Latin-1Supplement": (0x0080, 0x00FF),
    "LatinExtended-A": (0x0100, 0x017F),
    "LatinExtended-B": (0x0180, 0x024F),
    "IPAExtensions": (0x0250, 0x02AF),
    "SpacingModifierLetters": (0x02B0, 0x02FF),
    "CombiningDiacriticalMarks": (0x0300, 0x036F),
    "Greek": (0x0370, 0x03FF),
    "GreekandCoptic": (0x0370, 0x03FF),
    "Cyrillic": (0x0400, 0x04FF),
    "Armenian": (0x0530, 0x058F),
    "Hebrew": (0x0590, 0x05FF),
    "Arabic": (0x0600, 0x06FF),
    "Devanagari": (0x0900, 0x097F),
    "Bengali": (0x0980, 0x09FF),
    "Tamil": (0x0B80, 0x0BFF),
    "Thai": (0x0E00, 0x0E7F),
    "Tibetan": (0x0F00, 0x0FFF),
    "Georgian": (0x10A0, 0x10FF),
    "HangulJamo": (0x1100, 0x11FF),
    "Mongolian": (0x1800, 0x18AF),
    "LatinExtendedAdditional": (0x1E00, 0x1EFF),
    "GreekExtended": (0x1F00, 0x1FFF),
    "GeneralPunctuation": (0x2000, 0x206F),
    "SuperscriptsandSubscripts": (0x2070, 0x209F),
    "CurrencySymbols": (0x20A0, 0x20CF),
    "LetterlikeSymbols": (0x2100, 0x214F),
    "NumberForms": (0x2150, 0x218F),
    "Arrows": (0x2190, 0x21FF),
    "MathematicalOperators": (0x2200, 0x22FF),
    "MiscellaneousTechnical": (0x2300, 0x23FF),
    "EnclosedAlphanumerics": (0x2460, 0x24FF),
    "BoxDrawing": (0x2500, 0x257F),
    "GeometricShapes": (0x25A0, 0x25FF),
    "MiscellaneousSymbols": (0x2600, 0x26FF),
    "CJKSymbolsandPunctuation": (0x3000, 0x303F),
    "Hiragana": (0x3040, 0x309F),
    "Katakana": (0x30A0, 0x30FF),
    "Bopomofo": (0x3100, 0x312F),
    "HangulCompatibilityJamo": (0x3130, 0x318F),
    "EnclosedCJKLettersandMonths": (0x3200, 0x32FF),
    "CJKCompatibility": (0x3300, 0x33FF),
    "CJKUnifiedIdeographsExtensionA": (0x3400, 0x4DBF),
    "CJKUnifiedIdeographs": (0x4E00, 0x9FFF),
    "HangulSyllables": (0xAC00, 0xD7AF),
    "PrivateUse": (0xE000, 0xF8FF),
    "CJKCompatibilityIdeographs": (0xF900, 0xFAFF),
    "CJKCompatibilityForms": (0xFE30, 0xFE4F),
    "HalfwidthandFullwidthForms": (0xFF00, 0xFFEF),
}


def category(name: str) -> Test | None:
    """The class `\\p{name}`: a general category, or a block behind `Is`; None for an unknown one."""
    if name in _CATEGORIES:
        return lambda character: unicodedata.category(character).startswith(name)
    block = _BLOCKS.get(name[2:]) if name.startswith("Is") else None
    if block is None:
        return None
    first, last = block
    return lambda character: first <= ord(character) <= last


def _is_space(character: str) -> bool:
    return character in " \t\n\r"


def _is_digit(character: str) -> bool:
    return unicodedata.category(character) == "Nd"


def _is_word(character: str) -> bool:
    return unicodedata.category(character)[0] not in "PZC"


def _starts_name(character: str) -> bool:
    return character in "_:" or unicodedata.category(character)[0] == "L"


def _is_in_name(character: str) -> bool:
    return character in "_:-.·" or unicodedata.category(character)[0] in "LM" or _is_digit(character)


def _not(test: Test) -> Test:
    return lambda character: not test(character)


_POSITIVE: dict[str, Test] = {"s": _is_space, "d": _is_digit, "w": _is_word, "i": _starts_name, "c": _is_in_name}
MULTIPLE: dict[str, Test] = _POSITIVE | {letter.upper(): _not(test) for letter, test in _POSITIVE.items()}


def negated(test: Test) -> Test:
    """The class of all other characters."""
    return _not(test)


def variants(character: str, ignore_case: bool) -> tuple[str, ...]:
    """The characters that `character` counts as."""
    if not ignore_case:
        return (character,)
    return tuple(dict.fromkeys((character, character.lower(), character.upper(), character.casefold())))


@dataclass(frozen=True)
class CharacterClass:
    """`[...]`: single characters, ranges and classes, perhaps negated, perhaps with another class taken away."""

    singles: frozenset[str]
    ranges: tuple[tuple[str, str], ...]
    tests: tuple[Test, ...]
    is_negated: bool
    minus: CharacterClass | None

    def holds(self, candidates: tuple[str, ...]) -> bool:
        """Whether a character, given as its variants, is in the class."""
        found = any(self._has(candidate) for candidate in candidates)
        if found is self.is_negated:
            return False
        return self.minus is None or not self.minus.holds(candidates)

    def _has(self, character: str) -> bool:
        return (
            character in self.singles
            or any(first <= character <= last for first, last in self.ranges)
            or any(test(character) for test in self.tests)
        )

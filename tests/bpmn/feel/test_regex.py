"""XPath's regular expressions, against Python's where the two agree, and what must never hang."""

from __future__ import annotations

import contextlib
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpmn.feel import BudgetExceeded, Environment, compile_expression
from bpmn.feel.regex import PatternError, compile_pattern, search


def found(pattern: str, text: str, flags: str = "") -> str | None:
    match = search(compile_pattern(pattern, flags), text, 0, lambda _: None)
    return None if match is None else text[match.start : match.end]


@pytest.mark.parametrize(
    ("pattern", "text", "flags", "expected"),
    [
        ("b+", "abbbc", "", "bbb"),
        ("b+?", "abbbc", "", "b"),
        ("(a|ab)(c|bcd)(d*)", "abcd", "", "abcd"),
        ("^a", "ba", "", None),
        ("^b$", "a\nb\nc", "m", "b"),
        ("a.c", "a\nc", "", None),
        ("a.c", "a\nc", "s", "a\nc"),
        ("A", "bab", "i", "a"),
        ("[A-Z-[OI]]+", "OXIY", "", "X"),
        (r"\d{2,3}", "a1234", "", "123"),
        (r"(\w)\1", "abccd", "", "cc"),
        (r"\p{IsCJKUnifiedIdeographs}+", "ab供电", "", "供电"),
        (r"\p{Lu}", "abC", "", "C"),
        ("a b", "ab", "x", "ab"),
        ("a.b", "a.b axb", "q", "a.b"),
        ("(a*)*", "aaa", "", "aaa"),
        ("", "abc", "", ""),
    ],
)
def test_patterns_find_what_they_say(pattern: str, text: str, flags: str, expected: str | None) -> None:
    assert found(pattern, text, flags) == expected


@pytest.mark.parametrize(
    "pattern", ["(", "a)", "[", "[]", "a{2,1}", "a**", "*", r"\q", r"\2(a)", r"[\1]", r"\p{Foo}", "[b-a]", "a{9999}"]
)
def test_ill_formed_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(PatternError):
        compile_pattern(pattern, "")


def test_an_unknown_flag_is_refused() -> None:
    with pytest.raises(PatternError, match="there is no flag «z»"):
        compile_pattern("a", "z")


ATOMS = st.sampled_from(["a", "b", "[ab]", "[^a]", ".", "(a|b)", "(?:ab)", "(ab|a)"])
PIECES = st.builds(lambda atom, repeat: atom + repeat, ATOMS, st.sampled_from(["", "", "*", "+", "?", "*?", "{1,2}"]))
PATTERNS = st.lists(PIECES, min_size=1, max_size=5).map("".join)


@given(PATTERNS, st.text("abc", max_size=12))
def test_matches_agree_with_pythons(pattern: str, text: str) -> None:
    expected = re.search(pattern, text)

    assert found(pattern, text) == (None if expected is None else expected.group())


@given(st.text(r"ab()[]{}*+?|\^$-.1", max_size=12), st.text("ab1-", max_size=8))
def test_no_pattern_raises_anything_but_a_pattern_error(pattern: str, text: str) -> None:
    try:
        compiled = compile_pattern(pattern, "")
    except PatternError:
        return

    search(compiled, text, 0, lambda _: None)


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|aa)+b", "(a*)*b", "a*a*a*a*a*b", r"(a*)*\1b", "(.*)(.*)(.*)(.*)b"])
def test_a_pattern_that_others_hang_on_ends_at_once(env: Environment, pattern: str) -> None:
    started = time.process_time()

    expression = compile_expression(f'matches(text, "{pattern.replace(chr(92), chr(92) * 2)}")')
    with contextlib.suppress(BudgetExceeded):
        assert expression.evaluate({"text": "a" * 2_000}, env).value is False

    assert time.process_time() - started < 2

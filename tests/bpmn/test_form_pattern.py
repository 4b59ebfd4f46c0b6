"""Patterns of forms: as JavaScript reads them, and never slow."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpmn.forms.pattern import PatternRefused, TextTooLong, compile_pattern


@pytest.mark.parametrize(
    ("source", "yes", "no"),
    [
        (r"^1[3-9]\d{9}$", ["13812345678"], ["12812345678", "1381234567", "138123456789", "１3812345678"]),
        (r"^\d{17}[\dXx]$", ["13070219900307123X"], ["13070219900307123", "13070219900307123Y"]),
        (r"^[\w.]+@[\w-]+(\.[\w-]+)+$", ["zhang.san@example.com"], ["zhang@example", "@example.com"]),
        (r"^(?:冀|京)[A-Z]·\d+$", ["冀G·12"], ["沪G·12", "冀g·12"]),
        (r"^[^\d\s]{2,3}$", ["张三"], ["张", "张 三", "张三丰四"]),
        (r"\bkV\b", ["10 kV line"], ["10kVline"]),
        (r"^a{,2}$", ["a{,2}"], ["aa"]),
        (r"^(?<year>\d{4})-\d\d$", ["2026-03"], ["26-03"]),
        (r"^\u4e2d\x41\t$", ["中A\t"], ["中A"]),
        (r"^[\]\-^a-c]+$", ["]-^abc"], ["d"]),
        (r"[]", [], ["", "a"]),
        (r"^[^]$", ["a", "\n"], [""]),
        (r"", ["", "x"], []),
        (r"^(a|)b??$", ["", "a", "ab", "b"], ["aa"]),
        (r"^.$", ["中"], ["\n", ""]),
        (r"x{2}", ["axxb"], ["axb"]),
        (r"^[\b-a]$", ["\b", "A"], ["b"]),
    ],
)
def test_a_pattern_finds_what_javascript_finds(source: str, yes: list[str], no: list[str]) -> None:
    pattern = compile_pattern(source)

    assert [text for text in yes if not pattern.found_in(text)] == []
    assert [text for text in no if pattern.found_in(text)] == []


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("(a", "not closed"),
        ("a)", "closes nothing"),
        ("[a", "ends too early"),
        ("*a", "nothing to repeat"),
        ("a**", "nothing to repeat"),
        ("a{3,2}", "at least more than at most"),
        ("[z-a]", "runs backwards"),
        (r"[\d-z]", "needs a character at both ends"),
        (r"(a)\1", "back references"),
        ("(?=a)", "look-ahead"),
        ("(?<!a)b", "look-ahead and look-behind"),
        (r"\u12", "4 hexadecimal digits"),
        (r"\p{Han}", r"\\p has no meaning"),
        ("(a{1000}){1000}", "too large"),
        ("a{3000}", "too large"),
        ("(" * 60 + ")" * 60, "nested more than 50"),
        ("\\", "ends too early"),
    ],
)
def test_a_pattern_that_is_wrong_or_unsafe_is_refused(source: str, reason: str) -> None:
    with pytest.raises(PatternRefused, match=reason):
        compile_pattern(source)


def test_repeating_nothing_many_times_is_nothing() -> None:
    assert compile_pattern("^" + "(?:" * 4 + "){2000}" * 4 + "$").found_in("")


@pytest.mark.parametrize("source", ["^(a+)+$", "^(a|a)*$", "^(a*)*$", "^(a?){40}a{40}$", r"^(\w+\s?)*$"])
def test_a_pattern_that_makes_backtracking_explode_stays_fast(source: str) -> None:
    pattern = compile_pattern(source)

    began = time.process_time()
    assert not pattern.found_in("a" * 500 + "!")
    assert time.process_time() - began < 1


def test_a_text_too_long_to_match_is_refused() -> None:
    with pytest.raises(TextTooLong):
        compile_pattern("^(ab|cd){30}$").found_in("ab" * 100_000)


atoms = st.sampled_from(["a", "b", "[ab]", "[^a]", ".", r"\w", r"\s", "^", "$", r"\b", "()"])
repeats = st.sampled_from(["*", "+", "?", "{2}", "{1,2}", "{0,}", "*?"])
patterns = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map("|".join),
        st.tuples(inner, repeats).map(lambda p: f"(?:{p[0]}){p[1]}"),
    ),
    max_leaves=8,
)


@given(patterns, st.text("ab \n", max_size=8))
def test_a_pattern_finds_what_a_backtracking_matcher_finds(source: str, text: str) -> None:
    expected = re.search(source.replace("$", r"\Z"), text, re.ASCII) is not None

    assert compile_pattern(source).found_in(text) is expected

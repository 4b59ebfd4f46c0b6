"""Text to syntax tree: one LALR(1) parser, built at its first use, whose callbacks build the tree bottom-up."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any, cast

from bpmn.feel import names as naming
from bpmn.feel import nodes
from bpmn.feel.names import unmask
from bpmn.feel.nodes import Node
from bpmn.feel.tree import FeelSyntaxError, TreeCallbacks

if TYPE_CHECKING:
    from lark import Lark, Token

MAX_LENGTH = 20_000
_EXPRESSION, _UNARY_TESTS = "expression_text", "unary_tests_text"


def parse_expression(text: str, names: frozenset[str]) -> Node:
    """The tree of an expression in which `names` are known; raises `FeelSyntaxError`."""
    tree: Node = _parse(text, names, _EXPRESSION)
    return tree


def parse_unary_tests(text: str, names: frozenset[str]) -> nodes.Tests:
    """The tree of unary tests: `-`, `not(tests)` or tests divided by commas; raises `FeelSyntaxError`."""
    if text.strip() == "-":
        return nodes.Tests(1, 1, ())
    inner = _inside_not(text)
    tests: nodes.Tests = _parse(text if inner is None else inner, names, _UNARY_TESTS)
    return nodes.Tests(tests.size, tests.depth, tests.tests, inner is not None)


_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/|[()]', re.DOTALL)


def _inside_not(text: str) -> str | None:
    """What `not(...)` holds where that is the whole text (blanked before, so that positions stay true), else None."""
    start = re.match(r"\s*not\s*\(", text)
    if start is None:
        return None
    depth = 1
    for found in _BRACKETS.finditer(text, start.end()):
        depth += {"(": 1, ")": -1}.get(found.group(), 0)
        if depth == 0:
            if text[found.end() :].strip():
                return None
            blanked = re.sub(r"[^\n]", " ", text[: start.end()])
            return blanked + text[start.end() : found.start()]
    return None


def _parse(text: str, names: frozenset[str], start: str) -> Any:
    from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedToken

    if len(text) > MAX_LENGTH:
        raise FeelSyntaxError(f"the expression is longer than {MAX_LENGTH} characters")
    masked = naming.mask(text, names)
    try:
        return _parser().parse(masked, start=start)
    except UnexpectedToken as error:
        raise _unexpected(text, error.token, error.accepts or error.expected) from None
    except (UnexpectedCharacters, UnexpectedEOF) as error:
        found = masked[error.pos_in_stream or 0] if isinstance(error, UnexpectedCharacters) else ""
        problem = "the text that begins here is not closed" if found == '"' else f"«{found}» is not expected here"
        raise FeelSyntaxError(problem, max(error.line, 1), max(error.column, 1)) from None


def _unexpected(text: str, token: Token, expected: Iterable[str]) -> FeelSyntaxError:
    wanted = _in_words(set(expected))
    if token.type == "$END":
        lines = text.split("\n")
        return FeelSyntaxError(f"the expression ends too early; expected {wanted}", len(lines), len(lines[-1]) + 1)
    found = unmask(str(token))
    problem = f"«{found}» is not expected here; expected {wanted}"
    if token.type == "NAME":
        problem += " (or the name before it is not known: names with spaces must be known)"
    return FeelSyntaxError(problem, token.line or 1, token.column or 1)


_OPERANDS = {"NUMBER", "STRING", "AT_LITERAL", "TRUE", "FALSE", "NULL", "IF", "FOR", "SOME", "EVERY", "FUNCTION"}
_OPERAND_SIGNS = {"LPAR", "LSQB", "LBRACE", "MINUS", "NAME", "RANGE_START_OUTSIDE"}
_OPERATORS = {"PLUS", "MINUS", "TIMES", "DIVIDE", "POWER", "LESS", "GREATER", "OTHER_COMPARISON", "AND", "OR"}
_OPERATOR_WORDS = {"BETWEEN", "IN", "INSTANCE", "DOT", "LSQB", "LPAR", "RANGE_END_OUTSIDE"}
_WORDS = {
    "NAME": "a name",
    "STRING": "a text",
    "NUMBER": "a number",
    "RPAR": "«)»",
    "RSQB": "«]»",
    "RBRACE": "«}»",
    "COMMA": "«,»",
    "COLON": "«:»",
    "__ANON_0": "«..»",
    "__ANON_1": "«->»",
    "LPAR": "«(»",
    "LSQB": "«[»",
    "LBRACE": "«{»",
    "LESS": "«<»",
    "GREATER": "«>»",
    "MINUS": "«-»",
    "$END": "the end",
}


def _in_words(expected: set[str]) -> str:
    words: list[str] = []
    if "NUMBER" in expected and "IF" in expected:
        words.append("a value")
        expected = expected - _OPERANDS - _OPERAND_SIGNS
    if "PLUS" in expected or "AND" in expected:
        words.append("an operator")
        expected = expected - _OPERATORS - _OPERATOR_WORDS
    words += sorted(_WORDS.get(terminal, f"«{terminal.lower()}»") for terminal in expected)
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


@lru_cache(maxsize=1)
def _parser() -> Lark:
    from lark import Lark

    grammar = resources.files("bpmn.feel").joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(
        grammar,
        parser="lalr",
        lexer="contextual",
        start=[_EXPRESSION, _UNARY_TESTS],
        transformer=cast(Any, TreeCallbacks()),
        maybe_placeholders=False,
    )

"""XPath's regular expressions (XQuery and XPath Functions 3.1, 5.6), which FEEL takes, with every step counted.

Python's own engine has other rules and can take exponential time; this one keeps what it has tried, so that its work
grows with the product of text and pattern, and it reports its steps to the caller, who may end it.
"""

from __future__ import annotations

from bpmn.feel.regex.machine import Match, Pattern, compile_pattern, search
from bpmn.feel.regex.parser import PatternError

__all__ = ["Match", "Pattern", "PatternError", "compile_pattern", "search"]

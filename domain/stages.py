"""The stages of a high-voltage case: ours, and the three that the customer is shown (domain.md §1.1, rule 11)."""

from __future__ import annotations

CUSTOMER_STAGES = ("业务受理", "供电方案答复", "竣工检验及装表接电")

_SHOWN = {
    "": 0,
    "业务受理": 0,
    "现场勘查": 1,
    "拟定供电方案": 1,
    "会商": 1,
    "方案审批": 1,
    "供电方案答复": 1,
}
"""Ours in which the customer still waits for acceptance or reply; with all others the last stage has begun."""


def customer_stage(stage: str) -> str:
    """What the customer is shown where we are at `stage`."""
    return CUSTOMER_STAGES[_SHOWN.get(stage, 2)]

"""The departments of a power-supply company, as diagrams and accounts name them (domain terms: 营销部 and so on)."""

from __future__ import annotations

DEPARTMENTS = {
    "marketing": "营销部",
    "planning": "发展部",
    "operations": "运检部",
    "dispatch": "调控中心",
    "construction": "建设部",
    "materials": "物资部",
    "finance": "财务部",
    "customer": "客户",
}


def department_name(code: str) -> str:
    """The Chinese name of a department; one that is not known keeps its code."""
    return DEPARTMENTS.get(code, code)

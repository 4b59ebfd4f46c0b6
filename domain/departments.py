"""The departments of a power-supply company, as diagrams and accounts name them (domain terms: 营销部 and so on).

Those of the province's company 省公司, which cases of high voltage come to, are among them: they are of no county.
"""

from __future__ import annotations

from collections.abc import Iterable

DEPARTMENTS = {
    "marketing": "营销部",
    "planning": "发展部",
    "operations": "运检部",
    "dispatch": "调控中心",
    "construction": "建设部",
    "materials": "物资部",
    "finance": "财务部",
    "customer": "客户",
    "province_planning": "省公司发展部",
    "province_construction": "省公司建设部",
}
PROVINCE = frozenset({"province_planning", "province_construction"})
"""The departments of the province's company."""


def fault_of_place(departments: Iterable[str], county: str) -> str:
    """Why nobody can be of these departments and this county, in Chinese; empty where somebody can."""
    names = [department_name(code) for code in departments if code in PROVINCE]
    return f"{'、'.join(names)}不属于县区，应留空" if names and county else ""


def department_name(code: str) -> str:
    """The Chinese name of a department; one that is not known keeps its code."""
    return DEPARTMENTS.get(code, code)


def departments_named(text: str) -> list[str]:
    """The departments that a lane of this name is for (运检部、调控中心); none where it names anything else."""
    codes = {name: code for code, name in DEPARTMENTS.items()}
    found = [codes.get(part.strip(), "") for part in text.split("、")]
    return found if all(found) else []


def full_name(code: str) -> str:
    """The name with the company before it, e.g. 市公司发展部."""
    own = code not in DEPARTMENTS or code in PROVINCE or code == "customer"
    return department_name(code) if own else f"市公司{department_name(code)}"

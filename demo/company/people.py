"""The thirty officers of the sample company, and the posts they hold."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PASSWORD = "yekuo-sample-company"
"""Everybody's password: the sample is for trying things out."""

SEATS = {
    "王敏": "marketing.desk",
    "李昊": "marketing.team",
    "刘畅": "marketing.team",
    "李达": "marketing.team",
    "陈雪": "marketing.head",
    "周凯": "planning.head",
    "马超": "operations.head",
    "石磊": "operations.head",
    "何静": "dispatch.head",
    "郭亮": "construction.head",
    "秦月": "construction.head",
    "分管领导": "planning.head",
}
"""Who does in each county what somebody does in the story of `10kv.json`."""


@dataclass(frozen=True)
class Person:
    """One officer. `posts` are rows of the table of posts without place and account."""

    account: str
    name: str
    county: str
    departments: tuple[str, ...]
    roles: tuple[str, ...]
    posts: tuple[dict[str, str], ...]

    @property
    def seat(self) -> str:
        """The account without its county, which is the same in each."""
        return self.account.partition(".")[2]

    def as_account(self) -> dict[str, Any]:
        """The account as the API takes it."""
        return {
            "name": self.name,
            "county": self.county,
            "departments": list(self.departments),
            "roles": list(self.roles),
            "password": PASSWORD,
        }


def read_people() -> list[Person]:
    """Everybody, as they are written down."""
    rows = json.loads(Path(__file__).with_name("people.json").read_text("utf-8"))
    return [
        Person(
            account=row["account"],
            name=row["name"],
            county=row["county"],
            departments=tuple(row["departments"]),
            roles=tuple(row["roles"]),
            posts=tuple(row["posts"]),
        )
        for row in rows
    ]


def post_table(people: Sequence[Person], quiet: Any) -> dict[str, Any]:
    """Who holds which post, as the table of posts has it; `quiet` is its section of that name."""
    rows = [
        {**post, **({"county": person.county} if person.county else {}), "account": person.account}
        for person in people
        for post in person.posts
    ]
    return {"rows": rows, "quiet": quiet}


def of_county(people: Sequence[Person], county: str) -> dict[str, Person]:
    """The officers of a county by their seat."""
    return {person.seat: person for person in people if person.county == county}

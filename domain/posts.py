"""Who holds which post in which department and county, and to whom a level of the ladder goes (domain.md §5.2).

Posts are filled with account ids. A vacant post climbs to the next above it and is reported: a warning never goes to
nobody in silence.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from domain.business_time import close_of_business
from domain.departments import DEPARTMENTS, PROVINCE, department_name, fault_of_place
from domain.fields import FieldProblem, Fields, MissingFields, Rows, Text, read_fields

SHIPPED = Path(__file__).parent / "posts.json"
"""The posts of one county and its city as an example; a company writes its own accounts there."""
CITY = ""
"""The county of what belongs to the city's company 市公司 itself."""
_DOING = "采用这份岗位表"


class Post(Enum):
    """A post, with its name for people."""

    OFFICER = "officer"
    TEAM_LEADER = "team_leader"
    DEPARTMENT_HEAD = "department_head"
    LEADER = "leader"
    COMPANY_HEAD = "company_head"
    SERVICE_CENTRE = "service_centre"
    AUDIT = "audit"

    @property
    def title(self) -> str:
        return _TITLES[self]


_TITLES = {
    Post.OFFICER: "当前处理人、客户经理",
    Post.TEAM_LEADER: "班组长、所长",
    Post.DEPARTMENT_HEAD: "部门主任",
    Post.LEADER: "分管领导",
    Post.COMPANY_HEAD: "公司负责人",
    Post.SERVICE_CENTRE: "供电服务指挥中心",
    Post.AUDIT: "稽查",
}
_OF_A_DEPARTMENT = (Post.TEAM_LEADER, Post.DEPARTMENT_HEAD)
_SHARED = (Post.SERVICE_CENTRE, Post.AUDIT)
"""Posts of the city's company that a county may also have of its own."""
_ABOVE = {
    Post.OFFICER: Post.TEAM_LEADER,
    Post.TEAM_LEADER: Post.DEPARTMENT_HEAD,
    Post.DEPARTMENT_HEAD: Post.LEADER,
    Post.LEADER: Post.COMPANY_HEAD,
    Post.SERVICE_CENTRE: Post.LEADER,
    Post.AUDIT: Post.LEADER,
}


@dataclass(frozen=True)
class Seat:
    """A post in its place: without department for those of the whole company, county `CITY` for the city's."""

    post: Post
    department: str
    county: str

    @property
    def title(self) -> str:
        """Its name for people."""
        place = "".join((self.county, DEPARTMENTS.get(self.department, self.department)))
        return f"{place or '市公司'}{self.post.title}"

    @property
    def code(self) -> str:
        """An id for it, the same for the same seat."""
        return f"{self.post.value}:{self.department}:{self.county}"


@dataclass(frozen=True)
class Addressee:
    """An account and the post for which it is written to; `holds` is the seat it really has."""

    account: str
    wanted: Post
    holds: Seat
    copied: bool = False


@dataclass(frozen=True)
class Vacancy:
    """A post that nobody holds, and the seat that was written to instead; None where nobody was found at all."""

    seat: Seat
    instead: Seat | None

    def sentence(self) -> str:
        """In Chinese, for the record and the service centre."""
        if self.instead is None:
            return f"{self.seat.title}空缺，且上级岗位均空缺，未能送达。"
        above = "市公司" if self.instead.county == CITY else self.instead.county
        if self.instead.department in PROVINCE:
            above = department_name(self.instead.department)
        return f"{self.seat.title}空缺，改送{above}{self.instead.post.title}。"


@dataclass(frozen=True)
class Addressees:
    """To whom something goes, each account once, and which posts were vacant."""

    people: tuple[Addressee, ...]
    vacancies: tuple[Vacancy, ...] = ()

    @property
    def accounts(self) -> tuple[str, ...]:
        return tuple(person.account for person in self.people)


def _post(value: Any) -> Post:
    if isinstance(value, Post):
        return value
    names = {post.value: post for post in Post if post is not Post.OFFICER}
    if isinstance(value, str) and value in names:
        return names[value]
    choices = "、".join(f"{code}（{post.title}）" for code, post in names.items())
    raise PydanticCustomError("field", "{problem}", {"problem": f"应为{choices}之一"})


class Holder(Fields):
    """One row: an account holds a post. County empty: the city's company. Department empty: the whole company."""

    post: Annotated[Post, BeforeValidator(_post)] = Field(title="岗位")
    department: Text = Field("", title="部门")
    county: Text = Field(CITY, title="县区")
    account: Text = Field(title="账号")

    @property
    def seat(self) -> Seat:
        return Seat(self.post, self.department, self.county)


def _any_post(value: Any) -> Post:
    if isinstance(value, str) and value == Post.OFFICER.value:
        return Post.OFFICER
    return _post(value)


def _time_of_day(value: Any) -> str:
    try:
        close_of_business(str(value))
    except ValueError:
        raise PydanticCustomError("field", "{problem}", {"problem": "应为时刻，如 20:00"}) from None
    return str(value)


TimeOfDay = Annotated[str, BeforeValidator(_time_of_day)]


class Quiet(Fields):
    """One row: a post is not written to from `evening` to `morning` and, with `days_off`, on days that are not worked,
    or is written to at any time. Without a post: those that no other row names. Times of day, Asia/Shanghai."""

    post: Annotated[Post, BeforeValidator(_any_post)] | None = Field(None, title="岗位")
    at_any_time: bool = Field(False, title="随时发送")
    evening: TimeOfDay = Field("20:00", title="晚间自")
    morning: TimeOfDay = Field("08:00", title="至次日")
    days_off: bool = Field(True, title="休息日不发送")


_ORDINARILY = (Quiet.model_validate({"post": Post.SERVICE_CENTRE, "atAnyTime": True}),)
"""Who is quiet when, where a table of posts does not say so: a table that a case carries may be older."""


class PostTable(Fields):
    """All posts; a value that never changes and travels as JSON."""

    rows: Rows[Holder] = Field(title="岗位")
    quiet: tuple[Quiet, ...] = Field(_ORDINARILY, title="免扰时段")

    @classmethod
    def shipped(cls) -> PostTable:
        """The table that comes with the program; raises `MissingFields` where it is wrong."""
        return _shipped()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PostTable:
        """The table that `to_json` wrote or an officer edited; `MissingFields` names all that is wrong, in Chinese."""
        table = read_fields(cls, _DOING, data)
        if problems := list(table._faults()):
            raise MissingFields(_DOING, problems)
        return table

    def to_json(self) -> dict[str, Any]:
        """The table as plain JSON."""
        return self.model_dump(mode="json", by_alias=True, exclude_defaults=True)

    def holder(self, seat: Seat) -> str:
        """The account that holds a seat; empty where nobody does."""
        return next((row.account for row in self.rows if row.seat == seat), "")

    def addressees(
        self,
        posts: tuple[Post, ...],
        copied: tuple[Post, ...],
        department: str,
        county: str,
        officers: tuple[str, ...],
    ) -> Addressees:
        """The accounts for these posts, as `domain.ladder` names them for a level.

        `officers` are the accounts that hold the work now (who claimed or was assigned it, the account manager): they
        are in no table. The head of a county's company is joined by the city's. Each account is named once, at the
        first post it is wanted for; posts that only get a copy come last.
        """
        people: dict[str, Addressee] = {}
        vacancies: list[Vacancy] = []
        for post in (*posts, *copied):
            for seat in self._seats(post, department, county):
                accounts, holds = self._climb(seat, officers)
                if holds != seat:
                    vacancies.append(Vacancy(seat, holds))
                if holds is None:
                    continue
                for account in accounts:
                    people.setdefault(account, Addressee(account, post, holds, post in copied))
        return Addressees(tuple(people.values()), tuple(vacancies))

    def from_up(self, posts: Iterable[Post], department: str, county: str) -> dict[str, Seat]:
        """The accounts that hold one of these posts or one above it, each with its seat: who may do what they may."""
        found: dict[str, Seat] = {}
        for post in posts:
            for seat in self._seats(post, department, county):
                for above in _upwards(seat):
                    if account := self.holder(above):
                        found.setdefault(account, above)
        return found

    def _seats(self, post: Post, department: str, county: str) -> tuple[Seat, ...]:
        if department in PROVINCE and post in (*_OF_A_DEPARTMENT, Post.OFFICER):
            return (Seat(post, department, CITY),)
        if post in _SHARED and not self.holder(Seat(post, "", county)):
            return (Seat(post, "", CITY),)
        own = Seat(post, department if post in (*_OF_A_DEPARTMENT, Post.OFFICER) else "", county)
        if post is Post.COMPANY_HEAD and county != CITY:
            return own, Seat(post, "", CITY)
        return (own,)

    def _climb(self, seat: Seat, officers: tuple[str, ...]) -> tuple[tuple[str, ...], Seat | None]:
        """The holders of a seat, or of the first one above it that is held."""
        if seat.post is Post.OFFICER and officers:
            return officers, seat
        for above in _upwards(seat):
            if account := self.holder(above):
                return (account,), above
        return (), None

    def _faults(self) -> Iterator[FieldProblem]:
        seen: dict[Seat, int] = {}
        for number, row in enumerate(self.rows, 1):
            for column, label, problem in _row_faults(row):
                yield FieldProblem(f"rows[{number}].{column}", f"岗位第{number}行·{label}", problem)
            if row.seat in seen:
                problem = f"与第{seen[row.seat]}行是同一岗位"
                yield FieldProblem(f"rows[{number}].post", f"岗位第{number}行·岗位", problem)
            seen.setdefault(row.seat, number)
        yield from _quiet_faults(self.quiet)


@cache
def _shipped() -> PostTable:
    return PostTable.from_json(json.loads(SHIPPED.read_text("utf-8")))


def _quiet_faults(rows: tuple[Quiet, ...]) -> Iterator[FieldProblem]:
    seen: dict[Post | None, int] = {}
    for number, row in enumerate(rows, 1):
        if row.post in seen:
            problem = f"与第{seen[row.post]}行是同一岗位"
            yield FieldProblem(f"quiet[{number}].post", f"免扰时段第{number}行·岗位", problem)
        seen.setdefault(row.post, number)
        if close_of_business(row.morning) >= close_of_business(row.evening):
            problem = f"{row.morning} 应早于 {row.evening}"
            yield FieldProblem(f"quiet[{number}].morning", f"免扰时段第{number}行·至次日", problem)


def _row_faults(row: Holder) -> Iterator[tuple[str, str, str]]:
    if row.post in _OF_A_DEPARTMENT and not row.department:
        yield "department", "部门", f"{row.post.title}须写明部门"
    if row.post not in _OF_A_DEPARTMENT and row.department:
        yield "department", "部门", f"{row.post.title}属全公司，不写部门"
    if row.department and row.department not in DEPARTMENTS:
        yield "department", "部门", f"没有部门“{row.department}”，可用：{'、'.join(DEPARTMENTS)}"
    if fault := fault_of_place([row.department], row.county):
        yield "county", "县区", fault


def _upwards(seat: Seat) -> Iterator[Seat]:
    """A seat and those above it: in its county to the head of the company, then in the city."""
    post: Post | None = seat.post
    while post:
        yield Seat(post, seat.department if post in _OF_A_DEPARTMENT else "", seat.county)
        post = _ABOVE.get(post)
    if seat.county != CITY:
        if seat.post is not Post.COMPANY_HEAD:
            yield Seat(Post.LEADER, "", CITY)
        yield Seat(Post.COMPANY_HEAD, "", CITY)

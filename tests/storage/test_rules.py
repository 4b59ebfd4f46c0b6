"""Calendar, limits and posts are kept version by version, and the current content again is no new one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.exc import InvalidRequestError

from storage.database import Database
from storage.rules import RuleKind, current_rule, current_rules, load_rules, rule_version, rule_versions

LIMITS, POSTS = RuleKind.LIMITS, RuleKind.POSTS


def load(database: Database, kind: RuleKind, content: dict[str, Any], now: datetime, by: str = "wang") -> int:
    with database.transaction() as session:
        return load_rules(session, kind, content, "备注", by, now)[0].version


def test_a_first_table_is_version_1_and_says_who_loaded_it_and_when(database: Database, now: datetime) -> None:
    content = {"version": "2026-11", "rows": [{"id": "业务受理", "days": 1}]}

    with database.transaction() as session:
        loaded, new = load_rules(session, LIMITS, content, "首次载入", "wang", now)

    with database.session() as session:
        stored = current_rule(session, LIMITS)
    assert stored is not None
    assert new
    assert (stored.version, stored.content, stored.note) == (1, content, "首次载入")
    assert (stored.loaded_by, stored.loaded_at, stored.sha256) == ("wang", now, loaded.sha256)


def test_loading_the_current_content_again_makes_no_new_version(database: Database, now: datetime) -> None:
    load(database, LIMITS, {"rows": [1]}, now)

    with database.transaction() as session:
        again, new = load_rules(session, LIMITS, {"rows": [1]}, "再次", "li", now + timedelta(days=1))

    assert (again.version, again.loaded_by, new) == (1, "wang", False)


def test_an_older_content_loaded_again_is_a_new_version(database: Database, now: datetime) -> None:
    assert [load(database, LIMITS, {"rows": [n]}, now) for n in (1, 2, 1)] == [1, 2, 3]


def test_each_kind_counts_for_itself_and_the_current_of_all_are_told_at_once(database: Database, now: datetime) -> None:
    load(database, LIMITS, {"rows": [1]}, now)
    load(database, LIMITS, {"rows": [2]}, now)
    load(database, POSTS, {"rows": [3]}, now)

    with database.session() as session:
        current = current_rules(session)
        only = current_rules(session, [POSTS])

    assert {kind: (one.version, one.content) for kind, one in current.items()} == {
        LIMITS: (2, {"rows": [2]}),
        POSTS: (1, {"rows": [3]}),
    }
    assert set(only) == {POSTS}


def test_an_old_version_can_be_read_and_one_that_never_was_is_none(database: Database, now: datetime) -> None:
    load(database, LIMITS, {"rows": [1]}, now)
    load(database, LIMITS, {"rows": [2]}, now)

    with database.session() as session:
        first, third = rule_version(session, LIMITS, 1), rule_version(session, LIMITS, 3)

    assert first is not None
    assert (first.content, third) == ({"rows": [1]}, None)


def test_the_list_has_the_newest_first_a_page_at_a_time_without_contents(database: Database, now: datetime) -> None:
    for n in range(4):
        load(database, LIMITS, {"rows": [n]}, now)

    with database.session() as session:
        page = rule_versions(session, LIMITS, limit=2)
        following = rule_versions(session, LIMITS, limit=2, before=3)
        with pytest.raises(InvalidRequestError):
            _ = page[0].content

    assert [[one.version for one in found] for found in (page, following)] == [[4, 3], [2, 1]]


def test_tables_loaded_at_once_become_versions_one_after_the_other(database: Database, now: datetime) -> None:
    with ThreadPoolExecutor(8) as threads:
        versions = list(threads.map(lambda n: load(database, LIMITS, {"rows": [n]}, now), range(8)))

    assert sorted(versions) == list(range(1, 9))

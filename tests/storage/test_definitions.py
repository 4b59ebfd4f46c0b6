from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from storage.database import Database
from storage.definitions import (
    DefinitionKind,
    current_definition,
    current_definitions,
    definition,
    definition_at,
    definition_versions,
    deploy_definition,
    listed_definitions,
    retire_definitions,
)

BPMN, FORM = DefinitionKind.BPMN, DefinitionKind.FORM


def test_a_first_deployment_is_version_1_with_the_text_word_for_word(database: Database, now: datetime) -> None:
    source = "<definitions name='高压业扩'/>\r\n"

    with database.transaction() as session:
        deploy_definition(session, BPMN, "hv_connection", "hv_connection.bpmn", source, now)

    with database.session() as session:
        stored = current_definition(session, BPMN, "hv_connection")
    assert stored is not None
    assert (stored.version, stored.source, stored.file_name) == (1, source, "hv_connection.bpmn")
    assert stored.sha256 == hashlib.sha256(source.encode()).hexdigest()
    assert stored.deployed_at == now


def test_deploying_the_current_text_again_makes_no_new_version(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        deploy_definition(session, BPMN, "p", "p.bpmn", "<a/>", now)
    with database.transaction() as session:
        again = deploy_definition(session, BPMN, "p", "p.bpmn", "<a/>", now + timedelta(days=1))

    assert (again.version, again.deployed_at) == (1, now)


def test_another_text_is_the_next_version_and_the_old_one_stays(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        for source in ("<a/>", "<b/>"):
            deploy_definition(session, BPMN, "p", "p.bpmn", source, now)

    with database.session() as session:
        current, first = current_definition(session, BPMN, "p"), definition(session, BPMN, "p", 1)
    assert current is not None
    assert first is not None
    assert (current.version, current.source, first.source) == (2, "<b/>", "<a/>")


def test_going_back_to_an_old_text_makes_it_current_under_a_new_version(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        versions = [deploy_definition(session, BPMN, "p", "p", text, now).version for text in ("<a/>", "<b/>", "<a/>")]

    assert versions == [1, 2, 3]


def test_a_form_and_a_diagram_of_one_key_do_not_meet(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        deploy_definition(session, BPMN, "survey", "survey.bpmn", "<a/>", now)
        deploy_definition(session, FORM, "survey", "survey.form", "{}", now)
        deploy_definition(session, FORM, "survey", "survey.form", "{ }", now)
        current = [(each.kind, each.version, each.source) for each in current_definitions(session)]

    assert current == [("bpmn", 1, "<a/>"), ("form", 2, "{ }")]


def test_what_was_never_deployed_is_none(database: Database) -> None:
    with database.session() as session:
        assert current_definition(session, BPMN, "p") is None
        assert definition(session, BPMN, "p", 1) is None


def test_workers_that_deploy_the_same_text_at_once_make_one_version(database: Database, now: datetime) -> None:
    def deploy(_: int) -> int:
        with database.transaction() as session:
            return deploy_definition(session, BPMN, "p", "p.bpmn", "<a/>", now).version

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(deploy, range(8))) == {1}


def test_a_source_that_is_retired_is_readable_and_current_no_more(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        for key in ("kept", "gone"):
            deploy_definition(session, BPMN, key, f"{key}.bpmn", "<a/>", now)
        deploy_definition(session, FORM, "kept", "kept.form", "{}", now)
        retired = retire_definitions(session, {("bpmn", "kept"), ("form", "kept")})
        again = retire_definitions(session, {("bpmn", "kept"), ("form", "kept")})

    with database.session() as session:
        current = [(one.kind, one.key) for one in current_definitions(session)]
        old = definition(session, BPMN, "gone", 1)
        none = current_definition(session, BPMN, "gone")

    assert (retired, again) == (True, False)
    assert current == [("bpmn", "kept"), ("form", "kept")]
    assert (old.source if old else "", none) == ("<a/>", None)


def test_a_retired_source_that_is_deployed_again_is_a_new_version(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        deploy_definition(session, BPMN, "p", "p.bpmn", "<a/>", now)
        retire_definitions(session, ())
        again = deploy_definition(session, BPMN, "p", "p.bpmn", "<a/>", now)

    assert (again.version, again.retired) == (2, False)


def test_current_sources_are_listed_a_page_at_a_time(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        for kind, key in ((FORM, "a"), (BPMN, "b"), (BPMN, "a")):
            deploy_definition(session, kind, key, f"{key}.{kind}", "1", now)
        deploy_definition(session, BPMN, "b", "b.bpmn", "2", now)

    with database.session() as session:
        page = listed_definitions(session, limit=2)
        following = listed_definitions(session, limit=2, after=("bpmn", "b"))

    assert [(one.kind, one.key, one.version) for one in (*page, *following)] == [
        ("bpmn", "a", 1),
        ("bpmn", "b", 2),
        ("form", "a", 1),
    ]


def test_the_versions_of_a_source_are_listed_newest_first(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        for text in ("1", "2", "3"):
            deploy_definition(session, BPMN, "p", "p.bpmn", text, now)

    with database.session() as session:
        page = definition_versions(session, BPMN, "p", limit=2)
        following = definition_versions(session, BPMN, "p", limit=2, before=2)

    assert [[one.version for one in found] for found in (page, following)] == [[3, 2], [1]]


def test_the_version_of_a_moment_is_the_one_that_was_current_then(database: Database, now: datetime) -> None:
    days = [now + timedelta(days=day) for day in range(3)]
    with database.transaction() as session:
        for day, text in zip(days[1:], ("<a/>", "<b/>"), strict=True):
            deploy_definition(session, DefinitionKind.BPMN, "hv", "hv.bpmn", text, day)
    with database.session() as session:
        found = [definition_at(session, DefinitionKind.BPMN, "hv", day) for day in days]

    assert [one and one.source for one in found] == [None, "<a/>", "<b/>"]

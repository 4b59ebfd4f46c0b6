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
    deploy_definition,
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

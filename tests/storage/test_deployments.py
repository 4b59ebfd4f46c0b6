"""Deployments are numbered in their order, listed newest first, and lead back to the sources of their time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from storage.database import Database
from storage.definitions import DefinitionKind, current_definitions, deploy_definition
from storage.deployments import (
    Deployment,
    add_deployment,
    deployed_sources,
    deployment,
    deployments,
    newest_deployment,
)


def add(database: Database, now: datetime, note: str = "", **sources: str) -> int:
    """A deployment of these diagrams over those that are current."""
    with database.transaction() as session:
        for key, text in sources.items():
            deploy_definition(session, DefinitionKind.BPMN, key, f"{key}.bpmn", text, now)
        files = [
            {"file": one.file_name, "kind": one.kind, "key": one.key, "version": one.version, "changed": True}
            for one in current_definitions(session)
        ]
        one = Deployment(note=note, deployed_by="zhao", deployed_at=now, files=files, processes=[], rolls_back=None)
        return add_deployment(session, one).id


def test_deployments_are_numbered_from_1_and_the_newest_is_current(database: Database, now: datetime) -> None:
    numbers = [add(database, now, note) for note in ("首次", "改期限")]

    with database.session() as session:
        newest, first, third = newest_deployment(session), deployment(session, 1), deployment(session, 3)

    assert (numbers, third) == ([1, 2], None)
    assert newest is not None
    assert first is not None
    assert (newest.note, first.note, first.deployed_by, first.deployed_at) == ("改期限", "首次", "zhao", now)


def test_they_are_listed_newest_first_a_page_at_a_time(database: Database, now: datetime) -> None:
    for _ in range(3):
        add(database, now)

    with database.session() as session:
        page, following = deployments(session, limit=2), deployments(session, limit=2, before=2)

    assert [[one.id for one in found] for found in (page, following)] == [[3, 2], [1]]


def test_the_sources_of_its_time_are_found_word_for_word(database: Database, now: datetime) -> None:
    add(database, now, p="<a/>", q="<q/>")
    add(database, now, p="<b/>", r="<r/>")

    with database.session() as session:
        old, new = [deployed_sources(session, one) for one in reversed(deployments(session, limit=2))]

    assert old == {"p.bpmn": "<a/>", "q.bpmn": "<q/>"}
    assert new == {"p.bpmn": "<b/>", "q.bpmn": "<q/>", "r.bpmn": "<r/>"}


def test_a_deployment_of_nothing_leads_to_nothing(database: Database, now: datetime) -> None:
    add(database, now)

    with database.session() as session:
        (one,) = deployments(session, limit=1)
        assert deployed_sources(session, one) == {}


def test_deployments_at_once_get_numbers_of_their_own(database: Database, now: datetime) -> None:
    with ThreadPoolExecutor(8) as threads:
        numbers = list(threads.map(lambda _: add(database, now), range(8)))

    assert sorted(numbers) == list(range(1, 9))

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest

from storage.bundles import (
    MessageStartTaken,
    bundle,
    current_bundle,
    current_bundles,
    current_versions,
    deploy_bundle,
    is_known_message,
    known_messages,
    message_starts,
    retire_bundles,
)
from storage.database import Database


def test_a_bundle_comes_back_byte_for_byte(database: Database, now: datetime) -> None:
    payload = bytes(range(256)) * 10

    with database.transaction() as session:
        version = deploy_bundle(session, "hv_connection", "a1", payload, now=now)

    with database.session() as session:
        stored = bundle(session, "hv_connection", version)
    assert stored is not None
    assert (stored.version, stored.payload, stored.sha256, stored.deployed_at) == (1, payload, "a1", now)


def test_deploying_the_current_bundle_again_changes_nothing(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        versions = [deploy_bundle(session, "p", "a1", b"a", messages=["m"], now=now) for _ in range(3)]
        assert versions == [1, 1, 1]
        assert known_messages(session) == {"m"}


def test_a_changed_bundle_is_current_and_the_old_one_stays_for_running_cases(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        deploy_bundle(session, "p", "a1", b"old", now=now)
        deploy_bundle(session, "p", "b2", b"new", now=now)
        current, first = current_bundle(session, "p"), bundle(session, "p", 1)

    assert current is not None
    assert first is not None
    assert (current.version, current.payload, first.payload) == (2, b"new", b"old")


def test_a_process_never_deployed_has_no_bundle(database: Database) -> None:
    with database.session() as session:
        assert current_bundle(session, "p") is None
        assert bundle(session, "p", 1) is None


def test_message_starts_are_those_of_the_current_bundles(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        deploy_bundle(session, "p", "a1", b"a", starts=["application"], now=now)
        deploy_bundle(session, "q", "a1", b"a", messages=["withdrawal"], starts=["outage request"], now=now)
        deploy_bundle(session, "p", "b2", b"b", starts=["online application"], now=now)

        assert message_starts(session) == {"online application": "p", "outage request": "q"}


def test_messages_of_old_bundles_stay_known(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        deploy_bundle(session, "p", "a1", b"a", messages=["withdrawal"], now=now)
        deploy_bundle(session, "p", "b2", b"b", now=now)

        assert known_messages(session) == {"withdrawal"}
        assert is_known_message(session, "withdrawal")
        assert not is_known_message(session, "application")


def test_a_message_cannot_start_two_processes(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        deploy_bundle(session, "p", "a1", b"a", starts=["application"], now=now)
    with (
        pytest.raises(MessageStartTaken, match="'application' already starts process 'p'"),
        database.transaction() as s,
    ):
        deploy_bundle(s, "q", "a1", b"a", starts=["application"], now=now)

    with database.session() as session:
        assert current_bundle(session, "q") is None


def test_workers_that_deploy_the_same_bundle_at_once_make_one_version(database: Database, now: datetime) -> None:
    def deploy(_: int) -> int:
        with database.transaction() as session:
            return deploy_bundle(session, "p", "a1", b"a", starts=["application"], now=now)

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(deploy, range(8))) == {1}


def test_a_process_that_is_retired_starts_no_more_and_its_bundles_stay_for_running_cases(
    database: Database, now: datetime
) -> None:
    with database.transaction() as session:
        deploy_bundle(session, "p", "a1", b"a", starts=["application"], now=now)
        deploy_bundle(session, "p", "b2", b"b", starts=["application"], now=now)
        deploy_bundle(session, "q", "a1", b"a", now=now)
        retire_bundles(session, {"q"})

    with database.session() as session:
        current = [one.key for one in current_bundles(session)]
        kept = bundle(session, "p", 1)
        told = (current_bundle(session, "p"), message_starts(session), current_versions(session))

    assert (current, told) == (["q"], (None, {}, {"q": 1}))
    assert kept is not None
    assert kept.payload == b"a"


def test_a_retired_process_that_is_deployed_again_is_a_new_version(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        deploy_bundle(session, "p", "a1", b"a", now=now)
        retire_bundles(session, ())
        version = deploy_bundle(session, "p", "a1", b"a", now=now)
        current = current_bundle(session, "p")

    assert version == 2
    assert current is not None
    assert current.version == 2


def test_a_message_that_a_retired_process_started_by_may_start_another(database: Database, now: datetime) -> None:
    with database.transaction() as session:
        deploy_bundle(session, "p", "a1", b"a", starts=["application"], now=now)
        retire_bundles(session, ())
        deploy_bundle(session, "q", "a1", b"a", starts=["application"], now=now)

        assert message_starts(session) == {"application": "q"}

"""The first administrator's account, made from the machine itself."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from api.accounts import AccountRefused, NewAccount, create, main
from api.passwords import is_password
from api.rights import Role
from storage.accounts import account_of
from storage.database import Database
from tests.api.serving import Site

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
PASSWORD = "correct horse battery"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    url = f"sqlite:///{tmp_path / 'yekuo.db'}"
    monkeypatch.setenv("YEKUO_DATABASE_URL", url)
    database = Database(url)
    database.migrate()
    return database


def _kept(database: Database, account: str) -> str:
    with database.session() as session:
        found = account_of(session, account)
        return found.password_hash if found else ""


async def test_who_was_made_by_the_command_logs_in_and_gives_out_accounts(here: Site) -> None:
    create(here.database, NewAccount("root", "管理员", (Role.ADMINISTRATOR,)), PASSWORD, NOW)

    answer = await here.log_in("root", PASSWORD)

    assert answer.status_code == 200
    headers = {"Authorization": f"Bearer {answer.json()['access_token']}"}
    assert (await here.client.get("/api/v1/accounts", headers=headers)).status_code == 200


def test_the_password_comes_from_a_file(database: Database, tmp_path: Path) -> None:
    (tmp_path / "password").write_text(f"{PASSWORD}\n", "utf-8")

    assert (
        main(["create", "--account", "root", "--role", "administrator", "--password-file", str(tmp_path / "password")])
        == 0
    )

    assert is_password(PASSWORD, _kept(database, "root"))


def test_the_password_comes_from_standard_input(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))

    assert main(["create", "--account", "root", "--role", "administrator"]) == 0

    assert is_password(PASSWORD, _kept(database, "root"))


def test_no_argument_takes_the_password(database: Database) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["create", "--account", "root", "--role", "administrator", "--password", PASSWORD])

    assert ended.value.code == 2


def test_an_account_that_exists_keeps_its_password(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    create(database, NewAccount("root", "root", (Role.ADMINISTRATOR,)), PASSWORD, NOW)
    (tmp_path / "other").write_text("another password", "utf-8")

    answer = main(["create", "--account", "root", "--role", "officer", "--password-file", str(tmp_path / "other")])

    assert answer == 1
    assert "the account root exists" in capsys.readouterr().err
    assert is_password(PASSWORD, _kept(database, "root"))


@pytest.mark.parametrize(
    ("wanted", "password", "said"),
    [
        (NewAccount("root", "root", (Role.ADMINISTRATOR,)), "short", "a password has 10 to 1000 characters"),
        (NewAccount("", "root", (Role.ADMINISTRATOR,)), PASSWORD, "an account has 1 to 100 characters"),
        (NewAccount("root ", "root", (Role.ADMINISTRATOR,)), PASSWORD, "no space at its ends"),
        (NewAccount("root", "root", (Role.OFFICER,), ("nowhere",)), PASSWORD, "no department nowhere"),
        (NewAccount("root", "root", (Role.OFFICER,), ("province_planning",), "开发区"), PASSWORD, "is of no county"),
    ],
)
def test_what_the_api_would_refuse_is_refused_here(
    database: Database, wanted: NewAccount, password: str, said: str
) -> None:
    with pytest.raises(AccountRefused, match=said):
        create(database, wanted, password, NOW)

    assert not _kept(database, wanted.account)


def test_an_unreadable_password_file_makes_no_account(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = main(
        ["create", "--account", "root", "--role", "administrator", "--password-file", str(tmp_path / "nowhere")]
    )

    assert answer == 1
    assert "cannot be read" in capsys.readouterr().err
    assert not _kept(database, "root")

"""Where accounts are reached: at most one address a channel, taken over from a list as a whole or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from domain.notices import Address, Channel
from storage.addresses import addresses_of, set_addresses
from storage.database import Database
from storage.load_addresses import load, main, read
from storage.settings import Settings

MAIL, ROBOT = Address(Channel.EMAIL, "zhangwei@example.com"), Address(Channel.WECOM, "指挥中心")
ROWS = [
    {"account": "zhangwei", "channel": "email", "address": "zhangwei@example.com"},
    {"account": "zhangwei", "channel": "企业微信", "address": "指挥中心"},
]


def written(folder: Path, rows: Any) -> Path:
    path = folder / "addresses.json"
    path.write_text(json.dumps({"rows": rows}, ensure_ascii=False), "utf-8")
    return path


def known(database: Database, *accounts: str) -> dict[str, list[Address]]:
    with database.session() as session:
        return addresses_of(session, accounts)


def test_an_account_is_reached_at_what_was_set_last(database: Database) -> None:
    with database.transaction() as session:
        set_addresses(session, "zhangwei", [ROBOT])
        set_addresses(session, "lina", [ROBOT])
    with database.transaction() as session:
        set_addresses(session, "zhangwei", [ROBOT, MAIL])
        set_addresses(session, "lina", [])

    assert known(database, "zhangwei", "lina", "wang") == {"zhangwei": [MAIL, ROBOT]}


def test_two_addresses_on_one_channel_are_refused_and_nothing_changes(database: Database) -> None:
    with database.transaction() as session:
        set_addresses(session, "zhangwei", [MAIL])

    with pytest.raises(ValueError, match="只能有一个地址"), database.transaction() as session:
        set_addresses(session, "zhangwei", [ROBOT, ROBOT])

    assert known(database, "zhangwei") == {"zhangwei": [MAIL]}


def test_a_list_is_taken_over_as_a_whole_and_again_without_effect(database: Database, tmp_path: Path) -> None:
    with database.transaction() as session:
        set_addresses(session, "gone", [ROBOT])

    assert [load(database, written(tmp_path, ROWS)) for _ in range(2)] == [2, 2]

    assert known(database, "zhangwei", "gone") == {"zhangwei": [MAIL, ROBOT]}


@pytest.mark.parametrize("head", ["account,channel,address", "账号,渠道,地址"])
def test_a_list_from_a_spreadsheet_is_read(database: Database, tmp_path: Path, head: str) -> None:
    path = tmp_path / "addresses.csv"
    path.write_text(f"\ufeff{head}\r\nzhangwei,email,zhangwei@example.com\r\n", "utf-8")

    assert load(database, path) == 1
    assert known(database, "zhangwei") == {"zhangwei": [MAIL]}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"account": ""}, "联系地址第3行·账号（rows[3].account）未填写"),
        ({"channel": "fax"}, "联系地址第3行·渠道（rows[3].channel）应为email（电子邮件）"),
        ({"address": "lina"}, "联系地址第3行·地址（rows[3].address）不是电子邮件地址"),
        ({"account": "zhangwei"}, "账号 zhangwei 的电子邮件地址已在第1行"),
    ],
)
def test_a_list_with_a_fault_is_refused_by_row_and_changes_nothing(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str], row: dict[str, str], said: str
) -> None:
    third = {"account": "lina", "channel": "email", "address": "lina@example.com", **row}
    path = written(tmp_path, [*ROWS, third])
    settings = Settings(database_url=database.engine.url.render_as_string(hide_password=False))

    assert main([str(path)], settings) == 1

    assert said in capsys.readouterr().err
    assert known(database, "zhangwei", "lina") == {}


@pytest.mark.parametrize(("text", "said"), [("[1]", "应为一个 JSON 对象"), ('{"rows":\n x}', "第2行第2列有误")])
def test_a_file_that_is_no_list_is_refused_in_words(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "addresses.json"
    path.write_text(text, "utf-8")

    with pytest.raises(ValueError, match=said):
        read(path)

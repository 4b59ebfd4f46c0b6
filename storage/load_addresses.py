"""Takes over the addresses of accounts: `python -m storage.load_addresses FILE`.

The file is the whole list: accounts that it does not name are reached no more. It is JSON, `{"rows": [{"account": …,
"channel": …, "address": …}]}`, or CSV (UTF-8, by its ending) with the head account,channel,address or 账号,渠道,地址.
A file with a fault changes nothing; loading the same file again changes nothing either.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from domain.addresses import AddressList, AddressRow
from storage.addresses import replace_addresses
from storage.database import Database
from storage.settings import Settings

_KEYS = {field.title: key for key, field in AddressRow.model_fields.items()}


def read(path: Path) -> AddressList:
    """The list in a file; `ValueError` (`MissingFields` for its rows) or `OSError` where there is none."""
    text = path.read_text("utf-8-sig")
    data: Any = {"rows": _csv_rows(text)} if path.suffix.lower() == ".csv" else _json(text)
    if not isinstance(data, dict):
        raise ValueError('文件应为一个 JSON 对象：{"rows": [...]}')
    return AddressList.from_json(data)


def load(database: Database, path: Path) -> int:
    """Makes the list in a file the one that holds, all or nothing; answers how many addresses it has."""
    found = read(path)
    with database.transaction() as session:
        replace_addresses(session, found.by_account())
    return len(found.rows)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as fault:
        raise ValueError(f"不是 JSON：第{fault.lineno}行第{fault.colno}列有误") from fault


def _csv_rows(text: str) -> list[dict[str, str]]:
    rows = csv.DictReader(text.splitlines())
    return [{_KEYS.get(name, name): value for name, value in row.items() if name} for row in rows]


def main(arguments: Sequence[str], settings: Settings) -> int:
    """Loads the file that is named; 1 where it cannot be taken."""
    if len(arguments) != 1:
        print("用法：python -m storage.load_addresses 文件.json|文件.csv", file=sys.stderr)
        return 1
    database = Database(settings.database)
    try:
        database.migrate()
        print(f"已采用 {load(database, Path(arguments[0]))} 个联系地址")
    except (OSError, ValueError) as fault:
        print(f"{arguments[0]}：{fault}", file=sys.stderr)
        return 1
    finally:
        database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Settings()))

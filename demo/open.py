"""`make case`: brings today's sample application to the installation that `make run` runs, and says how to go on."""

from __future__ import annotations

import asyncio
import json
import sys
from datetime import datetime

from api.cases import start_case
from demo.scenario import Act, read_scenario
from domain.chinese import BUSINESS_ZONE
from storage.company_tables import SettingsRefused
from storage.database import Database
from storage.numbers import next_number
from storage.settings import Settings
from workflows.codec import CONVERTER
from workflows.namespace import NamespaceUnfit, connect

_HOW = """{title}
工单 {case_no} 已受理，可在 Temporal Web UI 查看：
  {link}
下一步「业务受理」由营销部办理，例如：
  .venv/bin/temporal workflow update execute --address {address} --workflow-id {workflow} --name complete \\
    --input '{act}'
"""


async def main(settings: Settings) -> int:
    """Start the case; answers the exit code."""
    today = datetime.now(BUSINESS_ZONE).date()
    scenario = read_scenario("10kv", today)
    database = Database(settings.database)
    try:
        client = await connect(settings.temporal_address, settings.namespace, CONVERTER)
    except NamespaceUnfit as unfit:
        print(f"{unfit}: is `make run` running?", file=sys.stderr)
        return 1
    with database.transaction() as session:
        number = next_number(session, f"case-{today.year}")
    variables = {**scenario.variables, "caseNo": f"YK-{today.year}-{number:04d}"}
    try:
        handle = await start_case(client, database, settings.task_queue, scenario.process, variables)
    except SettingsRefused as refused:
        print(refused, file=sys.stderr)
        return 1
    async with asyncio.timeout(30):
        while not (tasks := (await handle.query("view"))["tasks"]):
            await asyncio.sleep(0.1)
    first = next(act for act in scenario.acts if isinstance(act, Act))
    act = {"task": str(tasks[0]["key"]), "by": "王敏", "groups": ["marketing"], "data": first.data}
    link = f"http://127.0.0.1:{settings.temporal_ui_port}/namespaces/{settings.namespace}/workflows/{handle.id}"
    print(
        _HOW.format(
            title=scenario.title,
            case_no=variables["caseNo"],
            link=link.replace("case/", "case%2F"),
            address=settings.temporal_address,
            workflow=handle.id,
            act=json.dumps(act, ensure_ascii=False),
        )
    )
    # An interpreter that ends right after its last call may crash in the SDK's own threads.
    await asyncio.sleep(0.1)
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(Settings())))

"""The engine's README: its example runs as printed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.bpmn.building import end, model_xml, process, service, start, user

ROOT = Path(__file__).parents[2]


def test_the_example_of_the_readme_runs_as_printed(tmp_path: Path) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", (ROOT / "bpmn" / "README.md").read_text("utf-8"), re.S)
    steps = [start(), service("pay"), user("approve"), end()]
    model = model_xml(process(*steps, flows=["start > pay > approve > end"], id_="order"))
    (tmp_path / "order.bpmn").write_text(model, "utf-8")
    environment = {"PYTHONPATH": str(ROOT)}

    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        input="y\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert ran.stdout.splitlines() == [
        "? completed {'amount': 1200, 'paid': True, 'approved': True}",
        "['start', 'pay', 'approve', 'end', 'order']",
    ]
    assert len(code.strip().splitlines()) <= 20

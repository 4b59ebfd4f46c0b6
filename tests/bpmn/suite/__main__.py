"""Writes the page of coverage and the models anew: `python -m tests.bpmn.suite`, which is `make coverage`."""

from __future__ import annotations

from tests.bpmn.suite import CASES
from tests.bpmn.suite.coverage import MODELS, PAGE, page

MODELS.mkdir(exist_ok=True)
for stale in set(MODELS.glob("*.bpmn")) - {MODELS / case.file for case in CASES}:
    stale.unlink()
for case in CASES:
    (MODELS / case.file).write_text(case.xml, "utf-8")
PAGE.write_text(page(), "utf-8")
print(f"{PAGE.name}: {len(CASES)} rows")

"""`python -m activities.documents check [FOLDER]`: do the templates print what the models say?"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from activities.documents.marks import template_faults
from activities.documents.rendering import template_path
from activities.documents.settings import DocumentSettings
from domain.documents import DOCUMENTS


def check(folder: Path) -> int:
    """Prints every fault of every template in `folder`; 0 when there is none, else 1."""
    outcome = 0
    for kind, model in DOCUMENTS.items():
        path = template_path(kind, folder)
        faults = template_faults(path, model) if path.is_file() else ["找不到文件"]
        print(f"{path.name}（{model.title}）：" + ("；".join(faults) or "标记齐全"))
        outcome = outcome or int(bool(faults))
    return outcome


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; exit code 0 when every template fits its model."""
    parser = argparse.ArgumentParser(prog="python -m activities.documents")
    command = parser.add_subparsers(dest="command", required=True).add_parser(
        "check", help="compare templates and models"
    )
    command.add_argument("folder", type=Path, nargs="?", default=DocumentSettings().templates)
    return check(parser.parse_args(arguments).folder)


if __name__ == "__main__":
    sys.exit(main())

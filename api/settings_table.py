"""The table of all settings, made from their classes: `python -m api.settings_table > docs/settings.md`.

A class that is not named here, or a setting that says nothing of itself, fails a test.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from activities.channels.settings import ChannelSettings
from activities.documents.settings import DocumentSettings
from activities.numbering import NumberFormats
from api.bay_settings import BaySettings
from api.case_settings import CaseSettings
from api.settings import ApiSettings
from storage.configured import Configured
from storage.settings import Settings

ROOT = Path(__file__).parent.parent
CLASSES: tuple[tuple[str, type[Configured]], ...] = (
    ("Installation", Settings),
    ("API", ApiSettings),
    ("New cases", CaseSettings),
    ("Bays 间隔", BaySettings),
    ("Messages", ChannelSettings),
    ("Documents 文书", DocumentSettings),
    ("Numbers 编号", NumberFormats),
)
_HEAD = """# Settings

Made by `make settings`; a test holds it to the classes. Every setting is an environment variable, and one that is set
but empty counts as not set. Every one may also come from a file: `NAME_FILE` is the path of a file whose content is the
value; secrets, marked 🔒, should. With `YEKUO_ENVIRONMENT=production` no process starts with unsafe settings
(`storage/safety.py` has the rules; it says what to set instead).
"""
_TEMPORAL = """
## Temporal

Temporal's own variables choose the cluster, for API, worker and jobs; they go before `YEKUO_NAMESPACE` and the port
above. `make run` passes them over: it brings a server of its own.

| variable | default | meaning |
|---|---|---|
| `TEMPORAL_ADDRESS` | the server of `make run` | HOST:PORT of the cluster; in production it must be set |
| `TEMPORAL_NAMESPACE` | `YEKUO_NAMESPACE` | the namespace of the cases |
| `TEMPORAL_TLS` | `false` | `true` for TLS |
| `TEMPORAL_TLS_SERVER_CA_CERT_PATH` | the system's | the file of the CA that the cluster's certificate is of |
| `TEMPORAL_TLS_CLIENT_CERT_PATH`, `TEMPORAL_TLS_CLIENT_KEY_PATH` | none | the files of a certificate of our own |
| `TEMPORAL_API_KEY` 🔒 | none | a key in the place of a certificate; turns TLS on |
| `TEMPORAL_API_KEY_FILE` | none | the file that holds the key |
| `TEMPORAL_CONFIG_FILE`, `TEMPORAL_PROFILE` | none | a file of Temporal's settings, read only where it is named |
"""


def table() -> str:
    """The whole document."""
    return _HEAD + "".join(_section(title, of) for title, of in CLASSES) + _TEMPORAL


def _section(title: str, of: type[Configured]) -> str:
    lines = "".join(f"| {' | '.join(cells)} |\n" for cells in _rows(of))
    return f"\n## {title}\n\n| variable | default | meaning |\n|---|---|---|\n{lines}"


def _rows(of: type[Configured]) -> Iterator[tuple[str, str, str]]:
    for name, field in of.model_fields.items():
        variable = f"`{of.model_config.get('env_prefix', '')}{name}`".upper()
        if _is_secret(field.annotation):
            variable += " 🔒"
        meaning = " ".join(filter(None, (field.description, _bounds(field))))
        yield variable, _default(field.get_default(call_default_factory=True)), meaning.replace("|", "\\|")


def _is_secret(annotation: Any) -> bool:
    """Whether a secret is in it, however deep."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return any(_is_secret(field.annotation) for field in annotation.model_fields.values())
    return annotation is SecretStr or any(map(_is_secret, get_args(annotation)))


def _default(value: Any) -> str:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if isinstance(value, BaseModel) or value in (None, "", {}):
        return "none"
    if isinstance(value, Path) and value.is_relative_to(ROOT):
        value = value.relative_to(ROOT)
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g} s"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _bounds(field: FieldInfo) -> str:
    signs = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
    found = [
        f"{sign} {getattr(part, name)}"
        for part in field.metadata
        for name, sign in signs.items()
        if hasattr(part, name)
    ]
    return f"({', '.join(found)})" if found else ""


if __name__ == "__main__":
    sys.stdout.write(table())

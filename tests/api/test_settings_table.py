"""The table of settings in the documents is what the classes say."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from pydantic_settings import BaseSettings

import activities
import api
import storage
from api.settings_table import CLASSES, ROOT, table
from storage.company_tables import TableFiles
from storage.configured import Configured


def _all_settings() -> set[type[BaseSettings]]:
    for package in (activities, api, storage):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.startswith("storage.migrations"):
                importlib.import_module(module.name)
    found: set[type[BaseSettings]] = set()
    waiting: list[type[BaseSettings]] = [BaseSettings]
    while waiting:
        below = waiting.pop().__subclasses__()
        found.update(one for one in below if one.__module__.split(".")[0] in ("activities", "api", "storage"))
        waiting += below
    return found - {Configured, TableFiles}  # others are made of these


def test_the_document_is_the_table() -> None:
    assert (ROOT / "docs/settings.md").read_text("utf-8") == table(), "run: make settings"


def test_every_class_of_settings_is_in_it_and_takes_secrets_from_files() -> None:
    found = _all_settings()

    assert found == {of for _, of in CLASSES}
    assert all(issubclass(of, Configured) for of in found)


@pytest.mark.parametrize("of", [of for _, of in CLASSES])
def test_every_setting_says_what_it_means(of: type[Configured]) -> None:
    assert [name for name, field in of.model_fields.items() if not field.description] == []


def test_no_two_settings_have_one_name() -> None:
    names = [f"{of.model_config.get('env_prefix', '')}{name}".upper() for _, of in CLASSES for name in of.model_fields]

    assert len(names) == len(set(names)) > 80


def test_secrets_are_marked() -> None:
    marked = {line.split("`")[1] for line in table().splitlines() if "🔒 |" in line}

    assert marked >= {
        "YEKUO_DATABASE_PASSWORD",
        "YEKUO_CHANNEL_SMTP_PASSWORD",
        "YEKUO_CHANNEL_WECOM",
        "YEKUO_CHANNEL_DINGTALK",
        "YEKUO_CHANNEL_FEISHU",
        "YEKUO_CHANNEL_OTHER",
    }
    assert "YEKUO_DATABASE_URL" not in marked

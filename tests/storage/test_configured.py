"""Settings come from the environment, or from files that it names."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict, SettingsError

from storage.configured import Configured
from storage.settings import Settings


class Example(Configured):
    model_config = SettingsConfigDict(env_prefix="EXAMPLE_")

    secret: SecretStr = SecretStr("")
    robots: dict[str, SecretStr] = {}


def test_a_file_gives_the_value_without_the_end_of_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("从文件来\n", "utf-8")
    monkeypatch.setenv("EXAMPLE_SECRET_FILE", str(tmp_path / "secret"))

    assert Example().secret.get_secret_value() == "从文件来"


def test_a_file_gives_a_value_of_several_parts_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "robots").write_text('{"指挥中心": "key"}', "utf-8")
    monkeypatch.setenv("EXAMPLE_ROBOTS_FILE", str(tmp_path / "robots"))

    assert Example().robots["指挥中心"].get_secret_value() == "key"


def test_what_a_caller_says_goes_before_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("from the file", "utf-8")
    monkeypatch.setenv("EXAMPLE_SECRET_FILE", str(tmp_path / "secret"))

    assert Example(secret=SecretStr("said")).secret.get_secret_value() == "said"


def test_a_value_and_its_file_at_once_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXAMPLE_SECRET", "plain")
    monkeypatch.setenv("EXAMPLE_SECRET_FILE", str(tmp_path / "secret"))

    with pytest.raises(SettingsError, match="EXAMPLE_SECRET and EXAMPLE_SECRET_FILE are both set"):
        Example()


@pytest.mark.parametrize(("content", "said"), [(None, "cannot be read"), (b"", "is empty"), (b"\xff", "not UTF-8")])
def test_a_file_that_tells_nothing_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, said: str
) -> None:
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    monkeypatch.setenv("EXAMPLE_SECRET_FILE", str(tmp_path / "secret"))

    with pytest.raises(SettingsError, match=said):
        Example()


def test_a_variable_that_is_empty_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXAMPLE_SECRET_FILE", "")

    assert Example().secret.get_secret_value() == ""


def test_the_database_password_is_put_into_the_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text("p@ss/word", "utf-8")
    monkeypatch.setenv("YEKUO_DATABASE_URL", "postgresql://yekuo@postgres/yekuo")
    monkeypatch.setenv("YEKUO_DATABASE_PASSWORD_FILE", str(tmp_path / "secret"))

    settings = Settings()

    assert settings.database == "postgresql://yekuo:p%40ss%2Fword@postgres/yekuo"
    assert "p@ss" not in repr(settings)

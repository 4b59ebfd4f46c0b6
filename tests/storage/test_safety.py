"""What an installation with real cases must not be set to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from storage.safety import (
    UnsafeSettings,
    hook_faults,
    is_private,
    login_faults,
    mail_faults,
    refuse_unsafe,
    service_faults,
    storage_faults,
    temporal_faults,
)
from storage.settings import Settings

GOOD: dict[str, Any] = {
    "environment": "production",
    "database_url": "postgresql://yekuo@postgres/yekuo",
    "database_password": SecretStr("kX3vQ9mT7wLz2RbN"),
    "files": Path("/var/lib/yekuo/files"),
}


def _settings(**changes: Any) -> Settings:
    return Settings(**{**GOOD, **changes})


def _only(faults: Iterator[str]) -> str:
    [fault] = faults
    return fault


def test_a_production_that_is_set_up_well_starts() -> None:
    refuse_unsafe(_settings(), ())


def test_every_fault_is_told_at_once() -> None:
    with pytest.raises(UnsafeSettings) as refused:
        refuse_unsafe(_settings(database_url="sqlite:///yekuo.db", files=None), ["the moon is full"])

    text = str(refused.value)
    assert all(part in text for part in ("YEKUO_DATABASE_URL", "YEKUO_FILES", "the moon is full"))


def test_development_starts_with_anything() -> None:
    refuse_unsafe(Settings(environment="development"), ["the moon is full"])


def test_a_word_that_is_no_environment_is_refused() -> None:
    with pytest.raises(ValueError, match="environment"):
        _settings(environment="produktion")


@pytest.mark.parametrize("password", ["", "postgres", "aaaaaaaaaaaaaaaa", "abababababababab", "tooshort"])
def test_a_password_that_can_be_guessed_is_refused(password: str) -> None:
    fault = _only(storage_faults(_settings(database_password=SecretStr(password))))

    assert "YEKUO_DATABASE_PASSWORD_FILE" in fault
    assert not password or password not in fault


def test_a_socket_of_this_machine_needs_no_password() -> None:
    url = "postgresql://postgres@/yekuo?host=/run/postgresql"

    assert not list(storage_faults(_settings(database_url=url, database_password=SecretStr(""))))


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("postgresql://yekuo@db.example.com/yekuo", False),
        ("postgresql://yekuo@db.example.com/yekuo?sslmode=prefer", False),
        ("postgresql://yekuo@db.example.com/yekuo?sslmode=verify-full", True),
        ("postgresql://yekuo@10.1.2.3/yekuo", True),
    ],
)
def test_a_database_far_away_is_spoken_to_by_tls(url: str, safe: bool) -> None:
    faults = list(storage_faults(_settings(database_url=url)))

    assert [("sslmode=verify-full" in fault) for fault in faults] == ([] if safe else [True])


@pytest.mark.parametrize("files", [None, Path("files")])
def test_a_file_store_in_the_working_folder_is_refused(files: Path | None) -> None:
    assert "YEKUO_FILES" in _only(storage_faults(_settings(files=files)))


@pytest.mark.parametrize(
    ("address", "encrypted", "chosen", "said"),
    [
        ("127.0.0.1:7233", False, False, "TEMPORAL_ADDRESS is not set"),
        ("ns.tmprl.cloud:7233", False, True, "TEMPORAL_TLS"),
        ("8.8.8.8:7233", False, True, "TEMPORAL_TLS"),
        ("ns.tmprl.cloud:7233", True, True, ""),
        ("temporal:7233", False, True, ""),
        ("[fd00::7]:7233", False, True, ""),
    ],
)
def test_temporal_is_somebody_s_choice_and_far_away_by_tls(
    address: str, encrypted: bool, chosen: bool, said: str
) -> None:
    faults = list(temporal_faults(address, encrypted, chosen))

    assert [said in fault for fault in faults] == ([True] if said else [])


@pytest.mark.parametrize(
    ("values", "variable"),
    [
        ((15, 12, 5), ""),
        ((1441, 12, 5), "YEKUO_API_ACCESS_MINUTES"),
        ((15, 745, 5), "YEKUO_API_REFRESH_HOURS"),
        ((15, 12, 21), "YEKUO_API_WRONG_PASSWORDS"),
    ],
)
def test_logins_that_never_end_and_endless_guesses_are_refused(values: tuple[int, int, int], variable: str) -> None:
    faults = list(login_faults(*values))

    assert [fault.startswith(f"{variable}=") for fault in faults] == ([True] if variable else [])


@pytest.mark.parametrize(
    ("networks", "refused"),
    [
        ("", []),
        ("10.20.0.0/16, fd00:1::/64", []),
        ("127.0.0.0/8", ["127.0.0.0/8"]),
        ("10.20.0.0/16,169.254.169.254", ["169.254.169.254"]),
        ("0.0.0.0/0,::/0", ["0.0.0.0/0", "::/0"]),
    ],
)
def test_webhooks_to_the_machine_itself_are_refused(networks: str, refused: list[str]) -> None:
    faults = list(hook_faults(networks))

    assert [network for network, fault in zip(refused, faults, strict=True) if f"names {network}," in fault] == refused


@pytest.mark.parametrize(
    ("host", "security", "faults"),
    [("", "none", 0), ("mail.example.com", "none", 1), ("mail.example.com", "tls", 0), ("mail", "none", 0)],
)
def test_mail_far_away_goes_by_tls(host: str, security: str, faults: int) -> None:
    assert len(list(mail_faults(host, security))) == faults


@pytest.mark.parametrize(
    ("address", "faults"),
    [("http://oapi.dingtalk.com", 1), ("https://oapi.dingtalk.com", 0), ("http://127.0.0.1:8000", 0)],
)
def test_tokens_go_out_encrypted(address: str, faults: int) -> None:
    assert len(list(service_faults("YEKUO_CHANNEL_DINGTALK_BASE", address))) == faults


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("localhost", True),
        ("temporal", True),
        ("db.internal", True),
        ("192.168.4.4", True),
        ("::1", True),
        ("8.8.8.8", False),
        ("internal.example.com", False),
    ],
)
def test_a_host_is_private_by_its_name_or_number(host: str, private: bool) -> None:
    assert is_private(host) is private

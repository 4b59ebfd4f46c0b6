"""What an installation with real cases must not be set to; refused unless YEKUO_ENVIRONMENT is `development`.

Each rule is a function of plain values that yields one sentence for each fault: what is unsafe, and which setting makes
it right. No rule asks the network: a host counts as private by its name or its number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from storage.settings import Settings

SHORTEST_SECRET = 16
"""Characters that a password between machines must have: nobody types it, so it costs nothing."""

LONGEST_ACCESS_MINUTES = 24 * 60
LONGEST_REFRESH_HOURS = 31 * 24
MOST_WRONG_PASSWORDS = 20
"""Beyond these a stolen token lasts, and a password can be guessed, for as long as it takes."""

_PRIVATE_ENDS = (".local", ".internal", ".lan", ".home.arpa", ".svc", ".cluster.local", ".localhost")
_OWN = tuple(map(ip_network, ("127.0.0.0/8", "169.254.0.0/16", "0.0.0.0/32", "::1/128", "fe80::/10")))
"""The machine itself, and where clouds tell a machine its secrets."""

_ENCRYPTED = ("require", "verify-ca", "verify-full")


class UnsafeSettings(Exception):
    """The process must not start with these settings; the text has one line for each fault."""


def refuse_unsafe(settings: Settings, faults: Iterable[str]) -> None:
    """Raises `UnsafeSettings` if there are `faults`, or some of the storage, and the environment is production."""
    if settings.environment == "development":
        return
    if found := [*storage_faults(settings), *faults]:
        raise UnsafeSettings(
            "unsafe settings for YEKUO_ENVIRONMENT=production:\n"
            + "\n".join(f"  - {fault}" for fault in found)
            + "\nSet them right, or YEKUO_ENVIRONMENT=development where no real case is ever kept."
        )


def is_private(host: str) -> bool:
    """Whether a host is this machine or one of a network of its own: no name that the internet could answer for."""
    name = host.strip("[]").lower().rstrip(".")
    try:
        address = ip_address(name)
    except ValueError:
        return "." not in name or name.endswith(_PRIVATE_ENDS)
    return address.is_private or address.is_loopback or address.is_link_local


def storage_faults(settings: Settings) -> Iterator[str]:
    """Faults of the database and the file store."""
    yield from _database_faults(settings.database)
    yield from _file_store_faults(settings.files)


def temporal_faults(address: str, encrypted: bool, chosen: bool) -> Iterator[str]:
    """Faults of the way to Temporal; `chosen` where somebody named the address."""
    host, _, _ = address.rpartition(":")
    if not chosen:
        yield "TEMPORAL_ADDRESS is not set, so cases would go to a development server: set it to HOST:PORT"
    elif not encrypted and not is_private(host):
        yield (
            f"Temporal at {address} would be spoken to without TLS over a public network: "
            "set TEMPORAL_TLS=true (and TEMPORAL_TLS_SERVER_CA_CERT_PATH for a CA of your own)"
        )


def login_faults(access_minutes: int, refresh_hours: int, wrong_passwords: int) -> Iterator[str]:
    """Faults of how people log in."""
    bounds = (
        ("YEKUO_API_ACCESS_MINUTES", access_minutes, LONGEST_ACCESS_MINUTES, "a stolen token would last for days"),
        ("YEKUO_API_REFRESH_HOURS", refresh_hours, LONGEST_REFRESH_HOURS, "a login would last for months"),
        ("YEKUO_API_WRONG_PASSWORDS", wrong_passwords, MOST_WRONG_PASSWORDS, "passwords could be guessed"),
    )
    for variable, value, most, why in bounds:
        if value > most:
            yield f"{variable}={value}: {why}; set it to {most} at most"


def hook_faults(networks: str) -> Iterator[str]:
    """Faults of the `networks`, with commas between, that webhooks may go to beside the public internet."""
    for part in filter(None, map(str.strip, networks.split(","))):
        network = ip_network(part, strict=False)
        if any(network.overlaps(own) for own in _OWN if own.version == network.version):
            yield (
                f"YEKUO_API_HOOK_NETWORKS names {part}, by which webhooks reach this machine itself and what tells its "
                "secrets: name only the networks of the systems that are to be called"
            )


def mail_faults(host: str, security: str) -> Iterator[str]:
    """Faults of the way to the mail server."""
    if host and security == "none" and not is_private(host):
        yield (
            f"mail to {host} would carry its password and customers' names without TLS over a public network: "
            "set YEKUO_CHANNEL_SMTP_SECURITY to starttls or tls"
        )


def service_faults(variable: str, address: str) -> Iterator[str]:
    """Faults of the address of a service that is told a token."""
    parts = urlsplit(address)
    if parts.scheme == "http" and not is_private(parts.hostname or ""):
        yield f"{variable}={address} would carry tokens in clear over a public network: use https"


def _database_faults(address: str) -> Iterator[str]:
    try:
        url = make_url(address)
    except ArgumentError:
        yield "YEKUO_DATABASE_URL is no database address: set it to postgresql://USER@HOST/NAME"
        return
    if url.get_backend_name() != "postgresql":
        yield (
            "the database is SQLite, which lies beside one process and is lost with its container: "
            "set YEKUO_DATABASE_URL to postgresql://USER@HOST/NAME"
        )
        return
    host = url.host or str(url.query.get("host", ""))
    if not host or host.startswith("/"):
        return  # a socket of this machine: the system says who may use it
    yield from _secret_faults("YEKUO_DATABASE_PASSWORD_FILE", str(url.password or ""), url.username or "")
    if url.query.get("sslmode") not in _ENCRYPTED and not is_private(host):
        yield (
            f"the database at {host} would be spoken to without TLS over a public network: "
            "add ?sslmode=verify-full to YEKUO_DATABASE_URL"
        )


def _secret_faults(variable: str, secret: str, user: str) -> Iterator[str]:
    if not secret:
        yield f"the database's user has no password: name the file that holds it with {variable}"
    elif len(secret) < SHORTEST_SECRET or secret == user or len(set(secret)) < SHORTEST_SECRET // 2:
        yield (
            f"the password of the database's user can be guessed: put one of {SHORTEST_SECRET} characters or more, "
            f"made by chance, into the file that {variable} names"
        )


def _file_store_faults(files: Path | None) -> Iterator[str]:
    if files is None or not files.is_absolute():
        yield (
            "the file store lies in the working folder, where contracts are lost with the container: "
            "set YEKUO_FILES to an absolute path on a volume that API and workers share"
        )

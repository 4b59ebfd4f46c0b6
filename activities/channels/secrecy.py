"""Keeps keys and passwords out of whatever is logged, stored or shown."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, quote, unquote, urlsplit

MASK = "***"
_SHORTEST_PART = 6
"""Shorter parts of an address are ordinary words more often than keys."""


class Secrets:
    """The secrets of an installation, and of its addresses the parts that may hold one."""

    def __init__(self, values: Iterable[str], addresses: Iterable[str] = ()) -> None:
        parts = (part for address in addresses for part in _parts(address))
        plain = {word for word in (*values, *parts) if word}
        self._words = sorted(plain | {quote(word, safe="") for word in plain}, key=len, reverse=True)

    def masked(self, text: str) -> str:
        """`text` with every secret in it, plain or percent-encoded, replaced by `***`."""
        for word in self._words:
            text = text.replace(word, MASK)
        return text


class MaskingFilter(logging.Filter):
    """Masks the messages of a logger whose library writes addresses into them."""

    def __init__(self, secrets: Secrets) -> None:
        super().__init__()
        self._secrets = secrets

    def filter(self, record: logging.LogRecord) -> bool:
        """Lets every record through, masked."""
        record.msg, record.args = self._secrets.masked(record.getMessage()), None
        return True


def _parts(address: str) -> Iterator[str]:
    """The address itself, and whatever in it may be a key; a host without a dot is none, so it may be one too."""
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2]
    query = [value for _, value in parse_qsl(parts.query)]
    words = [parts.password or "", parts.username or "", *parts.path.split("/"), *query, "" if "." in host else host]
    yield address
    yield from (unquote(word) for word in words if len(word) >= _SHORTEST_PART)

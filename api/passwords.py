"""Passwords and tokens: hashed with Argon2, or made of so much chance that a plain hash is enough."""

from __future__ import annotations

import hashlib
import secrets
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher()
_AT_ONCE = BoundedSemaphore(4)
"""Each check takes 64 MB: many logins at once wait for each other and do not take all memory."""
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))
"""Checked where there is no such account, so that its absence takes as long as a wrong password."""


def hashed(password: str) -> str:
    """What is kept of a password."""
    return _HASHER.hash(password)


def is_password(password: str, kept: str) -> bool:
    """Whether it is the password; `kept` is empty where there is no account."""
    try:
        with _AT_ONCE:
            return _HASHER.verify(kept or _NOBODY, password) and bool(kept)
    except (VerificationError, InvalidHashError):
        return False


def new_token() -> str:
    """A token of 256 bits."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()

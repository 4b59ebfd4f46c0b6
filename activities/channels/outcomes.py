"""How the sending of one message can fail; what was not raised was taken by the service."""

from __future__ import annotations

from datetime import timedelta


class DeliveryFault(Exception):
    """A message was not known to be taken; the text is for whoever looks after it, without keys or passwords."""

    def __init__(self, reason: str, retry_after: timedelta | None = None) -> None:
        self.reason = reason
        self.retry_after = retry_after
        super().__init__(reason)


class Refused(DeliveryFault):
    """It did not go out, and the same again will not either: a wrong key, signature or recipient."""


class NotSent(DeliveryFault):
    """It certainly did not go out, and may another time; not before `retry_after`, if the service said so."""


class Unclear(DeliveryFault):
    """It may have gone out: the end of the conversation is missing or cannot be read."""

"""Whether the API, and the jobs beside it, may start with the settings they have."""

from __future__ import annotations

from itertools import chain

from api.settings import ApiSettings
from storage.safety import hook_faults, login_faults, refuse_unsafe, temporal_faults
from storage.settings import Settings
from workflows.namespace import target


def refuse_unsafe_api(settings: Settings, own: ApiSettings | None = None) -> None:
    """Raises `UnsafeSettings` with everything that is unsafe outside development."""
    own = own or ApiSettings()
    to = target(settings.temporal_address)
    refuse_unsafe(
        settings,
        chain(
            temporal_faults(to.address, to.encrypted, to.chosen),
            hook_faults(own.hook_networks),
            login_faults(own.access_minutes, own.refresh_hours, own.wrong_passwords),
        ),
    )

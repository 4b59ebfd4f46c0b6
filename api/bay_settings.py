"""What a company decides about its bays; every setting is an environment variable with the prefix YEKUO_BAY_."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

from pydantic import field_validator
from pydantic_settings import SettingsConfigDict

from domain import bay_rules
from domain.bay_rules import BayRules
from storage.company_tables import SettingsRefused
from storage.configured import Configured
from storage.numbers import formatted

_YEAR = "{year}"


class BaySettings(Configured):
    """Who approves reservations, by which numbers bays are planned, and how reservations are numbered."""

    model_config = SettingsConfigDict(env_prefix="YEKUO_BAY_", frozen=True)

    reservation_level: Literal["province", "city"] = "province"
    """The level whose 发展部 approves reservations and proposals."""
    rules: Path = bay_rules.SHIPPED
    """The file of the numbers by which bays are planned 间隔规划参数表."""
    reservation_number: str = "JGYL-{year}-{n:04d}"
    """The format of the numbers of reservations: `{year}` and the running number `{n}`."""

    @field_validator("reservation_number")
    @classmethod
    def _shows_the_number(cls, value: str) -> str:
        formatted(value.replace(_YEAR, "2026"), 1)
        return value

    def numbering(self, year: int) -> tuple[str, str]:
        """The running number of that year, and its format."""
        counted = f"bay-reservation-{year}" if _YEAR in self.reservation_number else "bay-reservation"
        return counted, self.reservation_number.replace(_YEAR, str(year))


def planning_rules(settings: BaySettings) -> BayRules:
    """The numbers by which bays are planned. Raises `SettingsRefused`."""
    try:
        return BayRules.from_json(json.loads(settings.rules.read_text("utf-8")))
    except (OSError, ValueError) as error:
        raise SettingsRefused(f"间隔规划参数表 {settings.rules} 不能采用：{error}；请核对 YEKUO_BAY_RULES") from None

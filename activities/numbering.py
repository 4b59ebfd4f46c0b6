"""How numbers look; every format is an environment variable with the prefix YEKUO_NUMBER_.

`{n}` is the running number (`{n:04d}`: at least four digits) and `{year}` the year of the business date. A format that
shows the year begins again at 1 with each year; one that does not goes on counting.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from pydantic import field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from storage.numbers import formatted

_YEAR = "{year}"


@dataclass(frozen=True)
class Series:
    """One running number: the name it is counted under and its format, with `{n}` left open."""

    name: str
    number_format: str


class NumberFormats(BaseSettings):
    """The formats; an organisation puts its own prefix (机构代字) into them. Fields are named as their series."""

    model_config = SettingsConfigDict(env_prefix="YEKUO_NUMBER_", env_ignore_empty=True, extra="ignore", frozen=True)

    supply_plan_reply: str = "供答〔{year}〕{n:04d}号"
    construction_contract: str = "SGXY-{year}-{n:04d}"
    one_time_notice: str = "告知〔{year}〕{n:04d}号"
    review_minutes: str = "会纪〔{year}〕{n:04d}号"
    integrated_design_commission: str = "SJWT-{year}-{n:04d}"
    early_start_approval: str = "XXSG-{year}-{n:04d}"
    inspection_opinion: str = "竣验〔{year}〕{n:04d}号"
    rectification_notice: str = "整改〔{year}〕{n:04d}号"
    outage_request: str = "TSD-{year}-{n:04d}"
    safety_agreement: str = "AQXY-{year}-{n:04d}"
    supply_contract: str = "GYDHT-{year}-{n:04d}"
    settlement_agreement: str = "DFJS-{year}-{n:04d}"
    supervision_order: str = "供督〔{year}〕{n:04d}号"
    material_issue: str = "LLD-{year}-{n:05d}"
    material_return: str = "TLD-{year}-{n:05d}"
    archive: str = "YKDA-{year}-{n:05d}"

    @field_validator("*")
    @classmethod
    def _shows_the_number(cls, value: str) -> str:
        try:
            formatted(value.replace(_YEAR, "2026"), 1)
        except (KeyError, IndexError) as error:
            raise ValueError(f"the number format {value!r} may only name {{year}} and {{n}}") from error
        return value

    def series(self, name: str, day: date) -> Series:
        """The series `name` as it counts on `day`."""
        number_format: str = getattr(self, name)
        counted = f"{name}-{day.year}" if _YEAR in number_format else name
        return Series(counted, number_format.replace(_YEAR, str(day.year)))

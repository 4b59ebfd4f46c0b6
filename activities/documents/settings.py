"""Settings of the documents; every one is an environment variable with the prefix YEKUO_DOCUMENT_."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

SHIPPED_TEMPLATES = Path(__file__).parent / "templates"


class DocumentSettings(BaseSettings):
    """Where the templates lie, and the periods that a document states unless the case says otherwise.

    The plan's validity of one year and the ten days for asking an extension are those of the 1996 rules
    (domain.md §1.2); a later regulator's form says seven working days.
    """

    model_config = SettingsConfigDict(env_prefix="YEKUO_DOCUMENT_", env_ignore_empty=True, extra="ignore", frozen=True)

    templates: Path = SHIPPED_TEMPLATES
    validity_months: int = Field(12, ge=1)
    extension_notice_days: int = Field(10, ge=1)
    supervising_unit: str = "供电服务指挥中心"
    """Who issues supervision orders, by which person or post, and where they are reached."""
    supervising_officer: str = "业扩报装系统（自动签发）"
    supervising_phone: str = "95598"

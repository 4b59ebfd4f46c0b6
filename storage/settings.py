"""Where the installation keeps its things; every setting is an environment variable with the prefix YEKUO_."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Settings of one installation; `YEKUO_DATABASE_URL=postgresql+psycopg://...` and so on.

    A variable that is set but empty counts as not set. Servers that `make run` starts listen on 127.0.0.1.
    """

    model_config = SettingsConfigDict(env_prefix="YEKUO_", env_ignore_empty=True, extra="ignore")

    var: Path = Path("var")
    database_url: str = ""
    files: Path | None = None
    temporal_port: int = Field(7233, ge=1, le=65535)
    temporal_ui_port: int = Field(8233, ge=1, le=65535)
    api_port: int = Field(8000, ge=1, le=65535)
    namespace: str = "default"
    task_queue: str = "yekuo"

    @property
    def database(self) -> str:
        """The SQLAlchemy address; a SQLite file under `var` unless set."""
        return self.database_url or f"sqlite:///{self.var / 'yekuo.db'}"

    @property
    def file_store(self) -> Path:
        """The folder of the content-addressed files."""
        return self.files or self.var / "files"

    @property
    def temporal_address(self) -> str:
        """Host and port of the Temporal server that `make run` starts; `TEMPORAL_ADDRESS` goes before it."""
        return f"127.0.0.1:{self.temporal_port}"

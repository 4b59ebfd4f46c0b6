"""Where the installation keeps its things; every setting is an environment variable with the prefix YEKUO_."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import SettingsConfigDict
from sqlalchemy import make_url

from storage.configured import Configured


class Settings(Configured):
    """Settings of one installation; `YEKUO_DATABASE_URL=postgresql+psycopg://...` and so on.

    Servers that `make run` starts listen on 127.0.0.1.
    """

    model_config = SettingsConfigDict(env_prefix="YEKUO_")

    environment: Literal["development", "production"] = "development"
    """`production` refuses to start with settings that are unsafe for real cases."""
    var: Path = Path("var")
    """The working folder: what lies in it unless another place is set, and the state of the worker."""
    database_url: str = ""
    """The database, `postgresql://USER@HOST/NAME` or `sqlite:///FILE`; unless set, a file in the working folder."""
    database_password: SecretStr = SecretStr("")
    """The password of the database's user, put into the address."""
    files: Path | None = None
    """The folder of the files, shared by API and workers; unless set, `files` in the working folder."""
    temporal_port: int = Field(7233, ge=1, le=65535)
    """The port of the Temporal server that `make run` starts."""
    temporal_ui_port: int = Field(8233, ge=1, le=65535)
    """The port of Temporal's Web UI under `make run`."""
    api_port: int = Field(8000, ge=1, le=65535)
    """The port of the API under `make run`."""
    namespace: str = "default"
    """Temporal's namespace of the cases; `TEMPORAL_NAMESPACE` goes before it."""
    task_queue: str = "yekuo"
    """Temporal's task queue, by which API and workers meet."""
    outage_weeks_schedule: str = Field("outage-weeks", min_length=1)
    """The id of the Temporal Schedule that opens the next weekly outage plan 停送电周计划 of every dispatch unit."""
    outage_weeks_cron: str = "5 0 * * MON"
    """When it does, as a cron expression in Chinese time; before the cut-off of the week."""
    expired_bays_schedule: str = Field("expired-bay-reservations", min_length=1)
    """The id of the Temporal Schedule that frees the bays 间隔 whose reservation is over."""
    expired_bays_cron: str = "10 0 * * *"
    """When it does, as a cron expression in Chinese time."""
    waking_schedule: str = Field("waking-of-waiting-cases", min_length=1)
    """The id of the Temporal Schedule that tells cases of goods, or of a bay, that they wait for and could have now."""
    waking_cron: str = "*/5 * * * *"
    """When it does, as a cron expression in Chinese time."""
    timed_starts_schedule: str = Field("timed-starts", min_length=1)
    """The id of the Temporal Schedule that begins processes at the times of their timer start events, each minute."""

    @property
    def database(self) -> str:
        """The SQLAlchemy address, its password in it; a SQLite file under `var` unless set."""
        if not self.database_url:
            return f"sqlite:///{self.var / 'yekuo.db'}"
        password = self.database_password.get_secret_value()
        if not password:
            return self.database_url
        return make_url(self.database_url).set(password=password).render_as_string(hide_password=False)

    @property
    def file_store(self) -> Path:
        """The folder of the content-addressed files."""
        return self.files or self.var / "files"

    @property
    def temporal_address(self) -> str:
        """Host and port of the Temporal server that `make run` starts; `TEMPORAL_ADDRESS` goes before it."""
        return f"127.0.0.1:{self.temporal_port}"

    @property
    def worker_state(self) -> Path:
        """The file in which a worker says how it is."""
        return self.var / "worker.json"

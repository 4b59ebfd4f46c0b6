"""How settings reach a process: environment variables, or files that they name.

Every setting `YEKUO_X` may also be given as `YEKUO_X_FILE`, the path of a file whose content is the value: that is how
secrets come, which must stand neither in an environment nor in an image.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError


class Configured(BaseSettings):
    """What all classes of settings share; a variable that is set but empty counts as not set.

    Raises `SettingsError` where a file that a variable names cannot be read, or says it twice.
    """

    model_config = SettingsConfigDict(
        env_ignore_empty=True, extra="ignore", use_attribute_docstrings=True, hide_input_in_errors=True
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What a caller says, then the environment, then the files that it names."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, _NamedFiles(settings_cls)


def secret_of(path: str, variable: str) -> str:
    """The content of the file that a variable names, without the end of its last line. Raises `SettingsError`."""
    try:
        text = Path(path).read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SettingsError(f"{variable} names {path}, which cannot be read: {reason}") from None
    if not text:
        raise SettingsError(f"{variable} names {path}, which is empty")
    return text


class _NamedFiles(PydanticBaseSettingsSource):
    """The values of the fields whose variable with `_FILE` behind it names a file."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        del field
        plain = f"{self.config.get('env_prefix', '')}{field_name}".upper()
        variable = f"{plain}_FILE"
        path = os.environ.get(variable)
        if not path:
            return None, field_name, False
        if os.environ.get(plain):
            raise SettingsError(f"{plain} and {variable} are both set; unset one of them")
        return secret_of(path, variable), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {}
        for name, field in self.settings_cls.model_fields.items():
            value, key, is_complex = self.get_field_value(field, name)
            if value is not None:
                found[key] = self.prepare_field_value(name, field, value, is_complex)
        return found

"""Which methods an address supports, for the `Allow` of a 405: the framework names only those of its first route."""

from __future__ import annotations

import re

from fastapi import FastAPI

_PARAMETER = re.compile(r"\\\{[^/]+?\\\}")
_METHODS = ("get", "put", "post", "delete", "patch")


def allowed_methods(app: FastAPI, path: str) -> list[str]:
    """The methods that the OpenAPI document names for the address, in capitals."""
    found: dict[str, None] = {}
    for template, operations in app.openapi()["paths"].items():
        if re.fullmatch(_PARAMETER.sub("[^/]+", re.escape(template)), path):
            found |= dict.fromkeys(method.upper() for method in _METHODS if method in operations)
    return list(found)

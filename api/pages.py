"""What each request for a page of a list names: where it begins, and how long it is."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query

After = Annotated[str, Query(max_length=1000, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=200)]

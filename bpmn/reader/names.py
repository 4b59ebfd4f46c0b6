"""How variables may be called, and paths in them."""

from __future__ import annotations

import re

NAME = re.compile(r"[^\W\d]\w*")
PATH = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")

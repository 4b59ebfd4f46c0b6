"""What is wrong with a file, said to the person who drew it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing wrong in one place.

    `problem` says what is wrong, `remedy` what would be right. `line` is 0 where the whole file is meant.
    """

    file: str
    line: int
    element: str
    name: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line else self.file
        who = " ".join(part for part in (self.element, f"«{self.name}»" if self.name else "") if part)
        return f"{where}: {who + ': ' if who else ''}{self.problem}; {self.remedy}"


class ModelRefused(Exception):
    """A model that must not run; `faults` holds everything that is wrong with it, in file order."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: (fault.file, fault.line)))
        super().__init__("\n".join(str(fault) for fault in self.faults))

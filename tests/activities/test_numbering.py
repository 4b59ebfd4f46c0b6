"""Formats of numbers."""

from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from activities.numbering import NumberFormats, Series


def test_a_format_with_the_year_counts_each_year_by_itself() -> None:
    formats = NumberFormats(archive="DA-{year}-{n:04d}")

    assert formats.series("archive", date(2026, 12, 31)) == Series("archive-2026", "DA-2026-{n:04d}")
    assert formats.series("archive", date(2027, 1, 1)) == Series("archive-2027", "DA-2027-{n:04d}")


def test_a_format_without_the_year_goes_on_counting() -> None:
    formats = NumberFormats(archive="DA-{n}")

    assert formats.series("archive", date(2026, 1, 1)) == formats.series("archive", date(2027, 1, 1))


@pytest.mark.parametrize("number_format", ["DA-{year}", "DA-{number}", "DA-{}", "DA-{n", "DA-{n:zz}"])
def test_a_format_that_cannot_show_the_number_is_refused_at_the_start(number_format: str) -> None:
    with pytest.raises(ValidationError):
        NumberFormats(archive=number_format)


def test_an_empty_setting_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YEKUO_NUMBER_ARCHIVE", "")

    assert NumberFormats().archive == "YKDA-{year}-{n:05d}"

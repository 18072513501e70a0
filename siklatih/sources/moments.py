"""Dates and times of a table's cells: as people write them, and as a spreadsheet's serial numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

from siklatih.sources.dates import LONGEST, DateParser

_YEAR_FIRST = re.compile(r"\d{4}-.*", re.DOTALL)  # as contracts read it, and the most common by far
_WHOLE_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?")
_EPOCH_1900 = datetime(1899, 12, 30)  # noqa: DTZ001  (a spreadsheet's clock is local)
_DAYS_BETWEEN_SYSTEMS = 1462  # the 1904 system begins so many days later
_FIRST_DAY = (datetime(1990, 1, 1) - _EPOCH_1900).days  # noqa: DTZ001
_LAST_DAY = (datetime(2101, 1, 1) - _EPOCH_1900).days  # noqa: DTZ001


def moment(text: str, *, with_time: bool, dates: DateParser) -> str:
    """Return a date or time as ISO text; text that is neither stays as it is.

    A year of two digits is not read: it may be of the last century, and 26-01-05 begins with the year.
    """
    if not _YEAR_FIRST.fullmatch(text) and len(text) <= LONGEST and _WHOLE_YEAR.search(text):
        text = dates.canonical(text) or text
    return text[:10] if not with_time and text.endswith("00:00:00") else text


def are_serials(cells: Iterable[object], *, date1904: bool) -> bool:
    """Tell whether all cells that hold something are serial numbers of days in 1990 to 2100.

    One cell alone could be any number; a whole column of dates that lost their format is not chance.
    """
    found = False
    for cell in cells:
        if cell is None or (isinstance(cell, str) and not cell.strip()):
            continue
        found = True
        day = _days(cell, date1904=date1904)
        if day is None or not _FIRST_DAY <= day < _LAST_DAY:
            return False
    return found


def from_serial(cell: object, *, date1904: bool) -> object:
    """Return the local time of a serial number, to the nearest second; a blank cell stays as it is."""
    day = _days(cell, date1904=date1904)
    if day is None:
        return cell
    return _EPOCH_1900 + timedelta(seconds=round(day * 86400))


def _days(cell: object, *, date1904: bool) -> float | None:
    if isinstance(cell, bool):
        return None
    if isinstance(cell, str):
        text = cell.strip()
        day = float(text.replace(",", ".")) if _SERIAL.fullmatch(text) else None
    else:
        day = float(cell) if isinstance(cell, int | float) else None
    return day + _DAYS_BETWEEN_SYSTEMS if day is not None and date1904 else day

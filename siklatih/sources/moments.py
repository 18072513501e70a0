"""Dates and times as people write them: day first, months by name, and a spreadsheet's serial numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta

_CLOCK = r"(?:[ T,]+(?:pukul )?(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?)?"
_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})" + _CLOCK)
_MONTH_NAMED = re.compile(r"(?:[^\W\d_]+'?[^\W\d_]*, *)?(\d{1,2})[ -]+([^\W\d_]+)\.?[ -]+(\d{4})" + _CLOCK)
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan januari january",
            "feb februari february peb pebruari",
            "mar maret march",
            "apr april",
            "mei may",
            "jun juni june",
            "jul juli july",
            "agu agt ags agust agustus aug august",
            "sep sept september",
            "okt oct oktober october",
            "nov november nop nopember",
            "des dec desember december",
        ),
        start=1,
    )
    for name in names.split()
}
_LONGEST = 60  # characters; a longer text is no date, and is not worth trying
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?")
_EPOCH_1900 = datetime(1899, 12, 30)  # noqa: DTZ001  (a spreadsheet's clock is local)
_DAYS_BETWEEN_SYSTEMS = 1462  # the 1904 system begins so many days later
_FIRST_DAY = (datetime(1990, 1, 1) - _EPOCH_1900).days  # noqa: DTZ001
_LAST_DAY = (datetime(2101, 1, 1) - _EPOCH_1900).days  # noqa: DTZ001


def moment(text: str, *, with_time: bool) -> str:
    """Return a date or time as ISO text; text that is neither stays as it is."""
    if len(text) > _LONGEST:
        return text
    found = _DAY_FIRST.fullmatch(text)
    month = int(found[2]) if found else None
    if found is None:
        found = _MONTH_NAMED.fullmatch(text)
        month = _MONTHS.get(found[2].casefold()) if found else None
    if found is not None and month is not None:
        clock = f"{int(found[4]):02}:{found[5]}:{found[6] or '00'}" if found[4] else "00:00:00"
        text = f"{int(found[3]):04}-{month:02}-{int(found[1]):02}"
        text += f" {clock}" if with_time or found[4] else ""
    if not with_time and text.endswith("00:00:00"):
        return text[:10]
    return text


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

"""Moments as form tools write them, into local time. Which number is the day is decided by evidence alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from siklatih.errors import MendError

_ZONE = ZoneInfo("Asia/Pontianak")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}.*)?")
_WRITTEN = re.compile(
    r"(?P<a>\d{1,4})(?P<mark>[/.-])(?P<b>\d{1,2})(?P=mark)(?P<c>\d{4}|\d{2})"
    r"(?:,?[ T]+(?P<hour>\d{1,2})[:.](?P<minute>\d{2})(?:[:.](?P<second>\d{2}))?)?"
    r"(?:\s*(?P<half>[AaPp])\.?[Mm]\.?)?(?:\s*(?:GMT|UTC)(?P<offset>[+-]\d{1,2})?(?::?(?P<rest>\d{2}))?)?"
)


def is_moment(text: str) -> bool:
    """Tell whether the text has the form of a moment, a day with a time."""
    plain = " ".join(text.split())
    if _ISO.fullmatch(plain):
        return len(plain) > 10
    found = _WRITTEN.fullmatch(plain)
    return found is not None and found["hour"] is not None


def local_moments(
    texts: Sequence[tuple[int, str | None]], *, order: str | None = None, evidence: Iterable[str] = ()
) -> list[str | None]:
    """Return moments as ``YYYY-MM-DD HH:MM:SS`` in the agency's time; what is no moment stays as it is.

    Args:
        texts: row number and text.
        order: ``dmy`` or ``mdy`` where somebody said so.
        evidence: further moments of the same file that may tell the order.

    Raises:
        MendError: the file does not tell whether day or month stands first.
    """
    plain = [(row, " ".join(text.split()) if text else None) for row, text in texts]
    order = order or _order(
        [text for _, text in plain if text] + [" ".join(text.split()) for text in evidence]
    )
    return [_local(text, order, row) for row, text in plain]


def _order(texts: Sequence[str]) -> str | None:
    """Return the one order in which every day and month is possible; None if both or none are."""
    pairs = []
    for text in texts:
        found = _WRITTEN.fullmatch(text)
        if found is not None and len(found["a"]) <= 2:
            if found["mark"] == ".":
                return "dmy"  # nobody writes the month first with full stops
            pairs.append((int(found["a"]), int(found["b"])))
    day_first, month_first = any(a > 12 for a, _ in pairs), any(b > 12 for _, b in pairs)
    return None if day_first == month_first else "dmy" if day_first else "mdy"


def _local(text: str | None, order: str | None, row: int) -> str | None:
    if text is None:
        return None
    try:
        if _ISO.fullmatch(text):
            return _stamp(datetime.fromisoformat(text))
        found = _WRITTEN.fullmatch(text)
        if found is None or found["hour"] is None:
            return text
        return _stamp(_written(found, order, row))
    except ValueError:
        return text  # no such day or hour: left for the contract to judge


def _written(found: re.Match[str], order: str | None, row: int) -> datetime:
    a, b, c = int(found["a"]), int(found["b"]), int(found["c"])
    if len(found["a"]) == 4:
        year, month, day = a, b, c
    else:
        if order is None and a != b:
            raise _ambiguous(row)
        day, month = (b, a) if order == "mdy" else (a, b)
        year = c if len(found["c"]) == 4 else 2000 + c
    hour = int(found["hour"])
    if found["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("no hour of a 12-hour clock")
        hour = hour % 12 + (12 if found["half"] in "pP" else 0)
    zone = None
    if found["offset"]:
        hours, minutes = int(found["offset"]), int(found["rest"] or 0)
        zone = timezone(timedelta(hours=hours, minutes=-minutes if hours < 0 else minutes))
    return datetime(year, month, day, hour, int(found["minute"]), int(found["second"] or 0), tzinfo=zone)


def _stamp(moment: datetime) -> str:
    if moment.tzinfo is not None:
        moment = moment.astimezone(_ZONE).replace(tzinfo=None)
    return moment.isoformat(sep=" ", timespec="seconds")


def _ambiguous(row: int) -> MendError:
    return MendError(
        "ambiguous_dates",
        en="Nothing in the file tells whether the day or the month stands first in its dates. Export with "
        "dates as YYYY-MM-DD, or say date_order in the form's mapping (config/mappings).",
        id_="Tidak ada petunjuk apakah hari atau bulan ditulis lebih dulu pada tanggal berkas ini. Ekspor "
        "dengan tanggal TTTT-BB-HH, atau tulis date_order pada pemetaan formulir (config/mappings).",
        row=row,
    )

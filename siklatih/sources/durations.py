"""Durations as tools write them, in seconds: ``1h 13m 42s``, ``2 h 44 m``, ``47 mins 28 secs``."""

from __future__ import annotations

import re

_CLOCK = re.compile(r"(\d{1,5}):([0-5]\d):([0-5]\d)")
_PART = re.compile(r"(\d{1,5}) ?([^\W\d_]+)\.?")
_WHOLE = re.compile(r"(?:\d{1,5} ?[^\W\d_]+\.?(?:,? |$|(?=\d))){1,4}")
_UNITS = {
    **dict.fromkeys(("d", "day", "days", "hari"), 86400),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "j", "jam", "std", "u", "heure", "heures"), 3600),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "mnt", "menit", "minuto", "minutos"), 60),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds", "dtk", "detik", "sek", "seg"), 1),
}


def is_duration(text: str | None) -> bool:
    """Tell whether a text has the shape of a duration, in whatever language its letters are."""
    plain = _plain(text)
    return _CLOCK.fullmatch(plain) is not None or _WHOLE.fullmatch(plain) is not None


def seconds_of(text: str | None) -> int | None:
    """Return the seconds of a duration; None where it is none, or its letters are not known."""
    plain = _plain(text)
    clock = _CLOCK.fullmatch(plain)
    if clock is not None:
        return int(clock[1]) * 3600 + int(clock[2]) * 60 + int(clock[3])
    if _WHOLE.fullmatch(plain) is None:
        return None
    total, last = 0, None
    for number, letters in _PART.findall(plain):
        unit = _UNITS.get(letters)
        if letters == "d":  # days in English, seconds (detik) where it stands last in Indonesian
            unit = 1 if last == 60 else 86400
        if unit is None or (last is not None and unit >= last):
            return None
        total, last = total + int(number) * unit, unit
    return total


def _plain(text: str | None) -> str:
    return " ".join((text or "").split()).casefold()

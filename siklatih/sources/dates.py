"""Dates as tools and people write them; whether the day or the month stands first is shown by the file.

A date such as 04/05/2026 has two readings. The file decides: by a number above 12, by a dot (no language
region of CLDR writes the month first with dots in date or time), by connections that must last as long
as stated, by dates that must lie close together or rise. Where nothing decides, the file is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from enum import Enum
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from siklatih.errors import MendError

LONGEST = 60  # characters; a longer text is no date, and is not worth trying
ZONE = ZoneInfo("Asia/Pontianak")
_ID = [
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober",
    "November", "Desember",
]  # fmt: skip
_EN = [
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
]  # fmt: skip
_MORE = {
    "peb": 2, "pebruari": 2, "agu": 8, "agt": 8, "ags": 8, "agust": 8, "sept": 9, "nop": 11, "nopember": 11,
}  # fmt: skip
_MONTHS = _MORE | {
    name.casefold(): number
    for names in (_ID, _EN)
    for number, whole in enumerate(names, start=1)
    for name in (whole, whole[:3])
}
_WEEKDAYS = [
    "senin", "selasa", "rabu", "kamis", "jumat", "jum'at", "sabtu", "minggu", "ahad", "sen", "sel",
    "rab", "kam", "jum", "sab", "min", "monday", "tuesday", "wednesday", "thursday", "friday",
    "saturday", "sunday", "mon", "tue", "wed", "thu", "fri", "sat", "sun",
]  # fmt: skip
_ZONES = {"z": 0, "utc": 0, "gmt": 0, "wib": 7, "wita": 8, "wit": 9}
_TOLERANCE = timedelta(hours=1)  # a wrong order is out by days; minutes rounded up must not count

_MARKS = dict.fromkeys((0x200E, 0x200F))
_WORD = r"(?P<word>[a-z]+)\.?"
_YEAR = r"(?P<year>\d{4}|\d{2})"
_SHAPES = tuple(
    re.compile(rf"{shape}(?P<rest>(?![\d/]).*)")
    for shape in (
        r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d{1,2})(?P=mark)(?P<day>\d{1,2})",
        rf"(?P<one>\d{{1,2}})(?P<mark>[-/.])(?P<two>\d{{1,2}})(?P=mark){_YEAR}",
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th|\.)?[ -]+{_WORD},?[ -]+{_YEAR}",
        rf"{_WORD} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? {_YEAR}",
    )
)
_WEEKDAY = re.compile(rf"(?:{'|'.join(_WEEKDAYS)})\.?(?:, ?| )")
_CLOCK = re.compile(
    r"(?P<hour>\d{1,2})(?P<mark>[:.])(?P<minute>\d{2})(?:(?P=mark)(?P<second>\d{2})(?:[.,]\d+)?)?"
    r" ?(?P<half>[ap]\.? ?m\.?)?(?: ?(?P<zone>z|utc|gmt|wib|wita|wit)?(?P<offset>[+-]\d{1,2}(?::?\d{2})?)?)"
)
_TIME_OF_DAY = re.compile(r"\d[ ,tT][^\d]*\d{1,2}[:.]\d{2}")
_JOINT = re.compile(r",? ?(?:(?:(?P<word>à|pukul|pkl\.?|jam|um|kl\.?|om|alle|às|a las)|at|-) |t(?=\d))?")


class Order(Enum):
    """Which number of a date stands first."""

    DAY = "day"
    MONTH = "month"


@dataclass(frozen=True)
class Span:
    """Two dates as written, of which the second is not earlier; ``seconds`` between them if stated."""

    start: str | None
    end: str | None
    seconds: int | None = None


@dataclass(frozen=True)
class DateParser:
    """Reads the dates of one file, whose order is decided."""

    order: Order

    def moment(self, text: str | None) -> datetime | None:
        """Return the local time, without a zone; None where there is none to be read."""
        written = _written(text)
        return written.moment(self.order) if written else None

    def canonical(self, text: str | None) -> str | None:
        """Return ``YYYY-MM-DD HH:MM:SS``; what cannot be read stays as it is, for the contract to judge."""
        moment = self.moment(text)
        return moment.isoformat(sep=" ", timespec="seconds") if moment else (text or "").strip() or None


def date_parser(
    texts: Iterable[str | None],
    *,
    spans: Sequence[Span] = (),
    within: timedelta | None = None,
    rising: bool = False,
    usual: Order | None = None,
    rows: Sequence[int] = (),
) -> DateParser:
    """Decide the order of day and month from all dates of a file.

    Args:
        texts: every date of the file as it is written, in the order of the file.
        spans: pairs of dates, the second not earlier; they are evidence, and texts of their own.
        within: how far apart the dates may lie, such as one day for a meeting.
        rising: the tool writes the oldest first, so no date is earlier than the one before. Never set it
            for a tool that may write the newest first.
        usual: the order where nothing speaks for either, if the tool's format is documented.
        rows: the row of each text, to show where the first doubtful date stands.

    Raises:
        MendError: ``ambiguous_dates`` if both orders are possible and differ; ``mixed_dates`` if neither
            order fits every date.
    """
    given = list(texts)
    written = [
        _written(text) for text in [*given, *(text for span in spans for text in (span.start, span.end))]
    ]
    open_ = [one for one in written if one is not None and one.order is None]
    if all(one.moment(Order.DAY) == one.moment(Order.MONTH) for one in open_):
        return DateParser(usual or Order.DAY)
    # a month 13 or a connection of the wrong length is certain; that dates lie close or rise is only likely,
    # and what is only likely must not cancel what is certain
    against = set(_objections(open_, spans))
    if not against:
        against = _far(written, within) | _falling(written[: len(given)] if rising else [])
    left = [order for order in Order if order not in against]
    if len(left) == 1:
        return DateParser(left[0])
    if left and usual is not None:
        return DateParser(usual)
    doubtful = next(one for one in open_ if one.moment(Order.DAY) != one.moment(Order.MONTH))
    place = written.index(doubtful)
    raise _refused(doubtful, rows[place] if place < len(rows) else None, mixed=not left)


def one_line(text: str | None) -> str:
    """Return a text with plain single blanks, without the marks of direction Windows puts in dates."""
    return " ".join((text or "").translate(_MARKS).split())


def is_moment(text: str) -> bool:
    """Tell whether a text is a date with a time of day."""
    return _written(text) is not None and _TIME_OF_DAY.search(one_line(text)) is not None


def readings(text: str) -> dict[Order, datetime]:
    """Return what a date means in each order in which it is possible; nothing where its order is not open."""
    written = _written(text)
    if written is None or written.order is not None:
        return {}
    return {order: moment for order in Order if (moment := written.moment(order))}


@dataclass(frozen=True)
class _Written:
    """The numbers of one date; ``order`` is None where the file must tell which is the day."""

    year: int
    one: int
    two: int
    order: Order | None
    clock: tuple[int, int, int]
    writes_day_first: bool
    zone: tzinfo | None

    def moment(self, order: Order) -> datetime | None:
        day, month = (self.one, self.two) if (self.order or order) is Order.DAY else (self.two, self.one)
        try:
            found = datetime(self.year, month, day, *self.clock, tzinfo=self.zone or ZONE)
            return found.astimezone(ZONE).replace(tzinfo=None)
        except (ValueError, OverflowError):
            return None


@lru_cache(maxsize=65536)
def _written(text: str | None) -> _Written | None:
    plain = one_line(text).casefold()
    plain = _WEEKDAY.sub("", plain, count=1) if _WEEKDAY.match(plain) else plain
    for shape in _SHAPES:
        found = shape.fullmatch(plain)
        if found is not None:
            break
    else:
        return None
    parts = found.groupdict()
    clock = _clock(parts["rest"])
    month = _MONTHS.get(parts["word"]) if parts.get("word") else int(parts.get("month") or 0)
    if clock is None or month is None:
        return None
    hours, writes_day_first, zone = clock
    year = int(parts["year"]) + (2000 if len(parts["year"]) == 2 else 0)
    if parts.get("one") is None:
        return _Written(year, int(parts["day"]), month, Order.DAY, hours, writes_day_first, zone)
    order = Order.DAY if parts["mark"] == "." else None
    return _Written(year, int(parts["one"]), int(parts["two"]), order, hours, writes_day_first, zone)


def _clock(rest: str) -> tuple[tuple[int, int, int], bool, tzinfo | None] | None:
    """Return the time of day, whether who writes it so puts the day first, and its zone; None if no time.

    Dots in the time, or a word of French, Indonesian and the like before it: all these languages do.
    """
    if not rest.strip():
        return (0, 0, 0), False, None
    joint = _JOINT.match(rest)
    found = _CLOCK.fullmatch(rest[joint.end() :].strip()) if joint and joint[0] else None
    if found is None:
        return None
    hour, half = int(found["hour"]), (found["half"] or "")[:1]
    if half and hour > 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return (
        (hour, int(found["minute"]), int(found["second"] or 0)),
        found["mark"] == "." or bool(joint and joint["word"]),
        _zone(found),
    )


def _zone(found: re.Match[str]) -> tzinfo | None:
    if found["zone"] is None and found["offset"] is None:
        return None
    offset = timedelta(hours=_ZONES[found["zone"] or "z"])
    if found["offset"]:
        digits = found["offset"][1:].replace(":", "")
        hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "0")
        stated = timedelta(hours=int(hours), minutes=int(minutes))
        offset += -stated if found["offset"][0] == "-" else stated
    return timezone(offset) if abs(offset) < timedelta(hours=24) else UTC


def _objections(open_: Sequence[_Written], spans: Sequence[Span]) -> Iterator[Order]:
    """Yield the orders that a single date or span rules out; what fits neither order says nothing."""
    if any(one.writes_day_first for one in open_):
        yield Order.MONTH
    fits: list[dict[Order, bool | None]] = [
        {order: one.moment(order) is not None for order in Order} for one in open_
    ]
    fits += [{order: _holds(span, order) for order in Order} for span in spans]
    for fit in fits:
        if set(fit.values()) == {True, False}:
            yield from (order for order, holds in fit.items() if holds is False)


def _holds(span: Span, order: Order) -> bool | None:
    """Tell whether a span is possible in this order; None if its dates cannot be read."""
    start, end = DateParser(order).moment(span.start), DateParser(order).moment(span.end)
    if start is None or end is None:
        return None
    if span.seconds is None:
        return start <= end
    return abs(end - start - timedelta(seconds=span.seconds)) <= _TOLERANCE


def _moments(written: Sequence[_Written | None], order: Order) -> list[datetime]:
    return [moment for one in written if one and (moment := one.moment(order))]


def _far(written: Sequence[_Written | None], within: timedelta | None) -> set[Order]:
    found = {order: _moments(written, order) for order in Order}
    if within is None or not all(found.values()):
        return set()
    far = {order for order, moments in found.items() if max(moments) - min(moments) > within}
    return far if len(far) == 1 else set()


def _falling(written: Sequence[_Written | None]) -> set[Order]:
    falling = {
        order
        for order in Order
        if any(later < earlier for earlier, later in pairwise(_moments(written, order)))
    }
    return falling if len(falling) == 1 else set()


def _refused(doubtful: _Written, row: int | None, *, mixed: bool) -> MendError:
    days = [moment for order in Order if (moment := doubtful.moment(order))]
    en = " or ".join(f"{day.day} {_EN[day.month - 1]} {day.year}" for day in days)
    id_ = " atau ".join(f"{day.day} {_ID[day.month - 1]} {day.year}" for day in days)
    if mixed:
        return MendError(
            "mixed_dates",
            en=f"Some dates have the day first, others the month ({en}?). Write all dates of the file as "
            "YYYY-MM-DD, or export it again.",
            id_=f"Sebagian tanggal diawali hari, sebagian diawali bulan ({id_}?). Tulis semua tanggal dalam "
            "berkas sebagai TTTT-BB-HH, atau ekspor ulang.",
            row=row,
        )
    return MendError(
        "ambiguous_dates",
        en=f"The dates can be read in two ways ({en}) and nothing in the file tells which. Write them as "
        "YYYY-MM-DD, or export with a language whose dates name the month.",
        id_=f"Tanggal dapat dibaca dengan dua cara ({id_}) dan berkas tidak menunjukkan yang mana. Tulis "
        "sebagai TTTT-BB-HH, atau ekspor dengan bahasa yang menyebut nama bulan.",
        row=row,
    )

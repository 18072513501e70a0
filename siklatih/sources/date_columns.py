"""The order of day and month in a table's columns of dates: the file shows it, or the file is refused.

Where a spreadsheet expects another order than the writer's, it makes dates of what it can, with day and month
swapped, and leaves as text what has no such month. A column that holds both is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from siklatih.errors import MendError
from siklatih.sources.dates import LONGEST, DateParser, Order, date_parser, one_line, readings

_NUMBERS = re.compile(r"(?<!\d)\d{1,2}([-/])\d{1,2}\1(?P<year>\d{4}|\d{2})(?!\d)")
_HALF_DAY = re.compile(r"[AP]M$")


@dataclass(frozen=True)
class DateColumn:
    """A column of dates: its name for messages and its cells, one a row."""

    name: str
    cells: Sequence[object]


class FileDates:
    """The order in one file, decided when the first date that needs it is met.

    Args:
        usual: the order where nothing in the file speaks for either; without it such a file is refused.
        told: the order that a person said, whatever the file shows.
        further: dates of the file that stand elsewhere; asked for once, and only where they are needed.
        hint: what else a refusal may advise (English, Indonesian).
        short_years: whether years of two digits are read, so that their dates count too.
    """

    def __init__(
        self,
        *,
        usual: Order | None = None,
        told: Order | None = None,
        further: Callable[[], Iterable[str]] = tuple,
        hint: tuple[str, str] = ("", ""),
        short_years: bool = False,
    ) -> None:
        self._usual, self._order = usual, told
        self._further, self._hint, self._short_years = further, hint, short_years

    def parser(self, numbers: Sequence[int], columns: Sequence[DateColumn]) -> DateParser:
        """Return what reads the dates of these columns; ``numbers`` are the numbers of their rows.

        Raises:
            MendError: ``half_converted_dates`` where dates and texts of one column cannot both be right,
                ``ambiguous_dates`` and ``mixed_dates`` as in ``date_parser``.
        """
        texts: dict[str, None] = {}
        for column in columns:
            if str not in set(map(type, column.cells)):
                continue
            different = dict.fromkeys(column.cells)
            found = self._open(different)
            _whole(numbers, column, different, found)
            texts |= dict.fromkeys(found)
        if self._order is None and texts:
            self._order = self._decided(numbers, columns, list(texts))
        return DateParser(self._order or self._usual or Order.DAY)

    def _open(self, cells: Iterable[object]) -> list[str]:
        return [
            cell for cell in cells if isinstance(cell, str) and is_open(cell, short_years=self._short_years)
        ]

    def _decided(self, numbers: Sequence[int], columns: Sequence[DateColumn], own: list[str]) -> Order:
        texts = [*own, *self._open(self._further())]
        # who counts hours to 12 in capitals may well put the month first
        usual = None if any(map(_HALF_DAY.search, texts)) else self._usual
        try:
            return date_parser(texts, usual=usual, rows=range(len(own))).order
        except MendError as error:
            if error.row is not None:
                error.row, error.column = _place(numbers, columns, own[error.row])
            if error.code == "mixed_dates":
                _point_out(error, numbers, columns, own)
            error.en, error.id_ = error.en + self._hint[0], error.id_ + self._hint[1]
            raise


def is_open(text: str, *, short_years: bool = False) -> bool:
    """Tell whether a text is a date whose day and month the file must tell apart."""
    if len(text) > LONGEST:
        return False
    plain = one_line(text)
    found = _NUMBERS.search(plain)
    return found is not None and (short_years or len(found["year"]) == 4) and bool(readings(plain))


def _place(numbers: Sequence[int], columns: Sequence[DateColumn], text: str) -> tuple[int, str]:
    """Return the row and column where a text stands first."""
    found: Iterator[tuple[int, str]] = (
        (numbers[column.cells.index(text)], column.name) for column in columns if text in column.cells
    )
    return min(found, key=lambda place: place[0])


def _only(texts: Iterable[str], order: Order) -> str | None:
    return next((text for text in texts if set(readings(text)) == {order}), None)


def _point_out(
    error: MendError, numbers: Sequence[int], columns: Sequence[DateColumn], texts: Sequence[str]
) -> None:
    """Add to a refusal where the first date of each order stands: one of them may only be mistyped."""
    day, month = _only(texts, Order.DAY), _only(texts, Order.MONTH)
    if day is not None and month is not None:
        (first, _), (other, name) = _place(numbers, columns, day), _place(numbers, columns, month)
        error.row, error.column = other, name
        error.en += f" Row {first} has the day first, row {other} the month."
        error.id_ += f" Baris {first} diawali hari, baris {other} diawali bulan."


def _whole(
    numbers: Sequence[int], column: DateColumn, different: Iterable[object], found: Sequence[str]
) -> None:
    """Refuse a column that holds dates which may be swapped beside texts that were not made dates."""
    left = next((text for text in found if len(readings(text)) == 1), None)
    if left is None or not any(map(_may_be_swapped, different)):
        return
    row, name = _place(numbers, [column], left)
    raise MendError(
        "half_converted_dates",
        en="This column holds dates and, from this row on, texts that a spreadsheet could not make dates of, "
        "because it expected day and month in the other order. Day and month of the dates are probably "
        "swapped. Compare them with where they come from and write the whole column as dates, or as "
        "YYYY-MM-DD.",
        id_="Kolom ini memuat tanggal dan, mulai baris ini, teks yang tidak dapat dijadikan tanggal oleh "
        "aplikasi lembar kerja karena urutan hari dan bulannya lain. Hari dan bulan pada sel tanggal mungkin "
        "tertukar. Cocokkan dengan sumbernya, lalu isi seluruh kolom sebagai tanggal atau TTTT-BB-HH.",
        row=row,
        column=name,
    )


def _may_be_swapped(cell: object) -> bool:
    return isinstance(cell, date) and cell.day <= 12 and cell.day != cell.month

"""Where a table's heading is and what its columns mean: one row or two, below a letterhead or at once."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from siklatih.contracts import Column, Contract
from siklatih.errors import MendError
from siklatih.sources.tables import Sheet, is_blank
from siklatih.sources.values import column_letters
from siklatih.wording import fold_title

_SEARCHED_ROWS = 60
_ORDINAL = {"no", "no.", "no urut", "no. urut", "nomor urut"}
# what may stand above titles without saying anything more of their values, as a month or an office would
_GROUPING = frozenset((
    "anggaran", "biaya", "dana", "nilai", "data", "identitas", "keterangan", "rincian", "uraian", "pelatihan",
    "dalam", "rp", "rupiah", "budget", "cost", "costs", "score", "scores", "details",
))  # fmt: skip
_LETTERS = re.compile(r"\w+")
_COLUMN_NUMBER = re.compile(r"\((\d+)\)|(\d+)(?:\.0)?")


@dataclass(frozen=True)
class Head:
    """A heading: from where to where it stands in ``Sheet.rows``, and the title of each column."""

    first: int
    last: int
    titles: tuple[str, ...]


@dataclass(frozen=True)
class Columns:
    """What columns mean; the agency's own and running numbers are passed over."""

    known: tuple[tuple[int, Column], ...]
    own: frozenset[int]
    ordinal: frozenset[int]

    @cached_property
    def titled(self) -> frozenset[int]:
        """All columns that have a title."""
        return self.own | self.ordinal | {index for index, _ in self.known}


def folded(cell: object) -> str:
    """A title as it is compared: one space between words, no mark of being required, no case."""
    return fold_title("" if cell is None else str(cell))


def is_passed_over(title: str) -> bool:
    """Tell whether a column of this title is not read: none, the agency's own, or running numbers."""
    return not title or title.startswith("#") or title in _ORDINAL


class Titles(Protocol):
    """Titles that a heading is looked for by, folded."""

    @property
    def known(self) -> Container[str]:
        """All that are known."""

    def present(self, titles: Iterable[str]) -> set[str]:
        """Return the names of columns that are among the titles."""

    def missing(self, titles: Iterable[str]) -> Sequence[object]:
        """Return what must be among the titles and is not."""


class Wanted:
    """The titles of a contract: technical names and Indonesian titles, folded.

    ``given`` names columns that a table need not have, because their values are known otherwise.
    """

    def __init__(self, contract: Contract, given: Container[str] = ()) -> None:
        self.contract = contract
        self._given = given
        self.known: Mapping[str, Column] = {
            folded(title): column for column in contract.columns for title in (column.name, column.title_id)
        }

    def present(self, titles: Iterable[str]) -> set[str]:
        """Return the names of columns that are among the titles."""
        return {self.known[title].name for title in titles if title in self.known}

    def missing(self, titles: Iterable[str]) -> list[Column]:
        """Return the required columns that are not among the titles."""
        present = self.present(titles)
        return [
            column
            for column in self.contract.columns
            if column.required and column.name not in present and column.name not in self._given
        ]


def find_head(sheet: Sheet, wanted: Titles) -> Head | None:
    """Return the first heading with all required columns, else the nearest row; None if all is blank.

    Raises:
        MendError: the heading has two rows that do not read as known titles together.
    """
    filled = filled_rows(sheet)
    for index in filled:
        titles = titles_of(sheet, index)
        if not wanted.missing(titles):
            if _groups_above(sheet, index, wanted):
                return _two_rows(sheet, index - 1, wanted)
            return Head(index, index, titles)
        if _is_upper_half(sheet, index, wanted):
            return _two_rows(sheet, index, wanted)
    if not filled:
        return None
    nearest = max(filled, key=lambda index: (len(wanted.present(titles_of(sheet, index))), -index))
    return Head(nearest, nearest, titles_of(sheet, nearest))


def _is_upper_half(sheet: Sheet, index: int, wanted: Titles) -> bool:
    """Tell whether a row needs the one below for a whole heading, and the one below needs it."""
    if index + 1 == len(sheet.rows) or not wanted.missing(titles_of(sheet, index + 1)):
        return False
    return not wanted.missing((*stacked(sheet, index), *joined(sheet, index)))


def filled_rows(sheet: Sheet) -> list[int]:
    """Return where the first rows that hold something are; a heading further down is none."""
    found = []
    for index, (_, cells) in enumerate(sheet.rows):
        if not all(is_blank(cell) for cell in cells):
            found.append(index)
            if len(found) == _SEARCHED_ROWS:
                break
    return found


def titles_of(sheet: Sheet, index: int) -> tuple[str, ...]:
    """Return a row's cells as titles."""
    return tuple(folded(cell) for cell in sheet.rows[index][1])


def _groups_above(sheet: Sheet, index: int, wanted: Titles) -> bool:
    """Tell whether the row above groups some columns, as a month does; a letterhead starts further left."""
    if index == 0:
        return False
    number = sheet.rows[index - 1][0]
    first = next(column for column, title in enumerate(titles_of(sheet, index)) if title in wanted.known)
    return any(
        top == bottom == number and first < left < right for (top, left), (bottom, right) in sheet.merged
    )


def _spread(sheet: Sheet, index: int) -> list[str]:
    """A row's titles, those of cells merged to the right on every column they cover."""
    number, cells = sheet.rows[index]
    titles = [folded(cell) for cell in cells]
    for (top, left), (bottom, right) in sheet.merged:
        if top <= number <= bottom and right > left:
            for column in range(left, min(right + 1, len(titles))):
                titles[column] = titles[left]
    return titles


def _pairs(sheet: Sheet, index: int) -> list[tuple[str, str]]:
    upper, lower = _spread(sheet, index), list(titles_of(sheet, index + 1))
    width = max(len(upper), len(lower))
    upper += [""] * (width - len(upper))
    lower += [""] * (width - len(lower))
    return list(zip(upper, lower, strict=True))


def stacked(sheet: Sheet, index: int) -> tuple[str, ...]:
    """Return the titles of two rows, the lower one where there are two."""
    return tuple(lower or upper for upper, lower in _pairs(sheet, index))


def joined(sheet: Sheet, index: int) -> tuple[str, ...]:
    """Return the titles of two rows, both where there are two."""
    return tuple(
        f"{upper} {lower}" if upper and lower and upper != lower else lower or upper
        for upper, lower in _pairs(sheet, index)
    )


def _two_rows(sheet: Sheet, index: int, wanted: Titles) -> Head:
    """A heading of two rows; the title is both, for a month's plan is not the year's.

    Where the upper row only says what kind of columns stand below, a known lower title is enough.
    """
    titles = list(joined(sheet, index))
    for column, (upper, lower) in enumerate(_pairs(sheet, index)):
        if upper and lower and titles[column] not in wanted.known and not titles[column].startswith("#"):
            if lower in wanted.known and _GROUPING.issuperset(_LETTERS.findall(upper)):
                titles[column] = lower
                continue
            raise MendError(
                "two_row_heading",
                en=f"On {sheet.label_en} the heading has two rows that together are no known title. "
                "Write one heading row as in the template, one line for each value.",
                id_=f"Pada {sheet.label_id} judul kolom terdiri atas dua baris yang bila digabung bukan "
                "judul yang dikenal. Tulis satu baris judul seperti templat, satu baris untuk tiap nilai.",
                row=sheet.rows[index + 1][0],
                column=column_letters(column),
            )
    return Head(index, index + 1, tuple(titles))


def numbers_columns(cells: Sequence[object]) -> bool:
    """Tell whether a row only numbers the columns, as below many headings: (1) (2) (3)."""
    found = [_COLUMN_NUMBER.fullmatch(str(cell).strip()) for cell in cells if not is_blank(cell)]
    numbers = [int(match[1] or match[2]) for match in found if match is not None]
    return len(numbers) == len(found) >= 3 and numbers == list(range(1, len(found) + 1))


def read_columns(sheet: Sheet, wanted: Wanted, head: Head) -> Columns:
    """Return what each column of a heading means.

    Raises:
        MendError: a title is not known or stands twice, or a required column is missing.
    """
    found: list[tuple[int, Column]] = []
    own: set[int] = set()
    ordinal: set[int] = set()
    number = sheet.rows[head.last][0]
    for index, title in enumerate(head.titles):
        if title.startswith("#"):
            own.add(index)
        elif title in _ORDINAL and title not in wanted.known:
            ordinal.add(index)
        elif title:
            column = wanted.known.get(title)
            if column is None or column in [other for _, other in found]:
                raise _unknown(sheet, number, index)
            found.append((index, column))
    lacking = wanted.missing(head.titles)
    if lacking:
        titles = ", ".join(column.title_id for column in lacking)
        raise MendError(
            "missing_column",
            en=f"The column {titles} is missing on {sheet.label_en}. Add it as in the template.",
            id_=f"Kolom {titles} tidak ada pada {sheet.label_id}. Tambahkan seperti pada templat.",
            row=number,
            column=lacking[0].name,
        )
    return Columns(tuple(found), frozenset(own), frozenset(ordinal))


def _unknown(sheet: Sheet, number: int, index: int) -> MendError:
    return MendError(
        "unknown_column",
        en=f"A heading on {sheet.label_en} is not known or stands twice. "
        "Use the template's headings, or begin it with # to have it passed over.",
        id_=f"Satu judul kolom pada {sheet.label_id} tidak dikenal atau ganda. "
        "Pakai judul dari templat, atau awali dengan # agar dilewati.",
        row=number,
        column=column_letters(index),  # its text may be anything, a person's name too
    )


def data_without_heading(sheet: Sheet, number: int, index: int) -> MendError:
    """The refusal of a cell that holds something in a column nobody named."""
    return MendError(
        "unknown_column",
        en=f"On {sheet.label_en} this column holds data but has no heading. "
        "Write a heading from the template, or one that begins with # to have it passed over.",
        id_=f"Pada {sheet.label_id} kolom ini berisi data tetapi tidak berjudul. "
        "Beri judul dari templat, atau judul yang diawali # agar dilewati.",
        row=number,
        column=column_letters(index),
    )

"""What XML elements mean for memory: cells, repeated cells and shared strings.

Parsers lay a sheet out as a full rectangle from A1 to the farthest cell with content, so one stray cell
asks for all the memory there is.
"""

from __future__ import annotations

import re

from siklatih.errors import MendError
from siklatih.guard.names import bad_reference, not_a_sheet
from siklatih.guard.xml_quick import LAST_COLUMN, LAST_ROW, column_number
from siklatih.limits import MEGABYTE, Limits
from siklatih.sources.values import column_letters

_REFERENCE = re.compile(r"([A-Za-z]{1,7})([0-9]{1,10})", re.ASCII)
_VALUES = {"value-type", "value", "string-value", "date-value", "time-value", "boolean-value"}


class Cells:
    """Cells of a sheet: how far those with content reach, and how long their texts are."""

    def __init__(self, limits: Limits, sheet: int | None) -> None:
        self._limits = limits
        self._sheet = sheet
        self._within = False
        self._row, self._column = 0, 0
        self._last_row, self._last_column = 0, 0
        self._used = False
        self._reads_text = False
        self._length = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """Follow rows and cells; either may tell its place or go on from the one before."""
        if not self._within:
            self._within = name == "sheetData"
        elif name == "c":
            self._place(attributes.get("r"))
            self._used, self._length = False, 0
        elif name == "row":
            given = attributes.get("r")
            self._row = _number(given) if given is not None else self._row + 1
            self._column = 0
        elif name in ("v", "t"):
            self._reads_text = True
        elif name == "is":
            self._use()

    def end(self, name: str) -> None:
        """Text outside of values is no cell's."""
        if name in ("v", "t"):
            self._reads_text = False

    def text(self, data: str) -> None:
        """Measure a cell's text."""
        if self._reads_text:
            self._length += len(data)
            if self._length > self._limits.cell_chars:
                raise cell_too_long(self._limits, self._row, self._column, self._sheet)
            if not self._used:
                self._use()

    def _place(self, reference: str | None) -> None:
        if reference is None:
            self._row = max(1, self._row)
            self._column += 1
            return
        found = _REFERENCE.fullmatch(reference)
        if found is None:
            raise bad_reference()
        self._column, self._row = column_number(found[1].encode()), int(found[2])

    def _use(self) -> None:
        self._used = True
        self._last_row = max(self._last_row, self._row)
        self._last_column = max(self._last_column, self._column)
        check_reach(self._limits, (self._last_row, self._last_column), (self._row, self._column), self._sheet)


class SharedStrings:
    """The table of shared strings: how many, and how long each is."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._count = 0
        self._reads_text = False
        self._length = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:  # noqa: ARG002  (the protocol's)
        """Count an entry."""
        not_a_sheet(name)
        if name == "si":
            self._count += 1
            self._length = 0
            if self._count > self._limits.strings:
                raise MendError(
                    "too_many_strings",
                    en=f"The workbook holds more than {self._limits.strings} different texts. Split it "
                    "into several workbooks.",
                    id_=f"Buku kerja ini memuat lebih dari {self._limits.strings} teks berbeda. Bagi menjadi "
                    "beberapa buku kerja.",
                )
        elif name == "t":
            self._reads_text = True

    def end(self, name: str) -> None:
        """Text outside of ``t`` is layout."""
        if name == "t":
            self._reads_text = False

    def text(self, data: str) -> None:
        """Measure an entry's text."""
        if self._reads_text:
            self._length += len(data)
            if self._length > self._limits.cell_chars:
                raise cell_too_long(self._limits, None, None, None)


class RepeatedCells:
    """Cells of an ODS, where a cell and a row say how often they are repeated."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._sheet = 0
        self._row, self._column = 0, 0
        self._rows, self._columns = 1, 1
        self._last_row, self._last_column = 0, 0
        self._in_cell = False
        self._paragraphs = 0
        self._used = False
        self._length = 0
        self._written = 0

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """Follow tables, rows, cells and their paragraphs."""
        not_a_sheet(name)
        local = {key.rpartition(":")[2]: value for key, value in attributes.items()} if attributes else {}
        if name in ("table-cell", "covered-table-cell"):
            self._columns = _number(local.get("number-columns-repeated", "1"))
            self._column += self._columns
            self._in_cell, self._used, self._length = True, False, 0
            if not _VALUES.isdisjoint(local):
                self._use()
                self._measure(len(local.get("string-value", "")))
        elif name == "table-row":
            self._rows = _number(local.get("number-rows-repeated", "1"))
            self._row += self._rows
            self._column = 0
        elif name == "table":
            self._sheet += 1
            self._row, self._column, self._last_row, self._last_column = 0, 0, 0, 0
        elif name == "p":
            self._paragraphs += 1
        elif name == "s" and self._paragraphs:  # so many blanks, in one element
            self._measure(_number(local.get("c", "1")))

    def end(self, name: str) -> None:
        """A cell or a paragraph ends."""
        if name in ("table-cell", "covered-table-cell"):
            self._in_cell = False
        elif name == "p":
            self._paragraphs -= 1

    def text(self, data: str) -> None:
        """Measure a cell's text."""
        if self._paragraphs:
            self._measure(len(data))

    def _measure(self, length: int) -> None:
        if not self._in_cell or not length:
            return
        if not self._used:
            self._use()
        self._length += length
        if self._length > self._limits.cell_chars:
            raise cell_too_long(self._limits, self._row, self._column, self._sheet)
        self._written += length * self._rows * self._columns
        if self._written > self._limits.unpacked_bytes:
            raise MendError(
                "repeated_too_often",
                en="The workbook's repeated cells come to more than "
                f"{self._limits.unpacked_bytes / MEGABYTE:g} MB of text. "
                "Delete the rows and columns that were filled too far.",
                id_="Sel berulang pada buku kerja ini mencapai lebih dari "
                f"{self._limits.unpacked_bytes / MEGABYTE:g} MB teks. "
                "Hapus baris dan kolom yang terisi terlalu jauh.",
                row=self._row,
                column=column_letters(self._column - 1),
            )

    def _use(self) -> None:
        self._used = True
        self._last_row = max(self._last_row, self._row)
        self._last_column = max(self._last_column, self._column)
        check_reach(self._limits, (self._last_row, self._last_column), (self._row, self._column), self._sheet)


def check_reach(limits: Limits, last: tuple[int, int], here: tuple[int, int], sheet: int | None) -> None:
    """Refuse a cell that makes the rectangle from A1 too large, or lies where no sheet reaches."""
    if last[0] * last[1] <= limits.sheet_cells and here[0] <= LAST_ROW and here[1] <= LAST_COLUMN:
        return
    place = f"{column_letters(here[1] - 1)}{here[0]}"
    raise MendError(
        "sheet_too_large",
        en=f"{_sheet_en(sheet)} reaches to cell {place}, more than {limits.sheet_cells} cells in all. "
        "Delete the stray cell and save again.",
        id_=f"{_sheet_id(sheet)} terisi sampai sel {place}, lebih dari {limits.sheet_cells} sel seluruhnya. "
        "Hapus sel nyasar itu, lalu simpan ulang.",
        row=here[0],
        column=column_letters(here[1] - 1),
    )


def cell_too_long(limits: Limits, row: int | None, column: int | None, sheet: int | None) -> MendError:
    """A cell's text is longer than a spreadsheet program itself allows."""
    letters = None if column is None else column_letters(column - 1)
    where = "" if row is None else f" {letters}{row}"
    return MendError(
        "cell_too_long",
        en=f"{_sheet_en(sheet)}: a cell{where} holds more than {limits.cell_chars} characters. Shorten it.",
        id_=f"{_sheet_id(sheet)}: satu sel{where} memuat lebih dari {limits.cell_chars} karakter. "
        "Ringkas isinya.",
        row=row,
        column=letters,
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        raise bad_reference()
    return int(text)


def _sheet_en(sheet: int | None) -> str:
    return "A sheet" if sheet is None else f"Sheet number {sheet}"


def _sheet_id(sheet: int | None) -> str:
    return "Satu lembar" if sheet is None else f"Lembar ke-{sheet}"

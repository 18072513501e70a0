"""Tables as cells with their row numbers, whatever they lay in: XLSX, ODS, the old `.xls`, or text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from siklatih.errors import MendError
from siklatih.sources.biff_marks import is_locked, xls_marks
from siklatih.sources.containers import ZIP_FAULTS, Kind
from siklatih.sources.delimited import decode, records, sniff_delimiter
from siklatih.sources.opened import opened
from siklatih.sources.protocol import SourceFile
from siklatih.sources.sheet_marks import Marks, Span, ods_marks, xlsx_marks
from siklatih.sources.values import column_letters

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

_MAXIMUM_CELLS = 20_000_000


@dataclass(frozen=True)
class Sheet:
    """A table's cells. ``rows`` holds (row number a person sees, cells); columns count from 0.

    Args:
        name: the sheet's name; empty for delimited text.
        hidden_rows: numbers of rows that are hidden or filtered away; they are data as well.
        merged: merged cells, as first and last (row number, column).
        date1904: whether serial numbers of days count from 1904.
    """

    name: str
    rows: Sequence[tuple[int, Sequence[object]]]
    hidden: bool = False
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    merged: tuple[Span, ...] = ()
    date1904: bool = False

    @property
    def label_en(self) -> str:
        """What messages call it; only for sheets whose name is one of ours."""
        return f"the sheet “{self.name}”" if self.name else "the table"

    @property
    def label_id(self) -> str:
        """What messages call it, in Indonesian."""
        return f"lembar “{self.name}”" if self.name else "tabel ini"


@dataclass(frozen=True)
class Book:
    """Sheets by name, each read only when asked for: a workbook may hold more than one fits in memory."""

    names: tuple[str, ...]
    filled: frozenset[str]
    sheet: Callable[[str], Sheet]
    top: Callable[[str, int], list[list[object]]]  # the first rows as they are, whatever is wrong below


def is_blank(cell: object) -> bool:
    """An empty or white cell holds nothing."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def read_text(file: SourceFile) -> Sheet:
    """Read delimited text as one sheet without a name; ``MendError`` if it is no text or has no delimiter."""
    text = decode(file)
    delimiter = sniff_delimiter(text)
    if delimiter is None:
        raise MendError(
            "no_delimiter",
            en="No delimiter makes columns of this text. Save it as CSV with comma or semicolon.",
            id_="Tidak ada pemisah yang membentuk kolom. Simpan sebagai CSV dengan koma atau titik koma.",
        )
    return Sheet("", list(records(text, delimiter)))


def open_book(file: SourceFile, kind: Kind) -> Book:
    """Open a workbook; its sheets are read when asked for.

    Raises:
        MendError: it is locked by a password, broken or cut off.
    """
    from python_calamine import (  # noqa: PLC0415
        CalamineError,
        PasswordError,
        SheetTypeEnum,
        SheetVisibleEnum,
        ZipError,
    )

    try:
        if kind is Kind.LOCKED or (kind is Kind.XLS and is_locked(file.path)):
            raise _locked()
        workbook = opened(file)
        book = workbook.book
        facts = {fact.name: fact for fact in book.sheets_metadata if fact.typ == SheetTypeEnum.WorkSheet}
        found = {name: workbook.sheet(name) for name in facts}
        marks, date1904 = _marks(file, kind, book.sheet_names)
    except PasswordError as error:
        raise _locked() from error
    except (CalamineError, ZipError, *ZIP_FAULTS) as error:
        raise _broken() from error
    except BaseException as error:
        # on some damage the library breaks off with an exception of its own that is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise _broken() from error

    def sheet(name: str) -> Sheet:
        hidden = facts[name].visible != SheetVisibleEnum.Visible
        return _sheet(name, found[name], marks.get(name, Marks()), hidden=hidden, date1904=date1904)

    def top(name: str, rows: int) -> list[list[object]]:
        return cast("list[list[object]]", found[name].to_python(skip_empty_area=False, nrows=rows))

    filled = frozenset(name for name, cells in found.items() if cells.start is not None)
    return Book(tuple(facts), filled, sheet, top)


def _marks(file: SourceFile, kind: Kind, names: Sequence[str]) -> tuple[Mapping[str, Marks], bool]:
    if kind is Kind.XLS:
        return xls_marks(file.path, names)
    return xlsx_marks(file.path) if kind is Kind.XLSX else (ods_marks(file.path), False)


def _sheet(name: str, cells: CalamineSheet, marks: Marks, *, hidden: bool, date1904: bool) -> Sheet:
    made = Sheet(
        name=name,
        rows=[],
        hidden=hidden,
        hidden_rows=_within(marks.hidden_rows, cells.total_height + 1, first=1),
        hidden_columns=_within(marks.hidden_columns, cells.total_width + 1, first=0),
        merged=tuple(
            ((top + 1, left), (bottom + 1, right))
            for (top, left), (bottom, right) in (*(cells.merged_cell_ranges or ()), *marks.merged)
        ),
        date1904=date1904,
    )
    if cells.total_height * cells.total_width > _MAXIMUM_CELLS:
        raise MendError(
            "sheet_too_large",
            en=f"On {made.label_en} a stray cell lies far away. Delete it and save again.",
            id_=f"Pada {made.label_id} ada sel nyasar yang sangat jauh. Hapus sel itu, lalu simpan ulang.",
        )
    if marks.uncomputed:
        row, column = marks.uncomputed[0]
        raise _uncomputed(made, row + 1, column)
    rows = cast("list[list[object]]", cells.to_python(skip_empty_area=False))
    for (row, column), text in marks.errors.items():
        # read as empty otherwise, and a value that could not be computed would pass for none
        if row < len(rows):
            rows[row] += [None] * (column + 1 - len(rows[row]))
            rows[row][column] = text
    return replace(made, rows=list(enumerate(rows, start=1)))


def _within(ranges: Sequence[range], end: int, *, first: int) -> frozenset[int]:
    return frozenset(
        number + first for found in ranges for number in range(found.start, min(found.stop, end))
    )


def _uncomputed(sheet: Sheet, row: int, column: int) -> MendError:
    address = f"{column_letters(column)}{row}"
    return MendError(
        "formula_not_computed",
        en=f"On {sheet.label_en} the formula in cell {address} has no result in the file. "
        "Open the file in Excel or LibreOffice, save it there, and send it again.",
        id_=f"Pada {sheet.label_id} rumus di sel {address} belum mempunyai hasil di dalam berkas. "
        "Buka berkas di Excel atau LibreOffice, simpan di sana, lalu kirim ulang.",
        row=row,
        column=column_letters(column),
    )


def _locked() -> MendError:
    return MendError(
        "password",
        en="The file is locked by a password. Remove the password (File, Info, Protect Workbook), save it, "
        "and send it again.",
        id_="Berkas ini dikunci kata sandi. Hapus kata sandinya (File, Info, Protect Workbook), simpan, "
        "lalu kirim ulang.",
    )


def _broken() -> MendError:
    return MendError(
        "broken_workbook",
        en="The workbook is broken or was cut off. Save it again and send it once more.",
        id_="Buku kerja rusak atau terpotong. Simpan ulang, lalu kirim lagi.",
    )

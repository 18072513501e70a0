"""The sheet ``Perbaikan``: the file it answers, and every problem, one a row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from openpyxl.styles import Alignment, Font

from siklatih.guard.pictures import TO_BE_TYPED
from siklatih.returning.faults import Fault, Faults, Titles
from siklatih.sources.returned import CYCLE, FORM, LIST_ONLY, LIST_SHEET, ORIGINAL

if TYPE_CHECKING:
    from openpyxl import Workbook

HEADINGS = (
    "lembar / sheet",
    "baris / row",
    "kolom / column",
    "aturan / rule",
    "yang harus dilakukan",
    "what to do",
)
_SAYS = (
    "Betulkan sel yang berwarna, lalu kirim kembali berkas ini. Lembar ini dilewati.",
    "Mend the coloured cells, then send this file back. This sheet is passed over.",
)
_SAYS_LIST_ONLY = (
    "Betulkan berkas asli menurut daftar ini, lalu kirim ulang berkas itu.",
    "Mend the original by this list, then send that file again.",
)
_SAYS_TO_TYPE = (
    "Ketik daftar pada foto atau PDF itu ke lembar berikutnya, lalu kirim berkas ini. Lembar ini dilewati.",
    "Type the list of the photo or PDF into the next sheet, then send this file. This sheet is passed over.",
)
_SAYS_NOTHING = (
    "Tidak ada sel yang harus dibetulkan. Jawab lembar Usulan nama, lalu kirim kembali berkas ini.",
    "No cell needs mending. Answer the sheet Usulan nama, then send this file back.",
)
_WIDTHS = (24, 10, 30, 34, 70, 70)
_NO_XML = re.compile(
    "[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]"
)  # what XML 1.0 cannot hold
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_text(cell: Any, text: str) -> None:
    """Write a cell as text, whatever it begins with, and never as a formula."""
    cell.value = _NO_XML.sub("\ufffd", text)
    cell.data_type = "s"
    if text.startswith(FORMULA_STARTS):
        cell.quotePrefix = True


def is_to_be_typed(faults: Faults) -> bool:
    """Tell whether the file is a photo or a PDF, which is answered with a workbook to type into."""
    return any(fault.rule in TO_BE_TYPED for fault in faults.problems)


def add_list(book: Workbook, faults: Faults, titles: Titles, *, form: str, facts: Mapping[str, str]) -> None:
    """Add the list as the first sheet, in the place of an earlier return's.

    Args:
        book: the workbook to add it to.
        faults: what is wrong, and with which file.
        titles: how the columns are called.
        form: what kind of return this is (``workbook``, ``text`` or ``list``).
        facts: what else must be known to read it when it comes back.
    """
    if LIST_SHEET in book.sheetnames:
        book.remove(book[LIST_SHEET])
    sheet = book.create_sheet(LIST_SHEET, 0)
    marks = {ORIGINAL: faults.file_sha, CYCLE: faults.cycle or "", FORM: form, **facts}
    says = _SAYS_LIST_ONLY if form == LIST_ONLY else _SAYS_TO_TYPE if is_to_be_typed(faults) else _SAYS
    if not faults.problems:
        says = _SAYS_NOTHING
    rows: list[tuple[str | int | None, ...]] = [*marks.items(), says, (), HEADINGS]
    rows += [_row(fault, titles) for fault in sorted(faults.problems, key=_order)]
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row, start=1):
            cell = sheet.cell(number, place)
            if isinstance(value, str):
                write_text(cell, value)
                cell.alignment = Alignment(wrap_text=number > len(marks) + 2, vertical="top")
            else:
                cell.value = value
            if row is HEADINGS:
                cell.font = Font(bold=True)
    for letter, width in zip("ABCDEF", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    sheet.freeze_panes = f"A{len(marks) + 4}"
    for other in book.worksheets:  # two selected sheets would be edited as one
        other.sheet_view.tabSelected = other is sheet
    book.active = 0
    for view in book.views:
        view.firstSheet = 0


def _row(fault: Fault, titles: Titles) -> tuple[str | int | None, ...]:
    return (fault.sheet or "", fault.row, titles.shown(fault), fault.rule, *fault.remedy)


def _order(fault: Fault) -> tuple[str, int, str, str]:
    return (fault.place or "", fault.row or 0, fault.columns or "", fault.rule)

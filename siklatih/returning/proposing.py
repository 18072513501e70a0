"""The sheet ``Usulan nama``: names of the file that may be enrolled people, for its sender to answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from openpyxl.styles import Alignment, Font
from openpyxl.worksheet.datavalidation import DataValidation

from siklatih.returning.faults import Proposal
from siklatih.returning.listing import write_text
from siklatih.sources.proposed import ANSWER_COLUMN, HEADINGS
from siklatih.sources.returned import PROPOSAL_SHEET

if TYPE_CHECKING:
    from openpyxl import Workbook

_SAYS = (
    "Nama ini mirip nama peserta. Pilih ya bila orangnya sama, tidak bila bukan, lalu kirim kembali.",
    "These names are like participants'. Choose ya for the same person, tidak if not; send it back.",
)
_WIDTHS = (16, 14, 34, 34, 8, 16)


def add_proposals(book: Workbook, proposals: Sequence[Proposal]) -> None:
    """Add the sheet behind the first one, in the place of an earlier return's; none for no proposals."""
    if PROPOSAL_SHEET in book.sheetnames:
        book.remove(book[PROPOSAL_SHEET])
    if not proposals:
        return
    sheet = book.create_sheet(PROPOSAL_SHEET, 1)
    rows: list[tuple[str | int, ...]] = [(text,) for text in _SAYS]
    rows += [(), HEADINGS]
    rows += [(p.code, p.batch_code, p.name, p.person, p.rows) for p in proposals]
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row, start=1):
            cell = sheet.cell(number, place)
            if isinstance(value, str):
                write_text(cell, value)
                cell.number_format = "@"  # a code may look like a number
            else:
                cell.value = value
            if row is HEADINGS:
                cell.font = Font(bold=True)
                cell.alignment = Alignment(wrap_text=True, vertical="top")
    for letter, width in zip("ABCDEF", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    choice = DataValidation(type="list", formula1='"ya,tidak"', allow_blank=True, showErrorMessage=True)
    choice.errorTitle, choice.error = "Siklatih", "Pilih ya atau tidak. / Choose ya or tidak."
    choice.add(f"{ANSWER_COLUMN}{len(rows) - len(proposals) + 1}:{ANSWER_COLUMN}{len(rows)}")
    sheet.add_data_validation(choice)
    sheet.freeze_panes = f"A{len(rows) - len(proposals) + 1}"

"""The workbook into which a signed list is typed: the attendance template, with the batch's people in it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from siklatih.contracts import Column, Contract
from siklatih.returning.listing import write_text
from siklatih.signing import BatchList
from siklatih.templates import ROWS, template_book, write_head

if TYPE_CHECKING:
    from openpyxl import Workbook

DATASET = "attendance"
_COLUMNS = ("batch_code", "session_starts_at", "nip", "# Nama", "# Unit kerja", "status")
_WIDTHS = {"# Nama": 34, "# Unit kerja": 34}
_EMPTY = (
    (
        "Satu baris untuk tiap orang dan sesi; pilih Kehadiran dari daftarnya. Baris yang Kehadirannya "
        "kosong disisihkan dan dikembalikan untuk diisi, tidak dianggap tidak hadir."
    ),
    (
        "One line for each person and session; choose the status from its list. A line whose status is "
        "empty is put aside and sent back to be filled in; it does not count as absent."
    ),
)
_OTHERS = (
    (
        "Hapus baris sesi yang tidak jadi atau belum dilaksanakan. Untuk orang yang belum tercantum, "
        "tambahkan baris dengan kode angkatan, waktu sesi, dan NIP-nya."
    ),
    (
        "Delete the lines of sessions that were not held, or not yet. For somebody who is not listed, add a "
        "line with the batch's code, the session's time and the employee number."
    ),
)
_PASSED_OVER = (
    "Kolom yang judulnya diawali # hanya untuk dibaca dan dilewati.",
    "Columns whose title begins with # are for reading only and are passed over.",
)


def typing_book(contract: Contract, batch: BatchList | None) -> Workbook:
    """Return the workbook to type a list into; without a batch, the blank template of attendance.

    Args:
        contract: that of attendance.
        batch: the sessions and people it is made for; a row is one person at one session.
    """
    book = template_book(contract)
    if batch is None:
        return book
    sheet = book[contract.title_id]
    book.remove(sheet)
    sheet = book.create_sheet(contract.title_id, 0)
    _heads(sheet, contract)
    _rows(sheet, batch)
    help_sheet = book["petunjuk"]
    help_sheet.append([])
    for says in (_EMPTY, _OTHERS, _PASSED_OVER):
        help_sheet.append(list(says))
    book.active = 0
    return book


def _heads(sheet: Worksheet, contract: Contract) -> None:
    known = {column.name: column for column in contract.columns}
    for number, name in enumerate(_COLUMNS, start=1):
        if name in known:
            write_head(sheet, number, known[name], choices=name != "status")
            continue
        cell = sheet.cell(1, number, name)
        cell.font, cell.fill = Font(italic=True), PatternFill("solid", fgColor="EEF1F3")
        sheet.column_dimensions[get_column_letter(number)].width = _WIDTHS[name]
    _status(sheet, _COLUMNS.index("status") + 1, known["status"])
    sheet.column_dimensions["B"].width = sheet.column_dimensions["C"].width = 22
    sheet.freeze_panes = "A2"


def _status(sheet: Worksheet, number: int, column: Column) -> None:
    """The letters as a drop-down list, and what they mean where somebody stands in the cell."""
    legend = ", ".join(f"{item.value} {item.label_id.lower()}" for item in column.values)
    letter = get_column_letter(number)
    rule = DataValidation(
        type="list", formula1=f'"{",".join(item.value for item in column.values)}"', allow_blank=True
    )
    rule.promptTitle, rule.prompt = column.title_id, f"{legend}. Jangan dikosongkan."
    rule.errorTitle, rule.error = column.title_id, f"Pilih salah satu: {legend}."
    rule.showInputMessage = rule.showErrorMessage = True
    sheet.add_data_validation(rule)
    rule.add(f"{letter}2:{letter}{ROWS + 1}")
    head = sheet.cell(1, number)
    head.comment = Comment(f"{legend}.\n\n{_EMPTY[0]}\n\n{_EMPTY[1]}", "Siklatih", height=220, width=300)


def _rows(sheet: Worksheet, batch: BatchList) -> None:
    row = 2
    for starts_at, _ in batch.sessions:
        for person in batch.people:
            _line(sheet, row, batch.batch_code, starts_at, (person.nip, person.name, person.unit))
            row += 1


def _line(
    sheet: Worksheet, row: int, batch_code: str, starts_at: datetime, person: tuple[str, str, str]
) -> None:
    sheet.cell(row, 2, starts_at).number_format = "YYYY-MM-DD HH:MM"
    for number, text in ((1, batch_code), *enumerate(person, start=3)):
        cell = sheet.cell(row, number)
        cell.number_format = "@"  # or a number would lose its last digits
        if text:
            write_text(cell, text)

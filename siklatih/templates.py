"""The workbook an agency fills in for a dataset, made from its contract."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from siklatih.contracts import Column, Contract
from siklatih.workbooks import save_workbook

ROWS = 5000  # so many rows get list choices and text format
NO_AGE = datetime(2026, 1, 1)  # noqa: DTZ001  (a template has none: its bytes must not change)
_LIST_LIMIT = 255  # Excel's limit for a list written into the rule itself
_FORMS = {"date": "YYYY-MM-DD", "datetime": "YYYY-MM-DD HH:MM:SS", "integer": "0", "decimal": "General"}
_KINDS = {
    "text": ("teks", "text"),
    "code": ("kode", "code"),
    "integer": ("bilangan bulat", "whole number"),
    "decimal": ("bilangan", "number"),
    "date": ("tanggal (TTTT-BB-HH)", "date (YYYY-MM-DD)"),
    "datetime": ("waktu (TTTT-BB-HH JJ:MM)", "time (YYYY-MM-DD HH:MM)"),
    "boolean": ("ya/tidak", "yes/no"),
    "nip": ("NIP, sebagai teks", "employee number, as text"),
    "email": ("alamat surel", "e-mail address"),
    "name": ("nama", "name"),
    "terminal": ("nomor di mesin presensi", "number at the terminal"),
}


def write_template(contract: Contract, place: Path, when: datetime) -> None:
    """Write the XLSX: the sheet to fill in, one with what each column means, and what file this is.

    Args:
        when: the time written into the file, so that the same contract gives the same bytes.
    """
    save_workbook(template_book(contract), place, when)


def template_book(contract: Contract) -> Workbook:
    """Return the template, not yet saved."""
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = contract.title_id[:31]
    for number, column in enumerate(contract.columns, start=1):
        write_head(sheet, number, column)
    sheet.freeze_panes = "A2"
    _explain(workbook.create_sheet("petunjuk"), contract)
    meta = workbook.create_sheet("meta")
    for row in (("siklatih-workbook", "1"), ("exported_at", None), ("provider", None)):
        meta.append(row)
    return workbook


def write_head(sheet: Worksheet, number: int, column: Column, *, choices: bool = True) -> None:
    """Write a column's heading with its note, its form, and (with ``choices``) a list of allowed values."""
    cell = sheet.cell(row=1, column=number, value=column.title_id)
    cell.font = Font(bold=True, color="FFFFFF" if column.required else "15202B")
    cell.fill = PatternFill("solid", fgColor="0B5C7A" if column.required else "D8DEE3")
    cell.alignment = Alignment(wrap_text=True, vertical="center")
    cell.comment = Comment(f"{column.description_id}\n\n{column.description_en}", "Siklatih")
    letter = get_column_letter(number)
    sheet.column_dimensions[letter].width = max(14, min(32, len(column.title_id) + 4))
    # numbers of employees are text, or the last digits are lost
    sheet.column_dimensions[letter].number_format = _FORMS.get(column.kind, "@")
    rule = _choices(column) if choices else None
    if rule is not None:
        sheet.add_data_validation(rule)
        rule.add(f"{letter}2:{letter}{ROWS + 1}")


def _choices(column: Column) -> DataValidation | None:
    labels = ["ya", "tidak"] if column.kind == "boolean" else [value.label_id for value in column.values]
    written = ",".join(labels)
    if not labels or len(written) > _LIST_LIMIT or any("," in label for label in labels):
        return None
    return DataValidation(type="list", formula1=f'"{written}"', allow_blank=not column.required)


def _explain(sheet: Worksheet, contract: Contract) -> None:
    sheet.append([contract.title_id, contract.description_id])
    sheet.append([contract.title_en, contract.description_en])
    sheet.append([])
    sheet.append(
        ["kolom / column", "wajib / required", "bentuk / form", "isi", "content", "pilihan / choices"]
    )
    for column in contract.columns:
        choices = "; ".join(f"{v.value} = {v.label_id} / {v.label_en}" for v in column.values)
        sheet.append(
            [
                column.title_id,
                "ya / yes" if column.required else "",
                " / ".join(_KINDS[column.kind]),
                column.description_id,
                column.description_en,
                choices,
            ]
        )
    for letter, width in zip("ABCDEF", (26, 16, 34, 60, 60, 60), strict=True):
        sheet.column_dimensions[letter].width = width
    for cell in sheet[4]:
        cell.font = Font(bold=True)

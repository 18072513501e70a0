"""The agency's own workbook: one sheet a dataset as XLSX or ODS, or one dataset as delimited text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from siklatih.contracts import Contract
from siklatih.demo.writers.ods import ods_bytes
from siklatih.workbooks import workbook_bytes

_MONTHS = (
    "Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober",
    "November", "Desember",
)  # fmt: skip
Rows = Sequence[Sequence[object]]
Sheets = Mapping[str, tuple[Sequence[str], Rows]]  # dataset -> (columns, rows)


@dataclass(frozen=True)
class TextForm:
    """How a program saved a table as text.

    ``typed``: values are as Indonesians write them, day first and with a decimal comma; the month has its
    name where no day above 12 shows the order.
    """

    delimiter: str
    encoding: str
    typed: bool = False


TEXT_FORMS = {
    "comma": TextForm(",", "utf-8"),
    "semicolon": TextForm(";", "utf-8-sig", typed=True),
    "tab": TextForm("\t", "utf-16"),
    "windows": TextForm(";", "cp1252", typed=True),
    "semicolon-plain": TextForm(";", "utf-8", typed=True),
    "comma-marked": TextForm(",", "utf-8-sig"),
    "tab-plain": TextForm("\t", "utf-8", typed=True),
    "windows-comma": TextForm(",", "cp1252"),
}


def xlsx_bytes(contracts: Mapping[str, Contract], sheets: Sheets, *, when: datetime, provider: str) -> bytes:
    """Return the workbook as if saved at ``when`` (local, naive), under the contracts' Indonesian titles."""
    from openpyxl import Workbook  # noqa: PLC0415
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

    book = Workbook(write_only=True)
    book.properties.creator = "Siklatih"
    book.properties.created = when
    for name, rows in _tables(contracts, sheets, when, provider):
        sheet = book.create_sheet(name)
        for row in rows:
            cells: list[object] = list(row)
            for place, value in enumerate(cells):
                if isinstance(value, str) and value.startswith("="):
                    cells[place] = cell = WriteOnlyCell(sheet, value)
                    cell.data_type = "s"  # text, not a formula
            sheet.append(cells)
    return workbook_bytes(book, when)


def ods_workbook_bytes(
    contracts: Mapping[str, Contract], sheets: Sheets, *, when: datetime, provider: str
) -> bytes:
    """Return the same workbook as an OpenDocument spreadsheet."""
    return ods_bytes(list(_tables(contracts, sheets, when, provider)), when)


def _tables(
    contracts: Mapping[str, Contract], sheets: Sheets, when: datetime, provider: str
) -> Iterable[tuple[str, Rows]]:
    yield (
        "meta",
        [
            ("siklatih-workbook", "1"),
            ("exported_at", when.isoformat(sep=" ")),
            ("provider", provider),
        ],
    )
    for dataset, (columns, rows) in sheets.items():
        yield contracts[dataset].title_id, [_titles(contracts[dataset], columns), *rows]


def _titles(contract: Contract, columns: Sequence[str]) -> list[str]:
    """Titles of the contract's columns; a column of the agency's own begins with ``#``."""
    return [name if name.startswith("#") else contract.column(name).title_id for name in columns]


def text_bytes(contract: Contract, columns: Sequence[str], rows: Rows, form: TextForm) -> bytes:
    """Return one dataset as delimited text, CRLF; UTF-16 is little-endian with its mark."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=form.delimiter, lineterminator="\r\n")
    writer.writerow(_titles(contract, columns))
    shown = any(isinstance(cell, date) and cell.day > 12 for row in rows for cell in row)
    writer.writerows([[_text(cell, typed=form.typed, shown=shown) for cell in row] for row in rows])
    if form.encoding == "utf-16":
        return b"\xff\xfe" + out.getvalue().encode("utf-16-le")
    return out.getvalue().encode(form.encoding)


def _text(value: object, *, typed: bool, shown: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ya" if value else "tidak"
    if isinstance(value, float | Decimal):
        return _number(value, typed=typed)
    if isinstance(value, date):
        clock = value.strftime(" %H:%M:%S") if isinstance(value, datetime) else ""
        return (_day(value, shown=shown) if typed else value.strftime("%Y-%m-%d")) + clock
    return str(value)


def _day(day: date, *, shown: bool) -> str:
    return day.strftime("%d/%m/%Y") if shown else f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _number(value: float | Decimal, *, typed: bool) -> str:
    """Two decimals or four: with three, a comma could divide thousands as well."""
    exact = Decimal(str(value))
    text = f"{exact:.2f}" if exact == round(exact, 2) else f"{exact:.4f}"
    return text.replace(".", ",") if typed else text

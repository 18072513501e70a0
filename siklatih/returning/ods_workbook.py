"""An OpenDocument spreadsheet as a marked XLSX: its sheets and values, since nothing here writes ODS."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, time, timedelta
from pathlib import Path

from siklatih.returning.faults import Faults, Titles, faults_by_sheet
from siklatih.returning.listing import add_list, write_text
from siklatih.returning.marking import mark
from siklatih.returning.proposing import add_proposals
from siklatih.sources.returned import WORKBOOK
from siklatih.workbooks import workbook_bytes

_CELLS = 1_000_000
_NAME = 31  # characters that a sheet's name may have in XLSX
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\", "_"))


def is_ods(path: Path) -> bool:
    """Tell whether a container is an OpenDocument file, whose first member says so."""
    with zipfile.ZipFile(path) as container:
        return "mimetype" in container.namelist() and "xl/workbook.xml" not in container.namelist()


def ods_workbook(original: Path, faults: Faults, titles: Titles) -> bytes | None:
    """Return the spreadsheet as a marked workbook; None if it is too large for one."""
    from openpyxl import Workbook  # noqa: PLC0415
    from python_calamine import CalamineWorkbook  # noqa: PLC0415

    with original.open("rb") as handle:
        source = CalamineWorkbook.from_filelike(handle)
    found = faults_by_sheet(source.sheet_names, faults.problems)
    tables = {name: source.get_sheet_by_name(name) for name in found}
    if sum(table.total_height * table.total_width for table in tables.values()) > _CELLS:
        return None
    book = Workbook()
    book.remove(book.active)
    for name, table in tables.items():
        sheet = book.create_sheet(name.translate(_FORBIDDEN)[:_NAME])
        for row, cells in enumerate(table.to_python(skip_empty_area=False), start=1):
            for column, value in enumerate(cells, start=1):
                _put(sheet.cell(row, column), value)
        mark(sheet, found[name], titles, faults.source)
    add_list(book, faults, titles, form=WORKBOOK, facts={})
    add_proposals(book, faults.proposals)
    book.properties.creator = "Siklatih"
    book.properties.created = faults.when
    return workbook_bytes(book, faults.when)


def _put(cell: object, value: object) -> None:
    if isinstance(value, str):
        if value:
            write_text(cell, value)
    elif isinstance(value, bool | int | float | datetime | date | time | timedelta):
        cell.value = value  # type: ignore[attr-defined]

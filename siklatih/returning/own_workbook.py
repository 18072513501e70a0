"""The sender's own workbook, read again from its original, with nothing changed but the marks."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path
from typing import Any

from siklatih.returning.cached import formula_values, put_back
from siklatih.returning.faults import Faults, Titles, faults_by_sheet
from siklatih.returning.listing import add_list
from siklatih.returning.marking import clear_marks, mark
from siklatih.returning.proposing import add_proposals
from siklatih.sources.returned import DELIMITER, FORM, LIST_SHEET, MARK_ROWS, WIDTH, WORKBOOK
from siklatih.workbooks import workbook_bytes

_UNPACKED_BYTES = 40_000_000  # openpyxl needs some ten times as much memory


def own_workbook(original: Path, faults: Faults, titles: Titles) -> bytes | None:
    """Return the workbook, marked; None if it is too large. Raises whatever openpyxl does on a bad one."""
    from openpyxl import load_workbook  # noqa: PLC0415

    with zipfile.ZipFile(original) as container:
        if sum(member.file_size for member in container.infolist()) > _UNPACKED_BYTES:
            return None
    with original.open("rb") as handle, warnings.catch_warnings():  # in landing it has no suffix
        warnings.simplefilter("ignore")  # of parts that openpyxl does not carry over
        book = load_workbook(handle, rich_text=True)
    names = [sheet.title for sheet in book.worksheets]
    for name, found in faults_by_sheet(names, faults.problems).items():
        clear_marks(book[name])
        mark(book[name], found, titles, faults.source)
    facts = _earlier_facts(book)
    add_list(book, faults, titles, form=facts.pop(FORM, WORKBOOK), facts=facts)
    add_proposals(book, faults.proposals)
    return workbook_bytes(book, faults.when, put_back(formula_values(original)))


def _earlier_facts(book: Any) -> dict[str, str]:
    """How a return that came back and goes out again is to be read: a table of text stays one."""
    if LIST_SHEET not in book.sheetnames:
        return {}
    rows = book[LIST_SHEET].iter_rows(max_row=MARK_ROWS, max_col=2, values_only=True)
    return {str(name): str(value) for name, value in rows if name in (FORM, DELIMITER, WIDTH)}

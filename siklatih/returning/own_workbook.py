"""The sender's own workbook, read again from its original, with nothing changed but the marks."""

from __future__ import annotations

import logging
import zipfile
from pathlib import Path
from typing import Any

from siklatih.returning.cached import formula_values, put_back
from siklatih.returning.faults import Faults, Titles
from siklatih.returning.listing import add_list
from siklatih.returning.marking import clear_marks, mark
from siklatih.sources.returned import DELIMITER, FORM, LIST_SHEET, MARK_ROWS, WIDTH, WORKBOOK
from siklatih.workbooks import workbook_bytes

_LOG = logging.getLogger(__name__)
_UNPACKED_BYTES = 40_000_000  # openpyxl needs some ten times as much memory
_ALONE = {"meta", "petunjuk", "daftar", LIST_SHEET.casefold()}


def own_workbook(original: Path, faults: Faults, titles: Titles) -> bytes | None:
    """Return the workbook, marked; None if openpyxl cannot or should not load it."""
    try:
        with zipfile.ZipFile(original) as container:
            if sum(member.file_size for member in container.infolist()) > _UNPACKED_BYTES:
                return None
        return _marked(original, faults, titles)
    except Exception as error:
        _LOG.warning("a workbook cannot be marked (%s), only the list is returned", type(error).__name__)
        return None


def _marked(original: Path, faults: Faults, titles: Titles) -> bytes:
    from openpyxl import load_workbook  # noqa: PLC0415

    with original.open("rb") as handle:  # the original has no suffix, which a path would need
        book = load_workbook(handle, rich_text=True)
    data = [sheet for sheet in book.worksheets if sheet.title.casefold() not in _ALONE]
    for sheet in data:
        clear_marks(sheet)
        found = [fault for fault in faults.problems if _is_on(sheet, fault.sheet, data)]
        mark(sheet, found, titles)
    facts = _earlier_facts(book)
    add_list(book, faults, titles, form=facts.pop(FORM, WORKBOOK), facts=facts)
    return workbook_bytes(book, faults.when, put_back(formula_values(original)))


def _earlier_facts(book: Any) -> dict[str, str]:
    """How a return that came back and goes out again is to be read: a table of text stays one."""
    if LIST_SHEET not in book.sheetnames:
        return {}
    rows = book[LIST_SHEET].iter_rows(max_row=MARK_ROWS, max_col=2, values_only=True)
    return {str(name): str(value) for name, value in rows if name in (FORM, DELIMITER, WIDTH)}


def _is_on(sheet: Any, named: str | None, data: list[Any]) -> bool:
    return sheet.title == named if named is not None else len(data) == 1

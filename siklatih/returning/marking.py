"""Colouring and explaining the faulty cells of one sheet; earlier marks of ours go first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from copy import copy
from typing import Any

from openpyxl.cell.cell import MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from openpyxl.utils import column_index_from_string

from siklatih.returning.faults import Fault, Titles
from siklatih.returning.questions import Questions
from siklatih.sources import source_named
from siklatih.wording import fold_title

_COLOUR = "FFC7CE"
FILL = PatternFill("solid", fgColor=_COLOUR)
MARK = "[Siklatih]"
_HEADING_ROWS = 50


def clear_marks(sheet: Any) -> None:
    """Take away what an earlier return had marked; a comment of the sender's own stays."""
    for cell in list(sheet._cells.values()):
        comment = getattr(cell, "comment", None)
        if comment is None or MARK not in comment.text:
            continue
        own = comment.text.split(MARK, 1)[0].rstrip()
        cell.comment = Comment(own, comment.author, comment.height, comment.width) if own else None
        if str(cell.fill.fgColor.rgb).endswith(_COLOUR):
            cell.fill = PatternFill()


def mark(sheet: Any, faults: Sequence[Fault], titles: Titles, source: str | None = None) -> None:
    """Mark every fault on its cells: those of its columns, or the row's first where none is known.

    Args:
        sheet: the sheet, whose rows are those of the file.
        faults: what is wrong on it.
        titles: how the columns of contracts are called.
        source: the tool's, which may know where its own columns stand.
    """
    said: dict[tuple[int, int], list[Fault]] = defaultdict(list)
    headings = _headings(sheet)
    questions = Questions(sheet, titles)
    wanted: dict[tuple[str | None, str], set[str]] = {}
    for fault in faults:
        if fault.row is None:
            continue
        places = [column_index_from_string(letters) for letters in fault.letters]
        for name in (one for one in fault.names if one not in fault.letters):
            known = wanted.setdefault((fault.dataset or fault.sheet, name), titles.headings(fault, name))
            above = [place for title in known for place in headings.get(title, ()) if place[0] <= fault.row]
            by_title = [column for _, column in sorted(above)[:1]] or questions.columns(fault, name)
            places += by_title or [at + 1 for at in _own_cells(sheet, source, fault.row, name, titles)]
        for column in dict.fromkeys(places or [1]):
            said[fault.row, column].append(fault)
    for (row, column), found in sorted(said.items()):
        _explain(_cell(sheet, row, column), found)


def _own_cells(sheet: Any, source: str | None, row: int, column: str, titles: Titles) -> list[int]:
    """Ask the tool's source where a line has what a contract's column was read from."""
    cells_of = getattr(source_named(source), "cells_of", None)
    if cells_of is None:
        return []
    first = range(1, min(sheet.max_row, _HEADING_ROWS) + 1)
    numbers = dict.fromkeys((*first, row))
    rows = {number: [cell.value for cell in sheet[number]] for number in numbers if number > 0}
    found: list[int] = cells_of(rows, row, column, titles.catalogue)
    return found


def _headings(sheet: Any) -> dict[str, list[tuple[int, int]]]:
    """Text -> where it stands among the first rows; a heading may stand below a block of other lines."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for (row, column), cell in sheet._cells.items():
        if row <= _HEADING_ROWS and cell.value is not None:
            found[_heading(cell.value)].append((row, column))
    return found


def _heading(value: object) -> str:
    """A heading as the workbook's source reads it: without the star of a required column."""
    return fold_title(str(value or ""))


def _cell(sheet: Any, row: int, column: int) -> Any:
    """The cell, or the one that shows its value in a merged range; a new one looks as its column does."""
    if (row, column) not in sheet._cells:
        cell = sheet.cell(row, column)
        for dimension in sheet.column_dimensions.values():  # or a number typed in would lose its digits
            if dimension.min is not None and dimension.min <= column <= dimension.max:
                cell._style = copy(dimension._style)
        return cell
    cell = sheet.cell(row, column)
    if isinstance(cell, MergedCell):
        for span in sheet.merged_cells.ranges:
            if cell.coordinate in span:
                return sheet.cell(span.min_row, span.min_col)
    return cell


def _explain(cell: Any, faults: Sequence[Fault]) -> None:
    cell.fill = FILL
    lines = {language: list(dict.fromkeys(_said(fault, language) for fault in faults)) for language in (0, 1)}
    text = f"{MARK} " + "\n".join(lines[0]) + "\n\n" + "\n".join(lines[1])
    if cell.comment is not None:
        text = f"{cell.comment.text.rstrip()}\n\n{text}"
    cell.comment = Comment(text, "Siklatih", height=40 + 18 * (len(text) // 32 + 2), width=280)


def _said(fault: Fault, language: int) -> str:
    message, remedy = fault.message[language], fault.remedy[language]
    return message if message == remedy else f"{message}. {remedy}"

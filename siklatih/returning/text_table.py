"""A table of text as a workbook: every record on the row of its line number, every cell as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from siklatih.errors import MendError
from siklatih.returning.faults import Faults, Titles
from siklatih.returning.listing import add_list, write_text
from siklatih.returning.marking import mark
from siklatih.returning.proposing import add_proposals
from siklatih.sources import source_named
from siklatih.sources.delimited import decode, looks_like_text, records, text_lines
from siklatih.sources.protocol import HEAD_BYTES, SourceFile
from siklatih.sources.returned import DELIMITER, DELIMITERS, TEXT, WIDTH
from siklatih.workbooks import workbook_bytes

_BYTES = 20_000_000
_CELLS = 1_000_000
_LINES = 1_000_000  # a sheet has 1,048,576 rows
_TRIED = 50
Records = list[tuple[int, list[str]]]


def text_table(original: Path, faults: Faults, titles: Titles) -> bytes | None:
    """Return the table as a marked workbook; None if it is no such text or too large for a sheet."""
    text = _text(original)
    if text is None or text.count("\n") > _LINES:
        return None
    wanted = getattr(source_named(faults.source), "DELIMITER", None)
    found = [
        (_records(text, delimiter, quotes=wanted != "\t"), name)
        for name, delimiter in DELIMITERS.items()
        if wanted in (None, delimiter)
    ]
    table, delimiter = max(found, key=lambda pair: _evenness(pair[0]))
    width = _width(table[:_TRIED])
    if width < 2 or sum(len(cells) for _, cells in table) > _CELLS or table[-1][0] > _LINES:
        return None
    book = Workbook()
    sheet = book.active
    sheet.title = "data"
    for place in range(1, max(len(cells) for _, cells in table) + 1):
        sheet.column_dimensions[get_column_letter(place)].number_format = "@"
    for line, cells in table:
        for place, text_ in enumerate(cells, start=1):
            if text_ != "":
                cell = sheet.cell(line, place)
                cell.number_format = "@"
                write_text(cell, text_)
    mark(sheet, faults.problems, titles, faults.source)
    add_list(book, faults, titles, form=TEXT, facts={DELIMITER: delimiter, WIDTH: str(width)})
    add_proposals(book, faults.proposals)
    book.properties.creator = "Siklatih"
    book.properties.created = faults.when
    return workbook_bytes(book, faults.when)


def _text(original: Path) -> str | None:
    if original.stat().st_size > _BYTES:
        return None
    with original.open("rb") as handle:
        head = handle.read(HEAD_BYTES)
    if not looks_like_text(head):
        return None
    try:
        return decode(SourceFile(original, original.name, original.stat().st_size, head))
    except MendError:
        return None


def _records(text: str, delimiter: str, *, quotes: bool) -> Records:
    """Records with the number of the line they begin on; none if the text does not read so.

    Tools that separate by TABs quote nothing; a spreadsheet program that does may.
    """
    if delimiter == "\t" and not (quotes and '"' in text):
        return [(number, line.split("\t")) for number, line in enumerate(text_lines(text), start=1)]
    try:
        return list(records(text, delimiter))
    except MendError:
        return []


def _width(table: Sequence[tuple[int, list[str]]]) -> int:
    widths = Counter(len(cells) for _, cells in table if len(cells) > 1)
    return max(widths, key=lambda width: (widths[width], width), default=0)


def _evenness(table: Records) -> tuple[int, int]:
    """How many of the first records have the commonest number of cells, and how many cells that is."""
    first = table[:_TRIED]
    width = _width(first)
    return sum(1 for _, cells in first if width and len(cells) == width), width

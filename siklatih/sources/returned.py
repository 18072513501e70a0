"""A return that comes back: the list sheet that we added, the file it answers, and text made text again.

A return is the sender's own file with a first sheet ``Perbaikan``. Its first rows name the original by
its hash; they are cells, because those survive every program that a workbook goes through. A table of
text was returned as a workbook, so it is written as text again before any source looks at it.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siklatih.sources.protocol import HEAD_BYTES, SourceFile

LIST_SHEET = "Perbaikan"
PROPOSAL_SHEET = "Usulan nama"
OWN_SHEETS = frozenset({LIST_SHEET, PROPOSAL_SHEET})  # added by us, never data
ORIGINAL, CYCLE, FORM, DELIMITER, WIDTH = (
    "siklatih-return", "siklatih-cycle", "siklatih-form", "siklatih-delimiter", "siklatih-width",
)  # fmt: skip
TEXT, WORKBOOK, LIST_ONLY = "text", "workbook", "list"
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
TEXT_AGAIN = "returned.txt"
MARK_ROWS = 8
_LINES = 1_048_576  # a sheet has no more rows


def sheet_numbers(names: Iterable[str]) -> dict[str, int]:
    """Number a workbook's sheets of cells from 1, in its order; those that we added are passed over.

    Places (``lembar 2``) and messages name a sheet by this number wherever its name may be anything, so a
    return that comes back has the numbers of the file it answers.
    """
    own = (name for name in dict.fromkeys(names) if name not in OWN_SHEETS)
    return {name: number for number, name in enumerate(own, start=1)}


@dataclass(frozen=True)
class ReturnMark:
    """What the list sheet says of the file it answers. ``cycle`` is None where no run made the return."""

    original_sha: str
    cycle: str | None
    form: str
    delimiter: str
    width: int


def return_mark(file: SourceFile) -> ReturnMark | None:
    """Return what the list sheet says, if the file is a workbook that has one of ours."""
    if not _has_list_sheet(file):
        return None
    from python_calamine import CalamineError, CalamineWorkbook, ZipError  # noqa: PLC0415

    try:
        book = CalamineWorkbook.from_path(str(file.path))
        rows = book.get_sheet_by_name(LIST_SHEET).to_python(skip_empty_area=False, nrows=MARK_ROWS)
    except (CalamineError, ZipError, OSError):
        return None  # reading it says so, in words
    said = {str(row[0]): str(row[1]).strip() for row in rows if len(row) > 1}
    original, cycle, width = said.get(ORIGINAL, ""), said.get(CYCLE, ""), said.get(WIDTH, "")
    if not re.fullmatch(r"[0-9a-f]{64}", original):
        return None
    return ReturnMark(
        original_sha=original,
        cycle=cycle if re.fullmatch(r"\d{4}Q[1-4]", cycle) else None,
        form=said.get(FORM, WORKBOOK),
        delimiter=DELIMITERS.get(said.get(DELIMITER, ""), ","),
        width=int(width) if re.fullmatch(r"\d{1,5}", width) else 0,
    )


def _has_list_sheet(file: SourceFile) -> bool:
    """Look at the list of sheets alone: opening the workbook costs as much as its text is long."""
    if not file.head.startswith(b"PK\x03\x04"):
        return False
    try:
        with zipfile.ZipFile(file.path) as container, container.open("xl/workbook.xml") as handle:
            return f'"{LIST_SHEET}"'.encode() in handle.read(1 << 20)
    except (zipfile.BadZipFile, KeyError, OSError, NotImplementedError, RuntimeError):
        return False


def as_text_again(file: SourceFile, mark: ReturnMark, folder: Path) -> SourceFile:
    """Write a returned table of text as the text it was, every record on its own line number."""
    from python_calamine import CalamineError, CalamineWorkbook, ZipError  # noqa: PLC0415

    try:
        book = CalamineWorkbook.from_path(str(file.path))
        names = list(sheet_numbers(book.sheet_names))
        if len(names) != 1:
            return file
        rows = book.get_sheet_by_name(names[0]).to_python(skip_empty_area=False)
    except (CalamineError, ZipError, OSError):
        return file
    path = folder / TEXT_AGAIN
    # with TABs it may have been a meeting of Teams, which is UTF-16; all others are read in either
    content = _text(rows[:_LINES], mark).encode("utf-16" if mark.delimiter == "\t" else "utf-8")
    path.write_bytes(content)
    return SourceFile(path, file.name, len(content), content[:HEAD_BYTES], file.catalogue)


def _text(rows: Sequence[Sequence[Any]], mark: ReturnMark) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=mark.delimiter, lineterminator="\r\n")
    line = 1
    for number, row in enumerate(rows, start=1):
        cells = [_cell(cell) for cell in row]
        filled = max((place for place, cell in enumerate(cells, start=1) if cell), default=0)
        if filled == 0 and number < line:
            continue  # a line inside the record above, whose cell holds a line break
        written = cells[: max(filled, mark.width)] if filled else []
        if mark.delimiter == "\t":  # such exports know no quotation marks
            out.write("\t".join(" ".join(cell.split("\n")) for cell in written) + "\r\n")
            line += 1
        else:
            writer.writerow(written)
            line += 1 + sum(cell.count("\n") for cell in written)
    return out.getvalue()


def _cell(cell: object) -> str:
    """A cell that somebody typed anew may have become a number or a date."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 2**53:
        return str(int(cell))
    return str(cell)

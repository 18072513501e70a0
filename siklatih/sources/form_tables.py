"""Tables of form tools, text with delimiters or workbooks: rows of text with the lines one looks at."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from siklatih.errors import MendError
from siklatih.forms import Record
from siklatih.sources.delimited import decode, head_text, looks_like_text, records
from siklatih.sources.opened import opened
from siklatih.sources.protocol import HEAD_BYTES, SourceFile
from siklatih.sources.values import plain_text

_MAXIMUM_CELLS = 20_000_000
_DELIMITERS = ",;\t"
_MARK = "\ufeff"


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook, or the one table of a text: (line, cells) for every line, blank ones too.

    ``name`` is the sheet's own; messages say ``place``, for a name may be anything.
    """

    place: str
    rows: Sequence[tuple[int, list[str]]]
    name: str = ""


def is_workbook(file: SourceFile) -> bool:
    """Tell whether the file begins as a workbook does; what is in it is not known yet."""
    return file.head.startswith(b"PK\x03\x04")


def head_rows(file: SourceFile) -> list[list[str]]:
    """Return the first rows, for recognition: of a text those within the head, of a workbook three.

    Nothing is refused here. What cannot be read has no rows, nor has a workbook with a sheet ``meta``,
    which is the agency's own.
    """
    if is_workbook(file):
        return [list(cells) for cells in _workbook_head(file)[1]]
    if not looks_like_text(file.head):
        return []
    text = head_text(file.head)
    if file.size > HEAD_BYTES:
        text = text.rpartition("\n")[0]
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text)))
    except csv.Error:
        return []


def first_sheet_name(file: SourceFile) -> str:
    """Return the name of a workbook's first sheet; it is empty where ``head_rows`` is."""
    return _workbook_head(file)[0] if is_workbook(file) else ""


def delimiter_of(text: str) -> str:
    """Return the delimiter that splits the first line into most cells."""
    line = text[:HEAD_BYTES].split("\n", 1)[0]
    return max(_DELIMITERS, key=lambda mark: len(next(csv.reader([line], delimiter=mark), [])))


def sheets_of(file: SourceFile) -> list[Sheet]:
    """Return all rows of all sheets as text; ``MendError`` if the file is broken."""
    if not is_workbook(file):
        text = decode(file)
        return [Sheet("table", list(records(text, delimiter_of(text))))]
    from python_calamine import CalamineError, ZipError  # noqa: PLC0415

    try:
        workbook = opened(file)
        sheets = {number: workbook.sheet(name) for name, number in workbook.numbers.items()}
    except (CalamineError, ZipError, OSError) as error:
        raise MendError(
            "broken_workbook",
            en="The workbook is broken or was cut off. Export it again and send it once more.",
            id_="Buku kerja rusak atau terpotong. Ekspor ulang, lalu kirim lagi.",
        ) from error
    found = []
    for number, sheet in sheets.items():
        if sheet.total_height * sheet.total_width > _MAXIMUM_CELLS:
            raise MendError(
                "sheet_too_large",
                en=f"Sheet number {number} reaches to a far away cell. Export it again.",
                id_=f"Lembar ke-{number} terisi sampai sel yang sangat jauh. Ekspor ulang.",
            )
        rows = [[plain_text(cell) for cell in cells] for cells in sheet.to_python(skip_empty_area=False)]
        found.append(Sheet(f"lembar {number}", list(enumerate(rows, start=1)), sheet.name))
    return found


def _workbook_head(file: SourceFile) -> tuple[str, tuple[tuple[str, ...], ...]]:
    """Return the first sheet's name and rows."""
    from python_calamine import CalamineError, ZipError  # noqa: PLC0415

    try:
        workbook = opened(file)
        names = list(workbook.numbers)
        if not names or "meta" in names:
            return "", ()
        sheet = workbook.sheet(names[0])
    except (CalamineError, ZipError, OSError):
        return "", ()
    rows = sheet.to_python(skip_empty_area=False, nrows=3)
    return names[0], tuple(tuple(plain_text(cell) for cell in cells) for cells in rows)


def is_blank(cells: Sequence[str]) -> bool:
    """Tell whether a line holds nothing."""
    return not any(cell.strip() for cell in cells)


@dataclass(frozen=True)
class Body:
    """A sheet taken apart: its heading rows, the line of the first of them, and the lines with data.

    ``again``: the lines at which the heading stands once more, where exports were put one below another.
    """

    heads: Sequence[Sequence[str]]
    row: int
    data: Sequence[tuple[int, Sequence[str]]]
    lines: dict[str, int]
    again: Sequence[int] = ()

    @property
    def headings(self) -> list[str]:
        """The first heading row; none if the sheet is empty."""
        return list(self.heads[0]) if self.heads else []


def body_of(sheet: Sheet, heading_rows: int = 1) -> Body:
    """Take a sheet apart and account for its lines.

    Raises:
        MendError: a line has another number of cells than the heading, or is another table's heading.
    """
    heads: list[Sequence[str]] = []
    row = 1
    data: list[tuple[int, Sequence[str]]] = []
    lines: dict[str, int] = {}
    again: list[int] = []
    due = 0  # rows still to come of a heading that stands once more
    for line, cells in sheet.rows:
        if len(heads) < heading_rows:  # a second heading row counts even if it is blank
            kind = "heading" if heads or not is_blank(cells) else "blank"
            if kind == "heading":
                row = row if heads else line
                heads.append(cells)
        elif due or repeats_heading(cells, heads[0]):
            kind = "repeat"
            if due and not repeats_heading(cells, heads[heading_rows - due]):
                raise _another_heading(line)
            again += [] if due else [line]
            due = due - 1 if due else heading_rows - 1
        elif is_blank(cells):
            kind = "blank"
        else:
            kind = "data"
            check_data(line, cells, heads[0])
            data.append((line, cells))
        lines[kind] = lines.get(kind, 0) + 1
    return Body(heads, row, data, lines, again)


def repeats_heading(cells: Sequence[str], heading: Sequence[str]) -> bool:
    """Tell whether a line is the heading once more; a text put below another brings its mark along."""
    if len(cells) != len(heading) or cells[-1:] != heading[-1:]:  # so differ most lines, seen at once
        return False
    first, *others = cells
    if first.startswith(_MARK):  # quotes behind it are no longer taken off
        first = first.removeprefix(_MARK).strip('"')
    return [first, *others] == list(heading)


def check_data(line: int, cells: Sequence[str], heading: Sequence[str]) -> None:
    """Raise ``MendError`` for a line with another number of cells than the heading, or another's heading."""
    known = {title for title in heading if title.strip()}
    if len(known) > 1 and 2 * len(known.intersection(cells)) > len(known):
        raise _another_heading(line)
    if len(cells) != len(heading):
        raise MendError(
            "broken_csv",
            en="This line has another number of cells than the heading. Export the file again.",
            id_="Baris ini tidak sama jumlah selnya dengan judul. Ekspor ulang berkasnya.",
            row=line,
        )


def _another_heading(line: int) -> MendError:
    return MendError(
        "another_heading",
        en="A second table with other columns begins on this line. Send each export as a file of its own.",
        id_="Pada baris ini mulai tabel kedua dengan kolom lain. Kirim setiap ekspor sebagai berkas sendiri.",
        row=line,
    )


def choice_columns(headings: Sequence[str], rows: Sequence[Record]) -> set[int]:
    """Return the columns ``Question/choice`` that only spell out what the column ``Question`` says.

    Such a column holds 0 and 1, and wherever it holds 1 its choice stands in the question's own cell.
    """
    first = {heading: index for index, heading in reversed(list(enumerate(headings)))}
    found = set()
    for index, heading in enumerate(headings):
        question, slash, choice = heading.rpartition("/")
        if not slash or question not in first:
            continue
        summary = first[question]
        values = [(row.cells[index].strip(), row.cells[summary]) for row in rows]
        if all(value in ("", "0") or (value == "1" and choice in said) for value, said in values):
            found.add(index)
    return found

"""What the reader of spreadsheets does not tell: hidden rows, errors, formulas nobody computed, merged cells.

The XML is looked through only where a quick search finds one of these; most sheets have none.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

Span = tuple[tuple[int, int], tuple[int, int]]  # first and last (row, column), counted from 0
_XLSX_WORTH_A_LOOK = re.compile(rb"<(?:\w+:)?f[ >/]|hidden=|t=[\"']e[\"']")
_SIGNS = (b"<f", b":f", b"hidden=", b't="e', b"t='e")  # without one of them, the slower search finds nothing
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)(?:(?<=/)>|>.*?</(?:\w+:)?row>)", re.DOTALL)
_NUMBERED = re.compile(rb"\sr=")
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")


@dataclass
class Marks:
    """Marks of one sheet. Rows and columns count from 0; ``merged`` is filled for ODS only."""

    hidden_rows: list[range] = field(default_factory=list)
    hidden_columns: list[range] = field(default_factory=list)
    errors: dict[tuple[int, int], str] = field(default_factory=dict)
    uncomputed: list[tuple[int, int]] = field(default_factory=list)
    merged: list[Span] = field(default_factory=list)


class _Visitor:
    """Walks XML by local names; a document that declares entities is refused, no spreadsheet does so."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.buffer_text = True
        self._parser.StartElementHandler = lambda name, facts: self.start(
            name.rpartition(":")[2], _local(facts)
        )
        self._parser.EndElementHandler = lambda name: self.end(name.rpartition(":")[2])
        self._parser.CharacterDataHandler = self.text
        self._parser.StartDoctypeDeclHandler = self._refuse

    @staticmethod
    def _refuse(*_: object) -> None:
        raise ValueError("a document type declaration")

    def walk(self, content: bytes) -> None:
        try:
            self._parser.Parse(content, True)
        except expat.ExpatError as error:
            raise ValueError("broken XML") from error

    def start(self, name: str, facts: dict[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def text(self, data: str) -> None: ...


def _local(facts: dict[str, str]) -> dict[str, str]:
    plain: dict[str, str] = {}
    for key, value in facts.items():
        name = key.rpartition(":")[2]
        if value == "error" or name not in plain:  # LibreOffice gives a cell a type twice; one says `error`
            plain[name] = value
    return plain


def xlsx_marks(path: Path) -> tuple[dict[str, Marks], bool]:
    """Return the marks of each sheet by name, and whether dates count from 1904."""
    with zipfile.ZipFile(path) as container:
        book = _XlsxBook()
        book.walk(container.read("xl/workbook.xml"))
        links = _XlsxLinks()
        links.walk(container.read("xl/_rels/workbook.xml.rels"))
        names = set(container.namelist())
        marks = {}
        for name, link in book.sheets.items():
            part = posixpath.normpath(posixpath.join("/xl", links.targets.get(link, ""))).lstrip("/")
            content = container.read(part) if part in names else b""
            sheet = _XlsxSheet()
            if any(sign in content for sign in _SIGNS) and _XLSX_WORTH_A_LOOK.search(content):
                sheet.walk(_rows_with_marks(content))
            marks[name] = sheet.marks
    return marks, book.date1904


def _rows_with_marks(content: bytes) -> bytes:
    """Leave out the rows without a mark: walking through every cell costs more than reading the sheet."""
    rows = list(_ROW.finditer(content))
    if not rows or not all(_NUMBERED.search(row[1]) for row in rows):
        return content
    marked = [row[0] for row in rows if _XLSX_WORTH_A_LOOK.search(row[0])]
    return b"".join((content[: rows[0].start()], *marked, content[rows[-1].end() :]))


class _XlsxBook(_Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.sheets: dict[str, str] = {}
        self.date1904 = False

    def start(self, name: str, facts: dict[str, str]) -> None:
        if name == "sheet":
            self.sheets[facts.get("name", "")] = facts.get("id", "")
        elif name == "workbookPr":
            self.date1904 = facts.get("date1904") in ("1", "true")


class _XlsxLinks(_Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.targets: dict[str, str] = {}

    def start(self, name: str, facts: dict[str, str]) -> None:
        if name == "Relationship":
            self.targets[facts.get("Id", "")] = facts.get("Target", "")


class _XlsxSheet(_Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.marks = Marks()
        self._row = self._column = -1
        self._type = ""
        self._has_formula = self._has_value = self._in_value = False
        self._value = ""

    def start(self, name: str, facts: dict[str, str]) -> None:
        if name == "c":
            self._cell(facts)
        elif name == "f":
            self._has_formula = True
        elif name == "v":
            self._has_value = self._in_value = True
        elif name == "row":
            self._row = int(facts["r"]) - 1 if "r" in facts else self._row + 1
            self._column = -1
            if facts.get("hidden") in ("1", "true"):
                self.marks.hidden_rows.append(range(self._row, self._row + 1))
        elif name == "col" and facts.get("hidden") in ("1", "true"):
            self.marks.hidden_columns.append(range(int(facts["min"]) - 1, int(facts["max"])))

    def _cell(self, facts: dict[str, str]) -> None:
        found = _REFERENCE.fullmatch(facts.get("r", ""))
        if found is None:
            self._column += 1
        else:
            self._column = -1
            for letter in found[1]:
                self._column = (self._column + 1) * 26 + ord(letter) - ord("A")
        self._type = facts.get("t", "")
        self._has_formula = self._has_value = False
        self._value = ""

    def text(self, data: str) -> None:
        if self._in_value:
            self._value += data

    def end(self, name: str) -> None:
        if name == "v":
            self._in_value = False
        elif name == "c":
            place = (self._row, self._column)
            # an empty text is what some formulas give; an empty number was never computed
            if self._has_formula and not (self._value or (self._has_value and self._type == "str")):
                self.marks.uncomputed.append(place)
            elif self._type == "e":
                self.marks.errors[place] = self._value


def ods_marks(path: Path) -> dict[str, Marks]:
    """Return the marks of each sheet by name."""
    with zipfile.ZipFile(path) as container:
        visitor = _OdsContent()
        visitor.walk(container.read("content.xml"))
        return visitor.sheets


class _OdsContent(_Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.sheets: dict[str, Marks] = {}
        self._marks = Marks()
        self._row = self._column = self._columns = 0
        self._rows = self._width = 1
        self._error: str | None = None

    def start(self, name: str, facts: dict[str, str]) -> None:
        if name == "table":
            self._marks = self.sheets.setdefault(facts.get("name", ""), Marks())
            self._row = self._columns = 0
        elif name == "table-column":
            width = int(facts.get("number-columns-repeated", "1"))
            if facts.get("visibility") in ("collapse", "filter"):
                self._marks.hidden_columns.append(range(self._columns, self._columns + width))
            self._columns += width
        elif name == "table-row":
            self._column = 0
            self._rows = int(facts.get("number-rows-repeated", "1"))
            if facts.get("visibility") in ("collapse", "filter"):
                self._marks.hidden_rows.append(range(self._row, self._row + self._rows))
        elif name in ("table-cell", "covered-table-cell"):
            self._cell(facts)

    def _cell(self, facts: dict[str, str]) -> None:
        self._width = int(facts.get("number-columns-repeated", "1"))
        place = (self._row, self._column)
        down, right = (
            int(facts.get("number-rows-spanned", "1")),
            int(facts.get("number-columns-spanned", "1")),
        )
        if down > 1 or right > 1:
            self._marks.merged.append((place, (place[0] + down - 1, place[1] + right - 1)))
        if "formula" in facts and "value-type" not in facts:
            self._marks.uncomputed.append(place)
        self._error = "" if facts.get("value-type") == "error" else None

    def text(self, data: str) -> None:
        if self._error is not None:
            self._error += data

    def end(self, name: str) -> None:
        if name in ("table-cell", "covered-table-cell"):
            if self._error is not None:
                self._marks.errors[self._row, self._column] = self._error.strip()
                self._error = None
            self._column += self._width
        elif name == "table-row":
            self._row += self._rows

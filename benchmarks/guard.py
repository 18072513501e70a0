"""What looking at a workbook before parsing it costs, beside what parsing it costs.

Run ``python benchmarks/guard.py [rows]``. Two workbooks of twelve columns: texts in the cells, as openpyxl
writes them, and texts in the table of shared strings, as spreadsheet programs write them.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from openpyxl import Workbook
from python_calamine import CalamineWorkbook

from siklatih.guard import inspect
from siklatih.limits import Limits
from siklatih.sources.protocol import HEAD_BYTES

LETTERS = "ABCDEFGHIJKL"
TEXTS = {1, 2, 3, 7, 8, 9, 11}  # columns of text; the others hold numbers
TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = '<Relationships><Relationship Id="rId1" Type="{}/{}" Target="{}"/></Relationships>'
BOOK = '<workbook xmlns:r="{}"><sheets><sheet name="x" sheetId="1" r:id="rId1"/></sheets></workbook>'


def table(rows: int) -> list[list[str | int | float]]:
    """Rows as a training file has them."""
    chance = random.Random(1)
    return [
        [
            f"19800101200604{number:04d}"[:18]
            if column == 1
            else f"teks {chance.randrange(50_000)}/III c"
            if column in TEXTS
            else chance.randrange(100)
            for column in range(len(LETTERS))
        ]
        for number in range(rows)
    ]


def inline(path: Path, rows: list[list[str | int | float]]) -> None:
    """Write texts into the cells."""
    book = Workbook(write_only=True)
    page = book.create_sheet("x")
    for row in rows:
        page.append(row)
    book.save(path)


def shared(path: Path, rows: list[list[str | int | float]]) -> None:
    """Write texts into the table of shared strings."""
    known: dict[str, int] = {}
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = [
            f'<c r="{letter}{number}" s="1" t="s"><v>{known.setdefault(value, len(known))}</v></c>'
            if isinstance(value, str)
            else f'<c r="{letter}{number}" s="2"><v>{value}</v></c>'
            for letter, value in zip(LETTERS, row, strict=True)
        ]
        lines.append(f'<row r="{number}" spans="1:12">{"".join(cells)}</row>')
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", RELATIONS.format(TYPE, "officeDocument", "xl/workbook.xml"))
        archive.writestr("xl/workbook.xml", BOOK.format(TYPE))
        archive.writestr(
            "xl/_rels/workbook.xml.rels", RELATIONS.format(TYPE, "worksheet", "worksheets/sheet1.xml")
        )
        archive.writestr(
            "xl/worksheets/sheet1.xml", f"<worksheet><sheetData>{''.join(lines)}</sheetData></worksheet>"
        )
        entries = "".join(f"<si><t>{text}</t></si>" for text in known)
        archive.writestr("xl/sharedStrings.xml", f"<sst>{entries}</sst>")


def parse(path: Path) -> None:
    """Parse all sheets."""
    book = CalamineWorkbook.from_path(str(path))
    for name in book.sheet_names:
        book.get_sheet_by_name(name).to_python(skip_empty_area=False)


def look(path: Path) -> None:
    """Look at the file as the child does before it parses."""
    with path.open("rb") as handle:
        inspect(path, path.stat().st_size, handle.read(HEAD_BYTES), Limits())


def cost(work: Callable[[Path], None], path: Path) -> float:
    """Processor seconds, the least of five."""
    best = float("inf")
    for _ in range(5):
        began = time.process_time()
        work(path)
        best = min(best, time.process_time() - began)
    return best


def main() -> None:
    """Measure both workbooks."""
    rows = table(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
    with tempfile.TemporaryDirectory() as folder:
        for write in (inline, shared):
            path = Path(folder) / f"{write.__name__}.xlsx"
            write(path, rows)
            guard, calamine = cost(look, path), cost(parse, path)
            print(
                f"{write.__name__}: {len(rows)} rows, guard {guard:.2f} s, calamine {calamine:.2f} s, "
                f"ratio {guard / calamine:.2f}"
            )


if __name__ == "__main__":
    main()

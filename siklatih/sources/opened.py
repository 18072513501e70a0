"""A workbook that several sources look into one after another is opened, and each sheet parsed, once."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from siklatih.sources.protocol import SourceFile
from siklatih.sources.returned import sheet_numbers

if TYPE_CHECKING:
    from python_calamine import CalamineSheet, CalamineWorkbook


class Opened:
    """An open workbook; its library's errors are left to whoever asks."""

    def __init__(self, book: CalamineWorkbook) -> None:
        self.book = book
        self._sheets: dict[str, CalamineSheet] = {}

    @property
    def numbers(self) -> dict[str, int]:
        """The names of its sheets of cells, numbered; a chart's sheet has none."""
        from python_calamine import SheetTypeEnum  # noqa: PLC0415

        facts = self.book.sheets_metadata
        return sheet_numbers(fact.name for fact in facts if fact.typ == SheetTypeEnum.WorkSheet)

    def sheet(self, name: str) -> CalamineSheet:
        """Return a sheet by name, parsed when first asked for."""
        if name not in self._sheets:
            self._sheets[name] = self.book.get_sheet_by_name(name)
        return self._sheets[name]


def opened(file: SourceFile) -> Opened:
    """Open a workbook by its content: the name's ending may say anything."""
    facts = file.path.stat()
    return _opened(file.path, facts.st_ino, facts.st_size, facts.st_mtime_ns)


@lru_cache(maxsize=1)
def _opened(path: Path, *_stamp: int) -> Opened:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415

    with path.open("rb") as handle:
        return Opened(CalamineWorkbook.from_filelike(handle))

"""Sheets that bear a name of ours and are not ours: passing them over would lose what stands in them."""

from __future__ import annotations

from collections.abc import Mapping

from siklatih.errors import MendError
from siklatih.sources.proposed import HEADINGS
from siklatih.sources.returned import LIST_SHEET, MARK_ROWS, ORIGINAL, PROPOSAL_SHEET
from siklatih.sources.tables import Book

# name -> what the first column of a sheet of ours holds near its top
ADDED: dict[str, tuple[str, ...]] = {LIST_SHEET: (ORIGINAL,), PROPOSAL_SHEET: (HEADINGS[0],)}
OF_THE_TEMPLATE: dict[str, tuple[str, ...]] = {
    "petunjuk": ("kolom / column",),
    "meta": ("siklatih-workbook", "exported_at", "provider"),
}


def refuse_borrowed(book: Book, ours: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse a workbook with a sheet that has the name of one of ours, and content of another's.

    Raises:
        MendError: such a sheet is there; empty ones may have any name.
    """
    marks = {name.casefold(): words for name, words in ours.items()}
    for name in book.names:
        words = marks.get(name.casefold())
        if words is None or name not in book.filled:
            continue
        if not any(cells and cells[0] in words for cells in book.top(name, MARK_ROWS)):
            shown = next(one for one in ours if one.casefold() == name.casefold())
            raise MendError(
                "borrowed_sheet",
                en=f"The sheet “{shown}” has a name that Siklatih gives its own sheets, but holds something "
                "else. Rename it as the template names its dataset, or delete it.",
                id_=f"Lembar “{shown}” memakai nama lembar buatan Siklatih, tetapi isinya lain. Ganti nama "
                "lembar itu menurut templat set datanya, atau hapus.",
            )

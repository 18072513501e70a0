"""The first rows of every table of a file, for recognition. Nothing is refused here: reading says why."""

from __future__ import annotations

from contextlib import suppress

from siklatih.errors import MendError
from siklatih.sources.containers import ZIP_FAULTS, Kind, kind_of
from siklatih.sources.delimited import head_text, looks_like_text, records, sniff_delimiter
from siklatih.sources.protocol import SourceFile
from siklatih.sources.returned import sheet_numbers
from siklatih.sources.sheet_marks import ods_marks
from siklatih.sources.tables import Sheet

_ROWS = 120  # a heading further down is none


def tops_of(file: SourceFile) -> list[Sheet]:
    """Return each table's first rows, in the file's order; none if the file is no table or cannot be read."""
    kind = kind_of(file)
    if kind is None:
        return [text] if (text := top_of_text(file)).rows else []
    return _tops_of_book(file, kind) if kind in (Kind.XLSX, Kind.ODS, Kind.XLS) else []


def top_of_text(file: SourceFile) -> Sheet:
    """Return the records within the head of delimited text; none if it is no such text."""
    rows: list[tuple[int, list[str]]] = []
    if looks_like_text(file.head):
        text = head_text(file.head)
        delimiter = sniff_delimiter(text)
        with suppress(MendError):  # the head may end within a record
            rows.extend(records(text, delimiter) if delimiter else ())
    return Sheet("", rows)


def _tops_of_book(file: SourceFile, kind: Kind) -> list[Sheet]:
    from python_calamine import CalamineError, CalamineWorkbook, ZipError  # noqa: PLC0415

    found = []
    try:
        with file.path.open("rb") as handle:
            book = CalamineWorkbook.from_filelike(handle)
        marks = ods_marks(file.path) if kind is Kind.ODS else {}
        for name in sheet_numbers(book.sheet_names):
            cells = book.get_sheet_by_name(name)
            if cells.start is None:
                continue
            spans = [*(cells.merged_cell_ranges or ()), *(marks[name].merged if name in marks else ())]
            rows = cells.to_python(skip_empty_area=False, nrows=_ROWS)
            merged = tuple(((top + 1, left), (bottom + 1, right)) for (top, left), (bottom, right) in spans)
            found.append(Sheet(name, list(enumerate(rows, start=1)), merged=merged))
    except (CalamineError, ZipError, *ZIP_FAULTS):
        return []
    except BaseException as error:
        # on some damage the library breaks off with an exception of its own that is no Exception
        if type(error).__name__ != "PanicException":
            raise
        return []
    return found

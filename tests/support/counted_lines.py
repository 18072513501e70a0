"""How many lines a file has, counted apart from the source that reads it."""

from __future__ import annotations

import csv
import io
import re

from python_calamine import CalamineWorkbook

_SEPARATORS = (",", ";", "\t")
_ENDS = re.compile(r"\r\n|\r")  # of a line, as programs on Windows and old ones write it


def text_of(content: bytes) -> str:
    """The text of a file that was read: by its mark, else UTF-8, else Windows-1252."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def lines_in(source: str | None, place: str, content: bytes) -> set[int]:
    """The counts that a part's lines may sum to, one for each separator that might be meant; none: any."""
    if content.startswith((b"PK", b"\xd0\xcf")):
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = [name for name in book.sheet_names if name not in ("Perbaikan", "Usulan nama")]
        sheet = place.removeprefix("lembar ").removesuffix(" (tersembunyi)")
        at = int(sheet) - 1 if sheet.isdecimal() else names.index(sheet) if sheet in names else 0
        return {len(book.get_sheet_by_name(names[at]).to_python(skip_empty_area=False))}
    text = text_of(content)
    if source in ("Microsoft Teams attendance", "Moodle attendance", "ZKTeco attlog"):
        return {len(_ENDS.sub("\n", text).removesuffix("\n").split("\n"))}
    return {sum(1 for _ in csv.reader(io.StringIO(text, newline=""), delimiter=mark)) for mark in _SEPARATORS}

"""Which kinds of export a file comes nearest to, though it is none of them, and what it lacks to be one.

A source module may say by which signs people know its files: ``SIGNS``, from what messages call a sign to
what it looks like (a regular expression over one cell or one whole line of the head, in any case). A source
whose signs depend on the configuration has a function ``signs`` of the file instead. A module without signs
is never named as near.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from types import ModuleType
from typing import Any

from siklatih.sources.delimited import head_text, looks_like_text, text_lines
from siklatih.sources.protocol import Source, SourceFile
from siklatih.sources.returned import sheet_numbers

NEAREST = 3
_LEAST = 0.25  # with fewer of its signs a file is near to nothing
_SHOWN = 4
_LINES, _SHEETS = 60, 5
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Near:
    """A source, the share of its signs that a file shows (0 to 1), and what the other signs are called."""

    name: str
    share: float
    missing: tuple[str, ...]


def nearest(file: SourceFile, sources: Sequence[Source]) -> list[Near]:
    """Return the sources that a file comes nearest to, at most three, the nearest first."""
    shown = set(_texts(file))
    found = [near for source in sources if (near := _near(file, source, shown)) is not None]
    found.sort(key=lambda near: (-near.share, near.name))
    return found[:NEAREST]


def in_words(found: Sequence[Near]) -> tuple[str, str]:
    """Return how the nearest sources are named, in Indonesian and English; both empty if there is none.

    Each is a sentence with a blank behind it.
    """
    if not found:
        return "", ""
    lists = [(near.name, ", ".join(near.missing[:_SHOWN])) for near in found]
    id_ = "; ".join(f"{name} (kurang: {missing})" if missing else name for name, missing in lists)
    en = "; ".join(f"{name} (lacks: {missing})" if missing else name for name, missing in lists)
    return f"Terdekat: {id_}. ", f"Nearest: {en}. "


def _near(file: SourceFile, source: Source | ModuleType, shown: set[str]) -> Near | None:
    signs = _signs(file, source)
    missing = tuple(
        name
        for name, pattern in signs.items()
        if not any(re.fullmatch(pattern, text, re.IGNORECASE) for text in shown)
    )
    share = (len(signs) - len(missing)) / len(signs) if signs else 0.0
    return Near(source.NAME, share, missing) if share >= _LEAST else None


def _signs(file: SourceFile, source: Any) -> Mapping[str, str]:
    of_file = getattr(source, "signs", None)
    signs: Mapping[str, str] = getattr(source, "SIGNS", {}) if of_file is None else of_file(file)
    return signs


def _texts(file: SourceFile) -> Iterator[str]:
    """Yield the head's lines and cells, whatever divides them, and a word for the encoding."""
    if file.head.startswith(b"PK\x03\x04"):
        yield from _cells_of_workbook(file)
        return
    if not looks_like_text(file.head):
        return
    yield "UTF-16" if file.head.startswith(_UTF16) else "UTF-8"
    for line in islice(text_lines(head_text(file.head)), _LINES):
        yield line.strip(" ")
        for delimiter in ",;\t":
            yield from (_plain(cell) for cell in line.split(delimiter))


def _plain(cell: object) -> str:
    return " ".join(str("" if cell is None else cell).replace('"', "").split())


def _cells_of_workbook(file: SourceFile) -> Iterator[str]:
    from python_calamine import CalamineError, CalamineWorkbook, ZipError  # noqa: PLC0415

    try:
        with file.path.open("rb") as stream:  # the name's ending would mislead
            book = CalamineWorkbook.from_filelike(stream)
            for name in list(sheet_numbers(book.sheet_names))[:_SHEETS]:
                for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False, nrows=_LINES):
                    yield from (_plain(cell) for cell in row)
    except (CalamineError, ZipError, OSError, ValueError):
        return  # reading it says so, in words

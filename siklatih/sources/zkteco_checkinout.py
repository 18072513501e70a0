"""ZKTeco time-attendance software: its database's table CHECKINOUT as CSV, one row a punch.

``USERID`` is the database's own number of a person. An export that was joined with the table of users has
``Badgenumber``, the number at the terminal, and that alone is taken then: where it is blank, ``USERID`` may
be somebody else's badge. Columns may stand in any order, and further ones are passed over. The key that was
pressed (I or O) is kept, but tells nothing dependable.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice

from siklatih.errors import MendError
from siklatih.sources.dates import date_parser
from siklatih.sources.delimited import blank_to_none, decode, head_text, looks_like_text, records, text_lines
from siklatih.sources.protocol import Catalogue, Part, Recognition, Row, SourceFile

NAME = "ZKTeco CHECKINOUT"
SIGNS = {
    name: name.casefold()
    for name in ("USERID", "CHECKTIME", "CHECKTYPE", "VERIFYCODE", "SENSORID", "Memoinfo")
}
_NEEDED = ("userid", "checktime", "checktype")
_DELIMITERS = ",;\t"
_NIP_DIGITS = 18  # some offices take whole employee numbers as their users' numbers
_SEARCHED_LINES = 5  # blank ones may stand above the heading
_UNNAMED_KEY = "?"  # a punch all the same, though the database does not say which key


def recognise(file: SourceFile) -> Recognition | None:
    """The heading names a user, a time and the key that was pressed."""
    if not looks_like_text(file.head) or _delimiter(head_text(file.head)) is None:
        return None
    return Recognition(1.0, f"columns {', '.join(_NEEDED)}")


def read(file: SourceFile, _catalogue: Catalogue) -> Iterator[Part]:
    """Yield one part: a row a punch; which session or batch it was is not in the file."""
    text = decode(file)
    part = Part("presence", "table")
    columns: Mapping[str, int] = {}
    width = 0
    punches: list[tuple[int, list[str]]] = []
    for line, cells in records(text, _delimiter(text) or ","):
        if not any(cell.strip() for cell in cells):
            part.count("blank")
        elif not columns:
            columns, width = _columns(cells), len(cells)
            part.count("heading")
        elif len(cells) != width:
            raise MendError(
                "broken_csv",
                en="This line has another number of cells than the heading. Export the table again.",
                id_="Baris ini tidak sama jumlah selnya dengan judul. Ekspor ulang tabelnya.",
                row=line,
            )
        else:
            part.count("data")
            punches.append((line, cells))
    part.rows += _rows(columns, punches)
    yield part


def _columns(heading: Sequence[str]) -> dict[str, int]:
    return {cell.strip().casefold(): index for index, cell in reversed(list(enumerate(heading)))}


def _delimiter(text: str) -> str | None:
    """Return what divides the heading's cells; None if the first line that holds something is none."""
    first = next((line for line in islice(text_lines(text), _SEARCHED_LINES) if line.strip()), "")
    for delimiter in _DELIMITERS:
        with suppress(csv.Error):  # a stray carriage return, among others; reading the file says where
            if set(_NEEDED) <= _columns(next(csv.reader([first], delimiter=delimiter), [])).keys():
                return delimiter
    return None


def _rows(columns: Mapping[str, int], punches: Sequence[tuple[int, list[str]]]) -> Iterator[Row]:
    def given(cells: Sequence[str], *names: str) -> str | None:
        texts = (blank_to_none(cells[columns[name]]) for name in names if name in columns)
        return next((text for text in texts if text), None)

    number = "badgenumber" if "badgenumber" in columns else "userid"
    times = [given(cells, "checktime") for _, cells in punches]
    parser = date_parser(times, rows=[line for line, _ in punches])
    for (line, cells), time in zip(punches, times, strict=True):
        user = given(cells, number)
        person = "nip" if user is not None and len(user) == _NIP_DIGITS else "terminal_number"
        yield Row(
            line,
            {
                person: user,
                "joined_at": parser.canonical(time),
                "punch": given(cells, "checktype") or _UNNAMED_KEY,
                "device": given(cells, "sn", "sensorid"),
            },
        )

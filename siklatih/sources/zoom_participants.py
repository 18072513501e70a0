"""Zoom participants CSV: one row a connection, in any order of columns, with or without a meeting block.

Without the block the meeting's ID is not in the file. Time in the waiting room is not presence. Dates are
in US order with a 12-hour clock, unless the file itself shows another order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import pairwise

from siklatih.errors import MendError
from siklatih.identity import is_name
from siklatih.sources.dates import DateParser, Order, Span, date_parser, is_moment
from siklatih.sources.delimited import blank_to_none, decode, head_text, looks_like_text, records, text_lines
from siklatih.sources.protocol import Catalogue, Part, Recognition, Row, SourceFile
from siklatih.sources.values import column_letters, unrounded

NAME = "Zoom participants"
SIGNS = {
    "Name (Original Name)": r"name \(original name\)",
    "Join Time": "join time",
    "Leave Time": "leave time",
    "MM/DD/YYYY hh:mm:ss AM": r"\d\d/\d\d/\d{4} \d\d:\d\d:\d\d [ap]m",
}
DELIMITER = ","
_NAME = re.compile(r"name \(original name\)", re.IGNORECASE)
# what stands in brackets and is no name: what somebody is in the meeting, or goes by
_NO_NAMES = {
    "guest", "tamu", "host", "co-host", "cohost", "tuan rumah", "me", "saya", "panelist", "panelis",
    "attendee", "peserta", "unverified", "belum terverifikasi", "external", "eksternal", "he", "him", "his",
    "she", "her", "hers", "they", "them", "theirs",
}  # fmt: skip
_BETWEEN = re.compile(r"[,/;|]")
_HALF_DAY = re.compile(r"[ap]\.?m\.?$", re.IGNORECASE)
_TIMES = ("join time", "leave time")
_MEETING_TIMES = ("start time", "end time")
_WAITING = "in waiting room"
_MEETING = timedelta(days=1)

_Cells = list[str]
_Block = Sequence[tuple[int, _Cells]]


def recognise(file: SourceFile) -> Recognition | None:
    """The participants' heading stands within the first lines, after a meeting block or alone."""
    if not looks_like_text(file.head):
        return None
    for line in text_lines(head_text(file.head))[:8]:
        cells = _folded([cell.replace('"', "") for cell in line.split(",")])
        if any(_NAME.fullmatch(cell) for cell in cells) and any("duration" in cell for cell in cells):
            return Recognition(1.0, "a heading Name (Original Name) with a duration")
    return None


def read(file: SourceFile, _catalogue: Catalogue) -> Iterator[Part]:
    """Yield one part: a row a connection, with the meeting's ID if a block above tells it."""
    part = Part("presence", "table")
    heading: list[str] = []
    block: list[tuple[int, _Cells]] = []
    connections: list[tuple[int, dict[str, str | None]]] = []
    for line, cells in records(decode(file), ","):
        if not any(cell.strip() for cell in cells):
            part.count("blank")
        elif not heading:
            part.count("heading")
            if any(_NAME.fullmatch(cell) for cell in _folded(cells)):
                heading = _heading(cells, line)
            else:
                block.append((line, cells))
        else:
            given = _given(heading, cells, line)
            waiting = (given.get(_WAITING) or "").casefold() in ("yes", "ya")
            part.count("incomplete" if waiting else "data")
            if not waiting:
                connections.append((line, given))
    if not heading:  # it stood inside a quoted cell
        raise _no_times(None)
    part.rows += _rows(block, connections)
    yield part


_TITLES = {
    "name": ("name",), "email": ("user email", "email"),
    "joined_at": ("join time",), "left_at": ("leave time",),
}  # fmt: skip


def cells_of(rows: Mapping[int, Sequence[object]], _row: int, column: str, _known: Catalogue) -> list[int]:
    """Return where a column of the contract stands, by the heading."""
    for _, cells in sorted(rows.items()):
        titles = _folded(["" if cell is None else str(cell) for cell in cells])
        if any(_NAME.fullmatch(title) for title in titles):
            heading = ["name" if _NAME.fullmatch(title) else title for title in titles]
            return [at for at, title in enumerate(heading) if title in _TITLES.get(column, ())][:1]
    return []


def _folded(cells: Sequence[str]) -> list[str]:
    return [" ".join(cell.split()).casefold() for cell in cells]


def _heading(cells: Sequence[str], line: int) -> list[str]:
    heading = ["name" if _NAME.fullmatch(cell) else cell for cell in _folded(cells)]
    if any(heading.count(name) != 1 for name in ("name", *_TIMES)):
        raise _no_times(line)
    return heading


def _no_times(line: int | None) -> MendError:
    return MendError(
        "missing_column",
        en="The heading lacks Join Time or Leave Time, or has it twice. Export every connection, "
        "without “show unique users”.",
        id_="Judul tidak memuat Join Time atau Leave Time, atau ganda. Ekspor setiap sambungan, "
        "tanpa “show unique users”.",
        row=line,
    )


def _given(heading: Sequence[str], cells: Sequence[str], line: int) -> dict[str, str | None]:
    if len(cells) != len(heading):
        raise MendError(
            "broken_csv",
            en="This line has another number of cells than the heading. Export the file again.",
            id_="Baris ini tidak sama jumlah selnya dengan judul. Ekspor ulang berkasnya.",
            row=line,
        )
    return {name: blank_to_none(cell) for name, cell in zip(heading, cells, strict=True)}


def _of_meeting(block: _Block, titles: Sequence[str]) -> list[tuple[str, int, str]]:
    """Return what stands in the meeting block below these titles, with its line and column."""
    return [
        (value, line, column_letters(at))
        for (_, names), (line, values) in pairwise(block)
        for at, (name, value) in enumerate(zip(_folded(names), values, strict=False))
        if name in titles and value.strip()
    ]


def _rows(block: _Block, connections: Sequence[tuple[int, dict[str, str | None]]]) -> Iterator[Row]:
    meeting = next((unrounded(*found) for found in _of_meeting(block, ("meeting id", "id"))), None)
    parser = _dates([text for text, *_ in _of_meeting(block, _MEETING_TIMES)], connections)
    for line, given in connections:
        values = {
            "meeting_id": meeting.replace(" ", "") if meeting else None,
            "name": _original(given["name"] or "") or None,
            "email": given.get("user email") or given.get("email"),
            "joined_at": parser.canonical(given["join time"]),
            "left_at": parser.canonical(given["leave time"]),
        }
        yield Row(line, values)


def _original(cell: str) -> str:
    """Return the name before somebody renamed themselves: ``Name (Original Name)``, the last in brackets."""
    whole, original = _named(cell)
    return whole if original is None else _named(original)[0]


def _named(cell: str) -> tuple[str, str | None]:
    """Return a name without brackets at its end that hold none, and what the last brackets hold then."""
    before, inside = _bracket(cell)
    while inside is not None and _is_no_name(inside):
        cell = before
        before, inside = _bracket(cell)
    return cell.strip(), inside


def _is_no_name(text: str) -> bool:
    words = [" ".join(word.split()).casefold() for word in _BETWEEN.split(text)]
    return not is_name(text) or all(not word or word in _NO_NAMES for word in words)


def _bracket(cell: str) -> tuple[str, str | None]:
    """Return what stands before the last pair of brackets and what in it; None if the cell ends otherwise."""
    text = cell.rstrip()
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        depth += (text[at] == ")") - (text[at] == "(")
        if depth <= 0:
            return (text[:at], text[at + 1 : -1]) if depth == 0 and text.endswith(")") else (text, None)
    return text, None


def _dates(of_meeting: list[str], connections: Sequence[tuple[int, dict[str, str | None]]]) -> DateParser:
    spans = [
        Span(given["join time"], given["leave time"], _seconds(given.get("duration (minutes)")))
        for _, given in connections
    ]
    texts = [text for span in spans for text in (span.start, span.end)]
    clocks = [text for text in texts if text and is_moment(text)]
    american = all(_HALF_DAY.search(text) for text in clocks)  # what is documented has a 12-hour clock
    return date_parser(
        [*texts, *of_meeting],
        spans=spans,
        within=_MEETING,
        usual=Order.MONTH if american else None,
        rows=[line for line, _ in connections for _ in range(2)],
    )


def _seconds(minutes: str | None) -> int | None:
    return int(minutes) * 60 if minutes and minutes.isdecimal() and len(minutes) < 6 else None

"""Zoom participants CSV with its meeting block: one row a connection, 12-hour clock, US order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from siklatih.errors import MendError
from siklatih.sources.delimited import blank_to_none, decode, head_text, looks_like_text, records
from siklatih.sources.protocol import Catalogue, Part, Recognition, Row, SourceFile

NAME = "Zoom participants"
_NAME = re.compile(r"name \(original name\)", re.IGNORECASE)
_TIMES = ("join time", "leave time")
_CLOCKS = ("%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%m/%d/%Y %H:%M:%S")


def recognise(file: SourceFile) -> Recognition | None:
    """The participants' heading stands within the first lines, after a meeting block or alone."""
    if not looks_like_text(file.head):
        return None
    lines = head_text(file.head).splitlines()[:8]
    if any(_NAME.match(line) and "duration" in line.casefold() for line in lines):
        return Recognition(1.0, "a heading Name (Original Name) with a duration")
    return None


def read(file: SourceFile, _catalogue: Catalogue) -> Iterator[Part]:
    """Yield one part: a row a connection, with the meeting's ID from the block above."""
    part = Part("presence", "table")
    heading: list[str] | None = None
    block: list[list[str]] = []
    meeting = ""
    for line, cells in records(decode(file), ","):
        if not any(cell.strip() for cell in cells):
            part.count("blank")
        elif heading is None and not _NAME.match(cells[0]):
            block.append(cells)
            part.count("heading")
        elif heading is None:
            heading = _heading(cells, line)
            meeting = _meeting(block)
            part.count("heading")
        elif len(cells) != len(heading):
            raise MendError(
                "broken_csv",
                en="This line has another number of cells than the heading. Export the file again.",
                id_="Baris ini tidak sama jumlah selnya dengan judul. Ekspor ulang berkasnya.",
                row=line,
            )
        else:
            part.count("data")
            part.rows.append(_row(meeting, line, heading, cells))
    yield part


def _heading(cells: Sequence[str], line: int) -> list[str]:
    heading = [" ".join(cell.split()).casefold() for cell in cells]
    if any(heading.count(name) != 1 for name in _TIMES):
        raise MendError(
            "missing_column",
            en="The heading lacks Join Time or Leave Time, or has it twice. Export every connection, "
            "without “show unique users”.",
            id_="Judul tidak memuat Join Time atau Leave Time, atau ganda. Ekspor setiap sambungan, "
            "tanpa “show unique users”.",
            row=line,
        )
    return heading


def _meeting(block: Sequence[Sequence[str]]) -> str:
    for names, values in pairwise(block):
        for name, value in zip(names, values, strict=False):
            if name.strip().casefold() in ("meeting id", "id"):
                return value.replace(" ", "")
    raise MendError(
        "no_meeting",
        en="The file has no meeting block, so the session is not known. Export with meeting data.",
        id_="Berkas tidak memuat blok rapat sehingga sesinya tidak diketahui. Ekspor dengan data rapat.",
    )


def _row(meeting: str, line: int, heading: Sequence[str], cells: Sequence[str]) -> Row:
    given = {name: blank_to_none(cell) for name, cell in zip(heading, cells, strict=False)}
    name = given.get(heading[0])
    found = re.fullmatch(r"(.*?)\s*\((.*)\)", name or "")
    values = {
        "meeting_id": meeting,
        "name": found[2] if found else name,  # the original name, before someone renamed themselves
        "email": given.get("user email") or given.get("email"),
        "joined_at": _moment(given.get("join time")),
        "left_at": _moment(given.get("leave time")),
    }
    return Row(line, values)


def _moment(text: str | None) -> str | None:
    for clock in _CLOCKS if text else ():
        try:
            return datetime.strptime(text or "", clock).isoformat(sep=" ")  # noqa: DTZ007  (local time)
        except ValueError:
            continue
    return text

"""Moodle attendance (mod_attendance), exported as text: TAB separated, one column a session.

The group line may hold the batch's code; persons are known by ID number, e-mail address or user name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from siklatih.contracts import Contract
from siklatih.errors import MendError
from siklatih.sources.delimited import decode, head_text, looks_like_text
from siklatih.sources.protocol import Catalogue, Part, Recognition, Row, SourceFile
from siklatih.sources.values import canonical, column_letters

NAME = "Moodle attendance"
_SESSION = re.compile(r"(\d{1,2} \w{3} \d{4} \d{1,2}\.\d{2}[AP]M)\b.*")
_CELL = re.compile(r"([PLEA])(?: \(\d+(?:[.,]\d+)?/\d+(?:[.,]\d+)?\))?")
_IDENTITY = {"id number": "nip", "username": "nip", "email address": "email"}


def recognise(file: SourceFile) -> Recognition | None:
    """Line 1 names the course, line 2 the group, both with a TAB; a heading with session times follows."""
    if not looks_like_text(file.head):
        return None
    lines = head_text(file.head).splitlines()
    if len(lines) < 4 or not (lines[0].startswith("Course\t") and lines[1].startswith("Group\t")):
        return None
    return Recognition(1.0, "a course line and a group line")


def read(file: SourceFile, catalogue: Catalogue) -> Iterator[Part]:
    """Yield one part: a row for every mark that was taken (``?`` is not a mark)."""
    lines = decode(file).splitlines()
    contract = catalogue.contracts["attendance"]
    part = Part("attendance", "table")
    batch = lines[1].partition("\t")[2].strip() or None  # a course without groups: the build files it
    heading: list[str] | None = None
    identity: dict[int, str] = {}
    sessions: dict[int, str] = {}
    for number, line in enumerate(lines, start=1):
        cells = line.split("\t")
        if not line.strip():
            part.count("blank")
        elif number <= 2:
            part.count("heading")
        elif heading is None:
            heading = [cell.strip() for cell in cells]
            identity, sessions = _columns(heading, number)
            part.count("heading")
        elif len(cells) != len(heading):
            raise MendError(
                "broken_table",
                en="This line has another number of cells than the heading; a name may hold a TAB. Mend it.",
                id_="Jumlah sel baris ini berbeda dari judul; mungkin ada TAB di dalam nama. Perbaiki.",
                row=number,
            )
        else:
            part.count("data")
            person = _person(contract, number, cells, identity)
            part.rows += _marks(batch, number, cells, person, sessions)
    yield part


def _columns(heading: Sequence[str], number: int) -> tuple[dict[int, str], dict[int, str]]:
    names = [name.casefold() for name in heading]
    identity = {
        index: _IDENTITY[name]
        for index, name in enumerate(names)
        if name in _IDENTITY and not (name == "username" and "id number" in names)
    }
    sessions = {
        index: _starts_at(found[1], index, number)
        for index, name in enumerate(heading)
        if (found := _SESSION.fullmatch(name))
    }
    if not identity or not sessions:
        raise MendError(
            "missing_column",
            en="The heading lacks an ID number or e-mail address, or has no session. Export with them.",
            id_="Judul tidak memuat nomor ID atau surel, atau tidak ada sesi. Ekspor dengan kolom itu.",
            row=number,
        )
    return identity, sessions


def _starts_at(text: str, index: int, number: int) -> str:
    try:
        return datetime.strptime(text, "%d %b %Y %I.%M%p").isoformat(sep=" ")  # noqa: DTZ007  (local)
    except ValueError as error:
        raise MendError(
            "session_time",
            en="The time of a session cannot be read. Export with Moodle's language set to English.",
            id_="Waktu sesi tidak terbaca. Ekspor dengan bahasa Moodle diatur ke Inggris.",
            row=number,
            column=column_letters(index),
        ) from error


def _person(
    contract: Contract, number: int, cells: Sequence[str], identity: dict[int, str]
) -> dict[str, str | None]:
    try:
        return {name: canonical(contract.column(name), cells[index]) for index, name in identity.items()}
    except MendError as error:
        error.row = number
        raise


def _marks(
    batch: str | None,
    number: int,
    cells: Sequence[str],
    person: dict[str, str | None],
    sessions: dict[int, str],
) -> list[Row]:
    rows = []
    for index, starts_at in sessions.items():
        mark = cells[index].strip()
        if mark in ("", "?"):
            continue
        found = _CELL.fullmatch(mark)
        status = found[1] if found else mark
        rows.append(
            Row(number, {**person, "batch_code": batch, "session_starts_at": starts_at, "status": status})
        )
    return rows

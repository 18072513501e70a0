"""Moodle attendance (mod_attendance): one column a session, as text with TABs, as XLSX or as ODS.

Moodle calls its XLSX ``.xls``; what a file is, is seen from its content. The group line may hold the
batch's code; persons are known by ID number, e-mail address or user name. The site's language may be
English or Indonesian; other languages are recognised but need English headings to be read. What a mark
other than the contract's letters means is configuration (``attendance_marks.yaml``).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from siklatih.contracts import Contract
from siklatih.errors import MendError
from siklatih.sources.dates import DateParser, Order
from siklatih.sources.delimited import decode, head_text, looks_like_text, text_lines
from siklatih.sources.opened import opened
from siklatih.sources.protocol import Catalogue, Part, Recognition, Row, SourceFile
from siklatih.sources.values import canonical, column_letters, plain_text

NAME = "Moodle attendance"
SIGNS = {
    "Course": "course|kursus",
    "Group": "group|grup",
    "Last name": "last name|surname|nama akhir|nama belakang",
    "First name": "first name|nama depan",
    "12 Jan 2026 09.00AM": r"\d{1,2} [^\W\d_]+\.? \d{4},? \d{1,2}[.:]\d\d.*",
    "Taken sessions": "taken sessions|sesi yang diambil",
}
DELIMITER = "\t"
_SESSION = re.compile(
    r"(\d{1,2} [^\W\d_]+\.? \d{4},? \d{1,2}[.:]\d{2}(?: ?[ap]m)?)(?![\w.:]).*", re.IGNORECASE | re.DOTALL
)
_CELL = re.compile(r"([^\W\d_]+(?: [^\W\d_]+)*) ?(?:\( ?\d+(?:[.,]\d+)? ?/ ?\d+(?:[.,]\d+)? ?\))?")
_IDENTITY = {
    "id number": "nip", "nomor id": "nip", "nomor ktp": "nip", "username": "user", "nama pengguna": "user",
    "email address": "email", "email": "email", "alamat email": "email", "alamat surel": "email",
}  # fmt: skip
_NAMES = {
    "first name": 0, "nama depan": 0, "last name": 1, "surname": 1, "nama akhir": 1, "nama belakang": 1,
}  # fmt: skip
_EVERYBODY = ("", "all participants", "semua peserta", "semua partisipan")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,39}")  # a group called otherwise is not a batch's code
_HEAD_LINES = 4  # course, group, a blank line, the heading
_MAXIMUM_BYTES = 64 << 20
_DATES = DateParser(Order.DAY)  # the months are names, so the order is never in question

_Cells = Sequence[Any]


def recognise(file: SourceFile) -> Recognition | None:
    """Line 1 names the course, line 2 the group; a heading with session times follows."""
    if file.head.startswith(b"PK\x03\x04"):
        sheet = _sheet(file)
        # below certainty: the agency's workbook is any workbook, and must not tie with this
        return Recognition(0.95, "a sheet with a course line and a group line") if _is_table(sheet) else None
    if not looks_like_text(file.head):
        return None
    lines = text_lines(head_text(file.head))[:_HEAD_LINES]
    if not _is_table([line.split("\t") for line in lines]):
        return None
    return Recognition(1.0, "a course line and a group line")


def read(file: SourceFile, catalogue: Catalogue) -> Iterator[Part]:
    """Yield one part: a row for every mark that was taken (``?`` is not a mark)."""
    contract = catalogue.contracts["attendance"]
    part = Part("attendance", "table")
    meanings = _meanings(catalogue)
    rows = _sheet(file) or [line.split("\t") for line in text_lines(decode(file))]
    group = _text(rows[1][1]) if len(rows[1]) > 1 else ""
    batch = group if _CODE.fullmatch(group) and group.casefold() not in _EVERYBODY else None
    heading: list[str] | None = None
    identity: dict[int, str] = {}
    sessions: dict[int, str] = {}
    for number, cells in enumerate(rows, start=1):
        if not any(_text(cell) for cell in cells):
            part.count("blank")
        elif number <= 2:
            part.count("heading")
        elif heading is None:
            heading = [_text(cell) for cell in cells]
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
            person = {"name": _name(heading, cells), **_person(contract, number, cells, identity)}
            part.rows += _marks(batch, number, cells, person, sessions, meanings)
    yield part


def _text(cell: Any) -> str:
    return "" if cell is None else plain_text(cell)


def _sheet(file: SourceFile) -> list[list[Any]]:
    """Return the rows of a workbook that has one sheet; nothing if it is no such workbook."""
    from python_calamine import CalamineError, ZipError  # noqa: PLC0415

    if not file.head.startswith(b"PK\x03\x04"):
        return []
    try:
        with zipfile.ZipFile(file.path) as container:
            if sum(entry.file_size for entry in container.infolist()) > _MAXIMUM_BYTES:
                return []
        workbook = opened(file)
        names = list(workbook.numbers)
        if len(names) != 1:
            return []
        sheet = workbook.sheet(names[0])
        if sheet.total_height * sheet.total_width > _MAXIMUM_BYTES:
            return []  # a stray cell far away
        rows: list[list[Any]] = sheet.to_python(skip_empty_area=False)
        return rows
    except (CalamineError, ZipError, zipfile.BadZipFile, NotImplementedError, OSError, ValueError):
        return []


def _is_table(rows: Sequence[_Cells]) -> bool:
    if len(rows) < _HEAD_LINES:
        return False
    course, group, blank, heading = ([_text(cell) for cell in row] for row in rows[:_HEAD_LINES])
    if len(course) < 2 or len(group) < 2 or any(course[2:]) or any(group[2:]):
        return False
    if (course[0], group[0]) == ("Course", "Group"):
        return True
    return bool(course[0] and group[0]) and not any(blank) and any(map(_SESSION.fullmatch, heading))


def _columns(heading: Sequence[str], number: int) -> tuple[dict[int, str], dict[int, str]]:
    found = {
        index: _IDENTITY[name]
        for index, title in enumerate(heading)
        if (name := " ".join(title.split()).casefold()) in _IDENTITY
    }
    identity = {
        index: "nip" if name == "user" else name
        for index, name in found.items()
        if not (name == "user" and "nip" in found.values())
    }
    times = {index: time[1] for index, title in enumerate(heading) if (time := _SESSION.fullmatch(title))}
    if not identity or not times:
        raise MendError(
            "missing_column",
            en="The heading lacks an ID number or e-mail address, or has no session. Export with them.",
            id_="Judul tidak memuat nomor ID atau surel, atau tidak ada sesi. Ekspor dengan kolom itu.",
            row=number,
        )
    return identity, _sessions(times, number)


def _sessions(times: dict[int, str], number: int) -> dict[int, str]:
    """Return when each session starts; hours up to 12 need AM or PM, unless others show 24 hours."""
    moments = {index: _DATES.moment(text) for index, text in times.items()}
    whole_day = any(moment and (moment.hour > 12 or moment.hour == 0) for moment in moments.values())
    starts: dict[int, str] = {}
    for index, moment in moments.items():
        if moment is None or not (whole_day or times[index].casefold().endswith("m")):
            raise MendError(
                "session_time",
                en="The time of a session cannot be read. Export with Moodle's language set to English.",
                id_="Waktu sesi tidak terbaca. Ekspor dengan bahasa Moodle diatur ke Inggris.",
                row=number,
                column=column_letters(index),
            )
        starts[index] = _iso(moment)
    return starts


def _iso(moment: datetime) -> str:
    return moment.isoformat(sep=" ", timespec="seconds")


def _person(
    contract: Contract, number: int, cells: _Cells, identity: dict[int, str]
) -> dict[str, str | None]:
    has_address = any(name == "email" and _text(cells[index]) for index, name in identity.items())
    person: dict[str, str | None] = {}
    for index, name in identity.items():
        if name == "nip" and isinstance(cells[index], float):
            if not has_address:
                raise _rounded(number, index)
            person["nip"] = None  # Moodle wrote a number and its last digits are lost; the address remains
            continue
        try:
            person[name] = canonical(contract.column(name), cells[index])
        except MendError as error:
            error.row = number
            raise
    return person


def _name(heading: Sequence[str], cells: _Cells) -> str | None:
    """Return first and last name; a person with one name enters it twice, because Moodle wants both."""
    found = {
        place: _text(cells[index])
        for index, title in enumerate(heading)
        if (place := _NAMES.get(" ".join(title.split()).casefold())) is not None
    }
    words = [found[place] for place in sorted(found) if found[place]]
    return " ".join(dict.fromkeys(words)) or None


def _rounded(number: int, index: int) -> MendError:
    return MendError(
        "nip_scientific",
        en="Moodle wrote the employee numbers as numbers, so their last digits are lost. Export as text, or "
        "with the e-mail addresses too.",
        id_="Moodle menulis NIP sebagai angka sehingga angka terakhirnya hilang. Ekspor sebagai teks, atau "
        "sertakan surel.",
        row=number,
        column=column_letters(index),
    )


def _meanings(catalogue: Catalogue) -> dict[str, str]:
    """Return mark in small letters -> status: the contract's letters and words, the configuration's marks."""
    statuses = catalogue.contracts["attendance"].column("status").values
    words = {item.label_id.casefold(): item.value for item in statuses}
    letters = {item.value.casefold(): item.value for item in statuses}
    return {**words, **catalogue.marks.get(NAME, {}), **letters}


def _letters(mark: str) -> str:
    """Return a mark without its points."""
    found = _CELL.fullmatch(" ".join(mark.split()))
    return found[1] if found else mark


def _marks(
    batch: str | None,
    number: int,
    cells: _Cells,
    person: dict[str, str | None],
    sessions: dict[int, str],
    meanings: Mapping[str, str],
) -> list[Row]:
    rows = []
    for index, starts_at in sessions.items():
        mark = _text(cells[index])
        if mark in ("", "?"):
            continue
        letters = _letters(mark)
        status = meanings.get(letters.casefold(), letters)  # one nobody decided on is put aside
        rows.append(
            Row(number, {**person, "batch_code": batch, "session_starts_at": starts_at, "status": status})
        )
    return rows


def cells_of(rows: Mapping[int, Sequence[object]], row: int, column: str, catalogue: Catalogue) -> list[int]:
    """Return where a column of the contract stands; of a status, each mark that has no meaning."""
    heading = [_text(cell) for cell in rows.get(_HEAD_LINES, ())]
    titles = [" ".join(title.split()).casefold() for title in heading]
    if column in ("status", "session_starts_at"):
        marks = {at: _text(cell) for at, cell in enumerate(rows.get(row, ()))}
        sessions = [at for at, title in enumerate(heading) if _SESSION.fullmatch(title)]
        taken = [at for at in sessions if marks.get(at, "") not in ("", "?")]
        if column == "session_starts_at":
            return taken
        meanings = _meanings(catalogue)
        return [at for at in taken if _letters(marks[at]).casefold() not in meanings]
    wanted = {"nip": ("nip", "user"), "email": ("email",)}.get(column, ())
    found = [at for at, title in enumerate(titles) if _IDENTITY.get(title) in wanted]
    return found[:1] if column != "name" else [at for at, title in enumerate(titles) if title in _NAMES][:1]

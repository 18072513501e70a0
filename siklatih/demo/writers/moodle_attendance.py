"""Moodle's attendance (mod_attendance): a column a session, as text with TABs, as XLSX or as ODS.

Moodle names the text ``.txt`` and the XLSX ``.xls``. In both kinds of spreadsheet whatever looks like a
number becomes one, employee numbers of 18 digits too, which lose their last digits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from siklatih.demo.writers.ods import ods_bytes
from siklatih.workbooks import workbook_bytes

POINTS = {"P": 2, "L": 1, "E": 1, "A": 0}
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_INDONESIAN_MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agt", "Sep", "Okt", "Nov", "Des")
_ENGLISH_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WORDS = {
    "en": ("Course", "Group", "Last name", "First name", "ID number", "Email address", "All students", "Taken sessions", "Points", "Percentage"),
    "id": ("Kursus", "Grup", "Nama akhir", "Nama depan", "Nomor ID", "Alamat email", "Semua siswa", "Sesi yang diambil", "Poin", "Persentase"),
}  # fmt: skip


@dataclass(frozen=True)
class Listed:
    """A person on the list; Moodle wants two names, so who has one has it twice."""

    family: str
    given: str
    number: str = ""
    email: str = ""


@dataclass(frozen=True)
class Register:
    """A course's attendance.

    ``marks`` are (place of the person, place of the session) -> status letter; what is not there was not
    taken. ``remarks`` go by the same places, and add a column after each session.
    """

    course: str
    group: str
    people: Sequence[Listed]
    sessions: Sequence[datetime]
    marks: Mapping[tuple[int, int], str]
    remarks: Mapping[tuple[int, int], str] = field(default_factory=dict)
    descriptions: Mapping[int, str] = field(default_factory=dict)


def attendance_text(register: Register, *, language: str = "en") -> bytes:
    """Return the text, UTF-8 and LF, nothing quoted."""
    return "".join("\t".join(row) + "\n" for row in _table(register, language)).encode()


def attendance_xlsx(register: Register, when: datetime, *, language: str = "en") -> bytes:
    """Return the XLSX that Moodle calls ``.xls``, as if saved at ``when`` (local, naive)."""
    from openpyxl import Workbook  # noqa: PLC0415
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415

    book = Workbook(write_only=True)
    book.properties.creator = "Moodle"
    book.properties.created = when
    sheet = book.create_sheet(_sheet_name(language))
    for row in _as_numbers(_table(register, language)):
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value)
            if isinstance(value, str):
                cell.data_type = "s"  # never a formula
            cells.append(cell)
        sheet.append(cells)
    return workbook_bytes(book, when)


def attendance_ods(register: Register, when: datetime, *, language: str = "en") -> bytes:
    """Return the spreadsheet, as if saved at ``when`` (local, naive)."""
    return ods_bytes([(_sheet_name(language), _as_numbers(_table(register, language)))], when)


def _sheet_name(language: str) -> str:
    return "Attendances" if language == "en" else "Kehadiran"


def _table(register: Register, language: str) -> list[list[str]]:
    course, group, last, first, number, email, everybody, taken, points, share = _WORDS[language]
    heading = [last, first, number, email]
    for place, start in enumerate(register.sessions):
        description = register.descriptions.get(place, "")
        heading.append(f"{_moment(start, language)} {everybody}" + (f" {description}" if description else ""))
        heading += [""] if register.remarks else []
    heading += [*POINTS, taken, points, share]
    rows = [[course, register.course], [group, register.group], [], heading]
    return rows + [_line(register, at, person, language) for at, person in enumerate(register.people)]


def _line(register: Register, at: int, person: Listed, language: str) -> list[str]:
    cells = [person.family, person.given, person.number, person.email]
    found = []
    for place in range(len(register.sessions)):
        mark = register.marks.get((at, place))
        cells.append("?" if mark is None else f"{mark} ({POINTS.get(mark, 0)}/2)")
        cells += [register.remarks.get((at, place), "")] if register.remarks else []
        found += [mark] if mark is not None else []
    points, most = sum(POINTS.get(mark, 0) for mark in found), 2 * len(found)
    share = f"{100 * points / most if most else 0:.1f}"
    counts = [str(found.count(status)) for status in POINTS]
    comma = share.replace(".", ",") if language == "id" else share
    return [*cells, *counts, str(len(found)), f"{points} / {most}", comma]


def _moment(start: datetime, language: str) -> str:
    month = (_INDONESIAN_MONTHS if language == "id" else _ENGLISH_MONTHS)[start.month - 1]
    hour = start.hour % 12 or 12
    return (
        f"{start.day:02} {month} {start.year} {hour:02}.{start.minute:02}{'PM' if start.hour >= 12 else 'AM'}"
    )


def _as_numbers(rows: Sequence[Sequence[str]]) -> list[list[object]]:
    return [[float(cell) if _NUMBER.fullmatch(cell) else cell or None for cell in row] for row in rows]

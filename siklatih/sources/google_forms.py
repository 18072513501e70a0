"""Google Forms: CSV from the form or its spreadsheet, or that spreadsheet as XLSX.

The first column holds the time of each submission under a heading in the account's language, so it is
known by its values. That alone is a weak sign: the questions decide, more than half must be known.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from siklatih.forms import FormTable, Record, read_form
from siklatih.sources.dates import is_moment
from siklatih.sources.form_tables import (
    body_of,
    first_sheet_name,
    head_rows,
    is_blank,
    is_workbook,
    repeats_heading,
    sheets_of,
)
from siklatih.sources.protocol import Catalogue, Part, Recognition, SourceFile
from siklatih.wording import fold

NAME = "Google Forms"
SIGNS = {"Timestamp": "timestamp|stempel waktu|cap waktu"}
_OWN = {
    "email address", "alamat email", "username", "nama pengguna", "score", "skor", "nilai skor",
}  # fmt: skip
_ISO_WITH_T = re.compile(r"\d{4}-\d{2}-\d{2}T")  # how ODK and Kobo write a moment; Google never does
_FEW = 3  # at most every third time may be unreadable
_SHEET = re.compile(r".*form.*\d", re.IGNORECASE)


def recognise(file: SourceFile) -> Recognition | None:
    """The first column holds moments below a heading that is none; a few that people spoilt do not matter."""
    rows = [cells for cells in head_rows(file) if not is_blank(cells)]
    if len(rows) < 2 or len(rows[0]) < 2 or not rows[0][0].strip() or is_moment(rows[0][0]):
        return None
    times = [cells[0] if cells else "" for cells in rows[1:] if not repeats_heading(cells, rows[0])]
    spoilt = sum(not is_moment(text) for text in times)
    if not times or any(_ISO_WITH_T.match(text) for text in times) or spoilt * _FEW > len(times):
        return None
    if not is_workbook(file):
        return Recognition(0.3, "the first column holds moments")
    # above the agency's workbook, which takes any, only for a sheet that is named as Google names it
    if _SHEET.fullmatch(first_sheet_name(file)):
        return Recognition(0.92, "a sheet of form responses whose first column holds moments")
    return None


def read(file: SourceFile, catalogue: Catalogue) -> Iterator[Part]:
    """Yield one part from the first sheet; further sheets are a person's own and hold no submissions."""
    sheet = sheets_of(file)[0]
    body = body_of(sheet)
    headings = body.headings
    found = [Record(line, cells, submitted=cells[0]) for line, cells in body.data]
    own = {0} | {index for index, heading in enumerate(headings) if fold(heading) in _OWN}
    table = FormTable(
        NAME,
        sheet.place,
        headings,
        own,
        found,
        body.lines,
        row=body.row,
        least=0.5,
        again=body.again,
    )
    yield read_form(table, catalogue)

"""KoboToolbox: CSV with ``;`` and every cell quoted, or XLSX; headings are labels or technical names.

Groups are joined by ``/``; a question of several choices has a column that sums it up and one for each
choice. Groups that repeat stand on further sheets; they belong to no submission's one answer and are
counted, not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from siklatih.errors import MendError
from siklatih.forms import FormTable, Record, read_form
from siklatih.sources.form_tables import (
    Sheet,
    body_of,
    choice_columns,
    head_rows,
    is_blank,
    is_workbook,
    sheets_of,
)
from siklatih.sources.protocol import Catalogue, Part, Recognition, SourceFile

NAME = "KoboToolbox"
_SIGNS = {"_id", "_uuid", "_submission_time", "_index"}
SIGNS = {name: name for name in sorted(_SIGNS)}
_OWN = _SIGNS | {
    "start", "end", "today", "deviceid", "phonenumber", "username", "simserial", "subscriberid", "audit",
    "_validation_status", "_notes", "_status", "_submitted_by", "__version__", "_version_", "_version",
    "_tags", "_attachments", "_geolocation", "_xform_id_string", "formhub/uuid",
}  # fmt: skip
_LIMESURVEY = {"submitdate", "lastpage", "startlanguage"}
_QUOTED = re.compile(r'(?:"(?:[^"]|"")*";)+"(?:[^"]|"")*"\r?(?:\n|$)')
_REJECTED = {"not approved", "validation_status_not_approved"}
_ZONED = re.compile(r".*(?:Z|[+-]\d{2}:?\d{2})")


def recognise(file: SourceFile) -> Recognition | None:
    """Columns that Kobo adds, or at least its way to write CSV, which tells less."""
    rows = [cells for cells in head_rows(file) if not is_blank(cells)]
    if not rows or _LIMESURVEY & set(rows[0]):
        return None
    signs = _SIGNS & set(rows[0])
    quoted = not is_workbook(file) and _QUOTED.match(file.head.decode("utf-8-sig", errors="replace"))
    if len(signs) > 1 or (signs and (quoted or is_workbook(file))):
        return Recognition(0.94, f"columns {', '.join(sorted(signs))}")
    return Recognition(0.5, "separated by ; with every heading quoted") if quoted else None


def read(file: SourceFile, catalogue: Catalogue) -> Iterator[Part]:
    """Yield one part from the first sheet; a submission that was not approved is no answer."""
    sheet, *others = sheets_of(file)
    body = body_of(sheet)
    headings = body.headings
    column = {name: index for index, name in reversed(list(enumerate(headings)))}
    found, lines = [], dict(body.lines)
    for line, cells in body.data:
        given = {name: cells[index].strip() for name, index in column.items() if name in _OWN}
        if given.get("_validation_status", "").casefold() in _REJECTED:
            lines["data"] -= 1
            lines["incomplete"] = lines.get("incomplete", 0) + 1
        else:
            code = given.get("_uuid") or given.get("_id") or None
            found.append(Record(line, cells, code, _submitted(given)))
    for number, other in enumerate(others, start=2):
        lines["repeat"] = lines.get("repeat", 0) + _repeats(other, number)
    table = FormTable(
        NAME,
        sheet.place,
        headings,
        _own(headings),
        found,
        lines,
        choices=choice_columns(headings, found),
        row=body.row,
    )
    yield read_form(table, catalogue)


def _submitted(given: dict[str, str]) -> str | None:
    """Return when it was sent, which Kobo writes in universal time and does not say so; else its end."""
    sent = given.get("_submission_time")
    if sent:
        return sent if _ZONED.fullmatch(sent[10:]) else f"{sent}Z"
    return given.get("end") or None


def _own(headings: Sequence[str]) -> set[int]:
    names = set(headings)
    return {
        index
        for index, name in enumerate(headings)
        if name in _OWN
        or name.startswith("meta/")
        or (name.endswith("_URL") and name.removesuffix("_URL") in names)  # an attachment's address
    }


def _repeats(sheet: Sheet, number: int) -> int:
    """Count the lines of a group that repeats; ``MendError`` if the sheet is something else."""
    body = body_of(sheet)
    if body.heads and "_parent_index" not in body.headings:
        raise MendError(
            "unknown_sheet",
            en=f"Sheet number {number} is neither submissions nor a group that repeats. Export again.",
            id_=f"Lembar ke-{number} bukan kiriman formulir maupun grup berulang. Ekspor ulang.",
        )
    return sum(body.lines.values())

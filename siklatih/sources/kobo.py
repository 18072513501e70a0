"""KoboToolbox: CSV with ``;`` and every cell quoted, or XLSX; headings are labels or technical names.

Groups are joined by ``/``; a question of several choices has a column that sums it up and one for each
choice. Groups that repeat stand on further sheets; those that a mapping names are read with the columns of
their parents, the others are counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from siklatih.errors import MendError
from siklatih.forms import FormTable, Record, UnmatchedFormError, read_form
from siklatih.sources.form_tables import (
    Body,
    Sheet,
    body_of,
    choice_columns,
    head_rows,
    is_blank,
    is_workbook,
    sheets_of,
)
from siklatih.sources.protocol import Catalogue, Part, Recognition, SourceFile
from siklatih.sources.repeats import PARENT_INDEX, PARENT_TABLE, Repeats, is_repeat, named_by, read_repeat
from siklatih.sources.values import column_letters, unrounded

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
    """Yield a part from the first sheet, and one for each group that repeats and is named by a mapping.

    A submission that was not approved is no answer, nor are the rows of its groups.
    """
    sheet, *others = sheets_of(file)
    body = body_of(sheet)
    headings = body.headings
    submissions = _sent(body)
    found = [record for record in submissions.values() if record is not None]
    lines = dict(body.lines)
    if len(found) < len(submissions):
        lines |= {"data": len(found), "incomplete": len(submissions) - len(found)}
    for number, other in enumerate(others, start=2):
        _check_repeat(other, number)
    table = FormTable(
        NAME,
        sheet.place,
        headings,
        _own(headings),
        found,
        lines,
        choices=choice_columns(headings, found),
        row=body.row,
        again=body.again,
    )
    named = [other for other in others if is_repeat(other) and named_by(other, catalogue)]
    parts = _submissions(table, catalogue, needed=not named)
    repeats = Repeats(body, others, submissions)
    answered = bool(parts)
    for other in named:
        joined = repeats.join(other.name)
        own = _own(joined.headings)
        parts.append(read_repeat(other, joined, own, catalogue, NAME, answered=answered))
    read_places = {other.place for other in named}
    left = [("repeat", len(other.rows)) for other in others if other.place not in read_places]
    left += [] if answered else [("parent", len(sheet.rows))]
    for kind, count in left:  # what is not read by itself is accounted for as well
        if count:
            parts[0].lines[kind] = parts[0].lines.get(kind, 0) + count
    yield from parts


def _sent(body: Body) -> dict[int, Record | None]:
    """Return what was sent by its line; None where it was not approved."""
    column = {name: index for index, name in reversed(list(enumerate(body.headings)))}
    found: dict[int, Record | None] = {}
    for line, cells in body.data:
        given = {name: cells[index].strip() for name, index in column.items() if name in _OWN}
        code = given.get("_uuid") or None
        if code is None and given.get("_id"):
            code = unrounded(given["_id"], line, column_letters(column["_id"]))
        is_rejected = given.get("_validation_status", "").casefold() in _REJECTED
        found[line] = None if is_rejected else Record(line, cells, code, _submitted(given))
    return found


def _submissions(table: FormTable, catalogue: Catalogue, *, needed: bool) -> list[Part]:
    """Read the submissions; they may be no form of ours where a group that repeats is what is wanted."""
    try:
        return [read_form(table, catalogue)]
    except UnmatchedFormError as error:
        if needed or error.code not in ("unknown_form", "no_question"):
            raise
        return []


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
        or name in (PARENT_INDEX, PARENT_TABLE)
        or name.startswith(("meta/", "_submission__"))
        or (name.endswith("_URL") and name.removesuffix("_URL") in names)  # an attachment's address
    }


def _check_repeat(sheet: Sheet, number: int) -> None:
    """Raise ``MendError`` if a further sheet is no group that repeats."""
    body = body_of(sheet)
    if body.heads and PARENT_INDEX not in body.headings:
        raise MendError(
            "unknown_sheet",
            en=f"Sheet number {number} is neither submissions nor a group that repeats. Export again.",
            id_=f"Lembar ke-{number} bukan kiriman formulir maupun grup berulang. Ekspor ulang.",
        )

"""Microsoft Forms: XLSX, or the CSV that Excel made of it. Five columns of its own stand first.

A quiz adds points and feedback to each question; those are passed over, for an answer is not a score.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from siklatih.forms import FormTable, Record, read_form
from siklatih.sources.form_tables import body_of, head_rows, is_blank, sheets_of
from siklatih.sources.protocol import Catalogue, Part, Recognition, SourceFile
from siklatih.sources.values import unrounded
from siklatih.wording import fold

NAME = "Microsoft Forms"
_FIRST = (
    {"id"},
    {"start time", "waktu mulai"},
    {"completion time", "waktu penyelesaian", "waktu selesai"},
    {"email", "surel"},
    {"name", "nama"},
)
SIGNS = {
    name: "|".join(sorted(names))
    for name, names in zip(("ID", "Start time", "Completion time", "Email", "Name"), _FIRST, strict=True)
}
_START, _COMPLETION = 1, 2
_OF_QUIZ = {"points", "feedback", "poin", "umpan balik"}
_OWN = {
    "last modified time", "total points", "quiz feedback", "grade posted time", "waktu terakhir diubah",
    "waktu modifikasi terakhir", "total poin", "umpan balik kuis",
}  # fmt: skip


def recognise(file: SourceFile) -> Recognition | None:
    """The first five headings are always the same, in English or Indonesian."""
    rows = [cells for cells in head_rows(file) if not is_blank(cells)]
    if not rows or len(rows[0]) < len(_FIRST):
        return None
    if all(fold(heading) in names for heading, names in zip(rows[0], _FIRST, strict=False)):
        return Recognition(0.95, "first columns ID, start time, completion time, e-mail and name")
    return None


def read(file: SourceFile, catalogue: Catalogue) -> Iterator[Part]:
    """Yield one part from the first sheet, the only one the tool writes."""
    sheet = sheets_of(file)[0]
    body = body_of(sheet)
    headings = body.headings
    found, lines = [], dict(body.lines)
    for line, cells in body.data:
        if cells[_COMPLETION].strip():
            number = unrounded(cells[0].strip(), line, "A") or None
            found.append(Record(line, cells, number, cells[_COMPLETION]))
        else:
            lines["data"] -= 1
            lines["incomplete"] = lines.get("incomplete", 0) + 1
    started = [cells[_START] for _, cells in body.data]
    table = FormTable(
        NAME,
        sheet.place,
        headings,
        _own(headings),
        found,
        lines,
        row=body.row,
        again=body.again,
        evidence=started,
        numbered=True,
    )
    yield read_form(table, catalogue)


def _own(headings: Sequence[str]) -> set[int]:
    """Return the tool's columns: the first five, and ``Points - Question`` where the question is there."""
    asked = {fold(heading) for heading in headings[len(_FIRST) :]}
    own = set(range(len(_FIRST)))
    for index, heading in enumerate(headings):
        prefix, dash, question = heading.partition(" - ")
        of_quiz = bool(dash) and fold(prefix) in _OF_QUIZ and fold(question) in asked
        if fold(heading) in _OWN or of_quiz:
            own.add(index)
    return own

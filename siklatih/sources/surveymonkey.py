"""SurveyMonkey: two heading rows, the question above and its choice or row below; CSV or XLSX.

A question with several columns has its wording over the first of them only. A ticked choice is exported
as the choice's own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from siklatih.forms import FormTable, Record, read_form
from siklatih.sources.form_tables import body_of, head_rows, is_blank, sheets_of
from siklatih.sources.protocol import Catalogue, Part, Recognition, SourceFile
from siklatih.sources.values import unrounded
from siklatih.wording import fold

NAME = "SurveyMonkey"
SIGNS = {
    "Respondent ID": "respondent ?id",
    "Start Date": "start date|date created",
    "End Date": "end date|date modified",
    "Response": "response|open-ended response",
}
_ID = {"respondentid", "respondent id"}
_OWN = re.compile(
    r"respondent ?id|collector id|start date|end date|date created|date modified|ip address|email address"
    r"|first name|last name|custom data(?: \d+)?"
)
_END, _START = ("end date", "date modified"), ("start date", "date created")


def recognise(file: SourceFile) -> Recognition | None:
    """The respondent's number stands first, and the second row has nothing below it."""
    rows = head_rows(file)
    if len(rows) < 2 or not rows[0] or fold(rows[0][0]) not in _ID:
        return None
    if len(rows[1]) == len(rows[0]) and not rows[1][0].strip():
        return Recognition(0.95, "a respondent's number and a second heading row")
    return None


def read(file: SourceFile, catalogue: Catalogue) -> Iterator[Part]:
    """Yield one part; a submission without an end, where ends are exported, is incomplete."""
    sheet = sheets_of(file)[0]
    body = body_of(sheet, heading_rows=2)
    upper, lower = body.heads
    names = [fold(heading) for heading in upper]
    # a question may be worded as a column of the tool's own; what stands below tells it from that
    own = {
        index
        for index, name in enumerate(names)
        if _OWN.fullmatch(name) and (index == 0 or not lower[index].strip())
    }
    ends = [index for index in sorted(own) if names[index] in _END]
    starts = [index for index in sorted(own) if names[index] in _START]
    found, lines = [], dict(body.lines)
    for line, cells in body.data:
        submitted = cells[ends[0]] if ends else None
        if submitted is not None and not submitted.strip():
            lines["data"] -= 1
            lines["incomplete"] = lines.get("incomplete", 0) + 1
        else:
            found.append(Record(line, cells, unrounded(cells[0].strip(), line, "A") or None, submitted))
    table = FormTable(
        NAME,
        sheet.place,
        _headings(upper, lower),
        own,
        found,
        lines,
        row=body.row,
        again=body.again,
        evidence=[cells[index] for _, cells in body.data for index in starts],
    )
    yield read_form(table, catalogue)


def _headings(upper: Sequence[str], lower: Sequence[str]) -> list[str]:
    """Join both rows: a question alone in its columns keeps its wording, others become ``Question [row]``."""
    found = []
    stem = ""
    for index, question in enumerate(upper):
        stem = question.strip() or stem
        goes_on = index + 1 < len(upper) and is_blank(upper[index + 1 : index + 2])
        alone = bool(question.strip()) and not goes_on
        row = lower[index].strip()
        found.append(stem if alone or not row else f"{stem} [{row}]")
    return found

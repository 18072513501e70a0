"""ODK Central: CSV of a form's submissions, groups joined by ``-``, choices split as ``question/choice``.

The set of its own columns grew over the years; the two that were always there tell it. Moments are in
universal time.
"""

from __future__ import annotations

from collections.abc import Iterator

from siklatih.forms import FormTable, Record, read_form
from siklatih.sources.form_tables import body_of, choice_columns, head_rows, is_workbook, sheets_of
from siklatih.sources.protocol import Catalogue, Part, Recognition, SourceFile

NAME = "ODK Central"
SIGNS = {name: name for name in ("SubmissionDate", "KEY", "SubmitterID", "ReviewState")}
_OWN = {
    "SubmissionDate", "KEY", "SubmitterID", "SubmitterName", "AttachmentsPresent", "AttachmentsExpected",
    "Status", "ReviewState", "DeviceID", "Edits", "FormVersion", "instanceID", "instanceName",
    "start", "end", "today", "deviceid", "phonenumber", "username", "email", "subscriberid", "simserial",
    "audit",
}  # fmt: skip


def recognise(file: SourceFile) -> Recognition | None:
    """SubmissionDate stands first and KEY further on."""
    rows = [] if is_workbook(file) else head_rows(file)
    if rows and rows[0] and rows[0][0] == "SubmissionDate" and "KEY" in rows[0]:
        return Recognition(0.95, "columns SubmissionDate and KEY")
    return None


def read(file: SourceFile, catalogue: Catalogue) -> Iterator[Part]:
    """Yield one part; a submission that was rejected on the server is no answer."""
    sheet = sheets_of(file)[0]
    body = body_of(sheet)
    headings = body.headings
    key = headings.index("KEY")
    review = headings.index("ReviewState") if "ReviewState" in headings else None
    found, lines = [], dict(body.lines)
    for line, cells in body.data:
        if review is not None and cells[review] == "rejected":
            lines["data"] -= 1
            lines["incomplete"] = lines.get("incomplete", 0) + 1
        else:
            found.append(Record(line, cells, cells[key].strip() or None, cells[0]))
    own = {
        index for index, name in enumerate(headings) if name in _OWN or name.startswith(("meta-", "meta/"))
    }
    choices = choice_columns(headings, found)
    table = FormTable(
        NAME,
        sheet.place,
        headings,
        own,
        found,
        lines,
        choices=choices,
        row=body.row,
        again=body.again,
    )
    yield read_form(table, catalogue)

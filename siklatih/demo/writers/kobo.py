"""KoboToolbox: CSV with ``;`` and every cell quoted, or XLSX; by XML names or by labels.

Groups are joined by ``/``. A question of several choices has a column that sums it up and one of 0 and 1
for each choice. A group that repeats is a sheet of its own; the CSV holds the first section only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import NAMESPACE_OID, uuid5

from siklatih.demo.writers.forms import (
    Form,
    Question,
    Submission,
    csv_text,
    iso,
    number_shown,
    universal,
    words_shown,
    xlsx_bytes,
)

CHOICES = {"waktu": "Waktu pelatihan", "tempat": "Tempat pelatihan"}
SEVERAL = Question("saran", "Saran", "SARAN", "penutup")  # ticked, not written: a question of several choices
_GROUPS = {
    "relevance": "Materi pelatihan", "trainer": "Tenaga pelatih", "engagement": "Keterlibatan",
    "satisfaction": "Kepuasan", "up_to_date": "Kemutakhiran", "skm": "Unsur pelayanan", "penutup": "Penutup",
}  # fmt: skip
_OWN = (
    "_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status", "_submitted_by",
    "__version__", "_tags", "_index",
)  # fmt: skip
Rows = list[list[object]]


def kobo_csv(
    form: Form, submissions: Sequence[Submission], *, labels: bool, first: int = 0, title: str = "angket"
) -> bytes:
    """Return the export, numbered after ``first``; ``title`` is the form's, from which its ids come."""
    rows = list(_rows(form, submissions, labels=labels, first=first, title=title))
    return csv_text(rows, delimiter=";", quoted=True).encode()


def kobo_xlsx(
    form: Form,
    submissions: Sequence[Submission],
    *,
    labels: bool,
    when: datetime,
    first: int = 0,
    title: str = "angket",
    repeats: Mapping[int, Sequence[str]] | None = None,
) -> bytes:
    """Return the export as a workbook; ``repeats`` fills the second sheet: number of a submission -> names.

    A name of a sheet has at most 31 characters, of which Kobo takes the last three for dots.
    """
    name = title if len(title) <= 31 else f"{title[:28]}..."
    sheets = {name: list(_rows(form, submissions, labels=labels, first=first, title=title))}
    if repeats is not None:
        question = "Penutup/Untuk tiap topik/Topik yang diusulkan" if labels else "penutup/topik/nama_topik"
        lines: Rows = [[question, "_parent_table_name", "_parent_index"]]
        lines += [[text, title, number] for number, texts in sorted(repeats.items()) for text in texts]
        sheets["topik"] = lines
    return xlsx_bytes(sheets, when)


def _rows(
    form: Form, submissions: Sequence[Submission], *, labels: bool, first: int, title: str
) -> Iterator[list[object]]:
    yield ["start", "end", *_headings(form, labels=labels), *_OWN]
    for index, one in enumerate(submissions, start=1):
        started = one.sent - timedelta(minutes=6) if isinstance(one.sent, datetime) else one.sent
        times = [f"{iso(moment, 'T')}.000+07:00" for moment in (started, one.sent)]
        uuid = uuid5(NAMESPACE_OID, f"{title} {first + index}")
        own = [first + index, uuid.hex, universal(one.sent), "", "", "submitted_via_web", "", "vB3nM8sLq", ""]
        yield [*times, *_cells(form, one, labels=labels), *own, index]


def _headings(form: Form, *, labels: bool) -> Iterator[str]:
    for question in form.questions:
        group = _GROUPS.get(question.group, question.group) if labels else question.group
        name = question.wording if labels else question.name
        heading = f"{group}/{name}" if group else name
        yield heading
        if question == SEVERAL:
            yield from (f"{heading}/{label if labels else code}" for code, label in CHOICES.items())


def _cells(form: Form, one: Submission, *, labels: bool) -> Iterator[str]:
    for question in form.questions:
        if question == SEVERAL:
            ticked = {code: label for code, label in CHOICES.items() if code in one.choices}
            yield " ".join(ticked.values() if labels else ticked)
            yield from (("1" if code in ticked else "0") if ticked else "" for code in CHOICES)
        else:
            yield words_shown(form, question, one) if labels else number_shown(form, question, one)

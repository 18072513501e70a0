"""ODK Central: a form's submissions as CSV, groups joined by ``-``, moments in universal time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import NAMESPACE_OID, uuid5

from siklatih.demo.writers.forms import Form, Submission, csv_text, number_shown, universal

Generation = Literal[1, 2, 3]
_OWN: dict[Generation, tuple[str, ...]] = {
    1: (),
    2: ("SubmitterID", "SubmitterName", "AttachmentsPresent", "AttachmentsExpected", "Status"),
    3: (
        "SubmitterID", "SubmitterName", "AttachmentsPresent", "AttachmentsExpected", "Status", "ReviewState",
        "DeviceID", "Edits", "FormVersion",
    ),
}  # fmt: skip
_VALUES = ("12", "Ruang kelas", "0", "0", "", "", "collect:abc123", "0", "2026072801")


def odk_csv(
    form: Form,
    submissions: Sequence[Submission],
    *,
    generation: Generation = 3,
    first: int = 0,
    title: str = "angket",
) -> bytes:
    """Return the export; ``generation`` is that of the server's own columns, 3 the newest."""
    names = [f"{q.group}-{q.name}" if q.group else q.name for q in form.questions]
    rows: list[list[object]] = [
        ["SubmissionDate", "meta-instanceID", *names, "KEY", *_OWN[generation]],
    ]
    for number, one in enumerate(submissions, start=first + 1):
        key = f"uuid:{uuid5(NAMESPACE_OID, f'{title} {number}')}"
        sent = f"{universal(one.sent)}.000Z" if isinstance(one.sent, datetime) else one.sent or ""
        cells = [number_shown(form, question, one) for question in form.questions]
        rows.append([sent, key, *cells, key, *_VALUES[: len(_OWN[generation])]])
    return csv_text(rows).encode()

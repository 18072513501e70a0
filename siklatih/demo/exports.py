"""Files with the time their tool gave them: the agency's workbook and LimeSurvey, else see ``writers``."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from siklatih.contracts import Contract
from siklatih.demo.writers.agency_workbook import xlsx_bytes
from siklatih.demo.writers.forms import Submission, form_of
from siklatih.demo.writers.limesurvey import limesurvey_csv
from siklatih.instruments import Instrument

Rows = Sequence[Sequence[object]]


def stamp(path: Path, when: datetime) -> None:
    """Give a file the time its tool would have given it (WIB, UTC+7)."""
    seconds = (when - datetime(1970, 1, 1)).total_seconds() - 7 * 3600  # noqa: DTZ001  (local, naive)
    os.utime(path, (seconds, seconds))


def put(path: Path, content: bytes, when: datetime) -> None:
    """Write a file as its tool would have left it, with the time it was made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    stamp(path, when)


def write_workbook(
    path: Path,
    contracts: Mapping[str, Contract],
    sheets: Mapping[str, tuple[Sequence[str], Rows]],
    *,
    when: datetime,
    provider: str,
) -> None:
    """Write the agency's workbook: dataset -> (columns, rows), under the contract's Indonesian headings."""
    put(path, xlsx_bytes(contracts, sheets, when=when, provider=provider), when)


def write_limesurvey(
    path: Path,
    instrument: Instrument,
    responses: Sequence[tuple[Mapping[str, str], Mapping[str, int], datetime | None]],
    *,
    when: datetime,
    first: int = 0,
) -> None:
    """Write a results CSV, numbered after ``first``: facts by question, answers by item code, time of submission (None: not sent).

    The answers are those of the truth, in which more is better; on a reversed item a person ticks the opposite.
    """
    reversed_items = {item.code for item in instrument.items if item.reversed}
    submissions = [
        Submission(
            {instrument.questions[question]: text for question, text in facts.items()},
            {
                code: 6 - value if code in reversed_items else value
                for code, value in answers.items()
                if value
            },
            submitted,
        )
        for facts, answers, submitted in responses
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(limesurvey_csv(form_of(instrument), submissions, first=first))
    stamp(path, when)

"""Files that wait to be filed: which they are, and a person's word about one of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb

from siklatih.errors import MendError
from siklatih.ledger import Ledger

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_SHA = re.compile(r"[0-9a-f]{8,64}")


@dataclass(frozen=True)
class WaitingPart:
    """A part without a batch: its file, dataset and rows, and the nearest batches, best first."""

    file_sha: str
    part_no: int
    dataset: str
    rows: int
    nearest: tuple[str, ...]


def waiting_parts(warehouse: Path) -> list[WaitingPart]:
    """Return what waits, as the last build saw it, by file."""
    con = duckdb.connect(str(warehouse), read_only=True)
    try:
        parts = con.execute(
            "select filings.file_sha, filings.part_no, filings.dataset, filings.row_count, "
            "coalesce(list(candidates.batch_code order by candidates.fits desc, "
            "candidates.people_enrolled desc, candidates.rows_in_time desc, candidates.days_apart, "
            "candidates.batch_code) filter (candidates.batch_code is not null), []) "
            "from quality.filings as filings "
            "left join quality.filing_candidates as candidates using (file_sha, part_no) "
            "where filings.batch_code is null group by all order by all"
        ).fetchall()
    finally:
        con.close()
    return [WaitingPart(sha, part, dataset, rows, tuple(near)) for sha, part, dataset, rows, near in parts]


def say(ledger: Ledger, sha: str, *, batch: str | None, provider: str | None, now: datetime) -> str:
    """Enter a person's word about a received file.

    Args:
        ledger: where it is kept.
        sha: the file's hash, or at least its first eight characters.
        batch: code of the batch; whether it exists is seen at the next build.
        provider: who gave the file.
        now: naive UTC.

    Returns:
        The file's full hash.

    Raises:
        MendError: no file or several begin so, or a code cannot be one.
    """
    if any(text is not None and _CODE.fullmatch(text) is None for text in (batch, provider)):
        raise MendError(
            "code_form",
            en="A code has letters, digits, dots, dashes and underscores, at most 40.",
            id_="Kode terdiri atas huruf, angka, titik, tanda hubung, dan garis bawah, paling banyak 40.",
        )
    known = [receipt.file_sha for receipt in ledger.receipts()]
    found = [one for one in known if one.startswith(sha)] if _SHA.fullmatch(sha) else []
    if len(found) != 1:
        raise MendError(
            "unknown_file",
            en="No received file, or more than one, begins with this hash. `siklatih status` lists them.",
            id_="Tidak ada, atau ada lebih dari satu, berkas berawal hash ini. Lihat `siklatih status`.",
        )
    ledger.add_filing(found[0], batch_code=batch, provider=provider, filed_at=now)
    return found[0]

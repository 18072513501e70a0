"""A person's word about a received file: where it belongs, or that it must not count; and which ones wait."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from siklatih.errors import MendError
from siklatih.identity import is_code, without_identifiers
from siklatih.ledger import Ledger
from siklatih.lookups import look_up
from siklatih.settings import get_settings
from siklatih.state import State

REASON_LENGTH = 300
_ROLE_LENGTH = 80
_SHA = re.compile(r"[0-9a-f]{8,64}")


@dataclass(frozen=True)
class Near:
    """A batch that a part may belong to, and why: rows in its time, people of the part enrolled in it."""

    batch_code: str
    rows_in_time: int
    people_enrolled: int
    people_known: int
    days_apart: int


@dataclass(frozen=True)
class WaitingPart:
    """A part without a batch: its file, provider, dataset and rows, and the nearest batches, best first.

    ``unknown`` is a batch that a person named but that no list of batches has.
    """

    file_sha: str
    part_no: int
    provider: str
    dataset: str
    rows: int
    unknown: str | None
    near: tuple[Near, ...]

    @property
    def nearest(self) -> tuple[str, ...]:
        """The codes of the nearest batches."""
        return tuple(near.batch_code for near in self.near)


def waiting_parts(warehouse: Path) -> list[WaitingPart]:
    """Return what waits, as the last build saw it, by file."""
    parts = look_up(warehouse, "chk_unfiled")
    near = defaultdict(list)
    for sha, part, *facts in look_up(warehouse, "chk_nearest"):
        near[sha, part].append(Near(*facts))
    return [
        WaitingPart(sha, part, provider, dataset, rows, unknown, tuple(near[sha, part]))
        for sha, part, provider, dataset, rows, unknown in parts
    ]


def waiting_files(warehouse: Path) -> list[tuple[str, str, int, str | None]]:
    """Return (provider, file hash, rows, code of the refusal) of what waits to be mended by its sender."""
    return [(provider, sha, rows, code) for provider, sha, rows, code in look_up(warehouse, "chk_unmended")]


@contextmanager
def ledger_to_write() -> Iterator[Ledger]:
    """The ledger of the state folder, under its lock; ``PassingError`` while another run holds it."""
    state = State(get_settings().home)
    with state.lock():
        ledger = Ledger(state.ledger)
        try:
            yield ledger
        finally:
            ledger.close()


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
        MendError: no file or several begin so, nothing is said, or a code cannot be one.
    """
    if any(text is not None and not is_code(text) for text in (batch, provider)):
        raise MendError(
            "code_form",
            en="A code has letters, digits, dots, dashes and underscores, at most 40.",
            id_="Kode terdiri atas huruf, angka, titik, tanda hubung, dan garis bawah, paling banyak 40.",
        )
    if batch is None and provider is None:
        raise MendError(
            "nothing_said",
            en="Say the batch, the provider, or both.",
            id_="Sebut angkatannya, pengirimnya, atau keduanya.",
        )
    found = received_file(ledger, sha)
    ledger.add_filing(found, batch_code=batch, provider=provider, filed_at=now)
    return found


def withdraw(ledger: Ledger, sha: str, *, reason: str, said_by: str | None, undo: bool, now: datetime) -> str:
    """Enter that a received file must not count, or with ``undo`` that it counts again.

    Nothing is deleted: the next build counts the file's rows as withdrawn, and what it superseded is back.
    Numbers and addresses of people are masked in what is kept.

    Returns:
        The file's full hash.

    Raises:
        MendError: no file or several begin so, there is no reason, or the file is not withdrawn.
    """
    reason = " ".join(without_identifiers(reason).split())
    if not reason or len(reason) > REASON_LENGTH or len(said_by or "") > _ROLE_LENGTH:
        raise MendError(
            "reason",
            en=f"Say why, in at most {REASON_LENGTH} characters (who says it: {_ROLE_LENGTH}).",
            id_=f"Sebut alasannya, paling banyak {REASON_LENGTH} karakter (siapa: {_ROLE_LENGTH}).",
        )
    found = received_file(ledger, sha)
    if undo and found not in ledger.withdrawn():
        raise MendError(
            "not_withdrawn",
            en="This file is not withdrawn, so there is nothing to undo.",
            id_="Berkas ini tidak sedang ditarik, jadi tidak ada yang dibatalkan.",
        )
    role = without_identifiers(said_by) if said_by else None
    ledger.add_withdrawal(found, is_withdrawn=not undo, reason=reason, said_by=role, said_at=now)
    return found


def received_file(ledger: Ledger, sha: str) -> str:
    """Return the full hash of the one received file whose hash begins so.

    Raises:
        MendError: no file or several begin so, or fewer than eight characters are given.
    """
    begin = sha.strip().lower()
    known = [receipt.file_sha for receipt in ledger.receipts()]
    found = [one for one in known if one.startswith(begin)] if _SHA.fullmatch(begin) else []
    if len(found) != 1:
        raise MendError(
            "unknown_file",
            en="No received file, or more than one, begins with this hash. `siklatih status` lists them.",
            id_="Tidak ada, atau ada lebih dari satu, berkas berawal hash ini. Lihat `siklatih status`.",
        )
    return found[0]

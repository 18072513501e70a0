"""The list of what waits for somebody: files without a batch, and files with something to mend.

It is shown where many can see it. So a file's given name is shown only as far as its words cannot be a
person's: dates, short codes, and words that stand in the contracts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

from siklatih.contracts import Contract, load_contracts
from siklatih.identity import without_identifiers
from siklatih.landing import given_name
from siklatih.state import State
from siklatih.waiting import Near, WaitingPart, waiting_files, waiting_parts

FORM = "file-received"  # the deployment whose form files a file
HIDDEN = "…"
_FILE = (
    f"Isi formulir `{FORM}` (Deployments, lalu Run), atau jalankan `siklatih file BERKAS --batch KODE`. / "
    f"Fill in the form `{FORM}` (Deployments, then Run), or run the command."
)
_SEND = (
    "Kirimkan jawaban dari folder `returns/` kepada pengirimnya. / Send the answers in `returns/` to "
    "their senders."
)
_LONGEST = 200  # lines of a table: the rest is counted
_WORD = re.compile(r"[^\W_]+")
_DATE_DIGITS = 8
_CODE = re.compile(r"[A-Za-z]{1,2}\d{1,4}|\d{4}[Qq][1-4]", re.ASCII)
_MARKS = re.compile(r"[^\w .-]")
_USUAL = {
    "attendance", "participants", "meeting", "report", "grades", "quiz", "results", "survey", "attlog",
    "hadir", "kehadiran", "presensi", "absen", "absensi", "daftar", "rekap", "laporan", "rapat", "kelas",
    "sesi", "angket", "survei", "tes", "kuis", "jawaban", "zoom", "teams", "moodle", "form", "google",
    "revisi", "final", "dat", "txt", "csv", "xls", "xlsx", "ods", "zip", "nip", "surel",
}  # fmt: skip


def waiting_markdown(state: State, warehouse: Path, config: Path) -> str:
    """Return the list as Markdown, in Indonesian and English; the same warehouse gives the same text."""
    contracts = load_contracts(config / "contracts")
    known = _USUAL | _words_of(contracts.values())
    parts = waiting_parts(warehouse)
    unfiled = [_unfiled(part, shown_name(given_name(state, part.file_sha), known)) for part in parts]
    unmended = [
        (_short(sha), _plain(provider), str(rows) if code is None else f"ditolak / refused: {code}")
        for provider, sha, rows, code in waiting_files(warehouse)
    ]
    headings = ("berkas / file", "pengirim / provider", "nama / name", "set data / dataset", "baris / rows")
    lines = [
        f"## Belum terarsip / unfiled: {len(unfiled)}",
        "",
        *_table((*headings, "angkatan terdekat / nearest batches"), unfiled),
        _FILE,
        "",
        f"## Menunggu perbaikan / waiting to be mended: {len(unmended)}",
        "",
        *_table(("berkas / file", "pengirim / provider", "baris / rows"), unmended),
        _SEND,
    ]
    return "\n".join(lines)


def shown_name(name: str, known: set[str]) -> str:
    """Return the words of a file's name, hidden where they may be a person's name, number or address."""
    words = _WORD.findall(without_identifiers(name))
    shown = []
    for is_number, group in groupby(words, key=str.isdigit):
        run = list(group)
        if is_number and sum(map(len, run)) > _DATE_DIGITS:  # telephones and employee numbers, however split
            run = [HIDDEN]
        shown += [
            word if is_number or _CODE.fullmatch(word) or word.casefold() in known else HIDDEN for word in run
        ]
    return " ".join(word for word, _ in groupby(shown))


def _words_of(contracts: Iterable[Contract]) -> set[str]:
    texts = (text for one in contracts for text in (one.dataset, one.title_id, one.title_en))
    return {word.casefold() for text in texts for word in _WORD.findall(text.replace("_", " "))}


def _unfiled(part: WaitingPart, name: str) -> tuple[str, ...]:
    near = "<br>".join(_why(part, one) for one in part.near) or "tidak ada / none"
    if part.unknown is not None:
        near += f"<br>{part.unknown}: disebut orang, tetapi tidak dikenal / said, but not known"
    return (_short(part.file_sha), _plain(part.provider), name, part.dataset, str(part.rows), near)


def _why(part: WaitingPart, near: Near) -> str:
    return (
        f"{near.batch_code}: {near.rows_in_time}/{part.rows} baris pada waktunya / rows in time, "
        f"{near.people_enrolled}/{near.people_known} orang terdaftar / people enrolled, "
        f"selisih {near.days_apart} hari / days apart"
    )


def _short(sha: str) -> str:
    return f"`{sha[:12]}`"


def _plain(text: str) -> str:
    return _MARKS.sub(" ", without_identifiers(text))


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return ["Tidak ada. / None.", ""]
    lines = [f"| {' | '.join(headings)} |", "|---" * len(headings) + "|"]
    lines += [f"| {' | '.join(row)} |" for row in rows[:_LONGEST]]
    if len(rows) > _LONGEST:
        lines += ["", f"dan {len(rows) - _LONGEST} lagi / and {len(rows) - _LONGEST} more"]
    return [*lines, ""]

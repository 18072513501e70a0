"""What a reply says, in Indonesian and English: a verdict on each file, without anybody's name or number.

Files are told apart by their number and ending, sheets only by a contract's own title: a file or a sheet
may be called like a person. What a rule says is our own text; identifiers are masked all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from babel.dates import format_date

from siklatih.errors import MendError
from siklatih.identity import without_identifiers
from siklatih.mail.outcomes import Outcome
from siklatih.report.text import number as indonesian
from siklatih.returning.faults import Fault

Language = Literal["id", "en"]
PROBLEMS, FILES = 5, 60


@dataclass(frozen=True)
class FileText:
    """What is said about one file."""

    title: str
    verdict: str
    lines: tuple[str, ...]
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A reply in one language."""

    language: Language
    title: str
    lead: tuple[str, ...]
    files: tuple[FileText, ...]
    closing: tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """What a reply tells about.

    Args:
        outcomes: of the message's files.
        problem: why nothing of the message was taken in.
        arrived_on: the day it came, in the agency's zone.
        batch_code: the code its subject named.
        attached: places of the files whose returns are attached to the reply.
        sheets: names that a sheet may be called by, because a contract calls it so.
    """

    outcomes: Sequence[Outcome]
    problem: MendError | None
    arrived_on: date
    batch_code: str | None
    attached: frozenset[tuple[int, ...]]
    sheets: frozenset[str]


def subject(outcomes: Sequence[Outcome], problem: MendError | None) -> str:
    """Return the reply's subject; nothing of the sender's own is repeated."""
    if problem is not None:
        return "Berkas tidak diterima / Files not received"
    if not outcomes:
        return "Tidak ada lampiran / No attachment"
    bad = sum(bool(outcome.problems) for outcome in outcomes)
    good = len(outcomes) - bad
    return f"Hasil pemeriksaan: {good} baik, {bad} perlu diperbaiki / Checked: {good} fine, {bad} to mend"


class Speaker:
    """Says things in one language."""

    def __init__(self, language: Language, unit: str) -> None:
        self._language: Language = language
        self._unit = unit

    def section(self, told: Told) -> Section:
        """Return a reply's text."""
        return Section(
            language=self._language,
            title=self._say("Hasil pemeriksaan berkas", "Your files, checked"),
            lead=tuple(self._lead(told)),
            files=tuple(self._file(outcome, told) for outcome in told.outcomes[:FILES]),
            closing=tuple(self._closing(told)),
        )

    def _say(self, id_: str, en: str) -> str:
        return id_ if self._language == "id" else en

    def _lead(self, told: Told) -> Iterator[str]:
        say = self._say
        if told.problem is not None:
            yield say(told.problem.id_, told.problem.en)
        elif not told.outcomes:
            yield say(
                "Surel Anda tidak memuat lampiran yang dapat diterima.",
                "Your message has no attachment that could be taken in.",
            )
            yield say(
                "Lampirkan berkasnya sendiri: buku kerja templat (XLSX, ODS, atau CSV), atau hasil ekspor "
                "langsung dari Moodle, Zoom, Teams, formulir, atau mesin presensi. Beberapa berkas boleh "
                "dalam satu ZIP. Isi surel dan tautan tidak dibaca.",
                "Attach the files themselves: the workbook template (XLSX, ODS or CSV), or the export as it "
                "came from Moodle, Zoom, Teams, a form or an attendance terminal. Several files may be in "
                "one ZIP. The text of a message and links are not read.",
            )
        else:
            day = format_date(told.arrived_on, "long", locale=self._language)
            yield say(
                f"Surel Anda tanggal {day} telah kami terima. Berikut hasil pemeriksaan tiap berkas.",
                f"Your message of {day} has arrived. This is how each file fared.",
            )
        more = len(told.outcomes) - FILES
        if more > 0:
            yield say(
                f"Hanya {FILES} berkas pertama diuraikan; {more} lainnya juga telah diperiksa.",
                f"Only the first {FILES} files are described; {more} more have been checked too.",
            )

    def _closing(self, told: Told) -> Iterator[str]:
        say = self._say
        if told.outcomes:
            yield say(
                "Yang diperiksa di sini baru isi tiap berkas. Kecocokan kode, angkatan, dan NIP dengan data "
                "lain diperiksa kemudian; bila ada masalah, Anda diberi tahu.",
                "So far only each file itself was checked. Whether codes, batches and employee numbers agree "
                "with other data is checked later; you will be told if something is wrong.",
            )
        if told.batch_code is None:
            yield say(
                "Bila berkas tidak menyebut angkatannya, tulis kodenya dalam kurung siku pada subjek surel.",
                "If a file does not name its batch, write the code in square brackets in the subject.",
            )
        elif told.outcomes:
            yield say(
                f"Angkatan menurut subjek surel: {told.batch_code}. Kode di dalam berkas didahulukan.",
                f"Batch by the subject of the message: {told.batch_code}. A code in a file goes before it.",
            )
        yield say(f"Balasan ini dibuat otomatis. {self._unit}", f"This reply was automatic. {self._unit}")

    def _file(self, outcome: Outcome, told: Told) -> FileText:
        if outcome.is_refused:
            verdict = self._say("Ditolak: tidak ada baris yang dipakai.", "Refused: no row of it is used.")
        elif outcome.put_aside:
            verdict = self._say(
                "Diterima sebagian: ada baris yang disisihkan sampai diperbaiki.",
                "Accepted in part: rows are put aside until they are mended.",
            )
        else:
            verdict = self._say("Diterima.", "Accepted.")
        return FileText(
            title=self._title(outcome),
            verdict=verdict,
            lines=tuple(self._lines(outcome, told)),
            problems=tuple(
                self._problem(fault, columns, told.sheets) for fault, columns in outcome.problems[:PROBLEMS]
            ),
        )

    def _title(self, outcome: Outcome) -> str:
        labels = (self._say("Lampiran", "Attachment"), self._say("berkas", "file"))
        return ", ".join(
            f"{label} {place}" + (f" ({suffix})" if suffix else "")
            for label, place, suffix in zip(labels, outcome.place, outcome.suffixes, strict=False)
        )

    def _lines(self, outcome: Outcome, told: Told) -> Iterator[str]:
        say = self._say
        if outcome.source is not None:
            yield say(f"Dibaca sebagai: {outcome.source}.", f"Read as: {outcome.source}.")
        if not outcome.is_refused:
            rows, accepted, aside, doubles = (
                say(indonesian(count), f"{count:,}")
                for count in (outcome.rows, outcome.accepted, outcome.put_aside, outcome.duplicates)
            )
            yield say(
                f"Baris dibaca {rows}: diterima {accepted}, disisihkan {aside}, ganda {doubles}.",
                f"Rows read {rows}: accepted {accepted}, put aside {aside}, doubles {doubles}.",
            )
        if outcome.is_known:
            yield say(
                "Berkas yang sama sudah pernah diterima, jadi tidak dihitung dua kali.",
                "The same file had been received before, so it is not counted twice.",
            )
        more = len(outcome.problems) - PROBLEMS
        if more > 0:
            yield say(
                f"{PROBLEMS} masalah pertama di bawah ini; {more} lainnya ada di berkas perbaikan.",
                f"The first {PROBLEMS} problems are below; {more} more are in the workbook to mend.",
            )
        if outcome.place in told.attached:
            yield say(
                "Berkas perbaikan terlampir: yang salah diberi warna dan keterangan. Betulkan, lalu kirim "
                "kembali sebagai lampiran.",
                "The workbook to mend is attached: what is wrong is coloured and explained. Mend it and send "
                "it back as an attachment.",
            )
        elif outcome.answer is not None:
            yield say(
                f"Berkas perbaikan terlalu besar untuk surel; mintalah kepada {self._unit}.",
                f"The workbook to mend is too large for a message; ask {self._unit} for it.",
            )

    def _problem(self, fault: Fault, columns: str, sheets: frozenset[str]) -> str:
        place = [fault.sheet] if fault.sheet in sheets else []
        place += [f"{self._say('baris', 'row')} {fault.row}"] if fault.row is not None else []
        place += [f"{self._say('kolom', 'column')} {columns}"] if columns else []
        where = ", ".join(text for text in place if text) or self._say("berkas", "file")
        remedy = self._say(*fault.remedy) or self._say(*fault.message)
        return without_identifiers(f"{where}: {remedy} ({self._say('aturan', 'rule')} {fault.rule})")

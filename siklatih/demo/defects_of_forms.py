"""Defects planted in the exports of form tools, for each format the same ones.

A file with rows has its columns moved and one item left out, as between two versions of a form; beside a
good row stand an answer outside the scale, a code nobody knows and an impossible moment. Further files are
refused whole: a question nobody knows, dates in two readings, a broken encoding, a file cut off.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from siklatih.demo.exports import stamp
from siklatih.demo.inbox import Folders
from siklatih.demo.training import Batch
from siklatih.demo.world import World, handed_in
from siklatih.demo.writers.forms import Form, Language, Question, Submission, form_of
from siklatih.demo.writers.google_forms import google_csv
from siklatih.demo.writers.kobo import SEVERAL, kobo_csv, kobo_xlsx
from siklatih.demo.writers.limesurvey import limesurvey_csv
from siklatih.demo.writers.microsoft_forms import microsoft_csv, microsoft_xlsx
from siklatih.demo.writers.odk_central import odk_csv
from siklatih.demo.writers.surveymonkey import surveymonkey_csv

Planted = list[dict[str, Any]]
_COMMENT = Question("kritik_dan_saran", "Saran", "SARAN", "penutup")
_SECOND_TEXT = Question("saran_dan_masukan", "Saran dan masukan", "SARAN", "penutup")
_UNKNOWN = Question("suhu_ruangan", "Seberapa dingin ruangannya?", "DINGIN", "penutup")
_GIVEN = (4, 3, 3, 4, 4, 4, 3, 3, 4, 3)  # no two neighbours can change places unseen over all columns
_SAID = 'Ruang “A” terlalu dingin; mohon "diatur", terima kasih é'


@dataclass(frozen=True)
class _Tool:
    """A format. ``bad_day`` is the 31st of February as it writes it; ``one_order``: its dates need no proof."""

    name: str
    instrument: str
    bad_day: str
    write: Callable[[Form, Sequence[Submission], int, datetime], bytes]
    one_order: bool = True
    headings: int = 1
    language: Language = "id"
    text: Question = _COMMENT

    @property
    def is_workbook(self) -> bool:
        return self.name.endswith(".xlsx")


_TOOLS = (
    _Tool("limesurvey.csv", "reaction", "2026-02-31 09:00:00", lambda f, s, n, _: limesurvey_csv(f, s, first=n)),
    _Tool("kobo-nama.csv", "service_survey", "2026-02-31T09:00:00",
          lambda f, s, n, _: kobo_csv(f, s, labels=False, first=n), text=SEVERAL),
    _Tool("kobo-label.csv", "reaction", "2026-02-31T09:00:00",
          lambda f, s, n, _: kobo_csv(f, s, labels=True, first=n), text=SEVERAL),
    _Tool("kobo-nama.xlsx", "reaction", "2026-02-31T09:00:00",
          lambda f, s, n, when: kobo_xlsx(f, s, labels=False, when=when, first=n, repeats={1: ["Arsip"]}), text=SEVERAL),
    _Tool("kobo-label.xlsx", "service_survey", "2026-02-31T09:00:00",
          lambda f, s, n, when: kobo_xlsx(f, s, labels=True, when=when, first=n, repeats={}), text=SEVERAL),
    _Tool("odk.csv", "service_survey", "2026-02-31T09:00:00.000Z",
          lambda f, s, n, _: odk_csv(f, s, generation=2, first=n), text=_SECOND_TEXT),
    _Tool("google-inggris.csv", "reaction", "2/31/2026 9:00:00",
          lambda f, s, *_: google_csv(f, s), one_order=False, language="en"),
    _Tool("google-indonesia.csv", "reaction", "31/02/2026 9:00:00",
          lambda f, s, *_: google_csv(f, s, words=False, grid=True), one_order=False),
    _Tool("microsoft.xlsx", "reaction", "2/31/26 9:00",
          lambda f, s, n, when: microsoft_xlsx(f, s, when=when, first=n, modified=True)),
    _Tool("microsoft.csv", "reaction", "2/31/26 9:00",
          lambda f, s, n, _: microsoft_csv(f, s, first=n), one_order=False, language="en"),
    _Tool("surveymonkey.csv", "service_survey", "02/31/2026 09:00:00 AM",
          lambda f, s, n, _: surveymonkey_csv(f, s, first=n), one_order=False, headings=2),
)  # fmt: skip


def plant_in_forms(folders: Folders, world: World) -> Planted:
    """Write defective exports of every form tool for the last cycle and return what was planted.

    Each entry has the file, its kind, what is expected (``quarantined``, ``refused`` or, of the good row,
    ``accepted``), the rule, and where it is known the dataset and the row. ``rows`` is the number of rows that
    a line became; of a good row, ``values`` are what must be read.
    """
    planted: Planted = []
    for number, tool in enumerate(_TOOLS):
        case = _Case(folders, world, tool, number)
        planted += case.rows()
        planted += case.refused()
    return planted


class _Case:
    """The defective files of one tool."""

    def __init__(self, folders: Folders, world: World, tool: _Tool, number: int) -> None:
        self._folders, self._tool = folders, tool
        self._cycle = world.cycles[-1]
        self._first = 910_000 + 100 * number
        instrument = folders.instruments[tool.instrument]
        self._dataset = instrument.dataset
        self._form = form_of(instrument, tool.language, tool.text)
        self._left_out = instrument.items[-1].code
        self._outside = instrument.items[1].code
        self._unit = "unit_code" if tool.instrument == "service_survey" else "batch_code"
        place = world.services[number % len(world.services)].code
        if self._unit == "batch_code":
            batches = _roomy(world)
            place = batches[number % len(batches)].code
        self._facts = {self._unit: place} | ({"mode": "online"} if self._unit == "unit_code" else {})

    def rows(self) -> Planted:
        """A file whose lines each break one rule, beside a good one."""
        form = self._form.without(self._left_out).turned(3)
        good = self._submission(form)
        outside = self._submission(form, answers={**good.answers, self._outside: 9})
        unknown = self._submission(form, facts={**good.facts, self._unit: "TIDAK-ADA"})
        impossible = self._submission(form, sent=self._tool.bad_day)
        path = self._save("cacat", form, [good, outside, unknown, impossible])
        is_long = self._dataset == "responses"
        moment = "submitted_at" if is_long else "surveyed_on"
        lines = {"rows": len(good.answers)} if is_long else {}
        values = {**good.facts, **{code: str(value) for code, value in good.answers.items()}}
        bad: tuple[tuple[str, str, str, dict[str, int]], ...] = (
            ("answer" if is_long else self._outside, "range", "answer outside the scale", {}),
            (self._unit, "reference", "unknown code", lines),
            (moment, "type", "impossible date", lines),
        )
        line = self._tool.headings + 1
        planted = [
            self._note(
                path, "good row", "accepted", dataset=self._dataset, row_no=line, values=values, **lines
            )
        ]
        for row_no, (column, check, kind, facts) in enumerate(bad, start=line + 1):
            rule = f"{self._dataset}.{column}.{check}"
            planted.append(
                self._note(
                    path, kind, "quarantined", dataset=self._dataset, row_no=row_no, rule=rule, **facts
                )
            )
        return planted

    def refused(self) -> Planted:
        """Files that break the format."""
        one, line = self._submission(self._form), self._tool.headings + 1
        asking = self._form.asking(_UNKNOWN)
        path = self._save("asing", asking, [self._submission(asking, texts={_UNKNOWN.name: "Sangat"})])
        planted = [self._note(path, "unknown question", "refused", rule="unknown_question", row_no=1)]
        if not self._tool.one_order:
            early = datetime.combine(
                self._cycle.start + timedelta(days=4), datetime.min.time().replace(hour=9)
            )
            path = self._save("tanggal", self._form, [self._submission(self._form, sent=early)])
            planted.append(
                self._note(path, "dates in two readings", "refused", rule="ambiguous_dates", row_no=line)
            )
        whole = self._bytes(self._form, [one, self._submission(self._form, texts={})])
        if self._tool.is_workbook:
            path = self._put("terpotong", whole[: len(whole) // 2])
            return [*planted, self._note(path, "cut off", "refused", rule="broken_workbook")]
        mark = b";" if whole.count(b";") > whole.count(b",") else b","
        path = self._put("terpotong", whole.rstrip()[: whole.rstrip().rindex(mark)])
        planted.append(self._note(path, "cut off", "refused", rule="broken_csv", row_no=line + 1))
        last = whole.rstrip().rindex(mark)  # neither UTF-8 nor Windows-1252 has this byte
        path = self._put("penyandian", whole[:last] + b"\x81" + whole[last:])
        return [*planted, self._note(path, "wrong encoding", "refused", rule="encoding", row_no=line + 1)]

    def _submission(
        self,
        form: Form,
        *,
        facts: dict[str, str] | None = None,
        answers: dict[str, int] | None = None,
        sent: datetime | str | None = None,
        texts: dict[str, str] | None = None,
    ) -> Submission:
        """A good submission on a day above the twelfth, but for what is given."""
        items = [item.code for item in form.instrument.items if item.code in {q.name for q in form.questions}]
        day = datetime.combine(self._cycle.start + timedelta(days=20), datetime.min.time().replace(hour=9))
        return Submission(
            facts or self._facts,
            answers or dict(zip(items, _GIVEN, strict=False)),
            sent or day,
            {self._tool.text.name: _SAID} if texts is None else texts,
            frozenset({"waktu"}),
        )

    def _bytes(self, form: Form, submissions: Sequence[Submission]) -> bytes:
        self._first += len(submissions)  # numbers go on, so that no two responses share one
        return self._tool.write(form, submissions, self._first, handed_in(self._cycle))

    def _save(self, what: str, form: Form, submissions: Sequence[Submission]) -> Path:
        return self._put(what, self._bytes(form, submissions))

    def _put(self, what: str, content: bytes) -> Path:
        stem, dot, suffix = self._tool.name.partition(".")
        path = self._folders.place(self._cycle, "formulir", f"{stem}-{what}{dot}{suffix}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        stamp(path, handed_in(self._cycle))
        return path

    def _note(self, path: Path, kind: str, expected: str, **facts: Any) -> dict[str, Any]:
        file = path.relative_to(self._folders.inbox).as_posix()
        return {"kind": f"{self._tool.name}: {kind}", "file": file, "expected": expected, **facts}


def _roomy(world: World) -> list[Batch]:
    """Batches of earlier cycles, those with most people who did not answer first: two more do no harm there."""
    earlier = [batch for batch in world.batches if batch.cycle != world.cycles[-1]]
    return sorted(earlier, key=lambda batch: (len(batch.responded) - len(batch.active), batch.code))

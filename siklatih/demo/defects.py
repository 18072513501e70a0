"""Defects planted in the demo city, each listed in the truth with the rule that must catch it.

A defective row stands on its own: it is made for the purpose, so that nothing else falls with it.
"""

from __future__ import annotations

import shutil
import struct
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from siklatih.demo.defects_of_records import plant_in_records
from siklatih.demo.exports import stamp, write_limesurvey, write_workbook
from siklatih.demo.inbox import Folders
from siklatih.demo.planting import Planted
from siklatih.demo.world import World, handed_in


def plant_defects(folders: Folders, world: World) -> Planted:
    """Write defective files for the last cycle and return what was planted."""
    planted: Planted = []
    _refused(folders, world, planted)
    _rows(folders, world, planted)
    _answers(folders, world, planted)
    _repeats(folders, world, planted)
    return planted + plant_in_records(folders, world)


def _note(folders: Folders, path: Path, kind: str, expected: str, **facts: Any) -> dict[str, Any]:
    return {"kind": kind, "file": path.relative_to(folders.inbox).as_posix(), "expected": expected, **facts}


def _refused(folders: Folders, world: World, planted: Planted) -> None:
    """Files that break the format."""
    cycle = world.cycles[-1]
    when = handed_in(cycle)

    def place(name: str) -> Path:
        path = folders.place(cycle, "opd-12", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def refused(path: Path, kind: str, code: str) -> None:
        stamp(path, when)
        planted.append(_note(folders, path, kind, "refused", rule=code))

    person = world.population.people[0]
    path = place("kolom-hilang.xlsx")
    columns = (
        "batch_code",
        "nip",
        "occasion",
        "instrument_code",
        "instrument_version",
        "taken_at",
        "max_score",
    )
    sheet: dict[str, Any] = {"test_scores": (columns, [("P01-A1", person.nip, "pre", "T", "1", when, 100)])}
    write_workbook(path, folders.contracts, sheet, when=when, provider="opd")
    refused(path, "missing column", "missing_column")
    path = place("nip-angka.xlsx")
    wrong = ("P01-A1", float(person.nip), "trained", when.date(), "enrolled")
    sheet = {"enrolments": (("batch_code", "nip", "arm", "enrolled_on", "status"), [wrong])}
    write_workbook(path, folders.contracts, sheet, when=when, provider="opd")
    refused(path, "employee number as a number", "nip_scientific")
    path = place("nip-ilmiah.xlsx")
    wrong_text = ("P01-A1", "1.99608E+17", "trained", when.date(), "enrolled")
    sheet = {"enrolments": (("batch_code", "nip", "arm", "enrolled_on", "status"), [wrong_text])}
    write_workbook(path, folders.contracts, sheet, when=when, provider="opd")
    refused(path, "employee number in scientific notation", "nip_scientific")
    path = place("penyandian.csv")  # marked as UTF-8, and partly Windows-1252
    head = '"id";"submitdate";"lastpage";"startlanguage";"seed";"BATCH";"SAT"\r\n'
    path.write_bytes(
        head.encode("utf-8-sig")
        + '"1";"2026-08-01 09:00:00";"2";"id";"1";"Angkatan é";"A4"\r\n'.encode("cp1252")
    )
    refused(path, "wrong encoding", "encoding")
    path = place("kosong.csv")
    path.write_bytes(b"")
    refused(path, "empty file", "empty_file")
    path = place("foto.xlsx")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + bytes(64))
    refused(path, "picture renamed to .xlsx", "picture")
    path = place("terpotong.xlsx")
    whole = folders.place(cycle, "bkpsdm", "pelatihan.xlsx").read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    refused(path, "workbook cut off", "broken_workbook")
    path = place("sel-nyasar.xlsx")
    _stray_cell(path, folders, when)
    refused(path, "stray cell in XFD1048576", "sheet_too_large")


def _stray_cell(path: Path, folders: Folders, when: datetime) -> None:
    from openpyxl import Workbook  # noqa: PLC0415

    from siklatih.workbooks import save_workbook  # noqa: PLC0415

    book = Workbook()
    sheet = book.active
    sheet.title = folders.contracts["costs"].title_id
    sheet["A1"] = "Kode angkatan"
    sheet["XFD1048576"] = "."
    save_workbook(book, path, when)


def _rows(folders: Folders, world: World, planted: Planted) -> None:
    """A workbook whose rows each break one rule; every sheet also has a good row, which must pass."""
    cycle = world.cycles[-1]
    when = handed_in(cycle)
    batch = world.batches_of(cycle)[0]
    office = world.population.offices[0]
    spare = [p for p in world.population.people if p.index not in batch.status and p.exit_date is None][:8]
    number = [p.nip_on(batch.ends) for p in spare]
    start, day = batch.sessions[0].starts, batch.starts
    score: Callable[..., tuple[object, ...]] = lambda nip, value, *, taken=start, top=100: (  # noqa: E731
        batch.code, nip, "pre", "TES-CACAT", "1", taken, value, top,
    )  # fmt: skip
    sheets: dict[str, tuple[tuple[str, ...], list[tuple[tuple[object, ...], str | None, str]]]] = {
        "test_scores": (
            ("batch_code", "nip", "occasion", "instrument_code", "instrument_version", "taken_at", "score", "max_score"),
            [
                (score(number[0], 70), None, ""),
                (score(number[1], 120), "test_scores.score_above_max", "score above the maximum"),
                (score(number[2], "tujuh puluh"), "test_scores.score.type", "score in words"),
                (score(number[3], 60, taken="31/02/2026 08:00"), "test_scores.taken_at.type", "impossible date"),
                (score("200013312024211001", 60), "test_scores.nip.identifier", "employee number with a bad date"),
                (score("200012312024121001", 60), "test_scores.nip.reference", "person not on the roster"),
                (score(number[4], 60), "test_scores.key.conflict", "two rows for one test, first"),
                (score(number[4], 65), "test_scores.key.conflict", "two rows for one test, second"),
                (score(number[5], None), "test_scores.score.required", "score left out"),
                (score(number[6], -5), "test_scores.score.range", "negative score"),
                (("TIDAK-ADA", *score(number[7], 60)[1:]), "test_scores.batch_code.reference", "unknown batch"),
            ],
        ),
        "batches": (
            ("batch_code", "programme_code", "starts_on", "ends_on", "assignment", "capacity", "follow_up_planned"),
            [
                (("X-1", batch.programme.code, day, day - timedelta(days=3), "lottery", 30, "tidak"),
                 "batches.ends_before_start", "batch ends before it starts"),
                (("X-2", batch.programme.code, day, day, "dipilih kepala", 30, "tidak"),
                 "batches.assignment.values", "unknown way of assignment"),
            ],
        ),
        "appraisals": (
            ("nip", "period_start", "period_end", "work_result", "work_behaviour", "predicate"),
            [
                ((number[0], day, day, "meets", "below", "good"), "appraisals.predicate_not_matrix",
                 "predicate against the matrix"),
            ],
        ),
        "costs": (
            ("batch_code", "cost_type", "funded_by", "planned_amount", "actual_amount"),
            [((batch.code, "travel", "partner", 100, -100), "costs.actual_amount.range", "negative cost")],
        ),
        "decisions": (
            ("decision_code", "cycle", "title", "owner", "due_on", "status", "status_on"),
            [(("D-X", "TW3", "Uji bentuk triwulan", office, day, "proposed", day), "decisions.cycle.pattern",
              "cycle in another form")],
        ),
        "service_outcomes": (
            ("unit_code", "month", "services", "complaints", "complaints_on_time"),
            [(("UPL-99", cycle.start, 10, 1, 1), "service_outcomes.unit_code.reference", "unknown unit")],
        ),
    }  # fmt: skip
    path = folders.place(cycle, "opd-12", "baris-cacat.xlsx")
    content = {name: (columns, [row for row, _, _ in rows]) for name, (columns, rows) in sheets.items()}
    write_workbook(path, folders.contracts, content, when=when, provider="opd")
    for dataset, (_, rows) in sheets.items():
        for row_no, (_, rule, kind) in enumerate(rows, start=2):
            if rule is not None:
                planted.append(
                    _note(folders, path, kind, "quarantined", dataset=dataset, row_no=row_no, rule=rule)
                )


def _answers(folders: Folders, world: World, planted: Planted) -> None:
    """A survey with an answer outside the scale and a unit that is not known."""
    cycle = world.cycles[-1]
    when = handed_in(cycle)
    path = folders.place(cycle, "opd-12", "results-survey-cacat.csv")
    sent = datetime.combine(cycle.start, when.time())
    good = {
        "requirements": 3,
        "procedure": 3,
        "duration": 3,
        "tariff": 4,
        "product": 3,
        "staff_competence": 3,
    }
    unit = world.services[0].code
    write_limesurvey(
        path,
        folders.instruments["service_survey"],
        [
            ({"UNIT": unit, "MODE": "paper"}, {**good, "facilities": 7}, sent),
            ({"UNIT": "UPL-98", "MODE": "paper"}, good, sent),
        ],
        when=when,
        first=900_000,
    )
    for row_no, rule, kind in (
        (2, "service_survey.facilities.range", "answer outside the scale"),
        (3, "service_survey.unit_code.reference", "unknown unit in the citizens' survey"),
    ):
        planted.append(
            _note(folders, path, kind, "quarantined", dataset="service_survey", row_no=row_no, rule=rule)
        )


def _repeats(folders: Folders, world: World, planted: Planted) -> None:
    """A row twice in a file, a corrected file, and the same file under another name."""
    cycle = world.cycles[-1]
    when = handed_in(cycle)
    batch = world.batches_of(cycle)[0]
    columns = ("batch_code", "cost_type", "funded_by", "planned_amount", "actual_amount")
    row = (batch.code, "travel", "budget", 500_000, 400_000)
    path = folders.place(cycle, "opd-ulang", "biaya.xlsx")
    sheet: dict[str, Any] = {"costs": (columns, [row, row])}
    write_workbook(path, folders.contracts, sheet, when=when, provider="opd")
    planted.append(_note(folders, path, "row twice", "duplicate", dataset="costs", count=1))
    planted.append(_note(folders, path, "row corrected later", "superseded", dataset="costs", count=1))
    later = folders.place(cycle, "opd-ulang", "biaya-revisi.xlsx")
    sheet = {"costs": (columns, [(batch.code, "travel", "budget", 500_000, 450_000)])}
    write_workbook(later, folders.contracts, sheet, when=when + timedelta(days=1), provider="opd")
    copy = folders.place(cycle, "opd-ulang", "biaya-salinan.xlsx")
    shutil.copyfile(path, copy)
    stamp(copy, when + timedelta(days=2))
    planted.append(_note(folders, copy, "same file under another name", "same_file"))

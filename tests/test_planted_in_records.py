"""Each defect planted in a format leads to its rule and row, and to the cell and remedy in the sender's return."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from cities import CYCLE, Built, City, run_city
from opened_returns import coloured, listed, values
from openpyxl import load_workbook

from siklatih.reading import Reader
from siklatih.settings import CHECKOUT

FOLDER = "/opd-13/"
MASTER = ("data-induk.xlsx", "pelatihan.xlsx", "jadwal.ods")
TIME = "Tulis tanggal dan jam sebagai TTTT-BB-HH JJ:MM."
FOLDER_REMEDY = "Letakkan berkas di folder bernama kode angkatan, atau jalankan `siklatih file`."
LETTERS = (
    "Pilih salah satu: Hadir, Terlambat, Izin, Tidak hadir. "
    "Arti huruf presensi dari Moodle ditetapkan di config/attendance_marks.yaml."
)
MASTER_FIRST = "Betulkan kodenya, atau kirim dahulu data induknya."
ROSTER = "Isi atau betulkan NIP, surel, atau nama, atau kirim daftar pegawai dan daftar peserta yang terbaru."
NUMBER = "Tulis NIP 18 angka sebagai teks."
HIGH = "Betulkan nilai atau nilai maksimum."

# kind -> (sheet of the return, cells a person must look at, what to do), written by hand
ROWS = {
    "Zoom: left before joined": ("data", "C6 D6", "Betulkan salah satu waktu."),
    "Zoom: a time that cannot be read": ("data", "C7", TIME),
    "Zoom: no time of leaving": ("data", "D8", "Isi waktu keluar."),
    "Zoom: nobody is named": ("data", "A9 B9", "Isi salah satunya."),
    "Zoom: a meeting of no batch": ("data", "A2", FOLDER_REMEDY),
    "Teams 2022: left before joined": ("data", "B22 C22", "Betulkan salah satu waktu."),
    "Teams 2022: a time that cannot be read": ("data", "B23", TIME),
    "Teams 2021: no time of leaving": ("data", "C12", "Isi waktu keluar."),
    "Teams 2020: left without having joined": ("data", "C6", "Isi sel ini, lalu kirim ulang berkasnya."),
    "Teams 2020: a time that cannot be read": ("data", "C9", TIME),
    "Teams 2020: nor when that person left": ("data", "C9", TIME),
    "Moodle text: a letter nobody knows": ("data", "E6", LETTERS),
    "Moodle text: employee number with a bad date": ("data", "C7", NUMBER),
    "Moodle text: person not on the roster": ("data", "C8", ROSTER),
    "Moodle text: unknown batch": ("data", "A5", MASTER_FIRST),
    "Moodle XLS: a letter nobody knows": ("Attendances", "F6", LETTERS),
    "Moodle ODS: a session that was not planned": ("Kehadiran", "F6", "Betulkan waktu mulai sesi, atau kirim dahulu jadwal sesi yang terbaru."),
    "Moodle quiz: grade above the maximum": ("data", "H3", HIGH),
    "Moodle quiz: a time that cannot be read": ("data", "F4", TIME),
    "Moodle quiz: person not on the roster": ("data", "B5", ROSTER),
    "Moodle quiz: neither before nor after": ("data", "F6", "Kirim nilai ini dengan templat Nilai tes, dengan saat tes terisi."),
    "Moodle quiz: of no batch": ("data", "A2", FOLDER_REMEDY),
    "Terminal: a day that does not exist": ("data", "B4", TIME),
    "Terminal: employee number with a bad date": ("data", "A13", NUMBER),
    "Terminal: a day of no batch": ("data", "A1", FOLDER_REMEDY),
    "Workbook as text, comma: unknown programme": ("data", "B3", MASTER_FIRST),
    "Workbook as text, semicolon: impossible date": ("data", "D3", "Tulis tanggal sebagai TTTT-BB-HH."),
    "Workbook as text, tab: neither yes nor no": ("data", "E3", "Tulis ya atau tidak."),
    "Workbook as text, windows: title left out": ("data", "C3", "Isi sel ini, lalu kirim ulang berkasnya."),
    "Workbook as ODS: unknown programme": ("Bahan ajar", "B3", MASTER_FIRST),
    "Workbook as ODS: neither yes nor no": ("Bahan ajar", "E4", "Tulis ya atau tidak."),
    "Workbook as ODS: score above the maximum": ("Nilai tes", "G3 H3", HIGH),
    "Workbook as XLSX: unknown programme": ("Bahan ajar", "B3", MASTER_FIRST),
    "Workbook as XLSX: neither yes nor no": ("Bahan ajar", "E4", "Tulis ya atau tidak."),
    "Workbook as XLSX: score above the maximum": ("Nilai tes", "G3 H3", HIGH),
}  # fmt: skip

# kind -> the row of which the refusal speaks, and the cell marked; without a cell, only the list goes back
REFUSED = {
    "Zoom: unique users": (1, ("data", "A1")),
    "Zoom: a line out of step": (6, ("data", "A6")),
    "Zoom: cut off within a name": (6, None),
    "Zoom: day or month first": (2, ("data", "A2")),
    "Zoom: UTF-16 without its mark": (1, None),
    "Teams: a line out of step": (10, ("data", "A10")),
    "Teams: cut off within a letter": ("", None),
    "Teams: UTF-16 without its mark": (1, None),
    "Teams: day or month first": (8, ("data", "B8")),
    "Moodle text: a line out of step": (6, ("data", "A6")),
    "Moodle text: cut off": (6, ("data", "A6")),
    "Moodle text: a month nobody knows": (4, ("data", "E4")),
    "Moodle XLS: numbers without their last digits": (5, ("Attendances", "C5")),
    "Moodle ODS: numbers without their last digits": (5, ("Attendances", "C5")),
    "Moodle quiz: a number without its last digits": (3, ("data", "B3")),
    "Moodle quiz: a line out of step": (3, ("data", "A3")),
    "Moodle quiz: cut off": (6, None),
    "Terminal: log cut off": (12, ("data", "A12")),
    "Terminal: a line that somebody edited": (6, ("data", "A6")),
    "Workbook as text: UTF-16 without its mark": (1, None),
    "Workbook as text: a line out of step": (3, ("data", "A3")),
    "Workbook as text: cut off within a cell": (3, None),
    "Workbook as text: number without its last digits": (2, ("data", "B2")),
    "Workbook as ODS: cut off": ("", None),
    "Workbook as XLSX: cut off": ("", None),
    "Workbook as ODS: behind a password": ("", None),
    "Workbook as XLSX: behind a password": ("", None),
}


@pytest.fixture(scope="module")
def answered(city: City, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Master data, the last quarter's plan and the defective files: ingested, built and answered."""
    place = tmp_path_factory.mktemp("planted")
    for path in sorted(city.inbox.rglob("*")):
        name = path.relative_to(city.inbox)
        last = name.parts[0] == str(CYCLE)
        if path.is_file() and (
            FOLDER in name.as_posix() or (path.name in MASTER and (last or path.name == MASTER[0]))
        ):
            target = place / "inbox" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)
    return run_city(City(place / "inbox", city.truth), place / "state")


def planted(built: Built, expected: str) -> list[dict[str, Any]]:
    return [
        defect
        for defect in built.city.truth["defects"]
        if FOLDER in defect["file"] and defect["expected"] == expected
    ]


def answer(built: Built, file: str) -> Path:
    return built.state.returns / str(CYCLE) / f"{Path(file).stem}-{built.city.sha(file)[:8]}.xlsx"


def test_each_planted_row_is_put_aside_by_its_rule_and_no_other_row_is(answered: Built) -> None:
    with answered.warehouse() as con:
        caught = con.execute(
            "select file_sha, dataset, row_no, rule from quality.quarantine where severity = 'critical'"
        ).fetchall()
    defects = planted(answered, "quarantined")
    assert {defect["kind"] for defect in defects} == set(ROWS)
    wanted = [(answered.city.sha(d["file"]), d["dataset"], d["row_no"], d["rule"]) for d in defects]
    assert Counter(caught) == Counter(wanted)


def test_a_good_row_beside_each_planted_one_is_used(answered: Built) -> None:
    """But for files of no batch, of which nothing can be used."""
    alone = {
        d["file"]
        for d in planted(answered, "quarantined")
        if d["rule"].endswith("unfiled") and d["row_no"] < 3
    }
    alone |= {
        d["file"] for d in planted(answered, "quarantined") if d["kind"] == "Moodle text: unknown batch"
    }
    with answered.warehouse() as con:
        used = dict(
            con.execute("select file_sha, sum(accepted) from quality.file_summary group by 1").fetchall()
        )
    for file in {d["file"] for d in planted(answered, "quarantined")} - alone:
        assert used[answered.city.sha(file)] > 0, file


def test_each_planted_file_is_refused_for_its_reason_and_no_other_file_is(answered: Built) -> None:
    with answered.warehouse() as con:
        refused = dict(
            con.execute(
                "select file_sha, refused_code from quality.files where refused_code is not null"
            ).fetchall()
        )
    defects = planted(answered, "refused")
    assert {defect["kind"] for defect in defects} == set(REFUSED)
    wanted = {answered.city.sha(d["file"]): d["rule"] for d in defects}
    assert refused == wanted


def test_each_planted_row_is_coloured_and_explained_where_a_person_must_mend_it(answered: Built) -> None:
    for defect in planted(answered, "quarantined"):
        sheet, cells, remedy = ROWS[defect["kind"]]
        path = answer(answered, defect["file"])
        (row,) = [
            one
            for one in listed(path)
            if one["aturan / rule"] == defect["rule"] and one["baris / row"] == defect["row_no"]
            and one["lembar / sheet"] in ("", sheet)
        ]  # fmt: skip
        assert row["yang harus dilakukan"] == remedy, defect["kind"]
        english = row["what to do"]
        assert english
        assert english != remedy
        found = coloured(path)
        for cell in cells.split():
            comment = found[sheet, cell]
            assert remedy in comment, defect["kind"]
            assert comment.index(remedy) < comment.index(english), "Indonesian comes first"


def test_nothing_is_coloured_or_listed_that_was_not_planted(answered: Built) -> None:
    defects = planted(answered, "quarantined")
    for file in {defect["file"] for defect in defects}:
        own = [defect for defect in defects if defect["file"] == file]
        path = answer(answered, file)
        cells = {(ROWS[d["kind"]][0], cell) for d in own for cell in ROWS[d["kind"]][1].split()}
        assert set(coloured(path)) == cells, file
        assert len(listed(path)) == len(own)


def test_each_refused_file_is_answered_with_its_reason_and_place(answered: Built) -> None:
    for defect in planted(answered, "refused"):
        number, cell = REFUSED[defect["kind"]]
        path = answer(answered, defect["file"])
        (row,) = listed(path)
        assert row["aturan / rule"] == defect["rule"]
        assert row["baris / row"] == number, defect["kind"]
        assert row["yang harus dilakukan"] != row["what to do"]
        found = coloured(path)
        assert set(found) == ({cell} if cell else set()), defect["kind"]
        for comment in found.values():
            assert comment.index(row["yang harus dilakukan"]) < comment.index(row["what to do"])


def as_shown(table: list[list[Any]]) -> list[list[Any]]:
    """Numbers to the 15 digits that a spreadsheet keeps."""
    return [[f"{cell:.15g}" if isinstance(cell, float) else cell for cell in row] for row in table]


def test_every_value_of_a_spreadsheet_goes_back_as_it_came(answered: Built) -> None:
    """An ODS too, whose answer is another container: the sheets, their order and all values are the sender's."""
    compared = 0
    for file in sorted({d["file"] for d in planted(answered, "quarantined")}):
        original = answered.city.inbox / file
        if original.suffix in (".ods", ".xlsx"):
            names = ["meta", "Bahan ajar", "Nilai tes"] if "buku" in file else ["Kehadiran"]
            for name in names:
                came, goes = values(original, name), values(answer(answered, file), name)
                assert as_shown(goes) == as_shown(came), (file, name)
                compared += 1
    assert compared == 7


@pytest.mark.parametrize(("kind", "source", "cells"), [
    ("Teams 2022: left before joined", "Microsoft Teams attendance", {"C22": "7/20/26, 10:50:00 AM", "B23": "7/20/26, 8:00:00 AM"}),
    ("Moodle ODS: a session that was not planned", "Moodle attendance", {"F6": "?"}),
    ("Workbook as ODS: unknown programme", "Agency workbook", {"B3": "P01"}),
    ("Terminal: a day that does not exist", "ZKTeco attlog", {"B4": "2026-07-20 07:40:00"}),
    ("Workbook as text, windows: title left out", "Agency workbook", {"C3": "Modul"}),
])  # fmt: skip
def test_a_mended_return_is_read_as_the_file_that_it_answers(
    answered: Built, tmp_path: Path, kind: str, source: str, cells: dict[str, str]
) -> None:
    """Whatever the container was that came: its tool is known again, and no row is out of step."""
    (defect,) = [one for one in planted(answered, "quarantined") if one["kind"] == kind]
    book = load_workbook(answer(answered, defect["file"]))
    for cell, value in cells.items():
        book[ROWS[kind][0]][cell] = value
    path = tmp_path / "perbaikan.xlsx"
    book.save(path)
    (tmp_path / "mended").mkdir()
    (tmp_path / "before").mkdir()
    with Reader(key=bytes(32), config=CHECKOUT / "config", memory_bytes=2 << 30, seconds=60) as reader:
        mended = reader.read(path, path.name, tmp_path / "mended")
        before = reader.read(answered.city.inbox / defect["file"], "berkas", tmp_path / "before")
    assert mended.refusal is None
    assert mended.origin["original"] == answered.city.sha(defect["file"])
    assert mended.source == before.source == source
    assert [(one.dataset, one.lines) for one in mended.parts] == [
        (one.dataset, one.lines) for one in before.parts
    ]

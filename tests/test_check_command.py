"""``siklatih check``: what a sender learns before sending, with no key, no state folder and nothing kept."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cities import Built, City
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook
from scanner import Scanner

from flows.cli import main
from siklatih.contracts import load_contracts
from siklatih.demo.exports import write_workbook
from siklatih.instruments import load_instruments
from siklatih.returning.faults import Fault, Faults
from siklatih.returning.files import load_titles, return_bytes
from siklatih.settings import CHECKOUT

CONTRACTS = load_contracts(CHECKOUT / "config" / "contracts")
WHEN = datetime(2026, 10, 9, 15, 0)  # noqa: DTZ001
COSTS = ("batch_code", "cost_type", "funded_by", "planned_amount", "actual_amount")
ROWS, SURVEY = "2026Q3/opd-12/baris-cacat.xlsx", "2026Q3/opd-12/results-survey-cacat.csv"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sender's own folder; the state folder named by the settings must never come into being."""
    for name in list(os.environ):
        if name.startswith("SIKLATIH_") and name != "SIKLATIH_SHARED":
            monkeypatch.delenv(name)
    monkeypatch.setenv("SIKLATIH_HOME", str(tmp_path / "state"))
    place = tmp_path / "meja"
    place.mkdir()
    return place


def costs(path: Path, *amounts: object) -> Path:
    rows = [
        (f"B-{number}", "travel", "budget", 500, amount) for number, amount in enumerate(amounts, start=1)
    ]
    write_workbook(path, CONTRACTS, {"costs": (COSTS, rows)}, when=WHEN, provider="opd-12")
    return path


def listed(path: Path) -> list[tuple[str, int, str]]:
    """(sheet, row, rule) of the list sheet, as another reader sees it."""
    rows = (
        CalamineWorkbook.from_path(str(path)).get_sheet_by_name("Perbaikan").to_python(skip_empty_area=False)
    )
    start = next(number for number, row in enumerate(rows) if row[0] == "lembar / sheet")
    return [(row[0], int(row[1]), row[3]) for row in rows[start + 1 :]]


def planted(city: City, file: str) -> list[dict[str, Any]]:
    """The planted defects that a file alone shows; references need the master data."""
    return [
        defect
        for defect in city.truth["defects"]
        if defect["file"] == file and not defect["rule"].endswith(".reference")
    ]


def test_a_provider_alone_without_a_key_or_a_state_folder(tmp_path: Path) -> None:
    """As a process of its own, in a folder of the sender's: nothing is left but what was there."""
    path = costs(tmp_path / "desk" / "biaya.xlsx", 400, 300)
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SIKLATIH_")},
        "SIKLATIH_HOME": str(tmp_path / "state"),
        "PYTHONPATH": str(CHECKOUT),
        "TMPDIR": str(temporary),
    }
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", "check", "biaya.xlsx"],
        cwd=path.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "biaya.xlsx: baik, siap dikirim / all is well, ready to be sent",
        "  jenis / kind: Agency workbook",
        "  baris dibaca / rows read: 2; diterima / accepted: 2; disisihkan / put aside: 0; ganda / duplicates: 0",
        "  tidak diperiksa terhadap data induk / not checked against master data: Kode angkatan",
    ]
    assert not (tmp_path / "state").exists()
    assert list(path.parent.iterdir()) == [path]
    assert [item for item in temporary.iterdir() if "siklatih" in item.name] == []


def test_the_first_five_problems_are_named_and_the_return_lists_all(
    desk: Path, city: City, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(shutil.copy2(city.inbox / ROWS, desk / "nilai.xlsx"))
    assert main(["check", str(path)]) == 1
    out = capsys.readouterr().out
    defects = planted(city, ROWS)
    expected = {(CONTRACTS[d["dataset"]].title_id, d["row_no"], d["rule"]) for d in defects}
    assert len(expected) == 13
    answer = desk / "nilai-perbaikan.xlsx"
    assert set(listed(answer)) == expected
    assert len(listed(answer)) == 13
    assert "baris dibaca / rows read: 17; diterima / accepted: 4; disisihkan / put aside: 13" in out
    assert (
        "- Nilai tes, baris / row 4, kolom / column Nilai: Tulis angka saja, tanpa pemisah ribuan. / Write a number only, without separators of thousands."
        in out
    )
    assert out.count("\n  - ") == 5
    assert "dan 8 masalah lain / and 8 more problems" in out
    assert str(answer) in out
    assert "not checked against master data: Kode angkatan, NIP, Kode program, Kode unit" in out


def test_survey_text_is_checked_and_returned_too(
    desk: Path, city: City, capsys: pytest.CaptureFixture[str]
) -> None:
    path = Path(shutil.copy2(city.inbox / SURVEY, desk / "survei.csv"))
    assert main(["check", str(path)]) == 1
    assert "kolom / column Sarana dan prasarana: Nilainya harus paling kecil 1" in capsys.readouterr().out
    assert listed(desk / "survei-perbaikan.xlsx") == [("", 2, "service_survey.facilities.range")]
    book = load_workbook(desk / "survei-perbaikan.xlsx")
    book["data"]["O2"] = 4
    book.save(desk / "betul.xlsx")
    assert main(["check", str(desk / "betul.xlsx")]) == 0
    assert "jenis / kind: LimeSurvey" in capsys.readouterr().out


def test_the_exit_code_is_that_of_the_worst_file(
    desk: Path, city: City, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = costs(desk / "baik.xlsx", 1), costs(desk / "buruk.xlsx", -1)
    refused = Path(shutil.copy2(city.inbox / "2026Q3/opd-12/nip-angka.xlsx", desk / "ditolak.xlsx"))
    assert main(["check", "--no-return", str(good), str(bad)]) == 1
    assert main(["check", "--no-return", str(bad), str(refused), str(good)]) == 2
    out = capsys.readouterr().out
    assert out.count("all is well") == 2
    assert "baris / row 2, kolom / column NIP: NIP tersimpan sebagai angka" in out
    assert sorted(desk.glob("*perbaikan*")) == []


def test_each_kind_of_refusal_is_two_and_says_its_reason(
    desk: Path, city: City, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = [d for d in city.truth["defects"] if d["expected"] == "refused" and "XFD" not in d["kind"]]
    paths = [Path(shutil.copy2(city.inbox / defect["file"], desk)) for defect in refused]
    assert main(["check", *map(str, paths)]) == 2
    out = capsys.readouterr().out
    assert out.count("akan ditolak / would be refused") == len(refused)
    for defect, path in zip(refused, paths, strict=True):
        answer = path.with_name(f"{path.stem}-perbaikan.xlsx")
        rows = CalamineWorkbook.from_path(str(answer)).get_sheet_by_name("Perbaikan").to_python()
        assert rows[-1][3] == defect["rule"]
        assert rows[-1][4] in out
        assert rows[-1][5] in out


def test_a_file_that_cannot_be_opened_does_not_keep_the_others_from_being_checked(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = costs(desk / "baik.xlsx", 1)
    assert main(["check", str(desk / "tiada.xlsx"), str(desk), str(good)]) == 2
    out = capsys.readouterr().out
    assert out.count("Berkas tidak dapat dibuka") == 2
    assert out.count("all is well") == 1


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_each_member_of_an_archive_has_its_verdict_and_its_return_lies_beside_the_archive(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inner = desk.parent
    good, bad = costs(inner / "baik.xlsx", 1).read_bytes(), costs(inner / "buruk.xlsx", -1).read_bytes()
    members = {"__MACOSX/._a.xlsx": b"1", "a/.DS_Store": b"2", "a/a.xlsx": good, "b/../../b.xlsx": bad}
    path = zipped(desk / "kiriman.zip", members)
    os.utime(path, (1_800_000_000, 1_800_000_000))
    assert main(["check", str(path)]) == 1
    out = capsys.readouterr().out
    assert f"{path}!a/a.xlsx: baik, siap dikirim" in out
    assert f"{path}!b/../../b.xlsx: ada baris yang akan disisihkan" in out
    assert out.count("2 berkas sistem di dalam arsip dilewati / 2 system files in the archive") == 1
    answer = desk / "kiriman-b-perbaikan.xlsx"
    assert sorted(desk.iterdir()) == [answer, path]
    assert str(answer) in out
    assert listed(answer) == [("Biaya pelatihan", 2, "costs.actual_amount.range")]
    assert main(["check", "--no-return", str(path), str(zipped(desk / "c.zip", {"c.txt": b"apa"}))]) == 2


def test_an_archive_beyond_the_bounds_is_refused_whole_as_by_ingest(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    good = costs(desk.parent / "baik.xlsx", 1).read_bytes()
    path = zipped(desk / "kiriman.zip", {"a.xlsx": good, "b.xlsx": good})
    monkeypatch.setenv("SIKLATIH_ARCHIVE_MEMBERS", "1")
    assert main(["check", "--no-return", str(path)]) == 2
    assert "Bongkar arsipnya" in capsys.readouterr().out
    monkeypatch.setenv("SIKLATIH_ARCHIVE_MEMBERS", "2")
    assert main(["check", "--no-return", str(path)]) == 0
    capsys.readouterr()
    monkeypatch.setenv("SIKLATIH_READER_MEMBERS", "3")
    assert main(["check", "--no-return", str(path)]) == 2
    assert capsys.readouterr().out.count("lebih dari 3 bagian") == 2


def in_a_process(folder: Path, *arguments: str | bytes, **more: str) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SIKLATIH_")}
    environment |= {"SIKLATIH_HOME": str(folder / "state"), "PYTHONPATH": str(CHECKOUT), **more}
    return subprocess.Popen(
        [sys.executable, "-m", "flows.cli", *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8:strict"])
def test_what_the_terminal_cannot_show_is_replaced(desk: Path, encoding: str) -> None:
    table = "Kode unit;Bulan;Layanan;Aduan;“Lain”\n".encode()
    name = b"aduan \xff\xe2\x80\x9c.csv"  # no UTF-8, and a sign that few encodings have
    (desk / os.fsdecode(name)).write_bytes(table)
    process = in_a_process(desk, "check", "--no-return", name, PYTHONIOENCODING=encoding)
    out, err = process.communicate(timeout=200)
    assert (process.returncode, err) == (2, b"")
    said = out.decode(encoding.partition(":")[0])
    assert said.startswith("aduan ")
    assert "akan ditolak" in said
    assert "“" in said if encoding.startswith("utf-8") else "?" in said


def test_a_list_without_rows_is_said_to_hold_none(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty, full = desk / "kosong.xlsx", costs(desk / "isi.xlsx", 1)
    write_workbook(empty, CONTRACTS, {"costs": (COSTS, [])}, when=WHEN, provider="opd-12")
    waiting = desk / "tunggu.csv"
    waiting.write_text(
        "Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest,In Waiting Room\n"
        "Budi,,08/13/2026 08:00:00 AM,08/13/2026 08:20:00 AM,20,Yes,Yes\n",
        encoding="utf-8",
    )
    assert main(["check", str(empty), str(full), str(waiting)]) == 0
    out = capsys.readouterr().out.splitlines()
    nothing = (
        "tidak ditemukan satu baris data pun, periksa dulu / not one row of data was found, look at it first"
    )
    assert out[:2] == [f"{empty}: {nothing}", "  jenis / kind: Agency workbook"]
    assert out[2].startswith(f"{full}: baik, siap dikirim")
    assert f"{waiting}: {nothing}" in out
    assert sum("baris dibaca" in line for line in out) == 1


def not_a_number(path: Path) -> Path:
    """A workbook whose cell says that it is a number and holds none, which openpyxl does not open."""
    costs(path, -1)
    with zipfile.ZipFile(path) as book:
        members = {name: book.read(name) for name in book.namelist()}
    (sheet,) = (name for name, content in members.items() if b"<v>-1</v>" in content)
    members[sheet] = members[sheet].replace(b"<v>-1</v>", b"<v>NaN</v>")
    return zipped(path, members)


def test_a_file_that_cannot_be_marked_is_said_so_in_both_languages(
    desk: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    path = not_a_number(desk / "biaya.xlsx")
    assert main(["check", str(path)]) == 1
    out, err = capfd.readouterr()
    assert "sel berkas ini tidak dapat ditandai" in out
    assert "the cells of this file cannot be marked" in out
    assert (err, caplog.records) == ("", [])
    assert listed(desk / "biaya-perbaikan.xlsx") == [("Biaya pelatihan", 2, "costs.actual_amount.type")]
    with caplog.at_level("WARNING"):
        faults = Faults(
            "0" * 64, WHEN, None, False, [Fault("costs", None, 2, None, "x", ("a", "b"), ("c", "d"))]
        )
        return_bytes(path, faults, load_titles(CHECKOUT / "config"))
    (record,) = caplog.records
    assert "berkas tidak dapat ditandai" in record.getMessage()
    assert "a file cannot be marked" in record.getMessage()


def test_signs_that_no_workbook_can_hold_do_not_keep_the_cells_from_being_marked(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = desk / "biaya.csv"
    lines = ["Kode angkatan,Jenis biaya,Sumber dana,Rencana,Realisasi", "B-1,travel,\ufffe\uffff\x01,500,-1"]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert main(["check", str(path)]) == 1
    assert "tidak dapat ditandai" not in capsys.readouterr().out
    sheet = load_workbook(desk / "biaya-perbaikan.xlsx")["data"]
    assert sheet["E2"].comment is not None
    assert sheet["C2"].value == "\ufffd\ufffd\ufffd"


def test_no_name_can_forge_a_line(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    forged = "baik.xlsx: baik, siap dikirim"
    bad = costs(desk / f"a\n{forged}\n\x1b[2J\u202e\u2028.xlsx", -1)
    path = zipped(desk / "kiriman.zip", {f"b\r\n{forged}.xlsx": bad.read_bytes()})
    assert main(["check", str(bad), str(path), str(desk / f"tiada\n{forged}")]) == 2
    out = capsys.readouterr().out
    heads = [line for line in out.splitlines() if not line.startswith("  ")]
    assert len(heads) == 3
    assert not any(line.startswith("baik.xlsx") for line in out.splitlines())
    assert r"a\nbaik.xlsx" in heads[0]
    assert r"\x1b[2J\u202e\u2028" in heads[0]
    assert not {"\x1b", "\u202e", "\r"} & set(out)
    assert main(["map", str(desk / f"tiada\n{forged}")]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_pipe_is_no_file_and_nobody_waits_for_it(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pipe, good = desk / "pipa", costs(desk / "baik.xlsx", 1)
    os.mkfifo(pipe)
    with in_a_process(desk, "check", "pipa", "baik.xlsx") as process:
        try:
            out, err = process.communicate(timeout=120)
        finally:
            process.kill()
    assert (process.returncode, err) == (2, b"")
    assert b"pipa: akan ditolak" in out
    assert "ini folder, pipa, atau perangkat" in out.decode()
    assert f"{good.name}: baik".encode() in out
    assert main(["map", str(desk)]) == 1
    assert "folder, pipa" in capsys.readouterr().err


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_reads_no_further_is_no_fault(desk: Path, unbuffered: str) -> None:
    good = costs(desk / "baik.xlsx", 1)
    process = in_a_process(desk, "check", str(good), PYTHONUNBUFFERED=unbuffered)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    assert process.wait(timeout=200) == 141


def test_nobody_is_printed(desk: Path, city: City, capfd: pytest.CaptureFixture[str]) -> None:
    names = ("baris-cacat.xlsx", "nip-angka.xlsx", "nip-ilmiah.xlsx", "results-survey-cacat.csv")
    paths = [str(shutil.copy2(city.inbox / "2026Q3" / "opd-12" / name, desk)) for name in names]
    main(["check", *paths])
    said = capfd.readouterr()
    assert len(said.out) > 1000
    assert Scanner(city).found_in(said.out + said.err) == set()
    assert "200013312024211001" not in said.out
    content = "".join(str(row) for row in load_workbook(paths[0])["Nilai tes"].iter_rows(values_only=True))
    assert Scanner(city).found_in(content), "control: they are in the file"


def test_a_return_that_somebody_is_mending_is_never_replaced(desk: Path) -> None:
    path = costs(desk / "biaya.xlsx", -1)
    main(["check", str(path)])
    first = desk / "biaya-perbaikan.xlsx"
    main(["check", str(path)])
    assert sorted(desk.iterdir()) == [first, path], "the same answer is written once"
    book = load_workbook(first)
    book["Biaya pelatihan"]["E2"] = 1
    book.save(first)
    half_mended = first.read_bytes()
    main(["check", str(path)])
    assert first.read_bytes() == half_mended
    assert (desk / "biaya-perbaikan-2.xlsx").exists()
    assert main(["check", str(first)]) == 0, "the mended return is well"


def test_rows_given_twice_and_the_same_file_given_twice(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = desk / "biaya.xlsx"
    row = ("B-1", "travel", "budget", 500, 400)
    write_workbook(path, CONTRACTS, {"costs": (COSTS, [row, row])}, when=WHEN, provider="opd-12")
    assert main(["check", str(path), str(path)]) == 0
    out = capsys.readouterr().out
    assert (
        out.count("rows read: 2; diterima / accepted: 1; disisihkan / put aside: 0; ganda / duplicates: 1")
        == 2
    )


def test_a_folder_that_cannot_be_written_is_said(
    desk: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = costs(desk / ("b" * 245 + ".xlsx"), -1)  # with the ending its name would be too long
    assert main(["check", str(path)]) == 1
    out = capsys.readouterr().out
    assert "[cannot_write]" in out
    assert "--no-return" in out


def test_status_says_how_much_waits(
    built: Built, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIKLATIH_HOME", str(built.state.home))
    assert main(["status"]) == 0
    out = capsys.readouterr().out
    defects = built.city.truth["defects"]
    aside = [defect for defect in defects if defect["expected"] == "quarantined"]
    rows = len({(defect["file"], defect["dataset"], defect["row_no"]) for defect in aside})
    files = sum(defect["expected"] == "refused" for defect in defects)
    assert 18 < rows < len(aside), "one row breaks two rules"
    assert files > 8
    assert f"waiting to be mended: {rows} baris / rows, {files} berkas ditolak / files refused" in out
    assert "came back: 0, 0" in out


def test_nothing_of_a_check_stays_in_the_temporary_folder(
    desk: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    main(["check", "--no-return", str(costs(desk / "biaya.xlsx", -1))])
    assert sorted(item.name for item in tmp_path.iterdir()) == ["meja"]


def test_a_problem_with_an_answer_names_its_question(desk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line of a form holds many answers; the line and “Jawaban” alone do not say which is wrong."""
    items = load_instruments(CHECKOUT / "config" / "instruments")["reaction"].items
    path = desk / "jawaban.csv"
    with path.open("w", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(["Timestamp", "Kode angkatan", *(item.wording_id for item in items)])
        answers = ["9" if number in (0, 3) else "4" for number in range(len(items))]
        writer.writerow(["2026-08-05 14:03:11", "P01-A1", *answers])
        writer.writerow(["2026-08-05 14:04:11", "P01-A1", *["7"] * len(items)])
        writer.writerow(["kemarin", "P01-A1", *["4"] * len(items)])
    assert main(["check", str(path)]) == 1
    out = capsys.readouterr().out
    first, second = (f"{items[at].code}: {items[at].wording_id}" for at in (0, 3))
    assert f"- baris / row 2, kolom / column Jawaban ({first}; {second}): Nilainya harus" in out
    assert f"; {items[4].code}: {items[4].wording_id}; +{len(items) - 5}): Nilainya harus" in out
    assert "- baris / row 4, kolom / column Waktu kirim: " in out  # that is no answer's fault
    book = load_workbook(desk / "jawaban-perbaikan.xlsx")
    assert f"Jawaban ({first}; {second})" in [row[2].value for row in book["Perbaikan"].iter_rows()]


def test_a_table_refused_for_a_column_is_told_its_title(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As in a workbook, whose sheets are called by their contract's title, so in text."""
    path = desk / "pegawai.csv"
    path.write_text(
        "NIP;Berlaku sejak;Nama;Status kepegawaian;Kode unit;Jenis jabatan;TMT pengangkatan\n"
        "1,98503E+17;2026-01-01;Rangga Contohwan;PNS;OPD-01;Pelaksana;2009-01-01\n"
    )
    assert main(["check", "--no-return", str(path)]) == 2
    assert "- baris / row 2, kolom / column NIP: " in capsys.readouterr().out

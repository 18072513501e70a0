"""A batch on paper: the sheet to sign, the workbook to type it into, and that workbook read back."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from agencies import BATCH, CONTRACTS, CYCLE, EXPECTED, PEOPLE, SESSIONS, ask, hand_in, run
from cities import Built
from openpyxl import load_workbook

from flows.cli import main
from siklatih.checking import check_files
from siklatih.contracts import Contract
from siklatih.errors import MendError
from siklatih.paper import paper_files
from siklatih.report.signing_sheet import EMPTY_LINES
from siklatih.settings import Settings
from siklatih.signing import open_batch_list
from siklatih.sources import recognise_file
from siklatih.sources.protocol import HEAD_BYTES, Catalogue, Part, SourceFile
from siklatih.state import State

ATTENDANCE = CONTRACTS["attendance"]


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> State:
    home = tmp_path_factory.mktemp("agency") / "state"
    hand_in(home)
    return run(home)


@pytest.fixture
def desk(tmp_path: Path, agency: State, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the clerk's own, and the settings of the agency."""
    monkeypatch.setenv("SIKLATIH_HOME", str(agency.home))
    monkeypatch.setenv("SIKLATIH_DEMO_SEED", "7")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def settings(home: Path) -> Settings:
    return Settings(home=home, demo_seed=7, inbox_quiet_seconds=0)


def made(agency: State, batch: str = BATCH, contract: Contract = ATTENDANCE) -> dict[str, bytes]:
    files = paper_files(settings(agency.home), contract, batch, None)
    return {place.name: content for place, content in files.items()}


def read(path: Path) -> Part:
    content = path.read_bytes()
    file = SourceFile(path, path.name, len(content), content[:HEAD_BYTES], Catalogue(CONTRACTS, {}))
    source, _ = recognise_file(file)
    assert source.NAME == "Agency workbook"
    (part,) = source.read(file, Catalogue(CONTRACTS, {}))
    return part


def sheet_rows(path: Path) -> list[tuple[Any, ...]]:
    return list(load_workbook(path)["Presensi"].iter_rows(min_row=2, values_only=True))


def fill(path: Path, statuses: list[str | None]) -> None:
    """Type statuses into the rows, one after the other."""
    book = load_workbook(path)
    for row, status in enumerate(statuses, start=2):
        book["Presensi"].cell(row, 6, status)
    book.save(path)


def text_of(content: bytes) -> list[str]:
    pages = pypdfium2.PdfDocument(content)
    return [pages[number].get_textpage().get_text_range() for number in range(len(pages))]


def test_the_command_writes_both_files_and_never_over_others(
    desk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["template", "attendance", "--batch", BATCH]) == 0
    assert capsys.readouterr().out.split() == [f"attendance-{BATCH}.xlsx", f"attendance-{BATCH}.pdf"]
    assert sorted(path.name for path in desk.iterdir()) == [
        f"attendance-{BATCH}.pdf",
        f"attendance-{BATCH}.xlsx",
    ]
    before = (desk / f"attendance-{BATCH}.xlsx").read_bytes()
    (desk / f"attendance-{BATCH}.pdf").unlink()
    assert main(["template", "attendance", "--batch", BATCH]) == 1
    assert "[exists]" in capsys.readouterr().err
    assert [path.read_bytes() for path in desk.iterdir()] == [before]
    assert main(["template", "attendance", "--batch", BATCH, "--to", "hadir.pdf"]) == 0
    assert {path.name for path in desk.iterdir()} >= {"hadir.pdf", "hadir.xlsx"}


def test_the_workbook_has_a_row_for_each_person_and_session_by_session_and_name(
    agency: State, tmp_path: Path
) -> None:
    place = tmp_path / "daftar.xlsx"
    place.write_bytes(made(agency)[f"attendance-{BATCH}.xlsx"])
    by_name = sorted(EXPECTED, key=lambda nip: PEOPLE[nip].casefold())
    assert [row[:4] for row in sheet_rows(place)] == [
        (BATCH, starts, nip, PEOPLE[nip]) for starts, _ in SESSIONS for nip in by_name
    ]
    cell = load_workbook(place)["Presensi"]["D2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("-Anang Umpama", "s", True)
    assert load_workbook(place)["Presensi"]["C2"].number_format == "@"


def test_it_reads_back_as_it_was_made_and_the_names_are_passed_over(agency: State, tmp_path: Path) -> None:
    place = tmp_path / "daftar.xlsx"
    place.write_bytes(made(agency)[f"attendance-{BATCH}.xlsx"])
    part = read(place)
    assert part.dataset == "attendance"
    assert part.lines == {"heading": 1, "data": 8}
    assert Counter((row.values["batch_code"], row.values["session_starts_at"]) for row in part.rows) == {
        (BATCH, starts.isoformat(sep=" ")): 4 for starts, _ in SESSIONS
    }
    assert {row.values["nip"] for row in part.rows} == set(EXPECTED)
    assert {row.values["status"] for row in part.rows} == {None}
    said = {str(value) for row in part.rows for value in row.values.values()}
    assert not said & set(PEOPLE.values())


def test_only_the_letters_of_the_contract_can_be_chosen_and_what_they_mean_is_said(
    agency: State, tmp_path: Path
) -> None:
    place = tmp_path / "daftar.xlsx"
    place.write_bytes(made(agency)[f"attendance-{BATCH}.xlsx"])
    book = load_workbook(place)
    (rule,) = book["Presensi"].data_validations.dataValidation
    assert rule.formula1 == '"P,L,E,A"'
    assert "F2" in rule.sqref
    assert rule.showErrorMessage
    assert "P hadir, L terlambat, E izin, A tidak hadir" in rule.prompt
    help_text = " ".join(str(cell) for row in book["petunjuk"].iter_rows(values_only=True) for cell in row)
    assert "Kehadirannya kosong" in help_text
    assert "does not count as absent" in help_text


def test_a_row_without_a_status_is_put_aside_with_a_remedy_and_the_others_count(
    agency: State, tmp_path: Path
) -> None:
    place = tmp_path / "daftar.xlsx"
    place.write_bytes(made(agency)[f"attendance-{BATCH}.xlsx"])
    fill(place, ["P", "L", "E", "A", "P", None, "P", "P"])
    (verdict,) = check_files([place], settings(tmp_path / "other"), write_return=False)
    assert (verdict.accepted, verdict.put_aside) == (7, 1)
    ((fault, title),) = verdict.problems
    assert (fault.rule, fault.row, title) == ("attendance.status.required", 7, "Kehadiran")
    assert fault.remedy[0].startswith("Isi sel ini")


def test_what_was_typed_becomes_attendance(agency: State, tmp_path: Path) -> None:
    home = tmp_path / "state"
    shutil.copytree(agency.home, home)
    place = home / "inbox" / str(CYCLE) / "panitia" / "daftar.xlsx"
    place.parent.mkdir(parents=True)
    place.write_bytes(made(agency)[f"attendance-{BATCH}.xlsx"])
    fill(place, ["P", "L", "E", "A", "P", "P", "P", "P"])
    state = run(home)
    assert Counter(ask(state, "select starts_at, status from core.fct_attendance")) == {
        (SESSIONS[0][0], "P"): 1, (SESSIONS[0][0], "L"): 1, (SESSIONS[0][0], "E"): 1,
        (SESSIONS[0][0], "A"): 1, (SESSIONS[1][0], "P"): 4,
    }  # fmt: skip


def test_the_sheet_has_a_page_a_session_with_day_and_time_names_and_empty_lines(agency: State) -> None:
    pages = text_of(made(agency)[f"attendance-{BATCH}.pdf"])
    assert len(pages) == len(SESSIONS)
    for page, day, time in zip(
        pages, ("Senin, 10 Agustus 2026", "Selasa, 11 Agustus 2026"), ("08.00–12.00 WIB", "13.00–16.30 WIB"), strict=True
    ):  # fmt: skip
        for words in (
            "BKPSDM Kota Palangka Raya",
            "Pelayanan Loket",
            BATCH,
            day,
            time,
            "Teguh <b>Uji</b>",
            "Dinas Contoh",
        ):
            assert words in page
        assert "19800101 200604 1 001" in page
        assert "Tidakhadir" not in page
        assert "Lebihdulu" not in page
        lines = {line.split()[0] for line in page.splitlines() if line.strip()}
        assert {str(number) for number in range(1, 4 + EMPTY_LINES + 1)} <= lines
        assert str(4 + EMPTY_LINES + 1) not in lines


def test_a_long_list_goes_on_under_its_headings(built: Built) -> None:
    """The demo city's batches fill more than a page; their people are those of the learning platform's list."""
    path = sorted(built.state.inbox.rglob("lms/attendance-P*.txt"))[0]
    batch = path.stem.removeprefix("attendance-")
    files = paper_files(built.settings, ATTENDANCE, batch, None)
    sheet, pages = files[Path(f"attendance-{batch}.pdf")], text_of(files[Path(f"attendance-{batch}.pdf")])
    listed = open_batch_list(built.settings, batch)
    assert len(pages) == 2 * len(listed.sessions)
    for page in pages:
        assert all(title in page for title in ("No.", "Nama", "NIP", "Unit kerja", "Tanda tangan"))
    numbers = re.findall(r"\b\d{18}\b", path.read_text(encoding="utf-8"))
    assert {person.nip for person in listed.people} == set(numbers)
    assert all(set(person.name.split()) for person in listed.people)
    assert paper_files(built.settings, ATTENDANCE, batch, None)[Path(f"attendance-{batch}.pdf")] == sheet


def test_the_same_batch_gives_the_same_bytes(agency: State) -> None:
    assert made(agency) == made(agency)


@pytest.mark.parametrize(("batch", "code"), [
    ("TIDAK-ADA", "unknown_batch"), ("PK-TANPA-SESI", "no_sessions"), ("PK-KOSONG", "no_participants"),
    ("' or 1=1 --", "unknown_batch"),
])  # fmt: skip
def test_a_batch_that_cannot_be_listed_is_answered(agency: State, batch: str, code: str) -> None:
    with pytest.raises(MendError) as caught:
        made(agency, batch)
    assert caught.value.code == code
    assert caught.value.id_ != caught.value.en


def test_nothing_built_yet_is_answered(tmp_path: Path) -> None:
    with pytest.raises(MendError) as caught:
        made(State(tmp_path / "state"))
    assert caught.value.code == "no_warehouse"
    assert not (tmp_path / "state").exists()


def test_a_vault_without_the_names_is_answered(agency: State, tmp_path: Path) -> None:
    home = tmp_path / "state"
    home.mkdir()
    shutil.copy2(agency.warehouse(), State(home).warehouse())
    with pytest.raises(MendError) as caught:
        made(State(home))
    assert caught.value.code == "names_not_kept"


def test_only_attendance_is_listed_for_a_batch(agency: State) -> None:
    with pytest.raises(MendError) as caught:
        made(agency, contract=CONTRACTS["enrolments"])
    assert caught.value.code == "batch_of_attendance"

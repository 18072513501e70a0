"""Marks of attendance other than the contract's: what they mean is configuration, and nothing is guessed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from openpyxl import load_workbook

from siklatih.checking import check_files
from siklatih.contracts import load_contracts
from siklatih.errors import MendError
from siklatih.marks import MARKS_FILE, load_marks
from siklatih.settings import CHECKOUT, Settings
from siklatih.sources import moodle_attendance
from siklatih.sources.protocol import HEAD_BYTES, Catalogue, SourceFile
from siklatih.store import method_digest

CONTRACTS = load_contracts(CHECKOUT / "config" / "contracts")
STATUS = CONTRACTS["attendance"].column("status")
MARKS = ["H (2/2)", "T (1/2)", "S", "I", "A", "P", "L", "E", "h", "?", "Z"]


def export(place: Path, marks: list[str]) -> Path:
    sessions = [f"{day} Agu 2026 08.00AM Semua siswa" for day in range(1, len(marks) + 1)]
    lines = [
        "Kursus\tPelatihan",
        "Grup\tP01-A1",
        "",
        "\t".join(["Nama akhir", "Nama depan", "Alamat email", *sessions]),
        "\t".join(["Contohwan", "Rangga", "rangga@example.org", *marks]),
    ]
    place.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return place


def statuses(place: Path, config: Path) -> list[str | None]:
    content = place.read_bytes()
    file = SourceFile(place, place.name, len(content), content[:HEAD_BYTES])
    (part,) = moodle_attendance.read(file, Catalogue(CONTRACTS, {}, {}, load_marks(config, STATUS)))
    return [row.values["status"] for row in part.rows]


def written(tmp_path: Path, text: str) -> Path:
    place = tmp_path / MARKS_FILE
    place.write_text(text, encoding="utf-8")
    return place


def test_marks_of_an_indonesian_site_mean_what_the_configuration_says(tmp_path: Path) -> None:
    found = statuses(export(tmp_path / "a.txt", MARKS), CHECKOUT / "config" / MARKS_FILE)
    assert found == ["P", "L", "E", "E", "A", "P", "L", "E", "P", "Z"]


def test_an_agency_may_decide_otherwise_but_not_about_the_contracts_own_letters(tmp_path: Path) -> None:
    place = export(tmp_path / "a.txt", MARKS)
    assert statuses(place, written(tmp_path, "Moodle attendance: {S: A, Z: L}\n")) == [
        "H", "T", "A", "I", "A", "P", "L", "E", "h", "L",
    ]  # fmt: skip
    for wrong in ("Moodle attendance: {P: A}\n", "Moodle attendance: {p: A}\n"):
        with pytest.raises(MendError, match="means itself"):
            load_marks(written(tmp_path, wrong), STATUS)


@pytest.mark.parametrize(
    "wrong", ["Moodle attendance: {H: Hadir}\n", "Moodle attendance: H\n", "[H]\n", "a: [\n"]
)
def test_a_file_that_cannot_be_used_says_so(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(MendError) as caught:
        load_marks(written(tmp_path, wrong), STATUS)
    assert caught.value.code == ("config_file" if wrong == "a: [\n" else "attendance_marks")


def test_without_the_file_only_the_contracts_letters_are_known(tmp_path: Path) -> None:
    place = export(tmp_path / "a.txt", ["H", "P"])
    assert statuses(place, tmp_path / MARKS_FILE) == ["H", "P"]


def test_a_mark_nobody_decided_on_is_put_aside_and_the_remedy_names_the_configuration(tmp_path: Path) -> None:
    place = export(tmp_path / "kehadiran.txt", ["H", "S", "Z"])
    (verdict,) = check_files([place], Settings(home=tmp_path / "state"), write_return=False)
    assert (verdict.accepted, verdict.put_aside) == (2, 1)
    ((fault, _),) = verdict.problems
    assert fault.rule == "attendance.status.values"
    assert all(MARKS_FILE in words for words in fault.remedy)


@pytest.mark.parametrize(
    ("known", "marked"), [("{H: P}", ["E5"]), ("{Z: L}", ["D5", "E5"]), ("{H: P, X: A}", [])]
)
def test_only_marks_without_a_meaning_are_coloured(tmp_path: Path, known: str, marked: list[str]) -> None:
    config = tmp_path / "config"
    shutil.copytree(CHECKOUT / "config", config)
    (config / MARKS_FILE).write_text(f"Moodle attendance: {known}\n", encoding="utf-8")
    place = export(tmp_path / "kehadiran.txt", ["H (2/2)", "X", "P (2/2)", "l", "?"])
    (verdict,) = check_files([place], Settings(home=tmp_path / "state", config=config), write_return=True)
    assert verdict.put_aside == len(marked)
    sheets = load_workbook(verdict.answer).worksheets if verdict.answer else []
    found = [cell.coordinate for sheet in sheets[1:] for row in sheet for cell in row if cell.comment]
    assert found == marked


def test_another_meaning_reads_the_files_again(tmp_path: Path) -> None:
    shutil.copytree(CHECKOUT / "config", tmp_path / "config")
    before = method_digest(tmp_path / "config", "key")
    place = tmp_path / "config" / MARKS_FILE
    place.write_text(place.read_text(encoding="utf-8").replace("S: E", "S: A"), encoding="utf-8")
    assert method_digest(tmp_path / "config", "key") != before

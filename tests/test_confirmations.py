"""A name written otherwise: proposed in the return and in ``status``, used only once somebody said ya."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from namelists import DAY, NAMES, SENT, SHEET, Office, answer, ask
from openpyxl import Workbook, load_workbook

from flows.cli import main
from siklatih.build import table_hashes
from siklatih.confirmations import load_answers
from siklatih.errors import MendError
from siklatih.returning.faults import Proposal
from siklatih.returning.proposing import add_proposals
from siklatih.settings import CHECKOUT
from siklatih.sources.proposed import read_answers
from siklatih.sources.protocol import HEAD_BYTES, SourceFile
from siklatih.workbooks import workbook_bytes

PRESENT = "select count(distinct person_key) from accepted.attendance"
WAYS = "select known_by, people from quality.matches where dataset = 'attendance' order by all"
PROPOSED = "select count(distinct code) from quality.name_proposals"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "state")


def test_a_confirmed_name_counts_from_the_receipt_of_the_return(office: Office, tmp_path: Path) -> None:
    office.list_names("Contohwan, Rangga, S.Kom.", "Sari Misalnya", "Bapak Tamu Agung")
    before = office.run()
    assert ask(before, PRESENT) == [(1,)], "a proposal is never used"
    assert ask(before, WAYS) == [("name", 1), ("none", 2)]
    (path,) = office.answers()
    sheet = load_workbook(path)[SHEET]
    (row,) = list(sheet.iter_rows(min_row=5, values_only=True))
    assert row[1:5] == ("B-1", "Contohwan, Rangga, S.Kom.", "Rangga Contohwan", 1)
    assert [(str(rule.sqref), rule.formula1) for rule in sheet.data_validations.dataValidation] == [
        ("F5", '"ya,tidak"')
    ]
    known_by = office.moment()
    office.send_back(answer(Rangga="ya"))
    after = office.run()
    assert ask(after, PRESENT) == [(2,)]
    assert ask(after, WAYS) == [("confirmed", 1), ("name", 1), ("none", 1)]
    assert ask(after, PROPOSED) == [(0,)]
    (again,) = office.answers()
    assert SHEET not in load_workbook(again).sheetnames, "only the guest is still to mend"
    past = office.run(as_of=known_by)
    assert ask(past, PRESENT) == [(1,)]
    assert ask(past, WAYS) == [("name", 1), ("none", 2)]

    other = Office(tmp_path / "other")  # the same files in another order
    names = sorted((path.name for path in office.folder.iterdir()), reverse=True)
    shutil.rmtree(other.folder)
    other.folder.mkdir(parents=True)
    for name in names:
        shutil.copy2(office.folder / name, other.folder / name)
        other.run()
    assert table_hashes(other.state.warehouse()) == table_hashes(office.state.warehouse())


@pytest.mark.slow
def test_a_refused_proposal_is_not_made_again(office: Office) -> None:
    office.list_names("Rangga Contowan", "Sari Misalnya")
    office.run()
    office.send_back(answer(Rangga="TIDAK"))
    warehouse = office.run()
    assert ask(warehouse, PROPOSED) == [(0,)]
    assert ask(warehouse, PRESENT) == [(1,)]
    assert [SHEET in load_workbook(path).sheetnames for path in office.answers()] == [False]


MAPPING = """
code: daftar_panitia
dataset: attendance
headings: {"Angkatan": batch_code, "Mulai": session_starts_at, "Nama peserta": name, "Hadir?": status}
values: {status: {"ya": P}}
"""


def test_a_name_confirmed_in_the_return_of_a_mapped_table_counts(tmp_path: Path) -> None:
    """The sheet of answers is no table that a mapping must fit."""
    config = tmp_path / "config"
    shutil.copytree(CHECKOUT / "config", config)
    (config / "mappings" / "panitia.yaml").write_text(MAPPING, encoding="utf-8")
    office = Office(tmp_path / "state", config)
    book = Workbook()
    book.active.title = "Agustus"
    for cells in (
        ["Angkatan", "Mulai", "Nama peserta", "Hadir?"],
        ["B-1", DAY, "Rangga Contowan", "ya"],
        ["B-1", DAY, "Sari Misalnya", "ya"],
        ["B-1", DAY, "Budi Teladan", "?!"],
    ):
        book.active.append(cells)
    book.save(office.folder / "hadir.xlsx")
    assert ask(office.run(), PRESENT) == [(1,)]
    office.send_back(answer(Rangga="ya"))
    after = office.run()
    refused = "select refused_code from quality.files where refused_code is not null"
    assert (ask(after, refused), ask(after, PRESENT)) == ([], [(2,)])
    (again,) = office.answers()
    marked = {cell.coordinate for row in load_workbook(again)["Agustus"] for cell in row if cell.comment}
    assert marked == {"D4"}, "what is still wrong is marked again"


def zoom(*names: str) -> bytes:
    lines = ["Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest"]
    lines += [
        f"{name},,08/26/2026 08:0{n}:00 AM,08/26/2026 11:00:00 AM,170,Yes" for n, name in enumerate(names)
    ]
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode()


def test_a_file_without_faults_is_returned_for_its_proposals(office: Office) -> None:
    """Guests at a meeting are no fault; yet a name near a participant's is worth a question."""
    path = office.state.inbox / "panitia" / "B-1" / "rapat.csv"
    path.parent.mkdir(parents=True)
    path.write_bytes(zoom("Rangga C.", "Sari Misalnya", "Budi Teladan"))
    os.utime(path, (1_790_000_000, 1_790_000_000))
    warehouse = office.run()
    assert ask(warehouse, "select count(*) from quality.quarantine where severity = 'critical'") == [(0,)]
    people = "select count(distinct person_key) from accepted.presence"
    assert ask(warehouse, people) == [(2,)]
    (path,) = office.answers()
    book = load_workbook(path)
    assert book["Perbaikan"]["A6"].value.startswith("Tidak ada sel")
    assert book[SHEET]["C5"].value == "Rangga C."
    office.send_back(answer(Rangga="ya"), name="rapat-jawab.xlsx")
    after = office.run()
    assert ask(after, people) == [(3,)]
    assert ask(after, "select refused_code from quality.files where refused_code is not null") == []
    assert office.answers() == []


@pytest.mark.parametrize(
    ("change", "code", "row"),
    [
        (answer(Rangga="mungkin"), "name_answer", 5),
        (lambda book: (answer(Rangga="ya")(book), book[SHEET].__setitem__("A5", "xyz")), "name_code", 5),
        (answer(Rangga="ya", Ringga="ya"), "name_twice", 6),
    ],
)
def test_a_malformed_answer_refuses_the_return_and_says_what_to_do(
    tmp_path: Path, change: Callable[[Any], None], code: str, row: int
) -> None:

    book = Workbook()
    add_proposals(
        book,
        [
            Proposal("0123456789ab", "B-1", "=R. Contohwan", "Rangga Contohwan", 1),
            Proposal("ba9876543210", "B-1", "=R. Contohwan", "Ringga Contohwan", 1),
            Proposal("000000000000", "B-1", "S. Misalnya", "Sari Misalnya", 2),
        ],
    )
    change(book)
    path = tmp_path / "jawab.xlsx"
    path.write_bytes(workbook_bytes(book, SENT))
    file = SourceFile(path, path.name, path.stat().st_size, path.read_bytes()[:HEAD_BYTES])
    with pytest.raises(MendError) as caught:
        read_answers(file)
    assert (caught.value.code, caught.value.row) == (code, row)
    assert "kirim ulang" in caught.value.id_
    assert "Contohwan" not in str(caught.value)
    answer(Rangga="Ya ", Ringga="no", Sari="")(book)
    book[SHEET]["A5"] = "0123456789ab"
    path.write_bytes(workbook_bytes(book, SENT))
    assert read_answers(file) == {"0123456789ab": "ya", "ba9876543210": "tidak"}


@pytest.mark.slow
def test_a_refused_answer_confirms_nothing(office: Office) -> None:
    office.list_names("Rangga Contowan")
    office.run()
    office.send_back(answer(Rangga="mungkin"))
    warehouse = office.run()
    assert ask(warehouse, "select refused_code, refused_row from quality.files where refused_code <> ''") == [
        ("name_answer", 5)
    ]
    assert ask(warehouse, PRESENT) == [(0,)]


@pytest.mark.slow
def test_the_agency_confirms_in_its_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "config"
    shutil.copytree(CHECKOUT / "config", config)
    office = Office(tmp_path / "state", config)
    office.list_names("Rangga Contowan", "Sari Misalnya")
    first = office.run()
    assert ask(first, PRESENT) == [(1,)]
    monkeypatch.setenv("SIKLATIH_HOME", str(office.state.home))
    monkeypatch.setenv("SIKLATIH_DEMO_SEED", "1")
    assert main(["status"]) == 0
    said = capsys.readouterr().out
    ((code,),) = ask(first, "select code from quality.name_proposals")
    assert f'"{code}": ' in said
    assert not any(name.split()[0] in said for name in NAMES)
    (config / "people.yaml").write_text(
        f'confirmed: {{"{code}": 2026-10-17, "ffffffffffff": 2026-10-17}}\n', encoding="utf-8"
    )
    assert ask(office.run(), PRESENT) == [(2,)]
    assert main(["status"]) == 0
    assert "config/people.yaml: ffffffffffff" in capsys.readouterr().out
    assert ask(office.run(as_of=datetime(2026, 10, 16, 16)), PRESENT) == [(1,)]  # noqa: DTZ001
    assert ask(office.run(as_of=datetime(2026, 10, 16, 18)), PRESENT) == [(2,)], "17 October in the agency"  # noqa: DTZ001
    (config / "people.yaml").write_text(f'refused: {{"{code}": 2026-10-17}}\n', encoding="utf-8")
    assert ask(office.run(), PROPOSED) == [(0,)]


@pytest.mark.parametrize(
    "content",
    [
        "confirmed: [0123456789ab]",
        "confirmed: {123456789012: 2026-10-20}",
        'confirmed: {"0123456789ab": kemarin}',
        'confirmed: {"0123456789ab": 2026-10-20 10:00:00}',
        'confirmed: {"Rangga": 2026-10-20}',
        'confirmed: {"0123456789ab": 2026-10-20}\nrefused: {"0123456789ab": 2026-10-20}',
        "diterima: {}",
        "- x",
    ],
)
def test_a_malformed_configuration_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "people.yaml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(MendError) as caught:
        load_answers(path)
    assert (caught.value.code, caught.value.file) == ("people_config", "people.yaml")
    assert "siklatih status" in caught.value.id_
    code = '"0123456789ab": 2026-10-20'
    path.write_text(f"confirmed:\n  {code}\n  {code}\n", encoding="utf-8")
    with pytest.raises(MendError, match="line 3") as twice:
        load_answers(path)
    assert (twice.value.code, twice.value.file, twice.value.row) == ("config_file", "people.yaml", 3)
    assert "0123456789ab" not in str(twice.value), "an entry may be a person's"


def test_the_configuration_that_comes_with_it_answers_nothing(tmp_path: Path) -> None:
    assert load_answers(CHECKOUT / "config" / "people.yaml") == []
    assert load_answers(tmp_path / "none.yaml") == []

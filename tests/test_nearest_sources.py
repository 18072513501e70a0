"""A file that is nearly an export: the refusal names the kinds that come nearest, and what is missing."""

from __future__ import annotations

import sys
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook

import siklatih.sources
from siklatih.contracts import load_contracts
from siklatih.errors import MendError
from siklatih.instruments import load_instruments
from siklatih.settings import CHECKOUT
from siklatih.sources import all_sources, recognise_file
from siklatih.sources.nearest import nearest
from siklatih.sources.protocol import HEAD_BYTES, Catalogue, SourceFile

CATALOGUE = Catalogue(
    load_contracts(CHECKOUT / "config" / "contracts"), load_instruments(CHECKOUT / "config" / "instruments")
)
PERSON, ADDRESS = "Rangga Contohwan", "rangga@example.org"
CONNECTIONS = [
    f"{PERSON},{ADDRESS},08/12/2026 07:58:11 AM,08/12/2026 11:59:40 AM,242,Yes",
    "Sekar Misalwati,sekar@example.org,08/12/2026 08:02:00 AM,08/12/2026 12:00:02 PM,239,Yes",
]
ZOOM = ["Name (Original Name),User Email,Join Time,Leave Time,Duration (Minutes),Guest", *CONNECTIONS]
IN_INDONESIAN = "Nama (Nama Asli),Surel,Waktu Masuk,Waktu Keluar,Durasi (Menit),Tamu"
BLOCK = [
    "Meeting ID,Topic,Start Time,End Time",
    "812 3456 7890,Pelatihan,08/12/2026 07:55:00 AM,08/12/2026 12:05:00 PM",
    ",,,",
]
MOODLE = [
    "Last name\tFirst name\tID number\t12 Aug 2026 08.00AM All students\tP\tTaken sessions",
    "Contohwan\tRangga\t198001012006041001\tP (2/2)\t1\t1",
]
QUIZ = [
    '"Last name","First name","Email address",State,"Started on",Completed,"Time taken"',
    f"Contohwan,Rangga,{ADDRESS},Finished,12 August 2026  8:00 AM,12 August 2026  8:30 AM,30 mins",
]
TEAMS = [
    "1. Summary",
    "2. Participants",
    "Name;First Join;Last Leave;In-Meeting Duration;Email;Participant ID (UPN);Role",
    f"{PERSON};12/08/2026 07.58;12/08/2026 12.00;4h 2m;{ADDRESS};{ADDRESS};Attendee",
]
PUNCHES = ["      101\t12/08/2026 07:58:11\t1\t0\t0\t0", "      102\t12/08/2026 07:59:30\t1\t0\t0\t0"]


def file_of(tmp_path: Path, content: bytes) -> SourceFile:
    path = tmp_path / "berkas"
    path.write_bytes(content)
    return SourceFile(path, path.name, len(content), content[:HEAD_BYTES], CATALOGUE)


def read(file: SourceFile) -> None:
    source, _ = recognise_file(file)
    list(source.read(file, CATALOGUE))


def refusal(tmp_path: Path, content: bytes) -> MendError:
    with pytest.raises(MendError) as caught:
        read(file_of(tmp_path, content))
    for words in (caught.value.en, caught.value.id_):
        assert not any(word in words for word in ("Rangga", "Contohwan", "@", "1980"))
    return caught.value


def text(lines: list[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode()


@pytest.mark.parametrize(("lines", "first", "missing"), [
    (CONNECTIONS, "Zoom participants", "Name (Original Name), Join Time, Leave Time"),
    ([IN_INDONESIAN, *CONNECTIONS], "Zoom participants", "Name (Original Name), Join Time, Leave Time"),
    ([*BLOCK, *CONNECTIONS], "Zoom participants", "Name (Original Name), Join Time, Leave Time"),
    (MOODLE, "Moodle attendance", "Course, Group"),
    (QUIZ, "Moodle quiz", "Grade/10.00"),
    (TEAMS, "Microsoft Teams attendance", "UTF-16, TAB"),
    (PUNCHES, "ZKTeco attlog", "YYYY-MM-DD HH:MM:SS"),
    (["id;submitdate;lastpage;seed;REL1", "1;2026-08-12 10:00:00;2;77;A4"], "LimeSurvey", "startlanguage"),
    (["Kode angkatan,Nama", f"P01-A1,{PERSON}"], "Agency workbook", "Sesi mulai, Kehadiran"),
])  # fmt: skip
def test_the_nearest_kind_is_named_with_what_is_missing(
    tmp_path: Path, lines: list[str], first: str, missing: str
) -> None:
    error = refusal(tmp_path, text(lines))
    assert error.code == "unrecognised"
    assert f"Nearest: {first} (lacks: {missing})" in error.en
    assert f"Terdekat: {first} (kurang: {missing})" in error.id_


@pytest.mark.parametrize(("lines", "source"), [
    (ZOOM, "Zoom participants"),
    (["Course\tPelatihan", "Group\tP01-A1", "", *MOODLE], "Moodle attendance"),
    ([line.replace("12/08/2026", "2026-08-12") for line in PUNCHES], "ZKTeco attlog"),
    ([QUIZ[0] + ",Grade/10.00", QUIZ[1] + ",8.00"], "Moodle quiz"),
])  # fmt: skip
def test_the_whole_file_is_known(tmp_path: Path, lines: list[str], source: str) -> None:
    """What the near misses lack is all that keeps them from being read."""
    known, _ = recognise_file(file_of(tmp_path, text(lines)))
    assert source == known.NAME


def test_at_most_three_are_named_the_nearest_first(tmp_path: Path) -> None:
    found = nearest(file_of(tmp_path, text([*ZOOM[1:], *MOODLE, *QUIZ, *TEAMS])), all_sources())
    assert len(found) == 3
    assert [near.share for near in found] == sorted((near.share for near in found), reverse=True)


def test_a_file_that_is_near_to_nothing_is_told_all_kinds(tmp_path: Path) -> None:
    error = refusal(tmp_path, b"nama,nilai\nx,1\n")
    assert error.code == "unrecognised"
    assert "Nearest" not in error.en
    assert all(source.NAME in error.en and source.NAME in error.id_ for source in all_sources())


def test_a_workbook_made_of_a_cut_export_is_told_what_it_was(tmp_path: Path) -> None:
    book = Workbook()
    for line in MOODLE:
        book.active.append(line.split("\t"))
    out = BytesIO()
    book.save(out)
    error = refusal(tmp_path, out.getvalue())
    assert error.code == "unknown_sheet"
    assert "Nearest: Moodle attendance (lacks: Course, Group)" in error.en


def test_a_tie_names_the_two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for letter in "ab":
        (tmp_path / f"tied_{letter}.py").write_text(
            "from siklatih.sources.protocol import Recognition\n"
            f"NAME = 'Tied {letter}'\n"
            "def recognise(file):\n    return Recognition(1.0, 'always')\n"
            "def read(file, catalogue):\n    yield from ()\n",
            encoding="utf-8",
        )
    monkeypatch.setattr(siklatih.sources, "__path__", [*siklatih.sources.__path__, str(tmp_path)])
    try:
        with pytest.raises(MendError) as caught:
            recognise_file(file_of(tmp_path, b"x,y\n1,2\n"))
    finally:
        for letter in "ab":
            sys.modules.pop(f"siklatih.sources.tied_{letter}", None)
    assert caught.value.code == "ambiguous"
    assert "Tied a, Tied b" in caught.value.en
    assert "Tied a, Tied b" in caught.value.id_

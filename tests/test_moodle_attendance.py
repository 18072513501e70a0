"""Moodle attendance as workbook and from Indonesian sites; the English text is in test_sources."""

from __future__ import annotations

import re
import zipfile
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from openpyxl import Workbook

from siklatih.contracts import load_contracts
from siklatih.errors import MendError
from siklatih.instruments import load_instruments
from siklatih.settings import CHECKOUT
from siklatih.sources import recognise_file
from siklatih.sources.protocol import HEAD_BYTES, Catalogue, Part, SourceFile

CATALOGUE = Catalogue(
    load_contracts(CHECKOUT / "config" / "contracts"), load_instruments(CHECKOUT / "config" / "instruments")
)
NIP = "198001012006041001"
NAME, ADDRESS = "Rangga Contohwan", "rangga.contohwan@example.org"
MORNING, AFTERNOON = "12 Aug 2026 08.00AM All students", "12 Aug 2026 01.00PM All students"
SUMMARY = ["P", "L", "E", "A", "Taken sessions", "Points", "Percentage"]
TABLE: list[list[object]] = [
    ["Course", "Pelatihan"],
    ["Group", "P01-A1"],
    [],
    ["Last name", "First name", "ID number", "Email address", MORNING, AFTERNOON, *SUMMARY],
    ["Contohwan", "Rangga", NIP, ADDRESS, "P (2/2)", "?", 1, 0, 0, 0, 1, "2 / 2", "100,0"],
    [
        "Misalwati",
        "Sekar",
        NIP,
        "sekar@example.org",
        "L (1,5/2)",
        "A (0/2)",
        0,
        1,
        0,
        1,
        2,
        "1,5 / 4",
        "37,5",
    ],
]
INDONESIAN = [
    "Kursus\tPelatihan",
    "Grup\tP01-A1",
    "",
    (
        "Nama belakang\tNama depan\tNomor ID\tAlamat email\t12 Agu 2026 08.00AM Semua siswa\t"
        "3 Okt 2026 01.00PM Semua siswa\tH\tSesi"
    ),
    f"Contohwan\tRangga\t{NIP}\t{ADDRESS}\tP (2/2)\tE (1,00/2,00)\t1\t2",
]


def xlsx(rows: list[list[object]]) -> bytes:
    book = Workbook()
    for number, row in enumerate(rows, start=1):
        for column, cell in enumerate(row, start=1):
            book.active.cell(number, column, cell)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def ods(rows: list[list[object]]) -> bytes:
    """The parts of an OpenDocument spreadsheet that a reader needs."""
    body = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="float" office:value="{cell}"/>'
            if isinstance(cell, int | float)
            else f'<table:table-cell office:value-type="string"><text:p>{escape(str(cell))}</text:p></table:table-cell>'
            for cell in row or [""]
        )
        + "</table:table-row>"
        for row in rows
    )
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr(
            "content.xml",
            f"<?xml version='1.0' encoding='UTF-8'?><office:document-content{names}><office:body><office:spreadsheet>"
            f'<table:table table:name="Attendances">{body}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        )
    return out.getvalue()


def opened(tmp_path: Path, content: bytes, name: str = "berkas") -> tuple[str, list[Part]]:
    path = tmp_path / name
    path.write_bytes(content)
    file = SourceFile(path, path.name, len(content), content[:HEAD_BYTES])
    source, _ = recognise_file(file)
    return source.NAME, list(source.read(file, CATALOGUE))


def read(tmp_path: Path, content: bytes, name: str = "berkas") -> Part:
    source, (part,) = opened(tmp_path, content, name)
    assert (source, part.dataset) == ("Moodle attendance", "attendance")
    return part


def refusal(tmp_path: Path, content: bytes) -> MendError:
    with pytest.raises(MendError) as caught:
        opened(tmp_path, content)
    assert not re.search(r"\d{6,}|@|angga", str(caught.value))
    return caught.value


@pytest.mark.parametrize("made", [xlsx, ods])
@pytest.mark.parametrize("name", ["berkas", "Kelas_Attendances.xls", "a.ods", "b.txt"])
def test_a_workbook_is_known_by_its_content(tmp_path: Path, made: object, name: str) -> None:
    content = xlsx(TABLE) if made is xlsx else ods(TABLE)
    part = read(tmp_path, content, name)
    assert [
        (row.row_no, row.values["status"], row.values["session_starts_at"], row.values["batch_code"])
        for row in part.rows
    ] == [
        (5, "P", "2026-08-12 08:00:00", "P01-A1"),
        (6, "L", "2026-08-12 08:00:00", "P01-A1"),
        (6, "A", "2026-08-12 13:00:00", "P01-A1"),
    ]
    assert part.rows[0].values["nip"] == NIP
    assert part.rows[0].values["email"] == ADDRESS
    assert part.lines == {"heading": 3, "blank": 1, "data": 2}


@pytest.mark.parametrize("made", [xlsx, ods])
def test_a_number_that_lost_its_digits_leaves_the_address(tmp_path: Path, made: object) -> None:
    table = [*TABLE[:4], [cell if cell != NIP else float(NIP) for cell in TABLE[4]]]
    part = read(tmp_path, xlsx(table) if made is xlsx else ods(table))
    assert (part.rows[0].values["nip"], part.rows[0].values["email"]) == (None, ADDRESS)
    without = [*table[:4], [cell if cell != ADDRESS else "" for cell in table[4]]]
    error = refusal(tmp_path, xlsx(without) if made is xlsx else ods(without))
    assert (error.code, error.row, error.column) == ("nip_scientific", 5, "C")


def test_remarks_stand_in_columns_without_a_heading(tmp_path: Path) -> None:
    table = [
        [*row[:5], ("" if number == 3 else "sakit"), *row[5:]] for number, row in enumerate(TABLE) if row
    ]
    part = read(tmp_path, xlsx([TABLE[0], TABLE[1], [], *table[2:]]))
    assert [row.values["status"] for row in part.rows] == ["P", "L", "A"]


def test_an_indonesian_site(tmp_path: Path) -> None:
    part = read(tmp_path, "\n".join(INDONESIAN).encode() + b"\n")
    assert [(row.row_no, row.values["status"], row.values["session_starts_at"]) for row in part.rows] == [
        (5, "P", "2026-08-12 08:00:00"),
        (5, "E", "2026-10-03 13:00:00"),
    ]
    assert (part.rows[0].values["nip"], part.rows[0].values["email"]) == (NIP, ADDRESS)
    assert part.lines == {"heading": 3, "blank": 1, "data": 1}


def test_a_separator_inside_a_name_is_no_line(tmp_path: Path) -> None:
    text = "\r\n".join(INDONESIAN).replace("\tRangga", "\tRangga\u2028\x85\x0b") + "\r\n"
    part = read(tmp_path, text.encode())
    assert {row.row_no for row in part.rows} == {5}
    assert part.lines == {"heading": 3, "blank": 1, "data": 1}


@pytest.mark.parametrize("group", ["", "All participants", "Semua peserta"])
def test_a_group_of_everybody_leaves_the_batch_open(tmp_path: Path, group: str) -> None:
    text = "\n".join(INDONESIAN).replace("P01-A1", group)
    assert {row.values["batch_code"] for row in read(tmp_path, text.encode()).rows} == {None}


def test_a_time_without_am_or_pm_needs_another_that_shows_24_hours(tmp_path: Path) -> None:
    text = "\n".join(INDONESIAN).replace("08.00AM", "08.00")
    error = refusal(tmp_path, text.replace("01.00PM", "01.00").encode())
    assert (error.code, error.row, error.column) == ("session_time", 4, "E")
    part = read(tmp_path, text.replace("01.00PM", "13.00").encode())
    assert part.rows[1].values["session_starts_at"] == "2026-10-03 13:00:00"


def test_marks_of_the_sites_own_are_left_for_the_contract(tmp_path: Path) -> None:
    part = read(tmp_path, "\n".join(INDONESIAN).replace("P (2/2)", "H (2/2)").encode())
    assert part.rows[0].values["status"] == "H"


@pytest.mark.parametrize(("mark", "status"), [
    ("P(2/2)", "P"), ("P\u00a0(2/2)", "P"), ("P (2 / 2)", "P"), ("P  ( 2,0/2,0 )", "P"), ("Hadir", "P"),
    ("hadir (2/2)", "P"), ("Tidak hadir", "A"), ("Terlambat (1/2)", "L"), ("Izin", "E"),
    ("P (2/2) ijin", "P (2/2) ijin"), ("P (-1/2)", "P (-1/2)"), ("=P", "=P"), ("Dinas luar", "Dinas luar"),
])  # fmt: skip
def test_marks_are_read_however_their_points_are_written(tmp_path: Path, mark: str, status: str) -> None:
    part = read(tmp_path, "\n".join(INDONESIAN).replace("P (2/2)", mark).encode())
    assert part.rows[0].values["status"] == status


def test_workbooks_of_other_kinds_are_not_taken(tmp_path: Path) -> None:
    assert refusal(tmp_path, xlsx([["Course", "Pelatihan"], ["x"]])).code == "unknown_sheet"
    assert refusal(tmp_path, ods([["a", "b"], ["c", "d"]])).code == "unknown_sheet"
    assert refusal(tmp_path, xlsx(TABLE)[:-400]).code == "broken_workbook"

"""Tables of other tools and offices, read through one mapping file: what fits is read, what does not is refused."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pytest
import yaml
from forms import ADDRESS, CATALOGUE, CONTRACTS, INSTRUMENTS, NAME, NIP, csv_bytes, xlsx_bytes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from tables_by_hand import ods_table, write_ods
from xls_by_hand import XlsSheet, xls

from flows.cli import main
from siklatih.drafting.tables import find_table
from siklatih.errors import MendError
from siklatih.mappings import load_mappings
from siklatih.reader import load_catalogue
from siklatih.settings import CHECKOUT
from siklatih.sources import recognise_file
from siklatih.sources.protocol import HEAD_BYTES, Catalogue, Part, SourceFile
from siklatih.sources.tops import tops_of
from siklatih.store import method_digest
from siklatih.table_mappings import load_table_mappings

SECOND = "197512122000032002"

SIMPEG = """
code: simpeg_pegawai
dataset: roster
headings:
  "NIP Baru": nip
  "NIP": nip
  "Nama Lengkap": name
  "Jenis Pegawai": status
  "Unit Kerja": unit_code
  "Kelompok Jabatan": position_type
  "Gol. Ruang": grade
  "L/P": sex
  "TMT CPNS": [valid_from, hire_date]
  "Alamat Surel": email
  "Foto": ignore
values:
  status: {"Pegawai Negeri Sipil": PNS, "PPPK": PPPK}
  unit_code: {"Dinas Kesehatan": OPD-12}
  position_type: {"Pelaksana": executor, "JFT": functional}
  sex: {"Laki-laki": L, "Perempuan": P}
  email: {"-": ~}
"""
SIMPEG_HEAD = [
    "No", "NIP Baru", "Nama Lengkap", "Jenis Pegawai", "Unit  kerja", "Kelompok Jabatan", "Gol. Ruang", "L/P",
    "TMT CPNS", "Alamat Surel", "Foto",
]  # fmt: skip
SIMPEG_ROWS: list[list[object]] = [
    [1, NIP, NAME, "Pegawai Negeri Sipil", "Dinas Kesehatan", "pelaksana", "III/d", "Laki-laki", "28-04-2006", ADDRESS, "x.jpg"],
    [2, SECOND, "Wening Contohwati", "PNS", "OPD-12", "JFT", "IV/a", "Perempuan", "13-03-2000", "-", ""],
]  # fmt: skip

QUIZ = """
code: kuis_kantor
dataset: test_scores
headings:
  "Surel peserta": email
  "Waktu selesai": taken_at
  "Skor": score
  "Nilai maks": max_score
constants: {occasion: post, instrument_code: kuis-k3, instrument_version: "1"}
others: ignore
"""
COMPLAINTS = """
code: rekap_aduan
dataset: service_outcomes
headings:
  "Perangkat Daerah": unit_code
  "Periode": month
  "Layanan": services
  "Aduan masuk": complaints
  "Selesai tepat waktu": complaints_on_time
values:
  unit_code: {"Dinas Kesehatan": OPD-12}
  month: {"Agustus 2026": 2026-08-01, "September 2026": 2026-09-01}
"""
SIGNED = """
code: daftar_hadir_kertas
dataset: attendance
headings: {"N I P": nip, "Nama Peserta": name, "Ket.": status, "Tanda tangan": ignore}
values: {status: {"hadir": P, "sakit": E, "tanpa keterangan": A}}
constants: {batch_code: P01-A1, session_starts_at: 2026-08-03 08:00:00}
"""


def catalogue(tmp_path: Path, *mappings: str) -> Catalogue:
    """The agency's contracts and instruments with mappings of a test's own."""
    folder = tmp_path / "mappings"
    folder.mkdir(exist_ok=True)
    for number, text in enumerate(mappings):
        (folder / f"m{number}.yaml").write_text(text, encoding="utf-8")
    return Catalogue(
        CONTRACTS,
        INSTRUMENTS,
        load_mappings(folder, INSTRUMENTS),
        tables=load_table_mappings(folder, CONTRACTS),
    )


def file_of(tmp_path: Path, content: bytes, known: Catalogue) -> SourceFile:
    path = tmp_path / "berkas"
    path.write_bytes(content)
    return SourceFile(path, path.name, len(content), content[:HEAD_BYTES], known)


def read(tmp_path: Path, content: bytes, *mappings: str) -> list[Part]:
    """Recognise and read a file that must be known by its mapping."""
    known = catalogue(tmp_path, *mappings)
    file = file_of(tmp_path, content, known)
    source, _ = recognise_file(file)
    assert source.NAME == "Mapped table"
    return list(source.read(file, known))


def refused(tmp_path: Path, content: bytes, *mappings: str) -> MendError:
    """Read a file that must be refused, by whatever source; nobody is in the message."""
    known = catalogue(tmp_path, *mappings)
    file = file_of(tmp_path, content, known)
    with pytest.raises(MendError) as caught:
        list(recognise_file(file)[0].read(file, known))
    said = str(caught.value)
    assert not any(text in said for text in (NAME, NIP, ADDRESS))
    assert caught.value.en != caught.value.id_
    return caught.value


def malformed(tmp_path: Path, text: str) -> MendError:
    with pytest.raises(MendError) as caught:
        catalogue(tmp_path, text)
    return caught.value


def simpeg(tmp_path: Path, *above: Sequence[object]) -> bytes:
    return xlsx_bytes(tmp_path, {"Sheet1": [*above, SIMPEG_HEAD, *SIMPEG_ROWS]})


# --- what is read


def test_a_roster_of_simpeg_is_read_below_its_letterhead(tmp_path: Path) -> None:
    content = simpeg(tmp_path, ["PEMERINTAH KOTA CONTOH"], [], ["Daftar Pegawai", "", "Tahun 2026"])
    (part,) = read(tmp_path, content, SIMPEG)
    assert (part.dataset, part.place) == ("roster", "lembar 1")
    assert part.lines == {"heading": 3, "blank": 1, "data": 2}
    first, second = part.rows
    assert (first.row_no, second.row_no) == (5, 6)
    assert first.values == {
        "nip": NIP, "name": NAME, "status": "PNS", "unit_code": "OPD-12", "position_type": "executor",
        "grade": "III/d", "sex": "L", "valid_from": "2006-04-28", "hire_date": "2006-04-28", "email": ADDRESS,
    }  # fmt: skip
    assert (second.values["email"], second.values["status"]) == (None, "PNS")
    assert second.values["valid_from"] == second.values["hire_date"] == "2000-03-13"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_same_roster_as_text_and_as_other_workbooks_gives_the_same_rows(
    tmp_path: Path, delimiter: str
) -> None:
    (wanted,) = read(tmp_path, simpeg(tmp_path), SIMPEG)
    (text,) = read(tmp_path, csv_bytes([SIMPEG_HEAD, *SIMPEG_ROWS], delimiter=delimiter), SIMPEG)
    assert text.rows == wanted.rows
    place = tmp_path / "b.ods"
    write_ods(
        place, ods_table("Lembar", [[str(cell) for cell in row] for row in (SIMPEG_HEAD, *SIMPEG_ROWS)])
    )
    (ods,) = read(tmp_path, place.read_bytes(), SIMPEG)
    assert ods.rows == wanted.rows
    old = xls({"a": XlsSheet([SIMPEG_HEAD, *([str(cell) for cell in row] for row in SIMPEG_ROWS)])})
    (biff,) = read(tmp_path, old, SIMPEG)
    assert biff.rows == wanted.rows


def test_a_known_variant_of_a_title_and_another_order_change_nothing(tmp_path: Path) -> None:
    order = [8, 1, 3, 2, 5, 4, 6, 7, 10, 9]
    rows = [["NIP " if title == "NIP Baru" else title.upper() for title in SIMPEG_HEAD], *SIMPEG_ROWS]
    moved = csv_bytes([[row[at] for at in order] for row in rows])
    (part,) = read(tmp_path, moved, SIMPEG)
    (wanted,) = read(tmp_path, simpeg(tmp_path), SIMPEG)
    assert [row.values for row in part.rows] == [row.values for row in wanted.rows]


def test_dates_of_a_workbook_and_its_serial_numbers_are_read_in_every_copy(tmp_path: Path) -> None:
    for day in (date(2006, 4, 1), datetime(2006, 4, 1), 38808):  # noqa: DTZ001
        rows = [[*row[:8], day, *row[9:]] for row in SIMPEG_ROWS]
        (part,) = read(tmp_path, xlsx_bytes(tmp_path, {"a": [SIMPEG_HEAD, *rows]}), SIMPEG)
        assert {row.values[name] for row in part.rows for name in ("valid_from", "hire_date")} == {
            "2006-04-01"
        }


def test_scores_of_another_quiz_tool_need_constants_and_leave_the_batch_to_filing(tmp_path: Path) -> None:
    content = csv_bytes(
        [
            ["Peserta", "Surel peserta", "Waktu selesai", "Skor", "Nilai maks", "IP"],
            [NAME, ADDRESS, "21/08/2026 10:05", "28,50", "30", "x"],
            [NAME, ADDRESS, "03/09/2026 10:05", "17", "30", "x"],
        ]
    )
    (part,) = read(tmp_path, content, QUIZ)
    assert part.rows[0].values == {
        "batch_code": None, "email": ADDRESS, "taken_at": "2026-08-21 10:05:00", "score": "28.50", "max_score": "30",
        "occasion": "post", "instrument_code": "kuis-k3", "instrument_version": "1",
    }  # fmt: skip
    assert part.rows[1].values["taken_at"] == "2026-09-03 10:05:00"  # the 21st shows the order
    assert NAME not in {value for row in part.rows for value in row.values.values()}


def test_complaints_a_month_with_totals_and_a_heading_repeated(tmp_path: Path) -> None:
    head = ["Perangkat Daerah", "Periode", "Layanan", "Aduan masuk", "Selesai tepat waktu"]
    content = csv_bytes(
        [
            head,
            ["(1)", "(2)", "(3)", "(4)", "(5)"],
            ["Dinas Kesehatan", "Agustus 2026", "1.204", "7", "6"],
            head,
            ["Dinas Kesehatan", "September 2026", "980", "5", "5"],
            ["Jumlah", "", "2.184", "12", "11"],
        ]
    )
    (part,) = read(tmp_path, content, COMPLAINTS)
    assert part.lines == {"heading": 3, "data": 2, "total": 1}
    assert [(row.row_no, *row.values.values()) for row in part.rows] == [
        (3, "OPD-12", "2026-08-01", "1204", "7", "6"),
        (5, "OPD-12", "2026-09-01", "980", "5", "5"),
    ]


def test_a_typed_sign_in_sheet_gets_its_session_from_the_mapping(tmp_path: Path) -> None:
    content = xlsx_bytes(
        tmp_path,
        {
            "Daftar": [
                ["DAFTAR HADIR", "", "Senin, 3 Agustus 2026"],
                ["No.", "N I P", "Nama Peserta", "Tanda tangan", "Ket."],
                [1, "19800101 200604 1 001", NAME, "ttd", "Hadir"],
                [2, "", "Wening Contohwati", "", "Tanpa Keterangan"],
                [3, "", "", "", ""],
                ["", "Jumlah 2 orang", "", "", ""],
            ]
        },
    )
    (part,) = read(tmp_path, content, SIGNED)
    assert part.lines == {"heading": 2, "data": 2, "blank": 1, "total": 1}
    assert part.rows[0].values == {
        "batch_code": "P01-A1", "session_starts_at": "2026-08-03 08:00:00", "nip": NIP, "name": NAME, "status": "P",
    }  # fmt: skip
    assert (part.rows[1].values["nip"], part.rows[1].values["status"]) == (None, "A")


def test_a_list_of_those_who_came_may_take_all_that_is_required_from_constants(tmp_path: Path) -> None:
    mapping = SIGNED.replace(', "Ket.": status', "").replace("A1,", "A1, status: P,")
    mapping = mapping.replace('values: {status: {"hadir": P, "sakit": E, "tanpa keterangan": A}}\n', "")
    content = csv_bytes(
        [["Daftar hadir", "", ""], ["No", "N I P", "Nama Peserta"], ["1", NIP, NAME], ["2", SECOND, "W"]]
    )
    (part,) = read(tmp_path, content, mapping)
    assert [(row.row_no, row.values["nip"], row.values["status"]) for row in part.rows] == [
        (3, NIP, "P"),
        (4, SECOND, "P"),
    ]
    assert part.lines == {"heading": 2, "data": 2}


def test_a_heading_of_two_rows_and_cells_merged_downwards_are_read(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["Perangkat Daerah", "Periode", "Aduan", None, "Layanan"])
    sheet.append([None, None, "masuk", "tepat waktu", None])
    sheet.append(["OPD-12", date(2026, 8, 1), 7, 6, 900])
    sheet.append([None, date(2026, 9, 1), 5, 5, 800])
    sheet.merge_cells("C1:D1")
    sheet.merge_cells("A3:A4")
    book.save(tmp_path / "b.xlsx")
    mapping = COMPLAINTS.replace("Selesai tepat waktu", "Aduan tepat waktu")
    (part,) = read(tmp_path, (tmp_path / "b.xlsx").read_bytes(), mapping)
    assert [tuple(row.values.values()) for row in part.rows] == [
        ("OPD-12", "2026-08-01", "7", "6", "900"),
        ("OPD-12", "2026-09-01", "5", "5", "800"),
    ]
    assert part.lines == {"heading": 2, "data": 2}


def test_a_word_that_the_mapping_does_not_know_stays_for_the_contract_to_judge(tmp_path: Path) -> None:
    rows = [[*SIMPEG_ROWS[0][:3], "Honorer", *SIMPEG_ROWS[0][4:]]]
    (part,) = read(tmp_path, csv_bytes([SIMPEG_HEAD, *rows]), SIMPEG)
    assert part.rows[0].values["status"] == "Honorer"


def test_sheets_that_no_mapping_fits_are_passed_over_only_where_a_mapping_says_so(tmp_path: Path) -> None:
    sheets = {"Data": [SIMPEG_HEAD, *SIMPEG_ROWS], NAME: [["Pivot", "x"], ["y", "z"]]}
    content = xlsx_bytes(tmp_path, sheets)
    error = refused(tmp_path, content, SIMPEG)
    assert error.code == "unknown_sheet"
    assert "2" in error.en
    (part,) = read(tmp_path, content, SIMPEG + "other_sheets: ignore\n")
    assert len(part.rows) == 2


# --- what is refused


def test_a_title_that_the_mapping_does_not_name_refuses_the_file_with_its_column(tmp_path: Path) -> None:
    rows = [[*SIMPEG_HEAD, "Keterangan", NAME], *([*row, "", ""] for row in SIMPEG_ROWS)]
    for content in (csv_bytes(rows), xlsx_bytes(tmp_path, {"Data": rows})):
        error = refused(tmp_path, content, SIMPEG)
        assert (error.code, error.row, error.column) == ("unknown_heading", 1, "L")
        assert "L, M" in error.en
        assert "simpeg_pegawai" in error.en
    (part,) = read(tmp_path, csv_bytes(rows), SIMPEG + "others: ignore\n")
    assert len(part.rows) == 2


def test_where_others_are_passed_over_a_renamed_column_is_not_dropped_unseen(tmp_path: Path) -> None:
    rows = [[title.replace("Alamat Surel", "Surel kantor") for title in SIMPEG_HEAD], *SIMPEG_ROWS]
    assert refused(tmp_path, csv_bytes(rows), SIMPEG + "others: ignore\n").code == "unrecognised"
    assert refused(tmp_path, csv_bytes(rows), SIMPEG).code == "unknown_heading"


def test_a_table_without_a_title_that_is_needed_is_not_taken_for_the_mappings(tmp_path: Path) -> None:
    rows = [[row[at] for at in range(11) if at != 3] for row in (SIMPEG_HEAD, *SIMPEG_ROWS)]
    assert refused(tmp_path, csv_bytes(rows), SIMPEG).code == "unrecognised"


def test_two_mappings_that_fit_equally_are_refused_by_name(tmp_path: Path) -> None:
    error = refused(tmp_path, simpeg(tmp_path), SIMPEG, SIMPEG.replace("simpeg_pegawai", "siasn_unduhan"))
    assert (error.code, error.row) == ("ambiguous_mapping", 1)
    assert "siasn_unduhan" in error.en
    assert "simpeg_pegawai" in error.en


def test_of_two_mappings_the_one_that_names_more_titles_is_taken(tmp_path: Path) -> None:
    less = SIMPEG.replace("simpeg_pegawai", "b").replace('  "Foto": ignore\n', "") + "others: ignore\n"
    (part,) = read(tmp_path, simpeg(tmp_path), less, SIMPEG)
    assert len(part.rows) == 2


def test_a_title_there_twice_is_refused(tmp_path: Path) -> None:
    rows = [[*SIMPEG_HEAD, "NIP"], *([*row, NIP] for row in SIMPEG_ROWS)]
    error = refused(tmp_path, csv_bytes(rows), SIMPEG)
    assert (error.code, error.column) == ("unknown_column", "L")


def test_dates_with_two_readings_are_refused_until_the_mapping_says_which(tmp_path: Path) -> None:
    rows = [[*row[:8], "04/05/2006", *row[9:]] for row in SIMPEG_ROWS]
    content = csv_bytes([SIMPEG_HEAD, *rows])
    error = refused(tmp_path, content, SIMPEG)
    assert (error.code, error.row) == ("ambiguous_dates", 2)
    assert "date_order" in error.en
    assert "date_order" in error.id_
    for order, day in (("dmy", "2006-05-04"), ("mdy", "2006-04-05")):
        (part,) = read(tmp_path, content, SIMPEG + f"date_order: {order}\n")
        assert {row.values["hire_date"] for row in part.rows} == {day}


def test_dates_beside_texts_that_could_not_become_dates_are_refused_in_a_mapped_table(
    tmp_path: Path,
) -> None:
    texts: list[object] = [datetime(2006, 5, 4), "13/04/2006"]  # noqa: DTZ001
    rows = [[*row[:8], text, *row[9:]] for row, text in zip(SIMPEG_ROWS, texts, strict=True)]
    content = xlsx_bytes(tmp_path, {"Data": [SIMPEG_HEAD, *rows]})
    error = refused(tmp_path, content, SIMPEG + "date_order: dmy\n")
    assert (error.code, error.row, error.column) == ("half_converted_dates", 3, "I")


def test_a_column_with_data_and_no_title_is_refused(tmp_path: Path) -> None:
    rows = [[*SIMPEG_HEAD, ""], *([*row, NAME] for row in SIMPEG_ROWS)]
    error = refused(tmp_path, csv_bytes(rows), SIMPEG)
    assert (error.code, error.column) == ("unknown_column", "L")
    (part,) = read(tmp_path, csv_bytes(rows), SIMPEG + "others: ignore\n")
    assert len(part.rows) == 2


def test_a_line_of_text_cut_short_is_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, csv_bytes([SIMPEG_HEAD, *SIMPEG_ROWS, SIMPEG_ROWS[0][:4]]), SIMPEG)
    assert (error.code, error.row) == ("broken_csv", 4)


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ([*SIMPEG_ROWS[0], ""], "broken_csv"),  # without the last cell, which the mapping passes over
        (SIMPEG_ROWS[0][:4], "broken_csv"),
        ([*SIMPEG_ROWS[0], "", "x", "y"], "unknown_column"),
    ],
)
def test_a_line_of_another_length_is_refused_also_where_other_columns_are_passed_over(
    tmp_path: Path, line: list[object], code: str
) -> None:
    """A cell may be missing in the middle, and all behind it stand one column off."""
    head, whole = [*SIMPEG_HEAD, "Umur", "Catatan"], [*SIMPEG_ROWS[0], 30, ""]
    others = SIMPEG + "others: ignore\n"
    error = refused(tmp_path, csv_bytes([["Daftar pegawai"], head, whole, line]), others)
    assert (error.code, error.row) == (code, 4)
    assert error.column == ("N" if code == "unknown_column" else None)
    total, padded = ["", "Jumlah"], [*whole, "", ""]
    (part,) = read(tmp_path, csv_bytes([["Daftar pegawai"], head, whole, [], padded, total]), others)
    assert part.lines == {"heading": 2, "data": 2, "blank": 1, "total": 1}
    assert part.rows[0].values == part.rows[1].values
    cells = xlsx_bytes(tmp_path, {"a": [head, whole, line]})  # a workbook has no line to cut
    assert len(read(tmp_path, cells, others)[0].rows) == 2


def test_an_employee_number_that_lost_its_digits_refuses_the_file_with_its_sheet(tmp_path: Path) -> None:
    rows = [[1, 1.99608e17, *SIMPEG_ROWS[0][2:]]]
    error = refused(tmp_path, xlsx_bytes(tmp_path, {"a": [SIMPEG_HEAD, *rows]}), SIMPEG)
    assert (error.code, error.row, error.place) == ("nip_scientific", 2, "lembar 1")


def test_the_agencys_own_tables_are_never_taken_for_mapped_ones(tmp_path: Path) -> None:
    """Even where a mapping that passes others over would fit them."""
    mapping = """
code: rakus
dataset: enrolments
headings: {"NIP": nip, "Kode angkatan": batch_code, "Kelompok": arm, "Tanggal daftar": enrolled_on, "Status peserta": status}
others: ignore
"""
    columns = CONTRACTS["enrolments"].columns
    rows = [[column.title_id for column in columns], ["P01-A1", NIP, "trained", "2026-08-01", "enrolled"]]
    known = catalogue(tmp_path, mapping)
    for content in (csv_bytes(rows), xlsx_bytes(tmp_path, {CONTRACTS["enrolments"].title_id: rows})):
        assert recognise_file(file_of(tmp_path, content, known))[0].NAME == "Agency workbook"
    foreign = csv_bytes([[*rows[0], "Catatan"], [*rows[1], "x"]])
    assert recognise_file(file_of(tmp_path, foreign, known))[0].NAME == "Mapped table"


@pytest.mark.parametrize(("old", "new", "says"), [
    ("dataset: roster", "dataset: pegawai", "pegawai"),
    ("dataset: roster", "dataset: roster\ninstrument: reaction", "either"),
    ("code: simpeg_pegawai", "kode: x", "kode"),
    ("code: simpeg_pegawai\n", "", "code"),
    ('"Nama Lengkap": name', '"Nama Lengkap": nama', "nama"),
    ('"Nama Lengkap": name', '"Nama Lengkap": {item: sat1}', "column"),
    ('"Nama Lengkap": name', '"Nama Lengkap": [name, name]', "column"),
    ('"Nama Lengkap": name', '"Nama Lengkap": ignore', "requires name"),
    ('"NIP": nip', '"nip  BARU": nip', "twice"),
    ('"Pegawai Negeri Sipil": PNS', '"Pegawai Negeri Sipil": ASN', "PNS"),
    ('"Pegawai Negeri Sipil": PNS', "Yes: PNS", "quotation"),
    ("values:", "others: buang\nvalues:", "others"),
    ("values:", "date_order: ymd\nvalues:", "date_order"),
    ("values:", "constants: {status: PNS}\nvalues:", "constant"),
    ("values:", "constants: {previous_number: x}\nvalues:", "who is meant"),
    ("values:", "constants: {supervisor: x}\nvalues:", "supervisor"),
    ("values:", "constants: {exit_date: ''}\nvalues:", "empty"),
    ("  status: {", "  exit_date: {", "exit_date"),
    ("dataset: roster", "dataset: [roster]", "service_survey"),
    ("code: simpeg_pegawai", "code: ../../x", "40 letters"),
    ("code: simpeg_pegawai", "code: [a]", "40 letters"),
    ("code: simpeg_pegawai", "code: 1999-01-01", "40 letters"),
    ("values:", "repeat: [a]\nvalues:", "repeat: it is empty, or not one value"),
    ("values:", "others: [ignore]\nvalues:", "others"),
    ("values:", "date_order: [dmy]\nvalues:", "date_order: write one of: dmy, mdy"),
    ("values:", "constants: [sex]\nvalues:", "constants: write one line each"),
    ("values:", "constants: {supervisor_: x}\nvalues:", "constants, column: supervisor_ is none of: "),
    ("values:", "constants: {sex: [L]}\nvalues:", "constants, sex"),
    ('"Nama Lengkap": name', '"Nama Lengkap": ~', "“Nama Lengkap”"),
    ('"Nama Lengkap": name', '"Nama Lengkap": [name, [sex]]', "“Nama Lengkap”"),
    ('"Nama Lengkap": name', "No: name", "quotation"),
    ('{"Laki-laki": L, "Perempuan": P}', "[L, P]", "values, sex"),
    ('{"Laki-laki": L, "Perempuan": P}', '{"Laki-laki": [L]}', "values, sex, “Laki-laki”"),
    ('{"Laki-laki": L, "Perempuan": P}', '{"a  b": L, "A b": P}', "twice"),
])  # fmt: skip
def test_a_malformed_mapping_is_refused_by_its_file_with_what_is_wrong(
    tmp_path: Path, old: str, new: str, says: str
) -> None:
    assert SIMPEG.count(old) >= 1
    error = malformed(tmp_path, SIMPEG.replace(old, new, 1))
    assert (error.code, error.file) == ("mapping", "m0.yaml")
    assert says in error.en
    assert "Perbaiki" in error.id_
    assert not re.search(r"\w+Error\b|object has|<class", error.en + error.id_), "no words of Python"


NOTHING = "code: a\ndataset: costs\n"


@pytest.mark.parametrize(("text", "line", "says"), [
    (NOTHING + "headings: &h {A: *h}\n", 3, "holds itself"),
    (NOTHING + "headings:\n  A: batch_code\n  B: cost_type\n  A: funded_by\n", 6, "already stands in line 4"),
    (NOTHING + "others: ignore\nothers: ignore\n", 4, "already stands in line 3"),
    (NOTHING + "headings: {A: [}\n", 3, "while parsing"),
    (NOTHING + "headings: {[A]: batch_code}\n", 3, "one word"),
    (NOTHING + "constants: {cost_type: 2026-13-45}\n", 3, "does not exist"),
    (NOTHING + "headings: !!python/name:os.system x\n", 3, "not YAML"),
    (NOTHING + "headings: " + "[" * 150 + "]" * 150, 3, "too deeply"),
    (NOTHING + "a: *b\n", 3, "not YAML"),
    (NOTHING + "a: \x07\n", None, "not YAML"),
])  # fmt: skip
def test_a_file_that_is_no_sound_yaml_is_refused_by_its_line(
    tmp_path: Path, text: str, line: int | None, says: str
) -> None:
    error = malformed(tmp_path, text)
    assert (error.code, error.file, error.row) == ("config_file", "m0.yaml", line)
    assert says in error.en
    assert f"baris {line}" in error.id_ or line is None
    assert error.en != error.id_


def test_what_is_no_file_or_no_utf8_is_refused_by_its_name(tmp_path: Path) -> None:
    folder = tmp_path / "mappings"
    place = folder / "x.yaml"
    place.mkdir(parents=True)
    for says in ("it is a folder", "cannot be opened", "not UTF-8"):
        if says == "cannot be opened":
            place.rmdir()
            place.symlink_to(tmp_path / "nowhere")
        elif says == "not UTF-8":
            place.unlink()
            place.write_bytes(b"code: a\ndataset: \xff\xfe")
        with pytest.raises(MendError, match=says) as caught:
            load_table_mappings(folder, CONTRACTS)
        assert (caught.value.code, caught.value.file) == ("config_file", "x.yaml")
        if says != "not UTF-8":  # an ingest looks at the bytes first
            with pytest.raises(MendError, match=says):
                method_digest(tmp_path, "k")
        else:
            assert caught.value.row == 2


def test_a_bom_as_notepad_writes_it_is_no_fault_and_one_list_may_stand_for_another(tmp_path: Path) -> None:
    text = SIMPEG.replace('"Pelaksana": executor', '"Pelaksana": &e executor, "Staf": *e')
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "m.yaml").write_bytes(b"\xef\xbb\xbf" + text.encode())
    known = load_table_mappings(tmp_path / "mappings", CONTRACTS)
    assert known["simpeg_pegawai"].values["position_type"]["staf"] == "executor"


@pytest.mark.parametrize("command", [["check", "--no-return", "a.csv"], ["map", "a.csv"]])
def test_commands_say_by_their_exit_code_that_the_configuration_is_at_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    config = tmp_path / "config"
    shutil.copytree(CHECKOUT / "config", config)
    (config / "mappings").mkdir(exist_ok=True)
    monkeypatch.setenv("SIKLATIH_CONFIG", str(config))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("A;B\n1;2\n", encoding="utf-8")
    for text, says in ((NOTHING + "headings: &h {A: *h}\n", "baris 3"), (NOTHING + "sandi: x\n", "sandi")):
        (config / "mappings" / "x.yaml").write_text(text, encoding="utf-8")
        assert main(command) == 2
        error = capsys.readouterr().err
        assert says in error
        assert "x.yaml" in error


SCALARS = st.sampled_from(
    ["nip", "name", "ignore", "?x", "", 1, -1, 2.5, True, None, date(2026, 8, 1), "sex", "L"]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SCALARS, inner, max_size=3),
    max_leaves=6,
)
FIELDS = [
    "code", "headings", "values", "constants", "date_order", "others", "other_sheets", "repeat", "answers",
    "item_answers", "dataset", "instrument", "x",
]  # fmt: skip


@given(content=st.dictionaries(st.sampled_from(FIELDS), VALUES), base=st.sampled_from(["table", "form"]))
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_stands_in_a_mapping_it_is_used_or_refused_in_words(
    tmp_path: Path, content: dict[str, object], base: str
) -> None:
    sound: dict[str, object] = {"code": "a", "instrument": "reaction", "headings": {"A": {"item": "sat1"}}}
    if base == "table":
        sound = yaml.safe_load(SIMPEG)
    folder = tmp_path / "any"
    folder.mkdir(exist_ok=True)
    (folder / "m.yaml").write_text(yaml.safe_dump({**sound, **content}), encoding="utf-8")
    error = None
    try:
        load_mappings(folder, INSTRUMENTS)
        load_table_mappings(folder, CONTRACTS)
    except MendError as raised:
        error = raised
    if error is not None:
        assert error.code in ("mapping", "mapping_open", "config_file")
        assert error.en != error.id_
        assert not re.search(r"\w+Error\b|object has|<class", error.en + error.id_)


def test_two_mappings_of_one_code_are_refused(tmp_path: Path) -> None:
    with pytest.raises(MendError) as caught:
        catalogue(tmp_path, SIMPEG, SIMPEG)
    assert (caught.value.code, caught.value.file) == ("mapping", "m1.yaml")


@pytest.mark.parametrize(("old", "new", "named"), [
    ('"Foto": ignore', '"Foto": "?"', "Foto"),
    ('"TMT CPNS": [valid_from, hire_date]', '"TMT CPNS": [valid_from, "?"]', "TMT CPNS"),
    ('"Pegawai Negeri Sipil": PNS', '"Pegawai Negeri Sipil": "?"', "Pegawai Negeri Sipil"),
])  # fmt: skip
def test_a_draft_that_is_still_open_is_refused_with_what_is_left(
    tmp_path: Path, old: str, new: str, named: str
) -> None:
    error = malformed(tmp_path, SIMPEG.replace(old, new))
    assert (error.code, error.file) == ("mapping_open", "m0.yaml")
    assert f"“{named}”" in error.en
    assert f"“{named}”" in error.id_


def test_the_agency_has_no_mapping_of_its_own_and_files_are_known_without_any() -> None:
    known = load_catalogue(CHECKOUT / "config")
    assert dict(known.tables) == {}
    assert dict(known.mappings) == dict(CATALOGUE.mappings)


def test_check_marks_the_cells_below_the_mappings_own_titles(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole way of a sender: `check` with a mapping in the agency's configuration, and its return."""
    config = tmp_path / "config"
    shutil.copytree(CHECKOUT / "config", config)
    (config / "mappings" / "simpeg.yaml").write_text(SIMPEG, encoding="utf-8")
    monkeypatch.setenv("SIKLATIH_CONFIG", str(config))
    rows = [SIMPEG_ROWS[0], [*SIMPEG_ROWS[1][:3], "Honorer", *SIMPEG_ROWS[1][4:]]]
    path = tmp_path / "pegawai.xlsx"
    path.write_bytes(xlsx_bytes(tmp_path, {"Kosong": [], "Data": [["Daftar"], SIMPEG_HEAD, *rows]}))
    assert main(["check", str(path)]) == 1
    out = capsys.readouterr().out
    assert "Mapped table" in out
    assert "baris dibaca / rows read: 2; diterima / accepted: 1; disisihkan / put aside: 1" in out
    sheet = load_workbook(tmp_path / "pegawai-perbaikan.xlsx")["Data"]
    assert {cell.coordinate for row in sheet for cell in row if cell.comment} == {"D4"}
    (config / "mappings" / "simpeg.yaml").write_text(SIMPEG.replace("ignore", '"?"'), encoding="utf-8")
    assert main(["check", str(path)]) == 2
    assert "[mapping_open]" in capsys.readouterr().err


def with_ours(tmp_path: Path, name: str, rows: Sequence[Sequence[object]]) -> bytes:
    """A table as it comes back: behind the sheets that a return has in front."""
    return xlsx_bytes(
        tmp_path,
        {
            "Perbaikan": [["siklatih-return", "ab" * 32], [], ["lembar / sheet", "baris / row"], ["1", 2]],
            "Usulan nama": [
                ["Nama ini mirip"],
                [],
                ["kode / code", "angkatan / batch"],
                ["0123456789ab", "B-1"],
            ],
            name: rows,
        },
    )


def test_the_sheets_of_a_return_are_no_tables_and_are_not_counted(tmp_path: Path) -> None:
    content = with_ours(tmp_path, "Data", [SIMPEG_HEAD, *SIMPEG_ROWS])
    (part,) = read(tmp_path, content, SIMPEG)
    (wanted,) = read(tmp_path, simpeg(tmp_path), SIMPEG)
    assert (part.place, part.rows) == (wanted.place, wanted.rows)
    known = catalogue(tmp_path, SIMPEG)
    assert [top.name for top in tops_of(file_of(tmp_path, content, known))] == ["Data"]
    table, at = find_table(file_of(tmp_path, content, known), known, None)
    assert (table.name, at) == ("Data", 0)
    rows = [SIMPEG_HEAD, *SIMPEG_ROWS]
    error = refused(tmp_path, with_ours(tmp_path, "Data", [[*row, "x"] for row in rows]), SIMPEG)
    assert (error.code, error.place) == ("unknown_heading", "lembar 1")
    strange = refused(tmp_path, with_ours(tmp_path, "Data", [["warna", "bentuk"], ["a", "b"]]), SIMPEG)
    assert "Lembar ke-1 " in strange.id_


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_table_that_comes_back_still_wrong_is_marked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """In an ODS too, whose return is an XLSX; and where a sheet's name is another's number."""
    config = tmp_path / "config"
    shutil.copytree(CHECKOUT / "config", config)
    (config / "mappings" / "simpeg.yaml").write_text(SIMPEG, encoding="utf-8")
    monkeypatch.setenv("SIKLATIH_CONFIG", str(config))
    rows = [SIMPEG_HEAD, SIMPEG_ROWS[0], [*SIMPEG_ROWS[1][:3], "Honorer", *SIMPEG_ROWS[1][4:]]]
    path = tmp_path / f"pegawai.{kind}"
    if kind == "xlsx":
        path.write_bytes(xlsx_bytes(tmp_path, {"2": [], "1": rows}))
    else:
        texts = [[str(cell) for cell in row] for row in rows]
        path.write_bytes(write_ods(path, ods_table("2", []), ods_table("1", texts)))
    for answer in ("pegawai-perbaikan.xlsx", "pegawai-perbaikan-perbaikan.xlsx"):
        assert main(["check", str(path)]) == 1
        path = tmp_path / answer
        book = load_workbook(path)
        marked = {
            (sheet.title, cell.coordinate)
            for sheet in book.worksheets
            for row in sheet
            for cell in row
            if cell.comment
        }
        assert marked == {("1", "D3")}
        book.create_sheet("Usulan nama", 1)  # as where names are asked about
        book.save(path)


def test_an_unknown_table_is_refused_with_the_nearest_datasets_and_the_way_to_a_mapping(
    tmp_path: Path,
) -> None:
    for content in (
        csv_bytes([["DAFTAR PEGAWAI"], [], SIMPEG_HEAD, *SIMPEG_ROWS]),
        simpeg(tmp_path, ["DAFTAR PEGAWAI"]),
    ):
        error = refused(tmp_path, content)
        assert error.code in ("unrecognised", "unknown_sheet")
        for text in (error.en, error.id_):
            assert "“Daftar pegawai”" in text
            assert "siklatih map" in text
    nothing = refused(tmp_path, csv_bytes([["warna", "bentuk"], ["merah", "bulat"]]))
    assert "siklatih map" not in nothing.en
    people = refused(tmp_path, csv_bytes([[NAME, NIP, ADDRESS]] * 3))
    assert "siklatih map" not in people.en


@pytest.mark.parametrize("content", [
    xls({"a": XlsSheet([SIMPEG_HEAD])}, locked=True),
    xls({"a": XlsSheet([SIMPEG_HEAD])})[:700],
    b"PK\x03\x04" + bytes(400),
    b"",
])  # fmt: skip
def test_files_that_cannot_be_opened_are_refused_as_without_mappings(tmp_path: Path, content: bytes) -> None:
    assert refused(tmp_path, content, SIMPEG).code == refused(tmp_path, content).code

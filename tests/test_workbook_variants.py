"""The agency's workbook as people keep it: other containers, letterheads, totals, merged cells, odd values."""

from __future__ import annotations

import dataclasses
import io
import struct
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900
from tables_by_hand import ods_cell, ods_date, ods_row, ods_table, write_ods
from xls_by_hand import Day, XlsSheet, ole, xls

from siklatih.contracts import Column, EnumValue, load_contracts
from siklatih.errors import MendError
from siklatih.instruments import load_instruments
from siklatih.settings import CHECKOUT
from siklatih.sources import recognise_file, workbook
from siklatih.sources.protocol import HEAD_BYTES, Catalogue, Part, SourceFile
from siklatih.sources.values import canonical

CATALOGUE = Catalogue(
    load_contracts(CHECKOUT / "config" / "contracts"), load_instruments(CHECKOUT / "config" / "instruments")
)
NIP = "198001012006041001"


def column(dataset: str, name: str) -> Column:
    return CATALOGUE.contracts[dataset].column(name)


# --- values


@pytest.mark.parametrize(("written", "read"), [
    ("23 November 2026", "2026-11-23"),
    ("23 Nov 2026", "2026-11-23"),
    ("5 Agustus 2026", "2026-08-05"),
    ("05 agt. 2026", "2026-08-05"),
    ("Senin, 23 November 2026", "2026-11-23"),
    ("Jum'at, 7 Agustus 2026", "2026-08-07"),
    ("1-Mei-2026", "2026-05-01"),
    ("1 May 2026", "2026-05-01"),
    ("31 Desember 2026", "2026-12-31"),
    ("31 December 2026", "2026-12-31"),
    ("3 Nopember 2025", "2025-11-03"),
    ("5/8/2026", "2026-08-05"),
    ("31 Februari 2026", "31 Februari 2026"),  # no such day: the contract's type check puts it aside
    ("31/02/2026", "31/02/2026"),
    ("26-01-05", "26-01-05"),  # the year may come first, and be of the last century
    ("5/8/26", "5/8/26"),
    ("5 Smarch 2026", "5 Smarch 2026"),
    ("Agustus 2026", "Agustus 2026"),
    ("a" * 200_000, "a" * 200_000),  # at once, and not after trying for minutes
])  # fmt: skip
def test_dates_with_month_names_are_read_in_both_languages(written: str, read: str) -> None:
    assert canonical(column("batches", "starts_on"), written) == read


@pytest.mark.parametrize(("written", "read"), [
    ("5 Agustus 2026 08:30", "2026-08-05 08:30:00"),
    ("5 Aug 2026, 8.05", "2026-08-05 08:05:00"),
    ("5 Agustus 2026 pukul 13.30", "2026-08-05 13:30:00"),
    ("5 Agustus 2026", "2026-08-05 00:00:00"),
    ("5 Agustus 2026 pukul 13.00 WIB", "2026-08-05 13:00:00"),
    ("5 Agustus 2026 pukul 13.00 WITA", "2026-08-05 12:00:00"),
    ("Rabu,5 Agustus 2026 1:00 PM", "2026-08-05 13:00:00"),
    ("2026/08/05 08:00", "2026-08-05 08:00:00"),
    ("2026/8/5 8.00", "2026-08-05 08:00:00"),
])  # fmt: skip
def test_times_with_month_names_are_read(written: str, read: str) -> None:
    assert canonical(column("sessions", "starts_at"), written) == read


@pytest.mark.parametrize("written", [
    "19800101 200604 1 001", "'" + NIP, f"’{NIP}", f'="{NIP}"', f"\u00a0{NIP} ", NIP,
])  # fmt: skip
def test_an_employee_number_is_one_however_its_digits_were_kept(written: str) -> None:
    assert canonical(column("roster", "nip"), written) == NIP


@pytest.mark.parametrize("written", ["'1,98E+17", '="1.98E+17"'])
def test_an_employee_number_that_lost_its_digits_is_refused_behind_an_apostrophe_too(written: str) -> None:
    with pytest.raises(MendError) as caught:
        canonical(column("roster", "nip"), written)
    assert caught.value.code == "nip_scientific"


def test_an_apostrophe_alone_is_no_employee_number() -> None:
    assert canonical(column("roster", "nip"), "'") is None


@pytest.mark.parametrize(("written", "read"), [
    ("III.d", "III/d"), ("3d", "III/d"), ("III/d", "III/d"), ("iii d", "III/d"), ("IIID", "III/d"),
    ("4-a", "IV/a"), ("IV.A", "IV/a"), ("V/a", "V/a"), ("Penata", "Penata"), ("II/d", "II/d"),
])  # fmt: skip
def test_a_rank_is_its_code_where_the_contract_lists_ranks(written: str, read: str) -> None:
    ranks = tuple(EnumValue(code, code, code) for code in ("III/c", "III/d", "IV/a"))
    listed = dataclasses.replace(column("roster", "grade"), values=ranks)
    assert canonical(listed, written) == read
    assert canonical(column("roster", "grade"), written) == written  # no list, nothing to guess


def test_a_code_kept_as_a_number_is_its_digits() -> None:
    assert canonical(column("roster", "unit_code"), 1.0) == "1"
    assert canonical(column("roster", "unit_code"), 101.0) == "101"


# --- XLSX as people keep it

COSTS = ["Kode angkatan", "Jenis biaya", "Sumber dana", "Rencana", "Realisasi"]
LINE = ["P01-A1", "Tenaga pelatih", "APBD", 100, 90]
BATCHES = [column.title_id for column in CATALOGUE.contracts["batches"].columns]
UNITS = ["Kode unit", "Berlaku sejak", "Berlaku sampai", "Nama unit", "Jenis unit"]


def file_with(tmp_path: Path, content: bytes) -> SourceFile:
    path = tmp_path / "berkas"
    path.write_bytes(content)
    return SourceFile(path, path.name, len(content), content[:HEAD_BYTES], CATALOGUE)


def read(tmp_path: Path, content: bytes) -> list[Part]:
    file = file_with(tmp_path, content)
    source, _ = recognise_file(file)
    assert source.NAME == "Agency workbook"
    return list(source.read(file, CATALOGUE))


def refusal(tmp_path: Path, content: bytes) -> MendError:
    with pytest.raises(MendError) as caught:
        read(tmp_path, content)
    error = caught.value
    assert error.en != error.id_
    assert "Contohwan" not in str(error)
    return error


def xlsx(
    tmp_path: Path,
    rows: list[list[object]],
    *,
    name: str = "Biaya pelatihan",
    change: Callable[[Workbook], None] | None = None,
) -> bytes:
    book = Workbook()
    book.active.title = name
    for row in rows:
        book.active.append(row)
    if change is not None:
        change(book)
    book.save(tmp_path / "made.xlsx")
    return (tmp_path / "made.xlsx").read_bytes()


def merged(*ranges: str) -> Callable[[Workbook], None]:
    def change(book: Workbook) -> None:
        for cells in ranges:
            book.active.merge_cells(cells)

    return change


def test_a_letterhead_above_the_heading_is_counted_as_heading(tmp_path: Path) -> None:
    rows = [["PEMERINTAH KOTA CONTOH"], ["Biaya pelatihan", None, "2026"], [None], COSTS, LINE]
    (part,) = read(tmp_path, xlsx(tmp_path, rows, change=merged("A1:E1")))
    assert [row.row_no for row in part.rows] == [5]
    assert part.rows[0].values["planned_amount"] == "100"
    assert part.lines == {"heading": 3, "blank": 1, "data": 1}


def test_a_title_right_above_the_heading_is_no_second_heading_row(tmp_path: Path) -> None:
    (part,) = read(tmp_path, xlsx(tmp_path, [["DAFTAR BIAYA"], COSTS, LINE], change=merged("A1:E1")))
    assert part.lines == {"heading": 2, "data": 1}


def test_a_heading_may_be_wrapped_and_marked_as_required(tmp_path: Path) -> None:
    (part,) = read(tmp_path, xlsx(tmp_path, [["Kode\nangkatan *", *COSTS[1:]], LINE]))
    assert part.rows[0].values["batch_code"] == "P01-A1"


def test_columns_numbered_below_the_heading_and_headings_repeated_are_no_data(tmp_path: Path) -> None:
    numbered = [f"({number})" for number in range(1, 6)]
    (part,) = read(tmp_path, xlsx(tmp_path, [COSTS, numbered, LINE, COSTS, LINE]))
    assert [row.row_no for row in part.rows] == [3, 5]
    assert part.lines == {"heading": 3, "data": 2}


def test_running_numbers_are_passed_over_and_make_no_data_of_an_empty_row(tmp_path: Path) -> None:
    rows = [["No.", *COSTS], [1, *LINE], [2, *[None] * 5], [3, *LINE]]
    (part,) = read(tmp_path, xlsx(tmp_path, rows))
    assert [row.row_no for row in part.rows] == [2, 4]
    assert part.lines == {"heading": 1, "data": 2, "blank": 1}


def test_a_letterhead_above_running_numbers_is_no_blank_line(tmp_path: Path) -> None:
    rows = [["PEMERINTAH KOTA CONTOH"], ["No", *COSTS], [1, *LINE]]
    assert read(tmp_path, xlsx(tmp_path, rows))[0].lines == {"heading": 2, "data": 1}


@pytest.mark.parametrize("word", [
    "Jumlah", "JUMLAH", "Total", "Sub Total", "Subtotal", "Rata-rata", "Jumlah P01-A1", "Total:", "Grand total",
])  # fmt: skip
def test_a_row_that_sums_up_is_counted_as_total(tmp_path: Path, word: str) -> None:
    rows = [COSTS, LINE, [word, None, None, 100, 90], LINE, [None, None, word, 200, 180]]
    (part,) = read(tmp_path, xlsx(tmp_path, rows))
    assert [row.row_no for row in part.rows] == [2, 4]
    assert part.lines == {"heading": 1, "data": 2, "total": 2}


def test_a_total_may_stand_in_the_column_of_running_numbers(tmp_path: Path) -> None:
    rows = [["No", *COSTS], [1, *LINE], ["Jumlah", None, None, None, 100, 90]]
    (part,) = read(tmp_path, xlsx(tmp_path, rows, change=merged("A3:D3")))
    assert part.lines == {"heading": 1, "data": 1, "total": 1}


@pytest.mark.parametrize("line", [
    ["Jumlah", "Tenaga pelatih", "APBD", 100, 90],  # all that identifies a row is there
    ["Total", None, "APBD", 100, 90],
    ["TOTAL-1", None, None, 100, 90],  # a code, if an odd one
    ["Jumlahkan", None, None, 100, 90],
])  # fmt: skip
def test_a_row_that_only_looks_like_a_total_stays_data(tmp_path: Path, line: list[object]) -> None:
    assert read(tmp_path, xlsx(tmp_path, [COSTS, line]))[0].lines == {"heading": 1, "data": 1}


def test_a_complete_row_is_data_even_where_its_only_key_reads_total(tmp_path: Path) -> None:
    titles = ["Kode mitra", "Nama mitra", "Jenis mitra"]
    rows = [titles, ["Total", "Total Contoh", "Swasta"], ["Total", None, None]]
    (part,) = read(tmp_path, xlsx(tmp_path, rows, name="Daftar mitra"))
    assert [row.row_no for row in part.rows] == [2]
    assert part.lines == {"heading": 1, "data": 1, "total": 1}


def test_cells_merged_downwards_repeat_their_value_and_blank_ones_stay_blank(tmp_path: Path) -> None:
    rows = [COSTS, LINE, [None, "Perjalanan", None, 5, 5], [None, "Tempat", "APBD", 7, None]]
    (part,) = read(tmp_path, xlsx(tmp_path, rows, change=merged("A2:A3", "C2:C3")))
    assert [row.values["batch_code"] for row in part.rows] == ["P01-A1", "P01-A1", None]
    assert [row.values["funded_by"] for row in part.rows] == ["budget"] * 3


def test_an_amount_merged_downwards_is_counted_once(tmp_path: Path) -> None:
    rows = [COSTS, LINE, [None, "Perjalanan", "APBD", 5, None], [None, "Tempat", "APBD", 7, 7]]
    (part,) = read(tmp_path, xlsx(tmp_path, rows, change=merged("A2:A4", "E2:E3")))
    assert [row.values["batch_code"] for row in part.rows] == ["P01-A1"] * 3
    assert [row.values["actual_amount"] for row in part.rows] == ["90", None, "7"]


def test_a_score_merged_downwards_is_given_to_one_person(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Kode angkatan", "NIP", "Saat tes", "Kode tes", "Versi tes", "Waktu tes", "Nilai", "Nilai maksimum"],
        ["P01-A1", NIP, "Sebelum", "T1", "1", datetime(2026, 8, 5, 8), 80, 100],  # noqa: DTZ001
        ["P01-A1", NIP[:-1] + "2", "Sebelum", "T1", "1", None, None, 100],
    ]
    change = merged("F2:F3", "G2:G3")
    (part,) = read(tmp_path, xlsx(tmp_path, rows, name="Nilai tes", change=change))
    assert [row.values["taken_at"] for row in part.rows] == ["2026-08-05 08:00:00"] * 2
    assert [row.values["score"] for row in part.rows] == ["80", None]


@pytest.mark.parametrize(("written", "highest", "score"), [
    ("28.00 / 30", 30, "28.00"),
    ("28,50/30", "30,0", "28.50"),
    ("28.00\u00a0/\u00a030", 30, "28.00"),
    ("28.00 / 30", 100, "28.00 / 30"),  # which highest score is true?
    ("28.00 / 30", None, "28.00 / 30"),
    ("28.000 / 30", 30, "28.000 / 30"),  # 28 or 28 thousand
    ("28 dari 30", 30, "28 dari 30"),
])  # fmt: skip
def test_a_score_may_be_written_with_the_rows_own_highest(
    tmp_path: Path, written: str, highest: object, score: str
) -> None:
    rows: list[list[object]] = [
        ["Kode angkatan", "NIP", "Saat tes", "Kode tes", "Versi tes", "Waktu tes", "Nilai", "Nilai maksimum"],
        ["P01-A1", NIP, "Sebelum", "T1", "1", "2026-08-05", written, highest],
        ["P01-A1", NIP, "Sesudah", "T1", "1", "2026-08-06", 29.5, 30],
    ]
    (part,) = read(tmp_path, xlsx(tmp_path, rows, name="Nilai tes"))
    assert [row.values["score"] for row in part.rows] == [score, "29.5"]


def test_a_year_merged_downwards_is_part_of_what_names_the_rows(tmp_path: Path) -> None:
    rows = [["Kode indikator", "Tahun", "Sasaran"], ["jp_per_person", 2026, 20], ["reach", None, 5]]
    (part,) = read(tmp_path, xlsx(tmp_path, rows, name="Sasaran", change=merged("B2:B3")))
    assert [(row.values["year"], row.values["target"]) for row in part.rows] == [
        ("2026", "20"),
        ("2026", "5"),
    ]


def test_cells_merged_to_the_right_repeat_nothing(tmp_path: Path) -> None:
    (part,) = read(tmp_path, xlsx(tmp_path, [COSTS, [*LINE[:3], 100, None]], change=merged("D2:E2")))
    assert part.rows[0].values["actual_amount"] is None


def test_a_heading_of_two_rows_is_read_where_both_together_are_known_titles(tmp_path: Path) -> None:
    rows = [
        ["Kode unit", "Berlaku", None, "Nama unit", "Jenis unit"],
        [None, "sejak", "sampai", None, None],
        ["UPL-01", "2026-01-01", None, "Unit contoh", "opd"],
    ]
    change = merged("A1:A2", "B1:C1", "D1:D2", "E1:E2")
    (part,) = read(tmp_path, xlsx(tmp_path, rows, name="Daftar unit", change=change))
    assert part.rows[0].values["valid_from"] == "2026-01-01"
    assert part.lines == {"heading": 2, "data": 1}


@pytest.mark.parametrize("group", ["Anggaran", "ANGGARAN (Rp)", "Rincian biaya", "-"])
@pytest.mark.parametrize("lower", [["", "", ""], COSTS[:3]])
def test_a_group_above_known_titles_that_says_nothing_more_is_passed_over(
    tmp_path: Path, lower: list[str], group: str
) -> None:
    upper = ["", "", ""] if lower[0] else COSTS[:3]
    rows = [[*upper, group, None], [*lower, "Rencana", "Realisasi"], LINE]
    (part,) = read(tmp_path, xlsx(tmp_path, rows, change=merged("D1:E1")))
    assert (part.rows[0].values["planned_amount"], part.rows[0].values["actual_amount"]) == ("100", "90")
    assert part.lines == {"heading": 2, "data": 1}


@pytest.mark.parametrize("group", ["Anggaran 2026", "Anggaran triwulan I", "Dana APBN"])
def test_a_group_that_narrows_its_values_is_refused(tmp_path: Path, group: str) -> None:
    rows = [[*COSTS[:3], group, None], ["", "", "", "Rencana", "Realisasi"], LINE]
    assert refusal(tmp_path, xlsx(tmp_path, rows, change=merged("D1:E1"))).code == "two_row_heading"


@pytest.mark.parametrize("lower", [["", "", ""], COSTS[:3]])
def test_a_month_above_known_titles_is_refused_for_its_values_are_not_the_years(
    tmp_path: Path, lower: list[str]
) -> None:
    upper = ["", "", ""] if lower[0] else COSTS[:3]
    rows = [[*upper, "Januari", None], [*lower, "Rencana", "Realisasi"], LINE]
    error = refusal(tmp_path, xlsx(tmp_path, rows, change=merged("D1:E1")))
    assert (error.code, error.row, error.column) == ("two_row_heading", 2, "D")


def test_a_sheet_whose_heading_lacks_a_column_is_refused_below_its_letterhead(tmp_path: Path) -> None:
    error = refusal(tmp_path, xlsx(tmp_path, [["KOTA CONTOH"], COSTS[:4], LINE[:4]]))
    assert error.code == "missing_column"
    assert (error.row, error.column) == (2, "actual_amount")


def test_a_column_that_holds_data_without_a_heading_is_refused(tmp_path: Path) -> None:
    error = refusal(tmp_path, xlsx(tmp_path, [[*COSTS, None], LINE, [*LINE, "Contohwan"]]))
    assert (error.code, error.row, error.column) == ("unknown_column", 3, "F")


def test_hidden_sheets_rows_and_columns_are_data_and_noted(tmp_path: Path) -> None:
    def change(book: Workbook) -> None:
        book.active.row_dimensions[3].hidden = True
        book.active.column_dimensions["D"].hidden = True
        other = book.create_sheet("Sasaran")
        other.append(["Kode indikator", "Tahun", "Sasaran"])
        other.append(["jp_per_person", 2026, 20])
        other.sheet_state = "hidden"

    costs, targets = read(tmp_path, xlsx(tmp_path, [COSTS, LINE, LINE, LINE], change=change))
    assert [row.values["planned_amount"] for row in costs.rows] == ["100", "100", "100"]
    assert costs.lines == {"heading": 1, "data": 3}
    assert costs.notes == {"hidden_rows": 1, "hidden_columns": 1}
    assert (targets.place, len(targets.rows)) == ("lembar Sasaran (tersembunyi)", 1)
    assert targets.notes == {"hidden_sheet": 1}


def test_sheets_nobody_used_are_passed_over(tmp_path: Path) -> None:
    def change(book: Workbook) -> None:
        book.create_sheet("Sheet2")
        book.create_sheet("Sheet3")

    assert len(read(tmp_path, xlsx(tmp_path, [COSTS, LINE], change=change))) == 1


def test_a_formula_nobody_computed_is_refused_with_its_cell_and_the_remedy(tmp_path: Path) -> None:
    error = refusal(tmp_path, xlsx(tmp_path, [COSTS, LINE, [*LINE[:4], "=D3*0.9"]]))
    assert (error.code, error.row, error.column) == ("formula_not_computed", 3, "E")
    assert "“Biaya pelatihan”" in error.id_
    assert "E3" in error.id_
    assert "Excel" in error.id_


def with_cell(content: bytes, old: bytes, new: bytes) -> bytes:
    """Change a sheet's XML, as another program would have written it."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as given, zipfile.ZipFile(made, "w") as changed:
        for name in given.namelist():
            part = given.read(name)
            if name == "xl/worksheets/sheet1.xml":
                assert old in part
                part = part.replace(old, new)
            changed.writestr(name, part)
    return made.getvalue()


def test_a_formula_with_its_result_is_its_result_and_may_be_an_empty_text(tmp_path: Path) -> None:
    content = xlsx(tmp_path, [COSTS, [*LINE[:4], "=D2*0.9"]])
    old = b"<f>D2*0.9</f><v></v>"
    (part,) = read(tmp_path, with_cell(content, old, b"<f>D2*0.9</f><v>90.5</v>"))
    assert part.rows[0].values["actual_amount"] == "90.5"
    empty = with_cell(content, b'<c r="E2">' + old, b'<c r="E2" t="str"><f>""</f><v></v>')
    assert read(tmp_path, empty)[0].rows[0].values["actual_amount"] is None


def test_an_error_in_a_cell_stays_as_text_for_the_contract_to_judge(tmp_path: Path) -> None:
    (part,) = read(tmp_path, xlsx(tmp_path, [COSTS, [*LINE[:3], "#N/A", "#REF!"]]))
    assert part.rows[0].values["planned_amount"] == "#N/A"
    assert part.rows[0].values["actual_amount"] == "#REF!"


def test_an_error_is_found_in_rows_and_cells_that_other_programs_leave_unnumbered(
    tmp_path: Path,
) -> None:
    content = xlsx(tmp_path, [COSTS, LINE, [*LINE[:3], "#N/A", 90], [None], LINE])
    bare = with_cell(with_cell(content, b'<row r="3">', b"<row>"), b'<c r="D3" t="e">', b'<c t="e">')
    assert [row.values["planned_amount"] for row in read(tmp_path, bare)[0].rows] == ["100", "#N/A", "100"]


def test_marks_are_found_between_rows_that_have_none(tmp_path: Path) -> None:
    def change(book: Workbook) -> None:
        book.active.row_dimensions[4].hidden = True
        book.active.row_dimensions[9].hidden = True  # a row without a cell

    (part,) = read(
        tmp_path, xlsx(tmp_path, [COSTS, LINE, [*LINE[:3], "#N/A", 90], LINE, LINE], change=change)
    )
    assert [row.values["planned_amount"] for row in part.rows] == ["100", "#N/A", "100", "100"]
    assert part.notes == {"hidden_rows": 1}


@pytest.mark.parametrize("date1904", [False, True])
def test_a_column_of_dates_that_lost_their_format_is_read_as_dates(tmp_path: Path, date1904: bool) -> None:
    def change(book: Workbook) -> None:
        book.epoch = CALENDAR_MAC_1904 if date1904 else CALENDAR_WINDOWS_1900

    shift = 1462 if date1904 else 0
    line = ["P01-A1", "P01", 46235 - shift, datetime(2026, 8, 5), "penetapan", 30, "ya"]  # noqa: DTZ001
    (part,) = read(tmp_path, xlsx(tmp_path, [BATCHES, line, line], name="Daftar angkatan", change=change))
    assert {row.values["starts_on"] for row in part.rows} == {"2026-08-01"}
    assert {row.values["ends_on"] for row in part.rows} == {"2026-08-05"}


@pytest.mark.parametrize("odd", ["1 Agustus 2026", 46235.0 * 10, 12, "belum"])
def test_a_column_that_is_no_date_throughout_is_left_for_the_contract(tmp_path: Path, odd: object) -> None:
    line = ["P01-A1", "P01", 46235, "2026-08-05", "penetapan", 30, "ya"]
    rows = [BATCHES, line, [*line[:2], odd, *line[3:]]]
    (part,) = read(tmp_path, xlsx(tmp_path, rows, name="Daftar angkatan"))
    assert part.rows[0].values["starts_on"] == "46235"


def test_a_workbook_that_declares_entities_is_refused(tmp_path: Path) -> None:
    content = with_cell(
        xlsx(tmp_path, [COSTS, [*LINE[:4], "#N/A"]]),
        b"<worksheet ",
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet ',
    )
    assert refusal(tmp_path, content).code == "broken_workbook"


# --- ODS

ODS_FORMULA = '<table:table-cell table:formula="of:=[.D2]*0.9"{}/>'


def ods(tmp_path: Path, rows: list[list[object] | str], *, name: str = "Biaya pelatihan") -> bytes:
    return write_ods(tmp_path / "made.ods", ods_table(name, rows))


def test_ods_rows_keep_their_numbers_even_below_repeated_ones(tmp_path: Path) -> None:
    twice = ods_row(LINE, 'table:number-rows-repeated="2"')
    (part,) = read(tmp_path, ods(tmp_path, [["KOTA CONTOH"], ods_row([None]), COSTS, twice, LINE]))
    assert part.dataset == "costs"
    assert [row.row_no for row in part.rows] == [4, 5, 6]
    assert part.rows[0].values["planned_amount"] == "100"
    assert part.lines == {"heading": 2, "blank": 1, "data": 3}


def test_ods_dates_meta_and_hidden_sheets_are_read(tmp_path: Path) -> None:
    line = ["P01-A1", "P01", ods_date("2026-08-01"), "5 Agustus 2026", "penetapan", 30, "ya"]
    tables = (
        ods_table("Daftar angkatan", [BATCHES, line], hidden=True),
        ods_table("meta", [["siklatih-workbook", "1"], ["exported_at", "2026-10-07 09:00:00"]]),
    )
    (part,) = read(tmp_path, write_ods(tmp_path / "made.ods", *tables))
    assert part.rows[0].values["starts_on"] == "2026-08-01"
    assert part.rows[0].values["ends_on"] == "2026-08-05"
    assert part.exported_at == datetime(2026, 10, 7, 9)  # noqa: DTZ001
    assert part.notes == {"hidden_sheet": 1}


def test_ods_merged_cells_repeat_and_filtered_rows_and_hidden_columns_are_noted(tmp_path: Path) -> None:
    columns = '<table:table-column table:number-columns-repeated="3"/>'
    columns += '<table:table-column table:visibility="collapse"/>'
    first = ods_row([ods_cell("P01-A1", 'table:number-rows-spanned="2"'), *LINE[1:]])
    second = ods_row(["<table:covered-table-cell/>", "Tempat", *LINE[2:]], 'table:visibility="filter"')
    (part,) = read(tmp_path, ods(tmp_path, [columns, COSTS, first, second]))
    assert [row.values["batch_code"] for row in part.rows] == ["P01-A1", "P01-A1"]
    assert part.notes == {"hidden_rows": 1, "hidden_columns": 1}


def test_ods_formula_nobody_computed_is_refused_with_its_cell(tmp_path: Path) -> None:
    error = refusal(tmp_path, ods(tmp_path, [COSTS, LINE, [*LINE[:4], ODS_FORMULA.format("")]]))
    assert (error.code, error.row, error.column) == ("formula_not_computed", 3, "E")
    computed = ODS_FORMULA.format(' office:value-type="float" office:value="90.5"')
    (part,) = read(tmp_path, ods(tmp_path, [COSTS, [*LINE[:4], computed]]))
    assert part.rows[0].values["actual_amount"] == "90.5"


def test_ods_error_in_a_cell_stays_as_text(tmp_path: Path) -> None:
    error = ODS_FORMULA.format(
        ' office:value-type="string" office:string-value="" calcext:value-type="error"'
    ).replace("/>", "><text:p>#N/A</text:p></table:table-cell>")
    (part,) = read(tmp_path, ods(tmp_path, [COSTS, [*LINE[:4], error]]))
    assert part.rows[0].values["actual_amount"] == "#N/A"


def test_ods_heading_of_two_rows_is_found_by_its_spans(tmp_path: Path) -> None:
    upper = ["Kode unit", ods_cell("Berlaku", 'table:number-columns-spanned="2"'), None, *UNITS[3:]]
    rows = [upper, [None, "sejak", "sampai", None, None], ["UPL-01", "2026-01-01", None, "Unit", "opd"]]
    (part,) = read(tmp_path, ods(tmp_path, rows, name="Daftar unit"))
    assert part.rows[0].values["valid_from"] == "2026-01-01"


def test_ods_locked_by_a_password_is_refused_with_the_remedy(tmp_path: Path) -> None:
    manifest = "<m:manifest><m:file-entry><m:encryption-data/></m:file-entry></m:manifest>"
    content = write_ods(tmp_path / "made.ods", ods_table("x", [COSTS]), manifest=manifest)
    error = refusal(tmp_path, content)
    assert error.code == "password"
    assert "kata sandi" in error.id_


@pytest.mark.parametrize("keep", [0.4, 0.8])
def test_ods_cut_off_is_refused(tmp_path: Path, keep: float) -> None:
    content = ods(tmp_path, [COSTS, *[[f"P{n}-A{n * n}", *LINE[1:]] for n in range(200)]])
    assert refusal(tmp_path, content[: int(len(content) * keep)]).code == "broken_workbook"


def test_ods_with_broken_xml_is_refused(tmp_path: Path) -> None:
    content = ods(tmp_path, [COSTS, "<table:table-row>"])
    assert refusal(tmp_path, content).code == "broken_workbook"


# --- the order of day and month


def units(*texts: object) -> list[list[object]]:
    lines = [[f"UPL-{at:02}", text, None, "Unit contoh", "opd"] for at, text in enumerate(texts)]
    return [UNITS, *lines]


def days(part: Part) -> list[str | None]:
    return [row.values["valid_from"] for row in part.rows]


def with_sheets(*sheets: tuple[str, list[list[object]]]) -> Callable[[Workbook], None]:
    def change(book: Workbook) -> None:
        for name, rows in sheets:
            made = book.create_sheet(name)
            for row in rows:
                made.append(row)

    return change


META = with_sheets(("meta", [["provider", "BKPSDM"]]))


@pytest.mark.parametrize("kind", ["text", "workbook"])
def test_a_month_above_twelve_decides_the_order_of_the_whole_file(tmp_path: Path, kind: str) -> None:
    rows = units("8/5/2026", "8/13/2026", "1/2/2026")
    content = csv(rows) if kind == "text" else xlsx(tmp_path, rows, name="Daftar unit", change=META)
    (part,) = read(tmp_path, content)
    assert days(part) == ["2026-08-05", "2026-08-13", "2026-01-02"]
    rows = units("8/5/2026", "13/5/2026", "1/2/2026")
    content = csv(rows) if kind == "text" else xlsx(tmp_path, rows, name="Daftar unit", change=META)
    assert days(*read(tmp_path, content)) == ["2026-05-08", "2026-05-13", "2026-02-01"]


def test_another_column_may_decide_the_order(tmp_path: Path) -> None:
    rows = [UNITS, ["UPL-01", "8/5/2026", "8/31/2026", "Unit contoh", "opd"]]
    (part,) = read(tmp_path, csv(rows))
    assert (days(part), part.rows[0].values["valid_to"]) == (["2026-08-05"], "2026-08-31")


@pytest.mark.parametrize("kind", ["text", "workbook"])
def test_dates_that_nothing_decides_are_refused_with_both_readings(tmp_path: Path, kind: str) -> None:
    rows = units("2026-08-13", "8/8/2026", "8/5/2026")
    error = refusal(tmp_path, csv(rows) if kind == "text" else xlsx(tmp_path, rows, name="Daftar unit"))
    assert (error.code, error.row, error.column) == ("ambiguous_dates", 4, "valid_from")
    assert "8 Mei 2026 atau 5 Agustus 2026" in error.id_
    assert "buku kerja" in error.id_


def test_the_template_has_the_day_first_where_nothing_speaks_against_it(tmp_path: Path) -> None:
    content = xlsx(tmp_path, units("8/5/2026"), name="Daftar unit", change=META)
    assert days(*read(tmp_path, content)) == ["2026-05-08"]
    content = xlsx(tmp_path, units("8/5/2026 12:00 AM"), name="Daftar unit", change=META)
    assert refusal(tmp_path, content).code == "ambiguous_dates"  # a clock that goes with the month first


@pytest.mark.parametrize("meta", [True, False])
def test_another_sheet_may_decide_the_order(tmp_path: Path, meta: bool) -> None:
    targets = ("Daftar unit", units("8/13/2026"))
    batch: list[object] = ["P01-A1", "P01", "8/5/2026", "8/6/2026", "penetapan", 30, "ya"]
    change = with_sheets(targets, *([("meta", [["provider", "BKPSDM"]])] if meta else []))
    batches, _ = read(tmp_path, xlsx(tmp_path, [BATCHES, batch], name="Daftar angkatan", change=change))
    assert batches.rows[0].values["starts_on"] == "2026-08-05"


def test_dates_in_both_orders_are_refused_with_a_row_of_each(tmp_path: Path) -> None:
    error = refusal(tmp_path, csv(units("8/5/2026", "13/8/2026", "8/13/2026")))
    assert (error.code, error.row, error.column) == ("mixed_dates", 4, "valid_from")
    assert "Baris 3 diawali hari, baris 4 diawali bulan" in error.id_


@pytest.mark.parametrize("left", ["13/08/2026", "8/13/2026"])
def test_dates_beside_texts_that_could_not_become_dates_are_refused(tmp_path: Path, left: str) -> None:
    swapped = datetime(2026, 5, 8)  # noqa: DTZ001
    content = xlsx(tmp_path, units(swapped, left, swapped), name="Daftar unit", change=META)
    error = refusal(tmp_path, content)
    assert (error.code, error.row, error.column) == ("half_converted_dates", 3, "valid_from")


@pytest.mark.parametrize("left", ["2026-08-13", "13 Agustus 2026", "13.08.2026"])
def test_dates_beside_texts_of_one_meaning_are_read(tmp_path: Path, left: str) -> None:
    (part,) = read(tmp_path, xlsx(tmp_path, units(datetime(2026, 5, 8), left), name="Daftar unit"))  # noqa: DTZ001
    assert days(part) == ["2026-05-08", "2026-08-13"]


def test_dates_that_cannot_have_been_swapped_may_stand_beside_text(tmp_path: Path) -> None:
    cells = [datetime(2026, 8, 8), datetime(2026, 8, 25)]  # noqa: DTZ001
    (part,) = read(tmp_path, xlsx(tmp_path, units(*cells, "13/08/2026"), name="Daftar unit"))
    assert days(part) == ["2026-08-08", "2026-08-25", "2026-08-13"]


# --- the `.xls` of before 2007


def test_xls_rows_keep_their_numbers_and_what_merged_cells_repeat(tmp_path: Path) -> None:
    sheet = XlsSheet(
        [
            ["KOTA CONTOH"],
            COSTS,
            LINE,
            [],
            [None, "Tempat", "APBD", 5.5, "#N/A"],
            ["Jumlah", None, None, 1, 1],
        ],
        merged=[(2, 4, 0, 0)],
        hidden_rows=[4],
        hidden_columns=[3],
    )
    (part,) = read(tmp_path, xls({"Biaya pelatihan": sheet, "Sheet2": XlsSheet([])}))
    assert (part.dataset, [row.row_no for row in part.rows]) == ("costs", [3, 5])
    values = part.rows[1].values
    assert (values["batch_code"], values["funded_by"]) == ("P01-A1", "budget")
    assert (values["planned_amount"], values["actual_amount"]) == ("5.5", "#N/A")
    assert part.lines == {"heading": 2, "blank": 1, "data": 2, "total": 1}
    assert part.notes == {"hidden_rows": 1, "hidden_columns": 1}


@pytest.mark.parametrize("date1904", [False, True])
def test_xls_dates_are_read_with_and_without_their_format(tmp_path: Path, date1904: bool) -> None:
    shift = 1462 if date1904 else 0
    line = ["P01-A1", "P01", Day(46235 - shift), 46239 - shift, "penetapan", 30, "ya"]
    sheet = XlsSheet([BATCHES, line], hidden=True)
    (part,) = read(tmp_path, xls({"Daftar angkatan": sheet}, date1904=date1904))
    assert part.rows[0].values["starts_on"] == "2026-08-01"
    assert part.rows[0].values["ends_on"] == "2026-08-05"
    assert part.notes == {"hidden_sheet": 1}


def test_xls_so_small_that_it_lies_in_small_sectors_is_read(tmp_path: Path) -> None:
    content = xls({"Biaya pelatihan": XlsSheet([COSTS, [*LINE[:4], "#REF!"]])}, small=True)
    (part,) = read(tmp_path, content)
    assert len(content) < 4096
    assert part.rows[0].values["actual_amount"] == "#REF!"


@pytest.mark.parametrize(("result", "value"), [
    (b"\x02\x00\x17\x00\x00\x00\xff\xff", "#REF!"), (bytes(6) + b"\x59\x40", "100"),
])  # fmt: skip
def test_xls_formula_is_its_result_or_its_error(tmp_path: Path, result: bytes, value: str) -> None:
    (part,) = read(tmp_path, xls({"Biaya pelatihan": XlsSheet([COSTS, [*LINE[:4], result]])}))
    assert part.rows[0].values["actual_amount"] == value


@pytest.mark.parametrize("content", [
    xls({"Biaya pelatihan": XlsSheet([COSTS, LINE])}, locked=True),
    ole({"EncryptionInfo": b"x", "EncryptedPackage": b"y"}),  # an XLSX behind a password lies in such a container
])  # fmt: skip
def test_a_workbook_locked_by_a_password_is_refused_with_the_remedy(tmp_path: Path, content: bytes) -> None:
    error = refusal(tmp_path, content)
    assert error.code == "password"
    assert "Hapus kata sandinya" in error.id_


@pytest.mark.parametrize("end", [600, 1100, 1400, 3000])
def test_xls_cut_off_is_refused_or_not_known(tmp_path: Path, end: int) -> None:
    content = xls({"Biaya pelatihan": XlsSheet([COSTS, *[LINE] * 40])})
    assert refusal(tmp_path, content[:end]).code in ("broken_workbook", "unrecognised")


def test_xls_whose_sectors_go_in_a_circle_is_refused(tmp_path: Path) -> None:
    content = bytearray(xls({"Biaya pelatihan": XlsSheet([COSTS, *[LINE] * 40])}))
    struct.pack_into("<I", content, 512 + 4 * 3, 2)
    assert refusal(tmp_path, bytes(content)).code == "broken_workbook"


def test_another_document_in_the_same_container_is_not_claimed(tmp_path: Path) -> None:
    assert refusal(tmp_path, ole({"WordDocument": b"x"})).code == "unrecognised"


# --- one dataset as delimited text


def csv(rows: list[list[object]], delimiter: str = ";", encoding: str = "utf-8") -> bytes:
    text = "".join(delimiter.join("" if cell is None else f"{cell}" for cell in row) + "\r\n" for row in rows)
    return text.encode(encoding)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_delimited_text_is_the_dataset_its_headings_name(
    tmp_path: Path, delimiter: str, encoding: str
) -> None:
    rows = [
        ["UPL-01", "5 Agustus 2026", None, "Unit André", "opd"],
        ["UPL-02", "13/8/2026", None, "B", "opd"],
    ]
    (part,) = read(tmp_path, csv([UNITS, *rows], delimiter, encoding))
    assert (part.dataset, part.place) == ("units", "table")
    assert [row.row_no for row in part.rows] == [2, 3]
    assert [row.values["valid_from"] for row in part.rows] == ["2026-08-05", "2026-08-13"]
    assert part.rows[0].values["unit_name"] == "Unit André"
    assert part.lines == {"heading": 1, "data": 2}


@pytest.mark.parametrize("dataset", sorted(CATALOGUE.contracts))
@pytest.mark.parametrize("technical", [False, True])
def test_every_dataset_is_found_by_its_headings_alone(tmp_path: Path, dataset: str, technical: bool) -> None:
    columns = CATALOGUE.contracts[dataset].columns
    titles = [f'"{one.name if technical else one.title_id}"' for one in columns]
    (part,) = read(tmp_path, csv([titles], ","))
    assert part.dataset == dataset
    assert part.lines == {"heading": 1}


def test_delimited_text_may_have_a_letterhead_totals_and_a_line_that_names_the_delimiter(
    tmp_path: Path,
) -> None:
    rows: list[list[object]] = [
        ["KOTA CONTOH", "", "", "", ""], [""] * 5, COSTS, [*LINE[:3], "100,5", 90], ["Jumlah", "", "", 100, 90],
    ]  # fmt: skip
    (part,) = read(tmp_path, b"sep=;\r\n" + csv(rows))
    assert [(row.row_no, row.values["planned_amount"]) for row in part.rows] == [(5, "100.5")]
    assert part.lines == {"heading": 3, "blank": 1, "data": 1, "total": 1}


def test_delimited_text_counts_lines_a_person_sees(tmp_path: Path) -> None:
    (part,) = read(tmp_path, csv([COSTS, ['"P01\r\nA1"', *LINE[1:]], LINE]))
    assert [row.row_no for row in part.rows] == [2, 4]


@pytest.mark.parametrize("serial", ["46235", "46235,0", "46235.0"])
def test_serial_numbers_in_text_are_dates_if_the_whole_column_is(tmp_path: Path, serial: str) -> None:
    line = ["P01-A1", "P01", serial, "2026-08-05", "penetapan", 30, "ya"]
    (part,) = read(tmp_path, csv([BATCHES, line, line]))
    assert {row.values["starts_on"] for row in part.rows} == {"2026-08-01"}
    (part,) = read(tmp_path, csv([BATCHES, line, [*line[:2], "13/8/2026", *line[3:]]]))
    assert part.rows[0].values["starts_on"] == serial


def test_serial_numbers_keep_the_time_of_day(tmp_path: Path) -> None:
    titles = ["Kode sesi", "Kode angkatan", "Mulai", "Selesai", "JP"]
    (part,) = read(tmp_path, csv([titles, ["S1", "P01-A1", "46235.333333", "46235.5", 4]]))
    assert part.rows[0].values["starts_at"] == "2026-08-01 08:00:00"
    assert part.rows[0].values["ends_at"] == "2026-08-01 12:00:00"


@pytest.mark.parametrize(("rows", "code", "row", "column"), [
    ([[*COSTS, "Catatan"], [*LINE, "x"]], "unknown_column", 1, "F"),
    ([[*COSTS, ""], [*LINE, "x"]], "unknown_column", 2, "F"),
    ([COSTS, LINE, [*LINE, "x"]], "unknown_column", 3, "F"),  # a delimiter inside a cell without quotes
    ([COSTS, LINE, LINE[:4]], "broken_csv", 3, None),
    ([["", "", "", "Januari", ""], [*COSTS[:3], "Pagu", "Realisasi"], LINE], "unknown_dataset", None, None),
    ([[*COSTS[:3], "Januari", ""], ["", "", "", "Rencana", "Realisasi"], LINE], "two_row_heading", 2, "D"),
])  # fmt: skip
def test_delimited_text_that_does_not_fit_is_refused(
    tmp_path: Path, rows: list[list[object]], code: str, row: int | None, column: str | None
) -> None:
    error = refusal(tmp_path, csv(rows))
    assert (error.code, error.row, error.column) == (code, row, column)


def test_headings_that_fit_no_dataset_are_refused_with_the_two_nearest(tmp_path: Path) -> None:
    error = refusal(tmp_path, csv([COSTS[:4], LINE[:4]]))
    assert error.code == "unknown_dataset"
    assert "“Biaya pelatihan” (Realisasi)" in error.id_
    assert error.id_.count("“") == 2


def test_headings_that_fit_two_datasets_are_refused(tmp_path: Path) -> None:
    both = [*COSTS, "Kode indikator", "Tahun", "Sasaran"]
    error = refusal(tmp_path, csv([both, [*LINE, "x", 2026, 1]]))
    assert error.code == "ambiguous_dataset"
    assert "“Biaya pelatihan”, “Sasaran”" in error.id_


def test_a_dataset_whose_titles_hold_anothers_is_told_by_the_other_titles(tmp_path: Path) -> None:
    contracts = dict(CATALOGUE.contracts)
    slim = dataclasses.replace(contracts["costs"], dataset="slim", columns=contracts["costs"].columns[:3])
    file = file_with(tmp_path, csv([COSTS, LINE]))
    (part,) = list(workbook.read(file, Catalogue({"slim": slim, **contracts}, CATALOGUE.instruments)))
    assert part.dataset == "costs"


@pytest.mark.parametrize("content", [
    b"nama,nilai\nx,1\n", b"nama;surel\nContoh;a\n", b"satu\ndua\n", b"Nama,NIP,Surel\nContoh,1,a\n", b"a,b\n",
])  # fmt: skip
def test_text_without_a_datasets_headings_is_not_claimed(tmp_path: Path, content: bytes) -> None:
    assert refusal(tmp_path, content).code == "unrecognised"


def test_a_source_that_knows_its_tool_goes_before_the_workbook(tmp_path: Path) -> None:
    content = csv([COSTS, LINE])
    recognised = workbook.recognise(file_with(tmp_path, content))
    assert recognised is not None
    assert recognised.confidence < 0.5

"""The answers to senders: each planted fault is marked and explained in the sender's own file, and nothing else changes."""

from __future__ import annotations

import time
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cities import CYCLE, Built, City
from openpyxl import Workbook, load_workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill
from python_calamine import CalamineWorkbook

from siklatih.build import build
from siklatih.demo.exports import write_workbook
from siklatih.errors import MendError
from siklatih.ledger import Ledger
from siklatih.returning.cached import formula_values
from siklatih.returning.faults import Fault, Faults, Proposal, refusal_fault
from siklatih.returning.files import load_titles, return_bytes, write_file_returns
from siklatih.returning.listing import HEADINGS, write_text
from siklatih.settings import CHECKOUT
from siklatih.sources import workbook
from siklatih.sources.form_tables import sheets_of
from siklatih.sources.protocol import HEAD_BYTES, Catalogue, SourceFile

CONFIG = CHECKOUT / "config"
TITLES = load_titles(CONFIG)
WHEN = datetime(2026, 10, 10, 9, 30)  # noqa: DTZ001
SHA = "ab" * 32
COLOUR = "FFC7CE"

# kind of planted defect -> where a person finds it (first cell marked) and what it says to do, written by hand
EXPECTED = {
    "score above the maximum": ("Nilai tes", "G3", "Betulkan nilai atau nilai maksimum."),
    "score in words": ("Nilai tes", "G4", "Tulis angka saja, tanpa pemisah ribuan."),
    "impossible date": ("Nilai tes", "F5", "Tulis tanggal dan jam sebagai TTTT-BB-HH JJ:MM."),
    "employee number with a bad date": ("Nilai tes", "B6", "Tulis NIP 18 angka sebagai teks."),
    "person not on the roster": (
        "Nilai tes", "B7",
        "Isi atau betulkan NIP, surel, atau nama, atau kirim daftar pegawai dan daftar peserta yang terbaru.",
    ),
    "two rows for one test, first": ("Nilai tes", "A8", "Hapus baris yang keliru."),
    "two rows for one test, second": ("Nilai tes", "A9", "Hapus baris yang keliru."),
    "score left out": ("Nilai tes", "G10", "Isi sel ini, lalu kirim ulang berkasnya."),
    "negative score": ("Nilai tes", "G11", "Nilainya harus paling kecil 0."),
    "unknown batch": ("Nilai tes", "A12", "Betulkan kodenya, atau kirim dahulu data induknya."),
    "batch ends before it starts": ("Daftar angkatan", "C2", "Betulkan salah satu tanggal."),
    "unknown way of assignment": ("Daftar angkatan", "E3", "Pilih salah satu: Undian, Daftar tunggu, Ambang nilai, Ditunjuk, Sukarela, Wajib, Tidak diketahui."),
    "predicate against the matrix": ("Penilaian kinerja", "D2", "Betulkan predikat atau kedua penilaiannya."),
    "negative cost": ("Biaya pelatihan", "E2", "Nilainya harus paling kecil 0."),
    "cycle in another form": ("Keputusan", "B2", "Tulis sesuai petunjuk kolom."),
    "unknown unit": ("Hasil layanan bulanan", "A2", "Betulkan kodenya, atau kirim dahulu data induknya."),
    "answer outside the scale": ("data", "O2", "Nilainya harus paling kecil 1 dan paling besar 4."),
    "unknown unit in the citizens' survey": ("data", "F3", "Betulkan kodenya, atau kirim dahulu data induknya."),
}  # fmt: skip
# kind of refusal -> the cell that is marked, or None where only the list goes back
REFUSED = {
    "missing column": ("Nilai tes", "A1"),
    "employee number as a number": ("Daftar peserta", "B2"),
    "employee number in scientific notation": ("Daftar peserta", "B2"),
    "wrong encoding": None,
    "empty file": None,
    "picture renamed to .xlsx": None,
    "workbook cut off": None,
    "stray cell in XFD1048576": None,
}


def values(path: Path, sheet: str) -> list[list[Any]]:
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def listed(path: Path) -> list[dict[str, Any]]:
    """The problems on the list sheet, as another reader sees them."""
    rows = values(path, "Perbaikan")
    start = next(number for number, row in enumerate(rows) if row[:6] == list(HEADINGS))
    return [dict(zip(HEADINGS, row, strict=False)) for row in rows[start + 1 :]]


def answer(built: Built, city: City, file: str) -> Path:
    return built.state.returns / str(CYCLE) / f"{Path(file).stem}-{city.sha(file)[:8]}.xlsx"


def planted(city: City, expected: str) -> list[dict[str, Any]]:
    """Defects of workbooks and of the citizens' survey; those of single formats have tests of their own."""
    return [
        defect
        for defect in city.truth["defects"]
        if defect["expected"] == expected and "/opd-12/" in defect["file"]
    ]


def marks(path: Path) -> dict[tuple[str, str], str]:
    """(sheet, cell) -> comment, of all coloured cells outside the list."""
    return {
        (sheet.title, cell.coordinate): cell.comment.text
        for sheet in load_workbook(path).worksheets
        if sheet.title != "Perbaikan"
        for row in sheet.iter_rows()
        for cell in row
        if str(cell.fill.fgColor.rgb).endswith(COLOUR)
    }


def test_each_planted_row_leads_to_its_rule_cell_and_remedy(built: Built, city: City) -> None:
    defects = planted(city, "quarantined")
    assert {defect["kind"] for defect in defects} == set(EXPECTED)
    for defect in defects:
        sheet, cell, remedy = EXPECTED[defect["kind"]]
        path = answer(built, city, defect["file"])
        found = [
            row
            for row in listed(path)
            if row["aturan / rule"] == defect["rule"]
            and row["baris / row"] == defect["row_no"]
            and row["lembar / sheet"] == ("" if sheet == "data" else sheet)
        ]
        assert len(found) == 1, defect["kind"]
        assert found[0]["yang harus dilakukan"] == remedy
        assert found[0]["what to do"]
        assert found[0]["kolom / column"]
        comment = marks(path)[sheet, cell]
        assert remedy in comment
        assert found[0]["what to do"] in comment
        assert comment.index(remedy) < comment.index(found[0]["what to do"]), "Indonesian comes first"


def test_nothing_is_listed_or_marked_that_was_not_planted(built: Built, city: City) -> None:
    for file in {defect["file"] for defect in planted(city, "quarantined")}:
        path = answer(built, city, file)
        rows = {defect["row_no"] for defect in planted(city, "quarantined") if defect["file"] == file}
        assert len(listed(path)) == sum(d["file"] == file for d in planted(city, "quarantined"))
        marked = {int("".join(filter(str.isdigit, cell))) for _, cell in marks(path)}
        assert marked == rows


def test_each_refused_file_is_answered_with_its_reason(built: Built, city: City) -> None:
    defects = planted(city, "refused")
    assert {defect["kind"] for defect in defects} == set(REFUSED)
    for defect in defects:
        path = answer(built, city, defect["file"])
        (row,) = listed(path)
        assert row["aturan / rule"] == defect["rule"]
        assert row["yang harus dilakukan"]
        assert row["what to do"]
        cell = REFUSED[defect["kind"]]
        assert set(marks(path)) == ({cell} if cell else set()), defect["kind"]
        typed = defect["rule"] == "picture"  # answered with the workbook to type its list into
        assert (len(load_workbook(path).sheetnames) == 1) == (cell is None and not typed)


def test_only_files_with_something_to_mend_are_answered(built: Built, city: City) -> None:
    files = {d["file"] for d in city.truth["defects"] if d["expected"] in ("quarantined", "refused")}
    written = sorted((built.state.returns / str(CYCLE)).glob("*.xlsx"))
    assert written == sorted(answer(built, city, file) for file in files)


def test_the_sender_finds_every_value_as_it_was(built: Built, city: City) -> None:
    """Workbooks sheet by sheet, text cell by cell; numbers, dates and text alike."""
    compared = 0
    for defect in planted(city, "quarantined") + planted(city, "refused"):
        original = city.inbox / defect["file"]
        path = answer(built, city, defect["file"])
        if len(load_workbook(path).sheetnames) == 1:
            continue
        if defect["rule"] == "picture":
            continue  # its return is a workbook of ours
        if original.suffix == ".xlsx":
            for name in CalamineWorkbook.from_path(str(original)).sheet_names:
                assert values(path, name) == values(original, name)
                compared += 1
        else:
            lines = original.read_text(encoding="utf-8-sig").splitlines()
            table = [[cell.strip('"') for cell in line.split(";")] for line in lines if line]
            assert values(path, "data") == table
            compared += 1
    assert compared > 20


def test_the_same_warehouse_gives_the_same_bytes_and_stale_answers_go(
    built: Built, city: City, tmp_path: Path
) -> None:
    ledger = Ledger(built.state.ledger)
    received = {receipt.file_sha: receipt.modified_at for receipt in ledger.receipts()}
    ledger.close()
    folder = built.state.returns / str(CYCLE)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    stale, own = folder / "lama-0123abcd.xlsx", folder / "catatan.xlsx"
    for path in (stale, own):
        path.write_bytes(b"x")
    write_file_returns(built.state, built.state.warehouse(), CYCLE, config=CONFIG, received=received)
    assert own.exists(), "a file that no run wrote stays"
    own.unlink()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_build_of_the_past_answers_nobody(built: Built, tmp_path: Path) -> None:
    folder = built.state.returns / str(CYCLE)
    before = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
    ledger = Ledger(built.state.ledger)
    with built.state.lock():
        build(built.state, ledger, built.settings, cycle=CYCLE, as_of=datetime(2026, 10, 20))  # noqa: DTZ001
    ledger.close()
    assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == before


def fault(
    row: int | None, columns: str | None, rule: str = "costs.planned_amount.range", **facts: Any
) -> Fault:
    place = facts.get("place", "lembar Biaya pelatihan")
    return Fault("costs", place, row, columns, rule, ("salah", "wrong"), ("betulkan", "mend it"))


def returned(path: Path, *problems: Fault, target: Path, is_refused: bool = False) -> Path:
    target.write_bytes(return_bytes(path, Faults(SHA, WHEN, "2026Q3", is_refused, problems), TITLES))
    return target


def office_workbook(path: Path, cached: dict[str, tuple[str, str]]) -> Path:
    """A workbook as an office makes it: formulas with the values they came to, comments, merged and styled cells."""
    book = Workbook()
    book.properties.creator = "Bagian Keuangan"
    sheet = book.active
    sheet.title = "Biaya pelatihan"
    sheet.append(["Kode angkatan", "Jenis biaya *", "Rencana", "Realisasi", "# catatan"])
    sheet.append(["B-1", "travel", "=500*2", 7.25, '=HYPERLINK("x")'])
    sheet.append(["B-2", "travel", 10, datetime(2026, 8, 17, 9, 30), None])  # noqa: DTZ001
    write_text(sheet["E3"], "=1+1")
    sheet["A3"].comment = Comment("Punya kami", "Kami")
    sheet["A3"].fill = PatternFill("solid", fgColor="00FF00")
    sheet.column_dimensions["D"].number_format = "@"
    sheet.merge_cells("C4:D4")
    sheet["C4"] = "digabung"
    second = book.create_sheet("meta")
    second.append(["siklatih-workbook", "1"])
    book.save(path)
    rewritten = {}
    with zipfile.ZipFile(path) as container:
        for name in container.namelist():
            rewritten[name] = container.read(name)
    xml = rewritten["xl/worksheets/sheet1.xml"].decode()
    for cell, (kind, value) in cached.items():
        start = xml.index(f'r="{cell}"')
        end = xml.index("</c>", start)
        body = xml[start:end].replace("<v />", f"<v>{value}</v>").replace("<v></v>", f"<v>{value}</v>")
        body = body.replace(f'r="{cell}"', f'r="{cell}" t="{kind}"') if kind != "n" else body
        xml = xml[:start] + body + xml[end:]
    rewritten["xl/worksheets/sheet1.xml"] = xml.encode()
    with zipfile.ZipFile(path, "w") as container:
        for name, part in rewritten.items():
            container.writestr(name, part)
    return path


def test_formulas_of_the_sender_stay_with_the_values_they_had(tmp_path: Path) -> None:
    path = office_workbook(tmp_path / "a.xlsx", {"C2": ("n", "1000"), "E2": ("str", "x")})
    assert values(path, "Biaya pelatihan")[1][:5] == ["B-1", "travel", 1000.0, 7.25, "x"], "control"
    back = returned(path, fault(2, "planned_amount"), target=tmp_path / "b.xlsx")
    assert values(back, "Biaya pelatihan") == values(path, "Biaya pelatihan")
    sheet = load_workbook(back)["Biaya pelatihan"]
    assert (sheet["C2"].data_type, sheet["C2"].value) == ("f", "=500*2")
    assert (sheet["E2"].data_type, sheet["E2"].value) == ("f", '=HYPERLINK("x")')
    assert (sheet["E3"].data_type, sheet["E3"].value, sheet["E3"].quotePrefix) == ("s", "=1+1", True)
    assert (
        formula_values(back)
        == formula_values(path)
        == {"Biaya pelatihan": {"C2": (None, "1000"), "E2": ("str", "x")}}
    )
    assert load_workbook(back).properties.creator == "Bagian Keuangan"


def test_the_senders_comments_colours_and_merged_cells_stay(tmp_path: Path) -> None:
    path = office_workbook(tmp_path / "a.xlsx", {})
    back = returned(
        path,
        fault(3, "batch_code"),
        fault(4, "actual_amount"),
        fault(5, "actual_amount"),
        target=tmp_path / "b.xlsx",
    )
    sheet = load_workbook(back)["Biaya pelatihan"]
    assert sheet["A3"].comment.text.startswith("Punya kami\n\n[Siklatih] salah. betulkan")
    assert sheet["C4"].value == "digabung"
    assert "[Siklatih]" in sheet["C4"].comment.text, "the merged range's own cell is marked"
    assert sheet["D5"].number_format == "@", "an empty cell is marked as its column is formatted"
    assert sheet.column_dimensions["D"].fill.fill_type is None, "and its column is not"
    again = returned(back, fault(2, "planned_amount"), target=tmp_path / "c.xlsx")
    assert set(marks(again)) == {("Biaya pelatihan", "C2")}, "marks of the earlier return are gone"
    assert load_workbook(again)["Biaya pelatihan"]["A3"].comment.text == "Punya kami"
    assert load_workbook(again).sheetnames == ["Perbaikan", "Biaya pelatihan", "meta"]


def sheets_read(path: Path) -> list[str]:
    """The places of a form's sheets, as its source calls them."""
    content = path.read_bytes()
    return [one.place for one in sheets_of(SourceFile(path, path.name, len(content), content[:HEAD_BYTES]))]


@pytest.mark.parametrize("has_chart", [False, True])
def test_a_form_that_comes_back_with_proposals_is_marked_where_its_source_reads_it(
    tmp_path: Path, has_chart: bool
) -> None:
    """The sheets that a return has in front, and a chart's, have no number."""
    path = tmp_path / "form.xlsx"
    book = Workbook()
    book.active.title = "Form1"
    for cells in (["Waktu", "Nama"], ["2026-08-26", "Rangga C."]):
        book.active.append(cells)
    if has_chart:
        chart = BarChart()
        chart.add_data(Reference(book.active, min_col=1, min_row=1, max_row=2))
        book.create_chartsheet("Grafik", 0).add_chart(chart)
    book.save(path)
    asked = [Proposal("0123456789ab", "B-1", "Rangga C.", "Rangga Contohwan", 1)]
    first = tmp_path / "first.xlsx"
    first.write_bytes(return_bytes(path, Faults(SHA, WHEN, "2026Q3", False, (), asked), TITLES))
    assert load_workbook(first).sheetnames[:2] == ["Perbaikan", "Usulan nama"]
    for sent in (path, first):
        assert sheets_read(sent) == ["lembar 1"]
        back = returned(sent, fault(2, "B", place="lembar 1"), target=tmp_path / "b.xlsx")
        assert set(marks(back)) == {("Form1", "B2")}


def test_a_place_is_found_by_number_before_name_and_also_where_it_is_hidden_or_named_as_help(
    tmp_path: Path,
) -> None:
    path = tmp_path / "a.xlsx"
    book = Workbook()
    book.active.title = "2"
    for name in ("Daftar", "Biaya pelatihan"):
        book.create_sheet(name)
    for sheet in book.worksheets:
        sheet.append(["a", "b"])
        sheet.append(["c", "d"])
    book["Biaya pelatihan"].sheet_state = "hidden"
    book.save(path)
    for place, name in (
        ("lembar 1", "2"),
        ("lembar 2", "Daftar"),
        ("lembar 3 (tersembunyi)", "Biaya pelatihan"),
        ("lembar Biaya pelatihan (tersembunyi)", "Biaya pelatihan"),
    ):
        back = returned(path, fault(2, "B", place=place), target=tmp_path / "b.xlsx")
        assert set(marks(back)) == {(name, "B2")}, place
    nowhere = returned(path, fault(2, "B", place="table"), target=tmp_path / "b.xlsx")
    assert set(marks(nowhere)) == set(), "two sheets have data, and it is not said which"


def test_one_sheet_alone_is_selected(tmp_path: Path) -> None:
    """Two selected sheets would be edited as one."""
    back = returned(
        office_workbook(tmp_path / "a.xlsx", {}), fault(2, "planned_amount"), target=tmp_path / "b.xlsx"
    )
    book = load_workbook(back)
    assert [sheet.sheet_view.tabSelected for sheet in book.worksheets] == [True, False, False]
    assert book.active.title == "Perbaikan"


def test_where_no_column_is_known_the_rows_first_cell_is_marked(tmp_path: Path) -> None:
    path = office_workbook(tmp_path / "a.xlsx", {})
    back = returned(
        path, fault(2, "funded_by"), fault(3, None), fault(None, None), target=tmp_path / "b.xlsx"
    )
    assert set(marks(back)) == {("Biaya pelatihan", "A2"), ("Biaya pelatihan", "A3")}
    assert len(listed(back)) == 3


def test_a_workbook_that_cannot_be_loaded_or_is_too_large_gets_the_list(tmp_path: Path) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes(b"PK\x03\x04 and no more")
    sound = office_workbook(tmp_path / "sound.xlsx", {})
    large = tmp_path / "large.xlsx"
    large.write_bytes(sound.read_bytes())
    with zipfile.ZipFile(large, "a", zipfile.ZIP_DEFLATED) as container:
        container.writestr("xl/media/image1.bin", b" " * 50_000_000)
    for path, is_refused in ((broken, False), (large, False), (sound, True)):
        row = None if is_refused else 2
        back = returned(path, fault(row, "planned_amount"), target=tmp_path / "b.xlsx", is_refused=is_refused)
        assert load_workbook(back).sheetnames == ["Perbaikan"]
        assert len(listed(back)) == 1


def test_a_refusal_is_marked_on_the_sheet_it_speaks_of(tmp_path: Path) -> None:
    """Two sheets have a column for the employee number; the second one's was stored as a number."""
    path = tmp_path / "a.xlsx"
    scores = (
        "batch_code",
        "nip",
        "occasion",
        "instrument_code",
        "instrument_version",
        "taken_at",
        "score",
        "max_score",
    )
    enrolments = ("batch_code", "nip", "arm", "enrolled_on", "status")
    sheets: dict[str, Any] = {
        "test_scores": (scores, [("B-1", "198001012006041001", "pre", "T", "1", WHEN, 1, 2)]),
        "enrolments": (enrolments, [("B-1", "198001012006041001", "trained", WHEN, "enrolled"),
                                    ("B-1", 1.98e17, "trained", WHEN, "enrolled")]),
    }  # fmt: skip
    write_workbook(path, TITLES.contracts, sheets, when=WHEN, provider="opd")
    content = path.read_bytes()
    with pytest.raises(MendError) as caught:
        list(
            workbook.read(
                SourceFile(path, "a.xlsx", len(content), content[:HEAD_BYTES]),
                Catalogue(TITLES.contracts, TITLES.instruments),
            )
        )
    back = returned(path, refusal_fault(caught.value), target=tmp_path / "b.xlsx", is_refused=True)
    assert set(marks(back)) == {("Daftar peserta", "B3")}
    assert [(row["lembar / sheet"], row["kolom / column"]) for row in listed(back)] == [
        ("Daftar peserta", "NIP")
    ]


def test_many_faults_are_marked_in_good_time(tmp_path: Path) -> None:
    """A column of dates in another form puts every row aside."""
    path = tmp_path / "a.xlsx"
    columns = ("batch_code", "cost_type", "funded_by", "planned_amount", "actual_amount")
    rows = [(f"B-{number}", "travel", "budget", 1, "x") for number in range(4000)]
    write_workbook(path, TITLES.contracts, {"costs": (columns, rows)}, when=WHEN, provider="opd")
    started = time.process_time()
    back = returned(
        path, *(fault(row, "actual_amount") for row in range(2, 4002)), target=tmp_path / "b.xlsx"
    )
    assert time.process_time() - started < 30
    assert len(marks(back)) == 4000


DANGEROUS = ("=1+1", "+62811", "-5", "@SUM(A1)", "\tx", "\rx")


@pytest.mark.parametrize("text", DANGEROUS)
def test_text_that_looks_like_a_formula_is_written_as_text(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'kode,isi\r\nB-1,"' + text.encode() + b'"\r\nB-2,biasa\r\n')
    back = returned(path, fault(2, None, place="table"), target=tmp_path / "b.xlsx")
    cell = load_workbook(back)["data"]["B2"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
    assert cell.value.replace("\n", "\r") == text.replace("\n", "\r")
    assert "<f>" not in zipfile.ZipFile(back).read("xl/worksheets/sheet2.xml").decode()


def test_a_record_keeps_its_line_number_after_a_line_break_in_a_cell(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'kode;isi\r\n"B-1";"dua\nbaris"\r\n"B-2";"x"\r\n')
    back = returned(path, fault(4, None, place="table"), target=tmp_path / "b.xlsx")
    rows = values(back, "data")
    assert rows[1] == ["B-1", "dua\nbaris"]
    assert rows[2] == ["", ""]
    assert rows[3] == ["B-2", "x"]
    assert set(marks(back)) == {("data", "A4")}

"""A sheet with a name of ours but content of the sender's is never passed over in silence."""

from __future__ import annotations

from pathlib import Path

import pytest
from forms import CONTRACTS, xlsx_bytes

from siklatih.errors import MendError
from siklatih.sources import recognise_file
from siklatih.sources.proposed import HEADINGS
from siklatih.sources.protocol import HEAD_BYTES, Catalogue, Part, SourceFile
from siklatih.table_mappings import load_table_mappings

HEADING = ["Kode angkatan", "Jenis biaya", "Sumber dana", "Rencana", "Realisasi"]
COSTS = [HEADING, ["P01-A1", "Perjalanan", "APBD", 100, 90]]
MAPPING = """
code: biaya_kantor
dataset: costs
headings: {Angkatan: batch_code, Jenis: cost_type, Sumber: funded_by, Pagu: planned_amount, Realisasi: actual_amount}
"""
OURS = {
    "Perbaikan": [["Baca ini"], ["siklatih-return", "0" * 64]],
    "Usulan nama": [["Apakah ini nama yang sama?"], list(HEADINGS)],
    "petunjuk": [["Biaya"], ["Costs"], [], ["kolom / column", "wajib / required"]],
    "meta": [["siklatih-workbook", "1"]],
}


def read(tmp_path: Path, sheets: dict[str, list[list[object]]], mapping: str | None = None) -> list[Part]:
    path = tmp_path / "berkas.xlsx"
    content = xlsx_bytes(tmp_path, sheets)
    path.write_bytes(content)
    tables = {}
    if mapping is not None:
        (tmp_path / "mappings").mkdir()
        (tmp_path / "mappings" / "biaya_kantor.yaml").write_text(mapping, encoding="utf-8")
        tables = load_table_mappings(tmp_path / "mappings", CONTRACTS)
    known = Catalogue(CONTRACTS, {}, tables=tables)
    file = SourceFile(path, path.name, len(content), content[:HEAD_BYTES], known)
    return list(recognise_file(file)[0].read(file, known))


@pytest.mark.parametrize("name", [*OURS, "PETUNJUK", "perbaikan"])
def test_data_below_a_name_of_ours_refuse_the_workbook(tmp_path: Path, name: str) -> None:
    with pytest.raises(MendError) as caught:
        read(tmp_path, {"Biaya pelatihan": COSTS, name: COSTS})
    assert caught.value.code == "borrowed_sheet"
    assert name.casefold() in caught.value.id_.casefold()
    assert name.casefold() in caught.value.en.casefold()


def test_any_other_name_with_data_is_refused_by_its_number(tmp_path: Path) -> None:
    with pytest.raises(MendError) as caught:
        read(tmp_path, {"Biaya pelatihan": COSTS, "Daftar": COSTS})
    assert caught.value.code == "unknown_sheet"


def test_our_own_sheets_and_empty_ones_are_passed_over(tmp_path: Path) -> None:
    (part,) = read(tmp_path, {"Biaya pelatihan": COSTS, **OURS})
    assert len(part.rows) == 1
    (part,) = read(tmp_path, {"Biaya pelatihan": COSTS, "Perbaikan": [], "Usulan nama": [], "petunjuk": []})
    assert len(part.rows) == 1


@pytest.mark.parametrize("name", ["Perbaikan", "Usulan nama"])
def test_a_mapped_workbook_may_not_borrow_them_either(tmp_path: Path, name: str) -> None:
    table = [["Angkatan", "Jenis", "Sumber", "Pagu", "Realisasi"], ["P01-A1", "travel", "budget", 1, 2]]
    with pytest.raises(MendError) as caught:
        read(tmp_path, {"Lembar A": table, name: table}, MAPPING)
    assert caught.value.code == "borrowed_sheet"

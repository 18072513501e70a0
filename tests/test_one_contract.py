"""Table, checks, template and dictionary follow from one contract and cannot drift apart."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pytest
import yaml
from openpyxl import load_workbook

from siklatih.checks import file_checks
from siklatih.contracts import Contract, load_contracts
from siklatih.dictionary import PAGE, dictionary, page
from siklatih.expectations import build_suite
from siklatih.settings import CHECKOUT
from siklatih.sources import protocol, workbook
from siklatih.templates import write_template
from siklatih.warehouse import create_accepted

CONTRACTS = load_contracts(CHECKOUT / "config" / "contracts")
WHEN = datetime(2026, 1, 1)  # noqa: DTZ001


def forms_of(
    contract: Contract, tmp_path: Path
) -> tuple[dict[str, str], set[str], dict[str, list[str]], str]:
    """Make all four from a contract: table columns, suite's rules, template headings with choices, page."""
    con = duckdb.connect()
    create_accepted(con, {contract.dataset: contract}, "accepted")
    table = {row[0]: row[1] for row in con.execute(f"describe accepted.{contract.dataset}").fetchall()}
    suite = build_suite(contract.dataset, file_checks(contract))
    rules = {expectation.meta["rule"] for expectation in suite.expectations}
    place = tmp_path / f"{contract.dataset}.xlsx"
    write_template(contract, place, WHEN)
    sheet = load_workbook(place)[contract.title_id[:31]]
    choices = {
        str(cells).split(":")[0].rstrip("0123456789"): rule.formula1.strip('"').split(",")
        for rule in sheet.data_validations.dataValidation
        for cells in rule.sqref.ranges
    }
    headings = {cell.value: choices.get(cell.column_letter, []) for cell in sheet[1]}
    return table, rules, headings, page(contract)


@pytest.mark.parametrize("dataset", sorted(CONTRACTS))
def test_the_four_forms_say_the_same(dataset: str, tmp_path: Path) -> None:
    contract = CONTRACTS[dataset]
    table, rules, headings, text = forms_of(contract, tmp_path)
    assert len(contract.title_id) <= 31  # a sheet's name in Excel
    assert list(headings) == [column.title_id for column in contract.columns]
    for column in contract.columns:
        assert table[column.stored_name] == column.sql_type.replace(", ", ",")
        assert (column.name in table) == (not column.is_identifier)
        assert (f"{dataset}.{column.name}.required" in rules) == column.required
        assert (f"{dataset}.{column.name}.values" in rules) == bool(column.values)
        assert (f"{dataset}.{column.name}.range" in rules) == (
            column.minimum is not None or column.maximum is not None
        )
        if column.values and headings[column.title_id]:
            assert headings[column.title_id] == [value.label_id for value in column.values]
        assert f"| {column.name} | {column.title_id} | {column.kind} |" in text
    for rule in contract.row_rules:
        assert f"{dataset}.{rule.rule_id}" in rules
    assert all(f"`{rule}`" in text for rule in rules)


def test_a_change_of_the_contract_changes_all_four(tmp_path: Path) -> None:
    """A column is renamed and bounded, another is added: every form follows, with no other file touched."""
    folder = tmp_path / "contracts"
    folder.mkdir()
    content = yaml.safe_load(
        (CHECKOUT / "config" / "contracts" / "competences.yaml").read_text(encoding="utf-8")
    )
    columns = content["schema"][0]["properties"]
    level = next(column for column in columns if column["name"] == "standard_level")
    added = yaml.safe_load(yaml.safe_dump(level))
    added["name"] = "target_level"
    added["businessName"] = "Sasaran tingkat"
    columns.append(added)
    (folder / "competences.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    changed = load_contracts(folder)["competences"]

    before = forms_of(CONTRACTS["competences"], tmp_path)
    after = forms_of(changed, tmp_path)
    assert after[0].keys() - before[0].keys() == {"target_level"}
    assert after[1] - before[1] >= {"competences.target_level.required", "competences.target_level.range"}
    assert after[2].keys() - before[2].keys() == {"Sasaran tingkat"}
    assert "| target_level | Sasaran tingkat | integer |" in after[3]


def test_the_page_in_docs_is_what_the_contracts_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == dictionary(CONTRACTS), "run `make docs`"


def test_a_template_is_the_same_bytes_every_time(tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        write_template(CONTRACTS["batches"], tmp_path / name, WHEN)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_what_is_filled_into_a_template_is_read(tmp_path: Path) -> None:
    place = tmp_path / "units.xlsx"
    write_template(CONTRACTS["units"], place, WHEN)
    book = load_workbook(place)
    sheet = book.worksheets[0]
    filled = {
        "Kode unit": "OPD-01",
        "Berlaku sejak": "2026-01-01",
        "Nama unit": "Dinas Contoh",
        "Jenis unit": None,
    }
    for cell in sheet[1]:
        column = next(c for c in CONTRACTS["units"].columns if c.title_id == cell.value)
        value = filled.get(cell.value)
        if column.values:
            value = column.values[0].label_id
        sheet.cell(row=2, column=cell.column, value=value)
    book.save(place)
    catalogue = protocol.Catalogue(CONTRACTS, {})
    parts = list(
        workbook.read(
            protocol.SourceFile(place, place.name, place.stat().st_size, place.read_bytes()[:65536]),
            catalogue,
        )
    )
    assert [part.dataset for part in parts] == ["units"]
    assert parts[0].rows[0].values["unit_code"] == "OPD-01"
    assert parts[0].rows[0].values["unit_type"] == CONTRACTS["units"].column("unit_type").values[0].value

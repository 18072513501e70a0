"""Values as people write them: numbers, and identifiers that stand where they do not belong."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from siklatih.contracts import load_contracts
from siklatih.errors import MendError
from siklatih.identity import without_identifiers
from siklatih.reading import Reader
from siklatih.settings import CHECKOUT
from siklatih.sources.values import canonical

CONTRACTS = load_contracts(CHECKOUT / "config" / "contracts")
AMOUNT = CONTRACTS["costs"].column("planned_amount")
WHOLE = CONTRACTS["service_outcomes"].column("services")
NIP = "198001012006041001"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("62,5", "62.5"),
        ("0,125", "0.125"),
        ("62.125,5", "62125.5"),
        ("1.500.000", "1500000"),
        ("1,500,000.25", "1500000.25"),
        ("Rp 500.000", "500000"),
        ("Rp. 1.250.000,00", "1250000.00"),
        ("Rp250.000,-", "250000"),
        ("-1.500.000", "-1500000"),
        ("1 500 000", "1500000"),
        ("1\u00a0500\u202f000,50", "1500000.50"),
        ("Rp 12 500", "12500"),
        ("-1 500", "-1500"),
        (62.125, "62.125"),  # a cell that holds a number leaves no doubt
        (500000, "500000"),
    ],
)
def test_amounts_are_read_as_they_are_meant(written: object, read: str) -> None:
    assert canonical(AMOUNT, written) == read


@pytest.mark.parametrize(
    ("dataset", "column"),
    [("responses", "response_code"), ("responses", "batch_code"), ("sessions", "meeting_id")],
)
def test_an_id_that_lost_its_digits_refuses_the_file(dataset: str, column: str) -> None:
    identifier = CONTRACTS[dataset].column(column)
    for written in ("1.14524E+11", "1,14524e+11", 1.14524e17):
        with pytest.raises(MendError) as caught:
            canonical(identifier, written)
        assert caught.value.code == "id_scientific"
    for sound in ("114524000123", "1E5", "E+11", "P01+A1", "3e45a1b2", 114524000123.0):
        assert canonical(identifier, sound) == str(sound).removesuffix(".0")


def test_plain_text_may_be_written_as_any_number_is() -> None:
    subject = CONTRACTS["materials"].column("material_title")
    assert canonical(subject, "1.5E+3") == "1.5E+3"


@pytest.mark.parametrize("written", ["500.000", "500,000", "62.125", "62,125"])
def test_one_group_of_three_could_be_either_and_is_not_guessed(written: str) -> None:
    text = canonical(AMOUNT, written)
    assert text is not None
    with pytest.raises(ArithmeticError):
        Decimal(text)


@pytest.mark.parametrize(("written", "read"), [("1.500", "1500"), ("1,500", "1500"), ("12.000", "12000")])
def test_a_whole_number_has_no_decimals_so_a_group_is_thousands(written: str, read: str) -> None:
    assert canonical(WHOLE, written) == read


@pytest.mark.parametrize(
    "written",
    [
        "1.234.5678",
        "12.34.567",
        "1.2.3",
        "dua",
        "1500.000.000",
        "1 50",
        "1 500.000",
        "1500 000",
        "1 000 00",
    ],
)
def test_what_is_no_number_stays_as_it_is(written: str) -> None:
    assert canonical(AMOUNT, written) == written


@given(st.integers(1, 10**12), st.integers(0, 99))
def test_indonesian_and_english_grouping_mean_the_same(whole: int, cents: int) -> None:
    english = f"{whole:,}.{cents:02}"
    indonesian = english.translate(str.maketrans(",.", ".,"))
    expected = Decimal(whole) + Decimal(cents) / 100
    for written in (english, indonesian):
        assert Decimal(canonical(AMOUNT, written) or "") == expected


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"hubungi {NIP} segera", "hubungi [NIP] segera"),
        ("NIP.19800101 200604 1 001", "NIP.[NIP]"),
        ("surel rangga@example.org, lalu tunggu", "surel [surel], lalu tunggu"),
        ("P01-A1 tahun 2026 ruang 12@3", "P01-A1 tahun 2026 ruang 12@3"),
        ("0198001012006041001", "0198001012006041001"),  # nineteen digits are no employee number
        ("tanpa angka", "tanpa angka"),
    ],
)
def test_numbers_and_addresses_in_plain_text_are_masked(text: str, masked: str) -> None:
    assert without_identifiers(text) == masked


def test_what_is_written_after_reading_holds_no_number_of_a_text_column(tmp_path: Path) -> None:
    contract = CONTRACTS["programmes"]
    book = Workbook()
    sheet = book.active
    sheet.title = contract.title_id
    sheet.append([column.name for column in contract.columns])
    line = {"programme_code": "P01", "programme_name": f"Kelas bersama {NIP} (rangga@example.org)"}
    sheet.append([line.get(column.name, "") for column in contract.columns])
    path = tmp_path / "program.xlsx"
    book.save(path)
    out = tmp_path / "out"
    out.mkdir()
    with Reader(key=b"k", config=CHECKOUT / "config", memory_bytes=1 << 30, seconds=30) as reader:
        (part,) = reader.read(path, path.name, out).parts
    with part.path.open(encoding="utf-8", newline="") as handle:
        (row,) = csv.DictReader(handle)
    assert row["programme_name"] == "Kelas bersama [NIP] ([surel])"
    assert row["programme_code"] == "P01"

"""A new kind of export is one new module among the sources: nothing that is there already is touched."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import siklatih.sources
from siklatih.contracts import load_contracts
from siklatih.identity import Pseudonymiser
from siklatih.instruments import load_instruments
from siklatih.part_files import PartWriter
from siklatih.quality import PartToCheck, check_dataset
from siklatih.settings import CHECKOUT
from siklatih.sources import all_sources, recognise_file
from siklatih.sources.protocol import HEAD_BYTES, Catalogue, SourceFile

CONTRACTS = load_contracts(CHECKOUT / "config" / "contracts")
CATALOGUE = Catalogue(CONTRACTS, load_instruments(CHECKOUT / "config" / "instruments"))
MODULE = '''
"""Costs as a made-up program of treasurers writes them: one line a payment, divided by bars."""

from siklatih.sources.delimited import decode, head_text, text_lines
from siklatih.sources.protocol import Part, Recognition, Row

NAME = "Kas Contoh"


def recognise(file):
    if head_text(file.head).startswith("KAS-CONTOH|"):
        return Recognition(1.0, "first cell KAS-CONTOH")
    return None


def read(file, catalogue):
    part = Part("costs", "table")
    columns = ("batch_code", "cost_type", "funded_by", "planned_amount", "actual_amount")
    for number, line in enumerate(text_lines(decode(file)), start=1):
        if number == 1:
            part.count("heading")
            continue
        part.count("data")
        part.rows.append(Row(number, dict(zip(columns, line.split("|"), strict=True))))
    yield part
'''
FILE = "KAS-CONTOH|2026\nP01-A1|travel|budget|500|400\nP01-A1|venue|budget|500|-1\n"


@pytest.fixture
def with_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    place = tmp_path / "sources"
    place.mkdir()
    (place / "kas_contoh.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.setattr(siklatih.sources, "__path__", [*siklatih.sources.__path__, str(place)])
    yield
    sys.modules.pop("siklatih.sources.kas_contoh", None)


@pytest.mark.usefixtures("with_module")
def test_a_module_is_all_that_a_new_source_takes(tmp_path: Path) -> None:
    path = tmp_path / "berkas"
    path.write_text(FILE, encoding="utf-8")
    content = path.read_bytes()
    file = SourceFile(path, path.name, len(content), content[:HEAD_BYTES], CATALOGUE)
    source, known = recognise_file(file)
    assert (source.NAME, known.confidence) == ("Kas Contoh", 1.0)
    (part,) = source.read(file, CATALOGUE)
    assert (part.dataset, part.lines) == ("costs", {"heading": 1, "data": 2})
    writer = PartWriter(Pseudonymiser(b"key of this test, 32 characters.."))
    written, _ = writer.write(tmp_path / "0", part, CONTRACTS["costs"])
    fates = check_dataset(CONTRACTS["costs"], [PartToCheck("f", 0, "costs", "table", written)], tmp_path)
    (fate,) = fates.values()
    assert (fate.rows, fate.accepted, fate.quarantined) == (2, 1, 1)


def test_modules_that_help_others_are_no_sources() -> None:
    names = {source.__name__.rpartition(".")[2] for source in all_sources()}
    assert {"zoom_participants", "workbook", "kobo", "teams"} <= names
    assert not {"protocol", "values", "delimited", "dates", "tables", "nearest", "returned"} & names
    known = [source.NAME for source in all_sources()]
    assert len(set(known)) == len(known)

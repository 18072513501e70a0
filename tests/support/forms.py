"""Exports of form tools, made by hand, and how tests read them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from siklatih.contracts import load_contracts
from siklatih.errors import MendError
from siklatih.instruments import load_instruments
from siklatih.mappings import load_mappings
from siklatih.settings import CHECKOUT
from siklatih.sources import recognise_file
from siklatih.sources.protocol import HEAD_BYTES, Catalogue, Part, SourceFile

CONTRACTS = load_contracts(CHECKOUT / "config" / "contracts")
INSTRUMENTS = load_instruments(CHECKOUT / "config" / "instruments")
CATALOGUE = Catalogue(CONTRACTS, INSTRUMENTS, load_mappings(CHECKOUT / "config" / "mappings", INSTRUMENTS))
REACTION, SKM = INSTRUMENTS["reaction"], INSTRUMENTS["service_survey"]
WORDINGS = [item.wording_id for item in REACTION.items]
NAME, ADDRESS, NIP = "Rangga Contohwan", "rangga.contohwan@example.org", "198001012006041001"


def csv_bytes(rows: Sequence[Sequence[object]], *, delimiter: str = ",", quoted: bool = False) -> bytes:
    """Rows as text, ended as Windows does."""
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL).writerows(
        rows
    )
    return out.getvalue().encode()


def xlsx_bytes(tmp_path: Path, sheets: dict[str, Sequence[Sequence[object]]]) -> bytes:
    """Sheets as a workbook."""
    book = Workbook()
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    del book["Sheet"]
    book.save(tmp_path / "made.xlsx")
    return (tmp_path / "made.xlsx").read_bytes()


def file_at(path: Path) -> SourceFile:
    content = path.read_bytes()
    return SourceFile(path, path.name, len(content), content[:HEAD_BYTES])


def read(tmp_path: Path, content: bytes, catalogue: Catalogue = CATALOGUE) -> tuple[str, Part]:
    """Write, recognise and read a file that holds one part."""
    path = tmp_path / "berkas"
    path.write_bytes(content)
    source, _ = recognise_file(file_at(path))
    (part,) = source.read(file_at(path), catalogue)
    return source.NAME, part


def refusal(tmp_path: Path, content: bytes, catalogue: Catalogue = CATALOGUE) -> MendError:
    """Read a file that must be refused; check that the message is clear and holds nobody."""
    with pytest.raises(MendError) as caught:
        read(tmp_path, content, catalogue)
    error = caught.value
    assert error.en.strip()
    assert error.id_.strip()
    assert error.en != error.id_
    for text in (error.en, error.id_, str(error)):
        assert not any(word in text.casefold() for word in NAME.casefold().split())
        assert "@" not in text
        assert not re.search(r"\d{6,}", text)
    return error


def answers(part: Part) -> dict[tuple[int, str], str | None]:
    """Answers of long rows by line and item."""
    return {(row.row_no, str(row.values["item_code"])): row.values["answer"] for row in part.rows}

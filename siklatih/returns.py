"""What goes back to those who sent the data: which file, row, column, rule, and what to do.

The list never holds a cell's value. File names are written here, because only their senders see it.
"""

from __future__ import annotations

import csv
import io
from pathlib import Path

from siklatih.cycle import Cycle
from siklatih.landing import given_name
from siklatih.returning.files import returned_rows
from siklatih.returning.listing import FORMULA_STARTS
from siklatih.state import State, write_whole

HEADINGS = (
    "pengirim / sender",
    "berkas / file",
    "sha256",
    "set data / dataset",
    "tempat / place",
    "baris / row",
    "kolom / column",
    "aturan / rule",
    "yang salah",
    "yang harus dilakukan",
    "what is wrong",
    "what to do",
)


def write_returns(state: State, warehouse: Path, cycle: Cycle) -> Path:
    """Write ``returns/<cycle>/quarantine.csv`` from a warehouse; the same warehouse gives the same bytes."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for (
        provider,
        sha,
        dataset,
        place,
        row_no,
        column,
        rule,
        wrong_id,
        wrong_en,
        do_id,
        do_en,
        _,
    ) in returned_rows(warehouse):
        cells = (
            provider, given_name(state, sha), sha, dataset, place, row_no, column, rule,
            wrong_id, do_id, wrong_en, do_en,
        )  # fmt: skip
        writer.writerow([_plain(cell) for cell in cells])
    target = state.returns / str(cycle) / "quarantine.csv"
    write_whole(target, text.getvalue().encode("utf-8-sig"))  # the mark lets Excel read it as UTF-8
    return target


def _plain(cell: object) -> str:
    """Write a cell so that a spreadsheet never takes it for a formula."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text

"""A small office that hands in lists of names, and answers what is proposed."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from cities import CYCLE, NOW
from openpyxl import load_workbook

from siklatih.build import build
from siklatih.contracts import load_contracts
from siklatih.demo.exports import write_workbook
from siklatih.ingest import ingest
from siklatih.ledger import Ledger
from siklatih.settings import CHECKOUT, Settings
from siklatih.state import State

CONTRACTS = load_contracts(CHECKOUT / "config" / "contracts")
DAY = datetime(2026, 8, 26, 8)  # noqa: DTZ001  (local)
SENT = datetime(2026, 10, 9, 15)  # noqa: DTZ001  (local)
NUMBERS = ["199003122015031007", "199104152016042008", "198807072012031003"]
NAMES = ["Rangga Contohwan", "Sari Misalnya", "Budi Teladan"]
MARKS = ("batch_code", "session_starts_at", "name", "status")
SHEET = "Usulan nama"


class Office:
    """A state folder with three people in a batch, into which lists of names are handed."""

    def __init__(self, home: Path, config: Path | None = None) -> None:
        chosen = {} if config is None else {"config": config}
        self.state, self.settings = State(home), Settings(home=home, demo_seed=1, **chosen)
        self.runs = 0
        day = DAY.date()
        self.hand_in(
            "induk.xlsx",
            roster=(
                ("nip", "valid_from", "name", "status", "unit_code", "position_type"),
                [
                    (number, date(2025, 1, 1), name, "PNS", "U-1", "pelaksana")
                    for number, name in zip(NUMBERS, NAMES, strict=True)
                ],
            ),
            batches=(
                ("batch_code", "programme_code", "starts_on", "ends_on", "assignment", "capacity",
                 "follow_up_planned"),
                [("B-1", "P-1", day, day, "lottery", 30, "tidak")],
            ),
            enrolments=(
                ("batch_code", "nip", "arm", "enrolled_on", "status"),
                [("B-1", number, "trained", day, "completed") for number in NUMBERS],
            ),
        )  # fmt: skip

    @property
    def folder(self) -> Path:
        return self.state.inbox / str(CYCLE) / "panitia"

    def hand_in(self, name: str, **sheets: Any) -> None:
        write_workbook(self.folder / name, CONTRACTS, sheets, when=SENT, provider="panitia")

    def list_names(self, *names: str, file: str = "hadir.xlsx") -> None:
        self.hand_in(file, attendance=(MARKS, [("B-1", DAY, name, "P") for name in names]))

    def run(self, *, as_of: datetime | None = None) -> Path:
        self.runs += 1
        with self.state.lock():
            ledger = Ledger(self.state.ledger)
            try:
                ingest(self.state, ledger, self.settings, now=self.moment(), run_id="test")
                return build(self.state, ledger, self.settings, cycle=CYCLE, as_of=as_of).warehouse
            finally:
                ledger.close()

    def moment(self) -> datetime:
        return NOW + timedelta(days=self.runs)

    def answers(self) -> list[Path]:
        return sorted((self.state.returns / str(CYCLE)).glob("*.xlsx"))

    def send_back(self, change: Callable[[Any], None], name: str = "hadir-jawab.xlsx") -> None:
        (answer,) = self.answers()
        book = load_workbook(answer)
        change(book)
        path = self.folder / name
        book.save(path)
        seconds = (SENT + timedelta(days=self.runs)).replace(tzinfo=UTC).timestamp()
        os.utime(path, (seconds, seconds))


def ask(warehouse: Path, sql: str) -> list[tuple[Any, ...]]:
    con = duckdb.connect(str(warehouse), read_only=True)
    try:
        return con.execute(sql).fetchall()
    finally:
        con.close()


def answer(**said: str) -> Callable[[Any], None]:
    """Fill in the answers of the rows whose proposed name begins so."""

    def change(book: Any) -> None:
        for row in book[SHEET].iter_rows(min_row=5):
            for name, word in said.items():
                if str(row[3].value).startswith(name):
                    row[5].value = word

    return change

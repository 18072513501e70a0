"""A state into which files are handed one after another, with a small office's master data. All invented."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
from cities import CYCLE, NOW
from openpyxl import Workbook

from siklatih.build import BuildReport, build
from siklatih.contracts import load_contracts
from siklatih.cycle import Cycle
from siklatih.demo.exports import Rows, write_workbook
from siklatih.ingest import IngestReport, ingest
from siklatih.ledger import Ledger
from siklatih.settings import CHECKOUT, Settings
from siklatih.state import State
from siklatih.waiting import say, withdraw

CONTRACTS = load_contracts(CHECKOUT / "config" / "contracts")
HANDED_IN = datetime(2026, 10, 9, 15, 0)  # noqa: DTZ001  (local)
ONE, TWO, THREE = "198001012006041001", "198102022006042002", "198203032006041003"
NAMES = {ONE: "Rangga Contohwan", TWO: "Sekar Contohwati", THREE: "Tegar Contohadi"}
ADDRESSES = {nip: f"{name.split()[0].lower()}@example.org" for nip, name in NAMES.items()}
Session = tuple[str, str, datetime, datetime, str | None]  # code, batch, from, to, meeting's ID


@dataclass
class Desk:
    """Where a test hands files in, runs, and looks at what came of it. Times of arrival are days after NOW."""

    home: Path

    @property
    def state(self) -> State:
        return State(self.home)

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, demo_seed=1)

    def drop(self, place: str, content: bytes, *, when: datetime = HANDED_IN) -> str:
        """Put bytes at a place below the inbox; return their hash."""
        path = self.state.inbox / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        seconds = (when - datetime(1970, 1, 1)).total_seconds() - 7 * 3600  # noqa: DTZ001  (local, naive)
        os.utime(path, (seconds, seconds))
        return hashlib.sha256(content).hexdigest()

    def hand_in(
        self, place: str, sheets: dict[str, tuple[Sequence[str], Rows]], *, when: datetime = HANDED_IN,
        provider: str = "bkpsdm",
    ) -> str:  # fmt: skip
        """Write the agency's workbook; return its hash."""
        path = self.state.inbox / place
        write_workbook(path, CONTRACTS, sheets, when=when, provider=provider)
        return hashlib.sha256(path.read_bytes()).hexdigest()

    def take_in(self, *, day: int = 0) -> IngestReport:
        """Ingest."""
        with self.state.lock():
            ledger = Ledger(self.state.ledger)
            try:
                return ingest(self.state, ledger, self.settings, now=NOW + timedelta(days=day), run_id="t")
            finally:
                ledger.close()

    def build(self, *, as_of: int | None = None, cycle: Cycle = CYCLE) -> BuildReport:
        """Build what was known, now or on a day."""
        known_by = None if as_of is None else NOW + timedelta(days=as_of)
        with self.state.lock():
            ledger = Ledger(self.state.ledger)
            try:
                return build(self.state, ledger, self.settings, cycle=cycle, as_of=known_by)
            finally:
                ledger.close()

    def run(self, *, day: int = 0) -> BuildReport:
        """Ingest and build."""
        self.take_in(day=day)
        return self.build()

    def say(self, sha: str, *, day: int = 1, batch: str | None = None, provider: str | None = None) -> None:
        """A person's word about a file."""
        ledger = Ledger(self.state.ledger)
        try:
            say(ledger, sha, batch=batch, provider=provider, now=NOW + timedelta(days=day))
        finally:
            ledger.close()

    def withdraw(self, sha: str, *, day: int = 1, undo: bool = False, reason: str = "salah kirim") -> None:
        """A person says that a file must not count, or counts again."""
        ledger = Ledger(self.state.ledger)
        try:
            now = NOW + timedelta(days=day)
            withdraw(ledger, sha, reason=reason, said_by="pengelola data", undo=undo, now=now)
        finally:
            ledger.close()

    def ask(self, sql: str, *values: object, warehouse: Path | None = None) -> list[tuple[Any, ...]]:
        """Ask the warehouse."""
        con = duckdb.connect(str(warehouse or self.state.warehouse()), read_only=True)
        try:
            return con.execute(sql, values).fetchall()
        finally:
            con.close()

    def answers(self) -> list[str]:
        """The names of the answers that wait to be sent."""
        return sorted(path.name for path in (self.state.returns / str(CYCLE)).glob("*.xlsx"))

    def fates(self, sha: str, warehouse: Path | None = None) -> dict[str, int]:
        """What became of a file's rows, counts above 0 only; checks that they add up."""
        names = ("accepted", "quarantined", "duplicate", "superseded", "withdrawn", "erased")
        rows = self.ask(
            f"select read, {', '.join(names)} from quality.file_summary where file_sha = ?",
            sha,
            warehouse=warehouse,
        )
        assert all(row[0] == sum(row[1:]) for row in rows)
        total = [sum(column) for column in zip(*rows, strict=True)][1:]
        return {name: count for name, count in zip(names, total, strict=True) if count}


def master(batches: dict[str, tuple[date, date]], sessions: Sequence[Session] = ()) -> dict[str, Any]:
    """Sheets of three people, all enrolled in every batch of one programme; terminal numbers 1 to 3."""
    start = date(2020, 1, 1)
    roster = [
        (nip, start, NAMES[nip], ADDRESSES[nip], number, "PNS", "OPD-01", "executor")
        for number, nip in enumerate(NAMES, start=1)
    ]
    found = {
        "units": (
            ("unit_code", "valid_from", "unit_name", "unit_type"),
            [("OPD-01", start, "Dinas Contoh", "office")],
        ),
        "roster": (
            ("nip", "valid_from", "name", "email", "terminal_number", "status", "unit_code", "position_type"),
            roster,
        ),
        "programmes": (
            ("programme_code", "programme_name", "method", "jp_form", "need_source", "jp_designed"),
            [("P01", "Pelatihan contoh", "class", "technical", "survey", 10)],
        ),
        "batches": (
            ("batch_code", "programme_code", "starts_on", "ends_on", "assignment", "capacity", "follow_up_planned"),
            [(code, "P01", *days, "nominated", 30, "tidak") for code, days in batches.items()],
        ),
        "enrolments": (
            ("batch_code", "nip", "arm", "enrolled_on", "status"),
            [(code, nip, "trained", days[0], "completed") for code, days in batches.items() for nip in NAMES],
        ),
    }  # fmt: skip
    if sessions:
        columns = ("session_code", "batch_code", "starts_at", "ends_at", "jp", "meeting_id")
        rows = [(code, batch, begin, end, 4, meeting) for code, batch, begin, end, meeting in sessions]
        found["sessions"] = (columns, rows)
    return found


def workbook_bytes(place: Path, sheets: dict[str, Sequence[Sequence[object]]]) -> bytes:
    """Sheets as they are, as a workbook's bytes."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(place)
    return place.read_bytes()

"""A made-up agency of six people with one batch: small enough to be ingested and built for every test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import duckdb

from siklatih.build import build
from siklatih.contracts import load_contracts
from siklatih.cycle import Cycle
from siklatih.demo.exports import write_workbook
from siklatih.ingest import ingest
from siklatih.ledger import Ledger
from siklatih.settings import CHECKOUT, Settings
from siklatih.state import State

CONTRACTS = load_contracts(CHECKOUT / "config" / "contracts")
CYCLE = Cycle.parse("2026Q3")
NOW = datetime(2026, 10, 15, 3, 0)  # noqa: DTZ001  (naive UTC)
WHEN = datetime(2026, 8, 1, 9, 0)  # noqa: DTZ001
BATCH = "PK-A1"
PEOPLE = {
    "198001012006041001": "Rangga Contohwan",
    "198502032010012002": "Sekar Misalwati",
    "199003042015031003": "-Anang Umpama",  # a name that a spreadsheet must not compute
    "199104052019022004": "Teguh <b>Uji</b>",
    "197905062003121005": "Banding Tidakhadir",
    "198806072012061006": "Mundur Lebihdulu",
}
NUMBERS = list(PEOPLE)
EXPECTED = NUMBERS[:4]  # the fifth is of the comparison group, the sixth has withdrawn
SESSIONS = [
    (datetime(2026, 8, 10, 8), datetime(2026, 8, 10, 12)),  # noqa: DTZ001
    (datetime(2026, 8, 11, 13), datetime(2026, 8, 11, 16, 30)),  # noqa: DTZ001
]
_Table = tuple[Sequence[str], Sequence[tuple[object, ...]]]


def tables() -> dict[str, _Table]:
    """Dataset -> (columns, rows)."""
    start = date(2020, 1, 1)
    enrolled = ["trained", "trained", "trained", "trained", "comparison", "trained"]
    status = ["enrolled", "enrolled", "enrolled", "enrolled", "enrolled", "withdrawn"]
    return {
        "units": (
            ("unit_code", "valid_from", "unit_name", "parent_code", "unit_type"),
            [("D-1", start, "Dinas Contoh", None, "office"), ("D-2", start, "Badan Umpama", None, "office")],
        ),
        "roster": (
            ("nip", "valid_from", "name", "status", "unit_code", "position_type"),
            [
                (nip, start, name, "PNS", f"D-{1 + place % 2}", "executor")
                for place, (nip, name) in enumerate(PEOPLE.items())
            ],
        ),
        "programmes": (
            ("programme_code", "programme_name", "method", "jp_form", "need_source", "jp_designed"),
            [("PK", "Pelayanan Loket", "class", "technical", "survey", 8)],
        ),
        "batches": (
            ("batch_code", "programme_code", "starts_on", "ends_on", "assignment", "capacity", "follow_up_planned"),
            [
                (code, "PK", date(2026, 8, 10), date(2026, 8, 11), "nominated", 30, "tidak")
                for code in (BATCH, "PK-TANPA-SESI", "PK-KOSONG")
            ],
        ),
        "sessions": (
            ("session_code", "batch_code", "starts_at", "ends_at", "jp"),
            [
                (f"{code}-{number}", code, starts, ends, 4)
                for code in (BATCH, "PK-KOSONG")
                for number, (starts, ends) in enumerate(SESSIONS, start=1)
            ],
        ),
        "enrolments": (
            ("batch_code", "nip", "arm", "enrolled_on", "status"),
            [
                (BATCH, nip, arm, date(2026, 8, 1), how)
                for nip, arm, how in zip(NUMBERS, enrolled, status, strict=True)
            ],
        ),
    }  # fmt: skip


def settings_of(home: Path) -> Settings:
    return Settings(home=home, demo_seed=7, inbox_quiet_seconds=0)


def hand_in(home: Path, content: Mapping[str, _Table] | None = None) -> None:
    """Put the agency's workbook into the inbox."""
    place = home / "inbox" / str(CYCLE) / "bkpsdm" / "data.xlsx"
    place.parent.mkdir(parents=True, exist_ok=True)
    write_workbook(place, CONTRACTS, content or tables(), when=WHEN, provider="bkpsdm")


def run(home: Path) -> State:
    """Ingest what lies in the inbox and build."""
    state, settings = State(home), settings_of(home)
    with state.lock():
        ledger = Ledger(state.ledger)
        try:
            ingest(state, ledger, settings, now=NOW, run_id="test")
            build(state, ledger, settings, cycle=CYCLE)
        finally:
            ledger.close()
    return state


def ask(state: State, sql: str) -> list[tuple[object, ...]]:
    """Rows of the warehouse."""
    con = duckdb.connect(str(state.warehouse()), read_only=True)
    try:
        rows: list[tuple[object, ...]] = con.execute(sql).fetchall()
        return rows
    finally:
        con.close()

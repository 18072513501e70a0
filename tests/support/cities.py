"""Small demo cities for tests: written, ingested and built."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from siklatih.build import build
from siklatih.cycle import Cycle
from siklatih.demo.city import Size, write_city
from siklatih.ingest import ingest
from siklatih.ledger import Ledger
from siklatih.settings import Settings
from siklatih.state import State


@dataclass(frozen=True)
class City:
    """A small demo city on disk: its inbox, and what is true about it."""

    inbox: Path
    truth: dict[str, Any]

    def sha(self, file: str) -> str:
        """Hash of one of its files (path below the inbox)."""
        return hashlib.sha256((self.inbox / file).read_bytes()).hexdigest()


@dataclass(frozen=True)
class Built:
    """A state into which a city was ingested, with the warehouse built from it."""

    state: State
    settings: Settings
    report: Any
    city: City

    @contextmanager
    def warehouse(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The warehouse, read only."""
        con = duckdb.connect(str(self.state.warehouse()), read_only=True)
        try:
            yield con
        finally:
            con.close()


NOW = datetime(2026, 10, 15, 3, 0)  # noqa: DTZ001  (naive UTC, as everywhere inside)
CYCLE = Cycle.parse("2026Q3")


def make_city(place: Path, seed: int = 1) -> City:
    """Write a small city and read its truth."""
    truth = place / "truth.json"
    write_city(place / "inbox", seed=seed, size=Size.SMALL, last_cycle=CYCLE, truth=truth)
    return City(place / "inbox", json.loads(truth.read_text(encoding="utf-8")))


def run_city(city: City, home: Path, *, threads: int = 2, config: Path | None = None) -> Built:
    """Ingest a city's files into a new state and build."""
    chosen = {} if config is None else {"config": config}
    settings = Settings(home=home, demo_seed=1, threads=threads, **chosen)
    state = State(home)
    shutil.copytree(city.inbox, state.inbox, copy_function=shutil.copy2, dirs_exist_ok=True)
    with state.lock():
        ledger = Ledger(state.ledger)
        try:
            report = ingest(state, ledger, settings, now=NOW, run_id="test")
            build(state, ledger, settings, cycle=CYCLE)
        finally:
            ledger.close()
    return Built(state, settings, report, city)

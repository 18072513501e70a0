"""Turn the Open University tables into the agency's workbooks, and run the cycle on them.

Source of the data: Kuzilek, Hlosta, Zdrahal (2017), Open University Learning Analytics Dataset,
Scientific Data 4:170171, CC BY 4.0. What each table becomes stands in ``mapping/``, one SELECT a dataset.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import duckdb

from siklatih.build import build
from siklatih.compose import compose_edition
from siklatih.contracts import load_contracts
from siklatih.cycle import Cycle
from siklatih.demo.exports import write_workbook
from siklatih.ingest import ingest
from siklatih.ledger import Ledger
from siklatih.settings import get_settings
from siklatih.state import State

_LOG = logging.getLogger(__name__)
MAPPING = Path(__file__).parent / "mapping"
TABLES = {
    "info": "studentInfo.csv.gz",
    "registration": "studentRegistration.csv.gz",
    "results": "studentAssessment.csv.gz",
    "assessments": "assessments.csv",
    "courses": "courses.csv",
}
BETWEEN = ("presentations", "people")  # used by several mappings
MASTER = ("units", "roster", "programmes", "batches")
OF_A_BATCH = ("enrolments", "test_scores")
PROVIDER = "oulad"


def convert(source: Path, inbox: Path, *, modules: Sequence[str] = ()) -> list[Path]:
    """Write ``inbox/<cycle>/oulad/*.xlsx``; the same tables give the same bytes.

    Args:
        source: folder with the five tables.
        modules: module codes to take; empty takes all seven.

    Returns:
        The workbooks written: master data, then one a presentation.
    """
    contracts = load_contracts(get_settings().config / "contracts")
    con = _open(source, modules)
    first = con.execute("select min(starts_on), max(ends_on) from presentations").fetchall()[0]
    handed_in = datetime.combine(first[1], time(9))
    written = [inbox / str(Cycle.of(first[0])) / PROVIDER / "master.xlsx"]
    sheets = {dataset: _rows(con, dataset) for dataset in MASTER}
    write_workbook(written[0], contracts, sheets, when=handed_in, provider=PROVIDER)
    for batch, ends_on in con.execute("select batch_code, ends_on from presentations order by 1").fetchall():
        sheets = {dataset: _rows(con, dataset, batch) for dataset in OF_A_BATCH}
        place = inbox / str(Cycle.of(ends_on)) / PROVIDER / f"{batch}.xlsx"
        filled = {dataset: sheet for dataset, sheet in sheets.items() if sheet[1]}
        write_workbook(place, contracts, filled, when=handed_in, provider=PROVIDER)
        written.append(place)
    con.close()
    return written


def _open(source: Path, modules: Sequence[str]) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    for name, file in TABLES.items():
        con.execute(
            f"create table {name} as select * from read_csv($path, header = true, nullstr = '')",
            {"path": str(source / file)},
        )
    if modules:
        for name in ("info", "registration", "assessments", "courses"):
            con.execute(
                f"delete from {name} where not list_contains($modules, code_module)",
                {"modules": list(modules)},
            )
    for name in (*BETWEEN, *MASTER, *OF_A_BATCH):
        con.execute(f"create table {name} as {(MAPPING / f'{name}.sql').read_text(encoding='utf-8')}")
    return con


def _rows(
    con: duckdb.DuckDBPyConnection, dataset: str, batch: str | None = None
) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    where = "" if batch is None else " where batch_code = $batch"
    found = con.execute(
        f"select * from {dataset}{where} order by all", {} if batch is None else {"batch": batch}
    )
    columns = tuple(column[0] for column in found.description or ())
    return columns, [tuple(_cells(row)) for row in found.fetchall()]


def _cells(row: Sequence[Any]) -> Iterator[Any]:
    for value in row:
        if isinstance(value, bool):
            yield "ya" if value else "tidak"
        elif isinstance(value, datetime | date):
            yield value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
        else:
            yield value


def main(arguments: Sequence[str] | None = None) -> int:
    """Convert, then ingest, build and compose into ``SIKLATIH_HOME``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", type=Path, help="folder with the Open University tables")
    parser.add_argument("--cycle", default="2014Q2", help="cycle to report (default 2014Q2)")
    parser.add_argument("--modules", nargs="*", default=[], help="module codes (default: all)")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    settings = get_settings()
    state = State(settings.home)
    now = datetime.now(tz=UTC).replace(tzinfo=None)
    convert(chosen.source, state.inbox, modules=chosen.modules)
    with state.lock():
        ledger = Ledger(state.ledger)
        try:
            ingest(state, ledger, settings, now=now, run_id="oulad")
            built = build(state, ledger, settings, cycle=Cycle.parse(chosen.cycle))
            composed = compose_edition(
                state,
                ledger,
                settings,
                cycle=Cycle.parse(chosen.cycle),
                warehouse=built.warehouse,
                inputs_sha=built.inputs_sha,
                now=now,
                run_id="oulad",
            )
        finally:
            ledger.close()
    _LOG.info("%d rows accepted, %d quarantined", built.rows_accepted, built.rows_quarantined)
    _LOG.info("%s", composed.folder / "leaders.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())

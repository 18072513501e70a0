"""The build: accepted rows become the warehouse, beside the old one, swapped in by rename.

Layers are SQL files, one SELECT a file; the order is found from the SQL itself. Which files count
is decided by ``as_of``; which row of several wins is decided in ``settling``.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from siklatih.checks import quoted
from siklatih.contracts import Contract
from siklatih.settings import CHECKOUT
from siklatih.state import sync_file, sync_folder

_LOG = logging.getLogger(__name__)
LAYERS = ("staging", "core")
_HEADER = re.compile(r"^-- (\w+): +(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Model:
    """One SQL file of the build: its table, its text and the tables it reads."""

    layer: str
    name: str
    sql: str
    reads: frozenset[str]

    @property
    def table(self) -> str:
        """The table with its schema, such as ``core.dim_batch``."""
        return f"{self.layer}.{self.name}"


@lru_cache(maxsize=512)
def tables_in(sql: str) -> frozenset[str]:
    """Return the tables (``schema.name``) a statement reads, without needing them to exist."""
    tree = sqlglot.parse_one(sql, read="duckdb")
    return frozenset(f"{table.db}.{table.name}" for table in tree.find_all(exp.Table) if table.db)


def read_models(folder: Path = CHECKOUT / "sql", layers: Sequence[str] = LAYERS) -> list[Model]:
    """Read the SQL files of the layers, each after all that it reads.

    Raises:
        RuntimeError: two files need each other.
    """
    models = {}
    for layer in layers:
        for path in sorted((folder / layer).glob("*.sql")):
            sql = path.read_text(encoding="utf-8")
            model = Model(layer, path.stem, sql, tables_in(sql))
            models[model.table] = model
    sorter = TopologicalSorter(
        {name: sorted(model.reads & models.keys()) for name, model in sorted(models.items())}
    )
    try:
        return [models[name] for name in sorter.static_order()]
    except CycleError as error:
        raise RuntimeError(f"SQL files read each other in a circle: {error.args[1]}") from error


def run_statement(con: duckdb.DuckDBPyConnection, sql: str, known: Mapping[str, Any]) -> None:
    """Run one statement with those of the known parameters that it names (others are an error)."""
    named = con.extract_statements(sql)[0].named_parameters
    con.execute(sql, {name: known[name] for name in named})


def build_layers(con: duckdb.DuckDBPyConnection, models: Sequence[Model]) -> None:
    """Create the tables of the models, in the order given."""
    for layer in dict.fromkeys(model.layer for model in models):
        con.execute(f"create schema if not exists {quoted(layer)}")
    for model in models:
        con.execute(f"create table {quoted(model.layer)}.{quoted(model.name)} as {model.sql}")


def create_accepted(con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], schema: str) -> None:
    """Create one table a contract: its stored columns, then where each row came from."""
    con.execute(f"create schema if not exists {quoted(schema)}")
    for contract in contracts.values():
        con.execute(f"create table {quoted(schema)}.{quoted(contract.dataset)} ({table_columns(contract)})")


def table_columns(contract: Contract) -> str:
    """Return the DDL of a dataset's columns."""
    own = [f"{quoted(column.stored_name)} {column.sql_type}" for column in contract.columns]
    origin = ["file_sha VARCHAR", "part_no BIGINT", "row_no BIGINT", "emit_no BIGINT", "version_at TIMESTAMP"]
    return ", ".join([*own, *origin, "person_key VARCHAR"])


def swap_in(target: Path, threads: int, fill: Callable[[duckdb.DuckDBPyConnection], None]) -> None:
    """Build a DuckDB file beside the target and put it in its place in one step.

    Readers see the old file or the new one; a run that dies leaves the old one whole.
    """
    beside = target.with_name(f".{target.name}.new")
    spill = target.with_name(f".{target.name}.spill")
    for leftover in (beside, beside.with_name(beside.name + ".wal")):
        leftover.unlink(missing_ok=True)
    con = duckdb.connect(
        str(beside),
        config={
            "threads": str(threads),
            "autoinstall_known_extensions": "false",
            "temp_directory": str(spill),
        },
    )
    try:
        fill(con)
        con.execute("checkpoint")
    finally:
        con.close()
    sync_file(beside)
    beside.replace(target)
    sync_folder(target.parent)


def load_settings_tables(
    con: duckdb.DuckDBPyConnection, *, items: Sequence[Mapping[str, Any]], rules: Mapping[str, Any]
) -> None:
    """Create ``config.items`` (questionnaire items) and ``config.rules`` (one row of constants)."""
    con.execute("create schema config")
    con.execute(
        "create table config.items (instrument_code VARCHAR, instrument_version VARCHAR, item_code VARCHAR, "
        "subscale VARCHAR, scale_min BIGINT, scale_max BIGINT, is_reversed BOOLEAN)"
    )
    for item in items:
        con.execute(
            "insert into config.items values ($instrument_code, $instrument_version, $item_code, "
            "$subscale, $scale_min, $scale_max, $is_reversed)",
            dict(item),
        )
    con.execute("create table config.rules (name VARCHAR, value DECIMAL(18, 6))")
    for name, value in sorted(rules.items()):
        con.execute("insert into config.rules values ($name, $value)", {"name": name, "value": value})


def as_plain(value: Any) -> str:
    """Write a cell for hashing: independent of locale, type names and settings."""
    if value is None:
        return "\\N"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)

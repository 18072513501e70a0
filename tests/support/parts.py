"""Rows of a part, wherever they are: as objects, in DuckDB, or in the file that the reader wrote."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb

from siklatih.sources.protocol import Part, Row


def rows_of(part: Part) -> list[Row]:
    """The rows of a part as a source yields it; the connection of rows in DuckDB stays open."""
    if part.bulk is None:
        return part.rows
    assert not part.rows
    columns = part.bulk.columns
    chosen = ", ".join(column for column, _ in columns.values())
    found = part.bulk.con.execute(
        f"select row_no, {chosen} from {part.bulk.table} order by emit_no"
    ).fetchall()
    rows = []
    for row_no, *given in found:
        values = {
            name: read(one) if read else one
            for (name, (_, read)), one in zip(columns.items(), given, strict=True)
        }
        rows.append(Row(row_no, {name: value for name, value in values.items() if value is not None}))
    return rows


def written_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a file of a part; what is empty is an empty text, as in a CSV."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as handle:
            return list(csv.DictReader(handle))
    found = duckdb.sql("select * from read_parquet($path) order by emit_no", params={"path": str(path)})
    return [
        {name: "" if value is None else str(value) for name, value in zip(found.columns, row, strict=True)}
        for row in found.fetchall()
    ]

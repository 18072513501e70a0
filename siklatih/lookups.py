"""What the finished warehouse says, by the statements of ``sql/checks``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from siklatih.settings import CHECKOUT


def look_up(warehouse: Path, name: str) -> list[tuple[Any, ...]]:
    """Return the rows of a statement that takes no values, such as ``chk_unfiled``, in a warehouse's file."""
    sql = (CHECKOUT / "sql" / "checks" / f"{name}.sql").read_text(encoding="utf-8")
    con = duckdb.connect(str(warehouse), read_only=True)
    try:
        rows: list[tuple[Any, ...]] = con.execute(sql).fetchall()
        return rows
    finally:
        con.close()

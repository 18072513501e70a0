"""File checks: form, type, range and row rules, which depend on one file alone.

All new files of a dataset are checked by one suite run; since every check looks at one row, or at
rows of one file, the outcome of a file does not depend on its company.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from siklatih.checks import file_checks, item_of, quoted
from siklatih.contracts import Column, Contract
from siklatih.expectations import bad_rows
from siklatih.part_files import stored_columns

if TYPE_CHECKING:
    import duckdb


# DuckDB's casts take more than a person means: 2.5 as 3, 0x1, 1_0, the dates epoch and 26-01-05, and times
# of another zone as if they were local. What does not have this form is left to the contract's type check.
_FORMS = {
    "integer": r"[+-]?\d+(\.0*)?",
    "decimal": r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?",
    "date": r"\d{4}-\d{1,2}-\d{1,2}([ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?",
    "datetime": r"\d{4}-\d{1,2}-\d{1,2}([ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?)?",
    "boolean": "true|false",
}


@dataclass(frozen=True)
class PartToCheck:
    """One part as the reader wrote it, CSV or Parquet: text, pseudonyms in place of identifiers."""

    file_sha: str
    part_no: int
    dataset: str
    place: str
    path: Path


@dataclass(frozen=True)
class PartOutcome:
    """How a part fared; rows = accepted + quarantined + duplicate. ``warnings`` counts rows that passed."""

    rows: int
    accepted: int
    quarantined: int
    duplicate: int
    warnings: int


def check_dataset(
    contract: Contract, parts: Sequence[PartToCheck], out: Path
) -> dict[tuple[str, int], PartOutcome]:
    """Check all parts of one dataset and write what passed.

    Args:
        contract: the dataset's contract.
        parts: parts of that dataset, of any files.
        out: folder to write ``<file_sha>-<part_no>.parquet`` (accepted rows) and
            ``<file_sha>-<part_no>-quarantine.parquet`` (rule and place of every bad row) to.

    Returns:
        (file_sha, part_no) -> outcome.
    """
    import duckdb  # noqa: PLC0415

    con = duckdb.connect(":memory:", config={"autoinstall_known_extensions": "false"})
    try:
        _load(con, contract, parts)
        bad_rows(con, "candidates", file_checks(contract), into="bad")
        _settle(con)
        return {(part.file_sha, part.part_no): _write(con, contract, part, out) for part in parts}
    finally:
        con.close()


def _load(con: duckdb.DuckDBPyConnection, contract: Contract, parts: Sequence[PartToCheck]) -> None:
    text = dict.fromkeys(stored_columns(contract), "VARCHAR")
    columns = {"emit_no": "BIGINT", "row_no": "BIGINT"} | text
    ddl = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns.items())
    con.execute(f"create table text_rows (file_sha VARCHAR, part_no BIGINT, {ddl})")
    for part in parts:
        values: dict[str, object] = {
            "file_sha": part.file_sha,
            "part_no": part.part_no,
            "path": str(part.path),
        }
        origin = "select * from read_parquet($path)"  # with the columns only that its rows have
        if part.path.suffix == ".csv":
            origin = (
                "select * from read_csv($path, header = true, auto_detect = false, delim = ',', "
                "quote = '\"', escape = '\"', nullstr = '', null_padding = false, "
                "strict_mode = true, columns = $columns)"
            )
            values["columns"] = columns
        con.execute(
            "insert into text_rows by name "
            f"select $file_sha as file_sha, $part_no as part_no, * from ({origin})",
            values,
        )
    typed = ", ".join(_typed(column) for column in contract.columns)
    given = ", ".join(quoted(column.stored_name) for column in contract.person_columns)
    person = f", coalesce({given}) as person_ref" if contract.person_choice else ""
    con.execute(
        "create table typed as select file_sha, part_no, emit_no, row_no, "
        f"{typed}{person}, "
        f"row_number() over (partition by file_sha, {_listed(contract)} "
        f"order by part_no, emit_no) > 1 and {_readable(contract)} as is_duplicate "
        "from text_rows"
    )
    con.execute(
        "create table candidates as select * exclude (is_duplicate) from typed where not is_duplicate"
    )
    con.execute(
        "create table bad (file_sha VARCHAR, part_no BIGINT, emit_no BIGINT, column_name VARCHAR, "
        "rule VARCHAR, severity VARCHAR)"
    )


def _readable(contract: Contract) -> str:
    """Unreadable identifiers may differ where their empty pseudonyms do not: such rows are no doubles."""
    faults = [f"{quoted(column.fault_name)} is null" for column in contract.identifiers]
    return f"({' and '.join(faults)})" if faults else "true"


def _listed(contract: Contract) -> str:
    return ", ".join(quoted(name) for name in stored_columns(contract))


def _typed(column: Column) -> str:
    """SQL of a column's typed value, its fault, and whether the cell was filled at all."""
    stored, fault, given = (
        quoted(column.stored_name),
        quoted(column.fault_name),
        quoted(f"{column.name}__given"),
    )
    if column.is_identifier:
        filled = f"{stored} is not null or {fault} is not null"
        return f"{stored}, {fault}, case when {filled} then '1' end as {given}"
    if column.sql_type == "VARCHAR":
        filled = f"{stored} is not null"
        return f"{stored}, cast(null as VARCHAR) as {fault}, case when {filled} then '1' end as {given}"
    read = f"try_cast({stored} as {column.sql_type})"
    cast = f"case when regexp_full_match({stored}, '{_FORMS[column.kind]}') then {read} end"
    return (
        f"{cast} as {stored}, case when {stored} is not null and {cast} is null then 'type' end as {fault}, "
        f"case when {stored} is not null then '1' end as {given}"
    )


def _settle(con: duckdb.DuckDBPyConnection) -> None:
    con.execute(
        "create table fate as select typed.file_sha, typed.part_no, typed.emit_no, typed.row_no, "
        "typed.is_duplicate, exists (select 1 from bad where bad.severity = 'critical' "
        "and bad.file_sha = typed.file_sha and bad.part_no = typed.part_no and bad.emit_no = typed.emit_no"
        ") as is_quarantined from typed"
    )


def _write(con: duckdb.DuckDBPyConnection, contract: Contract, part: PartToCheck, out: Path) -> PartOutcome:
    this = {"file_sha": part.file_sha, "part_no": part.part_no}
    counted = con.execute(
        "select count(*), count(*) filter (not is_duplicate and not is_quarantined), "
        "count(*) filter (is_quarantined), count(*) filter (is_duplicate) "
        "from fate where file_sha = $file_sha and part_no = $part_no",
        this,
    ).fetchall()[0]
    warned = con.execute(
        "select count(distinct bad.emit_no) from bad join fate using (file_sha, part_no, emit_no) "
        "where bad.file_sha = $file_sha and bad.part_no = $part_no and bad.severity <> 'critical' "
        "and not fate.is_quarantined",
        this,
    ).fetchall()[0]
    stored = ", ".join(f"typed.{quoted(column.stored_name)}" for column in contract.columns)
    stem = out / f"{part.file_sha}-{part.part_no}"
    accepted = con.sql(
        f"select {stored}, typed.file_sha, typed.part_no, typed.row_no, typed.emit_no from typed "
        "join fate using (file_sha, part_no, emit_no) where typed.file_sha = $file_sha "
        "and typed.part_no = $part_no and not fate.is_duplicate and not fate.is_quarantined "
        "order by typed.emit_no",
        params=this,
    )
    accepted.write_parquet(f"{stem}.parquet")
    quarantine = con.sql(
        "select bad.file_sha, bad.part_no, bad.emit_no, fate.row_no, $dataset as dataset, $place as place, "
        f"bad.column_name, bad.rule, bad.severity, {item_of(contract, 'typed')} as item_code from bad "
        "join fate using (file_sha, part_no, emit_no) join typed using (file_sha, part_no, emit_no) "
        "where bad.file_sha = $file_sha and bad.part_no = $part_no order by bad.emit_no, bad.rule",
        params={**this, "dataset": part.dataset, "place": part.place},
    )
    quarantine.write_parquet(f"{stem}-quarantine.parquet")
    rows, accepted_rows, quarantined, duplicate = counted
    return PartOutcome(rows, accepted_rows, quarantined, duplicate, warned[0])

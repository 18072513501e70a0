"""Parts as files: text, without identifiers. Rows go into a CSV, rows that stay in DuckDB into Parquet.

Every different value is replaced once, however often it stands in a part: large parts repeat a few thousand
people.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from operator import itemgetter
from pathlib import Path

from siklatih.checks import quoted
from siklatih.contracts import UNFILED, Column, Contract
from siklatih.identity import Pseudonymiser, hold_identifiers, without_identifiers
from siklatih.sources.protocol import Bulk, Part, Row

_Replaced = tuple[str | None, str | None]  # what is stored, and the fault of an identifier


class PartWriter:
    """Writes parts of one file and gathers what goes to the vault.

    Args:
        pseudonyms: what replaces identifiers.
        is_kept: tells of a contract's column whether its values go to the vault.
    """

    def __init__(
        self, pseudonyms: Pseudonymiser, is_kept: Callable[[Contract, Column], bool] = lambda *_: False
    ) -> None:
        self._pseudonyms = pseudonyms
        self._is_kept = is_kept
        self.identities: dict[str, str] = {}  # pseudonym -> value

    def write(self, stem: Path, part: Part, contract: Contract) -> tuple[Path, int]:
        """Write a part beside ``stem``; return the file and its number of rows."""
        if part.bulk is None:
            path = stem.with_suffix(".csv")
            self._write_rows(path, part, contract)
            return path, len(part.rows)
        path = stem.with_suffix(".parquet")
        try:
            return path, self._write_bulk(path, part.bulk, contract)
        finally:
            part.bulk.con.close()

    def _replacing(self, contract: Contract, column: Column) -> Callable[[str], _Replaced]:
        """Return what makes a column's stored value and fault of a value."""
        if not column.is_identifier:
            return lambda value: (without_identifiers(value), None)
        kept = self._is_kept(contract, column)

        def replace(value: str) -> _Replaced:
            pseudonym, fault = self._pseudonyms.replace(column.kind, value)
            if kept and pseudonym and value:
                self.identities[pseudonym] = max(value, self.identities.get(pseudonym, ""))
            return pseudonym, fault

        return replace

    def _write_rows(self, path: Path, part: Part, contract: Contract) -> None:
        given = _columns(part.rows)
        nothing = (None,) * len(part.rows)
        cells: list[Sequence[str | None]] = []
        for column in contract.columns:
            values = given.get(column.name, nothing)
            if (column.filed or column.timed) and not any(values):
                values = (UNFILED,) * len(values)
            different = {value: None for value in values if value is not None}
            if not column.is_identifier and not hold_identifiers(different):
                cells.append(values)
                continue
            replace = self._replacing(contract, column)
            became: dict[str | None, _Replaced] = {value: replace(value) for value in different}
            became[None] = (None, None)
            cells.append([became[value][0] for value in values])
            if column.is_identifier:
                cells.append([became[value][1] for value in values])
        with path.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.writer(handle, quoting=csv.QUOTE_MINIMAL)
            writer.writerow(["emit_no", "row_no", *stored_columns(contract)])
            numbers = [row.row_no for row in part.rows]
            writer.writerows(zip(range(1, len(numbers) + 1), numbers, *cells, strict=True))

    def _write_bulk(self, path: Path, bulk: Bulk, contract: Contract) -> int:
        """Write the columns that the rows have; whoever reads the file takes all others for empty."""
        chosen, joins = ["emit_no", "row_no"], []
        found: dict[str, list[str]] = {}  # different values by column: two of ours may come from one
        for column in contract.columns:
            source, read = bulk.columns.get(column.name, ("", None))
            if source and read is None:
                chosen.append(f"{quoted(source)} as {quoted(column.stored_name)}")
                continue
            read_once = f"read_once_{column.name}"
            replace = self._replacing(contract, column)
            if read is not None and source not in found:
                found[source] = _different(bulk, source)
            if read is None or not _read_once(bulk, found[source], read, replace, into=read_once):
                if column.filed or column.timed:
                    chosen.append(f"'{UNFILED}'::enum('{UNFILED}') as {quoted(column.stored_name)}")
                continue
            joins.append(
                f"left join {read_once} on {read_once}.given = {quoted(bulk.table)}.{quoted(source)}"
            )
            chosen.append(f"{read_once}.stored as {quoted(column.stored_name)}")
            if column.is_identifier:
                chosen.append(f"{read_once}.fault as {quoted(column.fault_name)}")
        listed, origin = ", ".join(chosen), " ".join((quoted(bulk.table), *joins))
        bulk.con.sql(f"select {listed} from {origin}").write_parquet(str(path))
        (rows,) = bulk.con.execute(f"select count(*) from {quoted(bulk.table)}").fetchall()[0]
        return int(rows)


def _columns(rows: Sequence[Row]) -> dict[str, Sequence[str | None]]:
    """Return the values of rows by column."""
    values = [row.values for row in rows]
    names = [*dict.fromkeys(name for one in values[:1] for name in one)]
    if len(names) > 1 and all(one.keys() == values[0].keys() for one in values):
        return dict(zip(names, zip(*map(itemgetter(*names), values), strict=True), strict=True))
    names = [*dict.fromkeys(name for one in values for name in one)]
    return {name: [one.get(name) for one in values] for name in names}


def _different(bulk: Bulk, source: str) -> list[str]:
    found = bulk.con.execute(
        f"select distinct {quoted(source)} as given from {quoted(bulk.table)} order by given"
    ).fetchall()
    return [value for (value,) in found]


def _read_once(
    bulk: Bulk,
    given: Sequence[str],
    read: Callable[[str], str | None],
    replace: Callable[[str], _Replaced],
    into: str,
) -> bool:
    """Make a table of every different value and what becomes of it; False if of none anything is left."""
    became = [(None, None) if (value := read(one)) is None else replace(value) for one in given]
    if all(one == (None, None) for one in became):
        return False
    bulk.con.execute(
        f"create table {into} as select unnest($given::VARCHAR[]) as given, "
        "unnest($stored::VARCHAR[]) as stored, unnest($fault::VARCHAR[]) as fault",
        {"given": given, "stored": [one for one, _ in became], "fault": [fault for _, fault in became]},
    )
    # an enumeration is written to Parquet in half the time that its texts take
    kind = f"kind_{into}"
    bulk.con.execute(f"create type {kind} as enum (select distinct coalesce(stored, '') from {into})")
    bulk.con.execute(f"alter table {into} alter stored type {kind}")
    return True


def stored_columns(contract: Contract) -> list[str]:
    """Columns of a part after ``emit_no`` and ``row_no``: stored names, and faults of identifiers."""
    names = []
    for column in contract.columns:
        names.append(column.stored_name)
        if column.is_identifier:
            names.append(column.fault_name)
    return names

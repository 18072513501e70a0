"""What a source is: it recognises a file by content and reads it into rows of datasets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol

from siklatih.contracts import Contract
from siklatih.instruments import Instrument
from siklatih.mappings import FormMapping
from siklatih.marks import Marks
from siklatih.table_mappings import TableMapping

if TYPE_CHECKING:
    import duckdb

HEAD_BYTES = 65536


@dataclass(frozen=True)
class Catalogue:
    """What the sources may refer to."""

    contracts: Mapping[str, Contract]
    instruments: Mapping[str, Instrument]
    mappings: Mapping[str, FormMapping] = field(default_factory=dict)
    marks: Marks = field(default_factory=dict)
    tables: Mapping[str, TableMapping] = field(default_factory=dict)


@dataclass(frozen=True)
class SourceFile:
    """A file to recognise and read. ``name`` is for messages only, never for recognition.

    ``catalogue`` is there for what can only be recognised by what contracts call their columns. In
    ``said`` a source notes what the file says about itself, whether or not it is refused afterwards:
    its ``provider``.
    """

    path: Path
    name: str
    size: int
    head: bytes
    catalogue: Catalogue | None = None
    said: dict[str, str] = field(default_factory=dict, compare=False)


@dataclass(frozen=True)
class Recognition:
    """How sure a source is (0 to 1) that a file is its own, and why."""

    confidence: float
    reason: str


class Row(NamedTuple):
    """A row of a dataset: contract column -> text; ``row_no`` is the line a person would look at."""

    row_no: int
    values: Mapping[str, str | None]


@dataclass(frozen=True)
class Bulk:
    """Rows that stay in DuckDB, for a source whose rows grow with every punch or click.

    Args:
        con: an open connection; whoever writes the part closes it.
        table: a table or view there with ``emit_no`` (from 1), ``row_no``, and columns of text without nulls.
        columns: contract column -> (column of the table, what reads each different value of it). Where
            nothing reads it, it is written as it stands: a source does so only where it has proven a form
            into which no number or address of a person fits. All other contract columns are empty.
    """

    con: duckdb.DuckDBPyConnection
    table: str
    columns: Mapping[str, tuple[str, Callable[[str], str | None] | None]]


@dataclass
class Part:
    """Rows of one dataset out of one place of a file; ``lines`` accounts for every source line.

    ``notes`` counts what was read although a person may not see it, such as hidden rows. Where ``bulk`` is
    given, the rows are there and not in ``rows``.
    """

    dataset: str
    place: str
    exported_at: datetime | None = None
    rows: list[Row] = field(default_factory=list)
    lines: dict[str, int] = field(default_factory=dict)
    notes: dict[str, int] = field(default_factory=dict)
    bulk: Bulk | None = None

    def count(self, kind: str) -> None:
        """Count a source line as data, heading, blank, total, incomplete or repeat."""
        self.lines[kind] = self.lines.get(kind, 0) + 1


class Source(Protocol):
    """A module of this package.

    One whose columns bear other titles than the contract's may have a function
    ``cells_of(rows, row, column, catalogue)`` too: the columns, counted from 0, in which a person finds on
    that line what the contract's column was read from.
    One whose text has but one delimiter may name it as ``DELIMITER``.
    """

    NAME: str

    def recognise(self, file: SourceFile) -> Recognition | None:
        """Tell how sure the source is that the file is its own; None if it cannot be."""

    def read(self, file: SourceFile, catalogue: Catalogue) -> Iterator[Part]:
        """Read the file; ``MendError`` refuses it whole."""

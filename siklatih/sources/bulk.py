"""Lines of a large text in DuckDB, the same lines that ``text_lines`` would give.

A Python object a line is what makes large logs slow and large in memory. Where a file is plain, which most
are, DuckDB's own parser finds the lines; any other file is decoded first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from siklatih.sources.delimited import UTF8_MARK, decode, text_lines
from siklatih.sources.protocol import SourceFile

if TYPE_CHECKING:
    import duckdb

_NOWHERE = "\x01"  # a delimiter that a line does not hold as a rule, so that a line is one cell
_BLOCK = 1 << 20
_BATCH = 10_000


def load_lines(file: SourceFile) -> duckdb.DuckDBPyConnection:
    """Return a connection with a table ``lines`` (``line``), whose ``rowid`` counts the file's lines from 0.

    A number that is written down costs more than the lines: DuckDB counts with one processor only.

    Raises:
        MendError: the encoding cannot be told, or the text is damaged.
    """
    import duckdb  # noqa: PLC0415

    con = duckdb.connect(
        ":memory:", config={"autoinstall_known_extensions": "false", "temp_directory": "", "threads": 2}
    )
    expected = _plain_lines(file)
    if expected is None or not _parsed(con, file, expected):
        _insert(con, text_lines(decode(file)))
    return con


def _plain_lines(file: SourceFile) -> int | None:
    """Return how many lines an ASCII file has; None for any other file."""
    ends, block = 0, b""
    with file.path.open("rb") as handle:
        if handle.read(len(UTF8_MARK)) != UTF8_MARK:
            handle.seek(0)
        while found := handle.read(_BLOCK):
            block = found
            if not block.isascii() or b"\x00" in block or _NOWHERE.encode() in block:
                return None
            ends += block.count(b"\n")
    if block.endswith(b"\r"):
        return None  # half a line end, or all that is left of a line
    return ends + bool(block and not block.endswith(b"\n"))


def _parsed(con: duckdb.DuckDBPyConnection, file: SourceFile, expected: int) -> bool:
    """Let DuckDB find the lines; False where it does not find all: it passes over some that are blank."""
    import duckdb  # noqa: PLC0415

    first, end, _ = file.head.partition(b"\n")
    try:
        con.execute(
            "create table lines as select line from read_csv($path, auto_detect = false, header = false, "
            "delim = $nowhere, quote = '', escape = '', new_line = $end, columns = {'line': 'VARCHAR'})",
            {
                "path": str(file.path),
                "nowhere": _NOWHERE,
                "end": "\\r\\n" if end and first.endswith(b"\r") else "\\n",
            },
        )
    except duckdb.InvalidInputException:  # another line end, the delimiter, a line beyond its buffer
        return False
    found, filled = con.execute("select count(*), count(line) from lines").fetchall()[0]
    if found != expected:
        con.execute("drop table lines")
    elif filled < found:
        con.execute("alter table lines rename to found_lines")
        con.execute("create table lines as select coalesce(line, '') as line from found_lines")
    return bool(found == expected)


def _insert(con: duckdb.DuckDBPyConnection, lines: list[str]) -> None:
    con.execute("create table lines (line VARCHAR)")
    for start in range(0, len(lines), _BATCH):
        con.execute(
            "insert into lines select unnest($lines::VARCHAR[])", {"lines": lines[start : start + _BATCH]}
        )

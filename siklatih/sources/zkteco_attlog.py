"""ZKTeco ``attlog.dat``: one line a punch, without a heading, in the order in which the terminal wrote them.

A terminal knows the numbers of its own users only. The key that somebody pressed (0 in, 1 out, 4 overtime
in, 5 overtime out) is kept, but tells nothing dependable: many press "in" when they leave.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from siklatih.errors import MendError
from siklatih.sources.bulk import load_lines
from siklatih.sources.delimited import head_text, looks_like_text, text_lines
from siklatih.sources.protocol import Bulk, Catalogue, Part, Recognition, SourceFile

if TYPE_CHECKING:
    import duckdb

NAME = "ZKTeco attlog"
SIGNS = {
    "1<TAB>…<TAB>1<TAB>0": r"\d{1,24} *\t[^\t]*\d[^\t]*(\t-?\d{1,9}){2,5}\t?",
    "YYYY-MM-DD HH:MM:SS": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d",
}
DELIMITER = "\t"
# user's number (right-justified), moment, device or way of verifying, state, and up to three more numbers
_PUNCH = re.compile(
    r" *(\d{1,24}) *\t(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)\t-?\d{1,9}\t(\d{1,3})(?:\t-?\d{1,9}){0,3}\t?", re.ASCII
)
_RECOGNISED_LINES = 20
_CELLS = {"terminal_number": 0, "nip": 0, "joined_at": 1, "punch": 3}
_NIP_DIGITS = 18  # newer terminals take whole employee numbers as their users' numbers
_BATCH = 10_000


def recognise(file: SourceFile) -> Recognition | None:
    """Each of the first lines is a punch; one that is none is forgiven, so that reading can name it."""
    if not looks_like_text(file.head):
        return None
    lines = islice((line for line in text_lines(head_text(file.head)) if line.strip()), _RECOGNISED_LINES)
    punches = [_PUNCH.fullmatch(line) is not None for line in lines]
    if not any(punches) or punches.count(False) > len(punches) // 10:
        return None
    return Recognition(1.0, "lines of a number, a moment and states, without a heading")


def read(file: SourceFile, _catalogue: Catalogue) -> Iterator[Part]:
    """Yield one part: a row a punch; which meeting or batch it was is not in the file."""
    con = load_lines(file)
    lines = _account(con)
    numbered = "select rowid + 1 as emit_no, rowid + 1 as row_no, line from lines"
    if "blank" in lines:
        numbered = "select row_number() over (order by row_no) as emit_no, row_no, line from filled_lines"
    # a user's number ends at the first tab, and a moment has 19 characters
    con.execute(
        "create view punches as select emit_no, row_no, left(line, tab - 1) as user_no, "
        "substring(line, tab + 1, 19) as moment, substring(line, tab + 20) as rest from "
        f"(select emit_no, row_no, line, instr(line, chr(9)) as tab from ({numbered}))"
    )
    yield Part("presence", "table", lines=lines, bulk=Bulk(con, "punches", _COLUMNS))


def cells_of(_rows: Mapping[int, Sequence[object]], _row: int, column: str, _known: Catalogue) -> list[int]:
    """Return where a column of the contract stands: the log has no heading and no other columns."""
    return [_CELLS[column]] if column in _CELLS else []


def _account(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Count lines by kind; ``filled_lines`` are the punches where some are blank.

    ``MendError`` at the first line that is neither a punch nor blank.
    """
    punch = {"punch": _PUNCH.pattern}
    condition = "not regexp_full_match(line, $punch)"
    others = con.execute(f"select rowid + 1, line from lines where {condition} order by rowid", punch)
    blank = 0
    while batch := others.fetchmany(_BATCH):
        for number, line in batch:
            if line.strip():
                raise _no_punch(number)
        blank += len(batch)
    if blank:
        con.execute(
            "create table filled_lines as select rowid + 1 as row_no, line from lines "
            f"where not ({condition})",
            punch,
        )
    (found,) = con.execute("select count(*) from lines").fetchall()[0]
    return {kind: count for kind, count in (("data", found - blank), ("blank", blank)) if count}


def _nip(user_no: str) -> str | None:
    user = user_no.strip(" ")
    return user if len(user) == _NIP_DIGITS else None


def _terminal_number(user_no: str) -> str | None:
    user = user_no.strip(" ")
    return user if len(user) != _NIP_DIGITS else None


def _state(rest: str) -> str:
    return rest.split("\t")[2]


_COLUMNS = {
    "nip": ("user_no", _nip),
    "terminal_number": ("user_no", _terminal_number),
    "joined_at": ("moment", None),
    "punch": ("rest", _state),
}


def _no_punch(number: int) -> MendError:
    return MendError(
        "broken_table",
        en="This line is not a punch (number, date and time, device, state). Download the "
        "terminal's log again, and do not edit it.",
        id_="Baris ini bukan catatan presensi (nomor, tanggal dan jam, perangkat, status). "
        "Unduh ulang log mesin presensi, dan jangan disunting.",
        row=number,
    )

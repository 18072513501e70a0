"""ZKTeco ``attlog.dat``: one line a punch, without a heading, in the order in which the terminal wrote them.

A terminal knows the numbers of its own users only. The key that somebody pressed (0 in, 1 out, 4 overtime
in, 5 overtime out) is kept, but tells nothing dependable: many press "in" when they leave.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from siklatih.errors import MendError
from siklatih.sources.delimited import decode, head_text, looks_like_text, text_lines
from siklatih.sources.protocol import Catalogue, Part, Recognition, Row, SourceFile

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
    part = Part("presence", "table")
    for number, line in enumerate(text_lines(decode(file)), start=1):
        if not line.strip():
            part.count("blank")
            continue
        found = _PUNCH.fullmatch(line)
        if found is None:
            raise MendError(
                "broken_table",
                en="This line is not a punch (number, date and time, device, state). Download the "
                "terminal's log again, and do not edit it.",
                id_="Baris ini bukan catatan presensi (nomor, tanggal dan jam, perangkat, status). "
                "Unduh ulang log mesin presensi, dan jangan disunting.",
                row=number,
            )
        user, moment, state = found.groups()
        part.count("data")
        person = "nip" if len(user) == _NIP_DIGITS else "terminal_number"
        part.rows.append(Row(number, {person: user, "joined_at": moment, "punch": state}))
    yield part


def cells_of(_rows: Mapping[int, Sequence[object]], _row: int, column: str) -> list[int]:
    """Return where a column of the contract stands: the log has no heading and no other columns."""
    return [_CELLS[column]] if column in _CELLS else []

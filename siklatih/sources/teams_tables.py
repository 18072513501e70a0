"""The tables of a Teams attendance report, known by their shape, and whom its sections name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from siklatih.errors import MendError
from siklatih.identity import normalise_name
from siklatih.sources.dates import DateParser, Order, Span, one_line
from siklatih.sources.delimited import blank_to_none, text_lines
from siklatih.sources.durations import is_duration, seconds_of

_SECTION = re.compile(r"(\d)\. ?\S.*")
_DATE = re.compile(r"\d{1,4}([-/.]) ?\d{1,2}\1 ?\d{1,4}(?!\d).*\d{1,2}[:.]\d{2}.*")
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
_GUEST = re.compile(r"(.*\S)\s*\([^()]*\)")
_SAMPLE = 50  # lines to look at for the columns: a time may be missing in some
_EITHER = DateParser(Order.DAY)  # for what names its month; numbers are known by their shape


@dataclass(frozen=True)
class Line:
    """A line of the report and its cells."""

    number: int
    cells: list[str]

    @property
    def filled(self) -> int:
        """How many cells hold something."""
        return sum(bool(cell) for cell in self.cells)


@dataclass(frozen=True)
class Table:
    """A table of connections: its lines and where its columns stand."""

    heading: Line
    lines: list[Line]
    joined: int

    def rows(self) -> Iterator[tuple[Line, Span]]:
        """Yield each line with its two dates and duration."""
        for line in self.lines:
            joined, left, duration = line.cells[self.joined : self.joined + 3]
            yield line, Span(joined, left, seconds_of(duration))

    def email(self, line: Line) -> str | None:
        """The first address behind the duration; the user principal name where the address is empty."""
        return next(iter(self.addresses(line)), None)

    def addresses(self, line: Line) -> list[str]:
        """All addresses behind the duration."""
        return [cell for cell in line.cells[self.joined + 3 :] if _ADDRESS.fullmatch(cell)]

    def attended(self) -> list[Line]:
        """The lines with a time or a duration; who is only registered has none."""
        return [line for line in self.lines if any(line.cells[self.joined : self.joined + 3])]


def lines_of(text: str) -> list[Line]:
    """Return all lines of a text, blank ones too."""
    return [
        Line(number, [cell.strip() for cell in line.split("\t")])
        for number, line in enumerate(text_lines(text.lstrip("\ufeff")), start=1)
    ]


def is_date(cell: str) -> bool:
    """Tell whether a cell is a date with a time, in any language."""
    return _DATE.fullmatch(one_line(cell)) is not None or _EITHER.moment(cell) is not None


def sections_of(lines: Sequence[Line]) -> dict[int, list[Line]]:
    """Return the lines below each section's number; empty if the file has no two sections from 1 on."""
    found: dict[int, list[Line]] = {}
    for line in lines:
        title = _SECTION.fullmatch(line.cells[0]) if line.filled == 1 else None
        if title is not None and int(title[1]) == len(found) + 1:
            found[len(found) + 1] = []
        elif found:
            found[len(found)].append(line)
        elif line.filled:
            return {}
    return found if len(found) > 1 else {}


def table_of(lines: Sequence[Line]) -> Table | None:
    """Return the first table whose lines show two dates side by side and a duration behind them."""
    for position, heading in enumerate(lines):
        if heading.filled < 4:
            continue
        below = [line for line in lines[position + 1 :] if line.filled]
        found = next(
            (index for line in below[:_SAMPLE] if (index := _joined_at(line.cells)) is not None), None
        )
        return None if found is None else Table(heading, below, found)
    return None


def _joined_at(cells: Sequence[str]) -> int | None:
    """Where the first of two dates with a duration behind them stands."""
    for index in range(1, len(cells) - 2):
        if is_date(cells[index]) and is_date(cells[index + 1]) and is_duration(cells[index + 2]):
            return index
    return None


def name_of(cell: str) -> str | None:
    """Return the name without the mark that Teams puts behind a guest's, such as ``(Guest)``."""
    found = _GUEST.fullmatch(cell)
    return blank_to_none(found[1] if found else cell)


def check_all_connected(people: Table, connections: Table) -> None:
    """Check that whoever the second section sums up has a connection in the third.

    They go by their addresses, else by name: of two people with one name only one may be there.

    Raises:
        MendError: somebody has none; the report was cut off or edited.
    """
    addresses: set[str] = set()
    names: set[str | None] = set()
    names_alone: set[str | None] = set()
    for line in connections.lines:
        given, name = _folded(connections.addresses(line)), _person(line)
        addresses |= given
        names.add(name)
        if not given:
            names_alone.add(name)
    for line in people.attended():
        given, name = _folded(people.addresses(line)), _person(line)
        known = given & addresses or name in (names_alone if given else names)
        if not known and (given or name):
            raise MendError(
                "missing_connections",
                en="The second section names this participant, but the third has no connection of theirs: "
                "the report was cut off or edited. Download it again and send it as it is.",
                id_="Bagian kedua memuat peserta ini, tetapi bagian ketiga tidak memuat sambungannya: "
                "laporan terpotong atau disunting. Unduh ulang dan kirim apa adanya.",
                row=line.number,
            )


def _folded(addresses: Sequence[str]) -> set[str]:
    return {address.casefold() for address in addresses}


def _person(line: Line) -> str | None:
    name = name_of(line.cells[0])
    return normalise_name(name) if name else None

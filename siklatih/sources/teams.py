"""Microsoft Teams attendance: UTF-16LE with a byte order mark, TAB, in any display language.

Three shapes, told apart by their structure and never by words: a list of events (2020), a summary with
one table (2021), numbered sections (since 2022). A table is known by its columns: two dates side by side
with a duration behind them; the name stands before, the e-mail address behind.

The file holds no meeting ID. In the list of events, who has no Left stays until the meeting's last
moment that the file knows. Where the third section is missing, the second gives a person's first join
and last leave, which counts a pause between them as presence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from siklatih.errors import MendError
from siklatih.sources.dates import DateParser, Order, Span, date_parser
from siklatih.sources.joined_left import Event, connections
from siklatih.sources.protocol import Catalogue, Part, Recognition, Row, SourceFile
from siklatih.sources.teams_tables import (
    Line,
    Table,
    check_all_connected,
    is_date,
    lines_of,
    name_of,
    sections_of,
    table_of,
)
from siklatih.sources.values import column_letters

NAME = "Microsoft Teams attendance"
SIGNS = {
    "UTF-16": "utf-16",
    "TAB": r"[^\t]+(\t[^\t]*){2,}",
    "First Join": "first join|join time",
    "Last Leave": "last leave|leave time",
    "In-Meeting Duration": "(in-meeting )?duration",
    "Role": "role|peran",
}
DELIMITER = "\t"
_MARK = b"\xff\xfe"
_MEETING = timedelta(days=1)


def recognise(file: SourceFile) -> Recognition | None:
    """UTF-16LE text with TABs in one of the three shapes."""
    if not file.head.startswith(_MARK):
        return None
    lines = lines_of(file.head[: len(file.head) // 2 * 2].decode("utf-16", errors="replace"))
    if file.size > len(file.head):
        lines = lines[:-1]  # cut off by the head
    if sections_of(lines):
        return Recognition(1.0, "UTF-16 text with numbered sections")
    if _is_events(lines):
        return Recognition(1.0, "UTF-16 text with a list of names, actions and times")
    if table_of(lines) is not None:
        return Recognition(1.0, "UTF-16 text with a table of two times and a duration")
    return None


def read(file: SourceFile, _catalogue: Catalogue) -> Iterator[Part]:
    """Yield one part: a row a connection; ``meeting_id`` is not in the file."""
    part = Part("presence", "table")
    try:
        lines = lines_of(file.path.read_bytes().decode("utf-16"))
    except UnicodeDecodeError as error:
        raise MendError(
            "encoding",
            en="The text is broken or was cut off. Export it again.",
            id_="Teks berkas rusak atau terpotong. Ekspor ulang.",
        ) from error
    if not (sections := sections_of(lines)) and _is_events(lines):
        _read_events(part, lines)
    else:
        _read_table(part, lines, sections)
    yield part


def _is_events(lines: Sequence[Line]) -> bool:
    """The heading and the line below it have three cells, and the third below the heading is a date."""
    filled = [line for line in lines if line.filled][:2]
    if len(filled) < 2 or any(len(line.cells) != 3 for line in filled):
        return False
    return not is_date(filled[0].cells[2]) and is_date(filled[1].cells[2])


def _read_table(part: Part, lines: Sequence[Line], sections: dict[int, list[Line]]) -> None:
    places = [sections.get(3, []), sections.get(2, [])] if sections else [lines]
    table = next((table for place in places if (table := table_of(place)) is not None), None)
    below = {line.number for place in places for line in [one for one in place if one.filled][1:]}
    if table is None and (below or not sections):
        raise _no_columns()
    data = {line.number for line in table.lines} if table else set()
    for line in lines:
        if not line.filled:
            part.count("blank")
        elif line.number in data:
            part.count("data")
        else:  # the lines of the second section add up a person's connections
            part.count("total" if sections and line.number in below else "heading")
    if table is not None:
        _in_step(table)
        people = table_of(sections.get(2, []))
        if people is not None and people.heading != table.heading:
            check_all_connected(people, table)
        part.rows += _rows(table)


def _in_step(table: Table) -> None:
    """Refuse a line that has another number of cells than the heading."""
    width = max(index for index, cell in enumerate(table.heading.cells, start=1) if cell)
    for line in table.lines:
        if len(line.cells) < width or any(line.cells[width:]):
            raise _out_of_step(line.number)


def _rows(table: Table) -> Iterator[Row]:
    spans = list(table.rows())
    texts = [text for _, span in spans for text in (span.start, span.end)]
    numbers = [line.number for line, _ in spans for _ in range(2)]
    parser = _parser(texts, numbers, [span for _, span in spans], column_letters(table.joined))
    for line, span in spans:
        yield Row(
            line.number,
            {
                "meeting_id": None,
                "name": name_of(line.cells[0]),
                "email": table.email(line),
                "joined_at": parser.canonical(span.start),
                "left_at": parser.canonical(span.end),
            },
        )


def _read_events(part: Part, lines: Sequence[Line]) -> None:
    filled = [line for line in lines if line.filled]
    below = filled[1:]
    part.lines = {"heading": 1, "data": len(below)}
    for _ in range(len(lines) - len(filled)):
        part.count("blank")
    odd = next((line for line in below if len(line.cells) != 3), None)
    if odd is not None:
        raise _out_of_step(odd.number)
    parser = _parser([line.cells[2] for line in below], [line.number for line in below], [], "C")
    events = []
    for line in below:
        name, kind, when = line.cells
        moment = parser.moment(when)
        if moment is None:  # the contract puts it aside, with its line
            part.rows.append(_row(line.number, name, when, when))
        else:
            events.append(Event(line.number, name, kind, moment))
    part.rows += [
        _row(one.row_no, one.name, str(one.joined) if one.joined else None, str(one.left))
        for one in connections(events)
    ]
    part.rows.sort(key=lambda row: row.row_no)


def _row(number: int, name: str, joined: str | None, left: str) -> Row:
    values = {"meeting_id": None, "name": name_of(name), "email": None, "joined_at": joined, "left_at": left}
    return Row(number, values)


def cells_of(rows: Mapping[int, Sequence[object]], _row: int, column: str, _known: Catalogue) -> list[int]:
    """Return where a column of the contract stands: the name first, and two times side by side."""
    lines = [
        Line(number, ["" if cell is None else str(cell).strip() for cell in cells])
        for number, cells in sorted(rows.items())
    ]
    if column == "name":
        return [0]
    sections = sections_of(lines)
    if not sections and _is_events(lines):
        return [2] if column in ("joined_at", "left_at") else []
    places = [sections.get(3, []), sections.get(2, [])] if sections else [lines]
    table = next((table for place in places if (table := table_of(place)) is not None), None)
    if table is None or column not in ("joined_at", "left_at"):
        return []
    return [table.joined + (column == "left_at")]


def _is_american(texts: Sequence[str | None]) -> bool:
    """Tell whether all times are on a 12-hour clock in capitals behind slashes.

    Of the English, Indonesian and Malay regions of CLDR that write so, all but the Emirates put the month
    first; the others write `am`, or count 24 hours.
    """
    given = [text for text in texts if text and is_date(text)]
    return bool(given) and all("/" in text and text.rstrip().endswith(("AM", "PM")) for text in given)


def _parser(texts: Sequence[str | None], rows: Sequence[int], spans: Sequence[Span], at: str) -> DateParser:
    try:
        usual = Order.MONTH if _is_american(texts) else None
        parser = date_parser(texts, spans=spans, within=_MEETING, rows=rows, usual=usual)
    except MendError as error:
        error.column = at
        raise
    if any(texts) and not any(parser.moment(text) for text in texts):
        raise MendError(
            "unreadable_dates",
            en="No date in the file can be read. Export it with Teams set to Indonesian or English.",
            id_="Tidak ada tanggal dalam berkas yang terbaca. Ekspor dengan bahasa Teams diatur ke "
            "Indonesia atau Inggris.",
            row=rows[0],
            column=at,
        )
    return parser


def _no_columns() -> MendError:
    return MendError(
        "missing_column",
        en="No section lists when people joined and left with a duration. Export the report again.",
        id_="Tidak ada bagian yang memuat waktu masuk, waktu keluar, dan durasi. Ekspor ulang laporannya.",
    )


def _out_of_step(number: int) -> MendError:
    return MendError(
        "broken_table",
        en="This line has another number of cells than the heading; a name may hold a TAB, or the file was "
        "cut off. Export it again.",
        id_="Jumlah sel baris ini berbeda dari judul; mungkin ada TAB di dalam nama, atau berkas terpotong. "
        "Ekspor ulang.",
        row=number,
    )

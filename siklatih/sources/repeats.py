"""Groups that repeat in a workbook of KoboToolbox: each row with the columns of its parents joined on.

A group has a sheet of its own. A row names the table of its parent and that row's ``_index``; a group may lie
within another. Only groups that a mapping names are read, as a form or as a table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from siklatih.errors import MendError
from siklatih.forms import FormTable, Record, read_form
from siklatih.sources import mapped_table, tables
from siklatih.sources.form_tables import Body, Sheet, body_of, choice_columns
from siklatih.sources.headings import folded
from siklatih.sources.protocol import Catalogue, Part
from siklatih.table_mappings import TableMapping
from siklatih.wording import collapse

INDEX, PARENT_TABLE, PARENT_INDEX = "_index", "_parent_table_name", "_parent_index"
SENT = "_submission_time"
_CUT = "..."  # ends the name of a sheet whose group's name is longer than Excel allows


@dataclass(frozen=True)
class Joined:
    """Rows of a sheet with those of its parents.

    Args:
        headings: its own, then its parent's, and so on.
        width: how many are its own.
        rows: line, cells, and the submission they belong to; None for one that was not approved.
        body: the sheet taken apart.
    """

    headings: Sequence[str]
    width: int
    rows: Sequence[tuple[int, Sequence[str], Record | None]]
    body: Body


def is_repeat(sheet: Sheet) -> bool:
    """Tell whether a sheet's rows belong to those of another."""
    return PARENT_INDEX in body_of(sheet).headings


def named_by(sheet: Sheet, catalogue: Catalogue) -> bool:
    """Tell whether a mapping names the group that stands on a sheet."""
    named = {one.repeat for one in catalogue.mappings.values()}
    named |= {one.repeat for one in catalogue.tables.values()}
    return collapse(sheet.name) in named - {""}


class Repeats:
    """The groups of one workbook. ``submissions``: line -> what was sent, None where it was not approved."""

    def __init__(self, main: Body, others: Sequence[Sheet], submissions: Mapping[int, Record | None]) -> None:
        sent = main.headings.index(SENT) if SENT in main.headings else len(main.headings)
        rows: list[tuple[int, Sequence[str], Record | None]] = []
        for line, cells in main.data:
            record = submissions[line]
            moment = record.submitted if record is not None else None
            # the tool writes universal time and does not say so; what was sent knows it
            rows.append(
                (line, [moment or cell if at == sent else cell for at, cell in enumerate(cells)], record)
            )
        self._main = Joined(main.headings, len(main.headings), rows, main)
        self._sheets = {sheet.name: sheet for sheet in others}

    def join(self, name: str, seen: frozenset[str] = frozenset()) -> Joined:
        """Return a group's rows with their parents'; ``MendError`` if a row has none."""
        sheet = self._sheets[name]
        body = body_of(sheet)
        headings = body.headings
        if PARENT_TABLE not in headings:
            raise _no_parent(sheet, body.row)
        at, table = headings.index(PARENT_INDEX), headings.index(PARENT_TABLE)
        parents = {cells[table].strip() for _, cells in body.data}
        above = [found for one in sorted(parents) for found in self._sheets if _is_called(found, one)]
        if len(parents) > 1 or len(above) > 1 or name in seen:
            raise _no_parent(sheet, body.row)
        parent = self.join(above[0], seen | {name}) if above else self._main
        own = list(parent.headings[: parent.width])
        number = own.index(INDEX) if INDEX in own else None
        numbers = {
            cells[number].strip(): (cells, sent) for _, cells, sent in parent.rows if number is not None
        }
        rows = []
        for line, cells in body.data:
            found = numbers.get(cells[at].strip())
            if found is None:
                raise _no_parent(sheet, line)
            rows.append((line, [*cells, *found[0]], found[1]))
        return Joined([*headings, *parent.headings], len(headings), rows, body)


def read_repeat(
    sheet: Sheet, joined: Joined, own: Set[int], catalogue: Catalogue, tool: str, *, answered: bool
) -> Part:
    """Read a group that a mapping names.

    Args:
        own: the tool's own columns, which are no questions unless a mapping names them.
        answered: whether the submissions are read by themselves; then the mapping of the group names only
            those of their columns that it needs.

    Raises:
        MendError: the mapping does not fit, or does not name all columns.
    """
    name = collapse(sheet.name)
    passed = set(own) | (set(range(joined.width, len(joined.headings))) if answered else set())
    fitting = {code: one for code, one in catalogue.tables.items() if one.repeat == name}
    if fitting:
        table = _as_table(sheet, joined, passed, fitting)
        fit = mapped_table.choose(table, fitting)
        if fit is not None:
            return _with_incomplete(mapped_table.read_mapped(table, fit), joined)
    mappings = [one for one in catalogue.mappings.values() if one.repeat == name]
    if not mappings:
        raise _does_not_fit(sheet, joined, fitting)
    passed -= {at for at, one in enumerate(joined.headings) if any(m.target(one) for m in mappings)}
    records = _records(joined)
    lines = {**joined.body.lines, "data": len(records)}
    choices = choice_columns(joined.headings, records)
    form = FormTable(tool, sheet.place, joined.headings, passed, records, lines, choices, joined.body.row)
    return _with_incomplete(read_form(replace(form, repeat=name, again=joined.body.again), catalogue), joined)


def _records(joined: Joined) -> list[Record]:
    """Return the rows as submissions; those of one submission are told apart by their number."""
    found, count = [], Counter[str]()
    for line, cells, sent in joined.rows:
        if sent is not None:
            count[sent.code or ""] += 1
            code = f"{sent.code}-{count[sent.code]}" if sent.code else None
            found.append(Record(line, cells, code, sent.submitted))
    return found


def _does_not_fit(sheet: Sheet, joined: Joined, fitting: Iterable[str]) -> MendError:
    codes = ", ".join(sorted(fitting))
    return MendError(
        "repeat_mapping",
        en=f"The mapping {codes} names this group that repeats, but not its columns as they stand there. "
        "Mend its headings in config/mappings.",
        id_=f"Pemetaan {codes} menyebut grup berulang ini, tetapi bukan kolom-kolomnya seperti yang ada. "
        "Perbaiki judulnya di config/mappings.",
        row=joined.body.row,
        place=sheet.place,
    )


def _as_table(
    sheet: Sheet, joined: Joined, passed: Set[int], fitting: Mapping[str, TableMapping]
) -> tables.Sheet:
    """Return the joined rows as a table; columns that need no name are marked as passed over."""
    named = {title for one in fitting.values() for title in one.headings}
    titles = [
        "#" if at in passed and folded(title) not in named else title
        for at, title in enumerate(joined.headings)
    ]
    kept = {line: cells for line, cells, sent in joined.rows if sent is not None}
    left = {line for line, _, sent in joined.rows if sent is None}
    rows: list[tuple[int, Sequence[object]]] = []
    for line, cells in sheet.rows:
        if line == joined.body.row:
            rows.append((line, titles))
        elif line not in left:
            rows.append((line, kept.get(line, cells)))
    return tables.Sheet(sheet.place.removeprefix("lembar "), rows)


def _with_incomplete(part: Part, joined: Joined) -> Part:
    """Account for the rows of submissions that were not approved."""
    count = sum(sent is None for _, _, sent in joined.rows)
    if count:
        part.lines["incomplete"] = part.lines.get("incomplete", 0) + count
    return part


def _is_called(sheet_name: str, table: str) -> bool:
    return table == sheet_name or (
        sheet_name.endswith(_CUT) and table.startswith(sheet_name.removesuffix(_CUT))
    )


def _no_parent(sheet: Sheet, row: int) -> MendError:
    return MendError(
        "no_parent",
        en="This row of a group that repeats belongs to no row of the form. Export the whole workbook again.",
        id_="Baris grup berulang ini tidak bertaut dengan baris formulir. Ekspor ulang buku kerja seutuhnya.",
        row=row,
        place=sheet.place,
    )

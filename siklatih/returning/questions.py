"""In which columns of a form's export the cells of a problem stand: found by the questions' wording.

One line of a form gives many rows of answers, so a row that was put aside does not say which cell is at
fault. The cells of its line that break the rule are, and they are looked for here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from siklatih.contracts import Column, Contract
from siklatih.forms import answer_of
from siklatih.instruments import Instrument, Target
from siklatih.mappings import FormMapping
from siklatih.returning.faults import Fault, Titles
from siklatih.sources.values import plain_text
from siklatih.wording import fold, readings

_HEADING_ROWS = 2
_MOMENTS = {
    "submitdate", "submission time", "submissiondate", "completion time", "waktu penyelesaian",
    "waktu selesai", "end date", "date modified", "timestamp", "stempel waktu", "cap waktu",
}  # fmt: skip
_OF_MOMENT = {"submitted_at", "surveyed_on"}


@dataclass(frozen=True)
class _Asked:
    """What the columns of a sheet stand for (column -> target), and their headings."""

    instrument: Instrument
    mapping: FormMapping | None
    columns: Mapping[int, Target]
    headings: Mapping[int, str]


class Questions:
    """The questions of one sheet, looked up once for all problems on it."""

    def __init__(self, sheet: Any, titles: Titles) -> None:
        self._sheet = sheet
        self._titles = titles
        self._known: dict[str, _Asked | None] = {}

    def columns(self, fault: Fault, name: str) -> list[int]:
        """Return the columns in which a contract's column stands; none if the sheet is no form's."""
        contract = self._titles.contracts.get(fault.dataset or "")
        if contract is None or fault.row is None:
            return []
        if contract.dataset not in self._known:
            self._known[contract.dataset] = _asked(self._sheet, contract.dataset, self._titles)
        asked = self._known[contract.dataset]
        if asked is None:
            return []
        if name in _OF_MOMENT:
            return [column for column, text in asked.headings.items() if fold(text) in _MOMENTS][:1]
        if name == "answer" and "item_code" in {column.name for column in contract.columns}:
            return list(_faulty_answers(self._sheet, fault.row, asked, contract))
        return [column for column, target in asked.columns.items() if target.name == name][:1]


def _asked(sheet: Any, dataset: str, titles: Titles) -> _Asked | None:
    """The reading of the headings that knows most columns; None if no form is read into the dataset."""
    forms = {code: one for code, one in titles.instruments.items() if one.dataset == dataset}
    above = _headings(sheet)
    choices = [_match(above, instrument, None) for instrument in forms.values()]
    choices += [
        _match(above, forms[mapping.instrument], mapping)
        for mapping in titles.mappings.values()
        if mapping.instrument in forms
    ]
    return max(choices, key=lambda asked: len(asked.columns), default=None)


def _match(above: Sequence[tuple[int, str]], instrument: Instrument, mapping: FormMapping | None) -> _Asked:
    known = instrument.wordings()
    columns: dict[int, Target] = {}
    headings: dict[int, str] = {}
    for column, text in above:
        headings.setdefault(column, text)
        target = mapping.target(text) if mapping else None
        target = target or next((known[words] for words in readings(text) if words in known), None)
        if target is not None and column not in columns:
            columns[column] = target
            headings[column] = text
    return _Asked(instrument, mapping, columns, headings)


def _headings(sheet: Any) -> list[tuple[int, str]]:
    """Return (column, text) of the rows that may be headings, upper ones first; SurveyMonkey has two."""
    found = [
        (row, column, str(cell.value))
        for (row, column), cell in sheet._cells.items()
        if row <= _HEADING_ROWS and cell.value is not None and str(cell.value).strip()
    ]
    return [(column, text) for _, column, text in sorted(found)]


def _faulty_answers(sheet: Any, row: int, asked: _Asked, contract: Contract) -> Iterator[int]:
    bounds = contract.column("answer")
    for column, target in asked.columns.items():
        cell = sheet._cells.get((row, column))
        if target.kind != "item" or cell is None or cell.value is None:
            continue
        item = asked.instrument.item(target.name)
        text = plain_text(cell.value) or None
        answer = answer_of(text, item, asked.instrument, asked.mapping, asked.headings[column])
        if answer is not None and not _is_within(answer, bounds):
            yield column


def _is_within(answer: str, bounds: Column) -> bool:
    if not answer.isdecimal():
        return False
    is_low = bounds.minimum is not None and int(answer) < bounds.minimum
    return not is_low and (bounds.maximum is None or int(answer) <= bounds.maximum)

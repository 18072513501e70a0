"""What is wrong with a file, in the words of its rules, and under which headings its columns stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from textwrap import shorten

from siklatih.contracts import Contract
from siklatih.errors import MendError
from siklatih.instruments import Instrument
from siklatih.mappings import FormMapping
from siklatih.marks import Marks
from siklatih.sources.protocol import Catalogue
from siklatih.sources.returned import sheet_numbers
from siklatih.sources.sheet_rows import HIDDEN
from siklatih.sources.workbook import HELP_SHEETS
from siklatih.table_mappings import TableMapping

_LETTERS = re.compile(r"[A-Z]{1,3}")
_PLACE = "lembar "
_ANSWER = "answer"
_QUESTIONS, _WORDS = 5, 60  # how many questions are named, and how many letters of each


@dataclass(frozen=True)
class Fault:
    """One problem. ``columns`` are the contract's names, joined by commas, or a column's letters.

    ``items`` are the questions of a form's line whose answers are at fault.
    """

    dataset: str | None
    place: str | None
    row: int | None
    columns: str | None
    rule: str
    message: tuple[str, str]
    remedy: tuple[str, str]
    items: tuple[str, ...] = ()

    @property
    def sheet(self) -> str | None:
        """The sheet of a workbook; None where the file has but one table."""
        return self.place.removeprefix(_PLACE) if self.place and self.place.startswith(_PLACE) else None

    @property
    def names(self) -> list[str]:
        """The columns one by one."""
        return [name for part in (self.columns or "").split(",") if (name := part.strip())]

    @property
    def letters(self) -> list[str]:
        """Those of the columns that are known by their letters only."""
        return [name for name in self.names if _LETTERS.fullmatch(name)]


@dataclass(frozen=True)
class Proposal:
    """A name of the file, and the name of the enrolled person whom it may mean."""

    code: str
    batch_code: str
    name: str
    person: str
    rows: int


@dataclass(frozen=True)
class Faults:
    """All that is wrong with one file, and names to ask about.

    ``is_refused``: no row of it is used. ``source`` is its tool's.
    """

    file_sha: str
    when: datetime
    cycle: str | None
    is_refused: bool
    problems: Sequence[Fault]
    proposals: Sequence[Proposal] = ()
    source: str | None = None


def faults_by_sheet(names: Iterable[str], problems: Sequence[Fault]) -> dict[str, list[Fault]]:
    """Return what is wrong on each of a workbook's sheets, those that we added left out.

    Args:
        names: the sheets of cells, in the workbook's order.
        problems: those of the file; one that names no sheet is on the only one with data.
    """
    numbers = sheet_numbers(names)
    by_number = {str(number): name for name, number in numbers.items()}
    data = [name for name in numbers if name.casefold() not in HELP_SHEETS] or list(numbers)
    found: dict[str, list[Fault]] = {name: [] for name in numbers}
    for problem in problems:
        if problem.sheet is None:
            places = data if len(data) == 1 else []
        else:
            # a number is never a name: only sheets with titles of ours go by their names
            named = problem.sheet.removesuffix(HIDDEN)
            places = [by_number.get(named, named)]
        for name in places:
            found.setdefault(name, []).append(problem)
    return {name: found[name] for name in numbers}


def items_in(text: str | None) -> tuple[str, ...]:
    """Return the questions that a query lists, joined by commas."""
    return tuple(text.split(",")) if text else ()


def refusal_fault(error: MendError) -> Fault:
    """A refusal as a problem; what to do is part of what it says."""
    said = (error.id_, error.en)
    return Fault(None, error.place, error.row, error.column, error.code, said, said)


@dataclass(frozen=True)
class Titles:
    """How a contract's column may be headed: by name, title, a mapping, or the question of a survey."""

    contracts: Mapping[str, Contract]
    instruments: Mapping[str, Instrument]
    mappings: Mapping[str, FormMapping] = field(default_factory=dict)
    tables: Mapping[str, TableMapping] = field(default_factory=dict)
    marks: Marks = field(default_factory=dict)

    @property
    def catalogue(self) -> Catalogue:
        """The same as sources know it."""
        return Catalogue(self.contracts, self.instruments, self.mappings, self.marks, self.tables)

    def shown(self, fault: Fault) -> str:
        """The columns as a person knows them, by the contract's Indonesian title."""
        contract = self._contract(fault)
        known = {column.name: column.title_id for column in contract.columns} if contract else self._common
        shown = ", ".join(known.get(name, name) for name in fault.names)
        asked = self._questions(fault) if _ANSWER in fault.names else ""
        return f"{shown} ({asked})" if asked else shown

    @cached_property
    def _common(self) -> dict[str, str]:
        """Titles that a column has in every contract, for a table that is refused as a whole."""
        titles: dict[str, set[str]] = {}
        for contract in self.contracts.values():
            for column in contract.columns:
                titles.setdefault(column.name, set()).add(column.title_id)
        return {name: found.pop() for name, found in titles.items() if len(found) == 1}

    def _questions(self, fault: Fault) -> str:
        """The wordings of the questions at fault, of those that a questionnaire asks under one code."""
        wordings: dict[str, set[str]] = {}
        for instrument in self.instruments.values():
            for item in instrument.items if instrument.dataset == fault.dataset else ():
                wordings.setdefault(item.code, set()).add(item.wording_id)
        known = [(code, words) for code, words in wordings.items() if code in fault.items]
        listed = [
            f"{code}: {shorten(min(words), _WORDS, placeholder='…')}" if len(words) == 1 else code
            for code, words in known[:_QUESTIONS]
        ]
        return "; ".join([*listed, *([f"+{len(known) - _QUESTIONS}"] if len(known) > _QUESTIONS else [])])

    def headings(self, fault: Fault, name: str) -> set[str]:
        """All headings, in small letters, under which a column may stand."""
        contract = self._contract(fault)
        found = {name.casefold()}
        if contract is not None and name in {column.name for column in contract.columns}:
            found.add(contract.column(name).title_id.casefold())
        for mapping in self.tables.values():
            if contract is not None and mapping.contract.dataset == contract.dataset:
                found |= {title for title, columns in mapping.headings.items() if name in columns}
        for instrument in self.instruments.values():
            if contract is None or instrument.dataset != contract.dataset:
                continue
            asked = {**instrument.questions, **{item.question: item.code for item in instrument.items}}
            found |= {question.casefold() for question, column in asked.items() if column == name}
        return found

    def _contract(self, fault: Fault) -> Contract | None:
        if fault.dataset is not None:
            return self.contracts.get(fault.dataset)
        for contract in self.contracts.values():
            if fault.sheet in (contract.title_id, contract.dataset):
                return contract
        return None


def own_name(path_name: str) -> str:
    """The name a person gave a file, without its suffix and short enough for a file system."""
    stem = "".join(sign if sign.isprintable() else "_" for sign in Path(path_name).stem)
    return stem.encode()[:180].decode(errors="ignore")

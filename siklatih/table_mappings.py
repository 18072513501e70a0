"""Mappings of tables that are no known export: a roster, a list, a quiz tool's results. One YAML a table.

::

    code: simpeg_pegawai
    dataset: roster
    headings:                           # as they stand in the file, whatever their case and white space
      "NIP Baru": nip
      "NIP": nip                        # the same column under another name, in other years
      "TMT CPNS": [valid_from, hire_date]
      "Foto": ignore
    values:                             # the table's words -> what the contract calls them; ~ is no value
      status: {"Pegawai Negeri Sipil": PNS, "-": ~}
    constants: {position_type: executor}    # columns that the table does not have
    date_order: dmy                     # or mdy: where the file cannot tell
    others: ignore                      # titles not named above are passed over, else they refuse the file
    other_sheets: ignore                # the same for sheets that the mapping does not fit
    repeat: peserta                     # for the rows of a group that repeats in a form tool's workbook
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from siklatih.contracts import Column, Contract
from siklatih.mappings import mapping_document, usable
from siklatih.wording import collapse, fold_title

_KEYS = {
    "code", "dataset", "headings", "values", "constants", "date_order", "others", "other_sheets", "repeat",
}  # fmt: skip


@dataclass(frozen=True)
class TableMapping:
    """One table's headings and words.

    Args:
        headings: a title, folded, -> the columns that it fills; none for one that is passed over.
        values: column -> the table's words, folded, -> the contract's; None where they say nothing.
        constants: column -> the value of every row.
    """

    code: str
    contract: Contract
    headings: Mapping[str, tuple[str, ...]]
    values: Mapping[str, Mapping[str, str | None]]
    constants: Mapping[str, str]
    date_order: str | None
    ignores_others: bool
    ignores_sheets: bool
    repeat: str

    @cached_property
    def filled(self) -> frozenset[str]:
        """The columns that a heading fills."""
        return frozenset(column for columns in self.headings.values() for column in columns)

    @cached_property
    def given(self) -> dict[str, str | None]:
        """What every row has beside its cells: constants, and the batch that filing will find."""
        filed = self.contract.filed
        unfiled = {filed.name: None} if filed is not None and filed.name not in self.filled else {}
        return {**unfiled, **self.constants}

    @property
    def known(self) -> Mapping[str, tuple[str, ...]]:
        """The titles that are named."""
        return self.headings

    def present(self, titles: Iterable[str]) -> set[str]:
        """Return the columns that are filled by one of these titles."""
        return {column for title in titles for column in self.headings.get(title, ())}

    def missing(self, titles: Iterable[str]) -> list[str]:
        """Return the columns that must be filled and are not, so that a table is not this one.

        Where other titles are passed over every column must be there: one that was renamed would be
        dropped unseen.
        """
        required = {column.name for column in self.contract.columns if column.required}
        needed = self.filled if self.ignores_others else self.filled & required
        present = self.present(titles)
        short = sorted(needed - present)
        return short or ([] if len(present) >= min(2, len(self.filled)) else sorted(self.filled - present))


def load_table_mappings(folder: Path, contracts: Mapping[str, Contract]) -> dict[str, TableMapping]:
    """Read all mappings of tables in a folder, by code; none if there is no such folder.

    Raises:
        MendError: a file is malformed or still open, or does not fill what its dataset requires.
    """
    found: dict[str, TableMapping] = {}
    for path in sorted(folder.glob("*.yaml")):
        with usable(path):
            content = mapping_document(path)
            if "instrument" in content:
                continue
            mapping = _mapping(content, contracts)
            if mapping.code in found:
                raise ValueError(f"another mapping has the code {mapping.code}")
            found[mapping.code] = mapping
    return found


def _mapping(content: dict[str, Any], contracts: Mapping[str, Contract]) -> TableMapping:
    if strange := set(content) - _KEYS:
        raise ValueError(f"unknown key {sorted(strange)[0]}")
    contract = contracts[content["dataset"]]
    headings: dict[str, tuple[str, ...]] = {}
    for heading, what in content["headings"].items():
        title = fold_title(str(heading))
        if title in headings:
            raise ValueError(f"the heading “{heading}” is named twice")
        headings[title] = _columns(what, contract)
    mapping = TableMapping(
        code=str(content["code"]),
        contract=contract,
        headings=headings,
        values={
            name: {_word(word): _value(_column(name, contract), value) for word, value in words.items()}
            for name, words in content.get("values", {}).items()
        },
        constants={
            name: _constant(_column(name, contract), value)
            for name, value in content.get("constants", {}).items()
        },
        date_order=content.get("date_order"),
        ignores_others=_ignores(content, "others"),
        ignores_sheets=_ignores(content, "other_sheets"),
        repeat=collapse(str(content.get("repeat", ""))),
    )
    _check(mapping)
    return mapping


def _check(mapping: TableMapping) -> None:
    if both := sorted(mapping.filled & set(mapping.constants)):
        raise ValueError(f"{both[0]} is filled by a heading and by a constant")
    if idle := sorted(set(mapping.values) - mapping.filled):
        raise ValueError(f"values of {idle[0]}, which no heading fills")
    if not mapping.filled:
        raise ValueError("no heading fills a column")
    given = mapping.filled | set(mapping.given)
    short = [
        column.name for column in mapping.contract.columns if column.required and column.name not in given
    ]
    if short:
        raise ValueError(
            f"{mapping.contract.dataset} requires {', '.join(short)}: name a heading or a constant"
        )


def _columns(what: object, contract: Contract) -> tuple[str, ...]:
    if what == "ignore":
        return ()
    names = what if isinstance(what, list) else [what]
    if not names or not all(isinstance(name, str) for name in names) or len(set(names)) < len(names):
        raise ValueError("a heading stands for a column, a list of columns, or ignore")
    return tuple(_column(str(name), contract).name for name in names)


def _column(name: str, contract: Contract) -> Column:
    if name not in {column.name for column in contract.columns}:
        raise ValueError(f"{contract.dataset} has no column {name}")
    return contract.column(name)


def _word(word: object) -> str:
    if isinstance(word, bool):
        raise ValueError("put Yes, No, On and Off between quotation marks")
    return collapse(str(word)).casefold()


def _value(column: Column, value: object) -> str | None:
    if value is None:
        return None
    text = str(value).lower() if isinstance(value, bool) else str(value)  # a date is ISO text, too
    allowed = {entry.value for entry in column.values}
    if allowed and text not in allowed:
        raise ValueError(f"{column.name} is one of {', '.join(sorted(allowed))}, not {text}")
    return text


def _constant(column: Column, value: object) -> str:
    if column.is_identifier:
        raise ValueError(f"{column.name} tells who is meant, so it cannot be the same for every row")
    text = _value(column, value)
    if not text:
        raise ValueError(f"the constant {column.name} is empty")
    return text


def _ignores(content: Mapping[str, Any], key: str) -> bool:
    if content.get(key) not in (None, "ignore"):
        raise ValueError(f"{key} can only be ignore")
    return key in content

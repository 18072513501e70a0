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
from siklatih.mapping_fields import (
    FieldError,
    check_keys,
    code_of,
    lines_of,
    named_twice,
    one_of,
    repeat_of,
    text_of,
    word_of,
)
from siklatih.mappings import mapping_document, same_code, usable
from siklatih.wording import fold_title

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
                raise same_code(mapping.code)
            found[mapping.code] = mapping
    return found


def _mapping(content: dict[str, Any], contracts: Mapping[str, Contract]) -> TableMapping:
    check_keys(content, _KEYS)
    contract = contracts[one_of(content["dataset"], contracts, "dataset")]
    words = lines_of(content, "values")
    mapping = TableMapping(
        code=code_of(content),
        contract=contract,
        headings=_headings(lines_of(content, "headings"), contract),
        values={
            column.name: _words(
                lines_of(words, column.name, f"values, {column.name}"), column, f"values, {column.name}"
            )
            for column in (_column(name, contract, "values") for name in words)
        },
        constants={
            name: _constant(_column(name, contract, "constants"), value)
            for name, value in lines_of(content, "constants").items()
        },
        date_order=content.get("date_order"),
        ignores_others=_ignores(content, "others"),
        ignores_sheets=_ignores(content, "other_sheets"),
        repeat=repeat_of(content),
    )
    _check(mapping)
    return mapping


def _check(mapping: TableMapping) -> None:
    if both := sorted(mapping.filled & set(mapping.constants)):
        raise FieldError(
            f"constants, {both[0]}",
            "the column is filled by a heading and by a constant. Keep one of the two",
            "kolom diisi oleh judul dan oleh konstanta. Pertahankan salah satu",
        )
    if idle := sorted(set(mapping.values) - mapping.filled):
        raise FieldError(
            f"values, {idle[0]}",
            "no heading fills the column. Name one under headings",
            "tidak ada judul yang mengisi kolom ini. Sebutkan di bawah headings",
        )
    if not mapping.filled:
        raise FieldError(
            "headings", "no heading fills a column", "tidak ada judul yang mengisi satu kolom pun"
        )
    given = mapping.filled | set(mapping.given)
    short = [
        column.name for column in mapping.contract.columns if column.required and column.name not in given
    ]
    if short:
        listed = ", ".join(short)
        raise FieldError(
            "headings",
            f"{mapping.contract.dataset} requires {listed}: name a heading or a constant",
            f"{mapping.contract.dataset} memerlukan {listed}: sebutkan judul atau konstantanya",
        )


def _headings(lines: Mapping[Any, Any], contract: Contract) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for heading, what in lines.items():
        title = fold_title(text_of(heading, "headings"))
        if title in found:
            raise named_twice("headings", heading)
        found[title] = _columns(what, contract, f"headings, “{heading}”")
    return found


def _columns(what: object, contract: Contract, field: str) -> tuple[str, ...]:
    if what == "ignore":
        return ()
    names = what if isinstance(what, list) else [what]
    columns = tuple(_column(name, contract, field).name for name in names if isinstance(name, str))
    if not columns or len(set(columns)) < len(names):
        raise FieldError(
            field,
            "a heading stands for a column, a list of different columns, or ignore",
            "judul berarti satu kolom, daftar kolom yang berbeda-beda, atau ignore",
        )
    return columns


def _column(name: object, contract: Contract, field: str) -> Column:
    return contract.column(one_of(name, [column.name for column in contract.columns], f"{field}, column"))


def _words(lines: Mapping[Any, Any], column: Column, field: str) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for word, value in lines.items():
        folded = word_of(word, field)
        if folded in found:
            raise named_twice(field, word)
        found[folded] = _value(column, value, f"{field}, “{word}”")
    return found


def _value(column: Column, value: object, field: str) -> str | None:
    if value is None:
        return None
    text = "" if value == "" else text_of(str(value).lower() if isinstance(value, bool) else value, field)
    allowed = {entry.value for entry in column.values}
    return one_of(text, allowed, field) if allowed else text


def _constant(column: Column, value: object) -> str:
    field = f"constants, {column.name}"
    if column.is_identifier:
        raise FieldError(
            field,
            "it tells who is meant, so it cannot be the same for every row",
            "menunjukkan siapa yang dimaksud, jadi tidak mungkin sama untuk semua baris",
        )
    text = _value(column, value, field)
    if not text:
        raise FieldError(field, "the constant is empty", "konstantanya kosong")
    return text


def _ignores(content: Mapping[str, Any], key: str) -> bool:
    if content.get(key) not in (None, "ignore"):
        raise FieldError(key, "it can only be ignore", "hanya dapat diisi ignore")
    return content.get(key) == "ignore"

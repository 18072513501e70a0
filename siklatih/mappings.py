"""Mappings: what the headings of one form stand for, where they are not an instrument's own. One YAML a form.

::

    code: kuesioner_lama
    instrument: reaction
    headings:                       # as they stand in the file
      "Kepuasan Anda": {item: sat1}
      "Kode kelas": {fact: batch_code}
      "Nama": ignore
    answers: {"Puas sekali": 5, "Puas": 4}          # for every item
    item_answers: {sat1: {"Tidak puas": 1}}         # for one item, before the others
    constants: {batch_code: P01-A1}                 # what the form does not ask
    date_order: dmy                                 # or mdy: where the file cannot tell
    repeat: penilaian_pelatih                       # for the rows of a group that repeats, by its sheet

A file with ``dataset`` in place of ``instrument`` maps a table: see ``table_mappings``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from siklatih.errors import MendError
from siklatih.instruments import IGNORED, Instrument, Target
from siklatih.wording import collapse
from siklatih.yaml_files import read_yaml

OPEN = "?"  # what a draft writes where a person must decide
_KEYS = {
    "code", "instrument", "headings", "answers", "item_answers", "constants", "date_order", "repeat",
}  # fmt: skip
_LISTED = 10


@dataclass(frozen=True)
class FormMapping:
    """One form's headings and words. Headings are exact but for white space.

    ``repeat`` names the sheet of a group that repeats; empty for the submissions themselves.
    """

    code: str
    instrument: str
    headings: Mapping[str, Target]
    answers: Mapping[str, int]
    item_answers: Mapping[str, Mapping[str, int]]
    constants: Mapping[str, str]
    date_order: str | None
    repeat: str = ""

    def target(self, heading: str) -> Target | None:
        """Return what the heading stands for; None if the mapping does not name it."""
        return self.headings.get(collapse(heading))


def load_mappings(folder: Path, instruments: Mapping[str, Instrument]) -> dict[str, FormMapping]:
    """Read all mappings of forms in a folder, by code; none if there is no such folder.

    Raises:
        MendError: a file is malformed or still open, or names an instrument or item that is not there.
    """
    found: dict[str, FormMapping] = {}
    for path in sorted(folder.glob("*.yaml")):
        with usable(path):
            content = mapping_document(path)
            if "dataset" in content:
                continue
            mapping = _mapping(content, instruments)
            if mapping.code in found:
                raise ValueError(f"another mapping has the code {mapping.code}")
            found[mapping.code] = mapping
    return found


def mapping_document(path: Path) -> dict[str, Any]:
    """Read a mapping's file as it stands.

    Raises:
        MendError: a person has not yet decided something in it.
        ValueError: it is no mapping.
    """
    content = read_yaml(path)
    if not isinstance(content, dict) or ("dataset" in content) == ("instrument" in content):
        raise ValueError("a mapping has either the key instrument or the key dataset")
    if left := [name for name, what in _entries(content) if what == OPEN]:
        raise _still_open(path, left)
    order = content.get("date_order")
    if order not in (None, "dmy", "mdy"):
        raise ValueError("date_order is neither dmy nor mdy")
    return content


@contextmanager
def usable(path: Path) -> Iterator[None]:
    """Turn whatever is wrong with a mapping's file into a refusal that names it."""
    try:
        yield
    except (AttributeError, KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        raise MendError(
            "mapping",
            en=f"The mapping cannot be used: {type(error).__name__} {error}. Mend the file.",
            id_=f"Pemetaan tidak dapat dipakai: {type(error).__name__} {error}. Perbaiki berkasnya.",
            file=path.name,
        ) from error


def _entries(content: object, name: str = "") -> Iterator[tuple[str, object]]:
    """Yield every entry of a document that is not itself one of entries, with the key it stands under."""
    if isinstance(content, dict):
        for key, what in content.items():
            yield from _entries(what, str(key))
    elif isinstance(content, list):
        for what in content:
            yield from _entries(what, name)
    else:
        yield name, content


def _still_open(path: Path, left: Sequence[str]) -> MendError:
    named = ", ".join(f"“{name}”" for name in left[:_LISTED])
    more = max(0, len(left) - _LISTED)
    more_en, more_id = (f" and {more} more", f" dan {more} lagi") if more else ("", "")
    return MendError(
        "mapping_open",
        en=f"This mapping is a draft in which something is still open: {named}{more_en}. "
        f"Replace every {OPEN} by what it stands for, or by ignore.",
        id_=f"Pemetaan ini masih draf, yang belum diputuskan: {named}{more_id}. "
        f"Ganti setiap {OPEN} dengan artinya, atau dengan ignore.",
        file=path.name,
    )


def _mapping(content: dict[str, Any], instruments: Mapping[str, Instrument]) -> FormMapping:
    if strange := set(content) - _KEYS:
        raise ValueError(f"unknown key {sorted(strange)[0]}")
    instrument = instruments[content["instrument"]]
    item_answers = {
        instrument.item(code).code: _answers(answers)
        for code, answers in content.get("item_answers", {}).items()
    }
    return FormMapping(
        code=content["code"],
        instrument=instrument.code,
        headings={
            collapse(str(heading)): _target(what, instrument)
            for heading, what in content.get("headings", {}).items()
        },
        answers=_answers(content.get("answers", {})),
        item_answers=item_answers,
        constants={_fact(key, instrument): str(value) for key, value in content.get("constants", {}).items()},
        date_order=content.get("date_order"),
        repeat=collapse(str(content.get("repeat", ""))),
    )


def _target(what: object, instrument: Instrument) -> Target:
    match what:
        case "ignore":
            return IGNORED
        case {"item": str(code)}:
            return Target("item", instrument.item(code).code)
        case {"fact": str(column)}:
            return Target("fact", _fact(column, instrument))
    raise ValueError("a heading stands for {item: ...}, {fact: ...} or ignore")


def _fact(column: str, instrument: Instrument) -> str:
    if column not in {fact.column for fact in instrument.facts}:
        raise ValueError(f"{instrument.code} has no fact {column}")
    return column


def _answers(content: Mapping[Any, Any]) -> dict[str, int]:
    if any(isinstance(words, bool) for words in content):
        raise ValueError("put Yes, No, On and Off between quotation marks")
    return {collapse(str(words)).casefold(): int(value) for words, value in content.items()}

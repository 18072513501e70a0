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
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from siklatih.errors import MendError
from siklatih.instruments import IGNORED, Instrument, Target
from siklatih.wording import collapse

_KEYS = {"code", "instrument", "headings", "answers", "item_answers", "constants", "date_order"}


@dataclass(frozen=True)
class FormMapping:
    """One form's headings and words. Headings are exact but for white space."""

    code: str
    instrument: str
    headings: Mapping[str, Target]
    answers: Mapping[str, int]
    item_answers: Mapping[str, Mapping[str, int]]
    constants: Mapping[str, str]
    date_order: str | None

    def target(self, heading: str) -> Target | None:
        """Return what the heading stands for; None if the mapping does not name it."""
        return self.headings.get(collapse(heading))


def load_mappings(folder: Path, instruments: Mapping[str, Instrument]) -> dict[str, FormMapping]:
    """Read all mappings of a folder, by code; none if there is no such folder.

    Raises:
        MendError: a file is malformed, or names an instrument or item that is not there.
    """
    found: dict[str, FormMapping] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            mapping = _mapping(yaml.safe_load(path.read_text(encoding="utf-8")), instruments)
            if mapping.code in found:
                raise ValueError(f"another mapping has the code {mapping.code}")
        except (AttributeError, KeyError, TypeError, ValueError, yaml.YAMLError) as error:
            raise MendError(
                "mapping",
                en=f"The mapping cannot be used: {type(error).__name__} {error}. Mend the file.",
                id_=f"Pemetaan tidak dapat dipakai: {type(error).__name__} {error}. Perbaiki berkasnya.",
                file=path.name,
            ) from error
        found[mapping.code] = mapping
    return found


def _mapping(content: dict[str, Any], instruments: Mapping[str, Instrument]) -> FormMapping:
    if strange := set(content) - _KEYS:
        raise ValueError(f"unknown key {sorted(strange)[0]}")
    instrument = instruments[content["instrument"]]
    order = content.get("date_order")
    if order not in (None, "dmy", "mdy"):
        raise ValueError("date_order is neither dmy nor mdy")
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
        date_order=order,
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

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

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from siklatih.errors import MendError
from siklatih.instruments import IGNORED, Instrument, Item, Target
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
                raise same_code(mapping.code)
            found[mapping.code] = mapping
    return found


def mapping_document(path: Path) -> dict[str, Any]:
    """Read a mapping's file as it stands.

    Raises:
        MendError: a person has not yet decided something in it.
        FieldError: it is no mapping.
    """
    content = read_yaml(path)
    if not isinstance(content, dict) or ("dataset" in content) == ("instrument" in content):
        raise FieldError(
            "instrument, dataset",
            "a mapping has either the key instrument (a form) or the key dataset (a table)",
            "pemetaan memiliki kunci instrument (formulir) atau kunci dataset (tabel), salah satu saja",
        )
    if left := [name for name, what in _entries(content) if what == OPEN]:
        raise _still_open(path, left)
    if content.get("date_order") is not None:
        one_of(content["date_order"], ("dmy", "mdy"), "date_order")
    return content


@contextmanager
def usable(path: Path) -> Iterator[None]:
    """Turn what is wrong with a field of a mapping into a refusal that names its file."""
    try:
        yield
    except FieldError as fault:
        raise MendError(
            "mapping",
            en=f"The mapping cannot be used. {fault.en}. Mend the file.",
            id_=f"Pemetaan tidak dapat dipakai. {fault.id_}. Perbaiki berkasnya.",
            file=path.name,
        ) from fault


def same_code(code: str) -> FieldError:
    """Return the fault of a second mapping of one code."""
    return FieldError(
        "code",
        f"another file has {code}, too. Choose another code",
        f"{code} sudah dipakai berkas lain. Pilih kode lain",
    )


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
    check_keys(content, _KEYS)
    instrument = instruments[one_of(content["instrument"], instruments, "instrument")]
    items = {item.code: item for item in instrument.items}
    steps = {value for item in instrument.items for value in _scale(item)}
    by_item = lines_of(content, "item_answers")
    return FormMapping(
        code=code_of(content),
        instrument=instrument.code,
        headings=_headings(lines_of(content, "headings"), instrument),
        answers=_answers(lines_of(content, "answers"), steps, "answers"),
        item_answers={
            item.code: _answers(
                lines_of(by_item, item.code, f"item_answers, {item.code}"),
                _scale(item),
                f"item_answers, {item.code}",
            )
            for item in (items[one_of(code, items, "item_answers")] for code in by_item)
        },
        constants={
            one_of(column, _facts(instrument), "constants"): text_of(value, f"constants, {column}")
            for column, value in lines_of(content, "constants").items()
        },
        date_order=content.get("date_order"),
        repeat=repeat_of(content),
    )


def _headings(lines: Mapping[Any, Any], instrument: Instrument) -> dict[str, Target]:
    found: dict[str, Target] = {}
    for heading, what in lines.items():
        title = collapse(text_of(heading, "headings"))
        if title in found:
            raise named_twice("headings", heading)
        found[title] = _target(what, instrument, f"headings, “{heading}”")
    return found


def _target(what: object, instrument: Instrument, field: str) -> Target:
    if what == "ignore":
        return IGNORED
    if isinstance(what, dict) and len(what) == 1:
        ((kind, name),) = what.items()
        if kind == "item":
            return Target("item", one_of(name, [item.code for item in instrument.items], f"{field}, item"))
        if kind == "fact":
            return Target("fact", one_of(name, _facts(instrument), f"{field}, fact"))
    raise FieldError(
        field,
        "a heading stands for one of {item: ...}, {fact: ...} and ignore",
        "judul berarti salah satu dari {item: ...}, {fact: ...}, dan ignore",
    )


def _facts(instrument: Instrument) -> list[str]:
    return [fact.column for fact in instrument.facts]


def _scale(item: Item) -> range:
    return range(item.scale[0], item.scale[1] + 1)


def _answers(lines: Mapping[Any, Any], steps: Collection[int], field: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for word, value in lines.items():
        folded = word_of(word, field)
        if folded in found:
            raise named_twice(field, word)
        if type(value) is not int or value not in steps:
            least, most = min(steps, default=0), max(steps, default=0)
            raise FieldError(
                f"{field}, “{word}”",
                f"an answer is a whole number from {least} to {most}",
                f"jawaban berupa bilangan bulat dari {least} sampai {most}",
            )
        found[folded] = value
    return found

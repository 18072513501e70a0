"""Questionnaires: items, scales and how a survey tool names them. One YAML file an instrument."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from siklatih.errors import MendError


@dataclass(frozen=True)
class Item:
    """A question. ``target`` is the column it fills in a wide dataset; else its code is the item."""

    code: str
    question: str
    scale: tuple[int, int]
    subscale: str
    reversed: bool
    wording_id: str
    wording_en: str


@dataclass(frozen=True)
class Instrument:
    """A questionnaire. ``questions`` maps further survey questions to columns of the dataset."""

    code: str
    version: str
    dataset: str
    title_id: str
    title_en: str
    anonymous: bool
    questions: dict[str, str]
    constants: dict[str, str]
    items: tuple[Item, ...]


def load_instruments(folder: Path) -> dict[str, Instrument]:
    """Read all instruments of a folder, by code; ``MendError`` names a malformed file."""
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            instrument = _instrument(yaml.safe_load(path.read_text(encoding="utf-8")))
        except (KeyError, TypeError, ValueError) as error:
            raise MendError(
                "instrument",
                en=f"The questionnaire cannot be used: {type(error).__name__} {error}. Mend the file.",
                id_=f"Angket tidak dapat dipakai: {type(error).__name__} {error}. Perbaiki berkasnya.",
                file=path.name,
            ) from error
        found[instrument.code] = instrument
    return found


def _instrument(content: dict[str, Any]) -> Instrument:
    items = tuple(
        Item(
            code=item["code"],
            question=item["question"],
            scale=(int(item["scale"][0]), int(item["scale"][1])),
            subscale=item["subscale"],
            reversed=bool(item["reversed"]),
            wording_id=item["wording"]["id"],
            wording_en=item["wording"]["en"],
        )
        for item in content["items"]
    )
    if len({item.code for item in items}) < len(items):
        raise ValueError("two items share a code")
    return Instrument(
        code=content["code"],
        version=str(content["version"]),
        dataset=content["dataset"],
        title_id=content["title"]["id"],
        title_en=content["title"]["en"],
        anonymous=bool(content["anonymous"]),
        questions=dict(content["questions"]),
        constants={key: str(value) for key, value in content.get("constants", {}).items()},
        items=items,
    )

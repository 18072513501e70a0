"""Questionnaires: items, scales and how a survey tool names them. One YAML file an instrument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from siklatih.contracts import PERSON_COLUMNS
from siklatih.errors import MendError
from siklatih.wording import collapse, fold
from siklatih.yaml_files import read_yaml


@dataclass(frozen=True)
class Target:
    """What a question stands for: an item's code, a fact's column, or nothing that is read."""

    kind: Literal["item", "fact", "ignore"]
    name: str = ""


IGNORED = Target("ignore")


@dataclass(frozen=True)
class Item:
    """A question. ``target`` is the column it fills in a wide dataset; else its code is the item.

    ``variants`` are further wordings by which forms are known to ask it; ``labels`` are lists of words
    for its scale, from the lowest value to the highest, where they differ from the instrument's.
    """

    code: str
    question: str
    scale: tuple[int, int]
    subscale: str
    reversed: bool
    wording_id: str
    wording_en: str
    variants: tuple[str, ...] = ()
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Everything a heading may call the item."""
        return (self.code, self.question, self.wording_id, self.wording_en, *self.variants)


@dataclass(frozen=True)
class Fact:
    """A question that fills a column of the dataset, such as the batch's code."""

    column: str
    names: tuple[str, ...]


@dataclass(frozen=True)
class Instrument:
    """A questionnaire. ``questions`` maps further survey questions to columns of the dataset.

    ``facts`` are the same columns with the wordings of forms that know no codes; ``ignore`` are wordings
    of questions that are asked along with the items and never read.
    """

    code: str
    version: str
    dataset: str
    title_id: str
    title_en: str
    anonymous: bool
    questions: dict[str, str]
    constants: dict[str, str]
    items: tuple[Item, ...]
    facts: tuple[Fact, ...] = ()
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ignore: tuple[str, ...] = ()

    def item(self, code: str) -> Item:
        """Return an item by code; ``KeyError`` if there is none."""
        for item in self.items:
            if item.code == code:
                return item
        raise KeyError(code)

    @cached_property
    def scale_words(self) -> dict[str, dict[str, int]]:
        """The value of each word of an item's scale, in lower case, by the item's code.

        Raises:
            ValueError: one word stands for two values.
        """
        return {item.code: self._words(item) for item in self.items}

    def _words(self, item: Item) -> dict[str, int]:
        steps = item.scale[1] - item.scale[0] + 1
        words: dict[str, int] = {}
        for labels in (item.labels or self.labels).values():
            if len(labels) != steps:
                continue  # the instrument's labels are for items of their own length
            for value, label in enumerate(labels, start=item.scale[0]):
                if words.setdefault(collapse(label).casefold(), value) != value:
                    raise ValueError(f"the label “{label}” of {item.code} stands for two values")
        return words

    def wordings(self) -> dict[str, Target]:
        """Return what each known wording, folded, stands for.

        Raises:
            ValueError: one wording stands for two questions.
        """
        named = [(Target("item", item.code), item.names) for item in self.items]
        named += [(Target("fact", fact.column), fact.names) for fact in self.facts]
        named.append((IGNORED, self.ignore))
        known: dict[str, Target] = {}
        for target, names in named:
            for words in map(fold, names):
                if known.setdefault(words, target) != target:
                    raise ValueError(f"two questions share the wording “{words}”")
        known.pop("", None)
        return known


def load_instruments(folder: Path) -> dict[str, Instrument]:
    """Read all instruments of a folder, by code; ``MendError`` names a malformed file."""
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            instrument = _instrument(read_yaml(path))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise MendError(
                "instrument",
                en=f"The questionnaire cannot be used: {type(error).__name__} {error}. Mend the file.",
                id_=f"Angket tidak dapat dipakai: {type(error).__name__} {error}. Perbaiki berkasnya.",
                file=path.name,
            ) from error
        found[instrument.code] = instrument
    return found


def _instrument(content: dict[str, Any]) -> Instrument:
    items = tuple(_item(item) for item in content["items"])
    if len({item.code for item in items}) < len(items):
        raise ValueError("two items share a code")
    labels = _labels(content.get("labels", {}))
    for item in items:
        steps = item.scale[1] - item.scale[0] + 1
        if any(len(words) != steps for words in item.labels.values()):
            raise ValueError(f"the labels of {item.code} are not as many as its scale has steps")
    instrument = Instrument(
        code=content["code"],
        version=str(content["version"]),
        dataset=content["dataset"],
        title_id=content["title"]["id"],
        title_en=content["title"]["en"],
        anonymous=bool(content["anonymous"]),
        questions=dict(content["questions"]),
        constants={key: str(value) for key, value in content.get("constants", {}).items()},
        items=items,
        facts=_facts(content),
        labels=labels,
        ignore=tuple(map(str, content.get("ignore", ()))),
    )
    asked = {fact.column for fact in instrument.facts} | instrument.constants.keys()
    if instrument.anonymous and (person := sorted(asked & set(PERSON_COLUMNS))):
        raise ValueError(f"an anonymous questionnaire takes no {person[0]}; list the question under ignore")
    instrument.wordings()
    _ = instrument.scale_words
    return instrument


def _item(content: dict[str, Any]) -> Item:
    return Item(
        code=content["code"],
        question=content["question"],
        scale=(int(content["scale"][0]), int(content["scale"][1])),
        subscale=content["subscale"],
        reversed=bool(content["reversed"]),
        wording_id=content["wording"]["id"],
        wording_en=content["wording"]["en"],
        variants=tuple(map(str, content.get("variants", ()))),
        labels=_labels(content.get("labels", {})),
    )


def _facts(content: dict[str, Any]) -> tuple[Fact, ...]:
    """Gather each column's names: its question codes, its own name, and its wordings."""
    names: dict[str, list[str]] = {}
    for question, column in content["questions"].items():
        names.setdefault(column, [column]).append(question)
    for fact in content.get("facts", ()):
        wording = fact.get("wording", {})
        names.setdefault(fact["column"], [fact["column"]]).extend(
            [*map(str, wording.values()), *map(str, fact.get("variants", ()))]
        )
    return tuple(Fact(column, tuple(known)) for column, known in names.items())


def _labels(content: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    labels = {language: tuple(words) for language, words in content.items()}
    if any(not isinstance(word, str) for words in labels.values() for word in words):
        raise ValueError("a label is not a text; put Yes, No, On and Off between quotation marks")
    return labels

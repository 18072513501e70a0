"""The draft of a form: its questions beside the items of the questionnaire that it most likely asks."""

from __future__ import annotations

from collections.abc import Sequence

from siklatih.drafting.text import Draft, Entry, made_draft, no_heading
from siklatih.drafting.words import answer_words, vocabulary_of
from siklatih.form_faults import item_names, nearest_instrument
from siklatih.forms import FormTable, asked_columns
from siklatih.instruments import Instrument, Target
from siklatih.sources.likeness import LIKE, USUAL, known_words, looks_like_heading, titles_known
from siklatih.sources.protocol import Catalogue
from siklatih.sources.values import column_letters
from siklatih.wording import collapse, fold, nearest, readings


def form_draft(table: FormTable, catalogue: Catalogue, code: str | None) -> Draft:
    """Draft the mapping of a form to a questionnaire, or to that which its questions come nearest to.

    Raises:
        MendError: its first line does not look like questions.
    """
    asked = [index for index in asked_columns(table) if index not in table.choices]
    headings = [table.headings[index] for index in asked]
    nearest_one = nearest_instrument(headings, catalogue.instruments)
    if nearest_one is None or not asked:
        raise no_heading()
    instrument = catalogue.instruments[code] if code is not None else nearest_one
    if not table.own and not _are_questions(headings, instrument, catalogue):
        raise no_heading()
    entries, items = _entries(table, asked, instrument)
    facts = ", ".join(f"{{fact: {fact.column}}}" for fact in instrument.facts)
    asks = ", ".join(f"{item.code} ({item.wording_id})" for item in instrument.items)
    words = answer_words(table, instrument, items, vocabulary_of(catalogue))
    scales = [item.scale for item in instrument.items]
    steps = range(min(low for low, _ in scales), max(high for _, high in scales) + 1)
    return made_draft(
        "instrument",
        instrument.code,
        entries,
        {"": words} if words else {},
        comments=[f"butir / items of {instrument.code}: {asks}", f"dan / and {facts}"],
        choices={"": list(map(str, steps))},
    )


def _are_questions(headings: Sequence[str], instrument: Instrument, catalogue: Catalogue) -> bool:
    names = [name for item in instrument.items for name in item.names]
    names += [name for fact in instrument.facts for name in fact.names] + list(instrument.ignore)
    known = known_words(names) | known_words(USUAL) | titles_known(catalogue.contracts)
    return looks_like_heading(headings, known, enough=1)


def _entries(
    table: FormTable, asked: Sequence[int], instrument: Instrument
) -> tuple[list[Entry], dict[int, str]]:
    """Return an entry a question, and the columns that are or may be an item's, with its code."""
    wordings, names = instrument.wordings(), item_names(instrument)
    entries: list[Entry] = []
    items: dict[int, str] = {}
    taken: set[Target] = set()
    for index in asked:
        letters, title = column_letters(index), collapse(table.headings[index])
        target = next((wordings[words] for words in readings(title) if words in wordings), None)
        if target is not None and (target.kind == "ignore" or target not in taken):
            taken.add(target)
            what = "ignore" if target.kind == "ignore" else f"{{{target.kind}: {target.name}}}"
            entries.append(Entry(letters, title, what))
            item = target.name if target.kind == "item" else None
        else:
            likeness, found = nearest(fold(title), names)
            item = found if likeness >= LIKE else None
            entries.append(Entry(letters, title, None, f"{{item: {found}}}", likeness))
        if item is not None:
            items[index] = item
    return entries, items

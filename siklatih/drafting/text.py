"""A draft mapping as YAML: what is settled, what is open, and how near the nearest is."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from siklatih.errors import MendError
from siklatih.identity import without_identifiers
from siklatih.mappings import OPEN
from siklatih.sources.likeness import LIKE

_PRIVATE = re.compile(r"@|\d{6}")


@dataclass(frozen=True)
class Entry:
    """A title of the file: what it stands for, or None with what comes nearest.

    Args:
        letters: the column as a spreadsheet names it.
        title: the title as it stands in the file.
        settled: what it stands for, in the words of a mapping.
        near: what comes nearest, whether it is meant or not.
        likeness: how near that is, 0 to 1.
    """

    letters: str
    title: str
    settled: str | None
    near: str | None = None
    likeness: float = 0.0

    @property
    def is_likely(self) -> bool:
        """Tell whether the nearest may well be meant."""
        return self.likeness >= LIKE


@dataclass(frozen=True)
class Draft:
    """A mapping as YAML, with how much of it is still open. ``name``: the dataset or questionnaire."""

    code: str
    name: str
    text: str
    headings: int
    open_headings: int
    open_words: int


def is_private(text: str) -> bool:
    """Tell whether a text may hold somebody's number or address; such a text is not written."""
    return _PRIVATE.search(text) is not None or without_identifiers(text) != text


def no_heading() -> MendError:
    """Say that nothing is copied into a draft, for the first row may hold people."""
    return MendError(
        "no_heading",
        en="No row of this file looks like a heading, so nothing of it is copied into a draft. Write a "
        "heading above the data, or say its row with --heading.",
        id_="Tidak ada baris yang tampak seperti judul kolom, jadi isinya tidak disalin ke draf. Tulis "
        "judul kolom di atas data, atau sebut nomor barisnya dengan --heading.",
    )


def made_draft(
    key: str,
    name: str,
    entries: Sequence[Entry],
    words: Mapping[str, Mapping[str, str | None]],
    *,
    comments: Sequence[str],
    choices: Mapping[str, Sequence[str]],
) -> Draft:
    """Return the draft.

    Args:
        key: ``dataset`` or ``instrument``, and ``name`` which.
        words: column -> words of its cells -> the code, None where open; under "" the answers of a form.
        comments: lines that help to decide.
        choices: the codes that a column (or under "" an answer) may have.
    """
    shown = {entry.title.casefold(): entry for entry in reversed(entries) if not is_private(entry.title)}
    code = f"{name}_{hashlib.sha256(chr(10).join(sorted(shown)).encode()).hexdigest()[:6]}"
    lines = [
        f'# Draf `siklatih map`: ganti setiap "{OPEN}", lalu simpan di config/mappings sebagai .yaml.',
        f'# Draft of `siklatih map`: replace every "{OPEN}", then save it in config/mappings as .yaml.',
        *(f"# {comment}" for comment in comments),
        f"code: {code}",
        f"{key}: {name}",
        "headings:",
        *(_heading(entry, shown, choices) for entry in entries),
        *_words(words, choices),
        "# date_order: dmy    # atau / or mdy: bila berkas tidak menunjukkan / where the file cannot tell",
    ]
    if key == "dataset":
        lines.append("# others: ignore     # judul lain diabaikan / other titles are passed over")
    return Draft(
        code=code,
        name=name,
        text="\n".join(lines) + "\n",
        headings=len(entries),
        open_headings=sum(entry.settled is None for entry in shown.values()),
        open_words=sum(what is None for found in words.values() for what in found.values()),
    )


def _heading(entry: Entry, shown: Mapping[str, Entry], choices: Mapping[str, Sequence[str]]) -> str:
    place = f"kolom / column {entry.letters}"
    if is_private(entry.title):
        return (
            f"  # {place}: judul tidak disalin, bisa memuat data orang / not copied, it may tell of a person"
        )
    title = _quoted(entry.title)
    if shown[entry.title.casefold()] is not entry:
        return f"  # {place}: judul ganda / the title stands twice: {title}"
    if entry.settled is not None:
        return f"  {title}: {entry.settled}"
    near = f"{entry.near or '-'} ({round(100 * entry.likeness)} %)"
    if not entry.is_likely:
        return f'  {title}: "{OPEN}"  # {place}: ignore? terdekat / nearest {near}'
    codes = ", ".join(choices.get(entry.near or "", ()))
    return f'  {title}: "{OPEN}"  # {place}: mungkin / perhaps {near}{f", values: {codes}" if codes else ""}'


def _words(words: Mapping[str, Mapping[str, str | None]], choices: Mapping[str, Sequence[str]]) -> list[str]:
    lines: list[str] = []
    for column, found in words.items():
        if not found:
            continue
        if column:
            lines += [] if lines else ["values:"]
            lines.append(f"  {column}:")
        else:
            lines.append("answers:")
        listed = ", ".join(choices.get(column, ()))
        for word, what in found.items():
            said = _quoted(what) if what is not None else f'"{OPEN}"  # pilihan / choices: {listed}'
            lines.append(f"{'    ' if column else '  '}{_quoted(word)}: {said}")
    return lines


def _quoted(text: str) -> str:
    """Return a text as YAML between quotation marks, on one line whatever is in it."""
    inner = "".join(
        f"\\{mark}" if mark in '"\\' else mark if mark.isprintable() else f"\\U{ord(mark):08x}"
        for mark in text
    )
    return f'"{inner}"'

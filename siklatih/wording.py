"""The words of a heading: one folded form for the many ways in which tools write the same question."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher
from typing import TypeVar

_T = TypeVar("_T")

_TAG = re.compile(r"<[^<>]+>")
_NUMBERING = re.compile(
    r"^\s*(?:(?:q|p|no|nomor|soal|pertanyaan|question|butir)\b\.?\s*|[qp](?=\d))?"
    r"\d{1,3}(?:\.\d{1,2})*\s*(?:[.):\]](?!\d)|[-–—](?=\s))\s*(?=\S)",
    re.IGNORECASE,
)
_NO_WORD = re.compile(r"[\W_]+")
_MATRIX = re.compile(r"^(?P<stem>.*\S)\s*\[(?P<row>[^\[\]]+)\]\s*$", re.DOTALL)


def collapse(text: str) -> str:
    """Return the text with every run of white space, also the unbreakable kind, as one space."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def fold_title(text: str) -> str:
    """Return a title as it is compared: one space between words, no mark of being required, no case."""
    return " ".join(text.split()).rstrip("*").rstrip().casefold()


def fold(text: str) -> str:
    """Return the words alone: no case, tags, numbering in front, punctuation, or unusual spaces."""
    plain = collapse(_TAG.sub(" ", html.unescape(text)))
    return _NO_WORD.sub(" ", _NUMBERING.sub("", plain).casefold()).strip()


def nearest(words: str, known: Iterable[tuple[str, _T]]) -> tuple[float, _T | None]:
    """Return how like (0 to 1) the nearest known text is, and what it stands for; the first of equals.

    Args:
        words: a text as ``fold`` gives it; no more than 300 characters of it count.
        known: texts in the same form, each with what it stands for.
    """
    best: tuple[float, _T | None] = (0.0, None)
    matcher = SequenceMatcher(None, autojunk=False)
    matcher.set_seq2(words[:300])
    for text, meaning in known:
        matcher.set_seq1(text[:300])
        # both are upper bounds, and cost far less than the ratio itself
        if matcher.real_quick_ratio() > best[0] and matcher.quick_ratio() > best[0]:
            ratio = matcher.ratio()
            if ratio > best[0]:
                best = ratio, meaning
    return best


def matrix_row(heading: str) -> str | None:
    """Return the row of ``Stem [Row]``; None for a heading of another form."""
    found = _MATRIX.match(heading)
    return found["row"] if found else None


def readings(heading: str) -> list[str]:
    """Return the folded ways to read a heading, from the whole to the barest.

    A matrix ``Stem [Row]`` may stand for its row, ``Group/Question`` for its question. A group joined by
    ``-`` is taken off technical names only, for a wording may hold a dash of its own.
    """
    whole = [heading]
    separators = "/" if any(mark.isspace() for mark in heading.strip()) else "/-"
    whole += [heading[at + 1 :] for at, mark in enumerate(heading) if mark in separators]
    found: list[str] = []
    for text in whole:
        row = matrix_row(text)
        for words in (fold(text), fold(row) if row else ""):
            if words and words not in found:
                found.append(words)
    return found

"""How much two names are alike, the way people write them: titles, word order, initials, a letter or two.

It only serves to propose: nothing is decided by it. Names are compared word by word. A word counts as the
same if it is spelled almost alike, an initial as a part of the word it may stand for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher

LIKE = 0.8  # of all letters of both names, the share that must have their like in the other
WORD_LIKE = 0.7  # two words spelled otherwise are the same word from here on
INITIAL = 0.75  # how much of a word its initial counts for
_TITLES = frozenset(
    {
        "dr", "drs", "dra", "drg", "drh", "ir", "prof", "h", "hj", "ns", "apt", "sst", "sstp", "stp", "amd",
        "amk", "bsc", "bba", "ba", "ma", "mba", "mm", "mh", "mt", "se", "sh", "st", "skm", "phd", "cpa",
        "llm", "pak", "bapak", "bu", "ibu", "sdr", "sdri",
    }
)  # fmt: skip
_FIELDS = frozenset(
    {
        "kom", "pd", "pdi", "pdk", "pdsd", "sos", "sosi", "e", "ei", "ekon", "h", "hi", "hum", "t", "tp", "p",
        "pi", "pt", "hut", "kel", "si", "sit", "sc", "kes", "keb", "kep", "gz", "ked", "km", "ak", "akt",
        "ag", "ip", "ikom", "ap", "an", "ab", "psi", "par", "tr", "trip", "trkes", "trkeb", "sn", "ds",
        "ars", "farm", "fil", "th", "kn", "ling", "eng", "ec", "mat", "log", "stat",
    }
)  # fmt: skip
_DEGREES = _TITLES | {
    start + field for start in ("s", "m", "d", "a", "am", "sp") for field in _FIELDS if len(field) > 1
}
_HAJI = "h"  # before a name; behind one it may be somebody's initial
_SHORT = {
    **dict.fromkeys(
        ("m", "moh", "muh", "mohd", "muhd", "moch", "much", "muhamad", "mohammad", "mohamad", "mochamad",
         "mochammad", "muchammad"),
        "muhammad",
    ),
    "abd": "abdul",
}  # fmt: skip
_WORD = re.compile(r"[a-z'`’]+")


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name in small letters, without titles, degrees, digits and punctuation."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(mark for mark in plain if not unicodedata.combining(mark))
    # what is dotted without a space is one word: S.Kom, M.M., A.Md.Kep
    chunks = re.split(r"[\s,;/_()\-|]+", re.sub(r"\b([smda])\. (?=(?:\w{2,5})\b\.?)", _closed, plain))
    found: list[str] = []
    for chunk in chunks:
        letters = "".join(_WORD.findall(chunk))
        if not letters or (letters in _DEGREES and not (letters == _HAJI and found)):
            continue
        parts = chunk.split(".")
        if len(parts) > 2 or (len(parts) == 2 and all(parts)):  # A.Yani, M.Rizki, R.A.
            found += [word for part in parts if (word := "".join(_WORD.findall(part)))]
        else:
            found.append(letters)
    return tuple(_SHORT.get(re.sub(r"['`’]", "", word), re.sub(r"['`’]", "", word)) for word in found)


def _closed(found: re.Match[str]) -> str:
    """Close the gap of a degree such as “S. Kom.”, not that of an initial such as “M. Rizki”."""
    following = found.string[found.end() :]
    field = re.match(r"\w+", following)
    return f"{found[1]}." if field and field[0] in _FIELDS else found[0]


def likeness(one: str, other: str) -> float:
    """Return how much two names are alike, from 0 to 1 (the same words in whatever order)."""
    return words_likeness(words_of(one), words_of(other))


def words_likeness(one: Sequence[str], other: Sequence[str]) -> float:
    """The same for names already taken apart by ``words_of``."""
    if not one or not other:
        return 0.0
    if "".join(one) == "".join(other):  # Nur Haliza, Nurhaliza
        return 1.0
    one, other = sorted((tuple(one), tuple(other)))  # so that ties are broken the same way from either side
    pairs = sorted(
        ((-_word_likeness(a, b), i, j) for i, a in enumerate(one) for j, b in enumerate(other)),
    )
    left, right = set(range(len(one))), set(range(len(other)))
    same = total = 0.0
    whole = False
    for negative, i, j in pairs:
        if i not in left or j not in right or not negative:
            continue
        left.discard(i)
        right.discard(j)
        length = max(len(one[i]), len(other[j]))
        same += -negative * 2 * length
        total += 2 * length
        whole = whole or min(len(one[i]), len(other[j])) > 1
    if not whole:
        return 0.0  # initials alone are nobody's name
    total += sum(len(one[i]) for i in left) + sum(len(other[j]) for j in right)
    return same / total


def _word_likeness(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if min(len(one), len(other)) == 1:
        return INITIAL if one[0] == other[0] else 0.0
    found = SequenceMatcher(None, min(one, other), max(one, other), autojunk=False).ratio()
    return found if found >= WORD_LIKE else 0.0

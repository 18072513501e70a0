"""Scores written with the highest score behind them, such as ``28,50 / 30``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from siklatih.contracts import Column
from siklatih.sources.values import canonical

PAIR = ("score", "max_score")  # the columns of a score and its highest
_OUT_OF = re.compile(r"(\d+(?:[.,]\d+)?)\s*/\s*(\d+(?:[.,]\d+)?)")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def without_highest(
    column: Column, scores: Sequence[str | None], highest: Sequence[str | None]
) -> list[str | None]:
    """Return the scores alone where what stands behind them is the row's own highest score.

    One that says another stays as it is, for the contract to put aside: nobody knows which is true.
    """
    if not any("/" in score for score in set(scores) if score):
        return list(scores)
    return [_alone(column, score, most) for score, most in zip(scores, highest, strict=True)]


def _alone(column: Column, score: str | None, highest: str | None) -> str | None:
    found = _OUT_OF.fullmatch(score or "")
    if found is None or not _NUMBER.fullmatch(highest or ""):
        return score
    own, behind = (canonical(column, number) or "" for number in found.groups())
    if not (_NUMBER.fullmatch(own) and _NUMBER.fullmatch(behind)):
        return score
    return own if Decimal(behind) == Decimal(highest or "") else score

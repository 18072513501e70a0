"""The field's vectors, real data with the figures of other programs, and sums of them as SQL would give."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from siklatih.moments import Moments, PairMoments, moments, pair_moments


def vector(shared: Path, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Input and expected values of one vector."""
    found = json.loads((shared / "domain" / "vectors.json").read_text(encoding="utf-8"))
    (one,) = [case for case in found if case["id"] == name]
    return one["input"], one["expected"]


def figures(shared: Path, name: str) -> dict[str, Any]:
    """What R computes from one of the real data files."""
    return json.loads((shared / "data" / "expected.json").read_text(encoding="utf-8"))["values"][name]


def rows(shared: Path, name: str) -> list[dict[str, str]]:
    """The rows of one of the real data files."""
    with (shared / "data" / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def decimals(values: Sequence[object]) -> list[Decimal]:
    return [Decimal(str(value)) for value in values]


def sums(values: Sequence[object]) -> tuple[int, Decimal, Decimal]:
    cells = decimals(values)
    return len(cells), sum_of(cells), sum_of([v * v for v in cells])


def sum_of(values: Sequence[Decimal]) -> Decimal:
    return sum(values, Decimal(0))


def pair_sums(pre: Sequence[object], post: Sequence[object]) -> tuple[Any, ...]:
    _, x, xx = sums(pre)
    n, y, yy = sums(post)
    return n, x, xx, y, yy, sum_of([a * b for a, b in zip(decimals(pre), decimals(post), strict=True)])


def stacked(slices: Sequence[tuple[Any, ...]]) -> tuple[np.ndarray, ...]:
    """Sums of slices, each component an array over the slices."""
    return tuple(np.array(cells, dtype=object) for cells in zip(*slices, strict=True))


def moments_of(values: Sequence[object]) -> Moments:
    return moments(*sums(values))


def pairs_of(pre: Sequence[object], post: Sequence[object]) -> PairMoments:
    return pair_moments(*pair_sums(pre, post))

"""Arithmetic of many slices at once: arrays in, arrays out, NaN where a slice has no answer."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Numbers = npt.ArrayLike


def floats(values: Numbers) -> Array:
    """Return the values as floats; ``None`` and what is masked out upstream come as NaN."""
    return np.asarray(values, dtype=float)


def quotient(above: Numbers, below: Numbers) -> Array:
    """Divide; NaN, not infinity, where ``below`` is 0."""
    a, b = floats(above), floats(below)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(b == 0, np.nan, a / np.where(b == 0, np.nan, b))


def root(values: Numbers) -> Array:
    """Square root; NaN where negative."""
    found = floats(values)
    return np.sqrt(np.where(found < 0, np.nan, found))

"""The shared vectors, and real data with the results of other programs."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any


def vector(shared: Path, name: str) -> tuple[dict[str, Any], dict[str, Any], float]:
    """Input, expected values and tolerance of one vector."""
    vectors = json.loads((shared / "domain" / "vectors.json").read_text(encoding="utf-8"))
    found = next(each for each in vectors if each["id"] == name)
    return found["input"], found["expected"], found["tol"]


def results(shared: Path, name: str) -> dict[str, Any]:
    """What other programs computed from one data set."""
    return json.loads((shared / "data" / "expected.json").read_text(encoding="utf-8"))["values"][name]


def table(shared: Path, name: str) -> list[dict[str, str]]:
    """Rows of one data set, as written."""
    with (shared / "data" / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))

"""YAML as the agency's configuration is written in, read by PyYAML's safe loader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

# With the pure Python loader 25 contracts take a second; the C loader is part of PyYAML's wheels.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse_yaml(text: str | bytes) -> Any:
    """Return what a text of YAML holds; ``yaml.YAMLError`` if it is none."""
    return yaml.load(text, Loader=LOADER)  # noqa: S506  (a safe loader, in C)


def read_yaml(path: Path) -> Any:
    """Return what a YAML file in UTF-8 holds; ``yaml.YAMLError`` if it is none."""
    return parse_yaml(path.read_text(encoding="utf-8"))

"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def shared() -> Path:
    """The shared samples and data: set, they must be there; absent, the test skips with a reason."""
    named = os.environ.get("SIKLATIH_SHARED")
    place = Path(named) if named else ROOT.parent / "shared"
    if not place.is_dir():
        if named:
            pytest.fail(f"SIKLATIH_SHARED is set, but {place} is not a folder")
        pytest.skip("no shared data: set SIKLATIH_SHARED")
    return place

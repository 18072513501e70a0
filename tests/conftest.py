"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cities import Built, City, make_city, run_city

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


@pytest.fixture(scope="session")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """A small demo city, seed 1."""
    return make_city(tmp_path_factory.mktemp("city"))


@pytest.fixture(scope="session")
def built(city: City, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The small city, ingested and built."""
    return run_city(city, tmp_path_factory.mktemp("built") / "state")

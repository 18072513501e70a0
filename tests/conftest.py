"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from cities import Built, City, make_city, run_city
from mail_offices import Office, open_office
from mail_servers import Dovecot, Smtp, dovecot, smtp_server

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


@pytest.fixture(scope="module")
def imap() -> Iterator[Dovecot]:
    """A running IMAP server."""
    with dovecot() as running:
        yield running


@pytest.fixture(scope="module")
def smtp(imap: Dovecot) -> Iterator[Smtp]:
    """A running SMTP server, with the IMAP server's certificate."""
    with smtp_server(imap.certificate) as running:
        yield running


@pytest.fixture
def office(imap: Dovecot, smtp: Smtp, tmp_path: Path) -> Office:
    """An agency with an empty mailbox at these servers."""
    return open_office(imap, smtp, tmp_path)

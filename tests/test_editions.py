"""Editions are frozen and numbered; messages are written once, dated and the same every time."""

from __future__ import annotations

import email
import hashlib
import json
import shutil
from datetime import timedelta
from email.policy import default
from pathlib import Path

import pytest
from cities import CYCLE, NOW, Built

from siklatih.compose import Composed, compose_edition
from siklatih.ledger import Ledger
from siklatih.state import State


@pytest.fixture
def home(built: Built, tmp_path: Path) -> Path:
    place = tmp_path / "state"
    shutil.copytree(built.state.home, place)
    return place


def compose(built: Built, home: Path, *, inputs: str = "a", run: int = 1) -> Composed:
    state = State(home)
    ledger = Ledger(state.ledger)
    try:
        with state.lock():
            return compose_edition(
                state,
                ledger,
                built.settings,
                cycle=CYCLE,
                warehouse=state.warehouse(),
                inputs_sha=inputs,
                now=NOW + timedelta(days=run),
                run_id=f"run-{run}",
            )
    finally:
        ledger.close()


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_manifest_holds_the_hash_of_every_file_and_no_clock(built: Built, home: Path) -> None:
    composed = compose(built, home)
    manifest = json.loads((composed.folder / "manifest.json").read_text(encoding="utf-8"))
    files = {name: content for name, content in contents(composed.folder).items() if name != "manifest.json"}
    assert manifest["files"] == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    assert manifest["edition"] == 1
    assert not [
        value for value in manifest.values() if "run-1" in str(value) or str(NOW.year) + "-1" in str(value)
    ]


def test_the_same_inputs_never_make_a_second_edition(built: Built, home: Path) -> None:
    first = compose(built, home, run=1)
    before = contents(first.folder), contents(first.preview_folder)
    second = compose(built, home, run=2)
    assert (first.is_new, second.is_new, second.number) == (True, False, 1)
    assert (contents(first.folder), contents(first.preview_folder)) == before
    ledger = Ledger(State(home).ledger)
    assert len(ledger.editions(str(CYCLE))) == 1
    assert len(ledger.deliveries(str(CYCLE))) == 2
    ledger.close()


def test_other_inputs_make_the_next_edition_and_leave_the_old_one(built: Built, home: Path) -> None:
    first = compose(built, home)
    before = contents(first.folder)
    second = compose(built, home, inputs="b", run=2)
    assert (second.number, second.is_new) == (2, True)
    assert contents(first.folder) == before
    third = compose(built, home, run=3)  # as in the first run: the edition is there already
    assert (third.number, third.is_new) == (1, False)
    assert b"edisi 2" in (second.folder / "leaders.html").read_bytes()


@pytest.mark.slow
def test_an_edition_put_in_place_but_not_yet_in_the_ledger_is_adopted(built: Built, home: Path) -> None:
    """A run killed between rename and ledger row."""
    first = compose(built, home)
    kept = contents(first.folder)
    shutil.copy2(built.state.ledger, State(home).ledger)  # as it was before
    again = compose(built, home, run=2)
    assert (again.number, again.is_new) == (1, False)
    assert contents(again.folder) == kept


def test_a_message_has_alternatives_and_the_editions_pdf(built: Built, home: Path) -> None:
    composed = compose(built, home)
    pdf = (composed.folder / "leaders.pdf").read_bytes()
    paths = sorted(composed.preview_folder.glob("*.eml"))
    assert len(paths) == composed.previews == 2
    ids = set()
    for path in paths:
        message = email.message_from_bytes(path.read_bytes(), policy=default)
        ids.add(message["Message-ID"])
        assert message.get_content_type() == "multipart/mixed"
        assert [part.get_content_type() for part in message.iter_parts()] == [
            "multipart/alternative",
            "application/pdf",
        ]
        assert next(message.iter_attachments()).get_content() == pdf
        body, html = message.get_body(("plain",)), message.get_body(("html",))
        assert body is not None
        assert html is not None
        assert "Yth." in body.get_content()
        assert "<h1" in html.get_content()
        assert max(len(line) for line in path.read_bytes().split(b"\r\n")) <= 998
    assert len(ids) == 2


def test_a_recipient_without_an_address_is_counted_and_the_others_get_theirs(
    built: Built, home: Path
) -> None:
    next(State(home).home.glob("vault*")).unlink()
    composed = compose(built, home)
    assert composed.previews == 0
    assert list(composed.preview_folder.glob("*.eml")) == []

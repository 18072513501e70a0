"""Landing, its receipts, the lock and the vault: nothing is lost or counted twice."""

import hashlib
import os
import subprocess
import sys
from datetime import datetime
from types import SimpleNamespace

import pytest

from siklatih import landing
from siklatih.errors import MendError, PassingError
from siklatih.landing import given_name, land_inbox, original
from siklatih.ledger import Ledger
from siklatih.settings import Settings
from siklatih.state import State
from siklatih.vault import Vault

NOW = datetime(2026, 10, 15, 5, 0)  # noqa: DTZ001  (naive UTC, as the ledger keeps it)
LATER = datetime(2026, 10, 16, 5, 0)  # noqa: DTZ001


@pytest.fixture
def state(tmp_path):
    state = State(tmp_path / "state")
    state.prepare("k1")
    return state


@pytest.fixture
def ledger(state):
    ledger = Ledger(state.ledger)
    yield ledger
    ledger.close()


def put(state, name, content, mtime):
    path = state.inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (mtime, mtime))
    return path


def land(state, ledger, now=NOW):
    with state.lock():
        return land_inbox(state, ledger, now=now, run_id="r1")


def test_the_same_bytes_twice_are_one_file_with_the_earliest_time(state, ledger):
    put(state, "2026Q3/opd/b.csv", b"x", 2_000_000)
    put(state, "2026Q3/opd/a.csv", b"x", 1_000_000)
    report = land(state, ledger)
    receipts = ledger.receipts()
    assert (report.seen, report.new, len(receipts)) == (2, 1, 1)
    assert original(state, receipts[0].file_sha).read_bytes() == b"x"
    assert receipts[0].modified_at == datetime(1970, 1, 12, 13, 46, 40)  # noqa: DTZ001
    assert given_name(state, receipts[0].file_sha) == "a.csv"


def test_a_second_landing_hashes_nothing_and_forgets_nothing(state, ledger):
    path = put(state, "2026Q3/opd/a.csv", b"x", 1_000_000)
    assert land(state, ledger).hashed == 1
    again = land(state, ledger)
    assert (again.hashed, again.new) == (0, 0)
    path.unlink()  # the inbox is a mailbox only
    assert land(state, ledger).seen == 0
    assert len(ledger.receipts()) == 1


def test_as_of_sees_what_had_been_received_by_then(state, ledger):
    put(state, "2026Q3/opd/a.csv", b"x", 1_000_000)
    land(state, ledger, NOW)
    put(state, "2026Q3/opd/b.csv", b"y", 1_000_000)
    land(state, ledger, LATER)
    assert (len(ledger.receipts(as_of=NOW)), len(ledger.receipts())) == (1, 2)


def test_excels_own_lock_files_do_not_land(state, ledger):
    put(state, "2026Q3/opd/~$a.xlsx", b"x", 1_000_000)
    assert land(state, ledger).seen == 0


def test_a_file_written_to_while_it_is_copied_waits_and_lands_whole_later(state, ledger, monkeypatch):
    """Its time may lie long ago, as with tools that keep it: only the change itself tells."""
    path = put(state, "2026Q3/opd/a.csv", b"half", 1_000_000)

    def digest_of_a_slow_copy():
        monkeypatch.undo()
        put(state, "2026Q3/opd/a.csv", b"half and the other", 1_000_000)
        return hashlib.sha256()

    monkeypatch.setattr(
        landing,
        "hashlib",
        SimpleNamespace(sha256=lambda *some: hashlib.sha256(*some) if some else digest_of_a_slow_copy()),
    )
    first = land(state, ledger)
    assert (first.seen, first.new, first.hashed, first.unsettled) == (1, 0, 0, 1)
    assert ledger.receipts() == []
    assert not [item for item in state.landing.rglob("*") if item.is_file()]
    later = land(state, ledger, LATER)
    assert (later.new, later.unsettled) == (1, 0)
    assert original(state, ledger.receipts()[0].file_sha).read_bytes() == path.read_bytes()


def test_the_ledger_does_not_hold_the_files_name(state, ledger):
    put(state, "2026Q3/opd/nilai Sekar Wulandari.csv", b"x", 1_000_000)
    land(state, ledger)
    ledger.close()
    assert b"Sekar" not in state.ledger.read_bytes()


def test_only_one_process_writes_and_a_dead_one_frees_the_lock(state):
    code = (
        "import sys, os; from pathlib import Path; from siklatih.state import State\n"
        "with State(Path(sys.argv[1])).lock():\n"
        "    print('held', flush=True); sys.stdin.readline(); os._exit(9)"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(state.home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout.readline() == "held\n"
    with pytest.raises(PassingError), state.lock():
        pass
    other.communicate("go\n")
    with state.lock():
        assert state.scratch.is_dir()


def test_another_key_is_refused_for_an_old_state(state):
    with pytest.raises(MendError, match="key_changed"):
        state.prepare("k2")


def test_a_production_run_without_a_key_stops(tmp_path):
    settings = Settings(home=tmp_path, pseudonym_key=None, demo_seed=None, _env_file=None)
    with pytest.raises(MendError, match="SIKLATIH_PSEUDONYM_KEY"):
        settings.secret("pseudonym")
    with pytest.raises(MendError, match="key_missing"):
        Settings(home=tmp_path, vault_key="short", _env_file=None).secret("vault")


def test_the_demo_has_two_different_keys_from_its_seed(tmp_path):
    settings = Settings(home=tmp_path, demo_seed=1, _env_file=None)
    other = Settings(home=tmp_path, demo_seed=2, _env_file=None)
    assert settings.secret("pseudonym") == settings.secret("pseudonym")
    assert len({settings.secret("pseudonym"), settings.secret("vault"), other.secret("vault")}) == 3


def test_the_vault_is_sealed_and_opens_with_its_own_key_only(tmp_path):
    path = tmp_path / "vault.sqlite"
    vault = Vault(path, b"one")
    vault.keep({"p1": "sekda@example.org"})
    vault.keep({"p1": "sekda@example.org"})
    assert vault.open("p1") == "sekda@example.org"
    assert vault.open("p2") is None
    vault.close()
    assert b"example.org" not in path.read_bytes()
    with pytest.raises(MendError, match="vault_key"):
        Vault(path, b"two").open("p1")


@pytest.mark.parametrize("order", [("BUDI CONTOH", "Budi Contoh"), ("Budi Contoh", "BUDI CONTOH")])
def test_of_two_spellings_the_same_one_stays_whichever_came_first(tmp_path, order):
    vault = Vault(tmp_path / "vault.sqlite", b"one")
    for name in order:
        vault.keep({"p1": name, "p2": "Sari Contoh"})
    assert vault.open_all(["p1", "p2"]) == {"p1": "Budi Contoh", "p2": "Sari Contoh"}
    vault.close()


def test_a_file_that_cannot_be_opened_is_counted_and_the_others_land(state, ledger, monkeypatch):
    """Closed to us, or gone since it was listed; it is tried again the next time."""
    for name in ("a.csv", "b.csv", "c.csv"):
        path = state.inbox / "2026Q3" / "opd" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    closed = {"b.csv"}
    copy = landing._copy

    def sometimes(state, path, *facts):
        if path.name in closed:
            raise PermissionError(path.name)
        return copy(state, path, *facts)

    monkeypatch.setattr(landing, "_copy", sometimes)
    with state.lock():
        first = land_inbox(state, ledger, now=NOW, run_id="1")
        closed.clear()
        second = land_inbox(state, ledger, now=LATER, run_id="2")
    assert (first.seen, first.new, first.unreadable) == (3, 2, 1)
    assert (second.new, second.unreadable) == (1, 0)

"""A run killed at any moment leaves a state from which the next run gives the same result."""

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import datetime

import pytest

from siklatih.build import table_hashes
from siklatih.landing import land_inbox
from siklatih.ledger import Ledger
from siklatih.settings import CHECKOUT
from siklatih.state import State

pytestmark = pytest.mark.slow
NOW = datetime(2026, 10, 15, 5, 0)  # noqa: DTZ001
LAND = """
import sys
from datetime import datetime
from pathlib import Path
from siklatih.build import table_hashes
from siklatih.landing import land_inbox
from siklatih.ledger import Ledger
from siklatih.settings import CHECKOUT
from siklatih.state import State
state = State(Path(sys.argv[1])); ledger = Ledger(state.ledger)
print("ready", flush=True)
with state.lock():
    land_inbox(state, ledger, now=datetime(2026, 10, 15, 5, 0), run_id="killed")
"""


def test_killed_landings_lose_nothing_and_double_nothing(tmp_path):
    chance = random.Random(20261015)
    state = State(tmp_path / "state")
    state.prepare("k")
    contents = [chance.randbytes(20_000) for _ in range(150)]
    for number, content in enumerate(contents):
        path = state.inbox / "2026Q3" / "opd" / f"{number}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    killed = 0
    for _ in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", LAND, str(state.home)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0.01, 0.25))
        os.kill(process.pid, signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL
    assert killed > 0
    ledger = Ledger(state.ledger)
    with state.lock():
        land_inbox(state, ledger, now=NOW, run_id="last")
    wanted = sorted(hashlib.sha256(content).hexdigest() for content in contents)
    assert [receipt.file_sha for receipt in ledger.receipts()] == wanted
    for file_sha in wanted:
        landed = (state.landing / file_sha[:2] / file_sha).read_bytes()
        assert hashlib.sha256(landed).hexdigest() == file_sha
    ledger.close()


CYCLE_RUN = """
import sys
from datetime import datetime
from pathlib import Path
from siklatih.build import build
from siklatih.compose import compose_edition
from siklatih.cycle import Cycle
from siklatih.ingest import ingest
from siklatih.ledger import Ledger
from siklatih.settings import CHECKOUT
from siklatih.settings import Settings
from siklatih.state import State
home = Path(sys.argv[1]); now = datetime(2026, 10, 15, 5, 0); cycle = Cycle.parse("2026Q3")
state, settings = State(home), Settings(home=home, demo_seed=1)
with state.lock():
    ledger = Ledger(state.ledger)
    print("ready", flush=True)
    ingest(state, ledger, settings, now=now, run_id=sys.argv[2])
    built = build(state, ledger, settings, cycle=cycle)
    compose_edition(state, ledger, settings, cycle=cycle, warehouse=built.warehouse,
                    inputs_sha=built.inputs_sha, now=now, run_id=sys.argv[2])
print("done", flush=True)
"""


def start(home, run_id):
    process = subprocess.Popen(
        [sys.executable, "-c", CYCLE_RUN, str(home), run_id],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout.readline() == "ready\n"
    return process


def edition_of(home):
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted((home / "editions" / "2026Q3").rglob("*"))
        if path.is_file()
    }


@pytest.mark.timeout(900)
def test_a_cycle_killed_at_any_moment_ends_the_same_when_it_is_run_again(city, tmp_path):
    """Kill it in every stage, run it to the end, and compare with a run nobody disturbed."""
    quiet, killed = tmp_path / "quiet", tmp_path / "killed"
    for home in (quiet, killed):
        shutil.copytree(city.inbox, home / "inbox", copy_function=shutil.copy2)
    began = time.monotonic()
    process = start(quiet, "quiet")
    assert process.communicate()[0].strip() == "done"
    length = time.monotonic() - began
    kills = 0
    for part in range(10):
        process = start(killed, f"killed-{part}")
        time.sleep(length * (part + 0.5) / 10)
        process.kill()
        kills += process.wait() == -signal.SIGKILL
    assert kills >= 5
    assert start(killed, "last").communicate()[0].strip() == "done"
    assert table_hashes(killed / "warehouse.duckdb") == table_hashes(quiet / "warehouse.duckdb")
    assert edition_of(killed) == edition_of(quiet)
    ledger = Ledger(State(killed).ledger)
    assert [edition.number for edition in ledger.editions("2026Q3")] == [1]
    assert len(ledger.deliveries("2026Q3")) == 2
    ledger.close()

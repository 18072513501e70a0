"""A run killed at any moment leaves a state from which the next run gives the same result."""

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from datetime import datetime

import pytest

from siklatih.landing import land_inbox
from siklatih.ledger import Ledger
from siklatih.state import State

pytestmark = pytest.mark.slow
NOW = datetime(2026, 10, 15, 5, 0)  # noqa: DTZ001
LAND = """
import sys
from datetime import datetime
from pathlib import Path
from siklatih.landing import land_inbox
from siklatih.ledger import Ledger
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

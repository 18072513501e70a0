"""The forms that file and withdraw a file, and the daily list of what waits, run by Prefect itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from desks import ADDRESSES, NAMES, ONE, Desk, master
from forms import REACTION, csv_bytes
from prefect.utilities.schema_tools.validation import validate

import flows
from flows.filing import file_received, withdraw_file
from siklatih.ledger import Ledger

pytestmark = pytest.mark.timeout(300)
BATCH = "P01-A1"
NAME = f"angket {NAMES[ONE]} {ONE} 08123456789.csv"

RUN = """
import json, sys
from prefect.client.orchestration import get_client
from flows.cli import patience
from flows.filing import file_received, withdraw_file
from flows.waiting import list_waiting

def waiting():
    with get_client(sync_client=True) as client:
        found = client.read_artifacts()
    return [(one.key, str(one.data)) for one in sorted(found, key=lambda one: one.created)]

with patience():
    list_waiting()
    first = waiting()
    sha, bad = sys.argv[1:]
    file_received(said={"file": " " + sha[:8].upper(), "batch": "P01-A1", "provider": "opd-12"})
    withdraw_file(said={"file": bad[:10], "reason": "salah kirim", "by": "pengelola data"})
    list_waiting()
    try:
        file_received(said={"file": "0" * 12, "batch": "P01-A1"})
    except Exception as error:
        refused = str(error)
    print("SAID " + json.dumps({"first": first, "all": waiting(), "refused": refused}))
"""


@dataclass(frozen=True)
class Told:
    """What the flows left: artifacts after the first list, all of them, and what a wrong form is answered."""

    desk: Desk
    sha: str
    bad: str
    said: dict[str, Any]
    log: str

    def waiting(self, which: str) -> list[str]:
        return [data for key, data in self.said[which] if key == "waiting"]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    place = tmp_path_factory.mktemp("filing_flow")
    desk = Desk(place / "state")
    desk.hand_in("bkpsdm/induk.xlsx", master({BATCH: (date(2026, 8, 3), date(2026, 8, 7))}))
    questions = [item.question for item in REACTION.items]
    heading = ["id", "submitdate", "lastpage", "startlanguage", "seed", *questions]
    cells = ["7", "2026-09-08 16:00:00", "2", "id", "1", *["A4"] * 10]  # two days after what still fits
    sha = desk.drop(f"survei/{NAME}", csv_bytes([heading, cells], delimiter=";", quoted=True))
    costs = (("batch_code", "cost_type", "funded_by", "planned_amount", "actual_amount"),)
    bad = desk.hand_in("opd-13/biaya.xlsx", {"costs": (*costs, [(BATCH, "travel", "budget", 5, -5)])})
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "SIKLATIH_"))
    }
    done = subprocess.run(
        [sys.executable, "-c", RUN, sha, bad],
        env=environment
        | {
            "PREFECT_HOME": str(place / "prefect"),
            "SIKLATIH_HOME": str(desk.home),
            "SIKLATIH_DEMO_SEED": "1",
        },
        cwd=Path(flows.__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    line = next(line for line in done.stdout.splitlines() if line.startswith("SAID "))
    return Told(desk, sha, bad, json.loads(line.removeprefix("SAID ")), done.stdout + done.stderr)


def test_the_list_names_what_waits_why_batches_are_near_and_what_to_do(told: Told) -> None:
    (listed,) = told.waiting("first")
    (row,) = [line for line in listed.splitlines() if line.startswith(f"| `{told.sha[:12]}`")]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    assert cells[1:5] == ["survei", "angket … NIP … csv", "responses", "10"]
    assert cells[5] == "tidak ada / none"
    assert "`file-received`" in listed
    assert "`siklatih file BERKAS --batch KODE`" in listed
    assert f"| `{told.bad[:12]}` | bkpsdm | 1 |" in listed
    assert "waiting to be mended: 1" in listed


def test_after_the_forms_nothing_waits_and_no_edition_was_composed(told: Told) -> None:
    _, listed = told.waiting("all")
    assert "unfiled: 0" in listed
    assert "mended: 0" in listed
    filed = told.desk.ask("select batch_code, how from quality.filings")
    assert filed == [(BATCH, "word")]
    provider = "select provider from quality.files where file_sha = ?"
    assert told.desk.ask(provider, told.sha) == [("opd-12",)]
    assert told.desk.fates(told.bad) == {"withdrawn": 1}
    assert not list(told.desk.state.editions.rglob("*.html"))


def test_what_the_forms_say_is_what_the_commands_would_keep(told: Told) -> None:
    ledger = Ledger(told.desk.state.ledger)
    try:
        (word,) = ledger.filings()
        (withdrawn,) = ledger.withdrawn().values()
    finally:
        ledger.close()
    assert (word.file_sha, word.batch_code, word.provider) == (told.sha, BATCH, "opd-12")
    assert (withdrawn.file_sha, withdrawn.reason, withdrawn.said_by) == (
        told.bad, "salah kirim", "pengelola data",
    )  # fmt: skip


def test_a_file_that_nobody_received_is_answered_and_not_tried_again(told: Told) -> None:
    assert told.said["refused"].startswith("[unknown_file] Tidak ada")
    assert "Retry" not in told.log


def test_nobody_is_named_in_an_artifact_or_a_log(told: Told) -> None:
    everything = told.log + "".join(data for _, data in told.said["all"])
    people = [*NAMES, *ADDRESSES.values(), *(part for name in NAMES.values() for part in name.split())]
    assert not [one for one in [*people, "08123456789"] if one in everything]


ANYBODY = {"file": "3f9a0c1d", "reason": "salah kirim", "by": "pengelola data"}


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        ({**ANYBODY, "reason": f"milik {ONE}"}, True),
        ({**ANYBODY, "reason": "milik 19800101 200604 1 001"}, True),
        ({**ANYBODY, "reason": f"kata {ADDRESSES[ONE]}"}, True),
        ({**ANYBODY, "reason": "  "}, True),
        ({**ANYBODY, "by": ADDRESSES[ONE]}, True),
        ({**ANYBODY, "file": "3f9"}, True),
        ({"file": "3f9a0c1d"}, True),
        (ANYBODY, False),
        ({**ANYBODY, "by": "", "reason": "data 2026Q1, dikirim 12-08-2026"}, False),
    ],
)
def test_the_server_refuses_a_person_in_the_form_before_it_keeps_it(
    form: dict[str, str], wrong: bool
) -> None:
    """Prefect keeps a run's parameters as they were typed, so they must be looked at before."""
    assert bool(validate({"said": form}, withdraw_file.parameters.model_dump())) is wrong


@pytest.mark.parametrize(
    ("form", "wrong"),
    [
        ({"batch": ONE}, True),
        ({"batch": "19800101-200604-1-001"}, True),
        ({"batch": "P01-19800101.200604.1.001"}, True),
        ({"provider": "19800101.200604.1.001"}, True),
        ({"provider": ADDRESSES[ONE]}, True),
        ({"batch": "20260803-A1"}, False),
        ({"provider": "Rangga Contoh"}, True),
        ({"batch": "P01-A1"}, False),
        ({}, False),
    ],
)
def test_codes_in_the_form_are_codes(form: dict[str, str], wrong: bool) -> None:
    given = {"said": {"file": "3f9a0c1d", **form}}
    assert bool(validate(given, file_received.parameters.model_dump())) is wrong


@pytest.mark.parametrize("flow", [file_received, withdraw_file])
def test_every_field_of_a_form_is_explained_in_indonesian_first(flow: Any) -> None:
    for model in flow.parameters.definitions.values():
        for name, fact in model["properties"].items():
            assert " / " in fact["title"], name
            assert " / " in fact["description"], name
            assert fact.get("examples") or fact["type"] == "boolean", name

"""The command line: what answers at once, what it says, and its exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from openpyxl import load_workbook

from siklatih.contracts import load_contracts
from siklatih.settings import CHECKOUT

HEAVY = ("prefect", "great_expectations", "pandas")
WATCHED = """
import sys
from flows.cli import main
try:
    code = main(sys.argv[1:])
except SystemExit as leaving:
    code = leaving.code
print("LOADED:", ",".join(name for name in {heavy!r} if name in sys.modules))
sys.exit(code)
"""


def command(
    *arguments: str, home: Path, seed: str | None = "1", watched: bool = False
) -> subprocess.CompletedProcess[str]:
    environment = {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PREFECT_", "SIKLATIH_"))
        },
        "SIKLATIH_HOME": str(home),
        "PREFECT_HOME": str(home.parent / "prefect"),
        **({"SIKLATIH_DEMO_SEED": seed} if seed else {}),
    }
    start = ["-c", WATCHED.format(heavy=HEAVY)] if watched else ["-m", "flows.cli"]
    return subprocess.run(
        [sys.executable, *start, *arguments],
        cwd=CHECKOUT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["run", "--help"], ["check", "--help"], ["status"], ["template", "units", "--to", "u.xlsx"]],
)
def test_these_answer_without_loading_anything_heavy(arguments: list[str], tmp_path: Path) -> None:
    arguments = [str(tmp_path / "u.xlsx") if argument == "u.xlsx" else argument for argument in arguments]
    done = command(*arguments, home=tmp_path / "state", watched=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().splitlines()[-1] == "LOADED:"


def test_the_watch_itself_sees_heavy_modules(tmp_path: Path) -> None:
    """Control: the module of a flow does load Prefect."""
    watched = f"import flows.quarterly, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", watched], cwd=CHECKOUT, capture_output=True, text=True, check=True
    )
    assert "prefect" in done.stdout


def test_help_names_every_command(tmp_path: Path) -> None:
    said = command("--help", home=tmp_path / "state").stdout
    assert all(name in said for name in ("demo", "run", "status", "template", "check"))


@pytest.mark.parametrize("dataset", sorted(load_contracts(CHECKOUT / "config" / "contracts")))
def test_template_of_every_dataset_opens(
    dataset: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.cli import main  # noqa: PLC0415

    place = tmp_path / "t.xlsx"
    monkeypatch.setenv("SIKLATIH_HOME", str(tmp_path))
    assert main(["template", dataset, "--to", str(place)]) == 0
    contract = load_contracts(CHECKOUT / "config" / "contracts")[dataset]
    assert load_workbook(place).sheetnames == [contract.title_id, "petunjuk", "meta"]


def test_an_unknown_dataset_is_answered_in_both_languages(tmp_path: Path) -> None:
    done = command("template", "salaries", home=tmp_path / "state")
    assert done.returncode == 1
    assert "Tidak ada set data" in done.stderr
    assert "There is no dataset" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_wrong_cycle_is_answered_without_a_traceback(tmp_path: Path) -> None:
    done = command("run", "2026-3", home=tmp_path / "state")
    assert done.returncode == 1
    assert "Siklus ditulis" in done.stderr
    assert "A cycle is written" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_run_without_a_key_stops_and_says_how_to_make_one(tmp_path: Path) -> None:
    done = command("run", "2026Q3", home=tmp_path / "state", seed=None)
    assert done.returncode == 1
    assert "SIKLATIH_PSEUDONYM_KEY" in done.stderr
    assert "belum ditetapkan" in done.stderr
    assert not (tmp_path / "state" / "warehouse.duckdb").exists()


def test_a_time_without_a_zone_is_refused(tmp_path: Path) -> None:
    done = command("run", "2026Q3", "--as-of", "2026-10-15T00:00", home=tmp_path / "state")
    assert done.returncode == 1
    assert "zona waktu" in done.stderr
    assert "time zone" in done.stderr


def test_wrong_usage_is_exit_two(tmp_path: Path) -> None:
    assert command("dance", home=tmp_path / "state").returncode == 2

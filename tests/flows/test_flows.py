"""Flows without a server, their entry points, and what is tried again and what is not."""

from __future__ import annotations

import asyncio
import dataclasses
import hashlib
import os
import shutil
import subprocess
import sys
import time
import typing
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from cities import CYCLE, NOW, Built
from prefect.exceptions import ScriptError
from prefect.flows import load_flow_from_entrypoint
from prefect.states import Completed, Failed
from prefect.utilities.schema_tools.validation import validate

import flows
import tasks
from siklatih.build import BuildReport, build
from siklatih.compose import Composed, compose_edition
from siklatih.cycle import Cycle
from siklatih.errors import MendError, PassingError
from siklatih.ingest import IngestReport
from siklatih.landing import LandingReport
from siklatih.ledger import Ledger
from siklatih.mail.answering import AnswerReport
from siklatih.mail.fetching import FetchReport
from siklatih.state import State
from tasks.filing import file_word, withdraw_word
from tasks.landing import ingest_files
from tasks.mail import answer_messages, fetch_messages
from tasks.reports import compose_reports
from tasks.retrying import RETRIES, may_pass
from tasks.warehouse import Built as BuiltNow
from tasks.warehouse import build_warehouse

pytestmark = pytest.mark.timeout(300)
EARLIER = Cycle.parse("2025Q4")
DURABLE = (
    ingest_files, build_warehouse, compose_reports, file_word, withdraw_word, fetch_messages, answer_messages,
)  # fmt: skip


def deployments(root: Path) -> list[dict[str, typing.Any]]:
    return list(yaml.safe_load((root / "prefect.yaml").read_text(encoding="utf-8"))["deployments"])


def test_every_entrypoint_loads_strictly_and_takes_its_parameters(root: Path) -> None:
    """Without the placeholder that Prefect makes when a file cannot be imported."""
    for deployment in deployments(root):
        file, _, name = deployment["entrypoint"].partition(":")
        flow = load_flow_from_entrypoint(f"{root / file}:{name}", use_placeholder_flow=False)
        assert flow.name == deployment["name"]
        form = {
            field: fact["examples"][0]
            for model in flow.parameters.definitions.values()
            for field, fact in model["properties"].items()
            if "examples" in fact
        }  # what a form asks has no default: its examples must do
        given = {"said": form} if form else deployment.get("parameters", {})
        flow.validate_parameters(given)
        assert validate(given, flow.parameters.model_dump()) == []


def test_strict_loading_is_what_sees_a_broken_flow(tmp_path: Path) -> None:
    """Control: Prefect's default takes a file that cannot be imported, and the run fails only later."""
    broken = tmp_path / "broken.py"
    broken.write_text(
        "from prefect import flow\nimport no_such_library\n@flow\ndef quarterly():\n    return 1\n"
    )
    assert load_flow_from_entrypoint(f"{broken}:quarterly").name == "quarterly"
    with pytest.raises(ScriptError):
        load_flow_from_entrypoint(f"{broken}:quarterly", use_placeholder_flow=False)


def test_no_file_of_ours_shadows_a_package(root: Path) -> None:
    """Prefect puts the flow file's folder first on the path: ``flows/tasks.py`` would hide ``tasks``."""
    own = {path.stem for folder in ("flows", "tasks") for path in (root / folder).glob("*.py")}
    own -= {"__init__"}
    libraries = {"tasks", "flows", "siklatih", "sql", "reports", "prefect", "duckdb", "pandas", "pydantic"}
    shadowing = own & (libraries | set(sys.stdlib_module_names))
    assert shadowing <= {
        "reports"
    }  # in tasks/, which is never put on the path; there is no package `reports`
    assert not {path.stem for path in (root / "flows").glob("*.py")} & {"reports", *shadowing}


def test_our_packages_are_ours(root: Path) -> None:
    assert Path(flows.__file__).parent == root / "flows"
    assert Path(tasks.__file__).parent == root / "tasks"


def test_types_of_parameters_are_checked(root: Path) -> None:
    flow = load_flow_from_entrypoint(
        f"{root / 'flows/quarterly.py'}:quarterly_cycle", use_placeholder_flow=False
    )
    with pytest.raises(Exception, match="as_of"):
        flow.validate_parameters({"as_of": "2026-10-15 00:00"})  # no time zone
    with pytest.raises(Exception, match="send"):
        flow.validate_parameters({"send": "perhaps"})


def test_tasks_give_counts_hashes_and_paths_only() -> None:
    allowed = (
        str, int, bool, Path, LandingReport, BuildReport, dict[str, str], tuple[str, ...],
        tuple[tuple[str, str], ...],
    )  # fmt: skip
    returned = {typing.get_type_hints(task.fn)["return"] for task in DURABLE}
    assert returned == {IngestReport, BuiltNow, Composed, FetchReport, AnswerReport, str}
    for report in (
        IngestReport, BuildReport, Composed, LandingReport, BuiltNow, FetchReport, AnswerReport,
    ):  # fmt: skip
        hints = typing.get_type_hints(report)
        assert {field.name for field in dataclasses.fields(report)} <= hints.keys()
        assert all(hints[field.name] in allowed for field in dataclasses.fields(report)), report


def test_nothing_durable_is_left_to_prefects_cache() -> None:
    for task in DURABLE:
        assert type(task.cache_policy).__name__ == "_None"
        assert task.retries == RETRIES
        assert task.retry_condition_fn is may_pass


def test_only_what_may_pass_is_tried_again() -> None:
    async def asked(error: Exception) -> bool:
        return await may_pass(None, None, Failed(data=error))

    assert asyncio.run(asked(PassingError("the lock is held"))) is True
    assert asyncio.run(asked(MendError("x", en="x", id_="x"))) is False
    assert asyncio.run(asked(ValueError("a fault of ours"))) is False
    assert asyncio.run(may_pass(None, None, Completed(data=1))) is False


def test_the_servers_start_is_given_time_unless_somebody_decided() -> None:
    """Making Prefect's database took 18 s on two idle cores; Prefect gives up after 20."""
    for given, expected in (({}, 180), ({"PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "33"}, 33)):
        said = subprocess.run(
            [sys.executable, "-c", PATIENCE],
            env=environment(Path("unused"), Path("unused")) | given,
            cwd=Path(flows.__file__).parent.parent,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        ).stdout
        assert said.split() == [str(expected), "True"]


PATIENCE = """
from flows.cli import patience
from prefect.settings import get_current_settings
with patience():
    now = get_current_settings().server.ephemeral
    print(now.startup_timeout_seconds, now.enabled)
"""


def environment(home: Path, prefect: Path) -> dict[str, str]:
    return {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PREFECT_", "SIKLATIH_"))
        },
        "PREFECT_HOME": str(prefect),
        "SIKLATIH_HOME": str(home),
        "SIKLATIH_DEMO_SEED": "1",
    }


def edition_of(home: Path, cycle: str) -> dict[str, str]:
    files = sorted((home / "editions" / cycle).rglob("*.*"))
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


@pytest.fixture(scope="module")
def prefect(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prefect's own folder, one for all runs here; the first makes its database."""
    return tmp_path_factory.mktemp("prefect")


def started(home: Path, prefect: Path, cycle: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "flows.cli", "run", cycle],
        env=environment(home, prefect),
        cwd=Path(flows.__file__).parent.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def read_until(process: subprocess.Popen[str], word: str, seconds: float) -> str:
    """Standard error up to a word."""
    seen, end = "", time.monotonic() + seconds
    assert process.stderr is not None
    while word not in seen and time.monotonic() < end:
        line = process.stderr.readline()
        if not line:
            break
        seen += line
    return seen


@dataclass(frozen=True)
class Run:
    """One run of the command, from start to end."""

    home: Path
    code: int
    out: str
    err: str


@pytest.fixture(scope="module")
def by_command(built: Built, prefect: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """``siklatih run`` with nothing started before; at first another writer, this process, has the lock."""
    home = tmp_path_factory.mktemp("by_command") / "state"
    shutil.copytree(built.state.home, home)
    with State(home).lock():
        process = started(home, prefect, "2026Q3")
        said = read_until(process, "Retry 1/", 200)
    out, err = process.communicate(timeout=200)
    return Run(home, process.returncode, out, said + err)


def test_the_cycle_runs_with_no_server_and_says_where_everything_is(by_command: Run) -> None:
    assert by_command.code == 0, by_command.err
    edition = by_command.home / "editions" / "2026Q3" / "1"
    previews = by_command.home / "outbox" / "preview" / "2026Q3" / "1"
    places = [line.split()[-1] for line in by_command.out.splitlines()]
    assert places == [
        str(edition / "leaders.html"),
        str(edition / "leaders.pdf"),
        str(previews),
        str(by_command.home / "returns" / "2026Q3" / "quarantine.csv"),
    ]
    assert all(Path(place).exists() for place in places)
    assert all((edition / name).stat().st_size > 10_000 for name in ("leaders.html", "leaders.pdf"))
    assert len(list(previews.glob("*.eml"))) == 2


def test_a_lock_held_by_another_process_is_waited_for(by_command: Run) -> None:
    assert by_command.code == 0
    assert "Retry 1/5" in by_command.err
    assert "another run is writing" in by_command.err
    assert "Traceback" not in by_command.err


INTERLEAVED = """
from datetime import datetime
from prefect import flow
from tasks.reports import compose_reports
from tasks.warehouse import build_warehouse

@flow
def interleaved():
    ours = build_warehouse(cycle="2026Q3", as_of=None)
    build_warehouse(cycle="2025Q4", as_of=None)  # what another run does while the lock is free
    return compose_reports("2026Q3", None, ours, datetime(2026, 10, 15, 3, 0), "ours")

print(interleaved().key_figures)
"""


@pytest.mark.slow
def test_an_edition_is_never_composed_from_another_runs_warehouse(
    built: Built, by_command: Run, prefect: Path, tmp_path: Path
) -> None:
    home = tmp_path / "state"
    shutil.copytree(built.state.home, home)
    done = subprocess.run(
        [sys.executable, "-c", INTERLEAVED],
        env=environment(home, prefect),
        cwd=Path(flows.__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert edition_of(home, "2026Q3") == edition_of(by_command.home, "2026Q3") != {}


@pytest.mark.slow
def test_a_fault_in_a_task_ends_the_run_at_once_without_a_stack(
    built: Built, prefect: Path, tmp_path: Path
) -> None:
    """The state was made with another key: the first task says so, and is not tried again."""
    home = tmp_path / "state"
    shutil.copytree(built.state.home, home)
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", "run", "2026Q3"],
        env=environment(home, prefect) | {"SIKLATIH_DEMO_SEED": "2"},
        cwd=Path(flows.__file__).parent.parent,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert "Retry" not in done.stderr
    assert "Traceback" not in done.stderr
    assert "[key_changed] Folder data ini dibuat dengan kunci" in done.stderr
    assert "made with another pseudonym key" in done.stderr


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_lock_that_is_never_given_back_ends_the_run_with_its_own_exit_code(
    built: Built, prefect: Path, tmp_path: Path
) -> None:
    home = tmp_path / "state"
    shutil.copytree(built.state.home, home)
    with State(home).lock():
        process = started(home, prefect, "2026Q3")
        _, err = process.communicate(timeout=380)
    assert process.returncode == 75, err
    assert "Retry 5/5" in err
    assert "Traceback" not in err
    assert "coba lagi nanti" in err
    assert "try again later" in err


def undisturbed(built: Built, home: Path) -> dict[str, dict[str, str]]:
    """The editions of two quarters, made one after the other without Prefect."""
    shutil.copytree(built.state.home, home)
    state, settings = State(home), built.settings.model_copy(update={"home": home})
    editions = {}
    with state.lock():
        ledger = Ledger(state.ledger)
        for cycle in (EARLIER, CYCLE):
            made = build(state, ledger, settings, cycle=cycle)
            compose_edition(
                state,
                ledger,
                settings,
                cycle=cycle,
                warehouse=made.warehouse,
                inputs_sha=made.inputs_sha,
                now=NOW,
                run_id="undisturbed",
            )
            editions[str(cycle)] = edition_of(home, str(cycle))
        ledger.close()
    return editions


@pytest.mark.slow
@pytest.mark.timeout(500)
def test_two_builders_at_once_wait_for_the_lock_and_each_other_with_no_server(
    built: Built, prefect: Path, tmp_path: Path
) -> None:
    """Two processes, nothing started before; at first the lock is held by a third writer, this test."""
    expected = undisturbed(built, tmp_path / "undisturbed")
    home = tmp_path / "state"
    shutil.copytree(built.state.home, home)
    with State(home).lock():
        processes = {cycle: started(home, prefect, cycle) for cycle in expected}
        said = {cycle: read_until(process, "Retry 1/", 120) for cycle, process in processes.items()}
    for cycle, process in processes.items():
        out, err = process.communicate(timeout=200)
        assert process.returncode == 0, said[cycle] + err
        assert "Retry 1/5" in said[cycle] + err
        assert "another run is writing" in said[cycle] + err
        place = home / "editions" / cycle / "1"
        assert f"{place / 'leaders.html'}\n" in out
        assert f"{place / 'leaders.pdf'}\n" in out
        assert str(home / "returns" / cycle / "quarantine.csv") in out
        assert edition_of(home, cycle) == expected[cycle]
        assert len(list((home / "outbox" / "preview" / cycle / "1").glob("*.eml"))) == 2

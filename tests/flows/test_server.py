"""On a real Prefect server with a real process worker: deployments, schedules, runs, artifacts, failures."""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import httpx
import pytest
from cities import Built
from scanner import Scanner, scan

pytestmark = pytest.mark.timeout(400)
WIB = ZoneInfo("Asia/Pontianak")


@dataclass
class Server:
    """A running server: where its API is, and the environment its clients need."""

    api: str
    environment: dict[str, str]
    root: Path

    def _ask(self, method: str, path: str, content: dict[str, Any] | None = None) -> Any:
        """Ask again where a busy SQLite server answers 503 or late, as Prefect's own client does.

        Whatever is asked here may be asked twice: runs are made with an idempotency key.
        """
        for patience in (1, 2, 4, 8, None):
            try:
                answer = httpx.request(method, f"{self.api}{path}", json=content, timeout=30)
                if answer.status_code != 503 or patience is None:
                    break
            except httpx.TimeoutException:
                if patience is None:
                    raise
            time.sleep(patience)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    def post(self, path: str, content: dict[str, Any]) -> Any:
        return self._ask("POST", path, content)

    def get(self, path: str) -> Any:
        return self._ask("GET", path)

    def command(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "prefect", *arguments],
            env=self.environment,
            cwd=cwd or self.root,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def deployment(self, name: str) -> dict[str, Any]:
        found = self.post("/deployments/filter", {"deployments": {"name": {"any_": [name]}}})
        assert len(found) == 1
        return dict(found[0])

    @contextmanager
    def each_minute(self) -> Iterator[str]:
        """A deployment of the ingest with a one-minute schedule, by the command an operator would use."""
        options = ("--name", "each-minute", "--cron", "* * * * *", "--timezone", "Asia/Pontianak")
        made = self.command(
            "--no-prompt", "deploy", "flows/ingest.py:ingest_inbox", *options, "--pool", "local"
        )
        assert made.returncode == 0, made.stdout + made.stderr
        deployment = str(self.deployment("each-minute")["id"])
        try:
            yield deployment
        finally:
            self._ask("DELETE", f"/deployments/{deployment}")

    def runs(self, deployment: str) -> list[dict[str, Any]]:
        return list(
            self.post("/flow_runs/filter", {"deployments": {"id": {"any_": [deployment]}}, "limit": 200})
        )


def wait_for(what: str, check: Callable[[], Any], seconds: float) -> Any:
    """Ask again and again until there is an answer; fail when time is over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = check()
        if found:
            return found
        time.sleep(0.5)
    raise AssertionError(f"not within {seconds:.0f} s: {what}")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def server(root: Path, built: Built, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of its own on a free port, with the small city's state, already ingested."""
    place = tmp_path_factory.mktemp("server")
    home = place / "state"
    shutil.copytree(built.state.home, home)
    port = free_port()
    environment = {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PREFECT_", "SIKLATIH_"))
        },
        "PREFECT_HOME": str(place / "prefect"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_DATABASE_TIMEOUT": "60",
        "PREFECT_SERVER_DATABASE_CONNECTION_TIMEOUT": "60",
        "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "3",
        "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "3",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "DO_NOT_TRACK": "1",
        "SIKLATIH_HOME": str(home),
        "SIKLATIH_DEMO_SEED": "1",
        "SIKLATIH_CHECKOUT": str(root),
    }
    with (place / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    running = Server(environment["PREFECT_API_URL"], environment, root)
    try:
        wait_for("the server's health", lambda: _is_up(running.api), 90)
        made = running.command("work-pool", "create", "local", "--type", "process")
        assert made.returncode == 0, made.stdout + made.stderr
        deployed = running.command("--no-prompt", "deploy", "--all")
        assert deployed.returncode == 0, deployed.stdout + deployed.stderr
        yield running
    finally:
        end(process)


def _is_up(api: str) -> bool:
    try:
        return httpx.get(f"{api}/health", timeout=2).status_code == 200
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="module")
def worker(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A process worker, started from a folder that is not the checkout."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    with (elsewhere / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "prefect", "worker", "start", "--pool", "local"],
            env=server.environment,
            cwd=elsewhere,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    yield
    end(process)


def test_deployments_stand_with_their_schedules_and_admit_one_run(server: Server) -> None:
    expected = {
        "ingest-inbox": "0 * * * *",
        "quarterly-cycle": "0 5 15 1,4,7,10 *",
        "list-waiting": "0 7 * * *",
    }
    for name, cron in expected.items():
        found = server.deployment(name)
        assert [
            (schedule["schedule"]["cron"], schedule["schedule"]["timezone"], schedule["active"])
            for schedule in found["schedules"]
        ] == [(cron, "Asia/Pontianak", True)]
        assert found["global_concurrency_limit"]["limit"] == 1
        assert found["concurrency_options"]["collision_strategy"] == "ENQUEUE"
    assert server.deployment("quarterly-cycle")["parameters"] == {"cycle": "previous", "send": False}


def test_the_quarterly_run_is_scheduled_for_five_in_the_morning_local_time(server: Server) -> None:
    deployment = server.deployment("quarterly-cycle")["id"]
    runs = wait_for("a scheduled quarterly run", lambda: server.runs(deployment), 60)
    first = min(datetime.fromisoformat(run["expected_start_time"]) for run in runs).astimezone(WIB)
    assert (first.day, first.hour, first.minute) == (15, 5, 0)
    assert first.month in (1, 4, 7, 10)


def test_a_one_minute_schedule_makes_runs(server: Server) -> None:
    """With SQLAlchemy 2.1 the scheduler dies in silence and this list stays empty (see pyproject.toml)."""
    with server.each_minute() as deployment:
        runs = wait_for(
            "three scheduled runs",
            lambda: found if len(found := server.runs(deployment)) >= 3 else None,
            100,
        )
    assert {(run["state_type"], run["auto_scheduled"]) for run in runs} == {("SCHEDULED", True)}
    times = sorted(datetime.fromisoformat(run["expected_start_time"]) for run in runs)
    assert {(after - before).total_seconds() for before, after in pairwise(times)} == {60}


def finished(server: Server, run: str, seconds: float = 150) -> dict[str, Any]:
    def state() -> dict[str, Any] | None:
        found = server.get(f"/flow_runs/{run}")
        return found if found["state_type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED") else None

    return dict(wait_for(f"the end of run {run}", state, seconds))


def start(
    server: Server,
    *,
    scheduled: datetime | None = None,
    environment: dict[str, str] | None = None,
    **parameters: Any,
) -> str:
    deployment = server.deployment("quarterly-cycle")["id"]
    content: dict[str, Any] = {"parameters": parameters, "idempotency_key": str(uuid.uuid4())}
    if scheduled is not None:
        details = {"scheduled_time": scheduled.isoformat()}
        content["state"] = {"type": "SCHEDULED", "state_details": details}
    if environment is not None:
        content["job_variables"] = {"env": environment}
    return str(server.post(f"/deployments/{deployment}/create_flow_run", content)["id"])


def artifacts_of(server: Server, run: str) -> dict[str, dict[str, Any]]:
    found = server.post("/artifacts/filter", {"artifacts": {"flow_run_id": {"any_": [run]}}})
    return {artifact["key"]: artifact for artifact in found}


def tries_of(server: Server, run: str) -> dict[str, int]:
    """How often each task of a run was started."""
    tasks = server.post("/task_runs/filter", {"task_runs": {"flow_run_id": {"any_": [run]}}})
    return {task["name"].rsplit("-", 1)[0]: task["run_count"] for task in tasks}


def test_a_worker_runs_the_cycle_and_leaves_its_artifacts(server: Server, worker: None) -> None:
    run = finished(server, start(server, cycle="2026Q3"))
    assert run["state_type"] == "COMPLETED", run["state"]
    assert run["name"] == "quarterly-cycle-2026Q3"
    artifacts = artifacts_of(server, run["id"])
    assert {key: artifact["type"] for key, artifact in artifacts.items()} == {
        "receipts": "table",
        "quality": "table",
        "waiting": "markdown",
        "key-figures": "markdown",
        "edition": "markdown",  # a link is kept as one
    }
    counts = {
        row["what"]: row["count"]
        for key in ("receipts", "quality")
        for row in json.loads(artifacts[key]["data"])
    }
    inbox = Path(server.environment["SIKLATIH_HOME"]) / "inbox"
    assert counts["files in the inbox"] == sum(1 for path in inbox.rglob("*") if path.is_file())
    assert counts["rows read"] > 0
    assert 0 < counts["rows quarantined"] < counts["rows accepted"]
    figures = [line for line in artifacts["key-figures"]["data"].splitlines() if line.startswith("|")]
    assert figures[0] == "| figure | value |"
    assert len(figures) > 4
    assert all(len(line.split("|")) == 4 and line.split("|")[2].strip() for line in figures)
    link = artifacts["edition"]["data"].split("](")[1].rstrip(")")
    assert Path(unquote(urlsplit(link).path)).read_text(encoding="utf-8").startswith("<!doctype html>")
    assert set(tries_of(server, run["id"]).values()) == {1}
    edition = Path(server.environment["SIKLATIH_HOME"]) / "editions" / "2026Q3" / "1"
    assert {path.name for path in edition.iterdir()} == {
        "leaders.html",
        "leaders.pdf",
        "leaders.json",
        "manifest.json",
    }


@pytest.mark.slow
def test_a_late_run_waits_for_its_turn_and_means_the_quarter_of_its_schedule(
    server: Server, worker: None
) -> None:
    """1 January 00:30 WIB is still the old year's 31 December in UTC; it runs when that is long past."""
    first = start(server, cycle="2026Q3")
    wait_for("the first run", lambda: server.get(f"/flow_runs/{first}")["state_type"] == "RUNNING", 60)
    scheduled = datetime(2026, 1, 1, 0, 30, tzinfo=WIB)
    late = finished(server, start(server, cycle="previous", scheduled=scheduled))
    before = finished(server, first)
    assert (before["state_type"], late["state_type"]) == ("COMPLETED", "COMPLETED")
    states = {state["name"] for state in server.get(f"/flow_run_states/?flow_run_id={late['id']}")}
    assert "AwaitingConcurrencySlot" in states
    assert datetime.fromisoformat(late["start_time"]) >= datetime.fromisoformat(before["end_time"])
    assert artifacts_of(server, late["id"])["key-figures"]["description"] == "2025Q4"
    assert artifacts_of(server, late["id"])["edition"]["data"].startswith("[2025Q4, edition 1]")


def test_a_fault_in_a_task_is_not_tried_again(server: Server, worker: None) -> None:
    """With another key than the state's, the first task fails; its five retries are for held locks only."""
    run = finished(server, start(server, cycle="2026Q3", environment={"SIKLATIH_DEMO_SEED": "2"}))
    assert (run["state_type"], run["run_count"]) == ("FAILED", 1)
    assert "[key_changed] Folder data ini dibuat dengan kunci" in run["state"]["message"]
    assert "made with another pseudonym key" in run["state"]["message"]
    assert tries_of(server, run["id"]) == {"ingest-files": 1}


@pytest.mark.slow
def test_a_fault_a_person_must_mend_fails_the_run_once_and_says_so_in_both_languages(
    server: Server, worker: None
) -> None:
    wrong, sending = start(server, cycle="2026Q9"), start(server, cycle="2026Q3", send=True)
    first, second = finished(server, wrong), finished(server, sending)
    assert (first["state_type"], first["run_count"]) == ("FAILED", 1)
    assert "Siklus ditulis" in first["state"]["message"]
    assert "A cycle is written" in first["state"]["message"]
    assert (second["state_type"], second["run_count"]) == ("FAILED", 1)
    assert "[not_approved] Edisi tidak dapat dikirim" in second["state"]["message"]
    assert "cannot be sent before a person approves" in second["state"]["message"]
    assert tries_of(server, wrong) == tries_of(server, sending) == {}
    assert not list(Path(server.environment["SIKLATIH_HOME"]).glob("outbox/[!p]*"))


@pytest.mark.slow
def test_the_worker_runs_what_the_schedule_made(server: Server, worker: None) -> None:
    """A cron of every minute, nobody starts anything: within two minutes a run has completed."""
    with server.each_minute() as deployment:

        def done() -> dict[str, Any] | None:
            ended = [run for run in server.runs(deployment) if run["state_type"] != "SCHEDULED"]
            return next((run for run in ended if run["end_time"]), None)

        run = wait_for("a completed scheduled run", done, 180)
    assert (run["state_type"], run["auto_scheduled"]) == ("COMPLETED", True), run["state"]
    assert set(artifacts_of(server, run["id"])) == {"receipts"}


@pytest.mark.slow
def test_results_on_the_server_hold_no_person(server: Server, built: Built, worker: None) -> None:
    """Prefect's database, and what it keeps of failures: the faults themselves, pickled and in base64."""
    finished(server, start(server, cycle="2026Q9"))
    home = Path(server.environment["PREFECT_HOME"])
    scanner = Scanner(built.city)
    assert (home / "prefect.db").stat().st_size > 100_000
    assert scan(scanner, home) == []
    kept = [path for path in (home / "storage").rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        decoded = base64.b64decode(path.read_bytes()).decode("utf-8", errors="replace")
        assert "MendError" in decoded
        assert scanner.found_in(decoded) == set()

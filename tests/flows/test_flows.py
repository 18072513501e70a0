"""Flows without a server, their entry points, and what is tried again and what is not."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import shutil
import subprocess
import sys
import time
import typing
from pathlib import Path

import pytest
import yaml
from cities import Built
from prefect.flows import load_flow_from_entrypoint
from prefect.states import Completed, Failed

import flows
import tasks
from siklatih.build import BuildReport
from siklatih.compose import Composed
from siklatih.errors import MendError, PassingError
from siklatih.ingest import IngestReport
from siklatih.landing import LandingReport
from siklatih.state import State
from tasks.landing import ingest_files
from tasks.reports import compose_reports
from tasks.retrying import RETRIES, may_pass
from tasks.warehouse import build_warehouse

pytestmark = pytest.mark.timeout(300)


def deployments(root: Path) -> list[dict[str, typing.Any]]:
    return list(yaml.safe_load((root / "prefect.yaml").read_text(encoding="utf-8"))["deployments"])


def test_every_entrypoint_loads_strictly_and_takes_its_parameters(root: Path) -> None:
    """Without the placeholder that Prefect makes when a file cannot be imported."""
    for deployment in deployments(root):
        file, _, name = deployment["entrypoint"].partition(":")
        flow = load_flow_from_entrypoint(f"{root / file}:{name}", use_placeholder_flow=False)
        assert flow.name == deployment["name"]
        flow.validate_parameters(deployment.get("parameters", {}))


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
    allowed = (str, int, bool, Path, LandingReport, dict[str, str], tuple[tuple[str, str], ...])
    for report in (IngestReport, BuildReport, Composed, LandingReport):
        hints = typing.get_type_hints(report)
        assert {field.name for field in dataclasses.fields(report)} <= hints.keys()
        assert all(hints[field.name] in allowed for field in dataclasses.fields(report)), report


def test_nothing_durable_is_left_to_prefects_cache() -> None:
    for task in (ingest_files, build_warehouse, compose_reports):
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


def test_the_cycle_runs_with_no_server_and_waits_for_another_writer(built: Built, tmp_path: Path) -> None:
    """One process, nothing started before; the lock is held by someone else at first."""
    home = tmp_path / "state"
    shutil.copytree(built.state.home, home)
    with State(home).lock():
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.cli", "run", "2026Q3"],
            env=environment(home, tmp_path / "prefect"),
            cwd=Path(flows.__file__).parent.parent,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        end = time.monotonic() + 90
        seen = ""
        assert process.stderr is not None
        while "Retry" not in seen and "retry" not in seen and time.monotonic() < end:
            seen += process.stderr.readline()
    out, err = process.communicate(timeout=200)
    assert process.returncode == 0, seen + err
    assert "AwaitingRetry" in seen + err or "retry" in (seen + err).lower()
    for name in ("leaders.html", "leaders.pdf"):
        assert str(home / "editions" / "2026Q3" / "1" / name) in out
        assert (home / "editions" / "2026Q3" / "1" / name).stat().st_size > 10_000
    assert len(list((home / "outbox" / "preview" / "2026Q3" / "1").glob("*.eml"))) == 2

"""The build as a Prefect task."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from prefect import get_run_logger, task
from prefect.artifacts import create_markdown_artifact, create_table_artifact
from prefect.cache_policies import NO_CACHE

from siklatih.build import BuildReport, build
from siklatih.cycle import Cycle
from siklatih.ledger import Ledger
from siklatih.settings import get_settings
from siklatih.state import State
from siklatih.waiting_list import waiting_markdown
from tasks.retrying import RETRIES, RETRY_DELAYS, may_pass


@dataclass(frozen=True)
class Built:
    """What was built, and the mark of its file: another run may put its own there before we compose."""

    report: BuildReport
    mark: str


def mark_of(warehouse: Path) -> str:
    """Return what tells one built file from the next at the same place; empty when there is none."""
    if not warehouse.exists():
        return ""
    facts = warehouse.stat()
    return f"{facts.st_ino}-{facts.st_mtime_ns}-{facts.st_size}"


@task(
    name="build-warehouse",
    cache_policy=NO_CACHE,
    retries=RETRIES,
    retry_delay_seconds=RETRY_DELAYS,
    retry_condition_fn=may_pass,
)
def build_warehouse(cycle: str, as_of: datetime | None) -> Built:
    """Settle, build and measure. The old warehouse stays whole until the new one is finished."""
    settings = get_settings()
    state = State(settings.home)
    with state.lock():
        ledger = Ledger(state.ledger)
        try:
            report = build(state, ledger, settings, cycle=Cycle.parse(cycle), as_of=as_of)
            mark = mark_of(report.warehouse)
            waiting = waiting_markdown(state, report.warehouse, settings.config)
        finally:
            ledger.close()
    create_table_artifact(
        key="quality",
        table=[
            {"what": "files", "count": report.files},
            {"what": "rows read", "count": report.rows_read},
            {"what": "rows accepted", "count": report.rows_accepted},
            {"what": "rows quarantined", "count": report.rows_quarantined},
            {"what": "figures", "count": report.figures},
        ],
        description=f"Quality of the data behind {cycle}",
    )
    if as_of is None:  # what waited in the past is nothing to be done now
        create_markdown_artifact(key="waiting", markdown=waiting, description="What waits for a person")
    get_run_logger().info("%d rows accepted, %d figures", report.rows_accepted, report.figures)
    return Built(report, mark)

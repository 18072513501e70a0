"""The build as a Prefect task."""

from __future__ import annotations

from datetime import datetime

from prefect import get_run_logger, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from siklatih.build import BuildReport, build
from siklatih.cycle import Cycle
from siklatih.ledger import Ledger
from siklatih.settings import get_settings
from siklatih.state import State
from tasks.retrying import RETRIES, RETRY_DELAYS, may_pass


@task(
    name="build-warehouse",
    cache_policy=NO_CACHE,
    retries=RETRIES,
    retry_delay_seconds=RETRY_DELAYS,
    retry_condition_fn=may_pass,
)
def build_warehouse(cycle: str, as_of: datetime | None) -> BuildReport:
    """Settle, build and measure. The old warehouse stays whole until the new one is finished."""
    settings = get_settings()
    state = State(settings.home)
    with state.lock():
        ledger = Ledger(state.ledger)
        try:
            report = build(state, ledger, settings, cycle=Cycle.parse(cycle), as_of=as_of)
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
    get_run_logger().info("%d rows accepted, %d figures", report.rows_accepted, report.figures)
    return report

"""Ingest as a Prefect task: everything new in the inbox, under the state's lock."""

from __future__ import annotations

from datetime import datetime

from prefect import get_run_logger, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from siklatih.ingest import IngestReport, ingest
from siklatih.ledger import Ledger
from siklatih.settings import get_settings
from siklatih.state import State
from tasks.retrying import RETRIES, RETRY_DELAYS, may_pass


@task(
    name="ingest-files",
    cache_policy=NO_CACHE,  # reuse is the library's own, by content, in accepted/
    retries=RETRIES,
    retry_delay_seconds=RETRY_DELAYS,
    retry_condition_fn=may_pass,
)
def ingest_files(now: datetime, run_id: str) -> IngestReport:
    """Land, read and check what is new. Retried only while another run holds the lock."""
    settings = get_settings()
    state = State(settings.home)
    with state.lock():
        ledger = Ledger(state.ledger)
        try:
            report = ingest(state, ledger, settings, now=now, run_id=run_id)
        finally:
            ledger.close()
    create_table_artifact(
        key="receipts",
        table=[
            {"what": "files in the inbox", "count": report.landing.seen},
            {"what": "new originals", "count": report.landing.new},
            {"what": "files that could not be opened", "count": report.landing.unreadable},
            {"what": "system files in archives passed over", "count": report.landing.passed_over},
            {"what": "files read", "count": report.files_read},
            {"what": "files refused", "count": report.files_refused},
            {"what": "rows read", "count": report.rows},
            {"what": "files sent again that stay withdrawn", "count": len(report.still_withdrawn)},
        ],
        description=f"What arrived and was read. Refused: {_listed(report.refusals)}. "
        f"Sent again, but withdrawn: {_listed(report.still_withdrawn)}",
    )
    get_run_logger().info("%d files read, %d refused", report.files_read, report.files_refused)
    return report


def _listed(files: dict[str, str]) -> str:
    return ", ".join(f"{sha[:12]} ({said})" for sha, said in sorted(files.items())) or "none"

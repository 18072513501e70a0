"""What waits for a person: take in what is new, build for the running cycle, and list it. No edition."""

from __future__ import annotations

from datetime import UTC, datetime

from prefect import flow
from prefect.runtime import flow_run

from siklatih.build import BuildReport
from siklatih.cycle import Cycle
from siklatih.settings import get_settings
from tasks.landing import ingest_files
from tasks.warehouse import build_warehouse


@flow(
    name="list-waiting",
    description="Daftar berkas yang belum terarsip atau menunggu perbaikan (artefak `waiting`). / "
    "List the files that are unfiled or wait to be mended (artifact `waiting`).",
)
def list_waiting() -> BuildReport:
    """Ingest, build for the cycle of the scheduled start, and leave the list as an artifact."""
    now = datetime.now(tz=UTC)
    cycle = Cycle.running(flow_run.scheduled_start_time or now, get_settings().zone)
    ingest_files(now=now.replace(tzinfo=None), run_id=str(flow_run.id))
    return build_warehouse(cycle=str(cycle), as_of=None).report

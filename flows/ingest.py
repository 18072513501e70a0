"""Take in what lies in the inbox: land, read, check."""

from __future__ import annotations

from datetime import UTC, datetime

from prefect import flow
from prefect.runtime import flow_run

from siklatih.ingest import IngestReport
from tasks.landing import ingest_files


@flow(name="ingest-inbox", description="Land, read and check every new file of the inbox.")
def ingest_inbox() -> IngestReport:
    """Ingest whatever is new; files already known are not read again."""
    now = datetime.now(tz=UTC).replace(tzinfo=None)
    return ingest_files(now=now, run_id=str(flow_run.id))

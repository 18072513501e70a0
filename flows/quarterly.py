"""The quarterly cycle: ingest, build, measure, compose, preview. Ends when the edition is composed."""

from __future__ import annotations

from datetime import UTC, datetime

from prefect import flow
from prefect.runtime import flow_run
from pydantic import AwareDatetime

from siklatih.compose import Composed
from siklatih.cycle import Cycle
from siklatih.errors import MendError
from siklatih.settings import get_settings
from tasks.landing import ingest_files
from tasks.reports import compose_reports
from tasks.warehouse import build_warehouse


@flow(
    name="quarterly-cycle",
    flow_run_name="quarterly-cycle-{cycle}",
    description="Compose the quarter's edition from everything received, and preview its messages.",
)
def quarterly_cycle(
    cycle: str = "previous", as_of: AwareDatetime | None = None, send: bool = False
) -> Composed:
    """Run one cycle end to end; nothing leaves the machine.

    Args:
        cycle: ``previous`` (the quarter before the scheduled start) or such as ``2026Q3``.
        as_of: use only what had been received by then; default everything.
        send: must stay false: an edition is sent by the flow that waits for its approval.
    """
    if send:
        raise MendError(
            "not_approved",
            en="An edition cannot be sent before a person approves it; run without `send`.",
            id_="Edisi tidak dapat dikirim sebelum disetujui; jalankan tanpa `send`.",
        )
    now = datetime.now(tz=UTC)
    scheduled = flow_run.scheduled_start_time or now
    resolved = str(Cycle.resolve(cycle, scheduled, get_settings().zone))
    known_by = as_of.astimezone(UTC).replace(tzinfo=None) if as_of else None
    naive, run_id = now.replace(tzinfo=None), str(flow_run.id)
    ingest_files(now=naive, run_id=run_id)
    built = build_warehouse(cycle=resolved, as_of=known_by)
    return compose_reports(resolved, known_by, built, naive, run_id)

"""Composing and previewing as Prefect tasks."""

from __future__ import annotations

from datetime import datetime

from prefect import get_run_logger, task
from prefect.artifacts import create_link_artifact, create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from siklatih.build import build
from siklatih.compose import Composed, compose_edition
from siklatih.cycle import Cycle
from siklatih.ledger import Ledger
from siklatih.settings import get_settings
from siklatih.state import State
from tasks.retrying import RETRIES, RETRY_DELAYS, may_pass
from tasks.warehouse import Built, mark_of


@task(
    name="compose-edition",
    cache_policy=NO_CACHE,
    retries=RETRIES,
    retry_delay_seconds=RETRY_DELAYS,
    retry_condition_fn=may_pass,
)
def compose_reports(cycle: str, as_of: datetime | None, built: Built, now: datetime, run_id: str) -> Composed:
    """Compose the edition and write the previews of its messages. Nothing is sent.

    The lock is free between two tasks: when another run has built since, perhaps for another cycle,
    its warehouse is not ours. Then ours is built again, and composed without letting go.
    """
    settings = get_settings()
    state = State(settings.home)
    report = built.report
    with state.lock():
        ledger = Ledger(state.ledger)
        try:
            if mark_of(report.warehouse) != built.mark:
                report = build(state, ledger, settings, cycle=Cycle.parse(cycle), as_of=as_of)
            composed = compose_edition(
                state,
                ledger,
                settings,
                cycle=Cycle.parse(cycle),
                warehouse=report.warehouse,
                inputs_sha=report.inputs_sha,
                now=now,
                run_id=run_id,
            )
        finally:
            ledger.close()
    figures = "\n".join(f"| {title} | {value} |" for title, value in composed.key_figures)
    create_markdown_artifact(
        key="key-figures", markdown=f"| figure | value |\n|---|---|\n{figures}", description=cycle
    )
    create_link_artifact(
        key="edition",
        link=(composed.folder / "leaders.html").resolve().as_uri(),
        link_text=f"{cycle}, edition {composed.number}",
        description="The leaders' report on the machine that ran the flow",
    )
    get_run_logger().info("edition %d of %s, %d previews", composed.number, cycle, composed.previews)
    return composed

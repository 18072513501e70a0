"""A person's word about a received file as Prefect tasks, under the state's lock."""

from __future__ import annotations

from datetime import datetime

from prefect import get_run_logger, task
from prefect.cache_policies import NO_CACHE

from siklatih.waiting import ledger_to_write, say, withdraw
from tasks.retrying import RETRIES, RETRY_DELAYS, may_pass


@task(
    name="file-word",
    cache_policy=NO_CACHE,
    retries=RETRIES,
    retry_delay_seconds=RETRY_DELAYS,
    retry_condition_fn=may_pass,
)
def file_word(sha: str, batch: str | None, provider: str | None, *, now: datetime) -> str:
    """Do what ``siklatih file`` does. Retried only while another run holds the lock."""
    with ledger_to_write() as ledger:
        found = say(ledger, sha, batch=batch, provider=provider, now=now)
    get_run_logger().info("%s: batch %s, provider %s", found[:12], batch or "-", provider or "-")
    return found


@task(
    name="withdraw-word",
    cache_policy=NO_CACHE,
    retries=RETRIES,
    retry_delay_seconds=RETRY_DELAYS,
    retry_condition_fn=may_pass,
)
def withdraw_word(sha: str, reason: str, by: str | None, *, undo: bool, now: datetime) -> str:
    """Do what ``siklatih withdraw`` does. Retried only while another run holds the lock."""
    with ledger_to_write() as ledger:
        found = withdraw(ledger, sha, reason=reason, said_by=by, undo=undo, now=now)
    get_run_logger().info("%s: %s", found[:12], "counts again" if undo else "withdrawn")
    return found

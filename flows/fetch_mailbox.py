"""Files that arrive by e-mail: fetch, ingest, answer."""

from __future__ import annotations

from datetime import UTC, datetime

from prefect import flow
from prefect.runtime import flow_run

from siklatih.mail.answering import AnswerReport
from tasks.landing import ingest_files
from tasks.mail import answer_messages, fetch_messages


@flow(
    name="fetch-mailbox", description="Take in what registered senders sent by e-mail, and answer each once."
)
def fetch_mailbox() -> AnswerReport:
    """Fetch what is new, ingest it, and send the replies that are due."""
    now = datetime.now(tz=UTC).replace(tzinfo=None)
    fetch_messages(now=now)
    ingest_files(now=now, run_id=str(flow_run.id))
    return answer_messages(now=now)

"""Fetching mail and answering it as Prefect tasks; between them the ordinary ingest runs."""

from __future__ import annotations

from datetime import datetime

from prefect import get_run_logger, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE

from siklatih.ledger import Ledger
from siklatih.ledger_mail import MailLedger
from siklatih.mail.answering import AnswerReport, answer_mails
from siklatih.mail.fetching import FetchReport, fetch_mails
from siklatih.mail.servers import servers
from siklatih.settings import get_settings
from siklatih.state import State
from tasks.retrying import RETRIES, RETRY_DELAYS, may_pass


@task(
    name="fetch-mails",
    cache_policy=NO_CACHE,
    retries=RETRIES,
    retry_delay_seconds=RETRY_DELAYS,
    retry_condition_fn=may_pass,
)
def fetch_messages(now: datetime) -> FetchReport:
    """Put attachments of registered senders into the inbox. Retried while the lock or the server is away."""
    settings = get_settings()
    imap, _ = servers(settings)
    state = State(settings.home)
    with state.lock():
        mails = MailLedger(state.ledger)
        try:
            report = fetch_mails(state, mails, settings, imap, now=now)
        finally:
            mails.close()
    create_table_artifact(
        key="mailbox",
        table=[
            {"what": "messages looked at", "count": report.seen},
            {"what": "taken in", "count": report.taken},
            {"what": "attachments", "count": report.files},
            {"what": "doubles", "count": report.doubles},
            {"what": "sender not registered", "count": report.unknown},
            {"what": "sender not proven", "count": report.unproven},
            {"what": "our own messages", "count": report.own},
            {"what": "delivery reports", "count": report.reports},
            {"what": "not readable", "count": report.unreadable},
            {"what": "left for the next run", "count": report.left},
        ],
        description="What lay in the mailbox",
    )
    get_run_logger().info("%d messages taken in, %d files", report.taken, report.files)
    return report


@task(
    name="answer-mails",
    cache_policy=NO_CACHE,
    retries=RETRIES,
    retry_delay_seconds=RETRY_DELAYS,
    retry_condition_fn=may_pass,
)
def answer_messages(now: datetime) -> AnswerReport:
    """Send the replies that are due. Retried while the lock or the server is away; never a doubtful reply."""
    settings = get_settings()
    _, smtp = servers(settings)
    state = State(settings.home)
    with state.lock():
        ledger, mails = Ledger(state.ledger), MailLedger(state.ledger)
        try:
            report = answer_mails(state, ledger, mails, settings, smtp, now=now)
        finally:
            mails.close()
            ledger.close()
    create_table_artifact(
        key="replies",
        table=[
            {"what": "sent", "count": report.sent},
            {"what": "to be tried again", "count": report.to_retry},
            {"what": "failed", "count": report.failed},
            {"what": "in doubt", "count": report.in_doubt},
            {"what": "waiting for their files", "count": report.waiting},
        ],
        description="Replies of this run. What failed or is in doubt: `siklatih status`",
    )
    get_run_logger().info("%d replies sent, %d in doubt", report.sent, report.in_doubt)
    return report

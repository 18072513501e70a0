"""The command ``siklatih mailbox``: fetch, ingest, answer, and say what was done."""

from __future__ import annotations

import sys
from datetime import UTC, datetime

from siklatih.ingest import ingest
from siklatih.ledger import Ledger
from siklatih.ledger_mail import MailLedger
from siklatih.mail.answering import AnswerReport, answer_again, answer_mails
from siklatih.mail.fetching import FetchReport, fetch_mails
from siklatih.mail.replies import show_mails
from siklatih.mail.servers import servers
from siklatih.settings import Settings, get_settings
from siklatih.state import State


def run_mailbox(again: str | None) -> int:
    """Run once.

    Args:
        again: the beginning of the key of a message whose reply is to be sent after all.
    """
    settings = get_settings()
    now = datetime.now(tz=UTC).replace(tzinfo=None)
    fetched, answered = take_in(settings, now=now, run_id=f"mailbox {now.isoformat()}", again=again)
    sys.stdout.write(
        f"surel / messages: {fetched.seen}; diterima / taken in: {fetched.taken} "
        f"({fetched.files} lampiran / attachments); ganda / doubles: {fetched.doubles}\n"
        f"disisihkan / put aside: {fetched.unknown} pengirim tak terdaftar / senders not registered, "
        f"{fetched.unproven} tak terbukti / not proven, {fetched.own + fetched.reports} laporan / reports, "
        f"{fetched.unreadable} tak terbaca / not readable\n"
        f"balasan / replies: {answered.sent} terkirim / sent, {answered.to_retry} dicoba lagi / to be tried "
        f"again, {answered.waiting} menunggu / waiting\n"
    )
    if fetched.left:
        sys.stdout.write(f"menunggu giliran / left for the next run: {fetched.left}\n")
    show_mails(State(settings.home))
    return 0


def take_in(
    settings: Settings, *, now: datetime, run_id: str, again: str | None = None
) -> tuple[FetchReport, AnswerReport]:
    """Fetch, ingest and answer under one lock. ``now`` is naive UTC."""
    imap, smtp = servers(settings)
    state = State(settings.home)
    with state.lock():
        ledger, mails = Ledger(state.ledger), MailLedger(state.ledger)
        try:
            if again is not None:
                answer_again(mails, again, now=now)
            fetched = fetch_mails(state, mails, settings, imap, now=now)
            ingest(state, ledger, settings, now=now, run_id=run_id)
            return fetched, answer_mails(state, ledger, mails, settings, smtp, now=now)
        finally:
            mails.close()
            ledger.close()

"""Replies that a person should know of: how many are due, and which failed or are in doubt."""

from __future__ import annotations

import sys

from siklatih.state import State


def show_mails(state: State) -> None:
    """Say how many messages came, and list the replies that nobody will send by themselves."""
    from siklatih.ledger_mail import AGAIN, DOUBT, FAILED, NONE, RETRY, MailLedger  # noqa: PLC0415

    mails = MailLedger(state.ledger)
    try:
        counts = mails.counts()
        if not counts:
            return
        due = sum(counts.get(reply, 0) for reply in (NONE, RETRY, AGAIN))
        sys.stdout.write(
            f"surel diterima / messages received: {sum(counts.values())}; "
            f"balasan belum terkirim / replies not yet sent: {due}\n"
        )
        words = {FAILED: "gagal / failed", DOUBT: "diragukan / in doubt"}
        for mail in mails.mails(FAILED, DOUBT):
            sys.stdout.write(
                f"balasan {words[mail.reply]}: {mail.message_key[:12]} {mail.provider}, "
                f"{mail.arrived_at:%Y-%m-%d %H:%M} UTC\n"
            )
    finally:
        mails.close()

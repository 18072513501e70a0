"""What an IMAP server answers against the rules: it may pass, and its words are never repeated."""

from __future__ import annotations

import traceback

import pytest
from pydantic import SecretStr
from scripted_imap import scripted_imap

from siklatih.errors import ServerAwayError
from siklatih.mail.mailbox import open_mailbox
from siklatih.mail.servers import Server

WORDS = "Too many connections for sekar@example.org"


def server_at(port: int) -> Server:
    return Server("IMAP", "127.0.0.1", port, "data", SecretStr("rahasia"), "none", None, 5)


def look(server: Server) -> None:
    with open_mailbox(server, "INBOX") as box:
        box.uids()
        box.head(1)


@pytest.mark.parametrize(
    ("greeting", "answers"),
    [
        (f"* BYE {WORDS}", {}),
        ("* OK ready", {"CAPABILITY": f"BAD {WORDS}"}),
        ("* OK ready", {"SELECT": f"BAD {WORDS}"}),
        ("* OK ready", {"SEARCH": f"BAD {WORDS}"}),
        ("* OK ready", {"SEARCH": f"NO {WORDS}"}),
        ("* OK ready", {"FETCH": f"BAD {WORDS}"}),
    ],
    ids=["greeting", "capability", "select", "search-bad", "search-no", "fetch"],
)
def test_a_server_that_breaks_the_rules_is_away_and_not_repeated(
    greeting: str, answers: dict[str, str]
) -> None:
    with scripted_imap(greeting, **answers) as running, pytest.raises(ServerAwayError) as caught:
        look(server_at(running.port))
    assert caught.value.code == "imap_away"
    assert "sekar@" not in "".join(traceback.format_exception(caught.value))


def test_a_folder_that_the_server_will_not_make_leaves_the_message_marked() -> None:
    answers = {"MOVE": "NO no such folder", "CREATE": f"BAD {WORDS}", "SUBSCRIBE": "BAD what"}
    with scripted_imap(**answers) as running, open_mailbox(server_at(running.port), "INBOX") as box:
        box.put_away(1, "Siklatih-selesai")
    assert running.heard[-6:] == ["MOVE", "CREATE", "SUBSCRIBE", "MOVE", "STORE", "LOGOUT"]

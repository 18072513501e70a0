"""What a message's header says: who sent it, for which batch, and whether a person did.

``From`` is what a sender claims; what proves it is the receiving server's own check, which it notes in
``Authentication-Results``. Where that is not asked for, the claim is believed (docs/operations.md).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser

from siklatih.cycle import Cycle
from siklatih.identity import is_code
from siklatih.mail.senders import ADDRESS

_QUOTED = re.compile(r'"(?:\\.|[^"\\])*"')
_COMMENT = re.compile(r"\([^()]*\)")
_NESTED = 8  # comments within comments; each further one would cost a pass over the whole header
_CLAIMED = re.compile(r"[^\s<>,;:()\"]*@[^\s<>,;:()\"]*")
_CODE = r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}"
_BATCH = re.compile(rf"\[({_CODE})\]|\b(?:angkatan|batch)\s*:?\s+({_CODE})", re.IGNORECASE | re.ASCII)
_MESSAGE_ID = re.compile(r"<[!-;=?-~]{1,240}>")
_LAST_REFERENCES = 20


@dataclass(frozen=True)
class Head:
    """A header, read.

    Args:
        sender: the one address that ``From`` claims, in small letters; None if there is not exactly one.
        message_id: with its angle brackets; empty if there is none.
        references: earlier messages of the conversation, oldest first.
        batch_code: a code that the subject names, or None.
        is_automatic: no person wrote it, so nobody must answer it.
        is_report: a delivery or reading report, which may carry our own files back to us.
        seed: what tells messages without a Message-ID apart.
    """

    sender: str | None
    message_id: str
    references: tuple[str, ...]
    batch_code: str | None
    is_automatic: bool
    is_report: bool
    seed: str


def parse_head(raw: bytes) -> Message:
    """Parse a header; anything can be parsed, the rest of the message is not looked at."""
    return BytesHeaderParser().parsebytes(raw)


def read_head(message: Message) -> Head:
    """Read what matters of a header."""
    ids = _MESSAGE_ID.findall(_text(message, "Message-ID"))
    earlier = _MESSAGE_ID.findall(_text(message, "References") or _text(message, "In-Reply-To"))
    return Head(
        sender=_sender(message),
        message_id=ids[0] if ids else "",
        references=tuple(earlier[-_LAST_REFERENCES:]),
        batch_code=batch_in(decoded(_text(message, "Subject"))),
        is_automatic=_is_automatic(message),
        is_report=message.get_content_type() == "multipart/report",
        seed=f"{_text(message, 'Date')}\n{_text(message, 'Subject')}",
    )


def decoded(text: str) -> str:
    """Decode RFC 2047 words; what cannot be decoded stays as it is."""
    try:
        return str(make_header(decode_header(text)))
    except (MessageError, LookupError, ValueError):  # all that a charset of a stranger's making raises
        return text


def batch_in(subject: str) -> str | None:
    """Return the batch code a subject names, as ``[P01-A3]`` or ``angkatan P01-A3``; two codes are none.

    A code has a digit in it, or every ``[EXTERNAL]`` of a mail server would be one. Whether there is such
    a batch is seen when the file is filed.
    """
    codes = {(bracket or word).rstrip(".") for bracket, word in _BATCH.findall(subject)}
    codes = {
        code for code in codes if is_code(code) and any(map(str.isdigit, code)) and not Cycle.is_one(code)
    }
    return codes.pop() if len(codes) == 1 else None


def is_proven(message: Message, host: str, sender: str) -> bool:
    """Tell whether the named host notes that the sender's domain vouches for this message (DMARC).

    A header of that host further down may be forged and came with the message; only the topmost counts.
    """
    for value in message.get_all("Authentication-Results", []):
        bare = _bare(str(value))
        clauses = [clause.split() for clause in bare.split(";")]
        if not clauses[0] or clauses[0][0].casefold() != host.casefold():
            continue
        if any(mark in bare for mark in '"()'):
            return False
        for clause in clauses[1:]:
            said = [word.casefold() for word in clause]
            if said[:1] == ["dmarc=pass"]:
                domains = [word.partition("=")[2] for word in said if word.startswith("header.from=")]
                return all(sender.endswith(("@" + domain, "." + domain)) for domain in domains)
        return False
    return False


def _sender(message: Message) -> str | None:
    """Read ``From`` strictly: where two readers could take it for two addresses, it is none."""
    values = message.get_all("From", [])
    if len(values) != 1:
        return None
    bare = _bare(str(values[0]))
    claimed = _CLAIMED.findall(bare)
    if len(claimed) != 1 or ADDRESS.fullmatch(claimed[0]) is None or any(mark in bare for mark in '"()'):
        return None
    return str(claimed[0]).casefold()


def _is_automatic(message: Message) -> bool:
    """RFC 3834: no answer to what a machine or a list sent, or to what nobody is to be told about."""
    submitted = _text(message, "Auto-Submitted").partition(";")[0].strip().casefold()
    return (
        submitted not in ("", "no")
        or _text(message, "Precedence").strip().casefold() in ("bulk", "junk", "list")
        or _text(message, "Return-Path").strip() == "<>"
        or message.get("List-Id") is not None
        or message.get_content_type() == "multipart/report"
    )


def _bare(value: str) -> str:
    """Drop quoted text and comments, which may say anything; brackets nested deeper than is usual stay."""
    text = _QUOTED.sub(" ", value)
    for _ in range(_NESTED):
        text = _COMMENT.sub(" ", text)
    return text


def _text(message: Message, name: str) -> str:
    return str(message.get(name, ""))

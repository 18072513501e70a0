"""The files within a message: what a sender attached, also to a message that was forwarded.

Left out is what a mail program puts there by itself: pictures that the text shows, signatures, cards.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesParser
from pathlib import PurePosixPath

from siklatih.errors import MendError
from siklatih.mail.heads import decoded

_BODIES = ("text/plain", "text/html")
_BY_PROGRAMS = {
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "application/pgp-signature",
    "application/pgp-keys",
    "text/vcard",
    "text/x-vcard",
    "text/calendar",
}
_SUFFIXES = {"text/csv": ".csv", "application/zip": ".zip"}
_PARTS_AN_ATTACHMENT = 40  # parts around one attachment: texts, pictures, nested containers
_NAME_BYTES, _SUFFIX_BYTES = 150, 12


@dataclass(frozen=True)
class Attachment:
    """One attached file, under a name that is safe to write."""

    name: str
    content: bytes


def read_attachments(raw: bytes, *, most: int, depth: int) -> list[Attachment]:
    """Return the files of a message, in its order.

    Args:
        raw: the message.
        most: so many attachments are allowed.
        depth: so deeply may parts nest; a forwarded message counts as one level.

    Raises:
        MendError: one of the bounds is exceeded; the code is ``mail_parts`` or ``mail_depth``.
    """
    if raw.count(b"\n--") > most * _PARTS_AN_ATTACHMENT:  # before a parser makes an object of each
        raise too_many(most)
    try:
        message = BytesParser().parsebytes(raw)
    except RecursionError:
        raise too_deep(depth) from None
    parts = []
    for part in _files_of(message, depth, depth):
        parts.append(part)
        if len(parts) > most:
            raise too_many(most)
    return _named(parts)


def _files_of(message: Message, left: int, depth: int) -> Iterator[Message]:
    """Yield the parts of one message that are files, those of forwarded messages in their place."""
    leaves = list(_leaves(message, left, depth))
    shown = "".join(_html(part) for part, _ in leaves if part.get_content_type() == "text/html")
    for part, level in leaves:
        if part.get_content_type() == "message/rfc822":
            for inner in _messages_in(part):
                yield from _files_of(inner, level - 1, depth)
        elif _is_file(part, shown):
            yield part


def _leaves(part: Message, left: int, depth: int) -> Iterator[tuple[Message, int]]:
    """Yield what is no container, with the levels that are left below it."""
    if left < 0:
        raise too_deep(depth)
    if part.get_content_maintype() == "multipart" and part.is_multipart():
        for inner in part.get_payload():
            if isinstance(inner, Message):
                yield from _leaves(inner, left - 1, depth)
    else:
        yield part, left


def _messages_in(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [inner for inner in payload if isinstance(inner, Message)] if isinstance(payload, list) else []


def _is_file(part: Message, shown: str) -> bool:
    kind = part.get_content_type()
    if kind in _BY_PROGRAMS or part.get_content_maintype() in ("multipart", "message"):
        return False
    content_id = str(part.get("Content-ID", "")).strip().strip("<>").casefold()
    if part.get_content_maintype() == "image" and content_id and f"cid:{content_id}" in shown:
        return False
    is_named = _filename(part) is not None or part.get_content_disposition() == "attachment"
    return is_named or kind not in _BODIES


def _filename(part: Message) -> str | None:
    """Return the name a part bears: none, or one that says nothing if it cannot be read (RFC 2231)."""
    try:
        return part.get_filename()
    except (TypeError, ValueError, LookupError):
        return ""  # a part with a name is a file, whatever the name


def _html(part: Message) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", errors="replace").casefold() if isinstance(payload, bytes) else ""


def _named(parts: Sequence[Message]) -> list[Attachment]:
    """Give every part a name of its own; the sender's, as far as it can be a file's name."""
    found: list[Attachment] = []
    taken: set[str] = set()
    for number, part in enumerate(parts, start=1):
        payload = part.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
        fallback = f"lampiran-{number}{_SUFFIXES.get(part.get_content_type(), '')}"
        name = safe_name(decoded(_filename(part) or "")) or fallback
        while name in taken:  # what it is told apart by may itself be another's name
            name = f"{number}-{name}"
        taken.add(name)
        found.append(Attachment(name, content))
    return found


def safe_name(given: str) -> str:
    """Return a given name without folders, control signs or a start that landing passes over; or nothing."""
    last = unicodedata.normalize("NFC", given).replace("\\", "/").rpartition("/")[2]
    name = "".join(sign for sign in last if sign.isprintable()).strip().lstrip(".~$ ")
    path = PurePosixPath(name)
    suffix = path.suffix if len(path.suffix.encode()) <= _SUFFIX_BYTES else ""
    stem = name.removesuffix(suffix) if suffix else name
    return stem.encode()[:_NAME_BYTES].decode(errors="ignore").strip() + suffix if stem.strip() else ""


def too_many(most: int) -> MendError:
    """The error that says how many attachments a message may have."""
    return MendError(
        "mail_parts",
        en=f"The message has more than {most} attachments. Send them in several messages, or as one ZIP.",
        id_=f"Surel ini memuat lebih dari {most} lampiran. Kirim dalam beberapa surel, atau satu ZIP.",
    )


def too_deep(depth: int) -> MendError:
    """The error that says how deeply a message may nest."""
    return MendError(
        "mail_depth",
        en=f"The message holds messages within messages, more than {depth} levels deep. Attach the files "
        "themselves to a new message.",
        id_=f"Surel ini berisi surel di dalam surel, lebih dari {depth} tingkat. Lampirkan berkasnya "
        "langsung pada surel baru.",
    )


def too_large(megabytes: int) -> MendError:
    """The error that says how large a message may be."""
    return MendError(
        "mail_size",
        en=f"The message is larger than {megabytes} MB and was not opened. Send its files in several "
        "messages or packed as ZIP, or put them into the shared folder.",
        id_=f"Surel ini lebih besar daripada {megabytes} MB dan tidak dibuka. Kirim berkasnya dalam beberapa "
        "surel atau dimampatkan sebagai ZIP, atau letakkan di folder bersama.",
    )

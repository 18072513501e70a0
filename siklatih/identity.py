"""Who is meant: employee numbers and their checks, and the keyed pseudonyms that replace them.

A plain hash of an employee number can be reversed by trying all numbers, so pseudonyms are
HMAC-SHA256 with a key that is kept apart from the data.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import date

_NIP = re.compile(r"(\d{4})(\d\d)(\d\d)(\d{4})(\d\d)(\d)(\d{3})", re.ASCII)
_SEPARATORS = re.compile(r"[\s.\-]")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NIP_IN_TEXT = re.compile(r"(?<!\d)\d{8}[\s.\-]?\d{6}[\s.\-]?\d[\s.\-]?\d{3}(?!\d)", re.ASCII)
_EMAIL_IN_TEXT = re.compile(r"[^@\s<>()\[\],;:\"']+@[^@\s<>()\[\],;:\"']+\.[^@\s<>()\[\],;:\"']+")
_TERMINAL = re.compile(r"\d{1,24}", re.ASCII)
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_NIP_DIGITS = 18
_BLOCK_BYTES = 64  # of SHA-256
_MINIMUM_AGE = 16
KEY_CHARACTERS = 32


def normalise_nip(text: str) -> str:
    """Drop the spaces, dots and dashes of the display form."""
    return _SEPARATORS.sub("", text)


def nip_fault(text: str) -> str | None:
    """Return why an employee number cannot be right, or None.

    Digits 13 and 14 are 01 to 12 for PNS (a month), 21 to 29 for PPPK (the contract's number).
    Codes: ``length``, ``birth_date``, ``start``, ``sex``, ``serial``, ``age``.
    Source: Perka BKN 22/2007, DOMAIN 1.10.
    """
    found = _NIP.fullmatch(normalise_nip(text))
    if found is None:
        return "length"
    try:
        born = date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return "birth_date"
    start = int(found[5])
    if not (1 <= start <= 12 or 21 <= start <= 29):
        return "start"
    if found[6] not in "12":
        return "sex"
    if found[7] == "000":
        return "serial"
    return "age" if int(found[4]) - born.year < _MINIMUM_AGE else None


def email_fault(text: str) -> str | None:
    """Return ``form`` if this is not one address."""
    return None if _EMAIL.fullmatch(text.strip()) else "form"


def normalise_name(text: str) -> str:
    """Fold case and white space, so that the same name written twice is one pseudonym."""
    return " ".join(text.casefold().split())


def is_name(text: str) -> bool:
    """Tell whether a text may name somebody: a dash or empty brackets would be one and the same person."""
    return any(character.isalnum() for character in text)


def without_identifiers(text: str) -> str:
    """Mask employee numbers and addresses that somebody typed into a column of plain text.

    A code that turns out to be somebody's number no longer refers to anything, so its row is put aside.
    """
    if len(text) >= _NIP_DIGITS:
        text = _NIP_IN_TEXT.sub("[NIP]", text)
    return _EMAIL_IN_TEXT.sub("[surel]", text) if "@" in text else text


def hold_identifiers(texts: Iterable[str]) -> bool:
    """Tell whether ``without_identifiers`` would change one of many texts, at less than its cost for each."""
    joined = "\0".join(texts)
    return "@" in joined or _NIP_IN_TEXT.search(joined) is not None


def is_code(text: str) -> bool:
    """Tell whether a text may be the code of a batch or a provider; an employee number never is one."""
    return _CODE.fullmatch(text) is not None and without_identifiers(text) == text


class Pseudonymiser:
    """Turns identifiers into keyed pseudonyms: 32 hexadecimal characters, stable for one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        # HMAC (RFC 2104) with its two keyed beginnings made once: twice as fast as ``hmac``, which makes them
        # for each of a roster's hundred thousand identifiers
        block = (hashlib.sha256(key).digest() if len(key) > _BLOCK_BYTES else key).ljust(_BLOCK_BYTES, b"\0")
        self._inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block))
        self._outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in block))

    def _digest(self, text: str) -> str:
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(text.encode())
        outer.update(inner.digest())
        return outer.hexdigest()[:KEY_CHARACTERS]

    @property
    def key_id(self) -> str:
        """A name for the key that does not reveal it."""
        return hmac.new(self._key, b"siklatih key id", hashlib.sha256).hexdigest()[:16]

    def nip(self, text: str) -> str:
        """Pseudonym of an employee number, however it is spaced."""
        return self._digest(normalise_nip(text))

    def email(self, text: str) -> str:
        """Pseudonym of an address; case does not matter."""
        return self._digest("email:" + text.strip().casefold())

    def name(self, text: str) -> str:
        """Pseudonym of a name; case and spacing do not matter."""
        return self._digest("name:" + normalise_name(text))

    def terminal(self, text: str) -> str:
        """Pseudonym of a user's number at a terminal; leading zeros do not matter."""
        return self._digest("terminal:" + (text.strip().lstrip("0") or "0"))

    def replace(self, kind: str, text: str | None) -> tuple[str | None, str | None]:
        """Return (pseudonym, fault) of a nip, email, terminal or name; one of the two is None.

        Both are where a name names nobody, as if it were not there.
        """
        if text is None:
            return None, None
        if kind == "nip":
            fault = nip_fault(text)
            return (self.nip(text), None) if fault is None else (None, fault)
        if kind == "email":
            fault = email_fault(text)
            return (self.email(text), None) if fault is None else (None, fault)
        if kind == "terminal":
            digits = _TERMINAL.fullmatch(text.strip()) is not None
            return (self.terminal(text), None) if digits else (None, "form")
        return (self.name(text), None) if is_name(text) else (None, None)

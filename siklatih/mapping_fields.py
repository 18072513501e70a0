"""The fields of a mapping's file: each is looked at, and a fault says which it is and what is allowed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from siklatih.identity import is_code
from siklatih.wording import collapse


class FieldError(Exception):
    """What is wrong with a field, in English and Indonesian."""

    def __init__(self, field: str, en: str, id_: str) -> None:
        super().__init__(f"{field}: {en}")
        self.en = f"{field}: {en}"
        self.id_ = f"{field}: {id_}"


def check_keys(content: Mapping[Any, Any], allowed: Collection[str]) -> None:
    """Refuse a key that no mapping has."""
    for key in content:
        if key not in allowed:
            listed = ", ".join(sorted(allowed))
            raise FieldError(
                str(key), f"unknown key, known are {listed}", f"kunci tidak dikenal, yang ada {listed}"
            )


def code_of(content: Mapping[str, Any]) -> str:
    """Return the mapping's own code."""
    code = content.get("code")
    if isinstance(code, bool) or not isinstance(code, str | int) or not is_code(str(code)):
        raise FieldError(
            "code",
            "write one word of at most 40 letters, digits, dots, dashes and _; a letter or digit comes first",
            "tulis satu kata, paling banyak 40 huruf, angka, titik, tanda hubung, dan _; huruf atau angka di "
            "awal",
        )
    return str(code)


def lines_of(content: Mapping[str, Any], key: str, field: str | None = None) -> Mapping[Any, Any]:
    """Return the lines below a key; none if it is not there."""
    found = content.get(key)
    if found is None:
        return {}
    if not isinstance(found, Mapping):
        raise FieldError(
            field or key,
            "write one line each below it, a word and a colon and what it stands for",
            "tulis satu baris tiap kata di bawahnya: kata, titik dua, lalu artinya",
        )
    return found


def one_of(value: object, allowed: Collection[str], field: str) -> str:
    """Return a value that must be one of these."""
    if not isinstance(value, str) or value not in allowed:
        listed = ", ".join(sorted(allowed)) or "-"
        said_en, said_id = (
            (f"{value} is none of", f"{value} bukan") if _is_scalar(value) else ("write one of", "tulis")
        )
        raise FieldError(field, f"{said_en}: {listed}", f"{said_id} salah satu dari: {listed}")
    return value


def text_of(value: object, field: str) -> str:
    """Return a value as text; a number or a day is as YAML reads it."""
    if not _is_scalar(value) or isinstance(value, bool) or not str(value).strip():
        raise FieldError(
            field,
            "it is empty, or not one value. Put Yes, No, On and Off between quotation marks",
            "kosong atau bukan satu nilai. Apit Yes, No, On, dan Off dengan tanda kutip",
        )
    return str(value)


def repeat_of(content: Mapping[str, Any]) -> str:
    """Return the sheet of the group that repeats; empty if none is named."""
    named = content.get("repeat")
    return "" if named is None else collapse(text_of(named, "repeat"))


def word_of(word: object, field: str) -> str:
    """Return a word of the file as it is compared."""
    return collapse(text_of(word, f"{field}, “{word}”")).casefold()


def named_twice(field: str, word: object) -> FieldError:
    """Return the fault of two lines that mean the same word, for case and white space do not count."""
    return FieldError(
        f"{field}, “{word}”",
        "it is named twice, case and white space apart. Keep one line",
        "disebut dua kali, dengan huruf besar atau spasi yang berbeda. Pertahankan satu baris",
    )


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int | float | date)

"""Values as people write them, into the one form that contracts read. What cannot be read stays as it is.

Leaving an unreadable value alone lets the contract's type check put the row aside, with its number.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time

from siklatih.contracts import Column
from siklatih.errors import MendError
from siklatih.sources.dates import DateParser, Order
from siklatih.sources.moments import moment

_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:([.,])\d{3})(?:\1\d{3})*(?:(?!\1)[.,]\d+)?")
_SPACED = re.compile(r"[+-]?[1-9]\d{0,2}(?:\s\d{3})+(?:[.,]\d{1,2})?")  # a space is never a decimal comma
_RUPIAH = re.compile(r"Rp\.?\s*(.+?)(?:,-)?", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"\d(?:[.,]\d+)?[eE]\+?\d+")
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?[eE]\+\d+")  # as a spreadsheet writes it; the sign is always there
_KEPT_AS_TEXT = re.compile(r"=\"([^\"]*)\"|['’`]?(.*)")  # how people keep a number's digits in a spreadsheet
_GRADE = re.compile(r"(iii|ii|iv|i|[1-4])\s*[./ -]?\s*([a-e])")
_ROMAN = {"1": "i", "2": "ii", "3": "iii", "4": "iv"}
_DAY_FIRST = DateParser(Order.DAY)
_TRUE = {"ya", "y", "true", "benar", "1", "yes"}
_FALSE = {"tidak", "t", "false", "salah", "0", "no"}


def canonical(column: Column, cell: object, dates: DateParser = _DAY_FIRST) -> str | None:
    """Return a cell as the text its column's kind is read from: ISO dates, decimal points, enum codes.

    ``dates`` knows whether the file writes the day or the month first.
    """
    if cell is None or cell == "":
        return None
    if isinstance(cell, datetime) and column.kind == "datetime":
        return cell.isoformat(" ", "seconds")  # most of a workbook's different cells; nothing to find out
    text = plain_text(cell)
    if not text:
        return None
    if column.kind == "nip":
        return _number(column, cell, text)
    if column.kind in ("date", "datetime"):
        return moment(text, with_time=column.kind == "datetime", dates=dates)
    if column.kind in ("decimal", "integer"):
        return _amount(column, text) if isinstance(cell, str) else text
    if column.kind == "boolean":
        folded = text.casefold()
        return "true" if folded in _TRUE else "false" if folded in _FALSE else text
    if "+" in text and (column.kind == "code" or column.name.endswith("_id")):
        unrounded(text)
    return _enum_code(column, text) if column.values else text


def unrounded(text: str, row: int | None = None, column: str | None = None) -> str:
    """Return an ID as it stands; ``MendError`` if a spreadsheet has rounded it, for many then become one."""
    if _ROUNDED.fullmatch(text.strip()):
        raise MendError(
            "id_scientific",
            en="A spreadsheet program has rounded the IDs in this column; their last digits are lost. Send "
            "the export as the tool wrote it, without saving it in such a program.",
            id_="ID pada kolom ini sudah dibulatkan oleh program lembar kerja sehingga angka terakhirnya "
            "hilang. Kirim berkas seperti yang diekspor, tanpa disimpan ulang di program seperti itu.",
            row=row,
            column=column,
        )
    return text


def plain_text(cell: object) -> str:
    """Return a cell as text, without the tail a spreadsheet gives to whole numbers."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell).strip()


def _number(column: Column, cell: object, text: str) -> str | None:
    if isinstance(cell, str) and text.isascii() and text.isdigit():
        return text
    found = _KEPT_AS_TEXT.fullmatch(text)
    text = "".join((found[1] or found[2] or "" if found else text).split())
    if isinstance(cell, float) or _SCIENTIFIC.fullmatch(text):
        raise MendError(
            "nip_scientific",
            en="An employee number was stored as a number; its last digits are lost. "
            "Format the column as text, enter the numbers again and send the file again.",
            id_="NIP tersimpan sebagai angka sehingga angka terakhirnya hilang. "
            "Ubah kolom menjadi teks, isi ulang NIP, lalu kirim ulang.",
            column=column.name,
        )
    return text or None


def _amount(column: Column, text: str) -> str:
    """A typed number with a decimal comma, with thousands in groups or apart, or an amount in rupiah.

    One group of three in a column of decimals may be either: 500.000 is half a million to one reader and
    five hundred to another. It is marked so that the type check puts the row aside; nothing is guessed.
    """
    rupiah = _RUPIAH.fullmatch(text)
    number = rupiah[1] if rupiah else text
    if _SPACED.fullmatch(number):
        return "".join(number.split()).replace(",", ".")
    grouped = _GROUPED.fullmatch(number)
    if grouped is None:
        return number.replace(",", ".") if _DECIMAL_COMMA.fullmatch(number) else number
    separator = grouped[1]
    decimal = "," if separator == "." else "."
    whole = rupiah is not None or column.kind == "integer" or decimal in number
    if not whole and number.count(separator) == 1:
        return f"? {text}"
    return number.replace(separator, "").replace(decimal, ".")


def column_letters(index: int) -> str:
    """Return a column's letters as a spreadsheet shows them; 0 is A."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _enum_code(column: Column, text: str) -> str:
    folded = text.casefold()
    for item in column.values:
        if folded in (item.value.casefold(), item.label_id.casefold()):
            return item.value
    grade = _grade(folded)
    if grade is None:
        return text
    same = [item.value for item in column.values if _grade(item.value.casefold()) == grade]
    return same[0] if len(same) == 1 else text


def _grade(folded: str) -> tuple[str, str] | None:
    """A rank as people write it (III/d, III.d, 3d), in one form; None if this is no rank."""
    found = _GRADE.fullmatch(folded)
    return (_ROMAN.get(found[1], found[1]), found[2]) if found else None

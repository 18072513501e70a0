"""Damage as files meet it: by transport, by editors, by other languages' tools, and by chance.

``mutate`` damages a file once or twice; the same random numbers damage it in the same way.
"""

from __future__ import annotations

import io
import random
import re
import zipfile
import zlib
from collections.abc import Callable

Mutation = Callable[[bytes, random.Random], bytes]

# words of headings -> what another language's tool, or another person, would write
_LOCALISED = {
    "Course": "Cours", "Group": "Groupe", "Last name": "Nom de famille", "First name": "Prénom", "ID number": "NIP",
    "All students": "Tous les étudiants", "Taken sessions": "Sesi", "Join Time": "Heure d'arrivée",
    "Leave Time": "Waktu keluar", "User Email": "E-mail", "Name (Original Name)": "Nama (Nama Asli)",
    "Meeting ID": "ID Rapat", "Duration (Minutes)": "Durée (minutes)", "submitdate": "Date de soumission",
    "startlanguage": "Langue", "lastpage": "Halaman terakhir", "Kode angkatan": "Batch code", "NIP": "Employee no.",
    "Tanggal": "Date", "Nama": "Nom", "Nilai": "Note", "Status": "État", "meta": "Metadaten", "Aug": "août",
    "Jan": "Januari", "PM": "soir",
}  # fmt: skip
_INSERTED = (
    b'"', b"\x00", b";;;", b"\r\n\r\n", b"=1+1", "”".encode(), b"9" * 70_000, b"\t", b",", b"\xff\xfe", b"\xef\xbb\xbf",
    b"1e309", b"NaN", b"-0", b"31/02/2026", b"0000-00-00", b"\xf0\x9f\x92\xa5", b"\xe2\x80\xae", b"\x1a", b"\x0b", b"\x0c",
    b"\xc2\x85", b"\xe2\x80\xa8", b"%s%n", b"\\N", b"&amp;", b"]]>", b"<c/>", b"9999999999999999999999",
)  # fmt: skip


def _place(content: bytes, chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(max(1, len(content)))
    return start, min(len(content), start + chance.choice((1, 3, 40, 4000)))


def bytes_flipped(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 5, 50)) if changed else 0):
        changed[chance.randrange(len(changed))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def truncated(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(max(1, len(content)))]


def piece_lost(content: bytes, chance: random.Random) -> bytes:
    start, end = _place(content, chance)
    return content[:start] + content[end:]


def piece_twice(content: bytes, chance: random.Random) -> bytes:
    start, end = _place(content, chance)
    return content[:end] + content[start:]


def piece_overwritten(content: bytes, chance: random.Random) -> bytes:
    start, end = _place(content, chance)
    return content[:start] + chance.randbytes(end - start) + content[end:]


def something_inserted(content: bytes, chance: random.Random) -> bytes:
    start, end = _place(content, chance)
    return content[:start] + chance.choice(_INSERTED) + content[chance.choice((start, end)) :]


def headings_localised(content: bytes, chance: random.Random) -> bytes:
    known = [word for word in _LOCALISED if word.encode() in content]
    for word in chance.sample(known, min(len(known), chance.randrange(1, 5))):
        content = content.replace(word.encode(), _LOCALISED[word].encode(), chance.choice((1, -1)))
    return content


def encodings_mixed(content: bytes, chance: random.Random) -> bytes:
    """A piece in another encoding, as when two exports are pasted together; or the whole file."""
    kind = chance.choice(("cp1252", "utf-16", "utf-16-le", "utf-8-sig", "latin-1"))
    start, end = (0, len(content)) if chance.random() < 0.3 else sorted(_place(content, chance))
    text = content[start:end].decode("utf-8", errors="replace") + chance.choice(("", "é", "Ω"))
    return content[:start] + text.encode(kind, errors="replace") + content[end:]


def line_ends_changed(content: bytes, chance: random.Random) -> bytes:
    plain = content.replace(b"\r\n", b"\n")
    ends = chance.choice(
        ((b"\r\n",), (b"\n",), (b"\r",), (b"\n", b"\r\n"), (b"\r", b"\n"), (b"\n\n",), (b"",))
    )
    lines = plain.split(b"\n")
    return b"".join(line + chance.choice(ends) for line in lines)


def rows_duplicated(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    if lines:
        line = chance.randrange(len(lines))
        lines[line:line] = [chance.choice(lines)] * chance.choice((1, 2, 30))
    return b"".join(lines)


def rows_shuffled(content: bytes, chance: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    first = chance.choice((0, min(4, len(lines))))
    rest = lines[first:]
    chance.shuffle(rest)
    return b"".join([*lines[:first], *rest])


def columns_swapped(content: bytes, chance: random.Random) -> bytes:
    """In all lines, or only below some line, as when a sheet was sorted with a part of it selected."""
    separator = max((b";", b"\t", b","), key=content.count)
    lines = content.split(b"\n")
    begin = chance.choice((0, chance.randrange(len(lines))))
    widest = max(line.count(separator) for line in lines) + 1
    one, other = chance.randrange(widest), chance.randrange(widest)
    for number, line in enumerate(lines[begin:], start=begin):
        cells = line.split(separator)
        if max(one, other) < len(cells):
            cells[one], cells[other] = cells[other], cells[one]
            lines[number] = separator.join(cells)
    return b"\n".join(lines)


def quote_broken(content: bytes, chance: random.Random) -> bytes:
    quotes = [match.start() for match in re.finditer(b'"', content)]
    if quotes and chance.random() < 0.7:
        place = chance.choice(quotes)
        return content[:place] + chance.choice((b"", b"'", b'""', b'\\"')) + content[place + 1 :]
    place = chance.randrange(max(1, len(content)))
    return content[:place] + b'"' + content[place:]


BYTES: tuple[Mutation, ...] = (
    bytes_flipped,
    truncated,
    piece_lost,
    piece_twice,
    piece_overwritten,
    something_inserted,
)
TEXT: tuple[Mutation, ...] = (
    *BYTES, headings_localised, encodings_mixed, line_ends_changed, rows_duplicated, rows_shuffled, columns_swapped,
    quote_broken,
)  # fmt: skip


def _members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _packed(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def members_swapped(content: bytes, chance: random.Random) -> bytes:
    members = _members(content)
    one, other = chance.sample(sorted(members), 2)
    members[one], members[other] = members[other], members[one]
    return _packed(members)


def member_lost(content: bytes, chance: random.Random) -> bytes:
    members = _members(content)
    del members[chance.choice(sorted(members))]
    return _packed(members)


def member_damaged(content: bytes, chance: random.Random) -> bytes:
    """Damage within a sound container, which the container's own checksum does not tell."""
    members = _members(content)
    sheets = [name for name in members if "sheet" in name.casefold() or "string" in name.casefold()]
    name = (
        chance.choice(sheets or sorted(members)) if chance.random() < 0.8 else chance.choice(sorted(members))
    )
    members[name] = chance.choice((*BYTES, headings_localised, encodings_mixed, quote_broken))(
        members[name], chance
    )
    return _packed(members)


def _cells_changed(content: bytes, chance: random.Random, change: Callable[[list[bytes]], None]) -> bytes:
    """Change the list of one sheet's pieces, each of which begins with a cell or a row."""
    members = _members(content)
    name = chance.choice([name for name in sorted(members) if "worksheets/" in name] or sorted(members))
    pieces = re.split(rb"(?=<(?:c|row)[ >])", members[name])
    change(pieces)
    members[name] = b"".join(pieces)
    return _packed(members)


def cells_swapped(content: bytes, chance: random.Random) -> bytes:
    """Cells change places but keep what they say of their own: references are then out of order."""

    def change(pieces: list[bytes]) -> None:
        for _ in range(chance.choice((1, 5))):
            one, other = chance.randrange(len(pieces)), chance.randrange(len(pieces))
            pieces[one], pieces[other] = pieces[other], pieces[one]

    return _cells_changed(content, chance, change)


def rows_repeated(content: bytes, chance: random.Random) -> bytes:
    def change(pieces: list[bytes]) -> None:
        start = chance.randrange(len(pieces))
        pieces[start:start] = pieces[start : start + chance.choice((1, 10))]

    return _cells_changed(content, chance, change)


def references_changed(content: bytes, chance: random.Random) -> bytes:
    """A cell says that it stands elsewhere."""

    def change(pieces: list[bytes]) -> None:
        at = chance.randrange(len(pieces))
        there = chance.choice(
            (b"XFD1048576", b"A0", b"A1", b"ZZ90000", b"", b"B2:C3", b"$A$1", b"a4294967296")
        )
        pieces[at] = re.sub(rb' r="[^"]*"', b' r="' + there + b'"', pieces[at], count=1)

    return _cells_changed(content, chance, change)


def values_changed(content: bytes, chance: random.Random) -> bytes:
    """A value or the kind of a value becomes another."""

    def change(pieces: list[bytes]) -> None:
        at = chance.randrange(len(pieces))
        kind = chance.choice((b"s", b"b", b"e", b"n", b"str", b"d", b"inlineStr", b"?"))
        pieces[at] = re.sub(rb' t="[^"]*"', b' t="' + kind + b'"', pieces[at], count=1)
        value = chance.choice(
            (b"-1", b"99999999999", b"1e400", b"nan", b"", b"x", b"2958466", b"-657435", b"0.5")
        )
        if chance.random() < 0.7:
            pieces[at] = re.sub(rb"<v>[^<]*</v>", b"<v>" + value + b"</v>", pieces[at], count=1)

    return _cells_changed(content, chance, change)


def container_damaged(content: bytes, chance: random.Random) -> bytes:
    """One kind among the others: hardly any such file is opened at all."""
    return chance.choice(BYTES)(content, chance)


CONTAINER: tuple[Mutation, ...] = (
    container_damaged, members_swapped, member_lost, member_damaged, member_damaged, cells_swapped, rows_repeated,
    references_changed, values_changed, values_changed,
)  # fmt: skip


def mutate(content: bytes, chance: random.Random) -> tuple[str, bytes]:
    """Damage a file once, in a quarter of cases twice; return what was done, and the damaged file."""
    done = []
    for _ in range(chance.choice((1, 1, 1, 2))):
        packed = zipfile.is_zipfile(io.BytesIO(content))
        mutation = chance.choice(CONTAINER if packed else TEXT)
        try:
            content = mutation(content, chance)
        except (
            zipfile.BadZipFile,
            NotImplementedError,
            RuntimeError,
            ValueError,
            EOFError,
            OSError,
            zlib.error,
        ):
            mutation = truncated  # damaged so far by the first that the second cannot open it
            content = truncated(content, chance)
        done.append(mutation.__name__)
    return "+".join(done), content

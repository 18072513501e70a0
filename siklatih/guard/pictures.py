"""Photos and PDF, known by how they begin and never by their name: no list can be read out of them."""

from __future__ import annotations

import re

from siklatih.errors import MendError

PICTURE, PDF = "picture", "pdf"
TO_BE_TYPED = (PICTURE, PDF)  # codes of refusals that are answered with a workbook to type into
_BEGINNINGS = (
    b"\xff\xd8\xff",  # JPEG
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    b"II*\x00",  # TIFF, and many raw formats of cameras
    b"MM\x00*",
    b"II+\x00",  # BigTIFF
    b"MM\x00+",
)
_HEIF = re.compile(rb"\x00\x00..ftyp(?:hei[cxms]|hev[cmx]|mif1|msf1|avi[fs])", re.DOTALL)
_WEBP = re.compile(rb"RIFF....WEBP", re.DOTALL)
_BMP_HEADERS = (12, 40, 52, 56, 64, 108, 124)  # sizes of the second header; a text that begins BM has none
_PDF = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,1024}%PDF-\d")


def refuse_picture(head: bytes) -> None:
    """Refuse a photo, a scan or a PDF, with what to do instead.

    Raises:
        MendError: it is one.
    """
    if _PDF.match(head):
        raise MendError(
            PDF,
            en="This is a PDF; lists cannot be read out of it. Type the list into the workbook that is "
            "returned with this answer, and send the workbook.",
            id_="Ini PDF; daftar di dalamnya tidak dapat dibaca. Ketik daftar itu ke buku kerja yang dikirim "
            "bersama jawaban ini, lalu kirim buku kerjanya.",
        )
    if head.startswith(_BEGINNINGS) or _HEIF.match(head) or _WEBP.match(head) or _is_bmp(head):
        raise MendError(
            PICTURE,
            en="This is a picture; lists cannot be read out of it, whatever the file is called. Type the "
            "list into the workbook that is returned with this answer, and send the workbook.",
            id_="Ini gambar atau foto; daftar di dalamnya tidak dapat dibaca, apa pun nama berkasnya. Ketik "
            "daftar itu ke buku kerja yang dikirim bersama jawaban ini, lalu kirim buku kerjanya.",
        )


def _is_bmp(head: bytes) -> bool:
    return head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BMP_HEADERS

"""XML members of a container before they are parsed: nesting, elements, how far cells reach, long texts.

A quick pass over the bytes clears nearly all; what it cannot clear is counted exactly with expat, whose
handlers stop at the first bound that is broken. Nothing outside the file is ever opened: a document type or
an entity refuses the file, and relationships to other files are not followed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from xml.parsers import expat

from siklatih.errors import MendError
from siklatih.guard.cells import Cells, RepeatedCells, SharedStrings
from siklatih.guard.names import BookNames, Names
from siklatih.guard.xml_quick import QuickScan, Unsure
from siklatih.limits import MEGABYTE, Limits

# the only places from which calamine takes them, whatever the relationships say
_STRINGS, _CONTENT = "xl/sharedstrings.xml", "content.xml"
BOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_UTF8 = {"utf-8", "us-ascii"}


class MarkupScan:
    """Scan the XML members of one container; elements are counted over all of them."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._elements = 0
        self._names = BookNames()

    def scan(self, pieces: Callable[[], Iterable[bytes]], name: str) -> None:
        """Scan a member, quickly if that is enough.

        Args:
            pieces: unpacks the member from its beginning; called a second time to count exactly.
            name: the member's name within the container, in small letters.

        Raises:
            MendError: the member breaks a bound.
        """
        if name not in (BOOK, RELATIONS, _CONTENT):
            quick = QuickScan(self._limits, strings=name == _STRINGS)
            try:
                quick.scan(self._measured(pieces(), name))
                self._count(quick.elements)
            except Unsure:
                pass
            else:
                return
        exact = _ExactScan(self._limits, self._reader(name), self._elements)
        exact.scan(self._measured(pieces(), name))
        self._elements = exact.elements

    def _count(self, elements: int) -> None:
        if self._elements + elements > self._limits.xml_elements:
            raise too_many_elements(self._limits)
        self._elements += elements

    def _measured(self, pieces: Iterable[bytes], name: str) -> Iterable[bytes]:
        total = 0
        for piece in pieces:
            total += len(piece)
            if name == _STRINGS and total > self._limits.strings_bytes:
                raise MendError(
                    "strings_too_large",
                    en="The workbook's texts take more than "
                    f"{self._limits.strings_bytes / MEGABYTE:g} MB. Split it into several workbooks.",
                    id_=f"Teks buku kerja ini melebihi {self._limits.strings_bytes / MEGABYTE:g} MB. "
                    "Bagi menjadi beberapa buku kerja.",
                )
            yield piece

    def _reader(self, name: str) -> Names:
        if name in (BOOK, RELATIONS):
            return self._names
        if name == _STRINGS:
            return SharedStrings(self._limits)
        if name == _CONTENT:
            return RepeatedCells(self._limits)
        return Cells(self._limits, self._names.sheet_number(name))


class _ExactScan:
    def __init__(self, limits: Limits, names: Names, elements: int) -> None:
        self.elements = elements
        self._limits = limits
        self._names = names
        self._depth = 0
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._begin
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = names.text
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._document_type
        parser.EntityDeclHandler = self._document_type
        parser.ExternalEntityRefHandler = self._document_type
        self._parser = parser

    def scan(self, pieces: Iterable[bytes]) -> None:
        try:
            for piece in pieces:
                if b"\x00" in piece:
                    raise _encoding()
                self._parser.Parse(piece, False)
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise MendError(
                "broken_xml",
                en="A part of the workbook is broken inside. Open it, save it again and send that.",
                id_="Satu bagian buku kerja rusak di dalamnya. Buka, simpan ulang, lalu kirim.",
            ) from error

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > self._limits.xml_depth:
            raise MendError(
                "xml_too_deep",
                en=f"The workbook's XML nests deeper than {self._limits.xml_depth} levels; no spreadsheet "
                "program writes this. Copy the data into a new template and send that.",
                id_=f"XML buku kerja ini bersarang lebih dari {self._limits.xml_depth} tingkat; program "
                "lembar kerja tidak menulisnya. Salin data ke templat baru, lalu kirim.",
            )
        self.elements += 1
        if self.elements > self._limits.xml_elements:
            raise too_many_elements(self._limits)
        self._names.begin(name.rpartition(":")[2], attributes)

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._names.end(name.rpartition(":")[2])

    def _declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.casefold() not in _UTF8:
            raise _encoding()

    def _document_type(self, *_: object) -> int:
        raise MendError(
            "xml_doctype",
            en="The workbook's XML declares a document type or entities, which can make it swell or reach "
            "for other files. Do not open it; ask its sender for a new export.",
            id_="XML buku kerja ini menyatakan tipe dokumen atau entitas yang dapat membuatnya membengkak "
            "atau mengambil berkas lain. Jangan buka berkas ini; minta ekspor baru kepada pengirim.",
        )


def _encoding() -> MendError:
    return MendError(
        "xml_encoding",
        en="The workbook's XML is not UTF-8. Open it, save it as XLSX and send that.",
        id_="XML buku kerja ini bukan UTF-8. Buka, simpan sebagai XLSX, lalu kirim.",
    )


def too_many_elements(limits: Limits) -> MendError:
    """All XML members together hold more elements than allowed."""
    return MendError(
        "xml_too_many_elements",
        en=f"The workbook holds more than {limits.xml_elements} elements. Split it into several workbooks.",
        id_=f"Buku kerja ini memuat lebih dari {limits.xml_elements} unsur. Bagi menjadi beberapa "
        "buku kerja.",
    )

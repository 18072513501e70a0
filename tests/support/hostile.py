"""Workbooks and containers written part by part, so that a test can make them lie."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping

_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
BOOK = (
    f'{DECLARATION}<workbook xmlns="{_MAIN}" xmlns:r="{_RELATION}"><sheets>'
    '<sheet name="meta" sheetId="1" r:id="rId2"/><sheet name="Nilai" sheetId="2" r:id="rId1"/>'
    "</sheets></workbook>"
)
RELATIONS = (
    f'{DECLARATION}<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATION}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_RELATION}/worksheet" Target="/xl/worksheets/sheet2.xml"/>'
    "</Relationships>"
)
ROOT = (
    f'{DECLARATION}<Relationships><Relationship Id="rId1" Type="{_RELATION}/officeDocument" '
    'Target="xl/workbook.xml"/></Relationships>'
)
_ODS = "urn:oasis:names:tc:opendocument:xmlns"


def sheet(rows: str, *, after: str = "", before: str = "") -> str:
    """A worksheet; ``rows`` stands within ``sheetData``."""
    return (
        f'{DECLARATION}{before}<worksheet xmlns="{_MAIN}" xmlns:x="{_MAIN}"><sheetData>{rows}</sheetData>'
        f"{after}</worksheet>"
    )


def cell(reference: str, text: str = "1") -> str:
    """A row with one number or text in it."""
    row = reference.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return f'<row r="{row}"><c r="{reference}" t="str"><v>{text}</v></c></row>'


def container(parts: Mapping[str, str | bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP container with these members, in this order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def workbook(rows: str = "", **parts: str | bytes) -> bytes:
    """A workbook of two sheets, the second with these rows; ``parts`` replaces members by their last name."""
    members: dict[str, str | bytes] = {
        "_rels/.rels": ROOT,
        "xl/workbook.xml": BOOK,
        "xl/_rels/workbook.xml.rels": RELATIONS,
        "xl/worksheets/sheet1.xml": sheet(rows),
        "xl/worksheets/sheet2.xml": sheet(""),
    }
    for name, content in parts.items():
        found = next((member for member in members if member.endswith(f"/{name}.xml")), f"xl/{name}.xml")
        members[found] = content
    return container(members)


def strings(entries: list[str]) -> str:
    """A table of shared strings."""
    return f'{DECLARATION}<sst xmlns="{_MAIN}">' + "".join(f"<si>{one}</si>" for one in entries) + "</sst>"


def ods(table: str) -> bytes:
    """An OpenDocument spreadsheet of one table."""
    body = (
        f'{DECLARATION}<office:document-content xmlns:office="{_ODS}:office:1.0" xmlns:table="{_ODS}:table:1.0" '
        f'xmlns:text="{_ODS}:text:1.0"><office:body><office:spreadsheet><table:table table:name="x">{table}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    mimetype = "application/vnd.oasis.opendocument.spreadsheet"
    return container({"mimetype": mimetype, "content.xml": body})


def ods_row(text: str = "a", *, rows: int = 1, columns: int = 1) -> str:
    """A row with one repeated cell; an empty ``text`` leaves it without content."""
    inside = f"<text:p>{text}</text:p>" if text else ""
    kind = ' office:value-type="string"' if text else ""
    return (
        f'<table:table-row table:number-rows-repeated="{rows}"><table:table-cell '
        f'table:number-columns-repeated="{columns}"{kind}>{inside}</table:table-cell></table:table-row>'
    )


def with_declared_size(content: bytes, member: str, size: int) -> bytes:
    """Let the local header and the directory say another unpacked size of a member."""
    name, changed = member.encode(), bytearray(content)
    for signature, size_at, name_at in ((b"PK\x03\x04", 22, 30), (b"PK\x01\x02", 24, 46)):
        start = -1
        while (start := content.find(signature, start + 1)) >= 0:
            if content[start + name_at : start + name_at + len(name)] == name:
                changed[start + size_at : start + size_at + 4] = struct.pack("<L", size)
    return bytes(changed)


def with_flag(content: bytes, flag: int) -> bytes:
    """Set a flag of every member in the directory."""
    changed, start = bytearray(content), -1
    while (start := content.find(b"PK\x01\x02", start + 1)) >= 0:
        changed[start + 8] |= flag
    return bytes(changed)


def renamed(content: bytes, old: str, new: str) -> bytes:
    """Give a member another name of the same length, in its header and in the directory."""
    assert len(old) == len(new)
    return content.replace(old.encode(), new.encode())

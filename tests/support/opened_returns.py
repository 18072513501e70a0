"""A return as another program sees it: values by one reader, fills and comments from the XML itself."""

from __future__ import annotations

import posixpath
import zipfile
from pathlib import Path
from typing import Any

from lxml import etree
from python_calamine import CalamineWorkbook

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
COLOUR = "FFC7CE"
LIST = "Perbaikan"


def listed(path: Path) -> list[dict[str, Any]]:
    """The problems on the list sheet, by the headings above them."""
    rows = values(path, LIST)
    start = next(number for number, row in enumerate(rows) if row and row[0] == "lembar / sheet")
    return [dict(zip(rows[start], row, strict=False)) for row in rows[start + 1 :]]


def values(path: Path, sheet: str) -> list[list[Any]]:
    """A sheet's cells."""
    return CalamineWorkbook.from_path(str(path)).get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def coloured(path: Path) -> dict[tuple[str, str], str]:
    """(sheet, cell) -> its comment, of all cells outside the list that have the colour of a fault."""
    found = {}
    with zipfile.ZipFile(path) as container:
        styles = _coloured_styles(container)
        for name, member in _sheets(container):
            comments = _comments(container, member)
            for cell in etree.fromstring(container.read(member)).iter(f"{_MAIN}c"):
                if name != LIST and int(cell.get("s", "0")) in styles:
                    found[name, cell.get("r")] = comments.get(cell.get("r"), "")
    return found


def _coloured_styles(container: zipfile.ZipFile) -> set[int]:
    root = etree.fromstring(container.read("xl/styles.xml"))
    fills = [
        any(colour.get("rgb", "").endswith(COLOUR) for colour in fill.iter(f"{_MAIN}fgColor"))
        for fill in root.find(f"{_MAIN}fills")
    ]
    formats = root.find(f"{_MAIN}cellXfs")
    return {number for number, one in enumerate(formats) if fills[int(one.get("fillId", "0"))]}


def _targets(container: zipfile.ZipFile, member: str) -> list[tuple[str, str, str]]:
    """(id, kind, member) of what a part refers to."""
    folder, _, name = member.rpartition("/")
    rels = f"{folder}/_rels/{name}.rels"
    if rels not in container.namelist():
        return []
    return [
        (one.get("Id"), one.get("Type").rpartition("/")[2], posixpath.normpath(posixpath.join("/", folder, one.get("Target"))).lstrip("/"))
        for one in etree.fromstring(container.read(rels))
    ]  # fmt: skip


def _sheets(container: zipfile.ZipFile) -> list[tuple[str, str]]:
    members = {link: member for link, _, member in _targets(container, "xl/workbook.xml")}
    book = etree.fromstring(container.read("xl/workbook.xml"))
    return [(sheet.get("name"), members[sheet.get(_LINK)]) for sheet in book.iter(f"{_MAIN}sheet")]


def _comments(container: zipfile.ZipFile, member: str) -> dict[str, str]:
    found = {}
    for _, kind, target in _targets(container, member):
        if kind == "comments":
            for comment in etree.fromstring(container.read(target)).iter(f"{_MAIN}comment"):
                found[comment.get("ref")] = "".join(text.text or "" for text in comment.iter(f"{_MAIN}t"))
    return found

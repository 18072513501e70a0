"""Workbooks as another program opens them: values by calamine, colours and comments from the XML itself."""

from __future__ import annotations

import posixpath
import zipfile
from pathlib import Path
from typing import Any

from lxml import etree
from python_calamine import CalamineWorkbook

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Opened:
    """A workbook that was returned. Cells go by their reference, such as ``B2``."""

    def __init__(self, path: Path) -> None:
        self._book = CalamineWorkbook.from_path(str(path))
        with zipfile.ZipFile(path) as container:
            self._parts = {name: container.read(name) for name in container.namelist()}
        self.sheets: list[str] = self._book.sheet_names

    def values(self, sheet: str) -> list[list[Any]]:
        """All cells of a sheet, from its first row and column on."""
        return self._book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)

    def fills(self, sheet: str) -> dict[str, str]:
        """Cell -> the colour it is filled with."""
        styles = etree.fromstring(self._parts["xl/styles.xml"])
        colours = []
        for fill in styles.find(f"{_MAIN}fills"):
            colour = fill.find(f"{_MAIN}patternFill/{_MAIN}fgColor")
            colours.append(None if colour is None else colour.get("rgb"))
        fill_of = [int(style.get("fillId", "0")) for style in styles.find(f"{_MAIN}cellXfs")]
        cells = etree.fromstring(self._parts[self._part(sheet)]).iter(f"{_MAIN}c")
        found = {cell.get("r"): colours[fill_of[int(cell.get("s", "0"))]] for cell in cells}
        return {cell: colour for cell, colour in found.items() if colour}

    def comments(self, sheet: str) -> dict[str, str]:
        """Cell -> the text of its comment."""
        part = self._part(sheet)
        for kind, target in self._links(part):
            if kind.endswith("/comments"):
                tree = etree.fromstring(self._parts[target])
                return {
                    one.get("ref"): "".join(text.text or "" for text in one.iter(f"{_MAIN}t"))
                    for one in tree.iter(f"{_MAIN}comment")
                }
        return {}

    def _part(self, sheet: str) -> str:
        book = etree.fromstring(self._parts["xl/workbook.xml"])
        (link,) = [one.get(_LINK) for one in book.iter(f"{_MAIN}sheet") if one.get("name") == sheet]
        (target,) = [target for name, target in self._named_links("xl/workbook.xml") if name == link]
        return target

    def _links(self, part: str) -> list[tuple[str, str]]:
        return [(kind, target) for _, kind, target in self._relations(part)]

    def _named_links(self, part: str) -> list[tuple[str, str]]:
        return [(name, target) for name, _, target in self._relations(part)]

    def _relations(self, part: str) -> list[tuple[str, str, str]]:
        folder, name = posixpath.split(part)
        content = self._parts.get(f"{folder}/_rels/{name}.rels")
        found = []
        for one in etree.fromstring(content) if content else []:
            target = one.get("Target")
            place = (
                target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            )
            found.append((one.get("Id"), one.get("Type"), place))
        return found

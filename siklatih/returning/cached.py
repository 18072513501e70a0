"""What formulas had last come to: openpyxl keeps a formula but not its value, so it is put back.

Without it every cell with a formula would be empty to a reader that does not calculate, ours included.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from openpyxl.xml.functions import fromstring, tostring

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
Values = dict[str, tuple[str | None, str]]


def formula_values(path: Path) -> dict[str, Values]:
    """Return sheet -> cell -> (type, value as written) of all cells with a formula and a value."""
    with zipfile.ZipFile(path) as container:
        found = {}
        for name, member in _sheets(container).items():
            content = container.read(member)
            if b"<f" not in content and b":f" not in content:
                continue
            values: Values = {}
            for cell in fromstring(content).iter(f"{_MAIN}c"):
                value = cell.find(f"{_MAIN}v")
                if cell.find(f"{_MAIN}f") is not None and value is not None and value.text:
                    values[cell.get("r")] = (cell.get("t"), value.text)
            found[name] = values
        return found


def put_back(found: Mapping[str, Values]) -> Any:
    """Return what gives the values back to a container that openpyxl wrote (see ``workbook_bytes``)."""
    return partial(_mended, found)


def _mended(found: Mapping[str, Values], container: zipfile.ZipFile) -> dict[str, bytes]:
    members = _sheets(container)
    return {
        members[name]: _with_values(container.read(members[name]), values)
        for name, values in found.items()
        if values and name in members
    }


def _with_values(content: bytes, values: Values) -> bytes:
    tree = fromstring(content)
    for cell in tree.iter(f"{_MAIN}c"):
        known = values.get(cell.get("r"))
        value = cell.find(f"{_MAIN}v")
        if known is None or value is None or cell.find(f"{_MAIN}f") is None:
            continue
        kind, value.text = known
        if kind is not None:
            cell.set("t", kind)
    return bytes(tostring(tree))


def _sheets(container: zipfile.ZipFile) -> dict[str, str]:
    """Sheet -> the container's member that holds it."""
    links = {
        link.get("Id"): link.get("Target")
        for link in fromstring(container.read("xl/_rels/workbook.xml.rels")).iter(_RELATION)
    }
    sheets = fromstring(container.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")
    found = {sheet.get("name"): links.get(sheet.get(_LINK)) for sheet in sheets}
    known = set(container.namelist())
    members = {
        name: posixpath.normpath(posixpath.join("xl", target)).lstrip("/")
        for name, target in found.items()
        if name and target
    }
    return {name: member for name, member in members.items() if member in known}

"""ODS written by hand, for no installed library writes it."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_SPACES = " ".join(
    f'xmlns:{short}="{name}"'
    for short, name in {
        "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
        "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
        "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
        "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
        "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
    }.items()
)


def ods_cell(value: object, facts: str = "") -> str:
    """One cell; ``facts`` are more attributes, such as a span or a formula."""
    if value is None:
        return f"<table:table-cell {facts}/>"
    if isinstance(value, int | float):
        return f'<table:table-cell {facts} office:value-type="float" office:value="{value}"/>'
    text = str(value)
    return (
        f'<table:table-cell {facts} office:value-type="string"><text:p>'
        f"{quoteattr(text)[1:-1]}</text:p></table:table-cell>"
    )


def ods_date(day: str) -> str:
    """One cell with a day."""
    return f'<table:table-cell office:value-type="date" office:date-value="{day}"/>'


def ods_row(cells: Sequence[object], facts: str = "") -> str:
    """One row; a cell that is text beginning with `<` is XML already."""
    inner = "".join(
        cell if isinstance(cell, str) and cell.startswith("<") else ods_cell(cell) for cell in cells
    )
    return f"<table:table-row {facts}>{inner}</table:table-row>"


def ods_table(name: str, rows: Sequence[Sequence[object] | str], *, hidden: bool = False) -> str:
    """One sheet; a row that is text is XML already."""
    inner = "".join(row if isinstance(row, str) else ods_row(row) for row in rows)
    style = 'table:style-name="hidden"' if hidden else ""
    return f"<table:table table:name={quoteattr(name)} {style}>{inner}</table:table>"


def write_ods(path: Path, *tables: str, manifest: str = "<manifest/>") -> bytes:
    """Write the container around sheets."""
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_SPACES} office:version="1.2">'
        '<office:automatic-styles><style:style style:name="hidden" style:family="table">'
        '<style:table-properties table:display="false"/></style:style></office:automatic-styles>'
        f"<office:body><office:spreadsheet>{''.join(tables)}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as container:
        container.writestr("mimetype", ODS_TYPE, compress_type=zipfile.ZIP_STORED)
        container.writestr("content.xml", content)
        container.writestr("META-INF/manifest.xml", manifest)
    return path.read_bytes()

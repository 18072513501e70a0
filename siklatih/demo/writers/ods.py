"""OpenDocument spreadsheets: only what a table of values needs, since no library that we have writes them."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

Tables = Sequence[tuple[str, Sequence[Sequence[object]]]]
_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
_NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{prefix}:1.0"'
    for prefix in ("office", "table", "text")
)
_MANIFEST = (
    f'{_DECLARATION}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" '
    f'manifest:version="1.2"><manifest:file-entry manifest:full-path="/" manifest:media-type="{_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
)
_BLANKS = re.compile(" {2,}")


def ods_bytes(tables: Tables, when: datetime) -> bytes:
    """Return a spreadsheet of these tables, (name, rows), as if saved at ``when`` (local, naive).

    Cells are None, bool, numbers, dates, times of a day or text; what begins with ``=`` is text as well.
    """
    sheets = "".join(
        f"<table:table table:name={quoteattr(name)}>{''.join(map(_row, rows))}</table:table>"
        for name, rows in tables
    )
    content = (
        f'{_DECLARATION}<office:document-content {_NAMESPACES} office:version="1.2"><office:body>'
        f"<office:spreadsheet>{sheets}</office:spreadsheet></office:body></office:document-content>"
    )
    members = (("mimetype", _TYPE), ("content.xml", content), ("META-INF/manifest.xml", _MANIFEST))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as container:
        for name, text in members:
            method = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            container.writestr(zipfile.ZipInfo(name, when.timetuple()[:6]), text.encode(), method)
    return out.getvalue()


def _row(cells: Sequence[object]) -> str:
    return f"<table:table-row>{''.join(map(_cell, cells))}</table:table-row>"


def _cell(value: object) -> str:
    if value is None or value == "":
        return "<table:table-cell/>"
    if isinstance(value, bool):
        facts = f'boolean" office:boolean-value="{"true" if value else "false"}'
    elif isinstance(value, int | float | Decimal):
        facts = f'float" office:value="{value}'
    elif isinstance(value, date):
        form = value.isoformat(timespec="seconds") if isinstance(value, datetime) else value.isoformat()
        facts = f'date" office:date-value="{form}'
    else:
        facts = "string"
    return f'<table:table-cell office:value-type="{facts}">{_paragraphs(str(value))}</table:table-cell>'


def _paragraphs(text: str) -> str:
    """A line a paragraph; runs of blanks would be one, so all but the first are written as elements."""
    return "".join(f"<text:p>{_BLANKS.sub(_run, escape(line))}</text:p>" for line in text.split("\n"))


def _run(blanks: re.Match[str]) -> str:
    return f' <text:s text:c="{len(blanks[0]) - 1}"/>'

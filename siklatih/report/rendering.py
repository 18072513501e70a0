"""From a context to HTML and PDF: templates, fonts inside the file, the same bytes every time."""

from __future__ import annotations

import base64
import io
import logging
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from siklatih.settings import quiet_libraries

_LOG = logging.getLogger(__name__)
WEIGHTS = {400: "SourceSansPro", 600: "SourceSansProSemibold", 700: "SourceSansProBold"}
# Latin letters with their marks, signs of ranges, arrows and mathematics: all that Indonesian and English need
_GLYPHS = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    *range(0x2010, 0x2027),
    0x2030,
    0x20AC,
    0x2212,
    0x2264,
    0x2265,
]


def environment(folder: Path) -> Environment:
    """Return the Jinja environment: unknown names are errors, HTML is escaped, SVG is marked by ``svg``."""
    made = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=select_autoescape(enabled_extensions=("html.jinja", "html"), default=False),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["svg"] = Markup  # our own drawings only
    return made


def render(folder: Path, template: str, context: Mapping[str, Any]) -> str:
    """Fill a template of ``reports/templates``; a name it does not know is an error."""
    return environment(folder).get_template(template).render(**context)


@cache
def font_css() -> str:
    """Return ``@font-face`` rules with the subset fonts inside (Source Sans Pro, Open Font License)."""
    import font_source_sans_pro  # noqa: PLC0415  (heavy only where reports are made)
    from fontTools import subset  # noqa: PLC0415
    from fontTools.ttLib import TTFont  # noqa: PLC0415

    rules = []
    for weight, name in WEIGHTS.items():
        options = subset.Options()
        options.layout_features = ["kern", "liga", "tnum", "lnum", "mark", "mkmk"]
        options.flavor = "woff2"
        font = TTFont(getattr(font_source_sans_pro, name), recalcTimestamp=False)
        cut = subset.Subsetter(options)
        cut.populate(unicodes=_GLYPHS)
        cut.subset(font)
        font.flavor = "woff2"
        buffer = io.BytesIO()
        font.save(buffer)
        data = base64.b64encode(buffer.getvalue()).decode()
        rules.append(
            f'@font-face{{font-family:"Source Sans Pro";font-weight:{weight};font-style:normal;'
            f'src:url(data:font/woff2;base64,{data}) format("woff2")}}'
        )
    return "\n".join(rules)


def print_pdf(html: str) -> bytes:
    """Print the HTML as a tagged PDF; its date is the one in the HTML's meta data.

    Nothing is fetched: a report is one file.
    """
    quiet_libraries()  # among others, typefaces are stamped with a fixed moment
    from weasyprint import HTML  # noqa: PLC0415  (0.5 s and the Pango libraries)
    from weasyprint.urls import URLFetcher  # noqa: PLC0415

    fetcher = URLFetcher(allowed_protocols=("data",))
    printed: bytes = HTML(string=html, url_fetcher=fetcher).write_pdf(pdf_variant="pdf/ua-1")
    return printed

"""Charts as SVG that HTML and PDF share: real text, a title for those who cannot see, grey-print safe.

Series differ by shape, filling and direct labels, never by colour alone.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert

FONT = "Source Sans Pro"
INK, SOFT, LINE, ACCENT, FAINT = "#15202b", "#5b6770", "#d8dee3", "#0b5c7a", "#9aa5ad"
NUMBERS = {"decimal": ",", "thousands": ".", "grouping": [3], "currency": ["Rp", ""], "percent": "\u00a0%"}
MONTHS = ["Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des"]
AXIS_FORMATS = {"share": ".0%", "points": ".0f", "sd": ".1f", "jp": ".0f", "rupiah": "$,.0f", "index": ".0f"}
_SVG = "http://www.w3.org/2000/svg"
_DROPPED = re.compile(r"^(aria-.*|role|class)$")
WIDTH = 320  # pixels of half a printed page, labels included
FULL_WIDTH = 672

Row = Mapping[str, Any]


def dots(rows: Sequence[Row], *, unit: str, mark: float | None, title: str, name: str) -> str:
    """Draw estimates with their intervals, one row a line.

    Args:
        rows: ``label``, ``estimate``, ``low``, ``high`` (None: no interval), ``sure`` (False: open circle),
            ``text`` (written beside the point, may be empty).
        mark: where the reference line stands (target, or zero); None draws none.
    """
    order = [row["label"] for row in rows]
    lows = [row["low"] if row["low"] is not None else row["estimate"] for row in rows]
    highs = [row["high"] if row["high"] is not None else row["estimate"] for row in rows]
    ends = [*lows, *highs, *([] if mark is None else [mark])]
    pad = (max(ends) - min(ends)) * 0.04 or 0.1
    room = 11 * pad if any(row["text"] for row in rows) else pad  # for what is written beside the last
    scale = alt.Scale(domain=[min(ends) - pad, max(ends) + room], nice=False, zero=False)
    x = alt.X("estimate:Q", title=None, scale=scale, axis=_value_axis(unit))
    y = alt.Y("label:N", sort=order, title=None, axis=_label_axis())
    data = alt.Data(values=[dict(row) for row in rows])
    base = alt.Chart(data)
    layers: list[Any] = [
        base.mark_rule(color=ACCENT, strokeWidth=1.6)
        .transform_filter("isValid(datum.low) && isValid(datum.high)")
        .encode(x=alt.X("low:Q", scale=scale, title=None, axis=_value_axis(unit)), x2="high:Q", y=y),
        base.mark_point(color=ACCENT, size=42, strokeWidth=1.6, opacity=1).encode(
            x=x, y=y, fill=alt.condition("datum.sure", alt.value(ACCENT), alt.value("white"))
        ),
    ]
    if any(row["text"] for row in rows):
        layers.append(
            base.mark_text(align="left", dx=6, color=INK, fontSize=10).encode(x=x, y=y, text="text:N")
        )
    if mark is not None:
        layers.insert(0, _mark_rule(mark, scale, unit))
    return _svg(alt.layer(*layers).properties(width=WIDTH, height=max(3, len(rows)) * 16 + 24), title, name)


def bars(rows: Sequence[Row], *, unit: str, mark: float | None, title: str, name: str) -> str:
    """Draw values as bars from zero with the value written at the end.

    Args:
        rows: ``label``, ``value``, ``text`` (the value as readers see it).
    """
    order = [row["label"] for row in rows]
    top = max([row["value"] for row in rows] + ([] if mark is None else [mark]))
    scale = alt.Scale(domain=[0, top * 1.9 or 1], nice=False)
    y = alt.Y("label:N", sort=order, title=None, axis=_label_axis())
    x = alt.X("value:Q", title=None, scale=scale, axis=_value_axis(unit))
    base = alt.Chart(alt.Data(values=[dict(row) for row in rows]))
    layers: list[Any] = [
        base.mark_bar(color=ACCENT, height=9).encode(x=x, y=y),
        base.mark_text(align="left", dx=4, color=INK, fontSize=10).encode(x=x, y=y, text="text:N"),
    ]
    if mark is not None:
        layers.append(_mark_rule(mark, scale, unit))
    return _svg(alt.layer(*layers).properties(width=WIDTH, height=max(3, len(rows)) * 16 + 24), title, name)


def lines(rows: Sequence[Row], *, title: str, name: str, value_format: str = ".1f") -> str:
    """Draw one series over months as a line with points.

    Args:
        rows: ``month`` (ISO date of its first day) and ``value``.
    """
    x = alt.X(
        "month:T",
        title=None,
        axis=alt.Axis(
            format="%b %Y", grid=False, tickCount=6, labelColor=SOFT, domainColor=LINE, tickColor=LINE
        ),
    )
    y = alt.Y(
        "value:Q", title=None, scale=alt.Scale(zero=True), axis=_value_axis("", value_format, grid=True)
    )
    base = alt.Chart(alt.Data(values=[dict(row) for row in rows])).encode(x=x, y=y)
    drawn = alt.layer(
        base.mark_line(color=ACCENT, strokeWidth=1.8),
        base.mark_point(color=ACCENT, fill=ACCENT, size=14, opacity=1),
    )
    return _svg(drawn.properties(width=FULL_WIDTH, height=170), title, name)


def matrix(
    rows: Sequence[Row], *, order: Sequence[str], across: str, down: str, title: str, name: str
) -> str:
    """Draw counts from one value to another, the count written in each cell.

    Args:
        rows: ``before``, ``after``, ``n``, ``text``, ``weight`` (0 to 1: how dark), ``dark`` (white text).
    """
    base = alt.Chart(alt.Data(values=[dict(row) for row in rows])).encode(
        x=alt.X(
            "after:N",
            sort=list(order),
            title=across,
            axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False),
        ),
        y=alt.Y("before:N", sort=list(order), title=down, axis=alt.Axis(domain=False, ticks=False)),
    )
    cells = base.mark_rect(stroke="white", strokeWidth=1.5).encode(
        color=alt.Color("weight:Q", scale=alt.Scale(domain=[0, 1], range=["#eef2f5", ACCENT]), legend=None)
    )
    counts = base.mark_text(fontSize=10.5).encode(
        text="text:N", color=alt.condition("datum.dark", alt.value("white"), alt.value(INK))
    )
    return _svg(
        alt.layer(cells, counts).properties(width=FULL_WIDTH, height=26 * len(order) + 40), title, name
    )


def sparkline(values: Sequence[float | None], target: float | None, *, title: str, name: str) -> str:
    """Draw a series as a small line, the target dashed, the last value as a dot. 92 by 22 pixels."""
    known = [value for value in values if value is not None]
    shown = [*known, *([] if target is None else [target])]
    low, high = min(shown), max(shown)
    span = high - low or 1.0

    def place(index: int, value: float) -> tuple[str, str]:
        return f"{4 + 84 * index / max(1, len(values) - 1):.1f}", f"{18 - 14 * (value - low) / span:.1f}"

    points = [place(index, value) for index, value in enumerate(values) if value is not None]
    parts = [
        f'<svg xmlns="{_SVG}" width="92" height="22" viewBox="0 0 92 22" role="img" id="spark-{name}">',
        f"<title>{_escaped(title)}</title>",
    ]
    if target is not None:
        height = place(0, target)[1]
        parts.append(
            f'<line x1="2" x2="90" y1="{height}" y2="{height}" stroke="{FAINT}" stroke-dasharray="2 2"/>'
        )
    line = " ".join(f"{x},{y}" for x, y in points)
    parts.append(f'<polyline points="{line}" fill="none" stroke="{ACCENT}" stroke-width="1.6"/>')
    parts.append(f'<circle cx="{points[-1][0]}" cy="{points[-1][1]}" r="2.6" fill="{ACCENT}"/></svg>')
    return "".join(parts)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _value_axis(unit: str, written: str | None = None, *, grid: bool = False) -> alt.Axis:
    return alt.Axis(
        format=written or AXIS_FORMATS[unit],
        grid=grid,
        gridColor=LINE,
        tickCount=5,
        labelColor=SOFT,
        domainColor=LINE,
        tickColor=LINE,
    )


def _label_axis() -> alt.Axis:
    return alt.Axis(domain=False, ticks=False, labelLimit=200, labelColor=INK, labelPadding=6)


def _mark_rule(mark: float, scale: alt.Scale, unit: str) -> alt.Chart:
    return (
        alt.Chart(alt.Data(values=[{"mark": mark}]))
        .mark_rule(color=FAINT, strokeDash=[3, 2], strokeWidth=1.4)
        .encode(x=alt.X("mark:Q", scale=scale, title=None, axis=_value_axis(unit)))
    )


@cache
def _register_fonts() -> None:
    import font_source_sans_pro  # noqa: PLC0415  (only where charts are drawn)

    vl_convert.register_font_directory(str(Path(font_source_sans_pro.SourceSansPro).parent))


def _svg(chart: Any, title: str, name: str) -> str:
    """Turn an Altair chart into SVG with a title, ids of its own and no roles inside."""
    _register_fonts()
    styled = chart.configure(
        font=FONT, background="white", autosize=alt.AutoSizeParams(type="fit", contains="padding")
    ).configure_axis(
        labelFontSize=10.5, titleFontSize=10, titleFontWeight=400, titleColor=SOFT
    ).configure_view(stroke=None)  # fmt: skip
    raw = vl_convert.vegalite_to_svg(
        styled.to_dict(),
        format_locale=NUMBERS,
        time_format_locale={
            "dateTime": "%A, %e %B %Y %X",
            "date": "%d/%m/%Y",
            "time": "%H.%M.%S",
            "periods": ["", ""],
            "days": ["Minggu", "Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu"],
            "shortDays": ["Min", "Sen", "Sel", "Rab", "Kam", "Jum", "Sab"],
            "months": MONTHS,
            "shortMonths": MONTHS,
        },
    )
    return titled(raw, title, name)


def titled(raw: str, title: str, name: str) -> str:
    """Give an SVG the role of an image with ``title`` as its text, and ids that no other chart has."""
    ET.register_namespace("", _SVG)
    root = ET.fromstring(raw)  # noqa: S314  (drawn by our own process)
    for element in root.iter():
        for key, value in list(element.attrib.items()):
            if _DROPPED.match(key):
                del element.attrib[key]
            elif key == "id":
                element.set(key, f"{name}-{value}")
            else:
                element.set(key, value.replace("url(#", f"url(#{name}-"))
    root.set("role", "img")
    root.set("id", f"chart-{name}")
    label = ET.Element(f"{{{_SVG}}}title")
    label.text = title
    root.insert(0, label)
    return ET.tostring(root, encoding="unicode")

"""The sheet that people sign, one page or more a session: A4, to be printed."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time, get_timezone_name

from siklatih.agency import Agency
from siklatih.report.rendering import font_css, print_pdf, render
from siklatih.report.text import LOCALE, RANGE
from siklatih.signing import BatchList

EMPTY_LINES = 5  # for people who came and are not on the list


def signing_html(batch: BatchList, agency: Agency, zone: ZoneInfo, templates: Path) -> str:
    """Fill the template; the same list gives the same text, dated with the batch's first session."""
    return render(templates, "signing.html.jinja", signing_context(batch, agency, zone))


def signing_pdf(batch: BatchList, agency: Agency, zone: ZoneInfo, templates: Path) -> bytes:
    """Print the sheet."""
    return print_pdf(signing_html(batch, agency, zone, templates))


def signing_context(batch: BatchList, agency: Agency, zone: ZoneInfo) -> dict[str, Any]:
    """Return all that the template prints, in words."""
    numbered = list(enumerate(batch.people, start=1))
    first_empty = len(numbered) + 1
    return {
        "fonts": font_css(),
        "created": batch.sessions[0][0].date().isoformat(),
        "agency": agency.name_id,
        "unit": agency.unit_id,
        "batch": batch.batch_code,
        "programme": batch.programme,
        "sessions": [
            {
                "place": f"{number} dari {len(batch.sessions)}",
                "day": format_date(starts_at, "EEEE, d MMMM y", locale=LOCALE),
                "time": _clock(starts_at, ends_at, zone),
            }
            for number, (starts_at, ends_at) in enumerate(batch.sessions, start=1)
        ],
        "people": [
            {"no": number, "name": person.name, "nip": _grouped(person.nip), "unit": person.unit}
            for number, person in numbered
        ],
        "empty_lines": list(range(first_empty, first_empty + EMPTY_LINES)),
    }


def _clock(starts_at: datetime, ends_at: datetime, zone: ZoneInfo) -> str:
    """``08.00–12.00 WIB``."""
    name = get_timezone_name(starts_at.replace(tzinfo=zone), width="short", locale=LOCALE)
    start, end = (format_time(when, "HH.mm", locale=LOCALE) for when in (starts_at, ends_at))
    return f"{start}{RANGE}{end} {name}"


def _grouped(nip: str) -> str:
    """Write a number as on official papers: birth date, start, sex, serial."""
    return " ".join((nip[:8], nip[8:14], nip[14:15], nip[15:])) if len(nip) == 18 else nip

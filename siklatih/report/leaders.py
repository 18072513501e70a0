"""The leaders' report: decision sheet, indicators, annex; HTML, the PDF printed from it, and the message."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from siklatih.agency import Agency
from siklatih.contracts import load_contracts
from siklatih.cycle import Cycle
from siklatih.delivery import MailText
from siklatih.evidence import Grade
from siklatih.metrics import read_catalogue
from siklatih.recommend import read_rules
from siklatih.report.annex import method_section, quality_section
from siklatih.report.decisions import decision_blocks, previous_decisions
from siklatih.report.indicators import indicator_rows
from siklatih.report.material import Material, gather
from siklatih.report.panels import ANNEX, FRONT, charts_of
from siklatih.report.phrases import value_words
from siklatih.report.rendering import font_css, print_pdf, render
from siklatih.report.text import cycle_short, cycle_title, day, number, percent
from siklatih.report.unknowns import unknowns

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb


@dataclass(frozen=True)
class Report:
    """The files of an edition (name -> bytes), the message that goes with them, and the key figures."""

    files: dict[str, bytes]
    mail: MailText
    key_figures: tuple[tuple[str, str], ...]


def leaders_report(
    con: duckdb.DuckDBPyConnection,
    *,
    checkout: Path,
    config: Path,
    cycle: Cycle,
    edition: int,
    agency: Agency,
) -> Report:
    """Compose the leaders' report of a cycle from a warehouse.

    Args:
        con: the warehouse, read only. ``checkout``: where ``sql/`` and ``reports/`` lie. ``config``: the
            configuration folder.
        edition: the number printed in it.
    """
    material = gather(
        con,
        checkout / "sql" / "reports",
        cycle=cycle,
        agency=agency,
        catalogue={metric.metric_id: metric for metric in read_catalogue(checkout / "sql" / "metrics")},
        contracts=load_contracts(config / "contracts"),
        rules=read_rules(config / "recommendations.yaml"),
    )
    context = leaders_context(material, edition)
    templates = checkout / "reports" / "templates"
    html = render(templates, "leaders.html.jinja", {**context, "fonts": font_css()})
    files = {
        "leaders.html": html.encode(),
        "leaders.pdf": print_pdf(html),
        "leaders.json": (
            json.dumps(_without_drawings(context), ensure_ascii=False, indent=1) + "\n"
        ).encode(),
    }
    mail = MailText(
        subject=f"Laporan evaluasi pelatihan {cycle_title(cycle)}, edisi {edition}",
        plain=render(templates, "email.txt.jinja", context),
        html=render(templates, "email.html.jinja", context),
    )
    figures = tuple((row["title"], row["now"] or "belum tersedia") for row in context["indicators"])
    return Report(files, mail, figures)


def leaders_context(material: Material, edition: int) -> dict[str, Any]:
    """Return all that the templates print, already in words; charts as SVG."""
    cycle = material.cycle
    return {
        "title": "Apakah pelatihan ASN berhasil?",
        "agency": material.agency.name_id,
        "unit": material.agency.unit_id,
        "cycle": str(cycle),
        "cycle_title": cycle_title(cycle),
        "last_year": cycle_title(material.last_year),
        "last_year_short": cycle_short(material.last_year),
        "edition": edition,
        "frozen_on": day(material.agency.frozen_on(cycle)),
        "created": material.agency.frozen_on(cycle).isoformat(),
        "lead": lead_words(material),
        "decisions": decision_blocks(material),
        "previous": previous_decisions(material),
        "previous_title": cycle_title(cycle.shift(-1)),
        "indicators": indicator_rows(material),
        "charts": charts_of(material, FRONT),
        "unknowns": unknowns(material),
        "annex": charts_of(material, ANNEX),
        "quality": quality_section(material),
        "method": method_section(material),
    }


def lead_words(material: Material) -> dict[str, str]:
    """Answer the title's question in two or three sentences, only as far as the figures carry."""
    activity = material.activity
    if not activity["batches"]:
        head = "Tidak ada pelatihan yang berakhir pada triwulan ini."
    else:
        effects = [
            figure
            for figure in material.figures.of("learning_effect", material.cycle, "programme")
            if figure.low is not None
        ]
        clear = sum(1 for figure in effects if figure.low is not None and figure.low > 0)
        head = (
            f"Nilai uji peserta naik pada {number(clear)} dari {number(len(effects))} program yang diukur "
            f"({Grade(max(figure.grade for figure in effects)).words_id})."
            if effects
            else "Hasil belajar triwulan ini belum dapat dinilai: nilai uji sebelum dan sesudah belum tersedia."
        )
    return {"head": head, "rest": " ".join(_rest(material))}


def _rest(material: Material) -> list[str]:
    activity = material.activity
    sentences = []
    if activity["batches"]:
        sentences.append(
            f"{number(activity['persons'])} ASN mengikuti {number(activity['batches'])} angkatan dari "
            f"{number(activity['programmes'])} program."
        )
    applied = material.figures.city("behaviour_applied_t3", material.cycle)
    if applied is not None and applied.estimate is not None:
        sentences.append(
            f"Tiga bulan sesudah pelatihan, atasan melihat penerapan pada {percent(applied.estimate)} alumni"
            f"{_against(material, 'behaviour_applied_t3')}."
        )
    hours = material.figures.city("pns_20jp_share", material.cycle)
    if hours is not None and hours.estimate is not None:
        sentences.append(
            f"{value_words(hours)} PNS sudah mencapai 20 JP tahun ini{_against(material, 'pns_20jp_share')}."
        )
    return sentences


def _against(material: Material, metric_id: str) -> str:
    target = material.targets.get(metric_id)
    return "" if target is None else f" (sasaran {percent(target)})"


def _without_drawings(context: dict[str, Any]) -> dict[str, Any]:
    """The context as data: drawings are in the HTML."""
    kept = dict(context)
    for name in ("charts", "annex"):
        kept[name] = [{key: value for key, value in chart.items() if key != "svg"} for chart in context[name]]
    kept["indicators"] = [
        {key: value for key, value in row.items() if key != "spark"} for row in context["indicators"]
    ]
    return kept

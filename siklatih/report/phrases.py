"""Sentences about figures: their range, the strength of their evidence, and why one is missing.

Source: DOMAIN 7.1 (population), 7.4 (evidence in words), 7.6 (the silent), 7.16 (missing parts).
"""

from __future__ import annotations

import re

from siklatih.agency import Agency
from siklatih.cycle import Cycle
from siklatih.evidence import Grade
from siklatih.figures import Figure
from siklatih.metrics import Metric
from siklatih.report.text import day, first_upper, number, quantity, quantity_range

_EVIDENCE = {
    "A": "undian, dianalisis menurut penugasan",
    "B": "dengan kelompok pembanding yang memenuhi syarat",
    "C": "kecenderungan beberapa triwulan",
    "D": "sebelum dan sesudah, tanpa pembanding",
    "E": "penilaian sesudah pelatihan, tanpa pembanding",
}


def value_words(figure: Figure | None) -> str | None:
    """Return the figure in its unit, or None where it is not shown."""
    if figure is None or figure.estimate is None:
        return None
    return quantity(figure.estimate, figure.metric.unit)


def range_words(figure: Figure) -> str:
    """Return the range of a figure, named for what it is."""
    if figure.low is not None and figure.high is not None:
        written = quantity_range(figure.low, figure.high, figure.metric.unit)
        kind = "batas bila yang diam ikut dihitung" if figure.interval == "bounds" else "rentang"
        return f"{kind} {written}"
    if figure.population == "census":
        return "cacah lengkap, tanpa galat contoh"
    return "terlalu sedikit data untuk rentang"


def evidence_words(figure: Figure) -> str:
    """Return the strength of the evidence in words, with what it rests on."""
    if not figure.grade:
        return (
            "Hitungan lengkap dari catatan, bukan perkiraan."
            if figure.population == "census"
            else ("Hasil survei responden; bukan bukti pengaruh pelatihan.")
        )
    parts = [f"{Grade(figure.grade).words_id}: {_EVIDENCE[figure.grade]}"]
    if figure.clusters == 1:
        parts.append("untuk angkatan ini saja")
    elif figure.clusters > 1:
        parts.append(f"{number(figure.clusters)} angkatan")
    return f"{first_upper(', '.join(parts))}."


def silent_words(figure: Figure) -> str | None:
    """Return how many did not answer, and between what the figure lies with them; None if nearly all did."""
    if figure.interval != "bounds" or figure.low is None or figure.high is None:
        return None
    silent = figure.eligible - figure.n
    return (
        f"{number(silent)} belum menjawab; angka ini antara "
        f"{quantity(figure.low, figure.metric.unit)} dan {quantity(figure.high, figure.metric.unit)}."
    )


def missing_words(
    metric: Metric,
    figure: Figure | None,
    *,
    batches: int,
    matured: int,
    agency: Agency,
    cycle: Cycle,
    dataset_title: str,
) -> str:
    """Say why a figure is not shown, and who can change that by when."""
    if metric.level == "behaviour" and not matured:
        return "tidak ada angkatan yang genap tiga bulan"
    if not batches and is_of_batches(metric):
        return "tidak ada pelatihan yang berakhir pada triwulan ini"
    if figure is not None and figure.n > 0 and figure.note in ("too_few", "few", "undefined"):
        return f"terlalu sedikit untuk ditampilkan (n = {number(figure.n)})"
    return (
        f"belum tersedia: perlu {dataset_title} dari {agency.provider_of(metric.needs)} "
        f"paling lambat {day(agency.answers_by(cycle))}"
    )


def is_of_batches(metric: Metric) -> bool:
    """Figures about batches that ended in the cycle; hours of the year and decisions are not."""
    of_cycle = re.search(r"\$cycle\b", metric.sql) is not None
    return of_cycle and metric.level in ("delivery", "reaction", "learning")

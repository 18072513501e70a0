"""The indicators: now, target, the same quarter of last year, eight quarters, and a remark."""

from __future__ import annotations

import math
from typing import Any

from siklatih.figures import Figure, difference
from siklatih.metrics import Metric
from siklatih.report.charts import sparkline
from siklatih.report.material import Material
from siklatih.report.phrases import is_of_batches, missing_words, range_words, value_words
from siklatih.report.text import cycle_short, number, quantity

NOT_COMPARABLE = "tidak dapat dibandingkan dengan tahun lalu (program berbeda)"
QUARTERS = 8


def indicator_rows(material: Material) -> list[dict[str, Any]]:
    """Return one row an indicator, in the order the agency chose."""
    return [
        _row(material, material.catalogue[metric_id])
        for metric_id in material.agency.indicators
        if metric_id in material.catalogue
    ]


def missing_reason(material: Material, metric: Metric, figure: Figure | None) -> str:
    """Say why the agency's figure of this cycle is not shown."""
    activity = material.activity
    return missing_words(
        metric,
        figure,
        batches=activity["batches"],
        matured=activity["matured_batches"],
        agency=material.agency,
        cycle=material.cycle,
        dataset_title=material.contracts[metric.needs].title_id.lower(),
    )


def _row(material: Material, metric: Metric) -> dict[str, Any]:
    now = material.figures.city(metric.metric_id, material.cycle)
    then = material.figures.city(metric.metric_id, material.last_year)
    target = material.targets.get(metric.metric_id)
    series = [
        material.figures.city(metric.metric_id, material.cycle.shift(-back))
        for back in range(QUARTERS - 1, -1, -1)
    ]
    values = [None if figure is None else figure.estimate for figure in series]
    written = value_words(now)
    known = [value for value in values if value is not None]
    return {
        "metric": metric.metric_id,
        "title": metric.title_id,
        "now": written,
        "target": None if target is None else quantity(target, metric.unit),
        "meets": None if now is None or target is None else _meets(now, float(target)),
        "last_year": value_words(then),
        "spark": None
        if len(known) < 2
        else sparkline(
            values,
            None if target is None else float(target),
            title=_spark_title(metric, known),
            name=metric.metric_id,
        ),
        "remark": missing_reason(material, metric, now) if now is None or written is None
        else "; ".join(_remarks(material, now, then)),
    }  # fmt: skip


def _spark_title(metric: Metric, known: list[float]) -> str:
    """The words a reader who cannot see the line gets."""
    low, high = quantity(min(known), metric.unit), quantity(max(known), metric.unit)
    return f"{metric.title_id}, {number(len(known))} triwulan: antara {low} dan {high}"


def _meets(now: Figure, target: float) -> str:
    """``yes``, ``no``, or ``open`` where the interval holds the target (or there is none to show)."""
    bounds = now.bounds
    if bounds is None:
        return "open"
    low, high = bounds if now.metric.direction == "up" else (-bounds[1], -bounds[0])
    aim = target if now.metric.direction == "up" else -target
    return "yes" if low >= aim else ("no" if high < aim else "open")


def _remarks(material: Material, now: Figure, then: Figure | None) -> list[str]:
    remarks = [_counted(now), change_words(material, now, then)]
    if now.metric.estimator == "ikm":
        units = [f.estimate for f in material.figures.of("ikm", material.cycle, "unit") if f.estimate]
        if units:
            mean = math.fsum(units) / len(units)
            remarks.append(f"rerata {number(len(units))} unit {quantity(mean, 'index')}")
    return remarks


def _counted(figure: Figure) -> str:
    if figure.low is None and figure.population == "census":
        return f"cacah lengkap, n = {number(figure.n)}"
    counted = f"n = {number(figure.n)}"
    if figure.eligible > figure.n:
        counted = f"{number(figure.n)} dari {number(figure.eligible)}"
    return f"{range_words(figure)}; {counted}"


def change_words(material: Material, now: Figure, then: Figure | None) -> str:
    """Say how the figure changed since last year, only as far as it can be told (DOMAIN 7.10)."""
    if then is None or then.estimate is None:
        return f"seri baru, belum ada angka {cycle_short(material.last_year)}"
    is_behaviour = now.metric.level == "behaviour"
    about_batches = is_behaviour or is_of_batches(now.metric)
    if about_batches and not material.mix_is_comparable(1 if is_behaviour else 0):
        return NOT_COMPARABLE
    limits = difference(now, then)
    if limits == (0, 0):
        return "sama dengan tahun lalu"
    if limits is None or limits[0] <= 0 <= limits[1]:
        return "perubahan dari tahun lalu belum dapat dibedakan dari nol"
    return "naik dari tahun lalu" if limits[0] > 0 else "turun dari tahun lalu"

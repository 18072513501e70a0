"""Figures as the report and the recommendations read them: one look-up over the measured values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from siklatih.cycle import Cycle
from siklatih.metrics import Metric

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True)
class Figure:
    """One measured value with what is needed to state it honestly.

    ``low`` and ``high`` are None for a census (a count of everybody) and where no interval is shown;
    ``interval`` names the method, ``grade`` the evidence (empty for a count).
    """

    metric: Metric
    cycle: str
    slice_kind: str
    slice_code: str
    category: str
    n: int
    eligible: int
    clusters: int
    estimate: float | None
    low: float | None
    high: float | None
    interval: str
    population: str
    grade: str
    note: str

    @property
    def response(self) -> float:
        """Share of those who should have been measured that were."""
        return self.n / self.eligible if self.eligible else 0.0

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The interval; for a census the value itself; None where nothing can be said."""
        if self.low is not None and self.high is not None:
            return self.low, self.high
        if self.estimate is not None and self.population == "census":
            return self.estimate, self.estimate
        return None


class Figures:
    """All measured values of a warehouse."""

    def __init__(self, figures: Iterable[Figure]) -> None:
        self._all = list(figures)
        self._by_place = {
            (f.metric.metric_id, f.cycle, f.slice_kind, f.slice_code, f.category): f for f in self._all
        }

    @classmethod
    def read(cls, con: duckdb.DuckDBPyConnection, catalogue: Iterable[Metric]) -> Figures:
        """Read ``metrics.metric_values``; the catalogue gives each its definition."""
        metrics = {metric.metric_id: metric for metric in catalogue}
        rows = con.execute(
            "select metric_id, cycle, slice_kind, slice_code, category, n, eligible, clusters, estimate, "
            'low, high, "interval", population, grade, note from metrics.metric_values order by all'
        ).fetchall()
        return cls(Figure(metrics[row[0]], *row[1:]) for row in rows if row[0] in metrics)

    def city(self, metric_id: str, cycle: Cycle) -> Figure | None:
        """Return the figure of the whole agency, if there is one."""
        return self._by_place.get((metric_id, str(cycle), "city", "city", ""))

    def of(self, metric_id: str, cycle: Cycle, slice_kind: str) -> list[Figure]:
        """Return the figures of all slices of a kind, by code (and category)."""
        return [
            figure
            for figure in self._all
            if (figure.metric.metric_id, figure.cycle, figure.slice_kind)
            == (metric_id, str(cycle), slice_kind)
        ]


def is_beyond(figure: Figure, mark: Decimal | float, *, direction: str) -> bool:
    """Tell whether the whole interval lies on the wrong side of a mark (``up``: below it is wrong)."""
    bounds = figure.bounds
    if bounds is None:
        return False
    return bounds[1] < float(mark) if direction == "up" else bounds[0] > float(mark)


def difference(now: Figure, then: Figure) -> tuple[float, float] | None:
    """Return limits of ``now - then`` for two independent figures, or None where none can be given.

    Intervals: MOVER (Zou and Donner 2008). Where one is a bound for the silent (no sampling model),
    the widest difference that both allow. Two counts of everybody differ exactly.
    """
    a, b = now.bounds, then.bounds
    if a is None or b is None or now.estimate is None or then.estimate is None:
        return None
    centre = now.estimate - then.estimate
    if "bounds" in (now.interval, then.interval):
        return a[0] - b[1], a[1] - b[0]
    return (
        centre - math.hypot(now.estimate - a[0], b[1] - then.estimate),
        centre + math.hypot(a[1] - now.estimate, then.estimate - b[0]),
    )


def mix_overlap(now: Mapping[str, int], then: Mapping[str, int]) -> float:
    """Return how much two cycles' participants were in the same programmes: 0 none, 1 the same mix."""
    total_now, total_then = sum(now.values()), sum(then.values())
    if not total_now or not total_then:
        return 0.0
    shared = now.keys() & then.keys()
    return math.fsum(min(now[code] / total_now, then[code] / total_then) for code in sorted(shared))

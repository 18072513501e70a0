"""The catalogue of figures: one SQL file a metric, its definition in the header.

SQL gives exact sums per slice; Python turns them into estimates. A new metric is one new file.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siklatih.cycle import Cycle
from siklatih.errors import MendError
from siklatih.estimators import ESTIMATORS, SumRow, apply
from siklatih.evidence import Grade

if TYPE_CHECKING:
    import duckdb

_HEADER = re.compile(r"^-- (\w+): +(.*)$", re.MULTILINE)
_FIELDS = (
    "what", "grain", "reads", "params", "metric", "title", "level", "unit", "direction", "estimator",
    "population", "merge", "minimum_n", "grade", "source", "needs",
)  # fmt: skip
SUM_COLUMNS = (
    "slice_kind", "slice_code", "category", "cluster_code", "n", "eligible",
    "sum_x", "sum_xx", "sum_y", "sum_yy", "sum_xy",
)  # fmt: skip


@dataclass(frozen=True)
class Metric:
    """A figure's definition, from the header of its SQL file.

    ``merge``: M merges over any split, K while the key (person, batch) stays whole (DOMAIN 7.2).
    ``needs``: the dataset to ask for where the figure is missing.
    ``by_category``: a figure per category (transitions) instead of one per slice.
    """

    metric_id: str
    title_id: str
    title_en: str
    level: str
    unit: str
    direction: str
    estimator: str
    population: str
    merge: str
    minimum_n: int
    grade: str
    source: str
    needs: str
    by_category: bool
    sql: str


def read_header(sql: str) -> dict[str, str]:
    """Return the ``-- name: value`` lines at the head of an SQL file."""
    return dict(_HEADER.findall(sql))


def read_catalogue(folder: Path) -> list[Metric]:
    """Read all metrics of a folder, by id; ``MendError`` names a file whose header is not complete."""
    catalogue = []
    for path in sorted(folder.glob("mtr_*.sql")):
        sql = path.read_text(encoding="utf-8")
        header = read_header(sql)
        missing = [name for name in _FIELDS if not header.get(name)]
        wrong = [] if missing else _wrong(path, header)
        if missing or wrong:
            names = ", ".join(missing + wrong)
            raise MendError(
                "metric_header",
                en=f"The metric's header lacks or misstates: {names}. Mend the file.",
                id_=f"Kepala berkas indikator tidak lengkap atau salah: {names}. Perbaiki berkasnya.",
                file=path.name,
            )
        title_id, _, title_en = header["title"].partition(" | ")
        catalogue.append(
            Metric(
                metric_id=header["metric"],
                title_id=title_id,
                title_en=title_en,
                level=header["level"],
                unit=header["unit"],
                direction=header["direction"],
                estimator=header["estimator"],
                population=header["population"],
                merge=header["merge"],
                minimum_n=int(header["minimum_n"]),
                grade="" if header["grade"] == "none" else header["grade"],
                source=header["source"],
                needs=header["needs"],
                by_category=header.get("by_category") == "yes",
                sql=sql,
            )
        )
    return catalogue


def _wrong(path: Path, header: dict[str, str]) -> list[str]:
    allowed = {
        "metric": {path.stem.removeprefix("mtr_")},
        "estimator": set(ESTIMATORS),
        "population": {"census", "finite", "future_batches", "respondents"},
        "merge": {"M", "K"},
        "direction": {"up", "down", "none"},
        "grade": {"none", *(grade.value for grade in Grade)},
    }
    wrong = [name for name, values in allowed.items() if header[name] not in values]
    if " | " not in header["title"]:
        wrong.append("title")
    return wrong if header["minimum_n"].isdigit() else [*wrong, "minimum_n"]


def measure(con: duckdb.DuckDBPyConnection, catalogue: Sequence[Metric], cycles: Sequence[Cycle]) -> None:
    """Compute every metric for every cycle into ``metrics.metric_sums`` and ``metrics.metric_values``."""
    con.execute("create schema if not exists metrics")
    con.execute(
        "create table metrics.metric_sums (metric_id VARCHAR, cycle VARCHAR, slice_kind VARCHAR, "
        "slice_code VARCHAR, category VARCHAR, cluster_code VARCHAR, n BIGINT, eligible BIGINT, "
        "sum_x DECIMAL(38, 8), sum_xx DECIMAL(38, 8), sum_y DECIMAL(38, 8), sum_yy DECIMAL(38, 8), "
        "sum_xy DECIMAL(38, 8))"
    )
    con.execute(
        "create table metrics.metric_values (metric_id VARCHAR, cycle VARCHAR, slice_kind VARCHAR, "
        "slice_code VARCHAR, category VARCHAR, n BIGINT, eligible BIGINT, clusters BIGINT, "
        'estimate DOUBLE, low DOUBLE, high DOUBLE, "interval" VARCHAR, population VARCHAR, '
        "grade VARCHAR, note VARCHAR)"
    )
    columns = ", ".join(SUM_COLUMNS)
    for metric in catalogue:
        named = con.extract_statements(metric.sql)[0].named_parameters
        for cycle in cycles:
            known = _parameters(cycle)
            con.execute(
                f"insert into metrics.metric_sums select $metric_id, $own_cycle, {columns} "
                f"from ({metric.sql.rstrip().rstrip(';')}\n)",
                {
                    "metric_id": metric.metric_id,
                    "own_cycle": str(cycle),
                    **{name: known[name] for name in named},
                },
            )
        _estimate(con, metric)


def _parameters(cycle: Cycle) -> dict[str, Any]:
    return {
        "cycle": str(cycle),
        "cycle_start": cycle.start,
        "cycle_end": cycle.end,
        "year_start": date(cycle.year, 1, 1),
    }


def _estimate(con: duckdb.DuckDBPyConnection, metric: Metric) -> None:
    rows = con.execute(
        "select cycle, slice_kind, slice_code, category, cluster_code, n, eligible, "
        "sum_x, sum_xx, sum_y, sum_yy, sum_xy from metrics.metric_sums where metric_id = $metric_id "
        "order by cycle, slice_kind, slice_code, category, cluster_code",
        {"metric_id": metric.metric_id},
    ).fetchall()
    width = 4 if metric.by_category else 3
    values = []
    for slice_, group in groupby(rows, key=lambda row: row[:width]):
        found = apply(metric.estimator, [SumRow(*row[3:]) for row in group], metric.minimum_n)
        category = slice_[3] if metric.by_category else ""
        grade = metric.grade if found.estimate is not None else ""
        values.append(
            (metric.metric_id, *slice_[:3], category, found.n, found.eligible, found.clusters,
             found.estimate, found.low, found.high, found.interval, metric.population, grade, found.note)
        )  # fmt: skip
    if values:
        columns = {f"c{place}": list(column) for place, column in enumerate(zip(*values, strict=True))}
        unnested = ", ".join(f"unnest(${name})" for name in columns)
        con.execute(f"insert into metrics.metric_values select {unnested}", columns)  # one statement: 30x

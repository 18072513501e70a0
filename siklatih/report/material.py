"""What a report is made from: one object with every table read once, nothing formatted yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siklatih.agency import Agency
from siklatih.contracts import Contract
from siklatih.cycle import Cycle
from siklatih.figures import Figures, mix_overlap
from siklatih.metrics import Metric
from siklatih.recommend import Recommendation, recommend
from siklatih.recommend import Rule as RecommendationRule

if TYPE_CHECKING:
    import duckdb

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Material:
    """The warehouse's answers for one cycle.

    ``tables``: name of an ``sql/reports`` file -> its rows. ``names``: (slice kind, code) -> the name
    readers see. ``targets``: metric id -> this year's target.
    """

    cycle: Cycle
    agency: Agency
    catalogue: Mapping[str, Metric]
    contracts: Mapping[str, Contract]
    figures: Figures
    tables: Mapping[str, Rows]
    names: Mapping[tuple[str, str], str]
    targets: Mapping[str, Decimal]
    recommendations: list[Recommendation]

    @property
    def last_year(self) -> Cycle:
        """The same quarter of the year before (DOMAIN 7.10)."""
        return self.cycle.shift(-4)

    @property
    def activity(self) -> dict[str, Any]:
        """How much training there was."""
        return self.tables["rpt_activity"][0]

    def name(self, slice_kind: str, slice_code: str) -> str:
        """Return the name of a slice; its code where there is no name."""
        return self.names.get((slice_kind, slice_code), slice_code)

    def mix_is_comparable(self, back: int) -> bool:
        """Tell whether this cycle and the same quarter last year had comparable programmes.

        Args:
            back: how many cycles before the figure's cycle its batches ended (1 for behaviour after
                three months).
        """
        overlap = mix_overlap(self._mix(self.cycle.shift(-back)), self._mix(self.last_year.shift(-back)))
        return overlap >= float(self.agency.rules["comparable_mix"])

    def _mix(self, cycle: Cycle) -> dict[str, int]:
        return {
            row["programme_code"]: row["persons"]
            for row in self.tables["rpt_programme_mix"]
            if row["cycle"] == str(cycle)
        }


def gather(
    con: duckdb.DuckDBPyConnection,
    queries: Path,
    *,
    cycle: Cycle,
    agency: Agency,
    catalogue: Mapping[str, Metric],
    contracts: Mapping[str, Contract],
    rules: list[RecommendationRule],
) -> Material:
    """Run every query of ``sql/reports`` for the cycle and look up what the report needs."""
    known = {
        "cycle": str(cycle),
        "previous": str(cycle.shift(-1)),
        "year": cycle.year,
        "year_start": date(cycle.year, 1, 1),
        "cycle_end": cycle.end,
        "back_start": cycle.shift(-3).start,
        "years_start": cycle.shift(-7).start,
    }
    tables = {path.stem: _query(con, path, known) for path in sorted(queries.glob("rpt_*.sql"))}
    figures = Figures.read(con, catalogue.values())
    targets = {row["metric_id"]: row["target"] for row in tables["rpt_targets"]}
    return Material(
        cycle=cycle,
        agency=agency,
        catalogue=catalogue,
        contracts=contracts,
        figures=figures,
        tables=tables,
        names={
            (row["slice_kind"], row["slice_code"]): row["slice_name"] for row in tables["rpt_slice_names"]
        },
        targets=targets,
        recommendations=recommend(rules, figures, targets, cycle),
    )


def _query(con: duckdb.DuckDBPyConnection, path: Path, known: Mapping[str, Any]) -> Rows:
    sql = path.read_text(encoding="utf-8")
    named = con.extract_statements(sql)[0].named_parameters
    found = con.execute(sql, {name: known[name] for name in named})
    columns = [column[0] for column in found.description or []]
    return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]

"""The annex: quality of the data, method and origin of each figure."""

from __future__ import annotations

from typing import Any

from siklatih.evidence import Grade
from siklatih.report.material import Material
from siklatih.report.text import (
    INTERVAL_WORDS,
    LEVEL_WORDS,
    UNIT_WORDS,
    cycle_title,
    first_upper,
    number,
    percent,
)

_WITHOUT = {True: "cacah lengkap: tanpa galat contoh", False: "belum ada rentang pada triwulan ini"}

_WAY_WORDS = {
    "number": "NIP",
    "address": "surel",
    "terminal": "nomor mesin presensi",
    "name": "nama peserta",
    "confirmed": "nama yang dikonfirmasi",
}


def quality_section(material: Material) -> dict[str, Any]:
    """Return what became of files and rows, and which rules put rows aside."""
    datasets = [
        row for row in material.tables["rpt_quality_datasets"] if row["dataset"] in material.contracts
    ]
    totals = {
        key: sum(row[key] for row in datasets)
        for key in ("read", "accepted", "quarantined", "duplicate", "superseded", "withdrawn", "erased")
    }
    return {
        "totals": {key: number(value) for key, value in totals.items()},
        "matches": _matches(material),
        "adds_up": totals["read"] == sum(value for key, value in totals.items() if key != "read"),
        "datasets": [
            {
                "title": material.contracts[row["dataset"]].title_id,
                **{key: number(row[key]) for key in ("files", "read", "accepted", "quarantined")},
                "other": number(row["duplicate"] + row["superseded"] + row["withdrawn"] + row["erased"]),
            }
            for row in datasets
        ],
        "rules": [
            {
                "dataset": material.contracts[row["dataset"]].title_id,
                "message": first_upper(row["message_id"]),
                "faults": number(row["faults"]),
            }
            for row in material.tables["rpt_quality_rules"]
        ],
        "refused": [
            {**row, "reason": _first_sentence(row["reason"]), "files": number(row["files"])}
            for row in material.tables["rpt_refused_files"]
        ],
    }


def _matches(material: Material) -> dict[str, str] | None:
    """Whom the cycle's batches name, and by what they were known; None where they name nobody."""
    people = {row["known_by"]: row["people"] for row in material.tables["rpt_matches"]}
    figure = material.figures.city("match_rate", material.cycle)
    if figure is None:
        return None
    return {
        "total": number(figure.n),
        "known": number(figure.n - people.get("none", 0)),
        "share": "" if figure.estimate is None else percent(figure.estimate),
        "ways": ", ".join(
            f"{number(people[way])} dari {words}" for way, words in _WAY_WORDS.items() if people.get(way)
        ),
    }


def _first_sentence(text: str) -> str:
    head, stop, _ = text.partition(". ")
    return head + stop.strip()


def method_section(material: Material) -> dict[str, Any]:
    """Return how each figure is defined and where it comes from."""
    return {
        "metrics": [
            {
                "id": metric.metric_id,
                "title": metric.title_id,
                "level": LEVEL_WORDS[metric.level],
                "unit": UNIT_WORDS[metric.unit],
                "interval": "; ".join(
                    INTERVAL_WORDS[name]
                    for name in sorted(
                        {
                            figure.interval
                            for kind in ("city", "programme", "unit")
                            for figure in material.figures.of(metric.metric_id, material.cycle, kind)
                            if figure.interval != "none"
                        }
                    )
                )
                or _WITHOUT[metric.population == "census"],
                "dataset": material.contracts[metric.needs].title_id,
                "source": _rule_source(metric.source),
            }
            for metric in material.catalogue.values()
        ],
        "grades": [{"letter": grade.value, "words": grade.words_id} for grade in Grade],
        "last_year": cycle_title(material.last_year),
    }


def _rule_source(source: str) -> str:
    """The regulation behind a figure; the rest is the pipeline's own method, described in docs/methods.md."""
    laws = [part for part in source.split("; ") if not part.startswith("DOMAIN")]
    return "; ".join(laws) or "metode Siklatih"

"""The decision sheet: what is asked of the leaders now, and what became of last cycle's decisions."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

from siklatih.recommend import Recommendation
from siklatih.report.material import Material
from siklatih.report.phrases import evidence_words, range_words, silent_words
from siklatih.report.text import (
    METHOD_WORDS,
    NBSP,
    STATE_WORDS,
    day,
    first_upper,
    listed,
    number,
    quantity,
    rounded,
    rupiah,
    short_day,
)

_STRONG = re.compile(r"\*\*(.+?)\*\*")
MOST_OTHERS = 4


def decision_blocks(material: Material) -> list[dict[str, Any]]:
    """Return the decisions asked for, at most three, each with what a leader needs to choose."""
    return [_block(material, found) for found in material.recommendations]


def _block(material: Material, found: Recommendation) -> dict[str, Any]:
    places = _places(material, found)
    text = {name: template.format_map(places) for name, template in found.rule.text.items()}
    fine = [evidence_words(found.figure)]
    silent = silent_words(found.figure)
    if silent:
        fine.append(first_upper(silent))
    if found.others:
        fine.append(_others(material, found))
    due = material.agency.frozen_on(material.cycle) + timedelta(days=found.rule.due_days)
    return {
        "rule": found.rule.rule_id,
        "metric": found.rule.metric_id,
        "slice": found.figure.slice_code,
        "title": text["title_check" if found.only_check else "title"],
        "why": segments(text["why"]),
        "fine": fine,
        "consequence": text["consequence"],
        "cost": _cost(material, found),
        "owner": found.rule.owner,
        "due": day(due),
    }


def segments(text: str) -> list[dict[str, Any]]:
    """Split ``some **strong** words`` into pieces, so that a template needs no mark-up in data."""
    return [
        {"text": piece, "strong": place % 2 == 1} for place, piece in enumerate(_STRONG.split(text)) if piece
    ]


def _places(material: Material, found: Recommendation) -> dict[str, str]:
    figure = found.figure
    unit = figure.metric.unit
    shortfall = material.tables["rpt_jp_shortfall"][0]
    cost = _batch_cost(material, figure.slice_code)
    return {
        "name": material.name(figure.slice_kind, figure.slice_code),
        "estimate": quantity(figure.estimate, unit) if figure.estimate is not None else "",
        "range": range_words(figure),
        "target": quantity(found.mark, unit) if found.mark is not None else "",
        "n": number(figure.n),
        "eligible": number(figure.eligible),
        "jp_persons": number(shortfall["persons"]),
        "batch_cost": "yang belum tercatat" if cost is None else f"rata-rata {rupiah(cost[0])}",
    }


def _others(material: Material, found: Recommendation) -> str:
    names = [material.name(figure.slice_kind, figure.slice_code) for figure in found.others]
    shown = names[:MOST_OTHERS]
    if len(names) > MOST_OTHERS:
        shown = [*shown, f"{number(len(names) - MOST_OTHERS)} lainnya"]
    return f"Keadaan serupa: {listed(shown)}."


def _cost(material: Material, found: Recommendation) -> list[str]:
    if found.rule.cost == "none":
        return ["tanpa biaya tambahan"]
    if found.rule.cost == "batch":
        cost = _batch_cost(material, found.figure.slice_code)
        if cost is None:
            return ["belum tersedia: perlu data biaya"]
        return [rupiah(cost[0]), f"perkiraan, rata-rata {number(cost[1])} angkatan"]
    hour = material.figures.city("cost_per_jp_person", material.cycle)
    missing = material.tables["rpt_jp_shortfall"][0]["jp_missing"]
    if hour is None or hour.estimate is None:
        return ["belum tersedia: perlu data biaya"]
    total = rounded(Decimal(str(hour.estimate)) * missing, -6)
    return [rupiah(total), f"perkiraan: {number(missing)}{NBSP}JP kurang × {rupiah(hour.estimate)}"]


def _batch_cost(material: Material, slice_code: str) -> tuple[Decimal, int] | None:
    """Mean cost of a batch of the programme's method over four cycles, or of all methods."""
    methods = {
        row["slice_code"]: row["method"]
        for row in material.tables["rpt_slice_names"]
        if row["slice_kind"] == "programme"
    }
    costs = {row["method"]: row for row in material.tables["rpt_batch_costs"]}
    row = costs.get(methods.get(slice_code, ""), costs.get(""))
    return None if row is None else (rounded(row["mean_amount"], -5), row["batches"])


def previous_decisions(material: Material) -> list[dict[str, Any]]:
    """Return the decisions of the cycle before: their state at the freeze, and what followed."""
    frozen = material.agency.frozen_on(material.cycle)
    rows = []
    for row in material.tables["rpt_decisions"]:
        open_ = row["status"] in ("proposed", "approved", "running", "postponed")
        late = (frozen - row["due_on"]).days if open_ else 0
        state = STATE_WORDS[row["status"]]
        when = short_day(row["status_on"] if row["status_on"] else row["due_on"])
        rows.append(
            {
                "title": row["title"],
                "owner": row["owner"],
                "state": f"terlambat {number(late)} hari ({state})" if late > 0 else f"{state} {when}",
                "tone": "late" if late > 0 else ("ok" if row["status"] == "done" else "open"),
                "after": row["outcome"] or row["reason"] or "belum ada hasil yang dicatat",
            }
        )
    return rows


def method_name(method: str) -> str:
    """Return the name of a training method."""
    return METHOD_WORDS.get(method, method)

"""Advise: rules turn figures with enough evidence into decisions asked of the leaders.

The rules are configuration (``config/recommendations.yaml``). This module keeps the promise that no
recommendation is stronger than its evidence (DOMAIN 7.4, 7.6).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from siklatih.cycle import Cycle
from siklatih.errors import MendError
from siklatih.figures import Figure, Figures, is_beyond
from siklatih.yaml_files import read_yaml

CONDITIONS = ("below_target", "spans_zero", "below_value")
STRENGTHS = ("expand", "mend", "check")
COSTS = ("none", "batch", "jp_shortfall")
TEXTS = ("title", "title_check", "why", "consequence")
MOST_DECISIONS = 3
LOW_RESPONSE = 0.5  # below it nothing stronger than "check" (DOMAIN 7.6)


@dataclass(frozen=True)
class Rule:
    """One rule of the configuration; ``text`` holds templates with named places."""

    rule_id: str
    metric_id: str
    slice_kind: str
    condition: str
    value: Decimal | None
    from_quarter: int
    minimum_n: int
    priority: int
    strength: str
    cost: str
    owner: str
    due_days: int
    source: str
    status: str
    text: Mapping[str, str]


@dataclass(frozen=True)
class Recommendation:
    """A rule that fired: the figure behind it, the mark it missed, and others that missed it too."""

    rule: Rule
    figure: Figure
    mark: Decimal | None
    only_check: bool
    others: tuple[Figure, ...]


def read_rules(path: Path) -> list[Rule]:
    """Read the rules; ``MendError`` names the rule and the field that is missing or unknown."""
    rules = []
    for fields in read_yaml(path) or []:
        try:
            rule = Rule(
                rule_id=fields["id"],
                metric_id=fields["metric"],
                slice_kind=fields["slice"],
                condition=_one_of(fields, "condition", CONDITIONS),
                value=None if "value" not in fields else Decimal(str(fields["value"])),
                from_quarter=int(fields.get("from_quarter", 1)),
                minimum_n=int(fields["minimum_n"]),
                priority=int(fields["priority"]),
                strength=_one_of(fields, "strength", STRENGTHS),
                cost=_one_of(fields, "cost", COSTS),
                owner=fields["owner"],
                due_days=int(fields["due_days"]),
                source=fields["source"],
                status=fields["status"],
                text={name: fields["text"][name] for name in TEXTS},
            )
            if rule.condition == "below_value" and rule.value is None:
                raise KeyError("value")
        except (KeyError, TypeError, ValueError) as error:
            named = fields.get("id", "?") if isinstance(fields, dict) else "?"
            raise MendError(
                "recommendation_rule",
                en=f"A rule lacks or misstates {error}. Mend it in the configuration.",
                id_=f"Aturan rekomendasi tidak lengkap atau salah: {error}. Perbaiki konfigurasinya.",
                file=path.name,
                rule=str(named),
            ) from error
        rules.append(rule)
    return rules


def _one_of(fields: Mapping[str, Any], name: str, allowed: Sequence[str]) -> str:
    if fields[name] not in allowed:
        raise ValueError(f"{name} ({', '.join(allowed)})")
    return str(fields[name])


def recommend(
    rules: Sequence[Rule], figures: Figures, targets: Mapping[str, Decimal], cycle: Cycle
) -> list[Recommendation]:
    """Return at most three recommendations, the most urgent first; one a rule."""
    found = []
    for rule in sorted(rules, key=lambda rule: (rule.priority, rule.rule_id)):
        if cycle.quarter < rule.from_quarter:
            continue
        mark = _mark(rule, targets)
        fired = [
            figure
            for figure in figures.of(rule.metric_id, cycle, rule.slice_kind)
            if figure.n >= rule.minimum_n and not figure.category and _fires(rule, figure, mark)
        ]
        if fired:
            fired.sort(key=lambda figure: (-_distance(figure, mark), figure.slice_code))
            first = fired[0]
            only_check = rule.strength == "check" or first.response < LOW_RESPONSE
            found.append(Recommendation(rule, first, mark, only_check, tuple(fired[1:])))
    return found[:MOST_DECISIONS]


def _mark(rule: Rule, targets: Mapping[str, Decimal]) -> Decimal | None:
    if rule.condition == "below_target":
        return targets.get(rule.metric_id)
    return rule.value if rule.condition == "below_value" else Decimal(0)


def _fires(rule: Rule, figure: Figure, mark: Decimal | None) -> bool:
    if figure.estimate is None or mark is None:
        return False
    if rule.strength == "expand" and figure.grade not in ("A", "B"):
        return False
    if rule.condition == "spans_zero":
        return figure.low is not None and figure.high is not None and figure.low <= 0 <= figure.high
    return is_beyond(
        figure, mark, direction="up" if rule.condition == "below_value" else figure.metric.direction
    )


def _distance(figure: Figure, mark: Decimal | None) -> float:
    """How far from the mark, relative to it; for an effect around zero, how small it is."""
    estimate, aim = figure.estimate or 0.0, float(mark or 0)
    return abs(estimate - aim) / abs(aim) if aim else -abs(estimate)

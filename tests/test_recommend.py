"""Recommendations: what fires, in which order, and never more than the evidence carries."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from siklatih.cycle import Cycle
from siklatih.errors import MendError
from siklatih.figures import Figure, Figures, difference, is_beyond, mix_overlap
from siklatih.metrics import Metric, read_catalogue
from siklatih.recommend import read_rules, recommend
from siklatih.settings import CHECKOUT

METRICS = {metric.metric_id: metric for metric in read_catalogue(CHECKOUT / "sql" / "metrics")}
CYCLE = Cycle.parse("2026Q3")
RULE: dict[str, Any] = {
    "id": "r", "metric": "behaviour_applied_t3", "slice": "programme", "condition": "below_target", "minimum_n": 10,
    "priority": 1, "strength": "mend", "cost": "none", "owner": "x", "due_days": 30, "source": "x", "status": "keputusan",
    "text": {"title": "t", "title_check": "c", "why": "w", "consequence": "k"},
}  # fmt: skip


def figure(code: str, estimate: float, low: float | None, high: float | None, **changed: Any) -> Figure:
    metric: Metric = METRICS[changed.pop("metric", "behaviour_applied_t3")]
    facts: dict[str, Any] = {
        "slice_kind": "programme", "category": "", "n": 25, "eligible": 27, "clusters": 1, "interval": "wilson_fpc",
        "population": metric.population, "grade": "E", "note": "",
    }  # fmt: skip
    facts |= changed
    return Figure(metric, str(CYCLE), slice_code=code, estimate=estimate, low=low, high=high, **facts)


def rules(tmp_path: Path, *changes: dict[str, Any]) -> list[Any]:
    place = tmp_path / "rules.yaml"
    place.write_text(yaml.safe_dump([{**RULE, **change} for change in changes]), encoding="utf-8")
    return read_rules(place)


TARGETS = {"behaviour_applied_t3": Decimal("0.55")}


def test_only_a_figure_whose_whole_range_is_below_the_target_fires(tmp_path: Path) -> None:
    figures = Figures([figure("A", 0.5, 0.4, 0.6), figure("B", 0.3, 0.2, 0.4), figure("C", 0.2, 0.1, 0.3)])
    (found,) = recommend(rules(tmp_path, {}), figures, TARGETS, CYCLE)
    assert found.figure.slice_code == "C"  # the farthest
    assert [other.slice_code for other in found.others] == ["B"]


def test_without_a_target_nothing_is_missed(tmp_path: Path) -> None:
    assert recommend(rules(tmp_path, {}), Figures([figure("B", 0.3, 0.2, 0.4)]), {}, CYCLE) == []


def test_below_half_response_it_only_asks_to_check(tmp_path: Path) -> None:
    figures = Figures([figure("B", 0.2, 0.05, 0.4, n=12, eligible=30, interval="bounds")])
    (found,) = recommend(rules(tmp_path, {}), figures, TARGETS, CYCLE)
    assert found.only_check
    figures = Figures([figure("B", 0.2, 0.05, 0.4, n=15, eligible=30, interval="bounds")])
    assert not recommend(rules(tmp_path, {}), figures, TARGETS, CYCLE)[0].only_check


def test_widening_needs_a_comparison(tmp_path: Path) -> None:
    change = {"strength": "expand", "condition": "spans_zero"}
    weak, strong = (Figures([figure("B", 0.0, -0.1, 0.1, grade=grade)]) for grade in ("D", "A"))
    assert recommend(rules(tmp_path, change), weak, TARGETS, CYCLE) == []
    assert len(recommend(rules(tmp_path, change), strong, TARGETS, CYCLE)) == 1


def test_three_at_most_by_priority(tmp_path: Path) -> None:
    made = rules(tmp_path, *({"id": f"r{priority}", "priority": priority} for priority in (4, 2, 3, 1)))
    found = recommend(made, Figures([figure("B", 0.3, 0.2, 0.4)]), TARGETS, CYCLE)
    assert [one.rule.rule_id for one in found] == ["r1", "r2", "r3"]


def test_small_groups_and_early_quarters_do_not_fire(tmp_path: Path) -> None:
    assert recommend(rules(tmp_path, {}), Figures([figure("B", 0.3, 0.2, 0.4, n=9)]), TARGETS, CYCLE) == []
    late = rules(tmp_path, {"from_quarter": 4})
    assert recommend(late, Figures([figure("B", 0.3, 0.2, 0.4)]), TARGETS, CYCLE) == []


@pytest.mark.parametrize("change", [
    {"condition": "often"}, {"strength": "force"}, {"cost": "much"}, {"condition": "below_value"}, {"due_days": "soon"},
    {"text": {"title": "t"}},
])  # fmt: skip
def test_a_rule_that_misstates_something_is_named(tmp_path: Path, change: dict[str, Any]) -> None:
    with pytest.raises(MendError) as caught:
        rules(tmp_path, change)
    assert caught.value.rule == "r"
    assert caught.value.file == "rules.yaml"


def test_the_rules_that_come_with_it_can_be_read_and_filled() -> None:
    made = read_rules(CHECKOUT / "config" / "recommendations.yaml")
    assert len(made) >= 4
    places = dict.fromkeys(
        ("name", "estimate", "range", "target", "n", "eligible", "jp_persons", "batch_cost"), "x"
    )
    for rule in made:
        assert rule.metric_id in METRICS
        for template in rule.text.values():
            template.format_map(places)


def test_falling_is_good_where_down_is_the_direction() -> None:
    cost = figure("A", 70_000, None, None, metric="cost_per_jp_person", grade="")
    assert is_beyond(cost, 60_000, direction="down")
    assert not is_beyond(cost, 80_000, direction="down")


@given(st.floats(-1, 1), st.floats(0.01, 1), st.floats(-1, 1), st.floats(0.01, 1))
def test_a_difference_turned_round_changes_its_sign(a: float, half_a: float, b: float, half_b: float) -> None:
    now, then = figure("A", a, a - half_a, a + half_a), figure("A", b, b - half_b, b + half_b)
    forward, back = difference(now, then), difference(then, now)
    assert forward is not None
    assert back is not None
    assert forward == pytest.approx((-back[1], -back[0]))
    assert forward[0] <= a - b <= forward[1]
    assert forward[1] - forward[0] <= 2 * (half_a + half_b) + 1e-9


def test_the_difference_of_two_normal_intervals_is_the_textbook_one() -> None:
    """Symmetric limits: MOVER is the root of the summed squares (Zou and Donner 2008)."""
    limits = difference(figure("A", 0.5, 0.4, 0.6), figure("A", 0.3, 0.1, 0.5))
    assert limits == pytest.approx((0.2 - 0.05**0.5, 0.2 + 0.05**0.5))


def test_bounds_give_the_widest_difference_and_counts_the_exact_one() -> None:
    assert difference(
        figure("A", 0.5, 0.4, 0.6, interval="bounds"), figure("A", 0.3, 0.1, 0.5)
    ) == pytest.approx((-0.1, 0.5))
    counts = [figure("A", value, None, None, metric="attendance_rate") for value in (0.9, 0.8)]
    assert difference(*counts) == pytest.approx((0.1, 0.1))


@given(
    st.dictionaries(st.sampled_from("ABCDE"), st.integers(1, 50)),
    st.dictionaries(st.sampled_from("ABCDE"), st.integers(1, 50)),
)
def test_overlap_of_programmes_lies_between_none_and_all(now: dict[str, int], then: dict[str, int]) -> None:
    overlap = mix_overlap(now, then)
    assert 0 <= overlap <= 1 + 1e-12
    assert overlap == pytest.approx(mix_overlap(then, now))
    if now:
        assert mix_overlap(now, now) == pytest.approx(1)

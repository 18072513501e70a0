"""Figures of the demo city against what was put into it: counts exactly, intervals as often as they promise."""

from __future__ import annotations

from pathlib import Path

import pytest
from cities import Built, make_city, run_city
from scipy import stats

SEEDS = range(1, 11)


def truth_of(built: Built) -> dict[tuple[str, ...], float]:
    return {
        (value["metric_id"], value["cycle"], value["slice_kind"], value["slice_code"]): value["value"]
        for value in built.city.truth["values"]
    }


def figures_of(built: Built) -> list[tuple[tuple[str, ...], float, float | None, float | None, int]]:
    with built.warehouse() as con:
        rows = con.execute(
            "select metric_id, cycle, slice_kind, slice_code, estimate, low, high, n from metrics.metric_values "
            "where category = '' and estimate is not null order by all"
        ).fetchall()
    return [((row[0], row[1], row[2], row[3]), row[4], row[5], row[6], row[7]) for row in rows]


def test_counts_of_everybody_equal_the_truth_exactly(built: Built) -> None:
    truth = truth_of(built)
    compared = 0
    for place, estimate, _, _, _ in figures_of(built):
        if place[0] in ("attendance_rate", "response_rate") and place in truth:
            compared += 1
            assert estimate == pytest.approx(truth[place], abs=1e-12), place
    assert compared > 100


def test_a_programme_without_effect_is_not_shown_as_one_that_works_everywhere(built: Built) -> None:
    """Selection lifts the nominated without any training: the city knows which programmes do nothing."""
    effects = built.city.truth["effects"]
    assert any(effect["points"] == 0 for effect in effects.values())
    assert any(effect["points"] > 4 for effect in effects.values())


def covered(built: Built) -> tuple[int, int]:
    """Return how many intervals hold the truth, of how many; the same figure under two slices counts once."""
    truth = truth_of(built)
    seen = set()
    hits = 0
    for place, estimate, low, high, n in figures_of(built):
        if low is None or high is None or place not in truth:
            continue
        once = (place[0], place[1], estimate, n)
        if once in seen:
            continue
        seen.add(once)
        hits += low - 1e-9 <= truth[place] <= high + 1e-9
    return hits, len(seen)


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_intervals_hold_the_truth_as_often_as_they_promise(tmp_path: Path) -> None:
    """Ten cities, all metrics and slices pooled: not fewer hits than 95 % allows (exact binomial)."""
    hits = total = 0
    for seed in SEEDS:
        place = tmp_path / str(seed)
        found = covered(run_city(make_city(place, seed), place / "state"))
        hits, total = hits + found[0], total + found[1]
    assert total > 1000
    assert stats.binom.cdf(hits, total, 0.95) > 0.001, f"{hits} of {total} intervals hold the truth"

"""Adjusted chances and intervals after selection."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_results import vector
from scipy import stats
from statsmodels.stats.multitest import multipletests

from siklatih.multiplicity import benjamini_hochberg, fcr_intervals, holm

P = [0.001, 0.008, 0.039, 0.041, 0.042, 0.060, 0.074, 0.205, 0.212, 0.216]  # DOMAIN 2.11


def test_the_vector_of_benjamini_and_hochberg(shared):
    given, expected, tolerance = vector(shared, "BH")
    assert benjamini_hochberg(given["p"]) == pytest.approx(expected["q"], abs=tolerance)


def test_the_published_chances_after_holm():
    assert holm(P) == pytest.approx([0.010, 0.072, *[0.312] * 5, *[0.615] * 3], abs=1e-9)


def test_holm_as_in_statsmodels():
    chances = np.random.default_rng(2).random(25) ** 3
    assert holm(chances) == pytest.approx(multipletests(chances, method="holm")[1])


def test_tests_without_a_chance_do_not_count():
    for adjust in (benjamini_hochberg, holm):
        found = adjust([np.nan, *P, np.nan])
        assert np.isnan(found[[0, -1]]).all()
        assert found[1:-1] == pytest.approx(adjust(P))
        assert np.isnan(adjust([np.nan, np.nan])).all()
        assert len(adjust([])) == 0


chances = st.lists(st.floats(0, 1), min_size=1, max_size=30)


@given(chances, st.randoms())
def test_adjusted_chances_keep_the_order_and_are_never_smaller(p, chance):
    for adjust in (benjamini_hochberg, holm):
        found = adjust(p)
        order = np.argsort(p)
        assert (np.diff(found[order]) >= -1e-12).all()
        assert (found >= np.array(p) - 1e-12).all()
        assert (found <= 1).all()
        shuffled = list(range(len(p)))
        chance.shuffle(shuffled)
        assert adjust([p[i] for i in shuffled]) == pytest.approx(found[shuffled])


def test_intervals_widen_with_the_share_that_was_selected():
    value, error = np.array([1.0, 2.0, 3.0, np.nan, 5.0]), np.array([0.5, 0.5, 0.5, 0.5, np.nan])
    found = fcr_intervals(value, error, np.array([False, True, False, True, True]), degrees=12)
    # three count, one was chosen: level 1 - 0.05 / 3
    half = stats.t.ppf(1 - 0.05 / 3 / 2, 12) * 0.5
    assert [found.low[1], found.high[1]] == pytest.approx([2 - half, 2 + half])
    assert np.isnan(found.low[[0, 2, 3, 4]]).all()
    all_three = fcr_intervals(value[:3], error[:3], np.ones(3, dtype=bool))
    assert all_three.high - value[:3] == pytest.approx(1.959964 * error[:3], abs=1e-5)
    none = fcr_intervals(value, error, np.zeros(5, dtype=bool))
    assert np.isnan(none.low).all()


def test_selected_effects_are_covered_as_declared_where_plain_intervals_are_not():
    rng = np.random.default_rng(20261125)
    plain_misses, misses = [], []
    for _ in range(1_000):
        truth = np.where(np.arange(20) < 15, 0.0, 2.0)
        y = truth + rng.normal(size=20)
        chosen = benjamini_hochberg(2 * stats.norm.sf(np.abs(y))) < 0.05
        found = fcr_intervals(y, np.ones(20), chosen)
        if chosen.any():
            misses.append((np.abs(y - truth) > found.high - y)[chosen].mean())
            plain_misses.append((np.abs(y - truth) > 1.96)[chosen].mean())
        else:
            misses.append(0.0)
            plain_misses.append(0.0)
    assert np.mean(misses) <= 0.055
    assert np.mean(plain_misses) > 0.08

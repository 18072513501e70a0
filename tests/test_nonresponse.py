"""Response rates, bounds and weights against the field's vectors."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_figures import vector

from siklatih.inference import response_bounds
from siklatih.nonresponse import mean_bounds, response_rates, tipping_points, weighted_means


def test_response_rates_of_the_vector(shared):
    cells, expected = vector(shared, "RR")
    found = response_rates(
        cells["I"],
        cells["P"],
        cells["R"],
        cells["NC"],
        cells["O"],
        cells["UH"] + cells["UO"],
        cells["inelig"],
    )
    for name in ("RR1", "RR2", "RR3", "RR4", "RR5", "RR6"):
        assert float(getattr(found, name.lower())) == pytest.approx(expected[name], abs=1e-6)
    assert float(found.eligible) == pytest.approx(expected["e"], abs=1e-6)


def test_a_closed_list_knows_no_unknown():
    found = response_rates([24, 0], [3, 0], no_contact=[3, 0])
    assert (found.rr2[0], found.rr4[0], found.rr6[0]) == (0.9, 0.9, 0.9)
    assert np.isnan([found.rr1[1], found.rr2[1], found.rr6[1]]).all()
    none_known = response_rates(0, 0, unknown=10)
    assert math.isnan(none_known.rr4)
    assert float(none_known.rr2) == 0


def test_bounds_of_the_published_pass_rate():
    # DOMAIN 2.7: 24 pass of 30 tested, 40 enrolled
    found = mean_bounds(30, 24, 40, 0, 1)
    assert (float(found.estimate), float(found.low), float(found.high)) == (0.8, 0.6, 0.85)
    alone = response_bounds(24, 30, 40)
    assert (alone.low, alone.high) == (float(found.low), float(found.high))


def test_the_tipping_point_is_where_the_target_falls():
    point = float(tipping_points(30, 126, 40, 4.0))  # mean 4.2 of 30, ten silent
    assert point == pytest.approx(3.4)
    assert (126 + 10 * point) / 40 == pytest.approx(4.0)
    assert math.isnan(tipping_points(40, 168, 40, 4.0))
    assert float(tipping_points(0, np.nan, 10, 4.0)) == 4.0


def test_nobody_and_too_many_answers():
    found = mean_bounds([0, 12, 0], [np.nan, 40, 0], [10, 10, 0], 1, 5)
    assert math.isnan(found.estimate[0])
    assert (found.low[0], found.high[0]) == (1, 5)
    assert np.isnan(found.low[1:]).all()


def test_weights_of_the_vector(shared):
    cells, expected = vector(shared, "WEIGHT")
    found = weighted_means(cells["N"], cells["n"], cells["mean"], [0.4, 0.5, 0.6, 0.7])
    assert float(found.raw) == pytest.approx(expected["raw"], abs=1e-6)
    assert float(found.estimate) == pytest.approx(expected["weighted"], abs=1e-6)
    assert float(found.design_effect) == pytest.approx(expected["deff"], abs=1e-6)
    assert float(found.effective) == pytest.approx(expected["n_eff"], abs=1e-6)
    assert found.weights == pytest.approx([4 / 3, 2, 2.5, 5])
    assert (float(found.low), float(found.high)) == pytest.approx((3.867193, 4.042807), abs=1e-6)
    assert not found.trimmed
    assert math.isnan(weighted_means(cells["N"], cells["n"], cells["mean"]).low)


def test_a_heavy_weight_is_cut_and_says_so():
    found = weighted_means([40, 400], [40, 4], [4.0, 2.0], [0.5, 0.5])
    assert found.trimmed
    assert found.weights == pytest.approx([1, 5])  # 100, cut to five times the median 1
    assert float(found.estimate) == pytest.approx((40 * 4 + 20 * 2) / 60)


def test_a_stratum_of_which_nobody_answered_is_undefined():
    found = weighted_means([40, 60], [20, 0], [4.0, np.nan], [0.5, np.nan])
    assert math.isnan(found.estimate)
    assert float(found.raw) == 4.0
    census = weighted_means([2, 1], [2, 1], [4.0, 3.0], [0.5, np.nan])
    assert (float(census.low), float(census.high)) == pytest.approx((11 / 3, 11 / 3))


strata = st.lists(
    st.tuples(st.integers(1, 50), st.integers(1, 50), st.integers(10, 50)), min_size=1, max_size=5
)


@given(strata, st.integers(-100, 100))
def test_a_constant_moves_only_the_level_and_equal_rates_need_no_weights(cells, constant):
    n = np.array([min(a, b) for a, b, _ in cells])
    size = np.array([max(a, b) for a, b, _ in cells])
    mean = np.array([c / 10 for _, _, c in cells])
    found, moved = weighted_means(size, n, mean), weighted_means(size, n, mean + constant)
    assert float(moved.estimate) == pytest.approx(float(found.estimate) + constant)
    assert float(moved.design_effect) == float(found.design_effect) >= 1 - 1e-12
    even = weighted_means(3 * n, n, mean)
    assert float(even.estimate) == pytest.approx(float(even.raw))
    assert float(even.design_effect) == pytest.approx(1)


@given(
    st.lists(st.tuples(st.integers(1, 30), st.integers(0, 30), st.integers(0, 30)), min_size=2, max_size=5)
)
def test_bounds_of_parts_merge_into_those_of_the_whole(parts):
    n = np.array([a for a, _, _ in parts])
    total = np.array([min(a, b) for a, b, _ in parts])
    everyone = np.array([a + c for a, _, c in parts])
    whole, apart = (
        mean_bounds(n.sum(), total.sum(), everyone.sum(), 0, 1),
        mean_bounds(n, total, everyone, 0, 1),
    )
    assert float(whole.low) == pytest.approx(float((apart.low * everyone).sum() / everyone.sum()))
    assert float(whole.high) == pytest.approx(float((apart.high * everyone).sum() / everyone.sum()))


def test_ten_thousand_slices_in_one_call():
    rng = np.random.default_rng(6)
    size = rng.integers(0, 40, (10_000, 6))
    n = np.minimum(size, rng.integers(0, 40, (10_000, 6)))
    mean, sd = rng.uniform(1, 5, (10_000, 6)), rng.uniform(0, 1, (10_000, 6))
    found = weighted_means(size, n, mean, sd)
    bounds = mean_bounds(n[:, 0], n[:, 0] * 3, size[:, 0], 1, 5)
    points = tipping_points(n[:, 0], n[:, 0] * 3, size[:, 0], 4)
    for at in (0, 1, 2, 500, 9_999):
        alone = weighted_means(size[at], n[at], mean[at], sd[at])
        for name in ("estimate", "low", "high", "raw", "design_effect", "effective"):
            assert getattr(found, name)[at] == pytest.approx(float(getattr(alone, name)), nan_ok=True)
        one = mean_bounds(n[at, 0], n[at, 0] * 3, size[at, 0], 1, 5)
        assert bounds.high[at] == pytest.approx(float(one.high), nan_ok=True)
        single = float(tipping_points(n[at, 0], n[at, 0] * 3, size[at, 0], 4))
        assert points[at] == pytest.approx(single, nan_ok=True)
    whole = ((n > 0) | (size == 0)).all(axis=1) & (size.sum(axis=1) > 0)
    assert (np.isfinite(found.estimate) == whole).all()

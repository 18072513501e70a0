"""Means and variances from exact sums, one array cell a slice."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_figures import moments_of, pair_sums, pairs_of, stacked, sums

from siklatih.moments import moments, pair_moments

tenths = st.integers(0, 1000).map(lambda value: Decimal(value) / 10)
pair_lists = st.lists(st.tuples(tenths, tenths), min_size=2, max_size=12)


def split(pairs):
    return [a for a, _ in pairs], [b for _, b in pairs]


@given(pair_lists)
def test_moments_are_numpys(pairs):
    pre, post = split(pairs)
    found = pairs_of(pre, post)
    x, y = np.array(pre, dtype=float), np.array(post, dtype=float)
    assert float(found.before.mean) == pytest.approx(x.mean())
    assert float(found.after.variance) == pytest.approx(y.var(ddof=1), abs=1e-9)
    assert float(found.covariance) == pytest.approx(np.cov(x, y)[0, 1], abs=1e-9)
    assert float(found.change.variance) == pytest.approx((y - x).var(ddof=1), abs=1e-9)


@given(st.lists(pair_lists, min_size=2, max_size=5))
def test_sums_of_parts_give_exactly_the_moments_of_the_whole(parts):
    merged = tuple(sum(cells) for cells in zip(*(pair_sums(*split(part)) for part in parts), strict=True))
    whole = pairs_of(*split([pair for part in parts for pair in part]))
    assert pair_moments(*merged) == whole


@given(pair_lists, st.integers(-(10**12), 10**12))
def test_a_constant_changes_no_variance_at_all(pairs, constant):
    pre, post = split(pairs)
    moved = pairs_of([a + constant for a in pre], [b + constant for b in post])
    still = pairs_of(pre, post)
    assert moved.before.variance == still.before.variance
    assert moved.covariance == still.covariance
    assert moved.change == still.change


def test_a_change_that_is_the_same_for_all_has_no_spread_from_floats_either():
    x = np.array([0.1, 0.7, 1.3, 2.9])
    y = x + 0.3
    found = pair_moments(4, x.sum(), (x * x).sum(), y.sum(), (y * y).sum(), (x * y).sum())
    assert float(found.change.variance) == 0
    assert float(found.before.variance) == pytest.approx(x.var(ddof=1))


def test_slices_without_people_leave_the_others_alone():
    # SQL gives no sum at all, not zero, where nobody is
    found = moments([0, 1, 3], np.array([None, Decimal(4), Decimal(6)]), np.array([None, Decimal(16), 14]))
    assert np.isnan(found.mean[0])
    assert np.isnan(found.variance[:2]).all()
    assert (found.mean[1], found.mean[2], found.variance[2]) == (4, 2, 1)


def test_ten_thousand_slices_in_one_call_are_as_one_by_one():
    rng = np.random.default_rng(5)
    slices = [
        pair_sums(rng.integers(0, 100, 6).tolist(), rng.integers(0, 100, 6).tolist()) for _ in range(10_000)
    ]
    found = pair_moments(*stacked(slices))
    assert found.before.mean.shape == (10_000,)
    for at in (0, 77, 9_999):
        alone = pair_moments(*slices[at])
        assert found.change.variance[at] == alone.change.variance
        assert found.covariance[at] == alone.covariance


def test_huge_integers_do_not_overflow():
    big = 10**10
    n, total, squares = sums([big, big + 1, big + 2])
    found = moments(np.array([n]), np.array([int(total)]), np.array([int(squares)], dtype=object))
    assert found.variance[0] == 1
    assert moments_of([big, big + 1, big + 2]).variance == 1

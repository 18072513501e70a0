"""Shares and their differences against the field's vectors, published tables and exact enumeration."""

import itertools
import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from shared_figures import vector

from siklatih.inference import wilson
from siklatih.proportions import (
    net_promoter,
    newcombe,
    newcombe_paired,
    rise_and_fall,
    rise_minus_fall,
    top_two,
    wilson_intervals,
)


@pytest.mark.parametrize("name", ["WILSON-9-10", "WILSON-45-60", "WILSON-0-12", "WILSON-312-400"])
def test_wilson_of_the_vectors(shared, name):
    given_, expected = vector(shared, name)
    found = wilson_intervals(given_["x"], given_["n"])
    assert [float(found.low), float(found.high)] == pytest.approx(expected["ci"], abs=1e-6)
    alone = wilson(given_["x"], given_["n"])
    assert [alone.low, alone.high] == pytest.approx([float(found.low), float(found.high)])


def test_newcombes_difference_of_the_published_numbers():
    found = newcombe([40, 56, 9], [50, 70, 10], [30, 48, 3], [50, 80, 10])
    assert float(found.estimate[0]) == pytest.approx(0.20)
    assert (found.low[0], found.high[0]) == pytest.approx((0.020134, 0.363592), abs=1e-6)
    # Newcombe 1998, table II, method 10: examples a and b
    assert (found.low[1], found.high[1]) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert (found.low[2], found.high[2]) == pytest.approx((0.1705, 0.8090), abs=5e-5)


def test_newcombes_paired_difference_of_the_published_table():
    # Newcombe 1998 (improved intervals for paired data), table II, method 10
    found = newcombe_paired([36, 0, 0], [12, 0, 54], [2, 0, 0], [0, 10, 0])
    assert float(found.estimate[0]) == pytest.approx(0.2)
    assert (found.low[0], found.high[0]) == pytest.approx((0.0569, 0.3404), abs=5e-5)
    assert found.estimate[2] == 1
    assert found.high[2] == pytest.approx(1)


def test_paired_shares_that_are_unrelated_are_those_of_two_samples():
    # with phi 0 the paired interval is the hybrid of two samples of the same size
    pairs = newcombe_paired(24, 16, 6, 4)  # 24 x 4 = 16 x 6
    two = newcombe(40, 50, 30, 50)
    assert (float(pairs.low), float(pairs.high)) == pytest.approx((float(two.low), float(two.high)))


def test_net_promoters_of_the_vector(shared):
    given_, expected = vector(shared, "NPS")
    found = net_promoter(given_["promotor"], given_["detraktor"], given_["n"])
    assert float(found.estimate) == pytest.approx(expected["nps"], abs=1e-6)
    assert [float(found.low), float(found.high)] == pytest.approx(expected["ci"], abs=1e-6)
    alike = net_promoter([30, 0], [0, 0], [30, 0])
    assert alike.estimate[0] == 100
    assert np.isnan(alike.low).all()
    assert np.isnan(alike.estimate[1])


def test_the_two_best_answers():
    found = top_two([[1, 2, 5, 12, 10], [0, 0, 0, 0, 0]])
    assert found.estimate[0] == pytest.approx(0.7333, abs=5e-5)  # DOMAIN 2.21: 22 of 30
    assert found.low[0] == pytest.approx(wilson(22, 30).low)
    assert np.isnan(found.estimate[1])


def test_rise_and_fall_from_tables_of_answers():
    table = np.zeros((2, 5, 5), dtype=int)
    table[0, 1, 3], table[0, 3, 1], table[0, 2, 2], table[0, 0, 4] = 6, 2, 10, 3
    risen, fallen, n = rise_and_fall(table)
    assert (risen.tolist(), fallen.tolist(), n.tolist()) == ([9, 0], [2, 0], [21, 0])
    found = rise_minus_fall(risen, fallen, n)
    assert found.estimate[0] == pytest.approx(7 / 21)
    assert found.low[0] < 7 / 21 < found.high[0]
    assert np.isnan(found.estimate[1])
    assert np.isnan(found.low[1])


@pytest.mark.parametrize("n", [10, 30])
def test_rise_minus_fall_covers_the_truth_by_exact_enumeration(n):
    counts = np.array([(b, c) for b in range(n + 1) for c in range(n + 1 - b)])
    found = rise_minus_fall(counts[:, 0], counts[:, 1], n)
    covered = []
    for p, q in itertools.product(np.arange(0.05, 0.95, 0.1), repeat=2):
        if p + q <= 0.95:
            cells = np.column_stack([counts, n - counts.sum(1)])
            chance = scipy.stats.multinomial.pmf(cells, n, [p, q, 1 - p - q])
            covered.append(float(chance @ ((found.low <= p - q) & (p - q <= found.high))))
    assert np.mean(covered) >= 0.945
    assert min(covered) >= 0.90


shares = st.tuples(st.integers(0, 30), st.integers(1, 30)).map(lambda drawn: (min(drawn), drawn[1]))


@given(shares, shares)
def test_swapping_turns_the_sign(one, two):
    forth, back = newcombe(*one, *two), newcombe(*two, *one)
    assert (float(forth.low), float(forth.high)) == pytest.approx((-float(back.high), -float(back.low)))
    assert -1 - 1e-9 <= float(forth.low) <= float(forth.estimate) + 1e-9


@given(st.tuples(*[st.integers(0, 20)] * 4))
def test_swapping_before_and_after_turns_the_sign(cells):
    a, b, c, d = cells
    forth, back = newcombe_paired(a, b, c, d), newcombe_paired(a, c, b, d)
    assert float(forth.low) == pytest.approx(-float(back.high), nan_ok=True, abs=1e-9)
    up, down = rise_minus_fall(b, c, sum(cells)), rise_minus_fall(c, b, sum(cells))
    assert float(up.low) == pytest.approx(-float(down.high), nan_ok=True, abs=1e-9)


def test_ten_thousand_slices_in_one_call():
    rng = np.random.default_rng(2)
    cells = rng.integers(0, 9, (4, 10_000))
    cells[:, 17] = 0  # nobody
    n = cells.sum(axis=0)
    for many, one in (
        (newcombe_paired(*cells), lambda at: newcombe_paired(*cells[:, at])),
        (newcombe(cells[0], cells[:2].sum(0), cells[2], cells[2:].sum(0)),
         lambda at: newcombe(cells[0, at], cells[:2, at].sum(), cells[2, at], cells[2:, at].sum())),
        (rise_minus_fall(cells[1], cells[2], n), lambda at: rise_minus_fall(cells[1, at], cells[2, at], n[at])),
        (wilson_intervals(cells[0], n), lambda at: wilson_intervals(cells[0, at], n[at])),
        (net_promoter(cells[0], cells[1], n), lambda at: net_promoter(cells[0, at], cells[1, at], n[at])),
    ):  # fmt: skip
        assert many.estimate.shape == (10_000,)
        assert math.isnan(many.low[17])
        for at in (0, 1, 17, 9_999):
            alone = one(at)
            for name in ("estimate", "low", "high"):
                assert getattr(many, name)[at] == pytest.approx(float(getattr(alone, name)), nan_ok=True)

"""Exact tests of small slices against SciPy, R and the field's numbers."""

import math
import time

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_figures import decimals, figures, rows
from statsmodels.stats.contingency_tables import mcnemar

from siklatih.small_samples import mcnemar_exact, sign_flips, signed_ranks, two_samples

PRE = np.array([52, 60, 48, 71, 55, 64, 58, 67, 50, 62])  # DOMAIN 2.7, data P
POST = np.array([68, 72, 61, 80, 70, 66, 75, 78, 59, 77])


def padded(slices, width):
    cells = np.full((len(slices), width), np.nan)
    for at, values in enumerate(slices):
        cells[at, : len(values)] = values
    return cells


def test_sign_flips_of_the_published_pairs():
    found = sign_flips(POST - PRE, seed=1)
    assert float(found.p) == 2 / 1024
    assert found.exact


@settings(max_examples=40)
@given(st.lists(st.integers(-20, 20), min_size=2, max_size=9))
def test_sign_flips_are_scipys_permutation_test(changes):
    other = scipy.stats.permutation_test(
        (np.array(changes, dtype=float),), np.sum, permutation_type="samples", n_resamples=np.inf
    )
    assert float(sign_flips(changes, seed=1).p) == pytest.approx(min(1.0, other.pvalue))


@settings(max_examples=40)
@given(*[st.lists(st.integers(0, 20), min_size=2, max_size=5)] * 2)
def test_two_samples_are_every_assignment(one, two):
    pooled = np.array(one + two, dtype=float)
    seen, count, every = abs(np.mean(one) - np.mean(two)), 0, 0
    for pattern in range(1 << len(pooled)):
        chosen = np.array([pattern >> at & 1 for at in range(len(pooled))], dtype=bool)
        if chosen.sum() == len(one):
            every += 1
            count += abs(pooled[chosen].mean() - pooled[~chosen].mean()) >= seen - 1e-9
    assert float(two_samples(one, two, seed=1).p) == pytest.approx(count / every)


def test_two_samples_of_equal_size_are_scipys():
    rng = np.random.default_rng(4)
    one, two = rng.normal(0, 1, (2, 7)), rng.normal(1, 1, (2, 7))
    found = two_samples(one, two, seed=1)
    for at in range(2):
        other = scipy.stats.permutation_test(
            (one[at], two[at]), lambda a, b: a.mean() - b.mean(), n_resamples=np.inf
        )
        assert found.p[at] == pytest.approx(other.pvalue)
    assert found.exact.all()


def test_drawn_patterns_come_near_the_exact_p_and_repeat_with_their_seed():
    rng = np.random.default_rng(8)
    changes = rng.normal(0.4, 1, 25)
    found = sign_flips(changes, seed=3)
    assert not found.exact
    assert float(found.p) == pytest.approx(scipy.stats.ttest_1samp(changes, 0).pvalue, abs=0.015)
    assert float(sign_flips(changes, seed=3).p) == float(found.p)
    together = sign_flips(np.vstack([changes[::-1], rng.normal(0, 1, 25)]), seed=3)
    assert together.p[0] == float(found.p)
    one, two = rng.normal(0, 1, 14), rng.normal(0.9, 1, 14)
    drawn = two_samples(one, two, seed=3)
    assert not drawn.exact
    assert float(drawn.p) == pytest.approx(scipy.stats.ttest_ind(one, two).pvalue, abs=0.015)
    assert float(sign_flips(np.full(30, 1.0), seed=3).p) == 1 / 10_000  # never nought


def test_signed_ranks_as_r_has_them(shared):
    # R subtracts floats, so that equal changes such as 1.7 differ in the 16th digit and are no ties
    sleep = rows(shared, "sleep_student.csv")
    one, two = (np.array([float(r["extra"]) for r in sleep if r["group"] == g]) for g in ("1", "2"))
    changes, expected = [two - one], [figures(shared, "sleep")["paired"]]
    for arm, figure in figures(shared, "anorexia")["by_arm"].items():
        people = [r for r in rows(shared, "mass_anorexia.csv") if r["Treat"] == arm]
        changes.append([float(r["Postwt"]) - float(r["Prewt"]) for r in people])
        expected.append(figure)
    found = signed_ranks(padded(changes, 29))
    assert found.p == pytest.approx([figure["wilcoxon_p"] for figure in expected], abs=1e-6)
    assert found.statistic.tolist() == [figure["wilcoxon_V"] for figure in expected]
    # from the exact changes the ties are seen, and p moves by 0.003
    people = [r for r in rows(shared, "mass_anorexia.csv") if r["Treat"] == "CBT"]
    exact = [post - pre for r in people for pre, post in [decimals([r["Prewt"], r["Postwt"]])]]
    assert float(signed_ranks([float(change) for change in exact]).p) == pytest.approx(0.061374, abs=1e-6)


def test_signed_ranks_without_ties_are_exact():
    untied = np.array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    found = signed_ranks(untied)
    assert found.exact
    assert float(found.p) == pytest.approx(0.001953, abs=1e-6)
    assert float(found.statistic) == 55


def test_mcnemar_of_the_published_numbers():
    assert float(mcnemar_exact(12, 3)) == pytest.approx(0.035156, abs=1e-6)
    assert float(mcnemar_exact(7, 7)) == 1
    assert math.isnan(mcnemar_exact(0, 0))
    other = mcnemar([[10, 9], [2, 5]], exact=True).pvalue
    assert float(mcnemar_exact(2, 9)) == pytest.approx(other)


@given(st.lists(st.integers(-20, 20), min_size=1, max_size=8), st.integers(1, 9))
def test_swapping_turns_nothing_and_scale_does_not_matter(changes, scale):
    p = float(sign_flips(changes, seed=1).p)
    assert p == float(sign_flips([-v for v in changes], seed=1).p)
    assert p == float(sign_flips([v * scale / 10 for v in changes], seed=1).p)
    ranks = signed_ranks(changes)
    assert float(ranks.p) == pytest.approx(float(signed_ranks([-v for v in changes]).p), nan_ok=True)
    both = two_samples(changes, [v + 5 for v in changes], seed=1)
    moved = two_samples([v + 500 for v in changes], [v + 505 for v in changes], seed=1)
    assert float(both.p) == float(moved.p)


def test_slices_of_nobody_are_undefined():
    empty = np.full((2, 4), np.nan)
    assert np.isnan(sign_flips(empty, seed=1).p).all()
    assert np.isnan(two_samples(empty, np.ones((2, 3)), seed=1).p).all()
    ranks = signed_ranks(np.array([[0.0, 0.0, np.nan], [np.nan] * 3]))
    assert np.isnan(ranks.p).all()
    assert not ranks.exact.any()


def test_slices_that_do_not_match_are_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="slices of"):
        two_samples(np.ones((3, 4)), np.ones((2, 4)), seed=1)


def test_ten_thousand_slices_in_one_call():
    rng = np.random.default_rng(9)
    slices = [rng.integers(-9, 15, rng.integers(0, 11)) for _ in range(10_000)]
    others = [rng.integers(-9, 12, rng.integers(0, 6)) for _ in range(10_000)]
    cells, beside = padded(slices, 10), padded(others, 5)
    started = time.perf_counter()
    flips, ranks, samples = (
        sign_flips(cells, seed=1), signed_ranks(cells), two_samples(cells, beside, seed=1)
    )  # fmt: skip
    assert time.perf_counter() - started < 60
    for at in (0, 1, 2, 3, 9_999):
        if len(slices[at]):
            assert flips.p[at] == float(sign_flips(slices[at], seed=1).p)
            assert ranks.p[at] == pytest.approx(float(signed_ranks(slices[at]).p), nan_ok=True)
        if len(slices[at]) and len(others[at]):
            assert samples.p[at] == float(two_samples(slices[at], others[at], seed=1).p)
    assert (np.isnan(flips.p) == [len(values) == 0 for values in slices]).all()

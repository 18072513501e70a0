"""CR2 against the general matrix formula, permutation against its definition, coverage by simulation."""

import itertools
import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_figures import moments_of, vector

from siklatih.cluster_contrasts import cluster_differences, cr2_differences, permuted_differences
from siklatih.contrasts import welch


def matrix_cr2(y, treated, cluster):
    """CR2 and Satterthwaite as Pustejovsky and Tipton write them, with matrices over persons."""
    x = np.column_stack([np.ones(len(y)), treated.astype(float)])
    bread = np.linalg.inv(x.T @ x)
    hat = np.eye(len(y)) - x @ bread @ x.T
    residual, meat, columns = hat @ y, np.zeros((2, 2)), []
    for one in np.unique(cluster):
        rows = cluster == one
        values, vectors = np.linalg.eigh(hat[np.ix_(rows, rows)])
        root = np.where(values > 1e-9, 1 / np.sqrt(np.maximum(values, 1e-9)), 0)
        adjusted = vectors @ np.diag(root) @ vectors.T
        score = x[rows].T @ adjusted @ residual[rows]
        meat += np.outer(score, score)
        columns.append(hat[:, rows] @ adjusted @ x[rows] @ bread[:, 1])
    g = np.column_stack(columns)
    eigenvalues = np.linalg.eigvalsh(g.T @ g)
    error = math.sqrt((bread @ meat @ bread)[1, 1])
    return (bread @ x.T @ y)[1], error, eigenvalues.sum() ** 2 / (eigenvalues**2).sum()


def cluster_sums(y, treated, cluster, width):
    cells = np.zeros((4, width))
    for one in np.unique(cluster):
        for at, rows in ((0, (cluster == one) & treated), (2, (cluster == one) & ~treated)):
            cells[at, one], cells[at + 1, one] = rows.sum(), y[rows].sum()
    return cells


@pytest.mark.parametrize("within", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_the_closed_formula_is_the_general_one(seed, within):
    rng = np.random.default_rng(seed)
    clusters = int(rng.integers(5, 14))
    cluster = np.repeat(np.arange(clusters), rng.integers(1, 9, clusters))
    shift = rng.normal(0, 2, clusters)
    if within:
        treated = rng.random(len(cluster)) < 0.5
        treated[:1], treated[-1:] = True, False
    else:
        treated = cluster < clusters // 2
    y = rng.normal(0, 3, len(cluster)) + shift[cluster] + 2 * treated
    found = cr2_differences(*cluster_sums(y, treated, cluster, clusters + 3))
    estimate, error, degrees = matrix_cr2(y, treated, cluster)
    assert float(found.estimate) == pytest.approx(estimate)
    assert float(found.standard_error) == pytest.approx(error)
    assert float(found.degrees) == pytest.approx(degrees)
    half = scipy.stats.t.ppf(0.975, degrees) * error
    assert (float(found.low), float(found.high)) == pytest.approx((estimate - half, estimate + half))


def test_clusters_of_one_person_give_welchs_error(shared):
    given_, expected = vector(shared, "DID-2")
    changes = np.array(given_["dT"] + given_["dC"], dtype=float)
    treated = np.arange(12) < 6
    found = cluster_differences(treated, changes * treated, ~treated, changes * ~treated)
    assert float(found.estimate) == pytest.approx(expected["did"], abs=1e-6)
    robust = cr2_differences(treated, changes * treated, ~treated, changes * ~treated)
    assert float(robust.standard_error) == pytest.approx(expected["se"], abs=1e-6)
    other = welch(moments_of(given_["dT"]), moments_of(given_["dC"]))
    assert float(robust.standard_error) == pytest.approx(float(other.standard_error))
    assert not found.permuted
    assert float(found.low) == float(robust.low)


def test_clusters_make_the_interval_wider_than_persons_do():
    # two batches a side whose levels differ: the persons agree within a batch, the batches do not
    y = np.repeat([10.0, 2.0, 11.0, 1.0], 8) + np.tile([-0.1, 0.1], 16)
    treated = np.arange(32) < 16
    cluster = np.repeat(np.arange(4), 8)
    robust = cr2_differences(*cluster_sums(y, treated, cluster, 4))
    persons = scipy.stats.ttest_ind(y[treated], y[~treated]).confidence_interval()
    assert float(robust.high - robust.low) > 3 * (persons.high - persons.low)


def by_definition(n, total, treated, effect):
    """Share of all assignments of clusters whose difference is at least as far out, the effect taken away."""
    total = total - effect * n * treated

    def difference(chosen):
        return total[chosen].sum() / n[chosen].sum() - total[~chosen].sum() / n[~chosen].sum()

    real, count, every = abs(difference(treated)), 0, 0
    for picked in itertools.combinations(range(len(n)), int(treated.sum())):
        chosen = np.isin(np.arange(len(n)), picked)
        count += abs(difference(chosen)) >= real - 1e-9
        every += 1
    return count / every


@pytest.mark.parametrize("seed", range(4))
def test_permutation_of_clusters_is_its_definition(seed):
    rng = np.random.default_rng(seed)
    n = rng.integers(3, 20, 8).astype(float)
    treated = np.arange(8) % 2 == 0
    total = n * rng.normal(5, 2, 8) + 4 * n * treated
    found = permuted_differences(n, total, treated)
    assert float(found.p) == pytest.approx(by_definition(n, total, treated, 0.0))
    low, high = float(found.low), float(found.high)
    assert low < float(found.estimate) < high
    # the limits are where the test begins to reject
    assert by_definition(n, total, treated, low + 1e-6) > 0.05
    assert by_definition(n, total, treated, low - 1e-6) <= 0.05
    assert by_definition(n, total, treated, high - 1e-6) > 0.05
    assert by_definition(n, total, treated, high + 1e-6) <= 0.05


def test_too_few_clusters_to_reject_have_endless_limits():
    found = permuted_differences([5, 5, 5, 5], [10, 12, 30, 31], [False, False, True, True])
    assert float(found.p) == pytest.approx(2 / 6)
    assert (float(found.low), float(found.high)) == (-math.inf, math.inf)


def test_few_clusters_are_permuted_and_mixed_ones_undefined():
    n1, n0 = [5, 5, 5, 5, 0, 0, 0, 0], [0, 0, 0, 0, 5, 5, 5, 5]
    s1, s0 = [40, 45, 50, 47, 0, 0, 0, 0], [0, 0, 0, 0, 20, 21, 25, 24]
    found = cluster_differences(n1, s1, n0, s0)
    assert found.permuted
    assert float(found.p) == pytest.approx(2 / 70)
    mixed = cluster_differences([5, 5, 5], [1, 2, 3], [5, 5, 5], [4, 5, 6])
    assert not mixed.permuted
    assert math.isnan(mixed.p)
    assert float(mixed.estimate) == pytest.approx(-0.6)
    single = cr2_differences([5, 0, 0], [40, 0, 0], [0, 5, 5], [0, 20, 21])
    assert math.isnan(single.p)
    assert float(single.estimate) == pytest.approx(3.9)
    nobody = cluster_differences([0, 0], [0, 0], [4, 5], [1, 2])
    assert math.isnan(nobody.estimate)


cluster_lists = st.lists(st.tuples(st.integers(1, 9), st.integers(-50, 50)), min_size=2, max_size=4)


@settings(max_examples=50)
@given(cluster_lists, cluster_lists, st.integers(-100, 100))
def test_swapping_groups_turns_the_sign_and_a_constant_changes_nothing(one, two, constant):
    n = np.array([a for a, _ in one + two], dtype=float)
    total = np.array([b for _, b in one + two], dtype=float)
    treated = np.arange(len(n)) < len(one)

    def both(total, treated):
        return cluster_differences(n * treated, total * treated, n * ~treated, total * ~treated)

    forth, back, moved = both(total, treated), both(total, ~treated), both(total + constant * n, treated)
    for name, other in (("low", "high"), ("high", "low")):
        assert float(getattr(forth, name)) == pytest.approx(-float(getattr(back, other)), abs=1e-6)
        assert float(getattr(forth, name)) == pytest.approx(float(getattr(moved, name)), abs=1e-6)
    assert float(forth.p) == float(back.p) == float(moved.p)


def test_ten_thousand_slices_in_one_call():
    rng = np.random.default_rng(23)
    width = 24
    clusters = rng.integers(0, width + 1, 10_000)
    n = rng.integers(1, 30, (10_000, width)) * (np.arange(width) < clusters[:, None])
    treated = rng.random((10_000, width)) < 0.5
    total = np.array(rng.integers(-99, 99, (10_000, width)), dtype=object)
    total[n == 0] = None  # as SQL gives it
    n1, n0 = n * treated, n * ~treated
    found = cluster_differences(n1, total, n0, total)
    assert found.permuted.any()
    for at in (0, 3, 50, 51, 52, 53, 9_999):
        alone = cluster_differences(n1[at], total[at], n0[at], total[at])
        for name in ("estimate", "low", "high", "p"):
            assert getattr(found, name)[at] == pytest.approx(float(getattr(alone, name)), nan_ok=True)
    large = (clusters >= 10) & ((n1 > 0).sum(1) > 1) & ((n0 > 0).sum(1) > 1)
    assert np.isfinite(found.high[large]).all()


def test_coverage_over_batches_that_differ():
    # ICC about 0.15, unequal batches: persons' intervals cover some 60 % here (DOMAIN 7.1)
    rng = np.random.default_rng(20261125)
    for width, least in ((16, 0.93), (8, 0.945)):
        n = rng.integers(15, 45, (2_000, width)).astype(float)
        treated = np.broadcast_to(np.arange(width) < width // 2, n.shape)
        level = rng.normal(0, math.sqrt(0.15), n.shape) + rng.normal(0, 1, n.shape) * np.sqrt(0.85 / n)
        total = n * (level + 0.5 * treated)
        found = cluster_differences(n * treated, total, n * ~treated, total)
        covered = ((found.low <= 0.5) & (found.high >= 0.5)).mean()
        assert least <= covered <= 0.985
        assert found.permuted.all() == (width < 10)

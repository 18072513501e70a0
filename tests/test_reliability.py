"""Alpha and omega against published numbers, R's psych, pingouin and statsmodels."""

import itertools
import warnings
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_results import results, table, vector
from statsmodels.multivariate.factor import Factor

from siklatih.inference import PairedSums
from siklatih.omega import one_factor, reported_reliability
from siklatih.reliability import (
    ItemSums,
    alpha_if_deleted,
    corrected_item_total,
    correlations,
    cronbach_alpha,
    feldt_interval,
    item_sums,
    mean_correlation,
    pairwise_moments,
    reliability_counts_as_indication,
    spearman_brown,
    standardised_alpha,
)

# DOMAIN 2.8, TV-ALPHA
ALPHA = [
    [int(c) for c in row]
    for row in ("4544", "3343", "5554", "2323", "4434", "3433", "5455", "2232", "4443", "3323")
]
KEYS = {
    "agree": "-A1 A2 A3 A4 A5",
    "conscientious": "C1 C2 C3 -C4 -C5",
    "extraversion": "-E1 -E2 E3 E4 E5",
    "neuroticism": "N1 N2 N3 N4 N5",
    "openness": "O1 -O2 O3 O4 -O5",
    "unreversed_agree": "A1 A2 A3 A4 A5",
}


def pair_sums(rows, items, complete=True):
    """Exact sums of each pair, over those who answered all items or, else, the pair."""
    used = [row for row in rows if all(row[i] is not None for i in items)] if complete else rows
    found = {}
    for i, u in enumerate(items):
        for v in items[i:]:
            both = [(r[u], r[v]) for r in used if r[u] is not None and r[v] is not None]
            totals = [
                sum(values, Decimal(0))
                for values in zip(*[(a, a * a, b, b * b, a * b) for a, b in both], strict=True)
            ]
            found[u, v] = PairedSums(len(both), *totals)
    return found


def answers(rows, items, turned=(), top=7):
    return [
        {
            i: None if row[i] == "" else top - Decimal(row[i]) if i in turned else Decimal(row[i])
            for i in items
        }
        for row in rows
    ]


def scale(shared, name):
    keys = KEYS[name].split()
    items = [key.strip("-") for key in keys]
    turned = {key[1:] for key in keys if key[0] == "-"}
    return items, answers(table(shared, "psych_bfi.csv"), items, turned)


def sums_of(rows):
    x = np.array(rows, dtype=object).reshape(len(rows), -1)
    return ItemSums(np.array(len(x)), x.sum(0), x.T @ x)


def test_alpha_of_the_vector(shared):
    given, expected, tolerance = vector(shared, "ALPHA")
    covariance = sums_of([[int(v) for v in row] for row in given["X"]]).covariance
    assert cronbach_alpha(covariance) == pytest.approx(expected["alpha"], abs=tolerance)


def test_all_figures_of_the_published_scale():
    covariance = sums_of(ALPHA).covariance
    assert covariance == pytest.approx(np.cov(np.array(ALPHA).T))
    alpha = cronbach_alpha(covariance)
    assert alpha == pytest.approx(0.914083, abs=1e-6)
    assert mean_correlation(covariance) == pytest.approx(0.734205, abs=1e-6)
    assert standardised_alpha(covariance) == pytest.approx(0.917007, abs=1e-6)
    limits = feldt_interval(alpha, 10, 4)
    assert (limits.low, limits.high) == pytest.approx((0.773965, 0.976031), abs=1e-6)
    assert alpha_if_deleted(covariance) == pytest.approx([0.835106, 0.899123, 0.917702, 0.894591], abs=1e-6)
    assert corrected_item_total(covariance) == pytest.approx(
        [0.945135, 0.773216, 0.730661, 0.800702], abs=1e-6
    )
    assert spearman_brown(0.70, 2) == pytest.approx(0.823529, abs=1e-6)


def test_the_published_heywood_case_is_reported_and_alpha_takes_its_place():
    covariance = sums_of(ALPHA).covariance
    fit = one_factor(covariance)
    assert fit.heywood
    assert fit.uniquenesses[0] < 1e-5
    assert fit.omega == pytest.approx(0.926839, abs=1e-6)
    value, name = reported_reliability(covariance)
    assert (float(value), str(name)) == (pytest.approx(0.914083, abs=1e-6), "alpha_heywood")


@pytest.mark.parametrize("method", ["ml", "minres"])
def test_omega_of_the_vector_returns_the_loadings(shared, method):
    given, expected, tolerance = vector(shared, "OMEGA")
    loadings = np.array(given["loadings"])
    matrix = np.outer(loadings, loadings)
    np.fill_diagonal(matrix, 1)
    fit = one_factor(matrix, method=method)
    assert fit.loadings == pytest.approx(loadings, abs=1e-6)
    assert fit.omega == pytest.approx(expected["omega"], abs=tolerance)
    assert not fit.heywood
    assert cronbach_alpha(matrix) == pytest.approx(0.803707, abs=1e-6)
    assert str(reported_reliability(matrix)[1]) == "omega"


@pytest.mark.parametrize("name", list(KEYS))
def test_scales_of_the_personality_questionnaire_as_in_psych(shared, name):
    expected = results(shared, "bfi")["scales"][name]
    items, rows = scale(shared, name)
    complete = item_sums(items, pair_sums(rows, items))
    pairs, matrix = pairwise_moments(items, pair_sums(rows, items, complete=False))
    assert int(complete.n) == expected["n_complete"]
    assert cronbach_alpha(complete.covariance) == pytest.approx(expected["raw_alpha_listwise"], abs=1e-6)
    assert standardised_alpha(complete.covariance) == pytest.approx(expected["std_alpha_listwise"], abs=1e-6)
    assert cronbach_alpha(pairs) == pytest.approx(expected["raw_alpha_pairwise"], abs=1e-6)
    assert standardised_alpha(pairs) == pytest.approx(expected["std_alpha_pairwise"], abs=1e-6)
    assert mean_correlation(pairs) == pytest.approx(expected["mean_r"], abs=1e-6)
    assert alpha_if_deleted(pairs) == pytest.approx(list(expected["alpha_if_dropped"].values()), abs=1e-6)
    assert corrected_item_total(pairs) == pytest.approx(list(expected["r_drop"].values()), abs=1e-6)
    if "omega_total_1f" in expected:
        fit = one_factor(matrix, method="minres")
        assert fit.omega_total == pytest.approx(expected["omega_total_1f"], abs=1e-6)


def test_the_departments_and_the_customers_as_in_psych(shared):
    blocks = {"attitude_chatterjee_price.csv": results(shared, "attitude")["alpha7"]}
    blocks |= {
        f"plspm_satisfaction.csv#{b}": v for b, v in results(shared, "plspm_satisfaction")["alpha"].items()
    }
    assert len(blocks) == 7
    for name, expected in blocks.items():
        items = list(expected["alpha_if_dropped"])
        rows = answers(table(shared, name.partition("#")[0]), items)
        covariance = item_sums(items, pair_sums(rows, items)).covariance
        assert cronbach_alpha(covariance) == pytest.approx(expected["raw_alpha_listwise"], abs=1e-6)
        assert standardised_alpha(covariance) == pytest.approx(expected["std_alpha_listwise"], abs=1e-6)
        assert mean_correlation(covariance) == pytest.approx(expected["mean_r"], abs=1e-6)
        dropped, rest = expected["alpha_if_dropped"], expected["r_drop"]
        assert alpha_if_deleted(covariance) == pytest.approx(list(dropped.values()), abs=1e-6)
        assert corrected_item_total(covariance) == pytest.approx(list(rest.values()), abs=1e-6)


def test_a_small_set_with_gaps_as_in_pingouin(shared):
    expected = results(shared, "pingouin_wide_missing")
    rows = table(shared, "pingouin_cronbach_wide_missing.csv")
    items = list(rows[0])
    given = answers(rows, items)
    alpha = cronbach_alpha(pairwise_moments(items, pair_sums(given, items, complete=False))[0])
    assert alpha == pytest.approx(expected["alpha"], abs=1e-6)
    limits = feldt_interval(alpha, len(rows), len(items))
    assert [round(float(limits.low), 3), round(float(limits.high), 3)] == expected["ci"]
    with pytest.raises(ValueError, match="complete cases"):
        item_sums(items, pair_sums(given, items, complete=False))
    assert reliability_counts_as_indication(len(rows))


def test_sums_of_a_scale_without_one_of_its_pairs_are_refused():
    with pytest.raises(ValueError, match="a, b"):
        item_sums(["a", "b"], {("a", "a"): PairedSums(3, *[Decimal(3)] * 5)})


def test_maximum_likelihood_is_at_least_as_high_as_statsmodels():
    rng = np.random.default_rng(20261125)
    factor = rng.normal(size=(12, 60, 1))
    data = factor * rng.uniform(0.4, 1.2, (12, 1, 5)) + rng.normal(size=(12, 60, 5))
    matrices = np.stack([np.corrcoef(block.T) for block in data])
    fits = one_factor(matrices)

    def misfit(matrix, loadings, unique):
        implied = np.outer(loadings, loadings) + np.diag(unique)
        return np.linalg.slogdet(implied)[1] + np.trace(np.linalg.solve(implied, matrix))

    for at, matrix in enumerate(matrices):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # statsmodels stops short on some
            other = Factor(corr=matrix, n_factor=1, method="ml").fit()
        theirs = misfit(matrix, other.loadings[:, 0], other.uniqueness)
        ours = misfit(matrix, fits.loadings[at], fits.uniquenesses[at])
        assert ours <= theirs + 1e-9
        assert np.abs(other.loadings[:, 0]) == pytest.approx(fits.loadings[at], abs=2e-3)


def test_ten_thousand_slices_in_one_call_are_the_single_ones():
    rng = np.random.default_rng(5)
    loads = rng.uniform(0.5, 0.9, (10_000, 4))
    matrices = loads[:, :, None] * loads[:, None, :]
    matrices[:, range(4), range(4)] = 1
    fit = one_factor(matrices)
    assert fit.loadings == pytest.approx(loads, abs=1e-6)
    assert alpha_if_deleted(matrices).shape == (10_000, 4)
    for at in (0, 4_321, 9_999):
        assert one_factor(matrices[at]).omega == pytest.approx(fit.omega[at], abs=1e-9)
        assert cronbach_alpha(matrices)[at] == cronbach_alpha(matrices[at])


def test_what_is_not_defined_is_not_a_number_and_disturbs_no_other():
    sound = sums_of(ALPHA).covariance
    flat = sound.copy()
    flat[0, :] = flat[:, 0] = 0  # an item all answer alike
    stack = np.stack([sound, np.full((4, 4), np.nan), flat, np.ones((4, 4)), np.zeros((4, 4))])
    assert list(np.isnan(cronbach_alpha(stack))) == [False, True, False, False, True]
    assert list(np.isnan(standardised_alpha(stack))) == [False, True, True, False, True]
    fit = one_factor(stack)
    assert list(np.isnan(fit.omega)) == [False, True, True, True, True]
    assert list(fit.heywood) == [True, False, False, False, False]
    assert list(reported_reliability(stack)[1]) == ["alpha_heywood"] + ["alpha"] * 4
    assert fit.omega[0] == one_factor(sound).omega
    two = sound[:2, :2]  # one factor of two items is not determined
    assert np.isnan(one_factor(two).omega)
    assert np.isnan(alpha_if_deleted(two)).all()
    assert np.isnan(cronbach_alpha(sound[:1, :1]))
    assert np.isnan(sums_of(ALPHA[:1]).covariance).all()
    alone = feldt_interval([0.8, 0.8], [1, 0], 4)
    assert np.isnan([alone.low, alone.high]).all()
    assert np.isnan(feldt_interval(0.8, 10, 1).low)


def test_an_item_left_unturned_keeps_its_sign():
    turned = np.array(ALPHA)
    turned[:, 2] = 6 - turned[:, 2]
    fit = one_factor(np.cov(turned.T))
    assert list(np.sign(fit.loadings)) == [1, 1, -1, 1]
    assert fit.omega < one_factor(np.cov(np.array(ALPHA).T)).omega


answer = st.integers(1, 5)
sheets = st.lists(st.tuples(answer, answer, answer), min_size=2, max_size=20)


@given(st.lists(sheets, min_size=2, max_size=4), st.randoms())
def test_merging_parts_equals_the_whole_exactly_and_in_any_order(groups, chance):
    parts = [sums_of(group) for group in groups]
    whole = sums_of(list(itertools.chain.from_iterable(groups)))
    chance.shuffle(parts)
    merged = sum(parts[1:], parts[0])
    assert int(merged.n) == int(whole.n)
    assert (merged.totals == whole.totals).all()
    assert (merged.products == whole.products).all()
    assert np.array_equal(merged.covariance, whole.covariance)


@given(sheets, st.integers(-50, 50))
def test_adding_a_constant_changes_nothing(rows, constant):
    before = sums_of(rows).covariance
    after = sums_of([tuple(v + constant for v in row) for row in rows]).covariance
    assert np.array_equal(cronbach_alpha(before), cronbach_alpha(after), equal_nan=True)
    assert np.array_equal(corrected_item_total(before), corrected_item_total(after), equal_nan=True)


@given(sheets, st.permutations([0, 1, 2]))
def test_the_order_of_items_does_not_matter(rows, order):
    before = sums_of(rows).covariance
    after = before[np.ix_(order, order)]
    assert cronbach_alpha(after) == pytest.approx(cronbach_alpha(before), nan_ok=True)
    assert alpha_if_deleted(after) == pytest.approx(alpha_if_deleted(before)[order], nan_ok=True)
    assert np.diagonal(correlations(after)) == pytest.approx(
        np.where(np.diagonal(after) > 0, 1, np.nan), nan_ok=True
    )

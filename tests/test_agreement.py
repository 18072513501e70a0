"""Agreement of raters against published numbers, statsmodels, and the same ratings one by one."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_results import results, table, vector
from statsmodels.stats.inter_rater import cohens_kappa

from siklatih.agreement import (
    aiken_chance,
    aiken_v,
    cohen_kappa,
    lawshe_cvr,
    raw_agreement,
    within_group_agreement,
)
from siklatih.inference import wilson
from siklatih.intraclass import RatingSums, group_correlation, intraclass

JUDGES = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
ORDERED = [[8, 2, 0], [3, 9, 2], [0, 1, 5]]  # DOMAIN 2.16


def rating_sums(ratings, kind=int):
    x = np.array([[kind(v) for v in row] for row in ratings], dtype=object)
    return RatingSums(np.array(len(x)), x.sum(0), (x * x).sum(), (x.sum(1) ** 2).sum())


def test_the_six_correlations_as_in_psych_and_the_paper(shared):
    expected = results(shared, "shrout_fleiss")["icc"]
    rows = table(shared, "shrout_fleiss_1979_icc.csv")
    found = intraclass(rating_sums([[row[f"J{j}"] for j in (1, 2, 3, 4)] for row in rows], Decimal))
    assert set(found) == set(expected)
    for form, value in expected.items():
        assert found[form].estimate == pytest.approx(value, abs=1e-6)


# as psych's ICC() prints them
PRINTED = {
    "ICC1": (1.8, 5, 18, 0.16477, -0.133, 0.72),
    "ICC2": (11.0, 5, 15, 0.00013, 0.019, 0.76),
    "ICC3": (11.0, 5, 15, 0.00013, 0.342, 0.95),
    "ICC1k": (1.8, 5, 18, 0.16477, -0.884, 0.91),
    "ICC2k": (11.0, 5, 15, 0.00013, 0.071, 0.93),
    "ICC3k": (11.0, 5, 15, 0.00013, 0.676, 0.99),
}


@pytest.mark.parametrize("form", list(PRINTED))
def test_f_and_limits_of_the_correlations_as_psych_prints_them(form):
    found = intraclass(rating_sums(JUDGES))[form]
    f, above, below, p, low, high = PRINTED[form]
    assert float(found.f) == pytest.approx(f, abs=0.05)
    assert (float(found.above), float(found.below)) == (above, below)
    assert float(found.p) == pytest.approx(p, abs=5e-6)
    assert float(found.low) == pytest.approx(low, abs=6e-4)
    assert float(found.high) == pytest.approx(high, abs=6e-3)


def test_correlations_of_many_slices_are_the_single_ones_and_nothing_is_not_a_number():
    rng = np.random.default_rng(1)
    ratings = rng.integers(1, 6, (10_000, 8, 3))
    many = RatingSums(
        np.full(10_000, 8), ratings.sum(1), (ratings**2).sum((1, 2)), (ratings.sum(2) ** 2).sum(1)
    )
    found = intraclass(many)
    for at in (0, 77, 9_999):
        single = intraclass(rating_sums(ratings[at]))
        for form in PRINTED:
            assert found[form].estimate[at] == pytest.approx(single[form].estimate)
            assert found[form].low[at] == pytest.approx(single[form].low)
    for nothing in (rating_sums(JUDGES[:1]), rating_sums([[3], [4], [5]]), rating_sums([[3, 3]] * 5)):
        for form in intraclass(nothing).values():
            assert np.isnan([form.estimate, form.low, form.high, form.f]).all()


ratings_of = st.lists(st.tuples(*[st.integers(1, 5)] * 3), min_size=2, max_size=12)


@given(ratings_of, ratings_of, st.integers(-9, 9))
def test_whole_targets_merge_and_a_constant_changes_nothing(first, second, constant):
    merged, whole = rating_sums(first) + rating_sums(second), rating_sums(first + second)
    moved = rating_sums([[v + constant for v in row] for row in first + second])
    for form, found in intraclass(whole).items():
        for other in (intraclass(merged)[form], intraclass(moved)[form]):
            assert np.array_equal(found.estimate, other.estimate, equal_nan=True)
            assert np.array_equal(found.low, other.low, equal_nan=True)


def test_correlation_of_members_of_a_group_is_icc1_when_groups_are_equal():
    x = np.array(JUDGES)
    found = group_correlation(np.full(6, 4), x.sum(1), (x**2).sum(1))
    assert found == pytest.approx(float(intraclass(rating_sums(JUDGES))["ICC1"].estimate))


def test_correlation_of_members_of_unequal_groups():
    # by hand: means 2, 5, 4; between 28/2 of sizes 2, 3, 1 around 23/6; within 4 on 3 degrees
    groups = [[1, 3], [4, 5, 6], [4]]
    size = np.array([len(g) for g in groups])
    grand = sum(map(sum, groups)) / 6
    between = sum(len(g) * (np.mean(g) - grand) ** 2 for g in groups) / 2
    within = (2 + 2 + 0) / 3
    usual = (6 - (4 + 9 + 1) / 6) / 2
    expected = (between - within) / (between + (usual - 1) * within)
    sums = [sum(g) for g in groups], [sum(v * v for v in g) for g in groups]
    assert group_correlation(size, *sums) == pytest.approx(expected)
    with_absent = [np.append(part, 0) for part in (size, *sums)]
    assert group_correlation(*with_absent) == pytest.approx(expected)
    assert np.isnan(group_correlation([3, 0], [6, 0], [14, 0]))
    assert np.isnan(group_correlation([1, 1], [6, 3], [36, 9]))


def test_kappa_of_the_published_tables():
    plain = cohen_kappa([[20, 5], [10, 15]])
    assert plain.interval.estimate == pytest.approx(0.4, abs=1e-12)
    assert (plain.seen, plain.expected) == pytest.approx((0.7, 0.5))
    weighted = cohen_kappa(ORDERED, weights="quadratic")
    assert weighted.interval.estimate == pytest.approx(0.757085, abs=1e-6)


@pytest.mark.parametrize(
    "confusion", [[[20, 5], [10, 15]], ORDERED, [[4, 0, 3, 1], [2, 6, 0, 0], [1, 1, 9, 2], [0, 3, 1, 7]]]
)
@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
def test_kappa_and_its_error_as_in_statsmodels(confusion, weights):
    found = cohen_kappa(confusion, weights=weights)
    other = cohens_kappa(np.array(confusion), wt=None if weights == "none" else weights)
    assert found.interval.estimate == pytest.approx(other.kappa)
    assert found.error == pytest.approx(other.std_kappa)
    assert found.interval.low == pytest.approx(other.kappa_low)
    assert found.interval.high == pytest.approx(min(1.0, other.kappa_upp))


def test_kappa_of_many_tables_and_of_those_that_have_none():
    rng = np.random.default_rng(9)
    tables = rng.integers(1, 30, (10_000, 3, 3))
    found = cohen_kappa(tables, weights="linear")
    for at in (3, 5_000):
        assert found.interval.estimate[at] == pytest.approx(
            cohen_kappa(tables[at], weights="linear").interval.estimate
        )
    odd = cohen_kappa([[[0, 0], [0, 0]], [[9, 0], [0, 0]], [[5, 0], [0, 5]]])
    assert odd.interval.estimate == pytest.approx([np.nan, np.nan, 1], nan_ok=True)
    assert odd.error == pytest.approx([np.nan, np.nan, 0], nan_ok=True)


counts = st.lists(st.lists(st.integers(0, 20), min_size=3, max_size=3), min_size=3, max_size=3)


@given(counts, counts)
def test_kappa_is_the_same_seen_from_either_rater_and_tables_merge(first, second):
    one, two = np.array(first), np.array(second)
    for weights in ("none", "linear", "quadratic"):
        whole = cohen_kappa(one + two, weights=weights).interval
        assert (-1 <= whole.low <= whole.high <= 1) or np.isnan(whole.estimate)
        turned = cohen_kappa((one + two).T, weights=weights).interval
        assert turned.estimate == pytest.approx(whole.estimate, nan_ok=True)
        assert turned.high == pytest.approx(whole.high, nan_ok=True)


def test_raw_agreement_with_its_interval():
    found = raw_agreement([ORDERED, [[0] * 3] * 3])
    plain = wilson(22, 30)
    assert [found.estimate[0], found.low[0], found.high[0]] == pytest.approx([22 / 30, plain.low, plain.high])
    assert np.isnan([found.estimate[1], found.low[1], found.high[1]]).all()


def test_agreement_within_a_group():
    assert within_group_agreement(np.var([4, 4, 5, 4, 3], ddof=1), 5) == pytest.approx(0.75)
    assert np.isnan(within_group_agreement(0.5, 1))


def test_validity_of_the_vector(shared):
    given, expected, tolerance = vector(shared, "AIKEN")
    found = aiken_v(sum(given["r"]), len(given["r"]), given["c"])
    assert found.estimate == pytest.approx(expected["V"], abs=tolerance)
    assert found.low < found.estimate < found.high <= 1


def test_the_score_interval_solves_its_equation():
    found = aiken_v([21, 25, 5], 5, 5)
    for value, limit in zip(found.estimate, (*found.low[:2], found.high[2]), strict=True):
        z = abs(value - limit) / np.sqrt(limit * (1 - limit) / 20)
        assert z == pytest.approx(1.959964, abs=1e-5)
    assert (found.high[1], found.low[2]) == pytest.approx((1, 0), abs=1e-12)
    assert np.isnan(aiken_v(0, 0, 5).estimate)


def test_aikens_table_of_chances():
    # five experts, five categories: V = .80 is p = .040, the least that counts (Aiken 1985, table 1)
    assert aiken_chance(21, 5, 5) == pytest.approx(0.040, abs=5e-4)
    assert aiken_chance(20, 5, 5) > 0.05
    assert aiken_chance(5, 5, 5) == pytest.approx(1)
    assert np.isnan(aiken_chance(0, 0, 5))


def test_content_validity_ratio():
    assert lawshe_cvr([9, 5, 0], 10) == pytest.approx([0.8, 0, -1])
    assert np.isnan(lawshe_cvr(0, 0))

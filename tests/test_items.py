"""Item analysis from counts by total score, against the same persons one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siklatih.items import (
    ItemCounts,
    difficulty,
    item_rest_correlation,
    kr20,
    kr21,
    upper_lower_difference,
)
from siklatih.reliability import cronbach_alpha

# DOMAIN 2.7, test quality
BINARY = [
    [1, 1, 1, 0, 1],
    [1, 0, 1, 0, 1],
    [1, 1, 1, 1, 1],
    [0, 0, 1, 0, 0],
    [1, 1, 0, 0, 1],
    [0, 0, 0, 0, 1],
]


def counts_of(rows, k):
    persons, right = np.zeros(k + 1), np.zeros((k + 1, k))
    for row in rows:
        persons[sum(row)] += 1
        right[sum(row)] += row
    return ItemCounts(persons, right)


def test_the_published_test_and_alpha_agree():
    counts = counts_of(BINARY, 5)
    assert kr20(counts) == pytest.approx(0.681818, abs=1e-6)
    assert kr20(counts) == pytest.approx(cronbach_alpha(np.cov(np.array(BINARY).T)))
    assert kr21(counts) == pytest.approx(0.532468, abs=1e-6)
    assert difficulty(counts) == pytest.approx(np.mean(BINARY, axis=0))


def test_discrimination_is_the_correlation_with_the_rest():
    counts, answers = counts_of(BINARY, 5), np.array(BINARY)
    for item, found in enumerate(item_rest_correlation(counts)):
        rest = answers.sum(1) - answers[:, item]
        assert found == pytest.approx(np.corrcoef(answers[:, item], rest)[0, 1])


def test_upper_and_lower_groups_without_ties_at_the_border():
    # totals 4 3 5 1 3 1: a third of six is two persons; the best are 5 and 4, the weakest both have 1
    best, weakest = np.array(BINARY)[[0, 2]].mean(0), np.array(BINARY)[[3, 5]].mean(0)
    assert upper_lower_difference(counts_of(BINARY, 5), share=1 / 3) == pytest.approx(best - weakest)


def test_who_stands_on_the_border_counts_in_part():
    # half of six is three: the two with 3 right give one half each to the best and to the weakest
    answers = np.array(BINARY, dtype=float)
    best = (answers[2] + answers[0] + answers[[1, 4]].mean(0)) / 3
    weakest = (answers[3] + answers[5] + answers[[1, 4]].mean(0)) / 3
    assert upper_lower_difference(counts_of(BINARY, 5), share=0.5) == pytest.approx(best - weakest)


def test_nobody_and_no_spread_are_not_numbers():
    empty, alike = counts_of([], 5), counts_of([[1, 1, 0, 0, 0]] * 7, 5)
    for figure in (kr20, kr21, difficulty, item_rest_correlation, upper_lower_difference):
        assert np.isnan(figure(empty)).all()
    assert np.isnan(kr20(alike))
    assert np.isnan(item_rest_correlation(alike)).all()
    assert upper_lower_difference(alike) == pytest.approx(np.zeros(5))
    assert np.isnan(kr20(counts_of([[1], [0]], 1)))


def test_many_tests_in_one_call():
    rng = np.random.default_rng(3)
    rows = (rng.random((500, 12, 5)) < 0.6).astype(int)
    single = [counts_of([tuple(row) for row in sheet], 5) for sheet in rows]
    many = ItemCounts(np.stack([c.persons for c in single]), np.stack([c.right for c in single]))
    for figure in (kr20, kr21, difficulty, item_rest_correlation, upper_lower_difference):
        assert figure(many) == pytest.approx(np.stack([figure(c) for c in single]), nan_ok=True)


sheets = st.lists(st.tuples(*[st.integers(0, 1)] * 4), min_size=1, max_size=25)


@given(sheets, sheets)
def test_merging_parts_equals_the_whole(first, second):
    merged, whole = counts_of(first, 4) + counts_of(second, 4), counts_of(first + second, 4)
    assert np.array_equal(merged.persons, whole.persons)
    assert np.array_equal(merged.right, whole.right)
    assert np.array_equal(kr20(merged), kr20(whole), equal_nan=True)


@given(sheets)
def test_differences_and_correlations_stay_in_their_range(rows):
    counts = counts_of(rows, 4)
    assert (np.abs(upper_lower_difference(counts)) <= 1 + 1e-12).all()
    found = item_rest_correlation(counts)
    assert (np.abs(found[np.isfinite(found)]) <= 1 + 1e-9).all()

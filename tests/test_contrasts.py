"""Differences of means and difference-in-differences against R and the field's vectors."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from shared_figures import decimals, figures, moments_of, pair_sums, pairs_of, rows, stacked, vector

from siklatih.contrasts import (
    attrition_differences,
    baseline_differences,
    contrast,
    difference_in_differences,
    paired_t,
    sensitivity,
    student,
    welch,
)
from siklatih.effects import detectable_difference
from siklatih.intervals import Intervals
from siklatih.moments import moments, pair_moments


def close(found, expected, names):
    for name, key in names.items():
        assert float(getattr(found, name)) == pytest.approx(expected[key], abs=1e-6), name
    assert [float(found.low), float(found.high)] == pytest.approx(expected["ci"], abs=1e-6)


def test_paired_gains_as_r_has_them(shared):
    sleep = rows(shared, "sleep_student.csv")
    by_group = {group: [row["extra"] for row in sleep if row["group"] == group] for group in ("1", "2")}
    names = {"estimate": "mean_gain", "t": "t", "degrees": "df", "p": "p"}
    pairs = pairs_of(by_group["1"], by_group["2"])
    close(paired_t(pairs), figures(shared, "sleep")["paired"], names)
    for arm, expected in figures(shared, "anorexia")["by_arm"].items():
        people = [row for row in rows(shared, "mass_anorexia.csv") if row["Treat"] == arm]
        pairs = pairs_of([row["Prewt"] for row in people], [row["Postwt"] for row in people])
        close(paired_t(pairs), expected, names)


def test_differences_of_groups_as_r_has_them(shared):
    people = rows(shared, "causaldata_nsw_mixtape.csv")
    trained, others = (moments_of([r["re78"] for r in people if r["treat"] == which]) for which in "10")
    expected = figures(shared, "nsw_dw445")
    names = {"t": "t", "degrees": "df", "p": "p"}
    close(welch(trained, others), expected["effect_size"]["welch"], names)
    close(student(trained, others), expected["effect_size"]["student"], names)
    found = student(trained, others)
    assert float(found.estimate) == pytest.approx(expected["att_re78"]["est"], abs=1e-6)
    assert float(found.standard_error) == pytest.approx(expected["att_re78"]["se"], abs=1e-6)


def test_gains_of_the_anorexia_arms_as_r_has_them(shared):
    changes = {
        arm: moments_of(
            [
                post - pre
                for row in rows(shared, "mass_anorexia.csv")
                if row["Treat"] == arm
                for pre, post in [decimals([row["Prewt"], row["Postwt"]])]
            ]
        )
        for arm in ("Cont", "CBT", "FT")
    }
    names = {"t": "t", "degrees": "df", "p": "p"}
    for arm in ("CBT", "FT"):
        expected = figures(shared, "anorexia")[f"gain_{arm}_vs_Cont"]
        close(welch(changes[arm], changes["Cont"]), expected["welch"], names)
        close(student(changes[arm], changes["Cont"]), expected["student"], names)


def test_difference_in_differences_of_the_job_training_experiment(shared):
    people = rows(shared, "causaldata_nsw_mixtape.csv")
    trained, others = (
        pairs_of(*([r[year] for r in people if r["treat"] == which] for year in ("re75", "re78")))
        for which in "10"
    )
    expected = figures(shared, "nsw_dw445")["did_re78_re75"]
    found = student(trained.change, others.change)  # R's lm takes the variances as equal
    names = {"estimate": "est", "standard_error": "se", "t": "t", "p": "p"}
    for name, key in names.items():
        assert float(getattr(found, name)) == pytest.approx(expected[key], abs=1e-6)
    unequal = difference_in_differences(trained, others)
    assert float(unequal.estimate) == pytest.approx(expected["est"], abs=1e-6)
    raw = {
        which: np.array([float(r["re78"]) - float(r["re75"]) for r in people if r["treat"] == which])
        for which in "10"
    }
    other = scipy.stats.ttest_ind(raw["1"], raw["0"], equal_var=False)
    assert (float(unequal.t), float(unequal.p)) == pytest.approx((other.statistic, other.pvalue))
    assert float(unequal.low) == pytest.approx(other.confidence_interval().low)


def test_the_field_vectors_of_difference_in_differences(shared):
    given_, expected = vector(shared, "DID-1")
    means = [moments([1], [given_[name]], [given_[name] ** 2]) for name in ("T1", "T0", "C1", "C0")]
    found = contrast(means, (1, -1, -1, 1))
    assert float(found.estimate[0]) == pytest.approx(expected["did"], abs=1e-6)
    assert math.isnan(found.p[0])
    given_, expected = vector(shared, "DID-2")
    found = welch(moments_of(given_["dT"]), moments_of(given_["dC"]))
    close(found, expected, {"estimate": "did", "standard_error": "se", "t": "t", "degrees": "df", "p": "p"})


def test_the_field_vectors_of_pairs_and_of_groups(shared):
    given_, expected = vector(shared, "PAIR")
    found = paired_t(pairs_of(given_["pre"], given_["post"]))
    assert float(found.estimate) == pytest.approx(expected["mean_diff"], abs=1e-6)
    assert float(found.t) == pytest.approx(expected["t"], abs=1e-6)
    assert [float(found.low), float(found.high)] == pytest.approx(expected["diff_ci"], abs=1e-6)
    one = moments_of([72, 75, 68, 80, 77, 70, 74, 69, 81, 76, 73, 78])  # DOMAIN 2.7, TV-INDEP
    two = moments_of([66, 70, 64, 72, 69, 68, 65, 71, 67, 74, 63, 70])
    equal, unequal = student(one, two), welch(one, two)
    assert (float(equal.t), float(equal.p)) == pytest.approx((3.965781, 0.00065559), abs=1e-6)
    assert (float(unequal.degrees), float(unequal.p)) == pytest.approx((20.9719, 0.00070655), abs=5e-5)


def test_repeated_surveys_of_different_people_take_the_four_errors():
    rng = np.random.default_rng(3)
    drawn = [rng.integers(1, 100, n).tolist() for n in (12, 9, 15, 7)]
    found = contrast([moments_of(d) for d in drawn], (1, -1, -1, 1))
    errors = [np.var(d, ddof=1) / len(d) for d in drawn]
    assert float(found.standard_error) == pytest.approx(math.sqrt(sum(errors)))
    below = sum(e * e / (len(d) - 1) for e, d in zip(errors, drawn, strict=True))
    assert float(found.degrees) == pytest.approx(sum(errors) ** 2 / below)


def test_the_sensitivity_figure():
    effect = Intervals(np.array([9.0, 9.0, -4.0, 9.0]), np.array([2.0, -1.0, -6.0, np.nan]),
                       np.array([16.0, 19.0, -2.5, np.nan]))  # fmt: skip
    found = sensitivity(effect, [0.5, 0.5, -1.0, 1.0])
    assert found.erases == pytest.approx([9, 9, 4, 9])
    assert found.doubts == pytest.approx([2, 0, 2.5, np.nan], nan_ok=True)
    assert found.times_earlier == pytest.approx([4, 0, 2.5, np.nan], nan_ok=True)
    assert sensitivity(effect, 0.0).times_earlier[:2] == pytest.approx([np.inf, 0])
    assert np.isnan(sensitivity(effect).times_earlier).all()


def test_a_trend_as_large_as_the_figure_says_does_erase_the_effect():
    trained, others = moments_of([15, 13, 15, 10, 15, 14]), moments_of([4, 5, 3, 3, 6, 3])
    found = welch(trained, others)
    figure = sensitivity(found)
    shifted = [value - float(figure.doubts) for value in (15, 13, 15, 10, 15, 14)]
    assert float(welch(moments_of(shifted), others).low) == pytest.approx(0, abs=1e-9)


def test_baseline_and_attrition_conditions():
    near, far = moments_of([50, 60, 70, 61]), moments_of([80, 90, 95, 84])
    assert abs(float(baseline_differences(near, near).g)) == 0
    assert float(baseline_differences(far, near).g) > 0.25
    lost = attrition_differences([2, 10], [40, 40], [3, 1], [50, 50])
    assert lost.estimate == pytest.approx([-0.01, 0.23])
    assert lost.low[1] > 0.05


changes = st.lists(st.integers(-50, 50), min_size=2, max_size=10)


@given(changes, changes, st.integers(-500, 500))
def test_swapping_groups_turns_the_sign_and_a_constant_changes_nothing(one, two, constant):
    forth, back = welch(moments_of(one), moments_of(two)), welch(moments_of(two), moments_of(one))
    assert float(forth.low) == pytest.approx(-float(back.high), nan_ok=True)
    moved = welch(moments_of([v + constant for v in one]), moments_of([v + constant for v in two]))
    assert float(moved.estimate) == pytest.approx(float(forth.estimate), abs=1e-9)
    assert float(moved.p) == pytest.approx(float(forth.p), nan_ok=True, rel=1e-9)


@given(changes, changes)
def test_the_detectable_difference_is_missed_by_what_is_not_significant(one, two):
    found = student(moments_of(one), moments_of(two))
    least = float(detectable_difference(found.standard_error, found.degrees))
    if not math.isnan(least) and float(found.p) > 0.05:
        assert abs(float(found.estimate)) < least


def test_ten_thousand_slices_in_one_call():
    rng = np.random.default_rng(11)
    drawn = [
        [
            pair_sums(rng.integers(0, 100, n).tolist(), rng.integers(0, 100, n).tolist())
            for n in rng.integers(0, 12, 10_000)
        ]
        for _ in range(2)
    ]
    trained, others = (pair_moments(*stacked(group)) for group in drawn)
    found = difference_in_differences(trained, others)
    for at in (0, 5, 321, 9_999):
        alone = difference_in_differences(*(pair_moments(*group[at]) for group in drawn))
        for name in ("estimate", "low", "high", "p", "degrees"):
            assert getattr(found, name)[at] == pytest.approx(float(getattr(alone, name)), nan_ok=True)
    lonely = (trained.change.n < 2) | (others.change.n < 2)
    assert lonely.any()
    assert np.isnan(found.p[lonely]).all()

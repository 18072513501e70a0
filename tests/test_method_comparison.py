"""Meta-regression against metafor, and comparisons of methods that say what they could have seen."""

import math
from datetime import date

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from siklatih.method_comparison import ProgrammeEffect, compare_methods, meta_regression
from siklatih.rule_kinds import EvidenceRule
from siklatih.rules import load_rules
from siklatih.settings import CHECKOUT

RULE = load_rules(CHECKOUT / "config" / "rules").on(date(2026, 9, 30)).get(EvidenceRule)

# trials of a vaccine: cases and others among treated and untreated, degrees of latitude (Colditz et al. 1994)
TRIALS = [
    (4, 119, 11, 128, 44), (6, 300, 29, 274, 55), (3, 228, 11, 209, 42), (62, 13536, 248, 12619, 52),
    (33, 5036, 47, 5761, 13), (180, 1361, 372, 1079, 44), (8, 2537, 10, 619, 19), (505, 87886, 499, 87892, 13),
    (29, 7470, 45, 7232, 27), (17, 1699, 65, 1600, 42), (186, 50448, 141, 27197, 18), (5, 2493, 3, 2338, 33),
    (27, 16886, 29, 17825, 33),
]  # fmt: skip
Y = np.array([math.log(a / (a + b) / (c / (c + d))) for a, b, c, d, _ in TRIALS])
V = np.array([1 / a - 1 / (a + b) + 1 / c - 1 / (c + d) for a, b, c, d, _ in TRIALS])
LATITUDE = np.array([[1.0, latitude] for *_, latitude in TRIALS])


def test_the_mean_is_that_of_metafor_with_knapp_and_hartung():
    # metafor: rma(yi, vi, test="knha") of its example data
    found = meta_regression(Y, V, np.ones((13, 1)))
    mean = found.combine("mean", np.array([1.0]))
    assert found.between == pytest.approx(0.3132, abs=5e-5)
    assert (mean.estimate, mean.error, mean.degrees) == pytest.approx((-0.7145, 0.1808, 12), abs=5e-5)
    assert (mean.low, mean.high, mean.p) == pytest.approx((-1.1084, -0.3206, 0.0019), abs=5e-5)


def test_the_variance_explained_by_latitude_is_that_of_metafor():
    # metafor: rma(yi, vi, mods = ~ ablat), errors before Knapp and Hartung
    found = meta_regression(Y, V, LATITUDE)
    assert found.between == pytest.approx(0.0764, abs=1e-4)  # metafor stops when it changes by 1e-5
    assert list(found.estimates) == pytest.approx([0.2515, -0.0291], abs=5e-5)
    weights = 1 / (V + found.between)
    plain = np.linalg.inv(LATITUDE.T @ (weights[:, None] * LATITUDE))
    assert list(np.sqrt(np.diag(plain))) == pytest.approx([0.2491, 0.0072], abs=5e-5)
    spread = weights @ (Y - LATITUDE @ found.estimates) ** 2 / 11
    assert found.covariance == pytest.approx(spread * plain)


def test_with_the_same_variance_between_it_is_the_one_of_statsmodels():
    # with equal sampling variances restricted likelihood and Paule-Mandel are one
    equal = np.full(13, 0.2)
    ours = meta_regression(Y, equal, np.ones((13, 1)))
    theirs = combine_effects(Y, equal, method_re="iterated", use_t=True)
    assert ours.between == pytest.approx(theirs.tau2, rel=1e-5)
    assert ours.combine("mean", np.array([1.0])).estimate == pytest.approx(theirs.mean_effect_re)
    assert ours.combine("mean", np.array([1.0])).error == pytest.approx(theirs.sd_eff_w_re_hksj)


def test_no_variance_between_is_zero_and_not_negative():
    found = meta_regression(np.array([0.5, 0.51, 0.49, 0.5]), np.full(4, 0.04), np.ones((4, 1)))
    assert found.between == 0


def programmes(seed, means, each=8, spread=0.2):
    chance = np.random.default_rng(seed)
    return [
        ProgrammeEffect(
            f"{method}{i}", method, float(mean + spread * chance.normal() + 0.1 * chance.normal()), 0.01
        )
        for method, mean in means.items()
        for i in range(each)
    ]


def test_methods_far_apart_are_told_apart_and_near_ones_say_what_could_be_seen():
    effects = programmes(1, {"class": 0.3, "project": 0.9, "workshop": 0.35})
    found = compare_methods(effects, RULE)
    by_pair = {(contrast.first, contrast.second): contrast for contrast in found.contrasts}
    assert list(by_pair) == [("class", "project"), ("class", "workshop"), ("project", "workshop")]
    assert by_pair["class", "project"].is_distinguished
    near = by_pair["class", "workshop"]
    assert not near.is_distinguished
    assert near.detectable > near.difference.high - near.difference.estimate > 0
    assert near.difference.degrees == 24 - 3
    assert [mean.name for mean in found.means] == ["class", "project", "workshop"]


def test_a_method_with_four_programmes_is_not_compared():
    effects = programmes(2, {"class": 0.3, "project": 0.9}) + programmes(3, {"coaching": 2.0}, each=4)
    found = compare_methods(effects, RULE)
    assert found.too_few == {"coaching": 4}
    assert {contrast.second for contrast in found.contrasts} == {"project"}
    nothing = compare_methods(programmes(3, {"coaching": 2.0}, each=4), RULE)
    assert (nothing.contrasts, nothing.too_few) == ((), {"coaching": 4})


def test_the_order_of_programmes_does_not_matter_and_each_counts_once():
    effects = programmes(4, {"class": 0.3, "project": 0.5})
    assert compare_methods(effects[::-1], RULE) == compare_methods(effects, RULE)
    with pytest.raises(ValueError, match="one effect a programme"):
        compare_methods([*effects, effects[0]], RULE)


def test_intervals_of_a_difference_hold_the_truth():
    held = [
        contrast.difference.low <= -0.2 <= contrast.difference.high
        for seed in range(400)
        for contrast in compare_methods(
            programmes(seed, {"class": 0.3, "project": 0.5}, each=5), RULE
        ).contrasts
    ]
    assert len(held) == 400
    assert 0.92 <= sum(held) / 400 <= 0.98

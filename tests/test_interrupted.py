"""Interrupted series against the field's vector, and intervals that hold the truth on short series."""

from datetime import date

import numpy as np
import pytest

from siklatih.interrupted import LEVEL, SLOPE, default_lags, segmented, series_effect
from siklatih.rule_kinds import EvidenceRule
from siklatih.rules import load_rules
from siklatih.settings import CHECKOUT

RULE = load_rules(CHECKOUT / "config" / "rules").on(date(2026, 9, 30)).get(EvidenceRule)
SERIES = [70, 70.6, 71.1, 70.9, 71.8, 72.0, 72.3, 72.9, 75.4, 76.1, 76.4, 77.2]  # DOMAIN 2.19, TV-ITS


def test_the_series_of_the_vector():
    found = segmented(SERIES, 8, lags=2, small_sample=False)
    assert [c.estimate for c in found.coefficients] == pytest.approx(
        [69.714286, 0.385714, 2.05, 0.184286], abs=1e-6
    )
    assert [c.error for c in found.coefficients] == pytest.approx(
        [0.065063, 0.011079, 0.048653, 0.021888], abs=1e-6
    )
    corrected = segmented(SERIES, 8, lags=2, small_sample=True)
    assert corrected[LEVEL].error == pytest.approx(found[LEVEL].error * (12 / 8) ** 0.5)


def test_a_series_with_less_than_twelve_months_before_gives_no_effect():
    assert series_effect(SERIES, 8, RULE) is None
    assert series_effect([*SERIES, *SERIES], 22, RULE) is None
    assert series_effect([*SERIES, *SERIES], 12, RULE) is not None


def test_estimates_are_those_of_the_plain_regression_and_errors_are_wider():
    values = [*SERIES, *(value + 3 for value in SERIES)]
    found = series_effect(values, 14, RULE)
    plain = segmented(values, 14, lags=default_lags(24), small_sample=True)
    assert (found.level.estimate, found.slope.estimate) == pytest.approx(
        (plain[LEVEL].estimate, plain[SLOPE].estimate)
    )
    assert found.lags == 2
    assert found.level.error > plain[LEVEL].error
    assert 2 < found.level.degrees < 20


def simulated(before, after, strength, number):
    chance = np.random.default_rng(7)
    errors = chance.normal(size=(number, before + after + 60))
    for month in range(1, errors.shape[1]):
        errors[:, month] += strength * errors[:, month - 1]
    time = np.arange(before + after)
    truth = 50 + 0.1 * time + (time >= before) * (2 + 0.3 * (time + 1 - before))
    return truth + errors[:, 60:]


@pytest.mark.parametrize(("before", "after"), [(12, 12), (24, 12)])
@pytest.mark.parametrize("strength", [0.0, 0.5])
def test_intervals_of_short_autocorrelated_series_hold_the_truth(before, after, strength):
    # bounds of DOMAIN 7.17 widened by three standard errors of 300 series; plain errors give 0.67 to 0.86
    found = [series_effect(list(values), before, RULE) for values in simulated(before, after, strength, 300)]
    for effects, truth in (([f.level for f in found], 2), ([f.slope for f in found], 0.3)):
        held = sum(effect.low <= truth <= effect.high for effect in effects) / 300
        assert held >= 0.93 - 0.045


def test_autocorrelation_is_found_and_a_straight_line_has_none():
    strengths = [series_effect(list(v), 40, RULE).autocorrelation for v in simulated(40, 40, 0.6, 40)]
    assert 0.5 < np.mean(strengths) < 0.7
    whole = series_effect([float(month) for month in range(24)], 12, RULE)
    assert (whole.level.estimate, whole.slope.estimate) == pytest.approx((0, 0), abs=1e-9)

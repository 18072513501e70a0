"""Pooling and shrinkage against published numbers, statsmodels and a plain fine-grid integration."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_results import vector
from scipy import integrate, optimize, stats
from statsmodels.regression.linear_model import WLS
from statsmodels.stats.meta_analysis import combine_effects

from siklatih.pooling import dersimonian_laird, knapp_hartung, meta_regression, paule_mandel
from siklatih.shrinkage import beta_binomial, draw, plug_in, posterior, rank_intervals

Y = np.array([4.60, 3.90, 4.20, 4.75, 4.05, 3.60])  # DOMAIN 2.12, TV-EB
V = 0.36 / np.array([8, 60, 35, 5, 90, 12])


def test_the_vector_of_empirical_bayes(shared):
    given, expected, tolerance = vector(shared, "EB")
    y, variance = np.array(given["y"]), given["sigma"] ** 2 / np.array(given["n"])
    tau2 = dersimonian_laird(y, variance)
    found = plug_in(y, variance, tau2)
    assert tau2 == pytest.approx(expected["tau2"], abs=tolerance)
    assert found.mean == pytest.approx(expected["mu"], abs=tolerance)
    assert found.weight == pytest.approx(expected["B"], abs=tolerance)
    assert found.estimate == pytest.approx(expected["eb"], abs=tolerance)


def test_the_rest_of_the_published_example():
    by_moments = knapp_hartung(Y, V, tau2=dersimonian_laird(Y, V))
    assert by_moments.q == pytest.approx(26.194610, abs=1e-6)
    assert by_moments.i2 == pytest.approx(0.809121, abs=1e-6)
    assert knapp_hartung(Y, V, tau2=0.0).mean.estimate == pytest.approx(4.044048, abs=1e-6)
    found = plug_in(Y, V, dersimonian_laird(Y, V))
    spread = [0.155168, 0.073328, 0.092635, 0.173553, 0.060936, 0.137824]
    assert found.error == pytest.approx(spread, abs=1e-6)
    assert paule_mandel(Y, V) == pytest.approx(0.143144, abs=1e-6)
    other = plug_in(Y, V, paule_mandel(Y, V))
    assert other.mean == pytest.approx(4.149276, abs=1e-6)
    published = [4.492196, 3.910028, 4.196600, 4.548962, 4.052699, 3.695171]
    assert other.estimate == pytest.approx(published, abs=1e-6)


def test_rank_intervals_of_the_published_example():
    found = plug_in(Y, V, dersimonian_laird(Y, V))
    draws = np.random.default_rng(20260101).normal(found.estimate, found.error, (100_000, 6))
    ranks = rank_intervals(draws)
    assert list(ranks.low) == [1, 4, 1, 1, 3, 4]
    assert list(ranks.high) == [3, 6, 4, 4, 5, 6]


def test_both_taus_and_the_knapp_hartung_interval_as_in_statsmodels():
    for method, tau2 in (("iterated", paule_mandel(Y, V)), ("chi2", dersimonian_laird(Y, V))):
        other = combine_effects(Y, V, method_re=method, use_t=True)
        assert tau2 == pytest.approx(other.tau2, abs=1e-6)
        found = knapp_hartung(Y, V, tau2=tau2)
        assert found.mean.estimate == pytest.approx(other.mean_effect_re, abs=1e-6)
        assert found.error == pytest.approx(other.sd_eff_w_re_hksj, abs=1e-6)
        half = stats.t.ppf(0.975, 5) * other.sd_eff_w_re_hksj
        assert found.mean.high == pytest.approx(other.mean_effect_re + half, abs=1e-6)


def test_units_that_do_not_differ_have_no_variance_between_them():
    same = [2.0, 2.01, 1.99, 2.0]
    assert (dersimonian_laird(same, [1] * 4), paule_mandel(same, [1] * 4)) == (0, 0)
    assert knapp_hartung(same, [1] * 4).i2 == 0


def test_missing_units_are_left_out_and_lone_ones_have_no_mean():
    rows = np.array([[*Y, np.nan], [1, 2, *[np.nan] * 5], [1, *[np.nan] * 6], [np.nan] * 7])
    variance = np.tile([*V, 1.0], (4, 1))
    found = knapp_hartung(rows, variance)
    assert list(found.units) == [6, 2, 1, 0]
    assert found.mean.low[0] == pytest.approx(knapp_hartung(Y, V).mean.low)
    assert found.tau2[0] == pytest.approx(paule_mandel(Y, V))
    assert list(np.isnan(found.mean.estimate)) == [False, False, True, True]
    assert list(np.isnan(dersimonian_laird(rows, variance))) == [False, False, True, True]
    assert np.isnan(knapp_hartung([1, 2], [0, 1]).mean.estimate)  # no variance is no knowledge, not certainty


def test_meta_regression_with_a_constant_is_the_pooled_mean():
    found, pooled = meta_regression(Y, V, np.ones((6, 1))), knapp_hartung(Y, V)
    assert found.tau2 == pytest.approx(pooled.tau2)
    assert found.coefficients.low[0] == pytest.approx(pooled.mean.low)
    assert found.degrees == 5


def test_meta_regression_of_two_methods_and_the_contrast_it_could_detect():
    rng = np.random.default_rng(4)
    method = np.repeat([0, 1], 8)
    variance = rng.uniform(0.01, 0.05, 16)
    y = 0.4 + 0.3 * method + rng.normal(0, 0.2, 16) + rng.normal(size=16) * np.sqrt(variance)
    design = np.column_stack([np.ones(16), method])
    found = meta_regression(y, variance, design)
    fitted = WLS(
        y, design, weights=1 / (variance + found.tau2)
    ).fit()  # scales by the residuals, as Knapp and Hartung
    assert fitted.scale == pytest.approx(1, abs=1e-9)  # what Paule and Mandel's tau² means
    assert found.coefficients.estimate == pytest.approx(fitted.params)
    assert np.column_stack([found.coefficients.low, found.coefficients.high]) == pytest.approx(
        fitted.conf_int()
    )
    contrast, detectable = found.contrast([0, 1])
    assert contrast.low == pytest.approx(found.coefficients.low[1])
    assert detectable == pytest.approx((stats.t.ppf(0.975, 14) + stats.t.ppf(0.8, 14)) * fitted.bse[1])


def test_meta_regression_without_degrees_or_with_columns_that_repeat_is_not_a_number():
    for design in (np.ones((6, 2)), np.eye(6)):
        found = meta_regression(Y, V, design)
        assert np.isnan(found.coefficients.estimate).all()
        assert np.isnan(found.contrast(np.ones(design.shape[1]))[1])


def plainly_integrated(y, variance, scale):
    """The same posterior with a plain grid of 40,001 points and root finding."""
    tau = np.linspace(0, 8 * scale, 40_001)[:, None]
    weight = 1 / (variance + tau**2)
    mean = (weight * y).sum(1) / weight.sum(1)
    log = 0.5 * (np.log(weight).sum(1) - np.log(weight.sum(1)) - (weight * (y - mean[:, None]) ** 2).sum(1))
    chance = np.exp(log - log.max()) * np.exp(-0.5 * (tau[:, 0] / scale) ** 2)
    chance /= integrate.trapezoid(chance)
    shrink = variance * weight
    centre = shrink * mean[:, None] + (1 - shrink) * y
    spread = np.sqrt((1 - shrink) * variance + shrink**2 / weight.sum(1)[:, None])

    def quantile(unit, p):
        def excess(x):
            return integrate.trapezoid(chance * stats.norm.cdf(x, centre[:, unit], spread[:, unit])) - p

        return optimize.brentq(excess, -50, 50)

    limits = [[quantile(unit, p) for unit in range(len(y))] for p in (0.025, 0.975)]
    return integrate.trapezoid(chance[:, None] * centre, axis=0), *limits


@pytest.mark.parametrize("scale", [0.1, 0.5, 5.0])
def test_the_posterior_is_that_of_a_plain_integration(scale):
    found = posterior(Y, V, prior_scale=scale).units
    estimate, low, high = plainly_integrated(Y, V, scale)
    assert found.estimate == pytest.approx(estimate, abs=1e-6)
    assert found.low == pytest.approx(low, abs=1e-6)
    assert found.high == pytest.approx(high, abs=1e-6)


def test_one_unit_is_not_shrunken_and_none_is_not_a_number():
    rows = [[4.2, np.nan], [np.nan, np.nan], [4.2, 3.9]]
    found = posterior(rows, np.full((3, 2), 0.04), prior_scale=0.5).units
    assert found.estimate[0, 0] == pytest.approx(4.2)
    assert found.high[0, 0] == pytest.approx(4.2 + 1.959964 * 0.2, abs=1e-5)
    assert np.isnan([found.estimate[0, 1], found.low[1, 0], found.high[1, 1]]).all()
    assert found.estimate[2] == pytest.approx(
        posterior([4.2, 3.9], [0.04, 0.04], prior_scale=0.5).units.estimate
    )


def test_thousands_of_units_in_one_family_find_their_narrow_tau():
    rng = np.random.default_rng(8)
    variance = rng.uniform(0.01, 0.2, 10_000)
    truth = rng.normal(3, 0.3, 10_000)
    found = posterior(truth + rng.normal(size=10_000) * np.sqrt(variance), variance, prior_scale=0.5)
    assert (found.tau * found.chance).sum() == pytest.approx(0.3, abs=0.02)
    assert 0.94 <= ((found.units.low <= truth) & (truth <= found.units.high)).mean() <= 0.96


def families_around(tau, units, seed):
    rng = np.random.default_rng(seed)
    variance = rng.uniform(0.01, 0.2, (1_500, units))
    truth = rng.normal(size=(1_500, units)) * tau(rng)
    return truth, truth + rng.normal(size=truth.shape) * np.sqrt(variance), variance


def covered(truth, interval):
    return ((interval.low <= truth) & (truth <= interval.high)).mean()


@pytest.mark.parametrize("units", [3, 6, 12])
def test_intervals_cover_what_they_say_where_tau_comes_from_the_prior(units):
    truth, y, variance = families_around(lambda rng: np.abs(rng.normal(0, 0.5, (1_500, 1))), units, 20261125)
    assert 0.94 <= covered(truth, posterior(y, variance, prior_scale=0.5).units) <= 0.96


@pytest.mark.parametrize("tau", [0.1, 0.25])
def test_intervals_of_six_units_cover_where_plug_in_ones_do_not(tau):
    truth, y, variance = families_around(lambda rng: tau, 6, 7)
    plain = plug_in(y, variance, dersimonian_laird(y, variance))
    assert covered(truth, posterior(y, variance, prior_scale=0.5).units) >= 0.93
    assert (np.abs(plain.estimate - truth) <= 1.959964 * plain.error).mean() < 0.85


def test_ranks_come_from_the_seed_and_are_wider_than_the_order_of_the_estimates():
    found = posterior(Y, V, prior_scale=0.5)
    one, same, other = (draw(found, seed=seed, draws=20_000) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert one.mean(0) == pytest.approx(found.units.estimate, abs=0.01)
    assert np.quantile(one, 0.025, axis=0) == pytest.approx(found.units.low, abs=0.03)
    ranks = rank_intervals(one)
    assert (ranks.low <= ranks.estimate).all()
    assert (ranks.estimate <= ranks.high).all()
    assert (ranks.high > ranks.low).all()
    assert ranks.low[3] == 1
    assert ranks.high[0] > 1  # no rank 1 without its interval


def test_a_missing_unit_takes_no_rank():
    found = posterior([5.0, np.nan, 1.0], [0.01, 0.01, 0.01], prior_scale=1.0)
    ranks = rank_intervals(draw(found, seed=3, draws=500))
    assert ranks.estimate == pytest.approx([1, np.nan, 2], nan_ok=True)
    nobody = posterior([np.nan, np.nan], [1, 1], prior_scale=1.0)
    assert np.isnan(rank_intervals(draw(nobody, seed=3, draws=10)).low).all()


def test_shares_with_a_beta_prior():
    found = beta_binomial([9, 45, 20, 5, 60, 4], [10, 60, 35, 5, 90, 12], alpha=12, beta=6)
    assert found.estimate == pytest.approx([0.75, 0.730769, 0.603774, 0.739130, 0.666667, 0.533333], abs=1e-6)
    assert ((found.low < found.estimate) & (found.estimate < found.high)).all()


values = st.floats(-100, 100)
families = st.lists(st.tuples(values, st.floats(0.01, 50)), min_size=2, max_size=8)


@settings(max_examples=60)
@given(families)
def test_shrunken_units_lie_between_their_own_value_and_the_mean(family):
    y, variance = (np.array(part) for part in zip(*family, strict=True))
    for tau2 in (dersimonian_laird(y, variance), paule_mandel(y, variance)):
        found = plug_in(y, variance, tau2)
        low, high = np.minimum(y, found.mean), np.maximum(y, found.mean)
        assert ((low - 1e-9 <= found.estimate) & (found.estimate <= high + 1e-9)).all()
        assert ((found.weight > 0) & (found.weight <= 1)).all()
    units = posterior(y, variance, prior_scale=10.0).units
    assert ((units.low < units.estimate) & (units.estimate < units.high)).all()
    assert ((y.min() - 1e-9 <= units.estimate) & (units.estimate <= y.max() + 1e-9)).all()


@settings(max_examples=60)
@given(families, st.floats(-50, 50))
def test_a_constant_moves_the_units_and_nothing_else(family, constant):
    y, variance = (np.array(part) for part in zip(*family, strict=True))
    assert paule_mandel(y + constant, variance) == pytest.approx(
        paule_mandel(y, variance), abs=1e-6, rel=1e-6
    )
    before, after = (posterior(v, variance, prior_scale=10.0).units for v in (y, y + constant))
    assert after.estimate == pytest.approx(before.estimate + constant, abs=1e-5)
    assert after.low == pytest.approx(before.low + constant, abs=1e-5)


@settings(max_examples=60)
@given(families)
def test_paule_mandel_makes_q_equal_its_degrees(family):
    y, variance = (np.array(part) for part in zip(*family, strict=True))
    tau2 = float(paule_mandel(y, variance))
    weight = 1 / (variance + tau2)
    q = (weight * (y - (weight * y).sum() / weight.sum()) ** 2).sum()
    assert q <= len(y) - 1 + 1e-6
    assert tau2 == 0 or q == pytest.approx(len(y) - 1)

"""Standardised effects against R, the field's vectors, and other programs' power."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_figures import decimals, figures, moments_of, pair_sums, pairs_of, rows, stacked, vector
from statsmodels.stats.power import TTestIndPower, TTestPower

from siklatih.effects import (
    detectable_difference,
    detectable_groups,
    detectable_paired,
    group_effects,
    paired_effects,
)
from siklatih.gains import hake_gains, normalised_changes, reliable_change_threshold, reliable_changes
from siklatih.inference import PairedSums, effect_of_persons, hedges_factor
from siklatih.intervals import hedges_factors
from siklatih.moments import Moments, PairMoments, pair_moments

PRE = [52, 60, 48, 71, 55, 64, 58, 67, 50, 62]  # DOMAIN 2.7, data P
POST = [68, 72, 61, 80, 70, 66, 75, 78, 59, 77]
DENOMINATORS = ("z", "av_rms", "av_mean", "rm", "pre")
# names in expected.json: its d_av divides by the mean of the two SDs
IN_R = {"z": "d_z", "av_mean": "d_av", "av_rms": "d_av_rms", "rm": "d_rm", "pre": "d_pre_sd"}


def test_the_exact_factor_of_small_samples():
    degrees = [5, 9, 10, 17, 18, 22]
    published = [0.8407487, 0.9138749, 0.9227456, 0.9551115, 0.9576464, 0.9654507]
    assert hedges_factors(degrees) == pytest.approx(published, abs=1e-7)
    assert [hedges_factor(m) for m in degrees] == pytest.approx(published, abs=1e-7)
    assert np.isnan(hedges_factors([1, 0, -3])).all()


def test_the_published_pairs_under_every_denominator(shared):
    given_, expected = vector(shared, "PAIR")
    pairs = pairs_of(given_["pre"], given_["post"])
    names = {"z": "dz", "av_rms": "dav", "rm": "drm", "pre": "db"}
    for denominator, name in names.items():
        assert float(paired_effects(pairs, denominator).d) == pytest.approx(expected[name], abs=1e-6)
    assert float(paired_effects(pairs).g) == pytest.approx(expected["gav"], abs=1e-6)
    assert float(pairs.correlation) == pytest.approx(expected["r"], abs=1e-6)
    effects = paired_effects(pairs)
    assert [float(effects.d_low), float(effects.d_high)] == pytest.approx(expected["dav_ci_ak"], abs=1e-6)
    assert float(effects.low) == pytest.approx(float(effects.d_low) * hedges_factor(9))
    gain = hake_gains(pairs.before.mean, pairs.after.mean, 100)
    assert float(gain) == pytest.approx(expected["g_of_avg"], abs=1e-6)


@pytest.mark.parametrize(
    ("denominator", "error", "low", "high"),
    [("z", 0.675427, 1.229414, 3.649013), ("rm", 0.290702, 0.956053, 1.997441),
     ("pre", 0.401969, 0.724542, 2.164523)],
)  # fmt: skip
def test_normal_errors_of_the_published_pairs(denominator, error, low, high):
    effects = paired_effects(pairs_of(PRE, POST), denominator)
    normal = effects.normal()
    assert math.sqrt(effects.variance) == pytest.approx(error, abs=1e-6)
    assert (float(normal.low), float(normal.high)) == pytest.approx((low, high), abs=1e-6)


def test_the_limits_of_the_changes_own_spread_are_those_of_the_noncentral_t():
    effects = paired_effects(pairs_of(PRE, POST), "z")
    assert (float(effects.d_low), float(effects.d_high)) == pytest.approx((1.294882, 4.016253), abs=1e-6)


def published_pairs(shared):
    sleep = rows(shared, "sleep_student.csv")
    by_group = {group: [row["extra"] for row in sleep if row["group"] == group] for group in ("1", "2")}
    yield pairs_of(by_group["1"], by_group["2"]), figures(shared, "sleep")["paired"]
    for arm, expected in figures(shared, "anorexia")["by_arm"].items():
        people = [row for row in rows(shared, "mass_anorexia.csv") if row["Treat"] == arm]
        yield pairs_of([row["Prewt"] for row in people], [row["Postwt"] for row in people]), expected


def test_real_pairs_as_r_has_them(shared):
    for pairs, expected in published_pairs(shared):
        for denominator, name in IN_R.items():
            assert float(paired_effects(pairs, denominator).d) == pytest.approx(expected[name], abs=1e-6)
        assert float(paired_effects(pairs, "z").g) == pytest.approx(expected["g_z_exact"], abs=1e-6)
        assert float(pairs.correlation) == pytest.approx(expected["r"], abs=1e-6)


def published_groups(shared):
    people = rows(shared, "causaldata_nsw_mixtape.csv")
    yield (
        moments_of([row["re78"] for row in people if row["treat"] == "1"]),
        moments_of([row["re78"] for row in people if row["treat"] == "0"]),
        figures(shared, "nsw_dw445")["effect_size"],
    )
    sleep = rows(shared, "sleep_student.csv")
    by_group = {group: [row["extra"] for row in sleep if row["group"] == group] for group in ("1", "2")}
    yield moments_of(by_group["2"]), moments_of(by_group["1"]), figures(shared, "sleep")["indep_groups"]
    arms = {
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
    for arm in ("FT", "CBT"):
        yield arms[arm], arms["Cont"], figures(shared, "anorexia")[f"gain_{arm}_vs_Cont"]


def test_real_groups_as_r_and_metafor_have_them(shared):
    for treated, control, expected in published_groups(shared):
        effects = group_effects(treated, control)
        assert float(effects.d) == pytest.approx(expected["cohen_d_pooled"], abs=1e-6)
        assert float(effects.factor) == pytest.approx(expected["J_exact"], abs=1e-6)
        assert float(effects.g) == pytest.approx(expected["metafor_g"], abs=1e-6)
        assert float(effects.variance_g) == pytest.approx(expected["metafor_var"], abs=1e-6)
        glass = group_effects(treated, control, "control")
        assert float(glass.d) == pytest.approx(expected["glass_delta_control_sd"], abs=1e-6)
        assert effects.low < effects.g < effects.high


def test_the_published_independent_groups():
    a, b = [72, 75, 68, 80, 77, 70, 74, 69, 81, 76, 73, 78], [66, 70, 64, 72, 69, 68, 65, 71, 67, 74, 63, 70]
    effects = group_effects(moments_of(a), moments_of(b))
    assert (float(effects.d), float(effects.g)) == pytest.approx((1.619023, 1.563087), abs=1e-6)
    assert float(effects.variance) == pytest.approx(0.221276, abs=1e-6)
    normal = effects.normal()
    assert (float(normal.low), float(normal.high)) == pytest.approx((0.672974, 2.453200), abs=1e-6)


def simulated(rng, count, n, *, r, effect, ratio):
    """Pairs of ``count`` slices; spread 1 before and ``ratio`` after, effect in d_av."""
    before = rng.standard_normal((count, n))
    after = ratio * (r * before + math.sqrt(1 - r * r) * rng.standard_normal((count, n)))
    after += effect * math.sqrt((1 + ratio**2) / 2)

    def of(values):
        return Moments(np.full(count, float(n)), values.mean(axis=1), values.var(axis=1, ddof=1))

    together = ((before - before.mean(1)[:, None]) * (after - after.mean(1)[:, None])).sum(axis=1) / (n - 1)
    return PairMoments(of(before), of(after), together, of(after - before))


def test_bonetts_variance_is_the_spread_that_simulated_pairs_have():
    # the variance of d_av takes the spreads as estimated: the common formula takes them as known
    drawn = simulated(np.random.default_rng(20261125), 20_000, 30, r=0.6, effect=0.9, ratio=1.5)
    for denominator in ("av_rms", "av_mean"):
        effects = paired_effects(drawn, denominator)
        assert float(effects.variance.mean()) == pytest.approx(float(effects.d.var()), rel=0.06)


@pytest.mark.parametrize(("n", "r", "effect", "ratio"), [(10, 0.8, 1.5, 1.0), (30, 0.5, 0.8, 1.5)])
def test_limits_hold_the_true_paired_effect(n, r, effect, ratio):
    drawn = simulated(np.random.default_rng(20261125), 10_000, n, r=r, effect=effect, ratio=ratio)
    average = paired_effects(drawn)
    # Algina and Keselman take the ratio of the spreads as known: a little too wide for large effects
    assert 0.94 <= ((average.d_low <= effect) & (effect <= average.d_high)).mean() <= 0.97
    true_z = effect * math.sqrt((1 + ratio**2) / 2) / math.sqrt(1 + ratio**2 - 2 * r * ratio)
    own = paired_effects(drawn, "z")
    assert 0.94 <= ((own.d_low <= true_z) & (true_z <= own.d_high)).mean() <= 0.96
    assert float(own.g.mean()) == pytest.approx(true_z, abs=0.02)  # J takes the bias away


def test_limits_hold_the_true_difference_of_groups():
    rng = np.random.default_rng(20261125)
    one, two = 1.5 + rng.standard_normal((10_000, 8)), rng.standard_normal((10_000, 12))
    groups = [
        Moments(np.full(10_000, float(v.shape[1])), v.mean(axis=1), v.var(axis=1, ddof=1)) for v in (one, two)
    ]
    found = group_effects(*groups)
    assert 0.94 <= ((found.d_low <= 1.5) & (found.d_high >= 1.5)).mean() <= 0.96
    assert float(found.g.mean()) == pytest.approx(1.5, abs=0.02)


score_pairs = st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=3, max_size=12)


@given(score_pairs, st.sampled_from(["z", "av_rms", "av_mean", "rm"]))
def test_swapping_before_and_after_turns_the_sign_and_the_limits(pairs, denominator):
    pre, post = [a for a, _ in pairs], [b for _, b in pairs]
    forth, back = (paired_effects(p, denominator) for p in (pairs_of(pre, post), pairs_of(post, pre)))
    assert float(forth.g) == pytest.approx(-float(back.g), nan_ok=True)
    assert float(forth.low) == pytest.approx(-float(back.high), nan_ok=True, abs=1e-9)
    assert float(forth.variance) == pytest.approx(float(back.variance), nan_ok=True)


@given(score_pairs, st.integers(-1000, 1000), st.sampled_from(DENOMINATORS))
def test_a_constant_changes_nothing(pairs, constant, denominator):
    pre, post = [a for a, _ in pairs], [b for _, b in pairs]
    still = paired_effects(pairs_of(pre, post), denominator)
    moved = paired_effects(pairs_of([a + constant for a in pre], [b + constant for b in post]), denominator)
    assert np.array_equal(np.array([still.d, still.low]), np.array([moved.d, moved.low]), equal_nan=True)


@given(score_pairs)
def test_the_interval_is_the_one_of_a_single_slice(pairs):
    pre, post = [a for a, _ in pairs], [b for _, b in pairs]
    one = effect_of_persons(PairedSums(*pair_sums(pre, post)))
    many = paired_effects(pairs_of(pre, post))
    assert [one.estimate, one.low, one.high] == pytest.approx(
        [float(many.g), float(many.low), float(many.high)], nan_ok=True, abs=1e-9
    )


def test_ten_thousand_slices_in_one_call():
    rng = np.random.default_rng(7)
    slices = []
    for _ in range(10_000):
        n = int(rng.integers(0, 25))
        slices.append(pair_sums(rng.integers(0, 100, n).tolist(), rng.integers(20, 100, n).tolist()))
    pairs = pair_moments(*stacked(slices))
    for denominator in DENOMINATORS:
        effects = paired_effects(pairs, denominator)
        for at in (0, 1, 2, 40, 9_999):
            alone = paired_effects(pair_moments(*slices[at]), denominator)
            for name in ("d", "g", "low", "high", "variance_g"):
                assert getattr(effects, name)[at] == pytest.approx(float(getattr(alone, name)), nan_ok=True)
    few = pairs.before.n < 3
    assert few.any()
    assert np.isnan(effects.g[few]).all()
    assert np.isfinite(effects.low[pairs.before.n > 5]).all()


def test_no_spread_and_too_few_are_undefined():
    flat = pairs_of([50] * 12, [60] * 12)
    for denominator in DENOMINATORS:
        assert math.isnan(paired_effects(flat, denominator).d)
    assert math.isnan(paired_effects(pairs_of([50], [60])).d)
    assert math.isnan(group_effects(moments_of([1]), moments_of([1, 2, 3])).d)
    # all gained the same: the changes do not vary, the scores do
    same = pairs_of([50, 60, 70], [55, 65, 75])
    assert math.isnan(paired_effects(same, "z").d)
    assert float(paired_effects(same).d) == pytest.approx(0.5)
    assert math.isnan(paired_effects(same).low)


def test_detectable_effects_are_published_and_statsmodels():
    assert detectable_paired([10, 20, 30, 50]) == pytest.approx([0.9960, 0.6604, 0.5292, 0.4042], abs=5e-5)
    other = TTestPower().solve_power(nobs=14, alpha=0.05, power=0.9)
    assert float(detectable_paired(14, power=0.9)) == pytest.approx(other, rel=1e-4)
    two = TTestIndPower().solve_power(nobs1=12, ratio=20 / 12, alpha=0.05, power=0.8)
    assert float(detectable_groups(12, 20)) == pytest.approx(two, rel=1e-4)
    assert float(detectable_difference(2.0, 18)) == pytest.approx(2 * float(detectable_difference(1.0, 18)))
    assert np.isnan(detectable_paired([0, 1])).all()
    many = detectable_paired(np.arange(10_000))
    assert many[30] == pytest.approx(float(detectable_paired(30)))
    assert np.isfinite(many[2:]).all()
    assert (np.diff(many[2:]) < 0).all()


def test_hakes_gain_is_of_groups_and_misleads_of_persons():
    pre, post = np.array([90, 40, 95]), np.array([85, 70, 60])
    assert hake_gains(pre, post, 100) == pytest.approx([-0.5, 0.5, -7.0])
    assert float(hake_gains(pre.mean(), post.mean(), 100)) == pytest.approx(-0.133333, abs=1e-6)
    assert float(normalised_changes(pre, post, 100).mean()) == pytest.approx(0.025341, abs=1e-6)
    assert float(normalised_changes(PRE, POST, 100).mean()) == pytest.approx(0.289540, abs=1e-6)
    assert math.isnan(hake_gains(100, 90, 100))
    assert np.isnan(normalised_changes([0, 100], [0, 100], 100)).all()
    assert float(normalised_changes(55, 55, 100)) == 0


def test_reliable_change_of_the_published_numbers():
    spread = math.sqrt(pairs_of(PRE, POST).before.variance)
    assert float(reliable_change_threshold(spread, 0.85)) == pytest.approx(8.081931, abs=1e-6)
    assert float(reliable_changes(16, spread, 0.85)) == pytest.approx(3.880190, abs=1e-6)
    assert np.isnan(reliable_changes([16, 16, 16], [spread, 0, spread], [1.0, 0.85, -0.1])).all()

"""Funnel limits and overdispersion against published numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from siklatih.funnels import ALARM, dispersion, funnel_limits, share_variance, z_scores
from siklatih.pooling import dersimonian_laird

Y = np.array([4.60, 3.90, 4.20, 4.75, 4.05, 3.60])  # DOMAIN 2.12
V = 0.36 / np.array([8, 60, 35, 5, 90, 12])
FIXED = float((Y / V).sum() / (1 / V).sum())


def test_published_limits_of_shares_and_means():
    variance = share_variance(0.75, [10, 30, 60, 100])
    warns = funnel_limits(0.75, variance)
    assert warns.low == pytest.approx([0.481621, 0.595051, 0.640435, 0.665131], abs=1e-5)
    assert warns.high == pytest.approx([1.018379, 0.904949, 0.859565, 0.834869], abs=1e-5)
    assert funnel_limits(0.75, variance, within=(0, 1)).high[0] == 1
    alarms = funnel_limits(0.75, variance, level=ALARM)
    assert (alarms.low[0], alarms.high[0]) == pytest.approx((0.326853, 1.173147), abs=1e-4)
    means = funnel_limits(4.12, 0.36 / np.array([8, 60]))
    assert means.low == pytest.approx([3.704229, 3.968182], abs=1e-5)
    assert means.high == pytest.approx([4.535771, 4.271818], abs=1e-5)


def test_published_overdispersion():
    found = dispersion(Y, V, FIXED, winsorise=0)
    assert found.phi == pytest.approx(4.365768, abs=1e-6)
    # without drawing in, the additive one is DerSimonian and Laird's
    assert found.tau2 == pytest.approx(dersimonian_laird(Y, V))


def test_winsorising_keeps_one_outlier_from_widening_the_limits():
    z = np.array([-1.1, -0.7, -0.4, -0.1, 0.0, 0.2, 0.5, 0.8, 1.0, 1.2, 9.0])
    y, variance = 50 + z * 2, np.full(11, 4.0)
    found = dispersion(y, variance, 50.0)
    drawn_in = np.clip(z, *np.quantile(z, [0.1, 0.9]))
    assert found.raw_phi == pytest.approx((drawn_in**2).mean())
    assert found.phi == 1
    assert dispersion(y, variance, 50.0, winsorise=0).phi > 7
    limits = funnel_limits(50.0, variance, level=ALARM, phi=found.phi)
    assert list(y > limits.high) == [False] * 10 + [True]


def test_limits_with_each_kind_of_overdispersion():
    found = dispersion(Y, V, FIXED)
    times, plus = (funnel_limits(FIXED, V, **kind) for kind in ({"phi": found.phi}, {"tau2": found.tau2}))
    assert times.high - FIXED == pytest.approx(1.959964 * np.sqrt(found.phi * V), abs=1e-5)
    assert plus.high - FIXED == pytest.approx(1.959964 * np.sqrt(V + found.tau2), abs=1e-5)


def test_missing_units_are_left_out_in_many_families_at_once():
    rows = np.array([[*Y, np.nan], [1, *[np.nan] * 6], [np.nan] * 7])
    found = dispersion(rows, np.tile([*V, 0.0], (3, 1)), [FIXED, 1, 1])
    single = dispersion(Y, V, FIXED)
    assert found.phi == pytest.approx(np.array([single.phi, np.nan, np.nan]), nan_ok=True)
    assert found.tau2 == pytest.approx(np.array([single.tau2, np.nan, np.nan]), nan_ok=True)
    assert np.isnan(z_scores([1.0], [0.0], 1.0)[0])
    assert np.isnan(share_variance(0.5, 0))


@given(st.integers(1, 500), st.integers(1, 500), st.floats(0.01, 0.99))
def test_limits_narrow_with_size_and_the_alarm_lies_outside_the_warning(n, more, theta):
    variance = share_variance(theta, [n, n + more])
    warns, alarms = funnel_limits(theta, variance), funnel_limits(theta, variance, level=ALARM)
    assert warns.high[1] < warns.high[0] < alarms.high[0]
    assert alarms.low[0] < warns.low[0] < warns.low[1] < theta


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=12), st.floats(-50, 50))
def test_a_constant_in_units_and_target_changes_nothing(values, constant):
    y, variance = np.array(values), np.ones(len(values))
    before, after = dispersion(y, variance, 0.0), dispersion(y + constant, variance, constant)
    assert after.phi == pytest.approx(before.phi, rel=1e-6, abs=1e-9)
    assert after.tau2 == pytest.approx(before.tau2, rel=1e-6, abs=1e-9)

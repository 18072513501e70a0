"""Control charts of single values, by the field's vector and by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_figures import vector

from siklatih.control_charts import control_chart


def test_the_published_series(shared):
    given_, expected = vector(shared, "XMR")
    found = control_chart(given_["x"])
    assert float(found.mean) == pytest.approx(expected["mean"], abs=1e-6)
    assert (float(found.low), float(found.high)) == pytest.approx((expected["lo"], expected["hi"]), abs=1e-6)
    assert float(found.mean_range) == pytest.approx(0.771429, abs=1e-6)
    assert float(found.range_limit) == pytest.approx(2.520257, abs=1e-6)
    assert not found.outside.any()
    assert not found.shifted.any()
    assert not found.drifting.any()


def test_each_signal_is_given_and_only_where_it_is():
    spike = control_chart([5, 6, 5, 6, 5, 6, 5, 30, 5, 6, 5, 6, 5, 6])
    assert np.flatnonzero(spike.outside).tolist() == [7]
    shift = control_chart([1, 2, 1, 2, 1, 2, 1, 2, 9, 8, 9, 8, 9, 8, 9, 8])
    assert np.flatnonzero(shift.shifted).tolist() == [7, 15]
    drift = control_chart([9, 3, 4, 5, 6, 7, 8, 3])
    assert np.flatnonzero(drift.drifting).tolist() == [6]
    fall = control_chart([1, 9, 8, 7, 6, 5, 4, 9])
    assert np.flatnonzero(fall.drifting).tolist() == [6]


def test_a_missing_month_ends_a_run_and_gives_no_range():
    gap = control_chart([1, 2, 3, np.nan, 4, 5, 6, 7])
    assert not gap.drifting.any()
    assert float(gap.mean_range) == 1
    assert float(gap.mean) == 4
    alone = control_chart([[5, np.nan, 6], [np.nan] * 3])
    assert np.isnan(alone.low).all()
    assert alone.mean[0] == 5.5
    assert not alone.outside.any()


def test_a_series_that_never_changes_has_no_signal():
    found = control_chart([0.1] * 12)
    assert not (found.outside | found.shifted | found.drifting).any()
    assert float(found.low) == float(found.high)


series = st.lists(st.integers(0, 50), min_size=3, max_size=20)


@given(series, st.integers(-1000, 1000))
def test_a_constant_moves_the_limits_and_turning_the_sign_turns_them(values, constant):
    found, moved = control_chart(values), control_chart([v + constant for v in values])
    turned = control_chart([-v for v in values])
    assert float(moved.high - moved.mean) == pytest.approx(float(found.high - found.mean), abs=1e-9)
    assert float(turned.low) == pytest.approx(-float(found.high))
    assert (turned.shifted == found.shifted).all()
    assert (turned.drifting == found.drifting).all()


def test_ten_thousand_series_in_one_call():
    rng = np.random.default_rng(12)
    values = rng.normal(0, 1, (10_000, 18)).cumsum(axis=1)
    values[rng.random(values.shape) < 0.05] = np.nan
    found = control_chart(values)
    for at in (0, 9, 9_999):
        alone = control_chart(values[at])
        assert found.low[at] == pytest.approx(float(alone.low))
        for name in ("outside", "shifted", "drifting"):
            assert (getattr(found, name)[at] == getattr(alone, name)).all()
    assert found.shifted.any()
    assert found.drifting.any()

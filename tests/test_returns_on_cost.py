"""Benefit against cost, by the field's vector."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shared_figures import vector

from siklatih.returns_on_cost import isolated_benefits, returns


def test_the_published_reports(shared):
    given_, expected = vector(shared, "ROI-1")
    value, share, confidence = np.array(given_["laporan"]).T
    benefit = isolated_benefits(value, share, confidence)
    assert float(benefit) == pytest.approx(expected["manfaat"], abs=1e-6)
    found = returns(benefit, given_["biaya"])
    assert float(found.ratio) == pytest.approx(expected["bcr"], abs=1e-6)
    assert float(found.roi) == pytest.approx(expected["roi"], abs=1e-6)
    assert float(found.payback) == pytest.approx(expected["balik_bulan"], abs=1e-6)
    assert found.sensitivity == pytest.approx([53.459459, 15.094595, -23.270270], abs=1e-6)
    assert float(found.break_even) == pytest.approx(18_500_000 / 28_390_000)
    assert float(returns(benefit * float(found.break_even), given_["biaya"]).roi) == pytest.approx(
        0, abs=1e-9
    )


def test_the_silent_count_as_no_benefit(shared):
    value, share, confidence = np.array(vector(shared, "ROI-1")[0]["laporan"]).T
    silent = np.full(15, np.nan)
    longer = [np.concatenate([cells, silent]) for cells in (value, share, confidence)]
    assert float(isolated_benefits(*longer)) == pytest.approx(28_390_000)
    assert float(isolated_benefits([9.0], [np.nan], [1.0])) == 0


def test_no_cost_and_no_benefit():
    found = returns([10.0, 0.0, np.nan], [0.0, 10.0, 10.0])
    assert np.isnan([found.roi[0], found.payback[0], found.roi[2], found.payback[2]]).all()
    assert found.roi[1] == -100
    assert (found.payback[1], found.break_even[1]) == (math.inf, math.inf)
    assert float(returns(45e6, 30e6).roi) == pytest.approx(50)


@given(st.floats(1e3, 1e12), st.floats(1e3, 1e12), st.floats(0.1, 1e4))
def test_the_currency_does_not_matter(benefit, cost, rate):
    found, other = returns(benefit, cost), returns(benefit * rate, cost * rate)
    assert float(found.roi) == pytest.approx(float(other.roi), rel=1e-9, abs=1e-9)
    assert float(found.ratio) * float(found.payback) == pytest.approx(12)


def test_ten_thousand_slices_in_one_call():
    rng = np.random.default_rng(1)
    value = np.where(rng.random((10_000, 8)) < 0.3, np.nan, rng.uniform(1e6, 5e7, (10_000, 8)))
    share, sure, cost = rng.random((10_000, 8)), rng.random((10_000, 8)), rng.uniform(0, 1e8, 10_000)
    found = returns(isolated_benefits(value, share, sure), cost)
    assert found.sensitivity.shape == (10_000, 3)
    for at in (0, 5, 9_999):
        alone = returns(isolated_benefits(value[at], share[at], sure[at]), cost[at])
        assert found.payback[at] == pytest.approx(float(alone.payback))
        assert found.sensitivity[at] == pytest.approx(alone.sensitivity)

"""Estimators against published numbers, the field's vectors and other programs."""

import csv
import json
import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from siklatih.estimators import SumRow, apply
from siklatih.inference import (
    PairedSums,
    effect_of_batches,
    effect_of_persons,
    gain_of_batches,
    gain_of_persons,
    hedges_factor,
    response_bounds,
    round_half_up,
    service_index,
    standardised_gain,
    wilson,
    wilson_finite,
)

PRE = [52, 60, 48, 71, 55, 64, 58, 67, 50, 62]  # DOMAIN 2.7, data P
POST = [68, 72, 61, 80, 70, 66, 75, 78, 59, 77]


def sums(pre, post):
    x, y = [Decimal(str(v)) for v in pre], [Decimal(str(v)) for v in post]
    return PairedSums(
        len(x),
        sum(x, Decimal(0)),
        sum((v * v for v in x), Decimal(0)),
        sum(y, Decimal(0)),
        sum((v * v for v in y), Decimal(0)),
        sum((a * b for a, b in zip(x, y, strict=True)), Decimal(0)),
    )


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (9, 10, 0.595850, 0.982124), (45, 60, 0.627679, 0.842235), (0, 12, 0, 0.242494),
        (312, 400, 0.736847, 0.817826),
    ],
)  # fmt: skip
def test_wilson_is_the_published_one_and_statsmodels(successes, n, low, high):
    found = wilson(successes, n)
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-6)
    assert (found.low, found.high) == pytest.approx(proportion_confint(successes, n, method="wilson"))


def test_the_small_sample_factor():
    for degrees, factor in ((5, 0.8407487), (10, 0.9227456), (17, 0.9551115), (22, 0.9654507)):
        assert hedges_factor(degrees) == pytest.approx(factor, abs=1e-7)


def test_paired_gain_and_effect_of_the_published_data():
    pairs = sums(PRE, POST)
    gain = gain_of_persons(pairs)
    assert (gain.estimate, gain.low, gain.high) == pytest.approx((11.9, 8.710617, 15.089383), abs=1e-6)
    assert standardised_gain(pairs) == pytest.approx(1.481058, abs=1e-6)
    effect = effect_of_persons(pairs)
    factor = hedges_factor(9)  # the published limits are those of d_av: multiply by J as effectsize does
    assert (effect.low, effect.high) == pytest.approx((0.786236 * factor, 2.438617 * factor), abs=1e-5)


def test_sleep_data_of_student_1908(shared):
    expected = json.loads((shared / "data" / "expected.json").read_text(encoding="utf-8"))
    expected = expected["values"]["sleep"]["paired"]
    with (shared / "data" / "sleep_student.csv").open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle))
    by_group = {group: [row["extra"] for row in rows if row["group"] == group] for group in ("1", "2")}
    found = gain_of_persons(sums(by_group["1"], by_group["2"]))
    assert found.estimate == pytest.approx(expected["mean_gain"])
    assert [found.low, found.high] == pytest.approx(expected["ci"])
    g_av = expected["d_av_rms"] * hedges_factor(9)
    assert standardised_gain(sums(by_group["1"], by_group["2"])) == pytest.approx(g_av)


def test_a_single_t_test_over_equal_batches():
    # batches of equal size: the ratio estimator is the plain t interval over the batch means
    import scipy.stats  # noqa: PLC0415

    batches = [sums([10, 20], [12 + k, 24 + k]) for k in (0, 3, 4, 9)]
    means = [batch.gain for batch in batches]
    half = scipy.stats.t.ppf(0.975, 3) * scipy.stats.sem(means)
    found = gain_of_batches(batches)
    assert (found.low, found.high) == pytest.approx((found.estimate - half, found.estimate + half))


def test_ikm_of_the_vectors_and_its_interval():
    # DOMAIN 1.4, TV-SKM-4: ten respondents' own means; one element gives the same index and t interval
    means = [3.2222, 3.4444, 2.8889, 3.6667, 3.1111, 3.0, 3.5556, 3.2222, 2.7778, 3.3333]
    values = [Decimal(str(value)) for value in means]
    total, squares = sum(values, Decimal(0)), sum((v * v for v in values), Decimal(0))
    found, k = service_index({("u", "u"): (10, total, total, squares)})
    assert k == 1
    assert found.estimate == pytest.approx(80.5555, abs=1e-4)
    assert (found.low, found.high) == pytest.approx((75.4248, 85.6862), abs=1e-3)


def test_ikm_of_element_totals_with_exact_weights():
    totals = [105, 101, 100, 116, 102, 105, 106, 105, 115]  # TV-SKM-1
    pairs = {}
    for i, u in enumerate(totals):
        for j, v in enumerate(totals[i:], start=i):
            pairs[f"e{i}", f"e{j}"] = (29, Decimal(u), Decimal(v), Decimal(u * v) / 29)
    found, k = service_index(pairs)
    assert k == 9
    assert found.estimate == pytest.approx(91.4750957854406, abs=1e-9)
    assert round_half_up(found.estimate) == Decimal("91.48")


def test_halves_go_up():
    assert [str(round_half_up(Decimal(v))) for v in ("88.305", "64.995", "64.994")] == [
        "88.31",
        "65.00",
        "64.99",
    ]


@given(st.integers(2, 200).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n), st.integers(0, n))))
def test_a_finite_list_is_certain_when_all_answered_and_never_beyond_the_bounds(drawn):
    population, n, successes = drawn[0], drawn[1], min(drawn[2], drawn[1])
    found, bounds = wilson_finite(successes, n, population), response_bounds(successes, n, population)
    assert bounds.low - 1e-12 <= found.low <= found.estimate + 1e-12
    assert found.estimate - 1e-12 <= found.high <= bounds.high + 1e-12
    if n == population:
        assert found.low == found.high == successes / n


scores = st.integers(0, 100)
pair_lists = st.lists(st.tuples(scores, scores), min_size=2, max_size=12)


@given(st.lists(pair_lists, min_size=2, max_size=6), st.randoms())
def test_merging_parts_equals_the_whole_in_any_order(groups, chance):
    parts = [sums([a for a, _ in group], [b for _, b in group]) for group in groups]
    everyone = [pair for group in groups for pair in group]
    chance.shuffle(everyone)
    chance.shuffle(parts)
    merged = sum(parts[1:], parts[0])
    assert merged == sums([a for a, _ in everyone], [b for _, b in everyone])
    assert merged - parts[0] == sum(parts[2:], parts[1])


@given(pair_lists)
def test_swapping_before_and_after_turns_the_sign(pairs):
    forth = (
        standardised_gain(sums([a for a, _ in pairs], [b for _, b in pairs])) if len(pairs) > 2 else math.nan
    )
    back = (
        standardised_gain(sums([b for _, b in pairs], [a for a, _ in pairs])) if len(pairs) > 2 else math.nan
    )
    assert (math.isnan(forth) and math.isnan(back)) or forth == pytest.approx(-back)


def row(n, eligible, x, cluster="b1", category=""):
    return SumRow(category, cluster, n, eligible, Decimal(x), None, None, None, None)


def paired_row(pre, post, cluster):
    s = sums(pre, post)
    return SumRow("", cluster, s.n, s.n, s.sum_x, s.sum_xx, s.sum_y, s.sum_yy, s.sum_xy)


def test_below_five_nothing_is_shown_and_below_ten_no_interval():
    assert apply("share_finite", [row(4, 4, 2)], 5).estimate is None
    few = apply("share_finite", [row(8, 9, 4)], 5)
    assert (few.estimate, few.interval, few.note) == (0.5, "none", "few")


def test_low_response_gives_bounds_and_high_response_an_interval():
    low = apply("share_finite", [row(15, 30, 12)], 5)
    assert (low.interval, low.low, low.high) == ("bounds", 12 / 30, 27 / 30)
    high = apply("share_finite", [row(25, 30, 20)], 5)
    assert high.interval == "wilson_fpc"
    assert 20 / 30 < high.low < high.estimate < high.high <= 25 / 30


def test_nobody_answered_is_not_a_number():
    assert apply("share_finite", [row(0, 30, 0)], 0).note == "no_answers"


def test_one_batch_speaks_for_itself_and_several_for_future_ones():
    one = apply("paired_gain", [paired_row(PRE, POST, "b1")], 5)
    assert (one.interval, one.note) == ("t_persons", "single_batch")
    two = apply("paired_gain", [paired_row(PRE, POST, "b1"), paired_row(POST, PRE, "b2")], 5)
    assert (two.interval, two.clusters) == ("t_batches", 2)
    three = [paired_row(PRE, POST, "b1"), paired_row(PRE, POST, "b2"), paired_row(PRE[::-1], POST, "b3")]
    assert apply("paired_effect", three, 5).interval == "jackknife_batches"
    assert effect_of_batches([sums(PRE, POST)] * 3).low == pytest.approx(
        standardised_gain(sums(PRE * 3, POST * 3))
    )


def test_no_spread_is_undefined_and_not_zero():
    flat = apply("paired_effect", [paired_row([50] * 12, [50] * 12, "b1")], 5)
    assert (flat.estimate, flat.note) == (None, "undefined")

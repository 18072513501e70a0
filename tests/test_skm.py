"""The citizens' index, its bands and sample sizes against the field's vectors."""

import json
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siklatih.errors import MendError
from siklatih.inference import round_half_up
from siklatih.rule_kinds import SkmRule
from siklatih.rules import load_rules
from siklatih.settings import CHECKOUT
from siklatih.skm import (
    common_elements,
    element_means,
    judge,
    of_several_units,
    possible_bands,
    priorities,
    sample_size,
    service_index,
)

RULE = load_rules(CHECKOUT / "config" / "rules").on(date(2026, 9, 30)).get(SkmRule)
NAMES = RULE.elements


def weighted(weights):
    return RULE.model_copy(update={"weights": weights})


@pytest.fixture
def vectors(shared):
    return json.loads((shared / "domain" / "vectors.json").read_text(encoding="utf-8"))


def of_kind(vectors, prefix):
    found = [vector for vector in vectors if vector["id"].startswith(prefix)]
    assert found, prefix
    return found


def test_totals_with_each_way_of_weighting(vectors):
    for vector in of_kind(vectors, "SKM-1"):
        given_ = vector["input"]
        totals = {name: (given_["n"], total) for name, total in zip(NAMES, given_["total"], strict=True)}
        found = service_index(element_means(totals), weighted(given_["bobot"]))
        assert float(found.exact) == pytest.approx(vector["expected"]["ikm"], abs=vector["tol"])
        assert found.band.letter == vector["expected"]["mutu"]


def test_means_of_elements_and_what_to_improve(vectors):
    (vector,) = of_kind(vectors, "SKM-2")
    means = {name: Fraction(str(mean)) for name, mean in zip(NAMES, vector["input"]["nrr"], strict=True)}
    found = service_index(means, RULE)
    assert float(found.exact) == pytest.approx(vector["expected"]["ikm"], abs=vector["tol"])
    assert found.band.letter == vector["expected"]["mutu"]
    each = [float(judge(25 * mean, RULE).exact) for mean in means.values()]
    assert each == pytest.approx(vector["expected"]["unsur25"], abs=vector["tol"])
    # DOMAIN TV-SKM-2: three elements in C, the lowest first
    assert [float(index.value) for _, index in priorities(means, RULE)] == [74.50, 75.50, 76.25]
    assert priorities(means, RULE)[0][0] == NAMES[2]


def test_edges_of_the_bands(vectors):
    for vector in of_kind(vectors, "SKM-3"):
        assert judge(Decimal(vector["input"]["ikm"]), RULE).band.letter == vector["expected"]["mutu"], vector
    assert str(judge(Decimal("88.305"), RULE).value) == "88.31"


def test_an_index_exactly_on_a_half_goes_up_where_rounded_decimals_go_down():
    totals = [863, 819, 810, 792, 863, 878, 871, 806, 804]  # of 240 answers each
    means = element_means({name: (240, total) for name, total in zip(NAMES, totals, strict=True)})
    found = service_index(means, RULE)
    assert (found.exact, found.value) == (Fraction("86.875"), Decimal("86.88"))
    in_decimals = 25 * sum((Decimal(total) / 240 for total in totals), Decimal(0)) / 9
    assert round_half_up(in_decimals) == Decimal("86.87")


def test_ten_respondents_leave_the_band_undecided(vectors):
    # DOMAIN TV-SKM-4; the interval itself is tested with siklatih.inference
    (vector,) = of_kind(vectors, "SKM-4")
    assert possible_bands(*vector["expected"]["ci"], RULE) == ["B", "C"]
    assert possible_bands(89.0, 95.0, RULE) == ["A"]


def test_several_units_by_respondents_and_as_mean_of_units():
    # DOMAIN TV-SKM-5
    pooled, of_units = of_several_units([(Decimal("82.5"), 120), (Decimal(90), 30)])
    assert (pooled, of_units) == (84, Fraction("86.25"))


def test_a_service_without_tariff_weighs_eight_elements_exactly():
    means = {name: Fraction(4) for name in NAMES if name != "tariff"}
    assert service_index(means, RULE).value == 100
    with pytest.raises(MendError, match="skm_weights"):
        service_index(means, weighted("0.11"))


def test_the_printed_weight_gives_99_for_all_fours_and_the_lowest_band_for_all_ones():
    fours, ones = ({name: Fraction(value) for name in NAMES} for value in (4, 1))
    assert str(service_index(fours, weighted("0.11")).value) == "99.00"
    assert str(service_index(ones, weighted("0.11")).value) == "24.75"
    assert service_index(ones, weighted("0.11")).band.letter == "D"


def test_an_element_that_nobody_answered_does_not_count():
    assert element_means({"duration": (0, 0), "tariff": (4, 13)}) == {"tariff": Fraction(13, 4)}


def test_too_few_elements_in_common_break_the_series():
    assert common_elements(NAMES, NAMES[2:], RULE) == list(NAMES[2:])
    assert common_elements(NAMES, NAMES[3:], RULE) is None


ratings = st.lists(st.integers(1, 4), min_size=9, max_size=9)


@given(st.lists(ratings, min_size=1, max_size=8), st.integers(0, 7), st.integers(0, 8))
def test_the_index_lies_within_its_scale_and_grows_with_each_answer(respondents, person, element):
    def index(rows):
        totals = {name: (len(rows), sum(row[i] for row in rows)) for i, name in enumerate(NAMES)}
        return service_index(element_means(totals), RULE)

    found = index(respondents)
    assert 25 <= found.exact <= 100
    rows = [list(row) for row in respondents]
    row = rows[person % len(rows)]
    if row[element] < 4:
        row[element] += 1
        better = index(rows)
        assert better.exact > found.exact
        assert RULE.bands.index(better.band) <= RULE.bands.index(found.band)


@given(st.fractions(min_value=-1000, max_value=1000, max_denominator=10**6), st.integers(0, 4))
def test_a_fraction_is_rounded_to_the_nearest_and_halves_away_from_zero(value, places):
    rounded = Fraction(round_half_up(value, places))
    unit = Fraction(1, 10**places)
    assert abs(rounded - value) <= unit / 2
    assert round_half_up(-value, places) == -round_half_up(value, places)
    if abs(rounded - value) == unit / 2:
        assert abs(rounded) > abs(value)


def test_sample_sizes_of_the_printed_table(vectors):
    for vector in of_kind(vectors, "KM-"):
        size, needed = sample_size(vector["input"]["N"], RULE.sample)
        assert size == vector["expected"]["s"], vector
        assert float(needed) == pytest.approx(vector["expected"]["raw"], abs=vector["tol"])

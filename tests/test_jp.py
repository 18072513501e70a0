"""Hours of development: conversions, caps and years, against the field's vectors."""

import json
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siklatih.errors import MendError
from siklatih.jp import Activity, clock_hours, credits_of, jp_between, standing, year_of
from siklatih.rule_kinds import JpRule, Status
from siklatih.rules import load_rules
from siklatih.settings import CHECKOUT

RULE = load_rules(CHECKOUT / "config" / "rules").on(date(2026, 9, 30)).get(JpRule)
DAY = date(2026, 5, 12)
FORMS = {
    "lokakarya": "workshop",
    "seminar": "seminar",
    "teknis": "technical",
    "coaching": "coaching",
    "patok_banding": "benchmarking",
}
LEVELS = {"nasional": "national", "internasional": "international"}


def jp_of(activity):
    return credits_of([activity], RULE)[0].jp


def test_conversions_of_the_vector(shared):
    vectors = json.loads((shared / "domain" / "vectors.json").read_text(encoding="utf-8"))
    (vector,) = [vector for vector in vectors if vector["id"] == "JP-1"]
    activities = []
    for form, level, quantity, *_ in vector["input"]["kegiatan"]:
        by_hours = RULE.forms[FORMS[form]].unit == "programme"
        given_ = {"stated_jp" if by_hours else "units": Decimal(str(quantity))}
        activities.append(Activity(FORMS[form], DAY, level=LEVELS[level], **given_))
    found = [float(credit.jp) for credit in credits_of(activities, RULE)]
    assert found == pytest.approx(vector["expected"]["jp"], abs=vector["tol"])
    assert found == [10, 9, 36, 4, 10]


@pytest.mark.parametrize(
    ("form", "level"),
    [(name, "international") for name, form in RULE.forms.items() if form.international is None],
)
def test_a_conversion_nobody_knows_is_an_error_that_names_the_form_and_never_zero(form, level):
    with pytest.raises(MendError, match="jp_conversion") as caught:
        credits_of([Activity(form, DAY, Decimal(1), level=level, stated_jp=Decimal(3))], RULE)
    assert RULE.forms[form].label.id in caught.value.id_
    assert RULE.forms[form].label.en in caught.value.en


def test_an_unknown_form_is_an_error():
    with pytest.raises(MendError, match="jp_form") as caught:
        credits_of([Activity("karaoke", DAY, Decimal(1))], RULE)
    assert "karaoke" in caught.value.en


def test_every_form_of_the_programme_contract_has_a_rule(root):
    text = (root / "config" / "contracts" / "programmes.yaml").read_text(encoding="utf-8")
    block = text[text.index("name: jp_form") : text.index("name: competence_code")]
    named = {
        line.split("value: ")[1] for line in block.splitlines() if line.startswith("          - value: ")
    }
    assert len(named) == 6
    assert named <= set(RULE.forms)


@pytest.mark.parametrize("form", ["technical", "workshop"])
def test_what_an_activity_does_not_state_is_asked_for(form):
    with pytest.raises(MendError, match="jp_lacking") as caught:
        credits_of([Activity(form, DAY)], RULE)
    assert RULE.forms[form].label.id in caught.value.id_


def test_minutes_make_whole_lessons_where_no_hours_are_stated_and_say_they_are_unsure():
    by_minutes = credits_of([Activity("technical", DAY, minutes=134)], RULE)[0]
    assert (by_minutes.jp, by_minutes.status) == (2, Status.MEMORY)
    stated = credits_of([Activity("technical", DAY, minutes=134, stated_jp=Decimal(3))], RULE)[0]
    assert (stated.jp, stated.status) == (3, Status.SECONDARY)


def test_a_day_of_self_study_counts_at_most_two_hours():
    assert jp_of(Activity("self_study", DAY, Decimal(3))) == 6
    assert jp_of(Activity("self_study", DAY, Decimal(3), stated_jp=Decimal(4))) == 4
    assert jp_of(Activity("self_study", DAY, Decimal(3), stated_jp=Decimal(9))) == 6


def test_coaching_counts_two_sessions_a_month_and_the_earlier_ones():
    days = [date(2026, 5, 20), date(2026, 5, 4), date(2026, 5, 11), date(2026, 6, 1)]
    found = credits_of([Activity("coaching", day, Decimal(1)) for day in days], RULE)
    assert [credit.jp for credit in found] == [0, 2, 2, 2]
    assert [credit.activity.on for credit in found] == days
    # mentoring has a cap of its own
    both = [Activity("coaching", DAY, Decimal(2)), Activity("mentoring", DAY, Decimal(2))]
    assert sum(credit.jp for credit in credits_of(both, RULE)) == 8


def test_pns_count_by_calendar_year_and_pppk_by_the_year_of_the_contract():
    start = date(2025, 4, 1)
    assert year_of("PNS", DAY, None, RULE) == (date(2026, 1, 1), date(2027, 1, 1))
    assert year_of("PPPK", date(2026, 3, 31), start, RULE) == (start, date(2026, 4, 1))
    assert year_of("PPPK", date(2026, 4, 1), start, RULE) == (date(2026, 4, 1), date(2027, 4, 1))
    leap = date(2024, 2, 29)
    assert year_of("PPPK", date(2025, 2, 28), leap, RULE) == (date(2025, 2, 28), date(2026, 2, 28))
    assert year_of("PPPK", date(2025, 2, 27), leap, RULE) == (leap, date(2025, 2, 28))
    for missing in (None, date(2026, 6, 1)):
        with pytest.raises(MendError, match="jp_contract"):
            year_of("PPPK", DAY, missing, RULE)


def test_the_same_activities_count_differently_by_year():
    taken = [Activity("seminar", day, Decimal(2)) for day in (date(2025, 11, 3), date(2026, 2, 3), DAY)]
    found = credits_of(taken, RULE)
    assert jp_between(found, *year_of("PNS", DAY, None, RULE)) == 16
    assert jp_between(found, *year_of("PPPK", date(2026, 3, 1), date(2025, 4, 1), RULE)) == 16
    assert jp_between(found, *year_of("PPPK", DAY, date(2025, 4, 1), RULE)) == 8


def test_twenty_is_a_floor_for_pns_and_24_a_ceiling_for_pppk():
    assert [standing("PNS", Decimal(jp), RULE).reached for jp in ("19.9", "20", "31")] == [False, True, True]
    assert [standing("PPPK", Decimal(jp), RULE).above for jp in ("20", "24", "24.5")] == [False, False, True]
    assert standing("PPPK", Decimal(30), RULE).reached is None
    assert standing("PNS", Decimal(30), RULE).above is None


def test_hours_of_the_clock():
    # DOMAIN 3 and 2.15: 32 JP are 24 hours, 20 JP are 15
    assert (clock_hours(Decimal(32), RULE), clock_hours(Decimal(20), RULE)) == (24, 15)


taken_days = st.dates(date(2026, 1, 1), date(2026, 12, 31))
activities = st.lists(
    st.builds(
        Activity,
        form=st.sampled_from(["coaching", "mentoring", "seminar", "workshop", "benchmarking"]),
        on=taken_days,
        units=st.integers(1, 6).map(Decimal),
    ),
    max_size=12,
)


@given(activities, st.randoms())
def test_hours_add_up_over_months_in_any_order_and_never_exceed_the_cap(taken, chance):
    def total(some):
        return sum((credit.jp for credit in credits_of(some, RULE)), Decimal(0))

    months = [[activity for activity in taken if activity.on.month == month] for month in range(1, 13)]
    assert sum(map(total, months), Decimal(0)) == total(taken)
    shuffled = list(taken)
    chance.shuffle(shuffled)
    assert total(shuffled) == total(taken)
    for month in months:
        for form in ("coaching", "mentoring"):
            capped = [activity for activity in month if activity.form == form]
            assert total(capped) == 2 * min(2, sum(activity.units for activity in capped))


@given(activities, activities)
def test_hours_of_uncapped_forms_are_additive(one, other):
    def free(some):
        return [activity for activity in some if RULE.forms[activity.form].most_units_a_month is None]

    def total(some):
        return sum((credit.jp for credit in credits_of(some, RULE)), Decimal(0))

    assert total(free(one)) + total(free(other)) == total(free(one) + free(other))

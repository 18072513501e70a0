"""Predicates, the simulated index of professionalism and job match, against the field's vectors."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siklatih.appraisal import (
    SIMULATION,
    Record,
    job_match,
    mean_professionalism,
    predicate,
    professionalism,
    training_points,
    training_points_2024,
)
from siklatih.errors import MendError
from siklatih.rule_kinds import Status
from siklatih.rule_people import AppraisalRule, IpAsn2024Rule, IpAsnRule, JobMatchRule, TrainingPoints
from siklatih.rules import load_rules
from siklatih.settings import CHECKOUT

RULES = load_rules(CHECKOUT / "config" / "rules").on(date(2026, 9, 30))
INDEX = RULES.get(IpAsnRule)
PREDICATES = {
    "Sangat Baik": "very_good",
    "Baik": "good",
    "Butuh Perbaikan": "needs_improvement",
    "Kurang": "poor",
    "Sangat Kurang": "very_poor",
}
EXPECTATIONS = {"atas": "above", "sesuai": "meets", "bawah": "below"}
POSITIONS = {"struktural": "administrator", "fungsional": "functional", "pelaksana": "executor"}
PUNISHMENTS = {None: "none", "ringan": "light"}


@pytest.fixture
def vectors(shared):
    return json.loads((shared / "domain" / "vectors.json").read_text(encoding="utf-8"))


def record_of(given_):
    return Record(
        education=given_["pend"],
        position=POSITIONS[given_["jab"]],
        predicate=PREDICATES[given_["kinerja"]],
        own_training=bool(given_.get("pim") or given_.get("fungsional")),
        technical_jp=(Decimal(given_["teknis_jp"]),),
        seminar=bool(given_["seminar"]),
        punishment=PUNISHMENTS[given_["disiplin"]],
    )


def test_predicates_of_the_vectors(vectors):
    found = [vector for vector in vectors if vector["id"].startswith("PREDIKAT-")]
    assert len(found) == 9
    for vector in found:
        cell = predicate(
            EXPECTATIONS[vector["input"]["hasil"]],
            EXPECTATIONS[vector["input"]["perilaku"]],
            RULES.get(AppraisalRule),
        )
        assert cell == PREDICATES[vector["expected"]["predikat"]], vector


def test_index_of_professionalism_of_the_vectors(vectors):
    found = [vector for vector in vectors if vector["id"].startswith("IP-")]
    assert len(found) == 3
    persons = []
    for vector in found:
        person = professionalism(record_of(vector["input"]), INDEX)
        persons.append(person)
        assert float(person.total) == pytest.approx(vector["expected"]["nilai"], abs=vector["tol"])
        assert person.band.label.id == vector["expected"]["kategori"]
    assert persons[0].status is Status.MEMORY
    assert "simulasi" in SIMULATION[0]
    # DOMAIN TV-IP-3: the mean of the three
    mean, band = mean_professionalism(persons, INDEX)
    assert (mean, band.label.id) == (Decimal("73.5"), "Sedang")


PERSON = Record(education="S1", position="executor", predicate="good")


def test_nineteen_hours_of_technical_training_give_nothing():
    # DOMAIN TV-IP-4
    def points(*hours, rule=INDEX):
        return training_points(replace(PERSON, technical_jp=tuple(map(Decimal, hours))), rule)

    assert points("19") == 0
    assert points("20") == Decimal("22.5")
    assert points("12", "12") == 0
    summed = INDEX.model_copy(update={"technical_cumulative": True})
    assert points("12", "12", rule=summed) == Decimal("22.5")


def test_the_base_of_2024_and_its_missing_points():
    # DOMAIN TV-IP-5
    rule = RULES.get(IpAsn2024Rule)
    assert training_points_2024(PERSON, rule) == 20
    trained = replace(PERSON, seminar=True)
    with pytest.raises(MendError, match="ip_asn_2024"):
        training_points_2024(trained, rule)
    filled = rule.model_copy(update={"training": TrainingPoints(own=15, technical=10, seminar=8)})
    assert training_points_2024(trained, filled) == 28
    most = replace(PERSON, own_training=True, technical_jp=(Decimal(20),), seminar=True)
    assert training_points_2024(most, filled) == 40


@given(
    st.builds(
        Record,
        education=st.sampled_from(list(INDEX.qualification.points)),
        position=st.sampled_from(list(INDEX.positions)),
        predicate=st.sampled_from(list(INDEX.performance.points)),
        own_training=st.booleans(),
        technical_jp=st.lists(st.integers(0, 60).map(Decimal), max_size=3).map(tuple),
        seminar=st.booleans(),
        punishment=st.sampled_from(list(INDEX.discipline.points)),
    )
)
def test_each_dimension_keeps_its_bounds_and_training_never_costs_points(record):
    person = professionalism(record, INDEX)
    assert 0 <= person.qualification <= 25
    assert 0 <= person.competence <= 40
    assert 0 <= person.performance <= 30
    assert 0 <= person.discipline <= 5
    more = replace(record, own_training=True, seminar=True, technical_jp=(*record.technical_jp, Decimal(20)))
    assert professionalism(more, INDEX).total >= person.total


def test_a_surplus_hides_no_gap():
    # DOMAIN TV-JPM
    rule = RULES.get(JobMatchRule)

    def levels(*values):
        return [Decimal(value) for value in values]

    for actual in (levels(3, 3, 2, 4), levels(3, 4, 2, 5)):
        match, band = job_match(levels(4, 3, 3, 4), actual, rule)
        assert float(match) == pytest.approx(85.7143, abs=5e-5)
        assert band.label.id == "sesuai sebagian"
    assert job_match(levels(4, 3), levels(5, 3), rule)[0] == 100

"""Judgements about single persons by rule: predicate of an appraisal, simulated IP-ASN, match with the job.

They describe distributions and transitions; none is the only ground of a decision about a person
(UU 27/2022 Ps. 10).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from siklatih.errors import MendError
from siklatih.rule_kinds import Band, Expectation, Predicate, Status, band_of, weakest
from siklatih.rule_people import (
    AppraisalRule,
    Education,
    IpAsn2024Rule,
    IpAsnRule,
    JobMatchRule,
    Position,
    Punishment,
)

SIMULATION = ("simulasi, bukan IP ASN resmi (BKN)", "a simulation, not the official IP ASN (BKN)")


def predicate(result: Expectation, behaviour: Expectation, rule: AppraisalRule) -> Predicate:
    """Return the predicate that work result and work behaviour give (PermenPANRB 6/2022)."""
    return rule.predicates[result][behaviour]


@dataclass(frozen=True)
class Record:
    """What the index needs to know of a person.

    Args:
        own_training: leadership or functional training of the post's level was done; also true for functional
            posts that need none, such as doctors and teachers.
        technical_jp: hours of each technical training of the last year.
        seminar: at least one seminar, workshop or the like.
    """

    education: Education
    position: Position
    predicate: Predicate
    own_training: bool = False
    technical_jp: tuple[Decimal, ...] = ()
    seminar: bool = False
    punishment: Punishment = "none"


@dataclass(frozen=True)
class Professionalism:
    """Points by dimension (25, 40, 30 and 5 at most), always a simulation."""

    qualification: Decimal
    competence: Decimal
    performance: Decimal
    discipline: Decimal
    band: Band
    status: Status

    @property
    def total(self) -> Decimal:
        """Sum of the dimensions, 0 to 100."""
        return self.qualification + self.competence + self.performance + self.discipline


def professionalism(record: Record, rule: IpAsnRule) -> Professionalism:
    """Return the index of one person by the version of 2019 (PermenPANRB 38/2018, Peraturan BKN 8/2019)."""
    qualification = rule.qualification.points[record.education]
    competence = training_points(record, rule)
    performance = rule.performance.points[record.predicate]
    discipline = rule.discipline.points[record.punishment]
    tables = (rule.qualification, rule.competence, rule.performance, rule.discipline)
    return Professionalism(
        qualification,
        competence,
        performance,
        discipline,
        band_of(qualification + competence + performance + discipline, rule.bands),
        weakest([rule.status, *(table.status for table in tables)]),
    )


def training_points(record: Record, rule: IpAsnRule) -> Decimal:
    """Return the points of the dimension competence; technical training counts wholly or not at all."""
    points = rule.competence.points[rule.positions[record.position]]
    hours = sum(record.technical_jp) if rule.technical_cumulative else max(record.technical_jp, default=0)
    return (
        record.own_training * points.own
        + (hours >= rule.technical_least_jp) * points.technical
        + record.seminar * points.seminar
    )


def training_points_2024(record: Record, rule: IpAsn2024Rule) -> Decimal:
    """Return the points of the dimension competence by the change of 2024: a base from the predicate.

    Raises:
        MendError: the person had training, whose points in this version are not known.
    """
    base = rule.base.points[record.predicate]
    if not (record.own_training or record.technical_jp or record.seminar):
        return base
    if rule.training is None:
        raise MendError(
            "ip_asn_2024",
            en=f"The points of training in IP ASN version 2024 are not known. Fill in training in "
            f"config/rules/ip_asn_2024.yaml from the letter ({rule.source}), or use the version of 2019.",
            id_="Nilai unsur pelatihan pada IP ASN versi 2024 belum diketahui. Isikan training pada "
            f"config/rules/ip_asn_2024.yaml menurut suratnya ({rule.source}), atau gunakan versi 2019.",
            rule=rule.id,
        )
    points = rule.training
    added = (
        record.own_training * points.own
        + bool(record.technical_jp) * points.technical
        + record.seminar * points.seminar
    )
    return min(rule.most, base + added)


def mean_professionalism(persons: Sequence[Professionalism], rule: IpAsnRule) -> tuple[Decimal, Band]:
    """Return the index of an agency, the mean over its persons, with its band; one person or more."""
    mean = sum((person.total for person in persons), Decimal(0)) / len(persons)
    return mean, band_of(mean, rule.bands)


def job_match(
    required: Sequence[Decimal], actual: Sequence[Decimal], rule: JobMatchRule
) -> tuple[Decimal, Band]:
    """Return the match of person and job (JPM, percent) with its band; a surplus hides no gap (DOMAIN 1.7).

    Args:
        required: level the post requires, by competence; more than 0 in total.
        actual: level the person has, in the same order.
    """
    met = sum((min(has, needs) for has, needs in zip(actual, required, strict=True)), Decimal(0))
    match = 100 * met / sum(required, Decimal(0))
    return match, band_of(match, rule.bands)

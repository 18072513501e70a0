"""The kinds of rule about single persons: index of professionalism, appraisal, match with the job."""

from __future__ import annotations

from typing import Generic, Literal, TypeVar

from pydantic import model_validator

from siklatih.rule_kinds import (
    Band,
    Expectation,
    Part,
    Points,
    Positive,
    Predicate,
    Rule,
    Status,
    check_order,
    wrong,
)

Education = Literal["S3", "S2", "S1", "D4", "D3", "D2", "D1", "SLTA", "SLTP", "SD"]
Punishment = Literal["none", "light", "medium", "heavy"]
PositionGroup = Literal["structural", "functional", "executor"]
Position = Literal["jpt", "administrator", "supervisor", "functional", "executor"]
_K = TypeVar("_K")
_V = TypeVar("_V")


class Table(Part, Generic[_K, _V]):
    """Points by a key, with how sure they are."""

    status: Status
    points: dict[_K, _V]


class TrainingPoints(Part):
    """Points of the training of one's post, of technical training, and of seminars."""

    own: Points
    technical: Points
    seminar: Points


class IpAsnRule(Rule):
    """Index of professionalism, version 2019 (PermenPANRB 38/2018; Peraturan BKN 8/2019)."""

    rule_id = "ip_asn"

    qualification: Table[Education, Points]
    positions: dict[Position, PositionGroup]
    competence: Table[PositionGroup, TrainingPoints]
    technical_least_jp: Positive
    technical_cumulative: bool
    performance: Table[Predicate, Points]
    discipline: Table[Punishment, Points]
    bands: tuple[Band, ...]

    @model_validator(mode="after")
    def _whole(self) -> IpAsnRule:
        check_order(self.bands)
        needed = {*self.positions.values()} - set(self.competence.points)
        if needed:
            raise wrong(
                f"competence lacks points of {sorted(needed)}", f"competence tidak memuat {sorted(needed)}"
            )
        return self


class IpAsn2024Rule(Rule):
    """Competence dimension as changed in 2024; its points of training were not found and may be None."""

    rule_id = "ip_asn_2024"

    most: Points
    base: Table[Predicate, Points]
    training: TrainingPoints | None


class AppraisalRule(Rule):
    """Predicate from work result and work behaviour (PermenPANRB 6/2022)."""

    rule_id = "appraisal"

    predicates: dict[Expectation, dict[Expectation, Predicate]]

    @model_validator(mode="after")
    def _nine_cells(self) -> AppraisalRule:
        if len(self.predicates) != 3 or any(len(row) != 3 for row in self.predicates.values()):
            raise wrong(
                "predicates has three rows of three", "predicates memuat tiga baris, masing-masing tiga"
            )
        return self


class JobMatchRule(Rule):
    """Bands of the match of person and job."""

    rule_id = "job_match"

    bands: tuple[Band, ...]

    @model_validator(mode="after")
    def _ordered(self) -> JobMatchRule:
        check_order(self.bands)
        return self

"""The kinds of rule in ``config/rules/``: what each must say, and how sure each value is."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

Share = Annotated[Decimal, Field(ge=0, le=1)]
Points = Annotated[Decimal, Field(ge=0, le=100)]
Positive = Annotated[Decimal, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]
Predicate = Literal["very_good", "good", "needs_improvement", "poor", "very_poor"]
Expectation = Literal["below", "meets", "above"]


class Status(StrEnum):
    """How a value was verified: in the official text, by our own decision, second-hand, from memory."""

    OFFICIAL = "naskah_resmi"
    DECISION = "keputusan"
    SECONDARY = "sekunder"
    MEMORY = "ingatan"

    @property
    def footnote(self) -> tuple[str, str] | None:
        """What stands below a figure that used such a value, in Indonesian and English."""
        return _FOOTNOTES.get(self)


_FOOTNOTES = {
    Status.SECONDARY: (
        "aturan dibaca dari sumber sekunder, bukan dari naskah resmi",
        "rule read in a secondary source, not in the official text",
    ),
    Status.MEMORY: (
        "aturan belum diverifikasi dengan naskah resmi",
        "rule not yet verified with the official text",
    ),
}


def weakest(statuses: Iterable[Status]) -> Status:
    """Return the least sure of the statuses; with none, nothing was taken from a rule: a decision."""
    order = list(Status)
    return max(statuses, key=order.index, default=Status.DECISION)


def wrong(en: str, id_: str) -> PydanticCustomError:
    """Return what a check of a rule raises, in both languages."""
    return PydanticCustomError("rule", "{en}", {"en": en, "id_": id_})


class Part(BaseModel):
    """A part of a rule: no field may be unknown, nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(Part):
    """What every rule says. Its digest leaves out ``valid_to``: that it ended does not change what it was."""

    rule_id: ClassVar[str]

    id: str
    version: Annotated[str, Field(min_length=1)]
    source: Annotated[str, Field(min_length=1)]
    status: Status
    valid_from: date | None
    valid_to: date | None

    @model_validator(mode="after")
    def _dates(self) -> Rule:
        if self.valid_from and self.valid_to and self.valid_from > self.valid_to:
            raise wrong("valid_to lies before valid_from", "valid_to lebih awal daripada valid_from")
        return self


class Label(Part):
    """The words for readers."""

    id: str
    en: str


class Band(Part):
    """A band from a bound on: ``least`` belongs to it, ``above`` does not."""

    least: Decimal | None = None
    above: Decimal | None = None
    label: Label
    letter: str = ""

    @model_validator(mode="after")
    def _one_bound(self) -> Band:
        if (self.least is None) == (self.above is None):
            raise wrong("a band has either least or above", "pita nilai memuat salah satu: least atau above")
        return self

    @property
    def bound(self) -> Decimal:
        """The bound, whether it belongs to the band or not."""
        return self.least if self.least is not None else self.above or Decimal(0)

    def holds(self, value: Decimal) -> bool:
        """Tell whether a value reaches the band."""
        return value >= self.bound if self.above is None else value > self.bound


def check_order(bands: tuple[Band, ...]) -> None:
    """Raise unless the bands stand from best to worst, each bound once."""
    bounds = [band.bound for band in bands]
    if not bounds or bounds != sorted(set(bounds), reverse=True):
        raise wrong("bands stand from best to worst", "pita nilai diurutkan dari yang terbaik")


def band_of(value: Decimal, bands: Iterable[Band]) -> Band:
    """Return the best band that a value reaches; below all of them, ``ValueError``."""
    for band in bands:
        if band.holds(value):
            return band
    raise ValueError(f"{value} lies below all bands")


class Sample(Part):
    """Constants of the sample size of Krejcie and Morgan (1970)."""

    chi_square: Positive
    share: Share
    margin: Annotated[Decimal, Field(gt=0, lt=1)]
    status: Status


class SkmRule(Rule):
    """Citizens' satisfaction index (PermenPANRB 14/2017)."""

    rule_id = "skm"

    scale: tuple[Decimal, Decimal]
    factor: Positive
    weights: Literal["exact", "0.11", "0.111"]
    decimals: Annotated[int, Field(ge=0, le=6)]
    bands: tuple[Band, ...]
    elements: Annotated[tuple[str, ...], Field(min_length=1)]
    training_elements: tuple[str, ...]
    control_elements: tuple[str, ...]
    least_common_elements: Count
    sample: Sample

    @model_validator(mode="after")
    def _known_elements(self) -> SkmRule:
        check_order(self.bands)
        if self.scale[0] >= self.scale[1]:
            raise wrong("the scale begins below its end", "skala dimulai di bawah akhirnya")
        strange = {*self.training_elements, *self.control_elements} - set(self.elements)
        if strange:
            raise wrong(f"unknown elements: {sorted(strange)}", f"unsur tidak dikenal: {sorted(strange)}")
        return self


class Conversion(Part):
    """How an activity becomes hours: so many a unit, at most so many, or the stated ones times a factor."""

    jp: Positive | None = None
    most: Positive | None = None
    stated: Positive | None = None
    status: Status

    @model_validator(mode="after")
    def _one_way(self) -> Conversion:
        if sum(value is not None for value in (self.jp, self.most, self.stated)) != 1:
            raise wrong(
                "a conversion has one of jp, most, stated", "konversi memuat salah satu: jp, most, stated"
            )
        return self


class Form(Part):
    """A form of development; a conversion that nobody found is None, which is an error where it is needed."""

    unit: Literal["programme", "day", "session", "occurrence", "semester"]
    label: Label
    national: Conversion | None
    international: Conversion | None
    most_units_a_month: Positive | None = None


class Lesson(Part):
    """Length of one JP."""

    minutes: Count
    status: Status


class Window(Part):
    """The year in which hours count, with a floor or a ceiling."""

    year: Literal["calendar", "contract"]
    least_jp: Positive | None = None
    most_jp: Positive | None = None
    status: Status


class JpRule(Rule):
    """Hours of development (PerLAN 10/2018; PP 11/2017; PP 49/2018)."""

    rule_id = "jp"

    lesson: Lesson
    windows: dict[Literal["PNS", "PPPK"], Window]
    forms: dict[str, Form]

    @model_validator(mode="after")
    def _both_kinds(self) -> JpRule:
        if set(self.windows) != {"PNS", "PPPK"}:
            raise wrong("windows has both PNS and PPPK", "windows memuat PNS dan PPPK")
        return self


class PrivacyRule(Rule):
    """Smallest groups shown, by reader, and the times the law sets."""

    rule_id = "privacy"

    class Hours(Part):
        """Hours within which something is done."""

        hours: Count
        status: Status

    cell_minimum: dict[Literal["public", "office", "leaders", "programme_manager"], Count]
    complementary: bool
    breach_notice: Hours
    access: Hours


class MaterialsRule(Rule):
    """How long material stays up to date after its review."""

    rule_id = "materials"

    current_months: Count

    def oldest_review(self, day: date) -> date:
        """Return the earliest day of a review that still counts on a day."""
        months = day.year * 12 + day.month - 1 - self.current_months
        year, month = months // 12, months % 12 + 1
        return date(year, month, min(day.day, monthrange(year, month)[1]))


class EvidenceRule(Rule):
    """From when on evidence carries a statement."""

    rule_id = "evidence"

    baseline_smd_most: Positive
    earlier_points_least: Count
    attrition_difference_most: Share
    untouched_quarters: Count
    shown_least: Count
    interval_least: Count
    full_least: Count
    programmes_a_method_least: Annotated[int, Field(ge=2)]
    method_quarters: Count
    ranked_units_least: Count
    series_months_before_least: Annotated[int, Field(ge=3)]
    survey_rounds_before_least: Count
    significance: Annotated[Decimal, Field(gt=0, lt=1)]
    power: Annotated[Decimal, Field(gt=0, lt=1)]


class ResponseRule(Rule):
    """What a low response rate forbids."""

    rule_id = "response"

    bounds_below: Share
    check_only_below: Share
    headline_least: Share
    complete_least: Share
    partial_least: Share
    missing_rating: tuple[Decimal, Decimal]

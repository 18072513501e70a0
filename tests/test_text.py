"""Numbers and dates as Indonesian readers write them (DOMAIN 3, number style)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from siklatih.cycle import Cycle
from siklatih.report.decisions import segments
from siklatih.report.text import (
    cycle_title,
    day,
    listed,
    number,
    percent,
    quantity,
    quantity_range,
    rupiah,
    short_day,
)


@pytest.mark.parametrize(("value", "digits", "written"), [
    (1234567.891, 2, "1.234.567,89"), (0, 1, "0,0"), (-0.04, 1, "0,0"), (-0.05, 1, "\N{MINUS SIGN}0,1"),
    (Decimal("88.305"), 2, "88,31"), (64.995, 2, "65,00"), (64.994, 2, "64,99"), (2.5, 0, "3"), (3.5, 0, "4"), (1e6, 0, "1.000.000"),
])  # fmt: skip
def test_numbers_round_half_up_with_comma_and_points(value: float, digits: int, written: str) -> None:
    assert number(value, digits) == written


def test_signs_stand_where_they_belong() -> None:
    assert percent(0.6135) == "61,4\N{NO-BREAK SPACE}%"
    assert rupiah(312_000_000) == "Rp312.000.000"
    assert quantity(0.615, "sd") == "0,62"
    assert quantity(82.505, "index") == "82,51"
    assert quantity_range(0.1, 0.25, "share") == "10,0\N{NO-BREAK SPACE}% sampai 25,0\N{NO-BREAK SPACE}%"


def test_dates_and_cycles_are_in_indonesian() -> None:
    assert day(date(2026, 11, 23)) == "23\N{NO-BREAK SPACE}November\N{NO-BREAK SPACE}2026"
    assert short_day(date(2026, 8, 2)) == "2\N{NO-BREAK SPACE}Agu\N{NO-BREAK SPACE}2026"
    assert cycle_title(Cycle.parse("2026Q3")) == "Triwulan III Tahun 2026"


def test_lists_and_strong_words() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b"]) == "a dan b"
    assert listed(["a", "b", "c"]) == "a, b, dan c"
    assert segments("x **y** z") == [
        {"text": "x ", "strong": False},
        {"text": "y", "strong": True},
        {"text": " z", "strong": False},
    ]

"""The agency's workbook as people keep it: other containers, letterheads, totals, merged cells, odd values."""

from __future__ import annotations

import dataclasses

import pytest

from siklatih.contracts import Column, EnumValue, load_contracts
from siklatih.errors import MendError
from siklatih.instruments import load_instruments
from siklatih.settings import CHECKOUT
from siklatih.sources.protocol import Catalogue
from siklatih.sources.values import canonical

CATALOGUE = Catalogue(
    load_contracts(CHECKOUT / "config" / "contracts"), load_instruments(CHECKOUT / "config" / "instruments")
)
NIP = "198001012006041001"


def column(dataset: str, name: str) -> Column:
    return CATALOGUE.contracts[dataset].column(name)


# --- values


@pytest.mark.parametrize(("written", "read"), [
    ("23 November 2026", "2026-11-23"),
    ("23 Nov 2026", "2026-11-23"),
    ("5 Agustus 2026", "2026-08-05"),
    ("05 agt. 2026", "2026-08-05"),
    ("Senin, 23 November 2026", "2026-11-23"),
    ("Jum'at, 7 Agustus 2026", "2026-08-07"),
    ("1-Mei-2026", "2026-05-01"),
    ("1 May 2026", "2026-05-01"),
    ("31 Desember 2026", "2026-12-31"),
    ("31 December 2026", "2026-12-31"),
    ("3 Nopember 2025", "2025-11-03"),
    ("5/8/2026", "2026-08-05"),
    ("31 Februari 2026", "2026-02-31"),  # no such day: the contract's type check puts it aside
    ("5 Smarch 2026", "5 Smarch 2026"),
    ("Agustus 2026", "Agustus 2026"),
])  # fmt: skip
def test_dates_with_month_names_are_read_in_both_languages(written: str, read: str) -> None:
    assert canonical(column("batches", "starts_on"), written) == read


@pytest.mark.parametrize(("written", "read"), [
    ("5 Agustus 2026 08:30", "2026-08-05 08:30:00"),
    ("5 Aug 2026, 8.05", "2026-08-05 08:05:00"),
    ("5 Agustus 2026 pukul 13.30", "2026-08-05 13:30:00"),
    ("5 Agustus 2026", "2026-08-05 00:00:00"),
])  # fmt: skip
def test_times_with_month_names_are_read(written: str, read: str) -> None:
    assert canonical(column("sessions", "starts_at"), written) == read


@pytest.mark.parametrize("written", [
    "19800101 200604 1 001", "'" + NIP, f"’{NIP}", f'="{NIP}"', f"\u00a0{NIP} ", NIP,
])  # fmt: skip
def test_an_employee_number_is_one_however_its_digits_were_kept(written: str) -> None:
    assert canonical(column("roster", "nip"), written) == NIP


@pytest.mark.parametrize("written", ["'1,98E+17", '="1.98E+17"'])
def test_an_employee_number_that_lost_its_digits_is_refused_behind_an_apostrophe_too(written: str) -> None:
    with pytest.raises(MendError) as caught:
        canonical(column("roster", "nip"), written)
    assert caught.value.code == "nip_scientific"


def test_an_apostrophe_alone_is_no_employee_number() -> None:
    assert canonical(column("roster", "nip"), "'") is None


@pytest.mark.parametrize(("written", "read"), [
    ("III.d", "III/d"), ("3d", "III/d"), ("III/d", "III/d"), ("iii d", "III/d"), ("IIID", "III/d"),
    ("4-a", "IV/a"), ("IV.A", "IV/a"), ("V/a", "V/a"), ("Penata", "Penata"), ("II/d", "II/d"),
])  # fmt: skip
def test_a_rank_is_its_code_where_the_contract_lists_ranks(written: str, read: str) -> None:
    ranks = tuple(EnumValue(code, code, code) for code in ("III/c", "III/d", "IV/a"))
    listed = dataclasses.replace(column("roster", "grade"), values=ranks)
    assert canonical(listed, written) == read
    assert canonical(column("roster", "grade"), written) == written  # no list, nothing to guess


def test_a_code_kept_as_a_number_is_its_digits() -> None:
    assert canonical(column("roster", "unit_code"), 1.0) == "1"
    assert canonical(column("roster", "unit_code"), 101.0) == "101"

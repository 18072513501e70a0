"""Rules as data: what is refused and why, and which version holds when."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from siklatih.cycle import Cycle
from siklatih.errors import MendError
from siklatih.rule_kinds import (
    EvidenceRule,
    JpRule,
    MaterialsRule,
    PrivacyRule,
    ResponseRule,
    SkmRule,
    Status,
    band_of,
    weakest,
)
from siklatih.rule_people import IpAsnRule
from siklatih.rules import KINDS, load_rules, read_rule

MATERIALS = """\
id: materials
version: "1"
source: DOMAIN 7.15
status: keputusan
valid_from: {valid_from}
valid_to: {valid_to}
current_months: {months}
"""


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def materials(*, valid_from="null", valid_to="null", months="12", version="1"):
    text = MATERIALS.format(valid_from=valid_from, valid_to=valid_to, months=months)
    return text.replace('"1"', f'"{version}"')


@pytest.fixture
def rules(root):
    return load_rules(root / "config" / "rules")


def test_every_kind_of_rule_is_there_for_the_cycles_we_report(rules):
    held = rules.of_cycle(Cycle.parse("2026Q3"))
    assert set(held.rules) == set(KINDS)
    assert all(rule.source and rule.version for rule in held.rules.values())
    assert held.get(SkmRule).bands[0].least == Decimal("88.31")
    assert held.get(JpRule).windows["PNS"].least_jp == 20
    assert held.get(PrivacyRule).cell_minimum["public"] == 10
    assert held.get(EvidenceRule).baseline_smd_most == Decimal("0.25")
    assert held.get(ResponseRule).bounds_below == Decimal("0.8")


def test_values_from_memory_say_so(rules):
    jp = rules.of_cycle(Cycle.parse("2026Q3")).get(JpRule)
    assert jp.lesson.status is Status.MEMORY
    assert jp.forms["technical_guidance"].international.status is Status.MEMORY
    assert jp.forms["technical_guidance"].national.status is Status.SECONDARY
    assert weakest([Status.SECONDARY, Status.MEMORY, Status.DECISION]) is Status.MEMORY
    assert weakest([]) is Status.DECISION
    assert "belum diverifikasi" in Status.MEMORY.footnote[0]
    assert Status.SECONDARY.footnote != Status.MEMORY.footnote
    assert Status.OFFICIAL.footnote is None
    assert Status.DECISION.footnote is None


def test_a_changed_rule_does_not_rewrite_earlier_quarters(tmp_path):
    write(tmp_path, "materials.yaml", materials())
    before = load_rules(tmp_path)
    write(tmp_path, "materials_2027.yaml", materials(valid_from="2027-01-01", months="6", version="2"))
    after = load_rules(tmp_path)

    old, new = Cycle.parse("2026Q4"), Cycle.parse("2027Q1")
    assert after.of_cycle(old).digest == before.of_cycle(old).digest
    assert after.of_cycle(old).versions == before.of_cycle(old).versions
    assert after.of_cycle(old).get(MaterialsRule).current_months == 12
    assert after.of_cycle(new).get(MaterialsRule).current_months == 6
    assert after.of_cycle(new).digest != before.of_cycle(new).digest
    assert after.of_cycle(new).changed_since(before.of_cycle(new).versions) == ["materials"]
    assert after.of_cycle(old).changed_since(before.of_cycle(old).versions) == []


def test_the_version_on_the_last_day_of_the_cycle_holds(tmp_path):
    write(tmp_path, "a.yaml", materials())
    write(tmp_path, "b.yaml", materials(valid_from="2026-08-15", months="6", version="2"))
    rules = load_rules(tmp_path)
    assert rules.of_cycle(Cycle.parse("2026Q2")).get(MaterialsRule).current_months == 12
    assert rules.of_cycle(Cycle.parse("2026Q3")).get(MaterialsRule).current_months == 6
    assert rules.on(date(2026, 8, 14)).get(MaterialsRule).current_months == 12


def test_ending_a_rule_leaves_its_digest(tmp_path):
    write(tmp_path, "a.yaml", materials())
    before = load_rules(tmp_path).of_cycle(Cycle.parse("2026Q1"))
    write(tmp_path, "a.yaml", "# closed\n" + materials(valid_to="2026-12-31"))
    assert load_rules(tmp_path).of_cycle(Cycle.parse("2026Q1")).digest == before.digest


def test_a_value_changed_in_place_is_noticed(tmp_path):
    write(tmp_path, "a.yaml", materials())
    before = load_rules(tmp_path).of_cycle(Cycle.parse("2026Q1"))
    write(tmp_path, "a.yaml", materials(months="9"))
    assert load_rules(tmp_path).of_cycle(Cycle.parse("2026Q1")).changed_since(before.versions) == [
        "materials"
    ]


def test_a_day_without_a_rule_is_told(tmp_path):
    write(tmp_path, "a.yaml", materials(valid_from="2026-01-01", valid_to="2026-06-30"))
    rules = load_rules(tmp_path)
    for cycle in ("2025Q4", "2026Q3"):
        with pytest.raises(MendError) as caught:
            rules.of_cycle(Cycle.parse(cycle)).get(MaterialsRule)
        assert caught.value.rule == "materials"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        ({"valid_from": "2026-01-01"}, {"valid_from": "2026-01-01"}),
        ({"valid_to": "2026-12-31"}, {"valid_from": "2026-07-01"}),
    ],
)
def test_two_versions_on_one_day_are_told(tmp_path, first, second):
    write(tmp_path, "a.yaml", materials(**first))
    write(tmp_path, "b.yaml", materials(**second, version="2"))
    with pytest.raises(MendError, match="rule_overlap") as caught:
        load_rules(tmp_path)
    assert caught.value.file == "b.yaml"


def test_a_later_text_needs_a_version_of_its_own(tmp_path):
    write(tmp_path, "a.yaml", materials())
    write(tmp_path, "b.yaml", materials(valid_from="2026-07-01"))
    with pytest.raises(MendError, match="rule_version"):
        load_rules(tmp_path)


@pytest.mark.parametrize(
    ("text", "en", "id_"),
    [
        ("a: [", "not YAML", "bukan YAML"),
        ("- a", "not a list of fields", "bukan daftar isian"),
        ("id: strange", "none of skm, jp", "bukan salah satu dari skm, jp"),
        (materials(months="many"), "current_months must be a whole number", "harus berupa bilangan bulat"),
        (materials(months="0"), "current_months must be 1 or more", "harus 1 atau lebih"),
        (materials() + "more: 1\n", "more is not known", "more tidak dikenal"),
        (materials().replace("source: DOMAIN 7.15\n", ""), "source is missing", "source belum diisi"),
        (materials().replace("keputusan", "pasti"), "status must be", "status harus salah satu dari"),
        (materials(valid_from="soon"), "valid_from must be a date", "valid_from harus"),
        (
            materials(valid_from="2026-02-01", valid_to="2026-01-01"),
            "valid_to lies before valid_from",
            "lebih awal",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_said_in_both_languages(tmp_path, text, en, id_):
    with pytest.raises(MendError, match=r"rule_file|config_file") as caught:
        read_rule(write(tmp_path, "x.yaml", text))
    assert caught.value.file == "x.yaml"
    assert en in caught.value.en
    assert id_ in caught.value.id_


@pytest.mark.parametrize(
    ("name", "old", "new", "words"),
    [
        ("skm.yaml", "least: 88.31", "least: 60.00", "best to worst"),
        ("skm.yaml", "control_elements: [tariff", "control_elements: [price", "unknown elements"),
        ("skm.yaml", "weights: exact", "weights: equal", "weights must be"),
        ("skm.yaml", "scale: [1, 4]", "scale: [4, 1]", "the scale begins"),
        ("jp.yaml", "{jp: 4, status: sekunder}", "{jp: 4, most: 4, status: sekunder}", "one of jp, most"),
        ("jp.yaml", "  PPPK: {", "  P3K: {", "windows"),
        ("jp.yaml", "minutes: 45", "minutes: 0", "lesson.minutes"),
        ("ip_asn.yaml", "executor: {own: 0,", "clerk: {own: 0,", "competence.points"),
        ("appraisal.yaml", "  below: {below: very_poor, meets: needs_improvement, above: needs_improvement}\n", "", "three rows"),
        ("job_match.yaml", "least: 78", "least: 92", "best to worst"),
        ("evidence.yaml", "power: 0.8", "power: 1.8", "power"),
        ("privacy.yaml", "public: 10", "public: 0", "cell_minimum"),
        ("response.yaml", "bounds_below: 0.80", "bounds_below: 80", "bounds_below must be 1 or less"),
    ],
)  # fmt: skip
def test_each_rule_is_checked(root, tmp_path, name, old, new, words):
    text = (root / "config" / "rules" / name).read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(MendError) as caught:
        read_rule(write(tmp_path, name, text.replace(old, new, 1)))
    assert words in caught.value.en
    assert caught.value.id_ != caught.value.en


def test_bands_of_whole_numbers_leave_no_gap(rules):
    # DOMAIN 1.5: 90.5 is Tinggi, 60.5 Rendah, 60 Sangat Rendah
    bands = rules.of_cycle(Cycle.parse("2026Q3")).get(IpAsnRule).bands
    names = [band_of(Decimal(value), bands).label.id for value in ("91", "90.5", "71", "60.5", "60", "0")]
    assert names == ["Sangat Tinggi", "Tinggi", "Sedang", "Rendah", "Sangat Rendah", "Sangat Rendah"]
    with pytest.raises(ValueError, match="below all bands"):
        band_of(Decimal(-1), bands)


def test_material_is_current_for_twelve_months(rules):
    rule = rules.of_cycle(Cycle.parse("2026Q3")).get(MaterialsRule)
    assert rule.oldest_review(date(2026, 9, 30)) == date(2025, 9, 30)
    assert rule.oldest_review(date(2028, 2, 29)) == date(2027, 2, 28)

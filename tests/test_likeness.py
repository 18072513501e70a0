"""Which names are proposed for each other, and which are not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from siklatih.likeness import LIKE, likeness, words_of

WORDS = st.lists(st.text("abdeginorstu", min_size=2, max_size=9), min_size=1, max_size=4)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("Sari Contoh, S.Kom., M.M.", "sari contoh"),
        ("Sari Contoh S. Kom", "sari contoh"),
        ("Drs. H. Rangga Contoh, M.Si", "rangga contoh"),
        ("Dr. H. Rangga H.", "rangga h"),
        ("Prof. Dr. Ir. Hj. SARI CONTOH SE MM", "sari contoh"),
        ("dr. Sari  Contoh, Sp.PD", "sari contoh"),
        ("M. Rizki Contoh", "muhammad rizki contoh"),
        ("Moh. Rizki Contoh, S.Pd.I", "muhammad rizki contoh"),
        ("A.Contoh", "a contoh"),
        ("Ma'ruf Contoh", "maruf contoh"),
        ("José Contoh", "jose contoh"),
        ("12_Rangga Contoh (BKPSDM)", "rangga contoh bkpsdm"),
        ("S.Kom.", ""),
        ("", ""),
        ("東京", ""),
    ],
)
def test_titles_digits_and_marks_are_no_part_of_a_name(written: str, words: str) -> None:
    assert " ".join(words_of(written)) == words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rangga Contoh", "rangga  contoh"),
        ("Rangga Contoh, S.Kom.", "Rangga Contoh"),
        ("Drs. H. Rangga Contoh", "Rangga Contoh, M.Si"),
        ("Contoh Rangga", "Rangga Contoh"),
        ("Contoh, Rangga", "Rangga Contoh"),
        ("Rangga C.", "Rangga Contoh"),
        ("R. Contoh", "Rangga Contoh"),
        ("M. Rizki Contoh", "Mohammad Rizky Contoh"),
        ("Rangga Contho", "Rangga Contoh"),
        ("Rangga Conto", "Rangga Contoh"),
        ("Soeharja", "Suharja"),
        ("Nur Haliza Contoh", "Nurhaliza Contoh"),
        ("Siti Nurhaliza", "Siti Nurhaliza Contoh"),
    ],
)
def test_what_is_proposed(one: str, other: str) -> None:
    assert likeness(one, other) >= LIKE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rangga Contoh", "Sari Contoh"),
        ("Rangga Contoh", "Rangga Cermat"),
        ("Siti Aminah Contohwati", "Siti Aisyah Contohwati"),
        ("Rangga", "Rangga Contoh"),
        ("R. C.", "Rangga Contoh"),
        ("R", "Rangga"),
        ("Ahmad Contoh", "Ahmad Contoh Putra Perkasa"),
        ("S.Kom., M.M.", "S.Kom., M.M."),
        ("iPhone 12", "Rangga Contoh"),
        ("", "Rangga Contoh"),
    ],
)
def test_what_is_not_proposed(one: str, other: str) -> None:
    assert likeness(one, other) < LIKE


@given(WORDS, WORDS)
def test_likeness_does_not_depend_on_which_is_first_and_stays_within_bounds(
    one: list[str], other: list[str]
) -> None:
    found = likeness(" ".join(one), " ".join(other))
    assert 0 <= found <= 1
    assert found == likeness(" ".join(other), " ".join(one))


@given(WORDS)
def test_word_order_never_matters(words: list[str]) -> None:
    kept = words_of(" ".join(words))
    if kept:
        assert likeness(" ".join(words), " ".join(reversed(words))) == pytest.approx(1)

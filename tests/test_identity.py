"""Employee numbers and pseudonyms, against the field's test vectors."""

import json

import pytest

from siklatih.identity import Pseudonymiser, nip_fault

VALID = "200012312024121001"


@pytest.fixture
def vectors(shared):
    found = json.loads((shared / "domain" / "vectors.json").read_text(encoding="utf-8"))
    return {vector["id"]: vector for vector in found}


FAULTS = {
    "tanggal_lahir": "birth_date",
    "jenis_kelamin": "sex",
    "panjang": "length",
    "tmt": "start",
    "urut": "serial",
    "usia_tmt": "age",
}


def test_employee_numbers_of_the_vectors(vectors):
    numbers = [vector for name, vector in vectors.items() if name.startswith("NIP-")]
    assert len(numbers) == 9
    for vector in numbers:
        status, _, why = vector["expected"]["hasil"].partition(":")
        expected = FAULTS[why] if status == "invalid" else None
        assert nip_fault(vector["input"]["nip"]) == expected, vector


@pytest.mark.parametrize(
    "written", ["20001231 202412 1 001", "20001231.202412.1.001", " 20001231-202412-1-001"]
)
def test_the_display_form_is_the_same_number(written):
    assert nip_fault(written) is None
    assert Pseudonymiser(b"k").nip(written) == Pseudonymiser(b"k").nip(VALID)


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        ("2000123120241210011", "length"),
        ("200002302024121001", "birth_date"),
        ("200012312010121001", "age"),
        ("200012312024121000", "serial"),
        ("٢٠٠٠١٢٣١٢٠٢٤١٢١٠٠١", "length"),
    ],
)
def test_what_is_wrong_is_named(number, fault):
    assert nip_fault(number) == fault


def test_the_pseudonym_is_the_published_hmac():
    # DOMAIN 1.9, TV-HMAC
    assert Pseudonymiser(b"kunci-uji-bukan-rahasia").nip(VALID).startswith("6bbd26acdb7812dc")


def test_pseudonyms_differ_by_key_and_by_kind_and_keep_across_spelling():
    one, two = Pseudonymiser(b"one"), Pseudonymiser(b"two")
    assert one.nip(VALID) != two.nip(VALID)
    assert one.key_id != two.key_id
    assert one.email("Sekda@Example.org ") == one.email("sekda@example.org")
    assert one.name("Rangga  Wira") == one.name("rangga wira") != one.email("rangga wira")


def test_a_faulty_identifier_has_no_pseudonym():
    assert Pseudonymiser(b"k").replace("nip", "123") == (None, "length")
    assert Pseudonymiser(b"k").replace("email", "not an address") == (None, "form")
    assert Pseudonymiser(b"k").replace("name", None) == (None, None)


@pytest.mark.parametrize("text", ["", " ", "-", "()", "\u00a0.\u200b"])
def test_what_names_nobody_has_no_pseudonym(text):
    assert Pseudonymiser(b"k").replace("name", text) == (None, None)


@pytest.mark.parametrize("text", ["I", "王", "Ñ.", "7"])
def test_any_letter_may_name_somebody(text):
    pseudonym, fault = Pseudonymiser(b"k").replace("name", text)
    assert (pseudonym, fault) == (Pseudonymiser(b"k").name(text), None)

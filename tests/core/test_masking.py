"""E-mail addresses and telephone numbers are taken out of what the public reads, in work that grows with the text."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.masking import TAKEN_OUT, Search, mask, mask_all

NUMBERS = [
    "0612345678",
    "06 12 34 56 78",
    "06.12.34.56.78",
    "06-12-34-56-78",
    "06/12/34/56/78",
    "06_12_34_56_78",
    "(06) 12 34 56 78",
    "(06)12345678",
    "06 1234 5678",
    "0612 345 678",
    "0 6 1 2 3 4 5 6 7 8",
    "06 - 12 - 34 - 56 - 78",
    "06\u00a012\u00a034\u00a056\u00a078",
    "06\u202f12\u202f34\u202f56\u202f78",
    "06\u200912\u200934\u200956\u200978",
    "06\u201312\u201334\u201356\u201378",
    "06\u00b712\u00b734\u00b756\u00b778",
    "06\u200b12\u200b34\u200b56\u200b78",
    "+33612345678",
    "+33 6 12 34 56 78",
    "+33 (0)6 12 34 56 78",
    "+33(0)612345678",
    "0033 6 12 34 56 78",
    "00 33 6 12 34 56 78",
    "33 6 12 34 56 78",
    "6 12 34 56 78",
    "612345678",
    "0800 123 456",
    "0 800 123 456",
    "+32 470 12 34 56",
    "+41 79 123 45 67",
    "079 123 45 67",
    "02 123 45 67",
    "+1 (555) 123-4567",
    "555 123 4567",
    "612 345 679",
    "٠٦١٢٣٤٥٦٧٨",
]
MAILS = [
    "jean@free.fr",
    "Jean.Dupont+trous@orange.fr",
    "a@b.co",
    "jean (at) free.fr",
    "jean[at]free.fr",
    "jean [arobase] free (point) fr",
    "jean @ free.fr",
    "jean(at)free.fr",
    "élodie@mairie-été.fr",
    "x_y@a.b.example",
]
STAYS = [
    "12 bis rue des Tilleuls",
    "12-14-16-18-20 rue Haute",
    "entre le 102 et le 104",
    "26/11/2026",
    "26-11-2026 10:30",
    "01/12/2026 10h30",
    "2026-01-12 10 30 00",
    "le 03.04.2026 - 05.06.2026",
    "03/04/26 10 30",
    "VC-7K3-9QT",
    "2026-0313",
    "34000 Montpellier",
    "06000 06100 Nice",
    "1 234 567,89 €",
    "650 000 000 €",
    "12 500 euros",
    "43.6110767, 3.8767161",
    "0.579512634",
    "réf. AB0612345678",
    "plaque AB-123-CD",
    "lampadaire 1234",
    "15 m @ 20 m",
    "RDV @ midi",
    "de 8 h à 12 h 30",
    "112",
    "3949",
    "[12]",
    "à 10 h (at) la mairie",
    "732 829 320 00074",
]


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("around", ["{}", "Appelez-moi au {} merci", "tél.{}", "Tel:{}.", "«{}»", "({})"])
def test_numbers_are_taken_out_however_they_are_written(number, around):
    masked = mask(around.format(number))
    assert TAKEN_OUT in masked
    assert sum(sign.isdigit() for sign in masked) == 0, masked


@pytest.mark.parametrize("address", MAILS)
@pytest.mark.parametrize("around", ["{}", "Écrire à {}, merci.", "<{}>", "mail:{}"])
def test_addresses_are_taken_out(address, around):
    masked = mask(around.format(address))
    assert TAKEN_OUT in masked and "free" not in masked and "@" not in masked


@pytest.mark.parametrize("words", STAYS)
def test_what_is_no_contact_stays(words):
    assert mask(words) == words
    assert mask(f"Vu ({words}) hier.") == f"Vu ({words}) hier."


def test_two_numbers_side_by_side_and_the_house_number_before():
    assert mask("06 12 34 56 78 / 07 12 34 56 78") == f"{TAKEN_OUT} / {TAKEN_OUT}"
    assert mask("12 rue Haute, 06 12 34 56 78, a@b.fr") == f"12 rue Haute, {TAKEN_OUT}, {TAKEN_OUT}"


def test_answers_are_masked_inside_and_keep_their_kinds():
    asked = {"n": 4, "tel": 612345678, "who": "a@b.fr", "several": ["06 12 34 56 78", "oui"], "flag": True}
    assert mask_all(asked) == {"n": 4, "tel": TAKEN_OUT, "who": TAKEN_OUT, "several": [TAKEN_OUT, "oui"], "flag": True}


SIGNS = st.sampled_from(list("a0169@.-/()+ \u202f[]@€") + ["(at)", "[at] ", "00", "+33", "a" * 70, "06 12 34 56 78"])


@settings(max_examples=300, deadline=None)
@given(st.lists(SIGNS, min_size=1, max_size=12), st.integers(1, 120))
def test_the_work_grows_with_the_text_and_no_faster(block, times):
    text = "".join(block) * times
    # A window of 64 + 255 signs per @, every digit three times at the most.
    assert Search(text).run().looked_at <= (64 + 255 + 20) * len(text)


@settings(max_examples=100, deadline=None)
@given(st.lists(SIGNS, min_size=1, max_size=8))
def test_twice_the_text_is_twice_the_work(block):
    text = "".join(block)
    text *= 4000 // len(text) + 1
    once, twice = Search(text).run().looked_at, Search(text * 2).run().looked_at
    # The last windows of a text are cut short by its end.
    assert twice <= 2 * once + (64 + 255) ** 2


@pytest.mark.parametrize(
    "hostile",
    [
        "a" * 1700 + "@" + "a" * 2290,
        "@" * 4000,
        "a@" * 2000,
        "0" * 4000,
        "(" * 4000,
        "0 " * 2000,
        "a." * 2000 + "@",
        "(at)" * 1000,
        " " * 4000,
        "06/" * 1300,
    ],
)
def test_hostile_texts_are_looked_at_a_few_times(hostile):
    search = Search(hostile).run()
    assert search.looked_at <= 340 * len(hostile)


@given(st.text(max_size=300))
def test_nothing_breaks_it(text):
    assert isinstance(mask(text), str)

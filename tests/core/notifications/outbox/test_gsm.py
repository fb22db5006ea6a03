"""An SMS in one segment where it can be: what each character costs, what is given up for it, and in which order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.notifications import gsm

LINK = "https://signaler.villeclaire.example/r/VC-7K3-9QT"


@pytest.mark.parametrize(
    ("text", "wide", "units", "segments"),
    [
        ("", False, 0, 1),
        ("a" * 160, False, 160, 1),
        ("a" * 161, False, 161, 2),
        ("a" * 306, False, 306, 2),
        ("a" * 307, False, 307, 3),
        ("é" * 160, False, 160, 1),
        ("€" * 80, False, 160, 1),
        ("€" * 81, False, 162, 2),
        # What counts twice is not cut in two: 76 of them in the first segment, one septet stays empty.
        ("€" * 153, False, 306, 3),
        ("ê" * 70, True, 70, 1),
        ("ê" * 71, True, 71, 2),
        ("ê" * 134, True, 134, 2),
        ("ê" * 135, True, 135, 3),
        ("😀" * 35, True, 70, 1),
        ("😀" * 36, True, 72, 2),
        # A surrogate pair is not cut in two either: 33 in each segment of 67.
        ("😀" * 67, True, 134, 3),
        ("ça" + "a" * 69, True, 71, 2),
        ("Ça" + "a" * 69, False, 71, 1),
    ],
)
def test_what_a_text_takes(text, wide, units, segments):
    assert gsm.sms_size(text) == gsm.SmsSize(wide, units, segments)


def test_every_accent_of_french_is_counted():
    assert not gsm.sms_size("éèàùìòäöüñåÉÄÖÜÑÇ").wide
    for letter in "êâîôûëïçœÿÊÂÎÔÛËÏÈÀÙ":
        assert gsm.sms_size(letter).wide, letter


def test_typography_becomes_a_telephone_s():
    assert gsm.fit_one_segment("L’équipe a dit\u202f: «\u202fréparé\u202f»… C’est fait – à 8\u00a0h") == (
        "L'équipe a dit : \"réparé\"... C'est fait - à 8 h"
    )


def test_accents_stay_where_there_is_room():
    said = "Le trou de l’allée du Chêne est rebouché."
    assert gsm.fit_one_segment(said) == "Le trou de l'allée du Chêne est rebouché."
    assert gsm.sms_size(gsm.fit_one_segment(said)) == gsm.SmsSize(True, 41, 1)


def test_accents_that_cost_a_segment_are_given_up():
    text = gsm.fit_one_segment(
        "Le trou de l’allée du Chêne est rebouché, ça y est : bientôt la forêt, cœur de ville.", LINK
    )
    assert text == f"Le trou de l'allée du Chene est rebouché, ca y est : bientot la foret, coeur de ville. {LINK}"
    assert gsm.sms_size(text).segments == 1


def test_the_end_of_a_sentence_is_given_up_the_link_never():
    text = gsm.fit_one_segment("Les travaux de réfection de la chaussée prévus rue de la République " * 3, LINK)
    assert gsm.sms_size(text).segments == 1 and text.endswith(f"... {LINK}")
    assert 150 <= len(text) <= 160 and not gsm.sms_size(text).wide


def test_other_alphabets_are_kept_whole():
    said = "تم إصلاح الحفرة في شارع الجمهورية، شكرا لكم على الإبلاغ عنها"
    assert gsm.fit_one_segment(said, LINK) == f"{said} {LINK}"
    short = gsm.fit_one_segment("Η λακκούβα επισκευάστηκε σήμερα το πρωί, ευχαριστούμε πολύ", "https://x.fr/r/A")
    assert gsm.sms_size(short).segments == 1 and short.endswith("https://x.fr/r/A")


def test_a_long_link_leaves_no_room_to_shorten():
    link = "https://signaler.example/" + "a" * 130
    text = gsm.fit_one_segment("Les travaux sont terminés dans votre rue", link)
    assert text.endswith(link) and text.startswith("Les travaux sont terminés dans votre rue ")


@given(st.text(max_size=300), st.sampled_from(["", LINK, "https://x.fr/a"]))
def test_the_link_always_comes_whole(said, link):
    text = gsm.fit_one_segment(said, link)
    assert text.endswith(link)
    assert gsm.sms_size(text).segments <= max(1, gsm.sms_size(f"{gsm.to_gsm_text(said)} {link}".strip()).segments)

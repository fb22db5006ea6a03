"""What an SMS costs, and how to say it in one: the alphabet of GSM 03.38 (3GPP TS 23.038).

One segment holds 160 characters of that alphabet (those of its extension count twice), or 70 of UTF-16 as soon as
one character is not of it; a message of several holds 153 or 67 in each.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")
#: Typography that the alphabet lacks, in its characters: no word changes by it.
_PLAIN = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "ʼ": "'",
        "‚": ",",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "‹": "'",
        "›": "'",
        "…": "...",
        "–": "-",
        "—": "-",
        "‐": "-",
        "‑": "-",
        "−": "-",
        "•": "-",
        "·": "-",
        "→": "->",
        "×": "x",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\u2007": " ",
        "\u200a": " ",
        "\t": " ",
        "\u00ad": "",
        "\u200b": "",
        "\u200e": "",
        "\u200f": "",
        "\u2060": "",
        "\ufeff": "",
        "º": "o",
        "ª": "a",
        "°": "o",
    }
)
_LETTERS = str.maketrans({"œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "ı": "i", "ð": "d", "þ": "th"})
ONE, MORE = 160, 153
ONE_WIDE, MORE_WIDE = 70, 67
#: Words that a sentence is not cut below, in characters: less says nothing.
_LEAST = 24
_CUT = "..."


@dataclass(frozen=True)
class SmsSize:
    """What a text takes."""

    #: Whether one of its characters is not of the GSM alphabet.
    wide: bool
    #: Septets, or UTF-16 units.
    units: int
    segments: int


def sms_size(text: str) -> SmsSize:
    """What `text` takes as it stands."""
    costs = [_cost(character) for character in text]
    known = [cost for cost in costs if cost is not None]
    if len(known) < len(costs):
        units = [2 if ord(character) > 0xFFFF else 1 for character in text]
        return SmsSize(True, sum(units), _segments(units, ONE_WIDE, MORE_WIDE))
    return SmsSize(False, sum(known), _segments(known, ONE, MORE))


def _cost(character: str) -> int | None:
    return 1 if character in BASIC else 2 if character in EXTENDED else None


def _segments(costs: list[int], one: int, more: int) -> int:
    if sum(costs) <= one:
        return 1
    # What counts twice is not cut in two: a segment may stay one short.
    segments, left = 1, more
    for cost in costs:
        if cost > left:
            segments, left = segments + 1, more
        left -= cost
    return segments


def to_gsm_text(text: str) -> str:
    """`text` with the typography of print in the characters of a telephone, its spaces once each."""
    text = unicodedata.normalize("NFC", text)
    text = text.replace("«\u202f", "«").replace("«\u00a0", "«").replace("\u202f»", "»").replace("\u00a0»", "»")
    return " ".join(text.translate(_PLAIN).split())


def unaccented(text: str) -> str:
    """`text` without the accents that the alphabet lacks: "forêt" is "foret", "réparé" stays as it is."""
    return "".join(character if _cost(character) else _bare(character) for character in text.translate(_LETTERS))


def _bare(character: str) -> str:
    bare = "".join(part for part in unicodedata.normalize("NFD", character) if not unicodedata.combining(part))
    return bare if bare and all(_cost(part) for part in bare) else character


def fit_one_segment(sentence: str, link: str = "") -> str:
    """A sentence and the link after it, in one segment where that can be had: accents that the alphabet lacks
    are given up for it, then the sentence's end, the link never.
    """
    sentence = to_gsm_text(sentence)
    whole = _joined(sentence, link)
    if sms_size(whole).segments == 1:
        return whole
    bare = unaccented(sentence)
    if sms_size(_joined(bare, link)).segments == 1:
        return _joined(bare, link)
    wide = sms_size(_joined(bare, link)).wide
    shorter = _shortened(bare, link, ONE_WIDE if wide else ONE)
    return shorter or whole


def _joined(sentence: str, link: str) -> str:
    return f"{sentence} {link}".strip()


def _shortened(sentence: str, link: str, room: int) -> str | None:
    """The beginning of the sentence with which one segment suffices; None where too little of it would be left."""
    words = sentence.split()
    while words:
        words.pop()
        start = " ".join(words).rstrip(" ,;:.-")
        if len(start) < _LEAST:
            return None
        text = _joined(start + _CUT, link)
        if sms_size(text).units <= room:
            return text
    return None

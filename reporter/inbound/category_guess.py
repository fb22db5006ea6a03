"""What a mail or an SMS is about: the category whose words are in it, where one stands out."""

from __future__ import annotations

import re
import unicodedata

from reporter.categories.queries import OfferedCategory, offered_categories

_WORD = re.compile(r"\w+")


def guess_category(subject: str, text: str) -> OfferedCategory | None:
    """The category that the words speak of most; None where none does, or two do as much.

    A word of the subject counts twice.
    """
    said, above = _words(text[:4000]), _words(subject)
    best: list[tuple[int, OfferedCategory]] = []
    for one in offered_categories():
        points = sum(_has(said, phrase) + 2 * _has(above, phrase) for phrase in _phrases(one))
        if points:
            best.append((points, one))
    best.sort(key=lambda pair: -pair[0])
    if not best or (len(best) > 1 and best[0][0] == best[1][0]):
        return None
    return best[0][1]


def _phrases(one: OfferedCategory) -> set[tuple[str, ...]]:
    """The names and the keywords of a category in every language, each as its words."""
    texts = [one.name_in(locale) for locale in ("fr", "en")]
    for words in one.keywords.values():
        texts += re.split(r"[,;]", words or "")
    return {tuple(_words(text)) for text in texts if _words(text)}


def _words(text: str) -> list[str]:
    """Words without accents, capitals and plurals."""
    bare = "".join(sign for sign in unicodedata.normalize("NFD", text.lower()) if not unicodedata.combining(sign))
    return [word[:-1] if len(word) > 3 and word[-1] in "sx" else word for word in _WORD.findall(bare)]


def _has(said: list[str], phrase: tuple[str, ...]) -> int:
    """1 where the words of `phrase` follow each other in `said`."""
    size = len(phrase)
    return int(any(tuple(said[at : at + size]) == phrase for at in range(len(said) - size + 1)))

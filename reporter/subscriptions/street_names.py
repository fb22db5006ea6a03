"""Streets by their names: how one is compared, and which names an address may hold."""

from __future__ import annotations

import re
import unicodedata

from core.errors import FieldError
from core.i18n import gettext as _
from core.text import clean_text

#: Words that say what kind of street it is; alone they name none.
KINDS = frozenset(
    "rue avenue boulevard place impasse chemin allee route quai cours passage square faubourg sente sentier "
    "ruelle esplanade promenade rond point voie traverse montee cite residence lotissement hameau lieu dit".split()
)
STOP_WORDS = frozenset("de du des la le les l d a au aux et en sur sous".split())
ABBREVIATIONS = {
    "av": "avenue",
    "ave": "avenue",
    "bd": "boulevard",
    "boul": "boulevard",
    "blvd": "boulevard",
    "pl": "place",
    "imp": "impasse",
    "ch": "chemin",
    "che": "chemin",
    "all": "allee",
    "rte": "route",
    "fg": "faubourg",
    "fbg": "faubourg",
    "sq": "square",
    "pass": "passage",
    "st": "saint",
    "ste": "sainte",
    "dr": "docteur",
    "gal": "general",
    "mal": "marechal",
    "res": "residence",
    "lot": "lotissement",
}
#: What stands before a street's name in an address: "12 bis".
_NUMBER = re.compile(r"^\d+ (?:(?:bis|ter|quater|[a-f]) )?")
#: Addresses are looked at that far, and names are that long, in words.
_WORDS, _LONGEST = 30, 9


def normalised(text: str) -> str:
    """`text` as streets are compared: small letters and figures, no accents, usual shortenings written out."""
    bare = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "oe").replace("æ", "ae"))
    letters = "".join(one for one in bare if not unicodedata.combining(one)).lower()
    return " ".join(ABBREVIATIONS.get(word, word) for word in re.findall(r"[a-z0-9]+", letters))


def parse_street(typed: object, *, field: str = "street") -> tuple[str, str]:
    """(as it is compared, as it is shown) of a street's name as somebody typed it; a house's number before it
    and the jurisdiction after it are left out. Raises FieldError naming `field`."""
    shown = clean_text(typed, field=field, most=120, required=True, lines=False).split(",")[0].strip()
    compared = normalised(shown)
    without = _NUMBER.sub("", compared)
    if without != compared and without.split(" ")[0] in KINDS:
        compared = without
        shown = re.sub(r"^\d+\s*(?:(?:bis|ter|quater|[a-fA-F])\b)?\s*", "", shown)
    telling = [word for word in compared.split() if word not in KINDS and word not in STOP_WORDS]
    if not telling or len("".join(telling)) < 2:
        raise FieldError(field, _("Give the full street name, for example: rue des Tilleuls."))
    if len(compared.split()) > _LONGEST:
        raise FieldError(field, _("This is too long for a street name. For example: rue des Tilleuls."))
    return compared, shown


def street_names_in(*texts: str) -> list[str]:
    """Every name that the texts (an address) may hold: each run of words, as it is compared."""
    found: dict[str, None] = {}
    for text in texts:
        words = normalised(text).split()[:_WORDS]
        for start in range(len(words)):
            for end in range(start + 1, min(len(words), start + _LONGEST) + 1):
                found[" ".join(words[start:end])] = None
    return list(found)

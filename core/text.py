"""What people typed, made safe to keep: no nulls, no lone surrogates, one form of Unicode, a known length."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from core.errors import FieldError
from core.i18n import gettext as _
from core.masking import mask

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x9f]")


def clean_text(value: object, *, field: str, most: int, required: bool = False, lines: bool = True) -> str:
    """`value` as text that PostgreSQL can keep, at most `most` characters.

    Raises FieldError naming `field` when it is not text, too long, or missing although required.
    """
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise FieldError(field, _("This must be text."))
    text = value.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", _CONTROL.sub("", text)).strip()
    if not lines:
        text = " ".join(text.split())
    if len(text) > most:
        raise FieldError(field, _("This is too long: %(most)s characters at most.", most=most))
    if required and not text:
        raise FieldError(field, _("This field is required."))
    return text


def without_contacts(text: str) -> str:
    """`text` with e-mail addresses and telephone numbers taken out, as shown to the public (DESIGN §5.3).

    What is kept is masked once, when it is written: read the public column beside it instead of calling this.
    """
    return mask(text)


def localized(texts: Mapping[str, str] | None, locale: str, fallback: str = "fr") -> str:
    """The text of a jurisdiction in the reader's language; else in `fallback`; else in any; else empty."""
    if not texts:
        return ""
    return texts.get(locale) or texts.get(fallback) or next((t for t in texts.values() if t), "")

"""The signed words of following: an author's link, the links that confirm, and those that stop.

Links of mails that left before these words were made keep working: they are read as they were written.
"""

from __future__ import annotations

from collections.abc import Iterable

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer, URLSafeTimedSerializer

from core import signed_numbers
from core.errors import Refused
from core.i18n import gettext as _
from core.web import urls

AUTHOR, CONFIRM, STOP, TOLD = "author", "confirm", "stop", "told"
#: What a digest's own link stops: all that one contact gets by mail.
MAILS = "mails"
#: How long they are good, in days: each mail carries a fresh author's link, and one may always have enough.
AUTHOR_DAYS, CONFIRM_DAYS, STOP_DAYS = 400, 7, 3650


def author_key(report_id: int) -> str:
    """The signed part of an author's link to that report, good for 400 days."""
    return signed_numbers.sign_numbers(AUTHOR, report_id, days=AUTHOR_DAYS)


def opens_report(key: str, report_id: int) -> bool:
    """Whether `key` is the author's key of that report."""
    try:
        return signed_numbers.read_numbers(AUTHOR, key)[0] == report_id
    except Refused:
        return _former_author(key) == report_id


def _former_author(key: str) -> int | None:
    try:
        return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="report-author").loads(key)
    except BadSignature:
        return None


def confirm_word(kind: str, number: int, version: int) -> str:
    """The word that confirms a following: a week long, and no longer once that following has changed."""
    return signed_numbers.sign_numbers(f"{CONFIRM} {kind}", number, version, days=CONFIRM_DAYS)


def confirm_link(kind: str, number: int, version: int) -> str:
    """The address of the page with the button that confirms, short enough for an SMS."""
    return urls.absolute_url(f"/c/{confirm_word(kind, number, version)}")


def stop_word(kind: str, number: int) -> str:
    """The word that stops a following of that kind ("report", "area", "mails"): as often as one likes."""
    return signed_numbers.sign_numbers(f"{STOP} {kind}", number, days=STOP_DAYS)


def stop_link(kind: str, number: int) -> str:
    """The address that stops a following: a page with a button, and what a mail program posts to (RFC 8058)."""
    return urls.absolute_url(f"/s/{stop_word(kind, number)}")


def sms_link(number: int) -> str:
    """The address in an SMS about a report: to the report as this follower may see it, with the way to stop."""
    return urls.absolute_url(f"/t/{signed_numbers.sign_numbers(TOLD, number, days=AUTHOR_DAYS)}")


def subscription_of_sms_link(word: str) -> int:
    """The follower whom such an address was sent to. Raises Refused."""
    return signed_numbers.read_numbers(TOLD, word)[0]


def read_confirm_word(word: str, kinds: Iterable[str]) -> tuple[str, int, int | None]:
    """What a link to confirm was made for: kind, number, version (None: made before there were versions).

    Raises Refused.
    """
    former = former_confirmation(word)
    if former is not None:
        return "report", former, None
    kind, (number, version) = _any_of(CONFIRM, word, kinds, 2)
    return kind, number, version


def read_stop_word(word: str, kinds: Iterable[str]) -> tuple[str, int]:
    """What a link to stop was made for: kind and number. Raises Refused."""
    former = former_stop(word)
    if former is not None:
        return "report", former
    kind, (number,) = _any_of(STOP, word, kinds, 1)
    return kind, number


def _any_of(purpose: str, word: str, kinds: Iterable[str], count: int) -> tuple[str, tuple[int, ...]]:
    for kind in kinds:
        try:
            return kind, signed_numbers.read_numbers(f"{purpose} {kind}", word, count=count)
        except Refused:
            continue
    raise Refused(_("This link is no longer valid: it is too old, or was not copied in full."), code="bad_link")


def former_stop(key: str) -> int | None:
    """The follower of a stop link as they were made before."""
    try:
        return _timed("follow-stop").loads(key)
    except BadSignature:
        return None


def former_confirmation(key: str) -> int | None:
    """The follower of a confirmation as they were made before; a week long."""
    try:
        return _timed("follow-confirm").loads(key, max_age=CONFIRM_DAYS * signed_numbers.DAY)
    except BadSignature:
        return None


def _timed(salt: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt=salt)

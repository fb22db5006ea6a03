"""What is written back to whoever sent a mail or an SMS that is no report yet."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from core import links
from core.database import db
from core.i18n import gettext as _
from core.i18n import lazy_gettext
from core.outbox import policy
from core.outbox.kinds import Mail, letter, register_renderer
from core.outbox.models import Message
from core.times import day
from reporter.arrivals import fetch, reports, words
from reporter.arrivals.models import Arrival
from reporter.following import addresses


def complete_path(arrival: Arrival) -> str:
    """The path of the page where its author completes it."""
    return f"/complete/{words.complete_word(arrival.id)}"


def complete(message: Message) -> Mail | None:
    """What came is kept; the link shows it, and asks for what is missing."""
    arrival = _arrival(message)
    if arrival is None or arrival.dealt_with:
        return None
    photos = reports.photos_of(arrival)
    # Anybody can write from anybody's address: what was written goes back only to one that is known to be theirs.
    theirs = message.contact is not None and addresses.answered(message.contact, message.channel)
    return letter(
        "arrival",
        _("Almost done: show us where it is"),
        brief=_("We have your message. Show us where it is and we will pass it on:"),
        page=links.absolute(complete_path(arrival)),
        reply=words.complete_word(arrival.id),
        photos=len(photos),
        said=reports.words_of(arrival) if theirs else "",
        arrived=day(arrival.arrived_at),
        days=words.COMPLETE_DAYS,
        refused="photo_refused" in arrival.remark,
    )


def too_big(message: Message) -> Mail | None:
    """It was not read; the form takes photos of any telephone."""
    arrival = _arrival(message)
    if arrival is None:
        return None
    return letter(
        "arrival_too_big",
        _("Your e-mail was too large to read"),
        page=links.absolute("/report/new"),
        arrived=day(arrival.arrived_at),
        most=fetch.LARGEST // 2**20,
    )


def _arrival(message: Message) -> Arrival | None:
    return db.session.scalar(select(Arrival).where(Arrival.id == message.facts["arrival"]))


def init_app(app: Flask) -> None:
    """Register the answers to what came in, and how they are delivered."""
    policy.register(policy.DEFAULT, "arrival.complete", "arrival.too_big")
    register_renderer(complete, "arrival.complete", words=lazy_gettext("Message to complete"))
    register_renderer(too_big, "arrival.too_big", words=lazy_gettext("E-mail too large"))

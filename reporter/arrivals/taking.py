"""Taking a mail in, once: a bounce, an automatic answer, a reply, a new report; or something for the desk.

Everything here is part of one transaction, which the caller commits. Nothing of a mail is believed but signed words.
"""

from __future__ import annotations

import logging
import re
from email.utils import parseaddr

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from core import contacts, signed
from core.actor import Actor
from core.contacts import Details
from core.database import ask, db, end_transaction
from core.errors import FieldError, FieldErrors, Missing, Refused
from core.i18n import LOCALES, speaking
from core.identity import towns
from core.identity.towns import Town
from core.mail.addresses import BOUNCE, REPLY, understood
from core.outbox.models import Message
from core.photos.models import Photo
from core.photos.verbs import MOST, add, stored
from core.scope import acting_for, current_id, everywhere
from reporter import intake
from reporter.answers import verbs as answers
from reporter.arrivals import cutting, failures, reports, returned, words
from reporter.arrivals.letters import Letter
from reporter.arrivals.models import ANSWER, AUTOMATIC, COMMENT, UNKNOWN, Arrival
from reporter.arrivals.models import BOUNCE as RETURNED
from reporter.following import addresses
from reporter.models import Follower, Report

log = logging.getLogger(__name__)

MAIL = "mail"
_NOT_OURS = re.compile(r"\+.*(?=@)")


def known(headers: bytes) -> str | None:
    """What a mail with these headers was taken for before; None where it is new, or has no name of its own."""
    letter = Letter(headers)
    if not letter.header("Message-ID"):
        return None
    a = Arrival.__table__.c
    every = [town.id for town in towns.all_towns()]
    return ask(
        select(a.taken_for).where(a.jurisdiction_id.in_(every), a.door == MAIL, a.key == letter.key).limit(1)
    ).scalar()


def take(raw: bytes) -> Arrival:
    """Take in the mail `raw`; the arrival of before where it came already. Flushes."""
    letter = Letter(raw)
    follower, draft, message = _follower(letter), _draft(letter), _returned(letter)
    with acting_for(_town(letter, follower or draft, message)), speaking(language(letter)):
        if not (letter.is_report or letter.automatic == "automatic"):
            _store_pictures(letter)
        arrival, fresh = arrived(MAIL, letter.key)
        if not fresh:
            return arrival
        if letter.is_report or _is_for(letter, BOUNCE):
            _take_returned(arrival, letter, message)
        elif letter.automatic == "automatic":
            close(arrival, AUTOMATIC, "automatic")
        elif follower is not None:
            _take_reply(arrival, letter, follower)
        elif draft is not None:
            _take_more(arrival, letter, draft.id)
        elif _is_for(letter, REPLY):
            leave_to_desk(arrival, letter, "forged")
        elif letter.automatic or letter.doubtful:
            leave_to_desk(arrival, letter, letter.automatic or "doubtful")
        else:
            _take_report(arrival, letter)
        db.session.flush()
        return arrival


def take_unread(headers: bytes) -> Arrival:
    """Take in a mail that is too large to be read: the desk is told, and its sender."""
    letter = Letter(headers)
    with acting_for(_town(letter, None, None)), speaking(language(letter)):
        arrival, fresh = arrived(MAIL, letter.key)
        if fresh:
            leave_to_desk(arrival, letter, "too_big")
            if not (letter.automatic or letter.doubtful):
                reports.answer_back(arrival, "arrival.too_big")
            db.session.flush()
        return arrival


def take_broken(headers: bytes) -> Arrival:
    """Take in a mail that cannot be read: it stays in the mailbox, and the desk is told."""
    letter = Letter(headers)
    with acting_for(_town(letter, None, None)):
        arrival, fresh = arrived(MAIL, letter.key)
        if fresh:
            arrival.taken_for, arrival.remark, arrival.dealt_with = UNKNOWN, "broken", False
            db.session.flush()
        return arrival


def arrived(door: str, key: str) -> tuple[Arrival, bool]:
    """The arrival of that key here, and whether this is the first time that it comes."""
    table = Arrival.__table__
    made = ask(
        insert(table).values(jurisdiction_id=current_id(), door=door, key=key, taken_for=UNKNOWN)
        .on_conflict_do_nothing().returning(table.c.id)
    ).scalar()
    found = db.session.scalars(select(Arrival).where(Arrival.door == door, Arrival.key == key)).one()
    return found, made is not None


def close(arrival: Arrival, taken_for: str, *remarks: str) -> None:
    """It is understood, and nobody has to look at it."""
    arrival.taken_for, arrival.dealt_with = taken_for, True
    arrival.remark = " ".join(filter(None, remarks))


def leave_to_desk(arrival: Arrival, letter: Letter, *remarks: str) -> None:
    """Keep what a mail says, for the desk to say what to do with it."""
    photos, refused = pictures(letter)
    arrival.taken_for, arrival.dealt_with = UNKNOWN, False
    arrival.remark = " ".join((*remarks, *refused))
    _keep_sender(arrival, letter)
    reports.keep_what_came(arrival, subject=letter.subject, text=letter.text, photos=photos)


def _keep_sender(arrival: Arrival, letter: Letter) -> bool:
    """Keep whoever says to have written beside the arrival; False where the address is none."""
    name, address = letter.sender
    try:
        found = contacts.details(name=name[:120], email=address, locale=language(letter))
    except (FieldError, FieldErrors):
        return False
    if not found.email:
        return False
    kept = contacts.keep_given(found)
    arrival.contact_id, arrival.given_contact_id = kept.contact_id, kept.given_id
    return True


def language(letter: Letter) -> str:
    """The language to answer in: the one that the mail says to be in, else the first."""
    told = (letter.header("Content-Language") or letter.header("Accept-Language"))[:2].lower()
    return told if told in LOCALES else LOCALES[0]


def _store_pictures(letter: Letter) -> None:
    """Put the photos of a mail into the storage, with no transaction open, before anything is written of it.

    Raises storage.Away: the whole mail then waits.
    """
    kept: list[Photo] = []
    remarks: dict[str, None] = {}
    if letter.pictures:
        end_transaction()
    for one in letter.pictures:
        if len(kept) >= MOST:
            remarks["photos_left_out"] = None
            break
        try:
            kept.append(stored(one.data))
        except FieldError as error:
            remarks["photo_refused"] = None
            log.info("A picture of a mail was refused: %s", error.code)
    letter.stored = (kept, list(remarks))


def pictures(letter: Letter) -> tuple[list[Photo], list[str]]:
    """The photos of a mail, from now on with a row each; and remarks on those that could not be kept."""
    photos, remarks = letter.stored
    letter.stored = ([photo if photo.id else add(photo) for photo in photos], remarks)
    return letter.stored[0], list(remarks)


def _is_for(letter: Letter, kind: str) -> bool:
    return any((understood(address) or ("", ""))[0] == kind for address in letter.recipients)


def _words(letter: Letter, kind: str) -> list[str]:
    found = (understood(address) for address in letter.recipients)
    return [pair[1] for pair in found if pair and pair[0] == kind][:5]


def _follower(letter: Letter) -> Follower | None:
    """Whose reply address the mail came to, of whatever town; None where no word is ours."""
    for word in _words(letter, REPLY):
        try:
            number = words.follower_of(word)
        except Refused:
            continue
        with everywhere():
            return db.session.scalar(select(Follower).where(Follower.id == number))
    return None


def _draft(letter: Letter) -> Arrival | None:
    """What its author was asked to complete, where the mail answers that question; None where no word is ours."""
    for word in _words(letter, REPLY):
        try:
            number = words.arrival_of(word)
        except Refused:
            continue
        with everywhere():
            return db.session.scalar(select(Arrival).where(Arrival.id == number))
    return None


def _returned(letter: Letter) -> Message | None:
    """The message of ours that came back: by the signed address it came to, or by its own Message-ID."""
    for word in _words(letter, BOUNCE):
        try:
            return failures.numbered(signed.read("bounce", word)[0])
        except Refused:
            continue
    return failures.original(letter) if letter.is_report or letter.automatic else None


def _town(letter: Letter, follower: Follower | Arrival | None, message: Message | None) -> Town:
    """Whose mail it is: by what is signed, by the address it came to, else the first town's."""
    signed_for = message if follower is None else follower
    town = towns.by_id(signed_for.jurisdiction_id) if signed_for is not None else None
    if town is not None:
        return town
    plain = {_NOT_OURS.sub("", address) for address in letter.recipients}
    every = towns.all_towns()
    own = [one for one in every if one.sender and parseaddr(one.sender)[1].lower() in plain]
    return own[0] if own else every[0]


def _take_returned(arrival: Arrival, letter: Letter, message: Message | None) -> None:
    failure = failures.read(letter)
    if failure is None or message is None:
        # An answer of a machine to a machine; or a bounce that nobody signed: it changes nothing.
        close(arrival, AUTOMATIC, "automatic" if failure is None else "forged_bounce")
        return
    arrival.contact_id = message.contact_id
    arrival.report_id = returned.report_of(message)
    close(arrival, RETURNED, "nowhere" if failure.nowhere else "undelivered" if failure.final else "delayed",
          failure.code)
    if failure.final:
        returned.stop(message, failure)
        arrival.dealt_with = False


def _take_reply(arrival: Arrival, letter: Letter, follower: Follower) -> None:
    """What somebody answers to the news of a report: to the desk from its author, a comment from anybody else."""
    report = db.session.scalar(select(Report).where(Report.id == follower.report_id))
    if report is None:
        leave_to_desk(arrival, letter, "gone")
        return
    said = reports.shortened(cutting.own_words(letter.text))
    photos, remarks = pictures(letter)
    arrival.report_id, arrival.contact_id = report.id, follower.contact_id
    if letter.sender[1].lower() != (follower.contact.email or "").lower():
        remarks.append("other_sender")
    else:
        # Whoever writes from it to an address that only a mail to it knows reads what is sent there.
        addresses.note_answer(addresses.hold(follower.contact_id), MAIL)
    if not said and not photos:
        close(arrival, COMMENT, "empty", *remarks)
        return
    try:
        with db.session.begin_nested():
            taken_for = reply(report, follower, said, photos, door=MAIL)
    except (FieldError, FieldErrors, Refused, Missing):
        arrival.taken_for, arrival.dealt_with, arrival.remark = UNKNOWN, False, " ".join(("refused", *remarks))
        reports.keep_what_came(arrival, subject="", text=said, photos=photos)
        return
    close(arrival, taken_for, *remarks)


def _take_more(arrival: Arrival, letter: Letter, number: int) -> None:
    """What somebody answers who was asked where it is: it joins what they wrote before."""
    photos, remarks = pictures(letter)
    said = cutting.own_words(letter.text)
    draft = reports.lock_with_report(number)
    arrival.contact_id = draft.contact_id
    if not said and not photos:
        close(arrival, COMMENT, "empty", *remarks)
        return
    try:
        with db.session.begin_nested():
            report = reports.add(draft, text=said, photos=photos, by=Actor(MAIL))
    except (FieldError, FieldErrors, Refused, Missing):
        leave_to_desk(arrival, letter, "refused")
        return
    arrival.report_id = report.id if report is not None else None
    close(arrival, ANSWER, *remarks)


def reply(report: Report, follower: Follower, said: str, photos: list[Photo], *, door: str) -> str:
    """Give a reply to the verb it is for; returns what it was taken for. Raises what those verbs raise."""
    tokens, by = [photo.token for photo in photos], Actor(door)
    if follower.author:
        answers.answer(intake.lock(report.reference), text=said, photos=tokens, contact_id=follower.contact_id, by=by)
        return ANSWER
    answers.comment(answers.lock(report.reference), text=said, photos=tokens, contact_id=follower.contact_id, by=by)
    return COMMENT


def _take_report(arrival: Arrival, letter: Letter) -> None:
    """A mail to the town's own address: something new."""
    if not _keep_sender(arrival, letter):
        leave_to_desk(arrival, letter, "no_sender")
        return
    assert arrival.contact_id is not None  # just kept
    if reports.too_many(arrival.contact_id):
        leave_to_desk(arrival, letter, "too_many")
        return
    photos, remarks = pictures(letter)
    text = cutting.own_words(letter.text, quotes=False)
    if not (text or letter.subject or photos):
        close(arrival, AUTOMATIC, "empty")
        return
    name, address = letter.sender
    reports.begin(arrival, subject=letter.subject, text=text, photos=photos, remarks=remarks,
                  sender=Details(name=name[:120], email=contacts.address(address), locale=language(letter)))

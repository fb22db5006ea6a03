"""Taking a mail in, once: a bounce, an automatic answer, a reply, a new report; or something for the desk.

Everything here is part of one transaction, which the caller commits. Nothing of a mail is believed but signed words.
"""

from __future__ import annotations

import logging
import re
from email.utils import parseaddr

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from core import signed_numbers
from core.database import db, end_transaction, execute_unscoped
from core.database.scope import across_jurisdictions, current_jurisdiction_id, serving
from core.errors import FieldError, FieldErrors, NotFound, Refused
from core.i18n import LOCALES, speaking
from core.identity import contacts, jurisdictions
from core.identity.actor import Actor
from core.identity.contacts import ContactDetails
from core.identity.jurisdictions import JurisdictionCopy
from core.notifications.mail.addresses import BOUNCE, REPLY, parse_return_address
from core.notifications.outbox.models import Message
from core.photos.models import Photo
from core.photos.verbs import MOST, add, stored
from reporter.feedback import verbs as feedback_verbs
from reporter.inbound import drafts
from reporter.inbound import links as inbound_links
from reporter.inbound.mail import bounce_parser, bounces, quoted_text
from reporter.inbound.mail.mail_parser import InboundMail
from reporter.inbound.models import ANSWER, AUTOMATIC, COMMENT, UNKNOWN, InboundMessage
from reporter.inbound.models import BOUNCE as RETURNED
from reporter.reports import intake as report_intake
from reporter.reports.models import Report
from reporter.subscriptions import confirmation
from reporter.subscriptions.models import ReportSubscription

log = logging.getLogger(__name__)

MAIL = "mail"
_NOT_OURS = re.compile(r"\+.*(?=@)")


def known_mail(headers: bytes) -> str | None:
    """What a mail with these headers was taken for before; None where it is new, or has no name of its own."""
    letter = InboundMail(headers)
    if not letter.header("Message-ID"):
        return None
    a = InboundMessage.__table__.c
    every = [jurisdiction.id for jurisdiction in jurisdictions.all_jurisdictions()]
    return execute_unscoped(
        select(a.interpreted_as).where(a.jurisdiction_id.in_(every), a.channel == MAIL, a.key == letter.key).limit(1)
    ).scalar()


def take_mail(raw: bytes) -> InboundMessage:
    """Take in the mail `raw`; the arrival of before where it came already. Flushes."""
    letter = InboundMail(raw)
    subscription, draft, message = _subscription(letter), _draft(letter), _returned(letter)
    with serving(_jurisdiction(letter, subscription or draft, message)), speaking(language(letter)):
        if not (letter.is_report or letter.automatic == "automatic"):
            _store_pictures(letter)
        inbound, fresh = find_or_create_message(MAIL, letter.key)
        if not fresh:
            return inbound
        if letter.is_report or _is_for(letter, BOUNCE):
            _take_returned(inbound, letter, message)
        elif letter.automatic == "automatic":
            mark_handled(inbound, AUTOMATIC, "automatic")
        elif subscription is not None:
            _take_reply(inbound, letter, subscription)
        elif draft is not None:
            _take_more(inbound, letter, draft.id)
        elif _is_for(letter, REPLY):
            leave_to_desk(inbound, letter, "forged")
        elif letter.automatic or letter.doubtful:
            leave_to_desk(inbound, letter, letter.automatic or "doubtful")
        else:
            _take_report(inbound, letter)
        db.session.flush()
        return inbound


def take_unread(headers: bytes) -> InboundMessage:
    """Take in a mail that is too large to be read: the desk is told, and its sender."""
    letter = InboundMail(headers)
    with serving(_jurisdiction(letter, None, None)), speaking(language(letter)):
        inbound, fresh = find_or_create_message(MAIL, letter.key)
        if fresh:
            leave_to_desk(inbound, letter, "too_big")
            if not (letter.automatic or letter.doubtful):
                drafts.reply_to_sender(inbound, "arrival.too_big")
            db.session.flush()
        return inbound


def take_broken(headers: bytes) -> InboundMessage:
    """Take in a mail that cannot be read: it stays in the mailbox, and the desk is told."""
    letter = InboundMail(headers)
    with serving(_jurisdiction(letter, None, None)):
        inbound, fresh = find_or_create_message(MAIL, letter.key)
        if fresh:
            inbound.interpreted_as, inbound.remark, inbound.handled = UNKNOWN, "broken", False
            db.session.flush()
        return inbound


def find_or_create_message(channel: str, key: str) -> tuple[InboundMessage, bool]:
    """The arrival of that key here, and whether this is the first time that it comes."""
    table = InboundMessage.__table__
    made = execute_unscoped(
        insert(table)
        .values(jurisdiction_id=current_jurisdiction_id(), channel=channel, key=key, interpreted_as=UNKNOWN)
        .on_conflict_do_nothing()
        .returning(table.c.id)
    ).scalar()
    found = db.session.scalars(
        select(InboundMessage).where(InboundMessage.channel == channel, InboundMessage.key == key)
    ).one()
    return found, made is not None


def mark_handled(inbound: InboundMessage, interpreted_as: str, *remarks: str) -> None:
    """It is understood, and nobody has to look at it."""
    inbound.interpreted_as, inbound.handled = interpreted_as, True
    inbound.remark = " ".join(filter(None, remarks))


def leave_to_desk(inbound: InboundMessage, letter: InboundMail, *remarks: str) -> None:
    """Keep what a mail says, for the desk to say what to do with it."""
    photos, refused = pictures(letter)
    inbound.interpreted_as, inbound.handled = UNKNOWN, False
    inbound.remark = " ".join((*remarks, *refused))
    _keep_sender(inbound, letter)
    drafts.store_content(inbound, subject=letter.subject, text=letter.text, photos=photos)


def _keep_sender(inbound: InboundMessage, letter: InboundMail) -> bool:
    """Keep whoever says to have written beside the arrival; False where the address is none."""
    name, address = letter.sender
    try:
        found = contacts.parse_contact_details(name=name[:120], email=address, locale=language(letter))
    except (FieldError, FieldErrors):
        return False
    if not found.email:
        return False
    kept = contacts.keep_given(found)
    inbound.contact_id, inbound.given_contact_id = kept.contact_id, kept.given_id
    return True


def language(letter: InboundMail) -> str:
    """The language to answer in: the one that the mail says to be in, else the first."""
    told = (letter.header("Content-Language") or letter.header("Accept-Language"))[:2].lower()
    return told if told in LOCALES else LOCALES[0]


def _store_pictures(letter: InboundMail) -> None:
    """Put the photos of a mail into the storage, with no transaction open, before anything is written of it.

    Raises storage.StorageUnavailable: the whole mail then waits.
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


def pictures(letter: InboundMail) -> tuple[list[Photo], list[str]]:
    """The photos of a mail, from now on with a row each; and remarks on those that could not be kept."""
    photos, remarks = letter.stored
    letter.stored = ([photo if photo.id else add(photo) for photo in photos], remarks)
    return letter.stored[0], list(remarks)


def _is_for(letter: InboundMail, kind: str) -> bool:
    return any((parse_return_address(address) or ("", ""))[0] == kind for address in letter.recipients)


def _words(letter: InboundMail, kind: str) -> list[str]:
    found = (parse_return_address(address) for address in letter.recipients)
    return [pair[1] for pair in found if pair and pair[0] == kind][:5]


def _subscription(letter: InboundMail) -> ReportSubscription | None:
    """Whose reply address the mail came to, of whatever jurisdiction; None where no word is ours."""
    for word in _words(letter, REPLY):
        try:
            number = inbound_links.subscription_of_reply(word)
        except Refused:
            continue
        with across_jurisdictions():
            return db.session.scalar(select(ReportSubscription).where(ReportSubscription.id == number))
    return None


def _draft(letter: InboundMail) -> InboundMessage | None:
    """What its author was asked to complete, where the mail answers that question; None where no word is ours."""
    for word in _words(letter, REPLY):
        try:
            number = inbound_links.message_of_link(word)
        except Refused:
            continue
        with across_jurisdictions():
            return db.session.scalar(select(InboundMessage).where(InboundMessage.id == number))
    return None


def _returned(letter: InboundMail) -> Message | None:
    """The message of ours that came back: by the signed address it came to, or by its own Message-ID."""
    for word in _words(letter, BOUNCE):
        try:
            return bounce_parser.message_by_id(signed_numbers.read_numbers("bounce", word)[0])
        except Refused:
            continue
    return bounce_parser.original_message(letter) if letter.is_report or letter.automatic else None


def _jurisdiction(
    letter: InboundMail, subscription: ReportSubscription | InboundMessage | None, message: Message | None
) -> JurisdictionCopy:
    """Whose mail it is: by what is signed, by the address it came to, else the first jurisdiction's."""
    signed_for = message if subscription is None else subscription
    jurisdiction = jurisdictions.by_id(signed_for.jurisdiction_id) if signed_for is not None else None
    if jurisdiction is not None:
        return jurisdiction
    plain = {_NOT_OURS.sub("", address) for address in letter.recipients}
    every = jurisdictions.all_jurisdictions()
    own = [one for one in every if one.sender and parseaddr(one.sender)[1].lower() in plain]
    return own[0] if own else every[0]


def _take_returned(inbound: InboundMessage, letter: InboundMail, message: Message | None) -> None:
    failure = bounce_parser.read_bounce(letter)
    if failure is None or message is None:
        # An answer of a machine to a machine; or a bounce that nobody signed: it changes nothing.
        mark_handled(inbound, AUTOMATIC, "automatic" if failure is None else "forged_bounce")
        return
    inbound.contact_id = message.contact_id
    inbound.report_id = bounces.report_of(message)
    mark_handled(
        inbound, RETURNED, "nowhere" if failure.nowhere else "undelivered" if failure.final else "delayed", failure.code
    )
    if failure.final:
        bounces.stop_after_bounce(message, failure)
        inbound.handled = False


def _take_reply(inbound: InboundMessage, letter: InboundMail, subscription: ReportSubscription) -> None:
    """What somebody answers to the news of a report: to the desk from its author, a comment from anybody else."""
    report = db.session.scalar(select(Report).where(Report.id == subscription.report_id))
    if report is None:
        leave_to_desk(inbound, letter, "gone")
        return
    said = drafts.shortened(quoted_text.without_quotes_and_signature(letter.text))
    photos, remarks = pictures(letter)
    inbound.report_id, inbound.contact_id = report.id, subscription.contact_id
    if letter.sender[1].lower() != (subscription.contact.email or "").lower():
        remarks.append("other_sender")
    else:
        # Whoever writes from it to an address that only a mail to it knows reads what is sent there.
        confirmation.mark_confirmed(confirmation.lock_contact(subscription.contact_id), MAIL)
    if not said and not photos:
        mark_handled(inbound, COMMENT, "empty", *remarks)
        return
    try:
        with db.session.begin_nested():
            interpreted_as = reply(report, subscription, said, photos, channel=MAIL)
    except (FieldError, FieldErrors, Refused, NotFound):
        inbound.interpreted_as, inbound.handled, inbound.remark = UNKNOWN, False, " ".join(("refused", *remarks))
        drafts.store_content(inbound, subject="", text=said, photos=photos)
        return
    mark_handled(inbound, interpreted_as, *remarks)


def _take_more(inbound: InboundMessage, letter: InboundMail, number: int) -> None:
    """What somebody answers who was asked where it is: it joins what they wrote before."""
    photos, remarks = pictures(letter)
    said = quoted_text.without_quotes_and_signature(letter.text)
    draft = drafts.lock_with_report(number)
    inbound.contact_id = draft.contact_id
    if not said and not photos:
        mark_handled(inbound, COMMENT, "empty", *remarks)
        return
    try:
        with db.session.begin_nested():
            report = drafts.add_to_draft(draft, text=said, photos=photos, by=Actor(MAIL))
    except (FieldError, FieldErrors, Refused, NotFound):
        leave_to_desk(inbound, letter, "refused")
        return
    inbound.report_id = report.id if report is not None else None
    mark_handled(inbound, ANSWER, *remarks)


def reply(report: Report, subscription: ReportSubscription, said: str, photos: list[Photo], *, channel: str) -> str:
    """Give a reply to the verb it is for; returns what it was taken for. Raises what those verbs raise."""
    tokens, by = [photo.token for photo in photos], Actor(channel)
    if subscription.author:
        feedback_verbs.answer(
            report_intake.lock_report(report.reference),
            text=said,
            photos=tokens,
            contact_id=subscription.contact_id,
            by=by,
        )
        return ANSWER
    feedback_verbs.add_comment(
        feedback_verbs.lock_public_report(report.reference),
        text=said,
        photos=tokens,
        contact_id=subscription.contact_id,
        by=by,
    )
    return COMMENT


def _take_report(inbound: InboundMessage, letter: InboundMail) -> None:
    """A mail to the jurisdiction's own address: something new."""
    if not _keep_sender(inbound, letter):
        leave_to_desk(inbound, letter, "no_sender")
        return
    assert inbound.contact_id is not None  # just kept
    if drafts.over_daily_limit(inbound.contact_id):
        leave_to_desk(inbound, letter, "too_many")
        return
    photos, remarks = pictures(letter)
    text = quoted_text.without_quotes_and_signature(letter.text, quotes=False)
    if not (text or letter.subject or photos):
        mark_handled(inbound, AUTOMATIC, "empty")
        return
    name, address = letter.sender
    drafts.begin_report(
        inbound,
        subject=letter.subject,
        text=text,
        photos=photos,
        remarks=remarks,
        sender=ContactDetails(name=name[:120], email=contacts.parse_email(address), locale=language(letter)),
    )

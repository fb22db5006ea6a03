"""Following a report: who wants its news, by which channel, and how many they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from core import contacts
from core.actor import Actor
from core.contacts import Details
from core.database import ask, db, utcnow
from core.errors import FieldError, Missing, Refused
from core.i18n import gettext as _
from core.i18n import lazy_gettext
from core.identity import towns
from core.identity.models import Contact
from core.outbox.models import MAIL, SMS
from core.scope import acting_for, current_id
from reporter import sentences
from reporter.following import addresses, keys
from reporter.following.kinds import Kind, Thing, kind_of, register
from reporter.models import Category, Follower, Report

F = Follower.__table__
#: What waits for its confirmation longer than the link to confirm is good is forgotten.
WAITS = timedelta(days=keys.CONFIRM_DAYS)


class Reports(Kind):
    """Reports that people follow: their own, a neighbour's."""

    name = "report"
    model = Follower
    heading = lazy_gettext("The reports you follow")
    confirm_question = lazy_gettext("Do you want updates on this report?")
    stop_question = lazy_gettext("Stop updates on this report?")
    stopped_sentence = lazy_gettext("You will not get any more updates on this report.")
    confirmed_sentence = lazy_gettext("Thank you. We will tell you what happens next.")
    asked = lazy_gettext("We will tell you about every change: the date of the work, when it is finished, or why "
                         "there will be none.")

    def things(self, rows: Sequence[Follower]) -> dict[int, Thing]:
        """Each report in words; whoever sent it comes to its page as its author."""
        wanted = {row.report_id for row in rows}
        found = {
            report.id: (report, category)
            for report, category in db.session.execute(
                select(Report, Category)
                .join(Category, Category.id == Report.category_id)
                .where(Report.id.in_(wanted))
            )
        }
        things = {}
        for row in rows:
            if row.report_id in found:
                report, category = found[row.report_id]
                things[row.id] = thing(report, category, author=row.author)
        return things

    def untyped(self, row: Follower) -> str:
        """The category and the reference."""
        names, reference = db.session.execute(
            select(Category.names, Report.reference)
            .join(Category, Category.id == Report.category_id)
            .where(Report.id == row.report_id)
        ).one()
        return sentences.what(names, reference)

    def confirm(self, row: Follower) -> None:
        """The same; and whoever has answered once is not asked for the other reports that wait for it."""
        super().confirm(row)
        ask(
            update(F)
            .where(
                F.c.jurisdiction_id == row.jurisdiction_id,
                F.c.contact_id == row.contact_id,
                F.c.channel == row.channel,
                F.c.confirmed_at.is_(None),
                F.c.stopped_at.is_(None),
                F.c.created_at > utcnow() - WAITS,
            )
            .values(confirmed_at=utcnow(), version=F.c.version + 1)
        )

    def twin(self, row: Follower, channel: str) -> Follower | None:
        """A contact follows a report once a channel."""
        return db.session.scalar(
            select(Follower).where(
                Follower.report_id == row.report_id,
                Follower.contact_id == row.contact_id,
                Follower.channel == channel,
            )
        )

    def change(self, row: Follower, channel: str, locale: str) -> None:
        """The same, and whoever sent it stays its author."""
        twin = self.twin(row, channel)
        if twin is not None and row.author:
            twin.author = True
        super().change(row, channel, locale)

    def hand_over(self, contact_ids: Sequence[int], to: int) -> None:
        """The same; what both follow, one of them follows once, and as its author if either is."""
        for one in contact_ids:
            given = {"here": current_id(), "one": one, "other": to}
            self._change(_MADE_ONE.bindparams(**given))
            self._change(_HANDED_OVER.bindparams(**given))


#: What the one follows and the other does too: told unless both have had enough.
_MADE_ONE = text("""
UPDATE follower AS kept
SET author = kept.author OR gone.author, confirmed_at = coalesce(kept.confirmed_at, gone.confirmed_at),
    stopped_at = CASE WHEN gone.confirmed_at IS NOT NULL AND gone.stopped_at IS NULL THEN NULL
                      ELSE kept.stopped_at END,
    version = kept.version + 1
FROM follower AS gone
WHERE gone.jurisdiction_id = :here AND gone.contact_id = :one AND kept.contact_id = :other
  AND kept.report_id = gone.report_id AND kept.channel = gone.channel
""")
_HANDED_OVER = text("""
UPDATE follower AS gone SET contact_id = :other, version = version + 1
WHERE gone.jurisdiction_id = :here AND gone.contact_id = :one AND NOT EXISTS (
    SELECT 1 FROM follower AS kept WHERE kept.contact_id = :other
    AND kept.report_id = gone.report_id AND kept.channel = gone.channel)
""")


def thing(report: Report, category: Category, *, author: bool) -> Thing:
    """A report as the list of somebody who follows it names it."""
    where = report.address if author else report.public_address
    path: str | None = f"/r/{report.reference}"
    if author:
        path = f"/r/{report.reference}?key={keys.author_key(report.id)}"
    elif report.private:
        path = None
    return Thing(sentences.what(category.names, where), path, report.status)


REPORTS = Reports()


def follow(report: Report, found: Details, *, by: Actor, channel: str = MAIL) -> bool:
    """Ask for news of a report by mail or SMS; the address or number is asked once whether it is theirs.

    Whoever had enough of a report is asked again: a stranger may have typed the address. Returns whether a
    question is owed; the answer to the person is the same whether the address follows already or not.
    Raises FieldError naming email or phone.
    """
    if channel == MAIL and not found.email:
        raise FieldError("email", _("This field is required."))
    if channel == SMS:
        # Alone: by an address typed beside it, it could be somebody else's.
        found = Details(phone=contacts.mobile(found.phone), locale=found.locale)
    else:
        found = replace(found, phone="")
    # A report may be read where it is looked after: who follows it is known where it lies, and hears from there.
    with acting_for(towns.get(report.jurisdiction_id)):
        return REPORTS.ask(add(report, contacts.keep(found), channel=channel, locale=found.locale), by=by)


def ask_number(contact_id: int, follower_id: int, *, locale: str) -> bool:
    """Ask the number to which the news of a new report shall go whether it is its author's: nothing else reaches it
    before. Asked once a day, however many reports name it: its yes holds for all of them. Its contact's row is
    locked (see core.contacts.keep_given)."""
    return addresses.asked_of(
        contact_id,
        "report.confirm",
        SMS,
        source=f"follower:{follower_id}:1:{utcnow():%Y%m%d}",
        locale=locale,
        facts={"follower": follower_id},
        most=1,
    )


def add(report: Report, contact_id: int, *, channel: str, locale: str) -> Follower:
    """The following of that report by that contact over that channel: the one there is, or a new one that
    waits for its confirmation. In the language asked for last, unless it is somebody's already."""
    ask(
        insert(F)
        .values(
            jurisdiction_id=report.jurisdiction_id,
            report_id=report.id,
            contact_id=contact_id,
            channel=channel,
            locale=locale,
        )
        .on_conflict_do_nothing()
    )
    row = db.session.scalars(
        select(Follower).where(
            Follower.report_id == report.id,
            Follower.contact_id == contact_id,
            Follower.channel == channel,
        )
    ).one()
    if row.confirmed_at is None:
        row.locale = locale
    return row


def confirm(follower: Follower) -> None:
    """The address answered: its owner gets the news from now on, and is not asked again for other reports."""
    REPORTS.confirm(follower)


def stop(follower: Follower) -> None:
    """No more news of that report to that address."""
    REPORTS.stop(follower)


def confirmation_key(follower_id: int) -> str:
    """The signed part of the confirmation link of a follower, as it stands now."""
    version = db.session.scalar(select(Follower.version).where(Follower.id == follower_id))
    return keys.confirm_word("report", follower_id, version or 0)


def stop_key(follower_id: int) -> str:
    """The signed part of a link to stop following a report."""
    return keys.stop_word("report", follower_id)


def of_confirmation(kind: str, number: int, version: int | None) -> Follower:
    """The following that a link to confirm was made for. Raises Refused when it has changed since (the link
    works once), Missing when it is gone. A `version` of None is a link from before there were any."""
    found = kind_of(kind).find(number)
    if found is None:
        raise Missing(_("You no longer follow this."))
    standing = found.confirmed_at is not None and found.stopped_at is None
    used = found.version != version if version is not None else found.stopped_at is not None
    if used and not standing:
        raise Refused(
            _("This link is no longer valid. Ask for updates again on the report’s page."), code="bad_link"
        )
    return found


def told_by(report_id: int) -> list[tuple[str, bool]]:
    """By which channels the author of a report is told of it, and whether that address is known to fail.

    One statement.
    """
    c = Contact.__table__.c
    rows = ask(
        select(F.c.channel, c.email_failed_at, c.phone_failed_at)
        .join(Contact.__table__, c.id == F.c.contact_id)
        .join(Report.__table__, Report.id == F.c.report_id)
        .where(F.c.report_id == report_id, Report.visible_to(current_id()),
               F.c.author, F.c.confirmed_at.is_not(None), F.c.stopped_at.is_(None))
        .order_by(F.c.channel)
    )
    failing = {MAIL: "email_failed_at", SMS: "phone_failed_at"}
    return [
        (row.channel, row.channel in failing and getattr(row, failing[row.channel]) is not None) for row in rows
    ]


def author_is_told(report_id: int) -> bool:
    """Whether the author of a report left an address that works and still wants its news. One statement."""
    return any(not fails for _channel, fails in told_by(report_id))


def followers(report_id: int) -> int:
    """How many follow a report, its author included: each once, however many channels."""
    return ask(
        select(func.count(F.c.contact_id.distinct()))
        .join(Report.__table__, Report.id == F.c.report_id)
        .where(
            F.c.report_id == report_id, Report.visible_to(current_id()),
            F.c.confirmed_at.is_not(None), F.c.stopped_at.is_(None),
        )
    ).scalar_one()


def init_app(app: Flask) -> None:
    """Make reports a kind of thing that can be followed."""
    register(REPORTS)

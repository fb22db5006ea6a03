"""Following a report: who wants its news, by which channel, and how many they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from core.channel_names import MAIL, SMS
from core.database import db, execute_unscoped, utcnow
from core.database.scope import current_jurisdiction_id, serving
from core.errors import FieldError, NotFound, Refused
from core.i18n import gettext as _
from core.i18n import lazy_gettext
from core.identity import contacts, jurisdictions
from core.identity.actor import Actor
from core.identity.contacts import ContactDetails
from core.identity.models import Contact
from reporter import sentences
from reporter.categories.models import Category
from reporter.reports.models import Report
from reporter.subscriptions import confirmation, links
from reporter.subscriptions.kinds import Subject, SubscriptionKind, kind_of, register
from reporter.subscriptions.models import ReportSubscription

S = ReportSubscription.__table__
#: What waits for its confirmation longer than the link to confirm is good is forgotten.
PENDING = timedelta(days=links.CONFIRM_DAYS)


class ReportSubscriptions(SubscriptionKind):
    """Reports that people follow: their own, a neighbour's."""

    name = "report"
    model = ReportSubscription
    heading = lazy_gettext("The reports you follow")
    confirm_question = lazy_gettext("Do you want updates on this report?")
    stop_question = lazy_gettext("Stop updates on this report?")
    stopped_sentence = lazy_gettext("You will not get any more updates on this report.")
    confirmed_sentence = lazy_gettext("Thank you. We will tell you what happens next.")
    asked = lazy_gettext(
        "We will tell you about every change: the date of the work, when it is finished, or why there will be none."
    )

    def things(self, rows: Sequence[ReportSubscription]) -> dict[int, Subject]:
        """Each report in words; whoever sent it comes to its page as its author."""
        wanted = {row.report_id for row in rows}
        found = {
            report.id: (report, category)
            for report, category in db.session.execute(
                select(Report, Category).join(Category, Category.id == Report.category_id).where(Report.id.in_(wanted))
            )
        }
        things = {}
        for row in rows:
            if row.report_id in found:
                report, category = found[row.report_id]
                things[row.id] = subject_of(report, category, author=row.author)
        return things

    def untyped(self, row: ReportSubscription) -> str:
        """The category and the reference."""
        names, reference = db.session.execute(
            select(Category.names, Report.reference)
            .join(Category, Category.id == Report.category_id)
            .where(Report.id == row.report_id)
        ).one()
        return sentences.subject_words(names, reference)

    def confirm(self, row: ReportSubscription) -> None:
        """The same; and whoever has answered once is not asked for the other reports that wait for it."""
        super().confirm(row)
        execute_unscoped(
            update(S)
            .where(
                S.c.jurisdiction_id == row.jurisdiction_id,
                S.c.contact_id == row.contact_id,
                S.c.channel == row.channel,
                S.c.confirmed_at.is_(None),
                S.c.stopped_at.is_(None),
                S.c.created_at > utcnow() - PENDING,
            )
            .values(confirmed_at=utcnow(), version=S.c.version + 1)
        )

    def existing_over(self, row: ReportSubscription, channel: str) -> ReportSubscription | None:
        """A contact follows a report once a channel."""
        return db.session.scalar(
            select(ReportSubscription).where(
                ReportSubscription.report_id == row.report_id,
                ReportSubscription.contact_id == row.contact_id,
                ReportSubscription.channel == channel,
            )
        )

    def change(self, row: ReportSubscription, channel: str, locale: str) -> None:
        """The same, and whoever sent it stays its author."""
        existing_over = self.existing_over(row, channel)
        if existing_over is not None and row.author:
            existing_over.author = True
        super().change(row, channel, locale)

    def transfer(self, contact_ids: Sequence[int], to: int) -> None:
        """The same; what both follow, one of them follows once, and as its author if either is."""
        for one in contact_ids:
            given = {"jurisdiction": current_jurisdiction_id(), "one": one, "other": to}
            self._change(_MADE_ONE.bindparams(**given))
            self._change(_TRANSFERRED.bindparams(**given))


#: What the one follows and the other does too: told unless both have had enough.
_MADE_ONE = text("""
UPDATE report_subscription AS kept
SET author = kept.author OR gone.author, confirmed_at = coalesce(kept.confirmed_at, gone.confirmed_at),
    stopped_at = CASE WHEN gone.confirmed_at IS NOT NULL AND gone.stopped_at IS NULL THEN NULL
                      ELSE kept.stopped_at END,
    version = kept.version + 1
FROM report_subscription AS gone
WHERE gone.jurisdiction_id = :jurisdiction AND gone.contact_id = :one AND kept.contact_id = :other
  AND kept.report_id = gone.report_id AND kept.channel = gone.channel
""")
_TRANSFERRED = text("""
UPDATE report_subscription AS gone SET contact_id = :other, version = version + 1
WHERE gone.jurisdiction_id = :jurisdiction AND gone.contact_id = :one AND NOT EXISTS (
    SELECT 1 FROM report_subscription AS kept WHERE kept.contact_id = :other
    AND kept.report_id = gone.report_id AND kept.channel = gone.channel)
""")


def subject_of(report: Report, category: Category, *, author: bool) -> Subject:
    """A report as the list of somebody who follows it names it."""
    where = report.address if author else report.public_address
    path: str | None = f"/r/{report.reference}"
    if author:
        path = f"/r/{report.reference}?key={links.author_key(report.id)}"
    elif report.private:
        path = None
    return Subject(sentences.subject_words(category.names, where), path, report.status)


REPORTS = ReportSubscriptions()


def subscribe(report: Report, found: ContactDetails, *, by: Actor, channel: str = MAIL) -> bool:
    """Ask for news of a report by mail or SMS; the address or number is asked once whether it is theirs.

    Whoever had enough of a report is asked again: a stranger may have typed the address. Returns whether a
    question is owed; the answer to the person is the same whether the address follows already or not.
    Raises FieldError naming email or phone.
    """
    if channel == MAIL and not found.email:
        raise FieldError("email", _("This field is required."))
    if channel == SMS:
        # Alone: by an address typed beside it, it could be somebody else's.
        found = ContactDetails(phone=contacts.parse_mobile(found.phone), locale=found.locale)
    else:
        found = replace(found, phone="")
    # A report may be read where it is looked after: who follows it is known where it lies, and hears from there.
    with serving(jurisdictions.get(report.jurisdiction_id)):
        return REPORTS.ask(
            find_or_add(report, contacts.find_or_create_contact(found), channel=channel, locale=found.locale), by=by
        )


def ask_number(contact_id: int, subscription_id: int, *, locale: str) -> bool:
    """Ask the number to which the news of a new report shall go whether it is its author's: nothing else reaches it
    before. Asked once a day, however many reports name it: its yes holds for all of them. Its contact's row is
    locked (see core.identity.contacts.keep_given)."""
    return confirmation.asked_of(
        contact_id,
        "report.confirm",
        SMS,
        source=f"follower:{subscription_id}:1:{utcnow():%Y%m%d}",
        locale=locale,
        facts={"follower": subscription_id},
        most=1,
    )


def find_or_add(report: Report, contact_id: int, *, channel: str, locale: str) -> ReportSubscription:
    """The following of that report by that contact over that channel: the one there is, or a new one that
    waits for its confirmation. In the language asked for last, unless it is somebody's already."""
    execute_unscoped(
        insert(S)
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
        select(ReportSubscription).where(
            ReportSubscription.report_id == report.id,
            ReportSubscription.contact_id == contact_id,
            ReportSubscription.channel == channel,
        )
    ).one()
    if row.confirmed_at is None:
        row.locale = locale
    return row


def confirm(subscription: ReportSubscription) -> None:
    """The address answered: its owner gets the news from now on, and is not asked again for other reports."""
    REPORTS.confirm(subscription)


def stop(subscription: ReportSubscription) -> None:
    """No more news of that report to that address."""
    REPORTS.stop(subscription)


def confirmation_key(subscription_id: int) -> str:
    """The signed part of the confirmation link of a follower, as it stands now."""
    version = db.session.scalar(select(ReportSubscription.version).where(ReportSubscription.id == subscription_id))
    return links.confirm_word("report", subscription_id, version or 0)


def stop_key(subscription_id: int) -> str:
    """The signed part of a link to stop following a report."""
    return links.stop_word("report", subscription_id)


def of_confirmation(kind: str, number: int, version: int | None) -> ReportSubscription:
    """The following that a link to confirm was made for. Raises Refused when it has changed since (the link
    works once), NotFound when it is gone. A `version` of None is a link from before there were any."""
    found = kind_of(kind).find(number)
    if found is None:
        raise NotFound(_("You no longer follow this."))
    standing = found.confirmed_at is not None and found.stopped_at is None
    used = found.version != version if version is not None else found.stopped_at is not None
    if used and not standing:
        raise Refused(_("This link is no longer valid. Ask for updates again on the report’s page."), code="bad_link")
    return found


def author_channels(report_id: int) -> list[tuple[str, bool]]:
    """By which channels the author of a report is told of it, and whether that address is known to fail.

    One statement.
    """
    c = Contact.__table__.c
    rows = execute_unscoped(
        select(S.c.channel, c.email_failed_at, c.phone_failed_at)
        .join(Contact.__table__, c.id == S.c.contact_id)
        .join(Report.__table__, Report.id == S.c.report_id)
        .where(
            S.c.report_id == report_id,
            Report.visible_to(current_jurisdiction_id()),
            S.c.author,
            S.c.confirmed_at.is_not(None),
            S.c.stopped_at.is_(None),
        )
        .order_by(S.c.channel)
    )
    failing = {MAIL: "email_failed_at", SMS: "phone_failed_at"}
    return [(row.channel, row.channel in failing and getattr(row, failing[row.channel]) is not None) for row in rows]


def author_is_told(report_id: int) -> bool:
    """Whether the author of a report left an address that works and still wants its news. One statement."""
    return any(not fails for _channel, fails in author_channels(report_id))


def count_subscribers(report_id: int) -> int:
    """How many follow a report, its author included: each once, however many channels."""
    return execute_unscoped(
        select(func.count(S.c.contact_id.distinct()))
        .join(Report.__table__, Report.id == S.c.report_id)
        .where(
            S.c.report_id == report_id,
            Report.visible_to(current_jurisdiction_id()),
            S.c.confirmed_at.is_not(None),
            S.c.stopped_at.is_(None),
        )
    ).scalar_one()


def init_app(app: Flask) -> None:
    """Make reports a kind of thing that can be followed."""
    register(REPORTS)

"""What the followers of an area read: the question whether they want it, what happens there, and notices."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import Select, and_, any_, func, literal, or_, select

from core.database import db
from core.i18n import gettext as _
from core.i18n import lazy_gettext, locale_code
from core.identity.models import Sector
from core.notifications.outbox import policy
from core.notifications.outbox.models import SENT, Message
from core.notifications.outbox.renderers import Mail, mail_from_templates, register_renderer
from core.text import localized
from core.times import moment_words
from core.web import urls
from reporter import sentences
from reporter.categories.models import Category
from reporter.notices import verbs
from reporter.notices.models import Notice
from reporter.reports.models import Report, ReportEvent, ReportSector
from reporter.statuses import OPEN
from reporter.subscriptions import areas, street_names
from reporter.subscriptions import links as subscription_links
from reporter.subscriptions.mails import confirmation
from reporter.subscriptions.models import AreaSubscription, ReportSubscription

#: Degrees that hold the 50 m that a line reaches to both sides (see telling.BESIDE_A_LINE), up to 60° of latitude.
BESIDE = 0.001


def confirm_mail(message: Message) -> Mail | None:
    """Whether this address, or number, really wants the news of an area."""
    return confirmation(message, areas.AREAS)


def report_mail(message: Message) -> Mail | None:
    """A public report where somebody follows the area, or its end. Nothing any more where it is not public."""
    event = db.session.get_one(ReportEvent, message.facts["event"])
    report = db.session.get_one(Report, event.report_id)
    subscription = _through(message, report)
    if report.private or subscription is None:
        return None
    category = db.session.get_one(Category, report.category_id)
    thing = sentences.subject_words(category.names, report.public_address)
    if event.kind == "resolved":
        subject = _("Repaired near you: %(thing)s", thing=thing)
        opening = _("Work has been completed in an area you follow.")
    else:
        subject = _("Reported near you: %(thing)s", thing=thing)
        opening = _("Someone has reported this in an area you follow. You do not need to report it again.")
    return mail_from_templates(
        "area",
        subject,
        brief=subject,
        opening=opening,
        area=areas.area_words(subscription),
        place=report.public_address,
        date=moment_words(event.occurred_at),
        reference=report.reference,
        page=urls.absolute_url(f"/r/{report.reference}"),
        thread=f"report:{report.id}",
        change=urls.absolute_url(f"/around/change/{areas.change_word(subscription)}"),
        unsubscribe=_stop(subscription),
    )


def _stop(subscription: AreaSubscription) -> str:
    return subscription_links.stop_link(areas.AREAS.name, subscription.id)


def _followed(message: Message) -> Select[AreaSubscription]:
    a = AreaSubscription
    return (
        select(a)
        .where(
            a.contact_id == message.contact_id,
            a.channel == message.channel,
            a.confirmed_at.is_not(None),
            a.stopped_at.is_(None),
        )
        .order_by(a.id)
        .limit(1)
    )


def _through(message: Message, report: Report) -> AreaSubscription | None:
    """By which area this contact hears of the report; None where it follows none any more that holds it."""
    a = AreaSubscription
    sectors = select(ReportSector.sector_id).where(ReportSector.report_id == report.id)
    return db.session.scalar(
        _followed(message).where(
            or_(func.cardinality(a.categories) == 0, literal(report.category_id) == any_(a.categories)),
            or_(
                func.ST_Intersects(a.circle, report.location),
                a.sector_id.in_(sectors),
                a.street.in_(street_names.street_names_in(report.address)),
            ),
        )
    )


def published_mail(message: Message) -> Mail | None:
    """A notice, to somebody whom it concerns; nothing once it is withdrawn or over."""
    notice = _notice(message)
    if not verbs.is_current(notice):
        return None
    title = verbs.notice_title(notice)
    return _notice_mail(message, notice, _("%(kind)s: %(title)s", kind=verbs.kind_word(notice.kind), title=title), "")


def changed_mail(message: Message) -> Mail | None:
    """What has changed in a notice, to those who were told of it and those whom it concerns now."""
    notice = _notice(message)
    if not verbs.is_current(notice):
        return None
    return _notice_mail(
        message,
        notice,
        _("Updated: %(title)s", title=verbs.notice_title(notice)),
        localized(notice.changes, locale_code()),
    )


def withdrawn_mail(message: Message) -> Mail | None:
    """That a notice holds no longer, and why: to those to whom it was really sent."""
    notice = _notice(message)
    if notice.withdrawn_at is None or not _was_sent(message, notice):
        return None
    return _notice_mail(
        message,
        notice,
        _("Withdrawn: %(title)s", title=verbs.notice_title(notice)),
        localized(notice.reasons, locale_code()),
    )


def _notice(message: Message) -> Notice:
    return db.session.get_one(Notice, message.facts["notice"])


def _was_sent(message: Message, notice: Notice) -> bool:
    """Messages to one recipient leave in their order: by now the earlier ones have left or were dropped."""
    return (
        db.session.scalar(
            select(Message.id)
            .where(
                Message.recipient == message.recipient,
                Message.channel == message.channel,
                Message.status == SENT,
                Message.kind.in_(("notice.published", "notice.alert", "notice.changed")),
                Message.facts["notice"].as_integer() == notice.id,
            )
            .limit(1)
        )
        is not None
    )


def _notice_mail(message: Message, notice: Notice, subject: str, news: str) -> Mail | None:
    """A notice's message, with the way to stop what it came by; None for who follows nothing there any more."""
    area, report = _area(message, notice), _report(message, notice)
    if area is not None:
        unsubscribe, why = _stop(area), areas.area_words(area)
    elif report is not None:
        unsubscribe, why = subscription_links.stop_link("report", report.id), ""
    else:
        return None
    return mail_from_templates(
        "notice",
        subject,
        brief=subject,
        news=news,
        kind=verbs.kind_word(notice.kind),
        title=verbs.notice_title(notice),
        said=localized(notice.texts, locale_code()),
        place=notice.place,
        dates=verbs.dated(notice),
        withdrawn=notice.withdrawn_at is not None,
        area=why,
        change=urls.absolute_url(f"/around/change/{areas.change_word(area)}") if area else None,
        page=urls.absolute_url(f"/notices/{notice.id}" if notice.withdrawn_at is None else "/notices"),
        thread=f"notice:{notice.id}",
        unsubscribe=unsubscribe,
    )


def _area(message: Message, notice: Notice) -> AreaSubscription | None:
    """An area by which this contact hears of the notice: one that meets it, else any; None without one."""
    a, s = AreaSubscription, Sector
    districts = select(s.id).where(func.ST_Relate(s.boundary, notice.shape, "T********"))
    meets = or_(
        func.ST_Intersects(a.circle, func.ST_Expand(notice.shape, BESIDE)),
        a.sector_id.in_(districts),
        a.street.in_(street_names.street_names_in(notice.place)),
    )
    return db.session.scalar(_followed(message).order_by(None).order_by(func.coalesce(meets, False).desc(), a.id))


def _report(message: Message, notice: Notice) -> ReportSubscription | None:
    """An open report near the notice that this contact follows, by the same channel."""
    reach = func.ST_Expand(func.ST_Envelope(notice.shape), BESIDE)
    return db.session.scalar(
        select(ReportSubscription)
        .join(Report, and_(Report.id == ReportSubscription.report_id, Report.status.in_(OPEN)))
        .where(
            ReportSubscription.contact_id == message.contact_id,
            ReportSubscription.channel == message.channel,
            ReportSubscription.confirmed_at.is_not(None),
            ReportSubscription.stopped_at.is_(None),
            func.ST_Intersects(Report.location, reach),
        )
        .order_by(ReportSubscription.id)
        .limit(1)
    )


def init_app(app: Flask) -> None:
    """Register what tells of areas and notices, and how it is delivered."""
    policy.register(policy.ASKED_FOR, "area.confirm")
    policy.register(policy.NEWS, "around.received", "around.resolved")
    policy.register(policy.NEWS_AT_ONCE, "notice.published", "notice.changed", "notice.withdrawn")
    policy.register(policy.ALERT, "notice.alert")
    register_renderer(confirm_mail, "area.confirm", words=lazy_gettext("Area to confirm"))
    register_renderer(report_mail, "around.received", "around.resolved", words=lazy_gettext("Updates on an area"))
    register_renderer(published_mail, "notice.published", words=lazy_gettext("Notice"))
    register_renderer(published_mail, "notice.alert", words=lazy_gettext("Alert"))
    register_renderer(changed_mail, "notice.changed", words=lazy_gettext("Updated notice"))
    register_renderer(withdrawn_mail, "notice.withdrawn", words=lazy_gettext("Withdrawn notice"))

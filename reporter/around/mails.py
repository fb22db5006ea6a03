"""What the followers of an area read: the question whether they want it, what happens there, and notices."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import Select, and_, any_, func, literal, or_, select

from core import links
from core.database import db
from core.i18n import gettext as _
from core.i18n import lazy_gettext, locale_code
from core.identity.models import Sector
from core.outbox import policy
from core.outbox.kinds import Mail, letter, register_renderer
from core.outbox.models import SENT, Message
from core.text import localized
from core.times import when
from reporter import sentences
from reporter.around import areas, notices, streets
from reporter.around.models import AreaFollower, Notice
from reporter.following import keys
from reporter.following.mails import confirmation
from reporter.models import Category, Follower, Report, ReportEvent, ReportSector
from reporter.status import OPEN

#: Degrees that hold the 50 m that a line reaches to both sides (see telling.BESIDE_A_LINE), up to 60° of latitude.
BESIDE = 0.001


def confirm(message: Message) -> Mail | None:
    """Whether this address, or number, really wants the news of an area."""
    return confirmation(message, areas.AREAS)


def happened(message: Message) -> Mail | None:
    """A public report where somebody follows the area, or its end. Nothing any more where it is not public."""
    event = db.session.get_one(ReportEvent, message.facts["event"])
    report = db.session.get_one(Report, event.report_id)
    follower = _through(message, report)
    if report.private or follower is None:
        return None
    category = db.session.get_one(Category, report.category_id)
    thing = sentences.what(category.names, report.public_address)
    if event.kind == "resolved":
        subject = _("Repaired near you: %(thing)s", thing=thing)
        opening = _("Work has been completed in an area you follow.")
    else:
        subject = _("Reported near you: %(thing)s", thing=thing)
        opening = _("Someone has reported this in an area you follow. You do not need to report it again.")
    return letter(
        "around", subject, brief=subject, opening=opening, area=areas.said(follower),
        place=report.public_address, date=when(event.occurred_at), reference=report.reference,
        page=links.absolute(f"/r/{report.reference}"), thread=f"report:{report.id}",
        change=links.absolute(f"/around/change/{areas.change_word(follower)}"), unsubscribe=_stop(follower))


def _stop(follower: AreaFollower) -> str:
    return keys.stop_link(areas.AREAS.name, follower.id)


def _followed(message: Message) -> Select[AreaFollower]:
    a = AreaFollower
    return select(a).where(a.contact_id == message.contact_id, a.channel == message.channel,
                           a.confirmed_at.is_not(None), a.stopped_at.is_(None)).order_by(a.id).limit(1)


def _through(message: Message, report: Report) -> AreaFollower | None:
    """By which area this contact hears of the report; None where it follows none any more that holds it."""
    a = AreaFollower
    sectors = select(ReportSector.sector_id).where(ReportSector.report_id == report.id)
    return db.session.scalar(_followed(message).where(
        or_(func.cardinality(a.categories) == 0, literal(report.category_id) == any_(a.categories)),
        or_(func.ST_Intersects(a.circle, report.location), a.sector_id.in_(sectors),
            a.street.in_(streets.within(report.address)))))


def published(message: Message) -> Mail | None:
    """A notice, to somebody whom it concerns; nothing once it is withdrawn or over."""
    notice = _notice(message)
    if not notices.is_shown(notice):
        return None
    title = notices.title(notice)
    return _letter(message, notice, _("%(kind)s: %(title)s", kind=notices.kind_word(notice.kind), title=title), "")


def changed(message: Message) -> Mail | None:
    """What has changed in a notice, to those who were told of it and those whom it concerns now."""
    notice = _notice(message)
    if not notices.is_shown(notice):
        return None
    return _letter(message, notice, _("Updated: %(title)s", title=notices.title(notice)),
                   localized(notice.changes, locale_code()))


def withdrawn(message: Message) -> Mail | None:
    """That a notice holds no longer, and why: to those to whom it was really sent."""
    notice = _notice(message)
    if notice.withdrawn_at is None or not _was_sent(message, notice):
        return None
    return _letter(message, notice, _("Withdrawn: %(title)s", title=notices.title(notice)),
                   localized(notice.reasons, locale_code()))


def _notice(message: Message) -> Notice:
    return db.session.get_one(Notice, message.facts["notice"])


def _was_sent(message: Message, notice: Notice) -> bool:
    """Messages to one recipient leave in their order: by now the earlier ones have left or were dropped."""
    return db.session.scalar(
        select(Message.id).where(
            Message.recipient == message.recipient, Message.channel == message.channel, Message.status == SENT,
            Message.kind.in_(("notice.published", "notice.alert", "notice.changed")),
            Message.facts["notice"].as_integer() == notice.id).limit(1)) is not None


def _letter(message: Message, notice: Notice, subject: str, news: str) -> Mail | None:
    """A notice's message, with the way to stop what it came by; None for who follows nothing there any more."""
    area, report = _area(message, notice), _report(message, notice)
    if area is not None:
        unsubscribe, why = _stop(area), areas.said(area)
    elif report is not None:
        unsubscribe, why = keys.stop_link("report", report.id), ""
    else:
        return None
    return letter(
        "notice", subject, brief=subject, news=news, kind=notices.kind_word(notice.kind),
        title=notices.title(notice), said=localized(notice.texts, locale_code()), place=notice.place,
        dates=notices.dated(notice), withdrawn=notice.withdrawn_at is not None, area=why,
        change=links.absolute(f"/around/change/{areas.change_word(area)}") if area else None,
        page=links.absolute(f"/notices/{notice.id}" if notice.withdrawn_at is None else "/notices"),
        thread=f"notice:{notice.id}", unsubscribe=unsubscribe)


def _area(message: Message, notice: Notice) -> AreaFollower | None:
    """An area by which this contact hears of the notice: one that meets it, else any; None without one."""
    a, s = AreaFollower, Sector
    districts = select(s.id).where(func.ST_Relate(s.boundary, notice.shape, "T********"))
    meets = or_(func.ST_Intersects(a.circle, func.ST_Expand(notice.shape, BESIDE)), a.sector_id.in_(districts),
                a.street.in_(streets.within(notice.place)))
    return db.session.scalar(_followed(message).order_by(None).order_by(func.coalesce(meets, False).desc(), a.id))


def _report(message: Message, notice: Notice) -> Follower | None:
    """An open report near the notice that this contact follows, by the same channel."""
    reach = func.ST_Expand(func.ST_Envelope(notice.shape), BESIDE)
    return db.session.scalar(
        select(Follower).join(Report, and_(Report.id == Follower.report_id, Report.status.in_(OPEN)))
        .where(Follower.contact_id == message.contact_id, Follower.channel == message.channel,
               Follower.confirmed_at.is_not(None), Follower.stopped_at.is_(None),
               func.ST_Intersects(Report.location, reach))
        .order_by(Follower.id).limit(1))


def init_app(app: Flask) -> None:
    """Register what tells of areas and notices, and how it is delivered."""
    policy.register(policy.ASKED_FOR, "area.confirm")
    policy.register(policy.NEWS, "around.received", "around.resolved")
    policy.register(policy.NEWS_AT_ONCE, "notice.published", "notice.changed", "notice.withdrawn")
    policy.register(policy.ALERT, "notice.alert")
    register_renderer(confirm, "area.confirm", words=lazy_gettext("Area to confirm"))
    register_renderer(happened, "around.received", "around.resolved", words=lazy_gettext("Updates on an area"))
    register_renderer(published, "notice.published", words=lazy_gettext("Notice"))
    register_renderer(published, "notice.alert", words=lazy_gettext("Alert"))
    register_renderer(changed, "notice.changed", words=lazy_gettext("Updated notice"))
    register_renderer(withdrawn, "notice.withdrawn", words=lazy_gettext("Withdrawn notice"))

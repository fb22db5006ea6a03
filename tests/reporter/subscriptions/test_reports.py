"""Following: who hears, what they read, and that enough is enough."""

import pytest
from sqlalchemy import func, select, update

from core.database import db
from core.geo import Place
from core.identity.actor import Actor
from core.identity.contacts import ContactDetails
from core.identity.models import Contact
from core.notifications.outbox import renderers
from core.notifications.outbox.models import Message
from interventions.triage import verbs as triage_verbs
from reporter import subscriptions
from reporter.reports.intake import lock_report
from reporter.reports.models import Report
from reporter.subscriptions.models import ReportSubscription
from tests import factories


@pytest.fixture
def here(acting, jurisdiction):
    """The jurisdiction acting."""
    with acting(jurisdiction):
        yield jurisdiction


def outgoing(message: Message):
    """A message's mail as it leaves, or None."""
    made = renderers.prepare(message)
    return made.outgoing if made else None


def follow(report, email: str) -> bool:
    return subscriptions.subscribe(report, ContactDetails(email=email), by=Actor("web"))


def subscription_of(report, *, author: bool = False) -> ReportSubscription:
    return db.session.scalars(
        select(ReportSubscription).where(ReportSubscription.report_id == report.id, ReportSubscription.author == author)
    ).one()


def newest(kind: str) -> Message:
    return db.session.scalars(select(Message).where(Message.kind == kind).order_by(Message.id.desc())).first()


def test_who_had_enough_is_not_made_to_follow_again_by_a_stranger(here):
    made = factories.report()
    assert follow(made, "voisin@example.org")
    one = subscription_of(made)
    subscriptions.confirm(one)
    subscriptions.stop(one)
    assert follow(made, "voisin@example.org"), "the address is asked, once more"
    assert one.stopped_at is not None and subscriptions.count_subscribers(made.id) == 1
    asked = outgoing(newest("report.confirm"))
    assert asked is not None and asked.to == "voisin@example.org"
    subscriptions.confirm(one)
    assert subscriptions.count_subscribers(made.id) == 2


def test_an_author_who_had_enough_is_asked_too(here):
    made = factories.report(email="auteur@example.org")
    one = subscription_of(made, author=True)
    subscriptions.stop(one)
    follow(made, "auteur@example.org")
    assert not subscriptions.author_is_told(made.id)
    assert outgoing(newest("report.confirm")) is not None


def test_an_address_that_answered_once_is_not_asked_for_another_report(here):
    first, second = factories.report(), factories.report()
    follow(first, "voisin@example.org")
    subscriptions.confirm(subscription_of(first))
    assert not follow(second, "voisin@example.org")
    assert subscriptions.count_subscribers(second.id) == 2


def test_a_neighbour_reads_no_number_that_the_author_wrote_into_the_address(here):
    made = factories.report(email="auteur@example.org", address="chez Zoé, 06 12 34 56 78")
    db.session.execute(update(Contact).values(confirmed_at=func.now()))
    follow(made, "voisin@example.org")
    subscriptions.confirm(subscription_of(made))
    by = Actor("desk", factories.user("supervisor").id)
    triage_verbs.reject(lock_report(made.reference), reason="Appelez le 04 67 00 00 00 pour en savoir plus", by=by)
    said = {}
    for message in db.session.scalars(select(Message).where(Message.kind == "report.rejected")):
        mail = outgoing(message)
        said[mail.to] = mail.data.decode().replace("=\r\n", "").replace("=\n", "")
    assert "06 12 34 56 78" in said["auteur@example.org"]
    assert "06 12 34 56 78" not in said["voisin@example.org"]
    assert all("04 67 00 00 00" in mail for mail in said.values()), "the town's own words stay whole"


def test_a_report_is_followed_where_it_is_looked_after_and_the_neighbours_photo_is_in_the_mail(here, acting):
    from core.photos.jobs import process_photo
    from core.photos.verbs import accept
    from interventions.work_orders import execution
    from interventions.work_orders import verbs as work_order_verbs

    there = factories.jurisdiction("metropole", centre=Place(4.2, 43.611), host="metropole.example", prefix="ME")
    made = factories.report()
    known, reference = made.id, made.reference
    db.session.execute(update(Report).where(Report.id == known).values(in_charge_id=there.id))
    db.session.commit()
    with acting(there):
        found = lock_report(reference)
        assert follow(found, "voisin@example.org")
        by = Actor("field", factories.user("supervisor").id)
        number = factories.work_order(found).number
        photo = accept(factories.jpeg())
        execution.start(work_order_verbs.lock_work_order(number), by=by)
        execution.finish(work_order_verbs.lock_work_order(number), photos=[str(photo.token)], by=by)
        db.session.commit()
        process_photo(photo.id)
    with acting(here):
        assert outgoing(newest("report.confirm")).to == "voisin@example.org"
        assert b"Content-ID: <repair>" in outgoing(newest("report.resolved")).data

"""Following: who hears, what they read, and that enough is enough."""

import pytest
from sqlalchemy import func, select, update

from core.actor import Actor
from core.contacts import Details
from core.database import db
from core.geo import Place
from core.identity.models import Contact
from core.outbox import kinds
from core.outbox.models import Message
from interventions import triage
from reporter import following
from reporter.intake import lock
from reporter.models import Follower, Report
from tests import factories


@pytest.fixture
def here(acting, town):
    """The town acting."""
    with acting(town):
        yield town


def outgoing(message: Message):
    """A message's mail as it leaves, or None."""
    made = kinds.outgoing(message)
    return made.outgoing if made else None


def follow(report, email: str) -> bool:
    return following.follow(report, Details(email=email), by=Actor("web"))


def follower_of(report, *, author: bool = False) -> Follower:
    return db.session.scalars(
        select(Follower).where(Follower.report_id == report.id, Follower.author == author)
    ).one()


def newest(kind: str) -> Message:
    return db.session.scalars(select(Message).where(Message.kind == kind).order_by(Message.id.desc())).first()


def test_who_had_enough_is_not_made_to_follow_again_by_a_stranger(here):
    made = factories.report()
    assert follow(made, "voisin@example.org")
    one = follower_of(made)
    following.confirm(one)
    following.stop(one)
    assert follow(made, "voisin@example.org"), "the address is asked, once more"
    assert one.stopped_at is not None and following.followers(made.id) == 1
    asked = outgoing(newest("report.confirm"))
    assert asked is not None and asked.to == "voisin@example.org"
    following.confirm(one)
    assert following.followers(made.id) == 2


def test_an_author_who_had_enough_is_asked_too(here):
    made = factories.report(email="auteur@example.org")
    one = follower_of(made, author=True)
    following.stop(one)
    follow(made, "auteur@example.org")
    assert not following.author_is_told(made.id)
    assert outgoing(newest("report.confirm")) is not None


def test_an_address_that_answered_once_is_not_asked_for_another_report(here):
    first, second = factories.report(), factories.report()
    follow(first, "voisin@example.org")
    following.confirm(follower_of(first))
    assert not follow(second, "voisin@example.org")
    assert following.followers(second.id) == 2


def test_a_neighbour_reads_no_number_that_the_author_wrote_into_the_address(here):
    made = factories.report(email="auteur@example.org", address="chez Zoé, 06 12 34 56 78")
    db.session.execute(update(Contact).values(confirmed_at=func.now()))
    follow(made, "voisin@example.org")
    following.confirm(follower_of(made))
    by = Actor("desk", factories.user("supervisor").id)
    triage.reject(lock(made.reference), reason="Appelez le 04 67 00 00 00 pour en savoir plus", by=by)
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
    from interventions import street, work

    there = factories.town("metropole", centre=Place(4.2, 43.611), host="metropole.example", prefix="ME")
    made = factories.report()
    known, reference = made.id, made.reference
    db.session.execute(update(Report).where(Report.id == known).values(in_charge_id=there.id))
    db.session.commit()
    with acting(there):
        found = lock(reference)
        assert follow(found, "voisin@example.org")
        by = Actor("field", factories.user("supervisor").id)
        number = factories.work_order(found).number
        street.start(work.lock(number), by=by)
        photo = accept(factories.jpeg())
        street.finish(work.lock(number), photos=[str(photo.token)], by=by)
        db.session.commit()
        process_photo(photo.id)
    with acting(here):
        assert outgoing(newest("report.confirm")).to == "voisin@example.org"
        assert b"Content-ID: <repair>" in outgoing(newest("report.resolved")).data

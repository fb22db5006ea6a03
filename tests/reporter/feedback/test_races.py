"""Several people at the same moment, on connections of their own: everything here is committed for real."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from core.database import db, utcnow
from core.database.scope import serving
from core.identity import jurisdictions
from core.identity.actor import Actor
from interventions.triage import verbs as triage_verbs
from interventions.work_orders import execution
from reporter import subscriptions
from reporter.feedback import links as feedback_links
from reporter.feedback.models import Comment, MeToo, RepairAnswer
from reporter.reports import intake as report_intake
from reporter.reports.models import Report, ReportEvent
from reporter.subscriptions.models import ReportSubscription
from tests import factories
from tests.api.conftest import apart  # noqa: F401 - an application on a database of its own
from tests.api.test_races import together


@pytest.fixture
def there(apart):  # noqa: F811
    """The jurisdiction apart, acting."""
    jurisdictions.drop_cache()
    with apart.app_context(), serving(jurisdictions.by_slug("villeclaire")):
        yield apart
    jurisdictions.drop_cache()


def resolved(subscribers: int = 1) -> tuple[str, int, list[str]]:
    """Reference and id of a report whose work is done, and the key of each follower's link."""
    from core.identity import contacts

    made = factories.report(email=None)
    order = factories.work_order(report_intake.lock_report(made.reference))
    by = Actor("desk", factories.user("supervisor").id)
    execution.start(order, by=by)
    execution.finish(order, by=by)
    db.session.commit()
    event = db.session.scalar(
        select(ReportEvent.id).where(ReportEvent.report_id == made.id, ReportEvent.kind == "resolved")
    )
    keys = []
    for number in range(subscribers):
        contact = contacts.find_or_create_contact(contacts.ContactDetails(email=f"v{number}-{made.id}@example.org"))
        subscription = ReportSubscription(
            jurisdiction_id=made.jurisdiction_id, report_id=made.id, contact_id=contact, confirmed_at=utcnow()
        )
        db.session.add(subscription)
        db.session.flush()
        keys.append(feedback_links.link_key(subscription.id, event, days=15))
    db.session.commit()
    return made.reference, made.id, keys


def count(model, *where) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model).where(*where))


def kinds(report_id: int) -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(ReportEvent.kind).where(ReportEvent.report_id == report_id)))


def test_the_same_no_sent_four_times_is_one(there):
    reference, report_id, (key,) = resolved()
    sent = {"data": {"key": key, "text": "Toujours là"}}
    answers = together(*[lambda: there.test_client().post(f"/r/{reference}/repaired/no", **sent)] * 4)
    assert [one.status_code for one in answers] == [303] * 4
    assert count(RepairAnswer, RepairAnswer.report_id == report_id) == 1
    assert kinds(report_id).count("reopened") == kinds(report_id).count("contested") == 1


def test_three_who_say_no_and_one_who_says_yes(there):
    reference, report_id, keys = resolved(4)
    posts = [
        lambda key=key: there.test_client().post(f"/r/{reference}/repaired/no", data={"key": key, "text": "Non"})
        for key in keys[:3]
    ]
    posts.append(lambda: there.test_client().post(f"/r/{reference}/repaired/yes", data={"key": keys[3]}))
    answers = together(*posts)
    assert [one.status_code for one in answers[:3]] == [303] * 3 and answers[3].status_code in (303, 409)
    found = kinds(report_id)
    assert found.count("reopened") == 1 and found.count("contested") == 3
    db.session.rollback()
    assert db.session.scalar(select(Report.status).where(Report.id == report_id)) == "acknowledged"


def test_no_and_a_joining_at_once_lose_nothing(there):
    reference, report_id, (key,) = resolved()
    other = factories.report(email=None).reference
    user_id = factories.user("supervisor").id
    db.session.commit()

    def join():
        with there.app_context(), serving(jurisdictions.by_slug("villeclaire")):
            by = Actor("desk", user_id)
            report, _other = triage_verbs.lock_two(reference, other)
            if report.status == "resolved":
                triage_verbs.reopen(report, by=by)
            triage_verbs.merge(reference, other, by=by)
            db.session.commit()

    answer, _joined = together(
        lambda: there.test_client().post(f"/r/{reference}/repaired/no", data={"key": key, "text": "Non"}), join
    )
    assert answer.status_code in (303, 409)
    db.session.rollback()
    assert db.session.scalar(select(Report.status).where(Report.id == report_id)) == "merged"
    assert (kinds(report_id).count("contested") == 1) == (answer.status_code == 303)


def test_an_answer_sent_twice_at_once_is_one(there):
    made = factories.report(email=None)
    triage_verbs.ask(
        report_intake.lock_report(made.reference), text="Où ?", by=Actor("desk", factories.user("supervisor").id)
    )
    db.session.commit()
    key = subscriptions.author_key(made.id)
    reference, report_id = made.reference, made.id

    def answer():
        browser = there.test_client()
        browser.get(f"/r/{reference}?key={key}")
        return browser.post(f"/r/{reference}/answer", data={"text": "Là"})

    assert [one.status_code for one in together(*[answer] * 3)] == [303] * 3
    assert kinds(report_id).count("answered") == 1


def test_a_comment_sent_twice_at_once_is_one_and_me_too_counts_once(there):
    made = factories.report(email=None)
    db.session.commit()
    reference, report_id = made.reference, made.id
    post = lambda: there.test_client().post(f"/r/{reference}/comment", data={"text": "Pareil"})  # noqa: E731
    assert [one.status_code for one in together(*[post] * 4)] == [303] * 4
    assert count(Comment, Comment.report_id == report_id) == 1

    def me_too():
        browser = there.test_client()
        browser.set_cookie("neighbour", "the-same-browser")
        return browser.post(f"/r/{reference}/me-too")

    assert [one.status_code for one in together(*[me_too] * 4)] == [303] * 4
    assert count(MeToo, MeToo.report_id == report_id) == 1

"""By what channel a report came in through the form."""

from sqlalchemy import select

from core.database import db
from reporter.reports.models import Report, ReportEvent


def sent(browser) -> None:
    answer = browser.post(
        "/report/new", data={"category": "nid-de-poule", "lat": "43.6115", "lon": "3.8775", "description": "Un trou"}
    )
    assert answer.status_code == 303, answer.get_data(as_text=True)[:500]


def test_a_resident_an_agent_and_the_desk_come_by_their_own_channels(client, signed_in, acting, jurisdiction):
    for browser in (client, signed_in("agent"), signed_in("reception")):
        with acting(jurisdiction):
            # Nothing nearby to be asked about.
            db.session.execute(Report.__table__.update().values(status="resolved"))
            db.session.commit()
        sent(browser)
    with acting(jurisdiction):
        assert db.session.scalars(select(Report.channel).order_by(Report.id)).all() == ["web", "field", "desk"]
        users = db.session.scalars(
            select(ReportEvent.user_id).where(ReportEvent.kind == "received").order_by(ReportEvent.id)
        ).all()
        assert users[0] is None and None not in users[1:]

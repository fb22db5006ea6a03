"""What residents will read is seen before a decision is made, word for word; seeing it changes nothing."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.database import db, utcnow
from core.database.scope import serving
from core.i18n import speaking
from core.identity import jurisdictions
from core.identity.actor import Actor
from core.notifications.outbox.models import Message
from core.notifications.outbox.renderers import rendered_mail
from interventions.planning import verbs as planning_verbs
from interventions.work_orders import execution
from interventions.work_orders import verbs as work_order_verbs
from reporter.reports.intake import lock_report
from reporter.reports.models import Report, ReportEvent
from tests import factories

PART = {"HX-Request": "true", "HX-Target": "reads-x"}


@pytest.fixture
def desk(signed_in):
    return signed_in("supervisor")


@pytest.fixture
def one(acting, jurisdiction):
    """A report somebody follows: (reference, version)."""
    with acting(jurisdiction):
        made = factories.report(email="ici@example.org")
        return made.reference, made.version


def counted(acting, jurisdiction) -> tuple[int, ...]:
    with acting(jurisdiction):
        return tuple(
            db.session.scalar(select(func.count()).select_from(table)) for table in (Message, ReportEvent, Report)
        )


def letter(page) -> str:
    """The text of the mail that a preview shows."""
    found = re.search(r'<p class="said letter-text">(.*?)</p>', page.get_data(as_text=True), re.S)
    return html.unescape(re.sub("</?strong>", "", found[1])) if found else ""


def sent(acting, jurisdiction, kind: str) -> str:
    """The text of the newest mail owed of that kind, its links as a preview shows them."""
    with acting(jurisdiction):
        message = db.session.scalar(select(Message).where(Message.kind == kind).order_by(Message.id.desc()).limit(1))
        with serving(jurisdictions.by_id(message.jurisdiction_id)), speaking(message.locale):
            text = rendered_mail(message).text
    return re.sub(r"http://localhost/\S*", "LINK", text)


def shown(page) -> str:
    return re.sub(r"http://localhost/\S*", "LINK", letter(page))


@pytest.mark.parametrize(
    "verb, typed, kind",
    [
        ("reject", {"reason": "Terrain privé : <b>voyez</b> le syndic."}, "report.rejected"),
        ("merge", {"reason": "Le même trou", "into": "OTHER"}, "report.merged"),
    ],
)
def test_a_preview_is_word_for_word_what_is_sent(acting, jurisdiction, desk, one, verb, typed, kind):
    reference, version = one
    with acting(jurisdiction):
        other = factories.report(email="voisin@example.org").reference
    typed = {name: other if value == "OTHER" else value for name, value in typed.items()} | {"version": str(version)}
    before = counted(acting, jurisdiction)
    page = desk.post(f"/desk/reports/{reference}/preview/{verb}", data=typed, headers=PART)
    assert page.status_code == 200 and "1 message sera envoyé (1 par e-mail)" in page.get_data(as_text=True)
    assert counted(acting, jurisdiction) == before
    with acting(jurisdiction):
        assert db.session.scalar(select(Report).where(Report.reference == reference)).status == "received"
    desk.post(f"/desk/reports/{reference}/{verb}", data=typed)
    assert shown(page) and shown(page) == sent(acting, jurisdiction, kind)


def test_without_a_script_it_is_a_page_that_leads_on(acting, jurisdiction, desk, one):
    reference, version = one
    typed = {"version": str(version), "reason": "Terrain privé", "idempotency_key": "abc-reject"}
    page = desk.post(f"/desk/reports/{reference}/preview/reject", data=typed).get_data(as_text=True)
    assert "<!doctype" in page and f'action="/desk/reports/{reference}/reject"' in page
    for name, value in typed.items():
        assert f'name="{name}" value="{value}"' in page
    assert desk.post(f"/desk/reports/{reference}/reject", data=typed).status_code == 303


def test_what_is_missing_or_out_of_date_is_said_instead(acting, jurisdiction, desk, one):
    reference, version = one
    address = f"/desk/reports/{reference}/preview/reject"
    # A panel that has just opened asks at once: what nobody has filled in yet is no error.
    page = desk.post(address, data={"version": str(version), "reason": ""}, headers=PART)
    assert page.status_code == 200 and not letter(page) and "circle-alert" not in page.get_data(as_text=True)
    assert "une fois le formulaire rempli" in page.get_data(as_text=True)
    page = desk.post(address, data={"version": str(version), "reason": "x" * 20_000}, headers=PART)
    assert page.status_code == 200 and not letter(page) and "circle-alert" in page.get_data(as_text=True)
    page = desk.post(address, data={"version": "99", "reason": "x"}, headers=PART)
    assert not letter(page)
    assert desk.post("/desk/reports/VC-AAA-AAA/preview/reject", data={"version": "1"}).status_code == 404


def test_nobody_who_follows_is_said_and_what_is_not_told_too(acting, jurisdiction, desk):
    with acting(jurisdiction):
        made = factories.report(email=None)
        reference, version = made.reference, str(made.version)
    typed = {"version": version, "reason": "Non"}
    page = desk.post(f"/desk/reports/{reference}/preview/reject", data=typed, headers=PART)
    assert "rien ne sera envoyé" in page.get_data(as_text=True) and "Non" in letter(page)
    page = desk.post(f"/desk/reports/{reference}/preview/acknowledge", data={"version": version}, headers=PART)
    assert "Personne" in page.get_data(as_text=True)


def test_a_work_order_s_verbs_show_what_each_of_its_reports_gets(acting, jurisdiction, desk):
    with acting(jurisdiction):
        by = Actor("desk", factories.user("supervisor").id)
        reports = [factories.report(email=f"n{number}@example.org").reference for number in range(3)]
        order = factories.work_order(*(lock_report(one) for one in reports))
        planning_verbs.schedule(
            work_order_verbs.lock_work_order(order.number), start=utcnow() + timedelta(days=2), by=by
        )
        db.session.commit()
        number, version = order.number, work_order_verbs.lock_work_order(order.number).version
    before = counted(acting, jurisdiction)
    page = desk.post(f"/desk/work-orders/{number}/preview/announce", data={"version": version}, headers=PART)
    assert (
        "3 messages seront envoyés (3 par e-mail)" in page.get_data(as_text=True)
        and counted(acting, jurisdiction) == before
    )
    desk.post(f"/desk/work-orders/{number}/announce", data={"version": version})
    assert shown(page).split("Référence")[0] == sent(acting, jurisdiction, "report.planned").split("Référence")[0]
    with acting(jurisdiction):
        execution.start(work_order_verbs.lock_work_order(number), by=by)
        db.session.commit()
        version = work_order_verbs.lock_work_order(number).version
    typed = {"version": version, "comment": "Enrobé à chaud", "minutes": "30"}
    page = desk.post(f"/desk/work-orders/{number}/preview/finish", data=typed, headers=PART)
    assert "Enrobé à chaud" in letter(page) and "réparé" in letter(page)
    with acting(jurisdiction):
        assert work_order_verbs.lock_work_order(number).status == "in_progress"


def test_only_who_may_decide_may_see_it(acting, jurisdiction, one, signed_in, client):
    reference, version = one
    for browser, status in ((client, {302, 401, 403}), (signed_in("agent"), {403})):
        answer = browser.post(f"/desk/reports/{reference}/preview/reject", data={"version": version, "reason": "x"})
        assert answer.status_code in status
    answer = signed_in("reception").post("/desk/work-orders/2026-0001/preview/announce", data={"version": "1"})
    assert answer.status_code == 403


def test_making_work_and_joining_several_are_seen_before_too(acting, jurisdiction, desk):
    with acting(jurisdiction):
        picked = [factories.report(email=f"n{number}@example.org").reference for number in range(3)]
    before = counted(acting, jurisdiction)
    day = (utcnow() + timedelta(days=2)).date().isoformat()
    typed = {"report": picked, "kind": "final", "title": "Reboucher", "day": day, "announce": "1"}
    page = desk.post("/desk/work-orders/preview", data=typed, headers=PART)
    assert "3 messages seront envoyés" in page.get_data(as_text=True) and "passera" in letter(page)
    plain = desk.post("/desk/work-orders/preview", data=typed).get_data(as_text=True)
    assert 'action="/desk/work-orders"' in plain and plain.count('name="report"') == 3
    typed = {"report": picked, "into": picked[0], "reason": "Le même trou"}
    page = desk.post("/desk/reports/merge/preview", data=typed, headers=PART)
    assert "2 messages seront envoyés" in page.get_data(as_text=True) and "Le même trou" in letter(page)
    assert counted(acting, jurisdiction) == before

"""Two jurisdictions with something of everything, and what must not pass from one to the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa
from geoalchemy2.shape import from_shape
from shapely.geometry import MultiPolygon, box

from core.database import Base, db, utcnow
from core.identity.actor import Actor
from core.identity.models import Sector
from core.notifications.webhooks import verbs as webhook_verbs
from core.photos import verbs as photo_verbs
from interventions.planning import verbs as planning_verbs
from reporter import shapes
from reporter.feedback import comments
from reporter.inbound import drafts
from reporter.inbound.mail import intake as mail_intake
from reporter.inbound.models import REPORT
from reporter.messages.wording import verbs as wording_verbs
from reporter.notices import verbs as notice_verbs
from reporter.reports import intake as report_intake
from tests import factories

LINE = {"type": "LineString", "coordinates": [[3.877, 43.611], [3.879, 43.611]]}


def fill(jurisdiction: Any, word: str) -> SimpleNamespace:
    """Something of everything in the acting jurisdiction, with `word` in its texts; what it is asked for by."""
    # What speaks with others comes first: from the first row on, nobody else is spoken with.
    photo = photo_verbs.stored(factories.jpeg(40, 30))
    target = webhook_verbs.look_up(f"http://127.0.0.1:9/{word}")
    by = Actor("desk", factories.user("administrator").id)
    report = factories.report(
        description=f"Un trou {word}", email=f"{word}@example.org", address=f"1 rue {word}", phone="0612345678"
    )
    other = factories.report(description=f"Un autre {word}", email=f"{word}.2@example.org")
    added = comments.add_comment(report_intake.lock_report(other.reference), text=f"Moi aussi, {word}", by=Actor("web"))
    order = factories.work_order(report_intake.lock_report(report.reference), title=f"Reboucher {word}")
    planning_verbs.schedule(order, start=utcnow(), team="voirie", by=by)
    db.session.add(
        Sector(
            jurisdiction_id=jurisdiction.id,
            code=f"only-{jurisdiction.id}",
            names={"fr": word},
            boundary=from_shape(MultiPolygon([box(3.87, 43.61, 3.88, 43.62)]), srid=4326),
        )
    )
    webhook = webhook_verbs.create(url=target, label=word)
    notice = notice_verbs.create_notice(
        notice_verbs.checked_draft(
            kind="works",
            titles={"fr": word},
            texts={"fr": word},
            place=word,
            shape=shapes.shape_from_geojson(json.dumps(LINE)),
            starts_at=utcnow() + timedelta(days=1),
            ends_at=utcnow() + timedelta(days=3),
        ),
        by=by,
    )
    notice_verbs.publish(notice, counted=sum(notice_verbs.count_recipients(notice).values()))
    came, _new = mail_intake.find_or_create_message("mail", f"{word}-{jurisdiction.id}")
    came.interpreted_as, came.handled = REPORT, False
    drafts.store_content(came, subject=word, text=word, photos=[])
    wording_verbs.save(
        wording_verbs.wording_key("resolved", "mail", "fr"), subject=word, body=f"Bonjour, {word}", user_id=None
    )
    photo_verbs.add(photo)
    db.session.flush()
    webhook_verbs.ping(webhook)
    db.session.commit()
    newest = {
        name: db.session.execute(
            sa.text(f"SELECT max(id) FROM {name} WHERE jurisdiction_id = :of"), {"of": jurisdiction.id}
        ).scalar_one()
        for name in ("message", "contact", "report_subscription", "report_event", "category", "sector", "team")
    }
    return SimpleNamespace(
        jurisdiction=jurisdiction,
        word=word,
        reference=report.reference,
        other=other.reference,
        report_id=report.id,
        number=order.number,
        order_id=order.id,
        webhook=webhook.id,
        notice_id=notice.id,
        arrival_id=came.id,
        comment_id=added.id,
        photo=photo.id,
        colleague=by.user_id,
        sector_code=f"only-{jurisdiction.id}",
        **newest,
    )


def snapshot(jurisdiction_id: int) -> dict[str, str]:
    """What stands of a jurisdiction: a digest for each of its tables."""
    found = {}
    for table in Base.metadata.sorted_tables:
        if "jurisdiction_id" in table.c:
            found[table.name] = db.session.execute(
                sa.text(
                    f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {table.name} t "
                    "WHERE jurisdiction_id = :of"
                ),
                {"of": jurisdiction_id},
            ).scalar_one()
    return found


def values(of: SimpleNamespace) -> Iterator[dict[str, Any]]:
    """What the parts of addresses may be filled with, by their names: the first way, then the others."""
    yield {
        "reference": of.reference,
        "number": of.number,
        "code": "voirie",
        "message": of.message,
        "webhook": of.webhook,
        "notice_id": of.notice_id,
    }
    yield {"reference": of.other, "number": of.webhook, "code": "s1", "message": of.message}
    yield {"reference": of.other, "number": of.message, "code": "nid-de-poule"}
    yield {"number": of.arrival_id, "code": of.sector_code}
    yield {"number": of.comment_id}


def questions(of: SimpleNamespace) -> dict[str, Any]:
    """What is asked along with every address: the place where all of it lies, and what is to be found by name."""
    return {
        "lat": factories.CENTRE.lat,
        "lon": factories.CENTRE.lon,
        "bbox": "3.8,43.5,3.95,43.7",
        "zoom": 17,
        "reports": of.reference,
        "report": of.reference,
        "reference": of.reference,
        "into": of.reference,
        "order": of.number,
        "number": of.number,
        "arrival": of.arrival_id,
        "notice": of.notice_id,
        "contact": of.contact,
        "sector": of.sector_code,
        "staff": 1,
    }

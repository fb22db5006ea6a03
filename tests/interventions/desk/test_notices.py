"""Notices on the desk: written, previewed, counted, confirmed once more, changed, withdrawn."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from geoalchemy2.shape import to_shape
from sqlalchemy import select

from core.database import db, utcnow
from core.notifications.outbox.models import Message
from core.times import local_time
from reporter.notices.models import Notice
from tests import factories
from tests.factories import CENTRE
from tests.reporter.notices.test_notices import made
from tests.reporter.subscriptions.conftest import follows

LINE = json.dumps({"type": "LineString", "coordinates": [[CENTRE.lon, CENTRE.lat], [CENTRE.lon + 0.002, CENTRE.lat]]})


def form(**more) -> dict[str, str]:
    """A notice as its form sends it."""
    day = utcnow() + timedelta(days=2)
    return {
        "kind": "works",
        "title_fr": "Rue barrée",
        "title_en": "Street closed",
        "text_fr": "Une conduite est posée.",
        "text_en": "",
        "place": "rue des Tilleuls",
        "by": "drawn",
        "shape": LINE,
        "from_day": f"{day:%Y-%m-%d}",
        "from_hour": "08:00",
        "to_day": f"{day:%Y-%m-%d}",
        "to_hour": "17:00",
    } | more


@pytest.fixture
def here(acting, jurisdiction):
    with acting(jurisdiction):
        yield jurisdiction


@pytest.fixture
def listening(here):
    """Somebody who follows the place."""
    return follows()


@pytest.fixture
def kept(desk, here):
    """The address of a notice that was written and not published."""
    answer = desk.post("/desk/notices", data=form())
    assert answer.status_code == 303
    return answer.location


def counted(page: str) -> dict[str, str]:
    """The fields of the second confirmation."""
    return {
        name: re.search(rf'name="{name}" value="([^"]*)"', page)[1]
        for name in ("version", "counted", "idempotency_key")
    }


def sent(kind: str) -> int:
    return len(db.session.scalars(select(Message.id).where(Message.kind == kind)).all())


def test_it_is_written_seen_counted_and_confirmed(desk, client, kept, listening):
    page = desk.get(kept).text
    assert "Rue barrée" in page and "Une conduite est posée." in page and f"{kept}/send" in page
    assert "Rue barrée" in desk.get("/desk/notices").text and "Rue barrée" not in client.get("/notices").text
    asked = desk.get(f"{kept}/send")
    assert "1 message va partir" in asked.text and sent("notice.published") == 0, "to count is not to send"
    fields = counted(asked.text)
    assert fields["counted"] == "1"
    assert desk.post(f"{kept}/send", data=fields).status_code == 303
    assert sent("notice.published") == 1 and "Rue barrée" in client.get("/notices").text
    assert desk.post(f"{kept}/send", data=fields).status_code == 303, "a second press is the same one"
    assert sent("notice.published") == 1
    assert "Un message est en cours d’envoi" in desk.get(kept).text


def test_without_a_count_nothing_leaves(desk, kept, here):
    for number in range(15):
        follows(f"v{number}@example.org")
    answer = desk.post(f"{kept}/send", data={"version": "1"})
    assert answer.status_code == 409 and "15 messages" in answer.text and sent("notice.published") == 0


def test_when_many_came_in_between_it_is_asked_again(desk, kept, here):
    fields = counted(desk.get(f"{kept}/send").text)
    for number in range(15):
        follows(f"v{number}@example.org")
    refused = desk.post(f"{kept}/send", data=fields)
    assert refused.status_code == 409 and "il y en a maintenant 15" in refused.text
    again = counted(refused.text)
    assert again["counted"] == "15"
    assert desk.post(f"{kept}/send", data=again).status_code == 303 and sent("notice.published") == 15


def test_nobody_to_tell_is_said_and_it_is_published_all_the_same(desk, client, kept):
    asked = desk.get(f"{kept}/send").text
    assert "Personne ne suit ce lieu" in asked
    desk.post(f"{kept}/send", data=counted(asked))
    assert "Rue barrée" in client.get("/").text


def test_what_was_changed_in_between_is_not_published_unread(desk, kept):
    fields = counted(desk.get(f"{kept}/send").text)
    assert desk.post(f"{kept}/edit", data=form(version="1", title_fr="Autre chose")).status_code == 303
    refused = desk.post(f"{kept}/send", data=fields)
    assert refused.status_code == 412 and "Autre chose" in refused.text
    assert db.session.scalars(select(Notice.published_at)).one() is None


def test_the_second_of_two_writers_is_told_and_keeps_what_was_typed(desk, kept):
    assert desk.post(f"{kept}/edit", data=form(version="1", title_fr="La première")).status_code == 303
    second = desk.post(f"{kept}/edit", data=form(version="1", title_fr="La seconde"))
    assert second.status_code == 412 and "La seconde" in second.text
    assert "La première" in desk.get(kept).text


def test_a_change_is_told_only_when_somebody_says_so(desk, client, kept, listening):
    desk.post(f"{kept}/send", data=counted(desk.get(f"{kept}/send").text))
    desk.post(f"{kept}/edit", data=form(version="2", text_fr="Deux jours de plus."))
    assert "Deux jours de plus." in client.get("/notices/" + kept.rsplit("/", 1)[1]).text
    assert sent("notice.changed") == 0 and "modifié depuis" in desk.get("/desk/notices").text
    fields = counted(desk.get(f"{kept}/send").text)
    assert desk.post(f"{kept}/send", data=fields).status_code == 422, "what has changed is to be said"
    fields = counted(desk.get(f"{kept}/send").text)
    assert desk.post(f"{kept}/send", data=fields | {"changes_fr": "La fin."}).status_code == 303
    assert sent("notice.changed") == 1


def test_it_is_withdrawn_with_a_reason(desk, client, kept, listening):
    desk.post(f"{kept}/send", data=counted(desk.get(f"{kept}/send").text))
    assert desk.post(f"{kept}/withdraw", data={"version": "2", "reasons_fr": ""}).status_code == 422
    assert desk.post(f"{kept}/withdraw", data={"version": "2", "reasons_fr": "Reporté."}).status_code == 303
    assert sent("notice.withdrawn") == 1 and "Rue barrée" not in client.get("/notices").text
    page = desk.get(kept).text
    assert "Reporté." in page and "/edit" not in page
    assert desk.post(f"{kept}/withdraw", data={"version": "3", "reasons_fr": "Encore."}).status_code == 409


def test_a_draft_is_removed(desk, kept):
    assert desk.post(f"{kept}/remove", data={"version": "1"}).status_code == 303
    assert desk.get(kept).status_code == 404


@pytest.mark.parametrize(
    "more, kind",
    [
        ({"by": "sector", "sector": "s1"}, "Polygon"),
        ({"shape": '{"type": "Feature", "geometry": ' + LINE + "}"}, "LineString"),
    ],
)
def test_the_place_can_be_given_without_a_map(desk, here, more, kind):
    assert desk.post("/desk/notices", data=form(**more)).status_code == 303
    assert to_shape(db.session.scalars(select(Notice.shape)).one()).geom_type == kind


@pytest.mark.parametrize(
    "more, field",
    [
        ({"title_fr": ""}, "title_fr"),
        ({"text_fr": " "}, "text_fr"),
        ({"kind": "fête"}, "kind"),
        ({"place": ""}, "place"),
        ({"shape": ""}, "shape"),
        ({"shape": "{}"}, "shape"),
        ({"by": "sector", "sector": ""}, "sector"),
        ({"by": "sector", "sector": "x"}, "sector"),
        ({"by": "address", "radius": "100", "address": "nulle part"}, "address"),
        ({"by": "address", "radius": "7", "address": "ici"}, "radius"),
        ({"from_day": ""}, "from_day"),
        ({"from_day": "hier"}, "from_day"),
        ({"to_hour": "25:99"}, "to_hour"),
        ({"to_hour": "07:00"}, "to_day"),
        ({"from_day": "2020-01-01", "to_day": "2020-01-02"}, "to_day"),
        ({"to_day": "2099-01-01"}, "to_day"),
    ],
)
def test_what_cannot_be_used_is_named_and_the_rest_is_kept(desk, here, more, field):
    answer = desk.post("/desk/notices", data=form(**({"text_en": "Kept words"} | more)))
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text and "Kept words" in answer.text
    assert not db.session.scalars(select(Notice.id)).all()


def test_whole_days_need_no_hours_and_are_the_towns_own(desk, here):
    desk.post("/desk/notices", data=form(from_hour="", to_hour=""))
    notice = db.session.scalars(select(Notice)).one()
    assert (local_time(notice.starts_at).hour, local_time(notice.ends_at).hour) == (0, 23)
    assert "de " not in re.search(r"<dt>Quand</dt><dd>([^<]*)", desk.get(f"/desk/notices/{notice.id}").text)[1]


def test_reception_reads_and_does_not_write(reception, acting, jurisdiction):
    with acting(jurisdiction):
        kept = f"/desk/notices/{made().id}"
    page = reception.get(kept)
    assert page.status_code == 200 and "/edit" not in page.text and "/send" not in page.text
    assert "/desk/notices/new" not in reception.get("/desk/notices").text
    for address in (f"{kept}/send", f"{kept}/edit", "/desk/notices/new"):
        assert reception.get(address).status_code == 403
    assert reception.post(f"{kept}/send", data={"version": "1", "counted": "0"}).status_code == 403


def test_the_lists_cost_few_statements(desk, kept, statements):
    desk.get("/desk/notices")
    statements.clear()
    assert desk.get("/desk/notices").status_code == 200
    assert len(statements) <= 8


def test_another_towns_notice_is_not_here(acting, jurisdiction, desk):
    with acting():
        other = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
    with acting(other):
        theirs = f"/desk/notices/{made().id}"
    for way in ("", "/edit", "/send"):
        assert desk.get(theirs + way).status_code == 404
    assert desk.post(f"{theirs}/send", data={"version": "1", "counted": "0"}).status_code == 404

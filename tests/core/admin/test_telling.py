"""/admin/telling: what an administrator sets of how the jurisdiction speaks with people."""

from __future__ import annotations

import re
from datetime import time

import html5lib
import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from core.database import db
from core.identity import jurisdictions
from core.identity.models import Body, Jurisdiction
from tests import factories

PAGE = "/admin/telling"
HABITS = {
    "quiet_from": "22:30",
    "quiet_to": "07:00",
    "digest_at": "17:15",
    "reopen_days": "10",
    "waiting_days": "7",
    "moderated": "1",
    "most_a_day": "20",
}


@pytest.fixture
def admin(signed_in):
    """An administrator's browser."""
    return signed_in("administrator")


def read(answer, status: int = 200) -> str:
    """A page as people read it."""
    page = answer.get_data(as_text=True)
    assert answer.status_code == status, page[:2000]
    html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids)), sorted(ids)
    return re.sub(r"\s+", " ", page)


def seen(page: str, part: str) -> str:
    """What the form of that name was made from."""
    form = page[page.index(f'id="{part}"') :]
    return re.search(r'name="seen" value="([^"]*)"', form)[1]


def saved(admin, part: str, path: str, fields: dict) -> str:
    """Send one form of the page, as it is now, and read the page that follows."""
    mark = seen(read(admin.get(PAGE)), part)
    answer = admin.post(f"{PAGE}/{path}", data=fields | {"seen": mark})
    assert answer.status_code == 303, answer.get_data(as_text=True)[:1500]
    return read(admin.get(answer.location))


def reach(app, *args: str):
    """`flask jurisdiction reach …`."""
    return app.test_cli_runner().invoke(args=["jurisdiction", "reach", *args])


class TestHabits:
    """Hours and delays."""

    def test_what_is_saved_is_said_and_holds_at_once(self, admin, acting, jurisdiction):
        page = saved(admin, "habits", "habits", HABITS)
        assert "entre 22 h 30 et 07 h 00" in page.replace(" ", " ") and 'value="22:30"' in page
        with acting():
            now = jurisdictions.by_id(jurisdiction.id)
            assert (now.preferences.quiet_from, now.preferences.digest_at) == (time(22, 30), time(17, 15))
            assert (now.preferences.reopen_days, now.preferences.waiting_days, now.preferences.most_a_day) == (
                10,
                7,
                20,
            )
            assert now.preferences.moderated
        saved(admin, "habits", "habits", {**HABITS, "moderated": ""})
        with acting():
            assert not jurisdictions.by_id(jurisdiction.id).preferences.moderated

    def test_the_sender_is_shown_and_not_an_administrator_s_to_choose(self, app, admin, acting, jurisdiction):
        reach(app, "--sender", "mairie@villeclaire.example")
        page = saved(admin, "habits", "habits", HABITS | {"sender": "mairie@ailleurs.example"})
        assert "mairie@villeclaire.example" in page and 'name="sender"' not in page
        with acting():
            assert jurisdictions.by_id(jurisdiction.id).sender == "mairie@villeclaire.example"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("quiet_from", "25:00"),
            ("quiet_to", ""),
            ("digest_at", "midi"),
            ("digest_at", "18:00:30"),
            ("digest_at", "18:00+02:00"),
            ("reopen_days", "0"),
            ("reopen_days", "-1"),
            ("waiting_days", "91"),
            ("waiting_days", "²"),
            ("most_a_day", "1e3"),
            ("most_a_day", "9" * 400),
            ("quiet_from", "\x00"),
        ],
    )
    def test_each_field_is_checked_and_what_was_typed_is_kept(self, admin, acting, jurisdiction, field, value):
        mark = seen(read(admin.get(PAGE)), "habits")
        page = read(admin.post(f"{PAGE}/habits", data=HABITS | {field: value, "seen": mark}), 422)
        assert f'href="#habits-{field}"' in page and f'id="habits-{field}-error"' in page
        assert 'value="22:30"' in page or field == "quiet_from"
        with acting():
            assert db.session.get(Jurisdiction, jurisdiction.id).preferences == {}

    def test_several_errors_are_said_at_once(self, admin):
        mark = seen(read(admin.get(PAGE)), "habits")
        page = read(admin.post(f"{PAGE}/habits", data={"seen": mark}), 422)
        for field in ("quiet_from", "reopen_days"):
            assert f'href="#habits-{field}"' in page

    def test_nothing_is_overwritten_in_silence(self, admin, acting, jurisdiction):
        before = seen(read(admin.get(PAGE)), "habits")
        saved(admin, "habits", "habits", HABITS)
        page = read(admin.post(f"{PAGE}/habits", data=HABITS | {"most_a_day": "5", "seen": before}), 412)
        assert "Quelqu’un d’autre" in page
        with acting():
            assert jurisdictions.by_id(jurisdiction.id).preferences.most_a_day == 20


class TestWhoAnswers:
    """The town hall, and the other bodies."""

    def test_the_town_hall(self, admin, acting, jurisdiction):
        saved(
            admin,
            "hall",
            "hall",
            {
                "address": "1 place du Marché\n34000 Villeclaire",
                "phone": "04 65 71 00 00",
                "email": "accueil@villeclaire.example",
            },
        )
        with acting():
            assert jurisdictions.by_id(jurisdiction.id).desk == {
                "address": "1 place du Marché\n34000 Villeclaire",
                "phone": "04 65 71 00 00",
                "email": "accueil@villeclaire.example",
            }
        mark = seen(read(admin.get(PAGE)), "hall")
        page = read(admin.post(f"{PAGE}/hall", data={"phone": "bientôt", "email": "x", "seen": mark}), 422)
        assert 'href="#hall-phone"' in page and 'href="#hall-email"' in page and 'value="bientôt"' in page

    def test_a_body_is_added_and_changed(self, admin, acting, jurisdiction):
        fields = {
            "name": "Le Département",
            "code": "departement",
            "phone": "04 65 71 00 01",
            "address": "2 rue",
            "email": "routes@departement.example",
        }
        page = saved(admin, "new", "bodies", fields)
        assert "Ajouté" in page and "Le Département" in page
        with acting(jurisdiction):
            one = db.session.scalar(select(Body))
            assert (one.code, one.names, one.phone) == ("departement", {"fr": "Le Département"}, "04 65 71 00 01")
            number = one.id
        assert "04 65 71 00 09" in saved(
            admin, f"body-{number}", f"bodies/{number}", fields | {"phone": "04 65 71 00 09"}
        )
        for wrong in ({"code": "Départ"}, {"code": "departement"}, {"code": ""}, {"name": "", "code": "x"}):
            page = read(admin.post(f"{PAGE}/bodies", data=fields | wrong), 422)
            assert 'href="#new-' in page
        with acting(jurisdiction):
            assert len(db.session.scalars(select(Body)).all()) == 1

    def test_of_another_town_there_is_none(self, admin, acting, jurisdiction):
        with acting():
            other = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
        with acting(other):
            theirs = Body(jurisdiction_id=other.id, code="x", names={"fr": "X"})
            db.session.add(theirs)
            db.session.commit()
            number = theirs.id
        assert admin.post(f"{PAGE}/bodies/{number}", data={"name": "Y"}).status_code == 404
        assert admin.post(f"{PAGE}/bodies/{2**70}", data={"name": "Y"}).status_code == 404


def test_only_the_administrator_gets_there(signed_in, client):
    for role in ("supervisor", "reception", "agent"):
        assert signed_in(role).get(PAGE).status_code == 403
    assert client.get(PAGE).status_code == 302


def test_the_town_hall_is_said_by_a_command_too(app, acting, jurisdiction):
    run = app.test_cli_runner().invoke
    said = run(args=["jurisdiction", "reach", "--phone", "04 67 00 00 01", "--sender", "mairie@villeclaire.example"])
    assert said.exit_code == 0, said.output
    assert "04 67 00 00 01" in said.output and "mairie@villeclaire.example" in said.output
    assert run(args=["jurisdiction", "reach", "--address", "1 place"]).exit_code == 0
    with acting():
        now = jurisdictions.by_id(jurisdiction.id)
        assert now.desk == {"phone": "04 67 00 00 01", "address": "1 place", "email": ""}
        assert now.sender == "mairie@villeclaire.example" and now.preferences.reopen_days == 15
    wrong = run(args=["jurisdiction", "reach", "--phone", "x", "--email", "y"])
    assert wrong.exit_code != 0 and "phone:" in wrong.output and "email:" in wrong.output


def test_a_sender_belongs_to_one_jurisdiction(app, acting, jurisdiction):
    with acting():
        other = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
    ours = ("--sender", "Mairie@Villeclaire.example", "--jurisdiction", "villeclaire")
    assert reach(app, *ours).exit_code == 0 and reach(app, *ours).exit_code == 0
    refused = reach(app, "--sender", "mairie@VILLECLAIRE.example", "--jurisdiction", "ailleurs")
    assert refused.exit_code == 1 and "sender:" in refused.output and "autre collectivité" in refused.output
    for wrong in ("nobody", "a@b.fr\r\nBcc: x@y.fr"):
        assert reach(app, "--sender", wrong, "--jurisdiction", "ailleurs").exit_code == 1
    with acting():
        assert jurisdictions.by_id(jurisdiction.id).sender == "mairie@villeclaire.example"
        with pytest.raises(IntegrityError, match="uq_jurisdiction_sender"):
            db.session.execute(
                update(Jurisdiction).where(Jurisdiction.id == other.id).values(sender="MAIRIE@villeclaire.example")
            )
        db.session.rollback()
    assert reach(app, "--sender", "", "--jurisdiction", "villeclaire").exit_code == 0
    assert reach(app, *ours[:2], "--jurisdiction", "ailleurs").exit_code == 0

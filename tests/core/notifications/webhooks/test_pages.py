"""/admin/webhooks, as an administrator uses it."""

from __future__ import annotations

import re

import html5lib
import pytest
from sqlalchemy import select

from core.database import db
from core.notifications.outbox.models import Message
from core.notifications.webhooks import verbs as webhook_verbs
from core.notifications.webhooks.models import Webhook
from tests import factories
from tests.core.notifications.webhooks.conftest import again, owed, tried

PAGES = "/admin/webhooks"


@pytest.fixture
def admin(signed_in):
    """An administrator's browser."""
    return signed_in("administrator")


def read(answer, status: int = 200) -> str:
    """A page as people read it: well-formed, and in French."""
    page = answer.get_data(as_text=True)
    assert answer.status_code == status, page[:2000]
    html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)
    assert "style=" not in page and " onclick" not in page
    return re.sub(r"\s+", " ", page)


def gone_to(answer) -> str:
    assert answer.status_code == 303, answer.get_data(as_text=True)[:2000]
    return answer.location


class TestMaking:
    """A new one."""

    def test_its_secret_is_shown_once(self, admin, receiver, acting, jurisdiction):
        form = read(admin.get(f"{PAGES}/new"))
        key = re.search(r'name="idempotency_key" value="([^"]+)"', form)[1]
        sent = {
            "url": receiver.url,
            "label": "Carte",
            "which": "some",
            "kinds": ["report.resolved"],
            "idempotency_key": key,
        }
        page = read(admin.post(PAGES, data=sent), 201)
        with acting(jurisdiction):
            made = db.session.scalar(select(Webhook))
            assert (made.url, made.label, made.kinds) == (receiver.url, "Carte", ["report.resolved"])
            secret, number = made.secret, made.id
        assert page.count(secret) == 1
        assert secret not in read(admin.get(f"{PAGES}/{number}"))
        assert secret not in read(admin.get(PAGES))
        # The same form again makes no second one.
        assert gone_to(admin.post(PAGES, data=sent)).endswith(f"{PAGES}/{number}")
        with acting(jurisdiction):
            assert len(webhook_verbs.list_webhooks()) == 1

    def test_a_form_that_is_refused_keeps_what_was_typed(self, admin, receiver, acting, jurisdiction):
        page = read(
            admin.post(
                PAGES,
                data={"url": "https://10.0.0.8/x", "label": "Carte", "which": "some", "kinds": ["report.resolved"]},
            ),
            422,
        )
        assert "se trouve dans notre propre réseau" in page
        assert 'value="https://10.0.0.8/x"' in page and 'value="Carte"' in page
        page = read(admin.post(PAGES, data={"url": receiver.url, "which": "some"}), 422)
        assert "au moins un type d’événement" in page and f'value="{receiver.url}"' in page
        with acting(jurisdiction):
            assert webhook_verbs.list_webhooks() == []

    def test_no_other_role_gets_there(self, signed_in, client):
        for role in ("supervisor", "reception", "agent"):
            assert signed_in(role).get(PAGES).status_code == 403
        assert client.get(PAGES).status_code == 302


@pytest.fixture
def number(acting, jurisdiction, receiver) -> int:
    """A subscription to everything, with one report told of."""
    with acting(jurisdiction):
        made = webhook_verbs.create(url=receiver.url, label="SIG").id
        factories.report()
        return made


class TestOne:
    """One of them and its log."""

    def test_the_log_says_what_became_of_each(self, admin, acting, jurisdiction, receiver, number):
        receiver.answers = [500]
        with acting(jurisdiction):
            tried(owed(webhook_verbs.get_webhook(number))[0])
        page = read(admin.get(f"{PAGES}/{number}"))
        assert "Un signalement est reçu" in page and "500" in page and "thank you" in page
        assert "n’accepte pas" in page
        with acting(jurisdiction):
            message = owed(webhook_verbs.get_webhook(number))[0].id
        page = read(admin.get(f"{PAGES}/{number}/deliveries/{message}"))
        assert "&#34;type&#34;: &#34;report.received&#34;" in page and "habitant@example.org" not in page
        assert admin.get(f"{PAGES}/{number}/deliveries/1{message}").status_code == 404

    def test_a_test_suspension_and_removal(self, admin, acting, jurisdiction, number):
        here = f"{PAGES}/{number}"
        assert "Essai envoyé" in read(admin.get(gone_to(admin.post(f"{here}/ping"))))
        page = read(admin.get(gone_to(admin.post(f"{here}/suspend"))))
        assert "n’est plus prévenu de rien" in page and "suspendu" in page
        assert "déjà suspendu" in read(admin.post(f"{here}/suspend"), 409)
        gone_to(admin.post(f"{here}/resume"))
        gone_to(admin.post(f"{here}/again"))
        with acting(jurisdiction):
            assert {message.status for message in owed(webhook_verbs.get_webhook(number))} == {"owed"}
        assert "Supprimer SIG" in read(admin.get(f"{here}/remove"))
        assert gone_to(admin.post(f"{here}/remove")).endswith(PAGES)
        assert admin.get(here).status_code == 404
        with acting(jurisdiction):
            assert {
                status for status in db.session.scalars(select(Message.status).where(Message.channel == "webhook"))
            } == {"dropped"}

    def test_one_is_sent_again(self, admin, acting, jurisdiction, number):
        with acting(jurisdiction):
            message = owed(webhook_verbs.get_webhook(number))[0]
            message.status = "sent"
            db.session.commit()
            there = f"{PAGES}/{number}/deliveries/{message.id}/again"
        assert "reparti" in read(admin.get(gone_to(admin.post(there))))
        assert "déjà en route" in read(admin.post(there), 409)

    def test_a_change_that_somebody_else_overtook(self, admin, acting, jurisdiction, receiver, number):
        form = {"url": receiver.url, "label": "Autre", "which": "all", "version": "1"}
        gone_to(admin.post(f"{PAGES}/{number}", data=form))
        page = read(admin.post(f"{PAGES}/{number}", data=form | {"label": "Encore"}), 412)
        assert "Quelqu’un d’autre" in page and 'value="Encore"' in page
        with acting(jurisdiction):
            assert webhook_verbs.get_webhook(number).label == "Autre"

    def test_a_new_secret_is_shown_once_and_not_by_chance_twice(self, admin, acting, jurisdiction, number):
        page = read(admin.post(f"{PAGES}/{number}/secret", data={"version": "1"}))
        with acting(jurisdiction):
            secret = again(webhook_verbs.get_webhook(number)).secret
        assert secret in page
        assert secret not in read(admin.post(f"{PAGES}/{number}/secret", data={"version": "1"}), 412)
        with acting(jurisdiction):
            assert webhook_verbs.get_webhook(number).secret == secret

    def test_of_another_town_there_is_none(self, app, admin, acting, number):
        with acting():
            other = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
        with acting(other):
            factories.user("administrator")
        assert admin.get(f"{PAGES}/{number}", headers={"Host": "ailleurs.localhost"}).status_code in (302, 403)


def test_the_log_is_shown_a_page_at_a_time(admin, acting, jurisdiction, number, monkeypatch):
    from core.notifications.webhooks import queries as webhook_queries

    monkeypatch.setattr(webhook_queries, "PAGE", 2)
    with acting(jurisdiction):
        for _time in range(3):
            factories.report()
    first = read(admin.get(f"{PAGES}/{number}"))
    assert first.count('scope="row"') == 2
    more = re.search(r'href="([^"]+before=\d+)"', first)[1]
    assert read(admin.get(more)).count('scope="row"') == 2


def test_the_start_page_leads_everywhere(admin, signed_in):
    page = read(admin.get("/admin/"))
    for href in ("/admin/telling", "/admin/words", "/admin/webhooks", "/admin/requests"):
        assert f'href="{href}"' in page
    assert 'href="/admin/"' in read(admin.get("/desk/"))
    assert 'href="/admin/"' not in read(signed_in("supervisor").get("/desk/"))

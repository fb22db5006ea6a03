"""Feeds: what RFC 4287 asks for, read by a reader of feeds; nothing personal, nothing private."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree

import feedparser
import pytest

from core.database import db
from core.identity.actor import Actor
from interventions.triage import verbs as triage_verbs
from reporter.notices import verbs as notice_verbs
from reporter.reports.intake import lock_report
from tests import factories
from tests.reporter.notices.test_notices import draft, published

ATOM = "{http://www.w3.org/2005/Atom}"
FEEDS = ("/feeds/all.atom", "/feeds/sector/s4.atom", "/feeds/category/nid-de-poule.atom", "/feeds/notices.atom")


def read(client, address: str, **headers: str):
    """A feed as a reader of feeds sees it, and the answer it came by."""
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200 and answer.mimetype == "application/atom+xml"
    found = feedparser.parse(answer.data)
    assert not found.bozo and found.version == "atom10", found.get("bozo_exception")
    return found, answer


@pytest.fixture
def reported(here):
    """A report with an e-mail address and a number in people's words."""
    return factories.report(
        description="Appelez-moi au 06 12 34 56 78, marie@example.org & <Zoé>",
        address="12 rue des Tilleuls, 06 12 34 56 78",
    )


@pytest.mark.parametrize("address", FEEDS)
def test_every_feed_is_one_and_keeps_the_rules(here, client, reported, address):
    published()
    found, answer = read(client, address)
    root = ElementTree.fromstring(answer.data)
    for element in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1, name
    assert root.findall(f"{ATOM}author/{ATOM}name")
    assert {one.get("rel") for one in root.findall(f"{ATOM}link")} == {"self", "alternate"}
    assert len(found.entries) == 1 and found.entries[0].id.startswith("tag:localhost,2026:villeclaire/")
    assert found.feed.links[0].href.endswith(address)
    assert not answer.headers.get("Set-Cookie")


@pytest.mark.parametrize("address", [*FEEDS, "report"])
def test_nothing_personal_stands_in_one(here, client, reported, address):
    address = f"/r/{reported.reference}/feed.atom" if address == "report" else address
    _found, answer = read(client, address)
    for word in ("06 12", "marie@", "habitant@", "superviseur"):
        assert word not in answer.text


def test_a_reports_feed_tells_what_becomes_of_it(here, client, reported):
    by = Actor("desk", factories.user("supervisor").id)
    triage_verbs.acknowledge(lock_report(reported.reference), by=by)
    triage_verbs.note(lock_report(reported.reference), text="Entre nous", by=by)
    triage_verbs.reject(lock_report(reported.reference), reason="Ce trou est « privé » & <petit>", by=by)
    db.session.commit()
    found, answer = read(client, f"/r/{reported.reference}/feed.atom")
    assert len(found.entries) == 3 and "Entre nous" not in answer.text
    assert "Ce trou est « privé » & <petit>" in found.entries[0].content[0].value
    ids = [one.id for one in found.entries]
    assert len(set(ids)) == 3
    again, _answer = read(client, f"/r/{reported.reference}/feed.atom")
    assert [one.id for one in again.entries] == ids
    english, _answer = read(client, f"/r/{reported.reference}/feed.atom", **{"Accept-Language": "en"})
    assert "Received" in english.entries[-1].title and english.feed.language == "en"


def test_private_reports_have_none_and_stand_in_none(here, client):
    made = factories.report(category="personne")
    assert client.get(f"/r/{made.reference}/feed.atom").status_code == 404
    for address in FEEDS[:2]:
        assert made.reference not in client.get(address).text
    assert client.get("/feeds/category/personne.atom").status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "/r/VC-222-222/feed.atom",
        "/r/nothing/feed.atom",
        "/feeds/sector/x.atom",
        "/feeds/category/x.atom",
        "/feeds/sector/a/b.atom",
        "/feeds/sector/%00.atom",
        "/feeds/category/%00.atom",
        "/r/%00/feed.atom",
    ],
)
def test_there_is_no_feed_of_nothing(here, client, address):
    assert client.get(address).status_code == 404


def test_who_has_the_newest_is_told_so(here, client, reported):
    _found, answer = read(client, "/feeds/all.atom")
    assert answer.last_modified and answer.headers["ETag"]
    same = client.get("/feeds/all.atom", headers={"If-None-Match": answer.headers["ETag"]})
    assert same.status_code == 304 and not same.data
    since = client.get("/feeds/all.atom", headers={"If-Modified-Since": answer.headers["Last-Modified"]})
    assert since.status_code == 304
    factories.report()
    assert client.get("/feeds/all.atom", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize("address", FEEDS)
def test_a_feed_costs_few_statements_and_holds_fifty(here, client, statements, address):
    for _number in range(52):
        factories.report(email=None)
    client.get(address)
    statements.clear()
    found, _answer = read(client, address)
    assert len(statements) <= 4 and len(found.entries) <= 50


def test_an_empty_feed_is_one_too(here, client):
    for address in FEEDS:
        found, _answer = read(client, address)
        assert found.entries == [] and found.feed.updated


def test_what_xml_cannot_write_is_left_out(here, client):
    factories.report(address="rue \ufffe des \u0008Tilleuls")
    read(client, "/feeds/all.atom")


def test_pages_name_their_feeds(here, client, reported):
    assert "/feeds/all.atom" in client.get("/").text
    assert f"/r/{reported.reference}/feed.atom" in client.get(f"/r/{reported.reference}").text


def test_a_notice_that_has_changed_is_new_in_its_feed(here, client):
    notice = published()
    first, _answer = read(client, "/feeds/notices.atom")
    notice_verbs.change(notice, draft())
    notice.updated_at += timedelta(minutes=5)
    db.session.commit()
    second, _answer = read(client, "/feeds/notices.atom")
    assert second.entries[0].id == first.entries[0].id and second.entries[0].updated > first.entries[0].updated

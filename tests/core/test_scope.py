"""Every module that speaks SQL of its own is known, and tried from across the wall.

The wall of `core.scope` covers ORM statements. What speaks raw SQL or Core names the jurisdiction itself, and only
a test can say whether it does: here another jurisdiction's administrator and passers-by ask every route with the
references, numbers and ids of the first, and what takes such an id is called with it. Nothing of the first may
come back, nothing of it may change.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.exc import NoResultFound
from werkzeug.exceptions import NotFound
from werkzeug.routing import Rule
from werkzeug.routing.converters import IntegerConverter

from api.v1 import message_rows, work_rows
from core import contacts, idempotency
from core.actor import Actor
from core.database import READING, db
from core.errors import Refused
from core.identity.models import Contact
from core.outbox import log as outbox_log
from core.outbox import verbs as outbox
from core.scope import current_id
from core.webhooks import log as webhook_log
from core.webhooks import verbs as webhooks
from interventions.desk import making, order_reading
from interventions.field import reading as field_reading
from reporter import history, intake, listing, reading
from reporter.answers import neighbours
from reporter.around import reading as notice_reading
from reporter.around import shapes
from reporter.arrivals import reports as arrivals
from reporter.arrivals import taking, waiting
from reporter.following import addresses
from reporter.following import reports as following
from reporter.mails import receipts
from tests import factories
from tests.core import two
from tests.core.speaking import carries, heard, modules
from tests.test_access import address_of

HOST = "http://ailleurs.localhost"
#: Modules tried from across the wall: each was under way when a statement was asked there.
TRIED = {
    "api.v1.message_rows", "api.v1.photos", "api.v1.town", "api.v1.work_rows", "core.contacts", "core.database",
    "core.health", "core.idempotency", "core.outbox.log", "core.outbox.verbs", "core.pages",
    "core.webhooks.delivery", "core.webhooks.log", "core.webhooks.owing", "core.webhooks.verbs",
    "interventions.desk.around", "interventions.desk.choices", "interventions.desk.making",
    "interventions.desk.menu", "interventions.desk.notice_reading", "interventions.desk.order_reading",
    "interventions.desk.points", "interventions.field.reading", "interventions.listing", "interventions.street",
    "interventions.work", "reporter.answers.neighbours", "reporter.around.feed_pages",
    "reporter.around.reading", "reporter.around.shapes", "reporter.around.telling", "reporter.arrivals.reports",
    "reporter.arrivals.taking", "reporter.arrivals.waiting", "reporter.categories", "reporter.duplicates",
    "reporter.following.addresses", "reporter.following.reports", "reporter.history", "reporter.intake",
    "reporter.likely", "reporter.listing", "reporter.mails.occasion", "reporter.mails.receipts",
    "reporter.maps", "reporter.moves", "reporter.placing", "reporter.reading", "reporter.statements",
    "reporter.telling", "reporter.tiles", "reporter.wording.kept", "reporter.wording.rehearsal",
    "reporter.wording.verbs",
}
#: Those that are not, and why.
NOT_TRIED = {name: why for why, names in {
    "its tables alone, with conditions of their indexes": (
        "core.identity.models", "core.outbox.models", "core.photos.models", "core.webhooks.models",
        "interventions.models", "reporter.answers.models", "reporter.around.models", "reporter.arrivals.models",
        "reporter.models", "reporter.wording.models",),
    "conditions and columns for lists, asked by modules that are tried": (
        "interventions.desk.query", "reporter.around.areas", "reporter.following.kinds", "reporter.shown",),
    "the sender and its sweeps serve every jurisdiction; what they hold they have claimed themselves": (
        "api.v1.news", "core.outbox.channels.push", "core.outbox.digest", "core.outbox.prune",
        "core.outbox.records", "core.outbox.waits", "core.webhooks.mails", "reporter.mails.batch",),
    "a sweep over every jurisdiction, asked for no id": (
        "reporter.arrivals.forgetting",),
    "takes rows that were found and locked through the wall, never an id": (
        "interventions.routing", "reporter.answers.asked", "reporter.answers.repaired",
        "reporter.arrivals.returned", "reporter.following.pushing", "reporter.visible",),
    "a person's own signed link or number decides, in whichever jurisdiction it was given": (
        "reporter.arrivals.sms", "reporter.following.moving",),
    "a command of the operator, who names the jurisdiction": (
        "core.identity.boundaries", "interventions.catalogue", "interventions.demo.load", "reporter.importing",),
}.items() for name in names}
DESK = Actor("desk")
#: What takes a reference, a number or an id: called from the other jurisdiction with those of the first.
CALLS: dict[str, Callable[[SimpleNamespace], Any]] = {
    "a message of the API": lambda of: message_rows.one(of.message),
    "messages of a report, in the API": lambda of: message_rows.page(
        statuses=(), channels=(), reference=of.reference, limit=10, cursor=None),
    "a work order of the API": lambda of: work_rows.one(of.number),
    "work orders of the API": lambda of: work_rows.many([of.order_id]),
    "messages about a report": lambda of: outbox_log.of([f"report_event:{of.report_event}"]),
    "retrying a message": lambda of: outbox.retry(of.message),
    "a webhook": lambda of: webhooks.found(of.webhook),
    "the tries of a delivery": lambda of: webhook_log.tries(of.message),
    "the detail of a report": lambda of: reading.detail(of.reference, staff=True, see_private=True),
    "the mark of a report": lambda of: reading.mark(of.reference),
    "the history of a report": lambda of: reading.history(of.report_id, staff=True),
    "when a report was reopened": lambda of: history.reopened_at(of.report_id),
    "locking a report": lambda of: intake.lock(of.reference),
    "reports by their references": lambda of: listing.of_references([of.reference, of.other], staff=True),
    "reports picked for work": lambda of: making.picked_reports([of.reference]),
    "locking a report to add to it": lambda of: neighbours.lock(of.reference),
    "showing a comment": lambda of: neighbours.show(of.comment_id, by=DESK),
    "refusing a comment": lambda of: neighbours.refuse(of.comment_id, by=DESK),
    "a notice": lambda of: notice_reading.one(of.notice_id),
    "what came in": lambda of: arrivals.find(of.arrival_id),
    "locking what came in": lambda of: arrivals.lock(of.arrival_id),
    "setting aside what came in": lambda of: waiting.set_aside(of.arrival_id),
    "who is told of a report": lambda of: following.told_by(of.report_id),
    "whether an author is told": lambda of: following.author_is_told(of.report_id),
    "a receipt": lambda of: receipts.receipt(of.report_id),
    "a work order's history": lambda of: order_reading.history(of.order_id),
    "the round of a crew": lambda of: field_reading.round_of(factories.user("agent").id),
    "how many follow a report": lambda of: following.followers(of.report_id),
    "a sector by its code": lambda of: shapes.of_sector(of.sector_code),
    "holding a contact": lambda of: addresses.hold(of.contact),
    "the same key of a mail": lambda of: taking.arrived(
        "mail", f"{of.word}-{of.town.id}")[0].jurisdiction_id == of.town.id,
    "the contact of an address": lambda of: db.session.get(
        Contact, contacts.keep(contacts.details(email=f"{of.word}@example.org", phone="0612345678"))).jurisdiction_id
        == of.town.id,
    "whether an author wrote too often": lambda of: arrivals.too_many(of.contact),
    "a key used before": lambda of: idempotency.claim(of.word * 3, actor="x", digest="y").answer,
}


#: Of these something comes back in any case: of one's own, or empty inside.
NEVER_EMPTY = {"messages of a report, in the API", "messages about a report", "the round of a crew"}


def test_every_module_that_speaks_sql_is_listed():
    """Whoever writes a module that speaks SQL lists it here, and tries it."""
    assert not TRIED & NOT_TRIED.keys()
    assert modules() == TRIED | NOT_TRIED.keys()


@pytest.fixture
def both(app, acting, town, monkeypatch):
    """(the first, the other): two jurisdictions on the same ground, with something of everything in each.

    Their work orders' numbers differ: each counts its own, and the same number would name one's own order.
    """
    monkeypatch.setitem(app.config, "ALLOW_PRIVATE_TARGETS", "127.0.0.1")
    with acting():
        elsewhere = factories.town("ailleurs", host="ailleurs.localhost", prefix="AI")
    with acting(town):
        factories.work_order(title="Le premier", place=factories.CENTRE, category="nid-de-poule")
        first = two.fill(town, "secreta")
    with acting(elsewhere):
        second = two.fill(elsewhere, "chez-nous")
    assert first.number != second.number
    return first, second


@pytest.fixture
def asked(app, acting, both):
    """All that is asked across the wall: (what came back of the first, what changed of it, which modules spoke)."""
    first, other = both
    with app.app_context():
        engines = db.engine, db.get_engine(READING)
        before = two.snapshot(first.town.id)
    leaks: list[str] = []
    with heard(*engines) as spoke:
        leaks += _routes(app, acting, first, other)
        leaks += _calls(acting, first, other)
    with app.app_context():
        after = two.snapshot(first.town.id)
    return leaks, [name for name in before if before[name] != after[name]], spoke


def _routes(app, acting, first: SimpleNamespace, other: SimpleNamespace) -> list[str]:
    """Ask every route of the other's host, as its administrator and as nobody; where the first's word came back."""
    with acting(other.town):
        known = factories.session_of(factories.user("administrator"))
        bearer = {"Authorization": f"Bearer {factories.token('administrator')}"}
    leaks = []
    everything = {"GET", "POST", "PUT", "PATCH", "DELETE"}
    for rule in app.url_map.iter_rules():
        # With its own as well: what it lists, shows and changes there is never the first's.
        asked = [(address, method, who) for address in sorted(_addresses(rule, first) | _addresses(rule, other))
                 for method in sorted(rule.methods & everything) for who in ("nobody", "administrator")]
        for address, method, who in asked:
            client = app.test_client()
            headers = bearer if who != "nobody" and rule.rule.startswith("/api/") else {}
            if who != "nobody" and not headers:
                with client.session_transaction(base_url=HOST) as session:
                    session["_user_id"], session["_fresh"] = known, True
            answer = client.open(address, method=method, base_url=HOST, headers=headers,
                                 query_string=two.questions(first))
            if first.word.encode() in answer.data or answer.status_code >= 500:
                leaks.append(f"{method} {address} as {who}: {answer.status_code}")
    return leaks


def _addresses(rule: Rule, of: SimpleNamespace) -> set[str]:
    """What a route is asked with: a jurisdiction's references, numbers, ids and codes, in all ways that fit."""
    found = set()
    for known in two.values(of):
        given = {}
        for name in rule.arguments:
            number = isinstance(rule._converters[name], IntegerConverter)
            if name in known and isinstance(known[name], int) == number:
                given[name] = known[name]
        if rule.arguments and not given:
            continue
        found.add(rule.build(given, append_unknown=False)[1] if given.keys() == rule.arguments
                  else address_of(rule, {name: str(value) for name, value in given.items()}))
    return found or {address_of(rule, {})}


def _calls(acting, first: SimpleNamespace, other: SimpleNamespace) -> list[str]:
    """Call what takes an id with the first's, acting for the other; what came back of the first."""
    def is_theirs(value: object) -> bool:
        return first.word in value if isinstance(value, str) else getattr(
            value, "jurisdiction_id", None) == first.town.id

    leaks = []
    for name, call in CALLS.items():
        with acting(other.town):
            assert current_id() == other.town.id
            before = two.snapshot(first.town.id)
            try:
                found = call(first)
                db.session.flush()
            except (Refused, NoResultFound, NotFound):
                continue
            else:
                if carries(found, is_theirs) or (found and name not in NEVER_EMPTY):
                    leaks.append(f"{name}: {found!r}")
                if two.snapshot(first.town.id) != before:
                    leaks.append(f"{name} changes something")
            finally:
                db.session.rollback()
    return leaks


def test_nothing_comes_across_the_wall_and_nothing_changes(asked):
    leaks, changed, spoke = asked
    assert leaks == []
    assert changed == []
    # A module that is listed as tried and said nothing was not.
    assert TRIED - spoke == set()


def test_the_tries_would_see_what_comes_across(app, acting, both, monkeypatch):
    """The wall taken away from one statement is seen."""
    first, other = both
    monkeypatch.setattr(reading, "current_id", lambda: first.town.id)
    assert any("detail" in one for one in _calls(acting, first, other))

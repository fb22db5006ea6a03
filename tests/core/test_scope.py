"""Every module that speaks SQL of its own is known, and tried from across the wall.

The wall of `core.database.scope` covers ORM statements. What speaks raw SQL or Core names the jurisdiction itself,
and only
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

from api.v1.resources import message_queries, work_order_queries
from core.database import READ_ONLY_ENGINE, db
from core.database.scope import current_jurisdiction_id
from core.errors import Refused
from core.identity import contacts, permissions
from core.identity.actor import Actor
from core.identity.models import Contact
from core.notifications.outbox import queries as outbox_queries
from core.notifications.outbox import verbs as outbox_verbs
from core.notifications.webhooks import queries as webhook_queries
from core.notifications.webhooks import verbs as webhook_verbs
from core.photos import verbs as photo_verbs
from core.web import idempotency
from interventions.desk.work_orders import new_work_order
from interventions.desk.work_orders import queries as order_reading
from interventions.field import queries as field_queries
from reporter import shapes
from reporter.feedback import comments
from reporter.inbound import drafts
from reporter.inbound import inbox as inbound_inbox
from reporter.inbound.mail import intake as mail_intake
from reporter.messages import receipts
from reporter.notices import queries as notice_queries
from reporter.reports import detail as report_detail
from reporter.reports import history
from reporter.reports import intake as report_intake
from reporter.reports import listing as report_listing
from reporter.subscriptions import confirmation
from reporter.subscriptions import reports as subscription_reports
from tests import factories
from tests.core import two
from tests.core.speaking import carries, heard, modules
from tests.test_access import address_of

HOST = "http://ailleurs.localhost"
#: What signs out, and what ends a token.
ENDING = ("security.logout", "tokens.end", "tokens.end_anybodys")
#: Modules tried from across the wall: each was under way when a statement was asked there.
TRIED = {
    "api.v1.resources.message_queries",
    "api.v1.resources.photos",
    "api.v1.resources.reference_data",
    "api.v1.resources.work_order_queries",
    "core.identity.contacts",
    "core.database",
    "core.web.health",
    "core.web.idempotency",
    "core.identity.permissions",
    "core.notifications.outbox.queries",
    "core.notifications.outbox.verbs",
    "core.web.pages",
    "core.photos.verbs",
    "core.notifications.webhooks.delivery",
    "core.notifications.webhooks.queries",
    "core.notifications.webhooks.outbox",
    "core.notifications.webhooks.verbs",
    "interventions.desk.reports.surroundings",
    "interventions.desk.choices",
    "interventions.desk.work_orders.new_work_order",
    "interventions.desk.menu",
    "interventions.desk.notices.queries",
    "interventions.desk.work_orders.queries",
    "interventions.desk.map_points",
    "interventions.field.queries",
    "interventions.work_orders.listing",
    "interventions.work_orders.execution",
    "interventions.work_orders.verbs",
    "reporter.feedback.comments",
    "reporter.web.areas.feeds",
    "reporter.notices.queries",
    "reporter.shapes",
    "reporter.subscriptions.area_recipients",
    "reporter.inbound.drafts",
    "reporter.inbound.mail.intake",
    "reporter.inbound.inbox",
    "reporter.categories.queries",
    "reporter.reports.duplicates",
    "reporter.subscriptions.reports",
    "reporter.reports.history",
    "reporter.reports.intake",
    "reporter.reports.frequent_categories",
    "reporter.reports.listing",
    "reporter.messages.event_context",
    "reporter.messages.receipts",
    "reporter.map.features",
    "reporter.reports.transitions",
    "reporter.place_lookup",
    "reporter.placing",
    "reporter.reports.detail",
    "core.database.compiled",
    "reporter.subscriptions.recipients",
    "reporter.map.tile_counts",
    "reporter.messages.wording.lookup",
    "reporter.messages.wording.dry_run",
}
#: Those that are not, and why.
NOT_TRIED = {
    name: why
    for why, names in {
        "its tables alone, with conditions of their indexes": (
            "core.models",
            "core.identity.models",
            "core.notifications.outbox.models",
            "core.photos.models",
            "core.notifications.webhooks.models",
            "interventions.teams.models",
            "interventions.work_orders.models",
            "reporter.categories.models",
            "reporter.feedback.models",
            "reporter.notices.models",
            "reporter.inbound.models",
            "reporter.reports.models",
            "reporter.subscriptions.models",
            "reporter.messages.wording.models",
        ),
        "conditions and columns for lists, asked by modules that are tried": (
            "interventions.desk.filters",
            "reporter.subscriptions.areas",
            "reporter.subscriptions.kinds",
            "reporter.reports.list_rows",
        ),
        "the sender and its sweeps serve every jurisdiction; what they hold they have claimed themselves": (
            "api.v1.resources.report_webhooks",
            "core.notifications.outbox.acceptance",
            "core.notifications.channels.push",
            "core.notifications.outbox.digest",
            "core.notifications.outbox.retention",
            "core.notifications.outbox.delivery_state",
            "core.notifications.outbox.postponement",
            "core.notifications.webhooks.mails",
            "reporter.messages.batch",
        ),
        "a sweep over every jurisdiction, asked for no id": ("reporter.inbound.retention",),
        "takes rows that were found and locked through the wall, never an id": (
            "interventions.triage.routing",
            "reporter.feedback.questions",
            "reporter.feedback.repair_check",
            "reporter.inbound.mail.bounces",
            "reporter.subscriptions.browsers",
            "reporter.web.photo_access",
        ),
        "a person's own signed link or number decides, in whichever jurisdiction it was given": (
            "reporter.inbound.sms",
            "reporter.subscriptions.address_change",
        ),
        "a command of the operator, who names the jurisdiction": (
            "core.identity.boundaries",
            "interventions.admin.catalogue",
            "demo.load",
            "reporter.reports.importing",
        ),
    }.items()
    for name in names
}
DESK = Actor("desk")
#: What takes a reference, a number or an id: called from the other jurisdiction with those of the first.
CALLS: dict[str, Callable[[SimpleNamespace], Any]] = {
    "a message of the API": lambda of: message_queries.message_row(of.message),
    "messages of a report, in the API": lambda of: message_queries.message_rows(
        statuses=(), channels=(), reference=of.reference, limit=10, cursor=None
    ),
    "a work order of the API": lambda of: work_order_queries.work_order_row(of.number),
    "work orders of the API": lambda of: work_order_queries.work_order_rows([of.order_id]),
    "messages about a report": lambda of: outbox_queries.messages_about([f"report_event:{of.report_event}"]),
    "retrying a message": lambda of: outbox_verbs.retry_message(of.message),
    "a webhook": lambda of: webhook_verbs.get_webhook(of.webhook),
    "the tries of a delivery": lambda of: webhook_queries.tries(of.message),
    "the detail of a report": lambda of: report_detail.report_detail(of.reference, staff=True, see_private=True),
    "the mark of a report": lambda of: report_detail.report_version(of.reference),
    "the history of a report": lambda of: report_detail.report_history(of.report_id, staff=True),
    "when a report was reopened": lambda of: history.reopened_at(of.report_id),
    "locking a report": lambda of: report_intake.lock_report(of.reference),
    "reports by their references": lambda of: report_listing.rows_of_references([of.reference, of.other], staff=True),
    "reports picked for work": lambda of: new_work_order.picked_reports([of.reference]),
    "the role of a colleague": lambda of: permissions.role_of(of.colleague),
    "giving a photo up": lambda of: photo_verbs.discard([of.photo], jurisdiction_id=current_jurisdiction_id()),
    "locking a report to add to it": lambda of: comments.lock_public_report(of.reference),
    "showing a comment": lambda of: comments.publish_comment(of.comment_id, by=DESK),
    "refusing a comment": lambda of: comments.refuse_comment(of.comment_id, by=DESK),
    "a notice": lambda of: notice_queries.one_notice(of.notice_id),
    "what came in": lambda of: drafts.find_message(of.arrival_id),
    "locking what came in": lambda of: drafts.lock_message(of.arrival_id),
    "setting aside what came in": lambda of: inbound_inbox.set_aside(of.arrival_id),
    "who is told of a report": lambda of: subscription_reports.author_channels(of.report_id),
    "whether an author is told": lambda of: subscription_reports.author_is_told(of.report_id),
    "a receipt": lambda of: receipts.receipt(of.report_id),
    "a work order's history": lambda of: order_reading.history(of.order_id),
    "the round of a crew": lambda of: field_queries.round_of(factories.user("agent").id),
    "how many follow a report": lambda of: subscription_reports.count_subscribers(of.report_id),
    "a sector by its code": lambda of: shapes.sector_shape(of.sector_code),
    "holding a contact": lambda of: confirmation.lock_contact(of.contact),
    "the same key of a mail": lambda of: (
        mail_intake.find_or_create_message("mail", f"{of.word}-{of.jurisdiction.id}")[0].jurisdiction_id
        == of.jurisdiction.id
    ),
    "the contact of an address": lambda of: (
        db.session.get(
            Contact,
            contacts.find_or_create_contact(
                contacts.parse_contact_details(email=f"{of.word}@example.org", phone="0612345678")
            ),
        ).jurisdiction_id
        == of.jurisdiction.id
    ),
    "whether an author wrote too often": lambda of: drafts.over_daily_limit(of.contact),
    "a key used before": lambda of: idempotency.claim(of.word * 3, actor="x", digest="y").answer,
}


#: Of these something comes back in any case: of one's own, or empty inside.
NEVER_EMPTY = {"messages of a report, in the API", "messages about a report", "the round of a crew"}


def test_every_module_that_speaks_sql_is_listed():
    """Whoever writes a module that speaks SQL lists it here, and tries it."""
    assert not TRIED & NOT_TRIED.keys()
    assert modules() == TRIED | NOT_TRIED.keys()


@pytest.fixture
def both(app, acting, jurisdiction, monkeypatch):
    """(the first, the other): two jurisdictions on the same ground, with something of everything in each.

    Their work orders' numbers differ: each counts its own, and the same number would name one's own order.
    """
    monkeypatch.setitem(app.config, "ALLOW_PRIVATE_TARGETS", "127.0.0.1")
    with acting():
        elsewhere = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
    with acting(jurisdiction):
        factories.work_order(title="Le premier", place=factories.CENTRE, category="nid-de-poule")
        first = two.fill(jurisdiction, "secreta")
    with acting(elsewhere):
        second = two.fill(elsewhere, "chez-nous")
    assert first.number != second.number
    return first, second


@pytest.fixture
def asked(app, acting, both):
    """All that is asked across the wall: (what came back of the first, what changed of it, which modules spoke)."""
    first, other = both
    with app.app_context():
        engines = db.engine, db.get_engine(READ_ONLY_ENGINE)
        before = two.snapshot(first.jurisdiction.id)
    leaks: list[str] = []
    with heard(*engines) as spoke:
        leaks += _routes(app, acting, first, other)
        leaks += _calls(acting, first, other)
    with app.app_context():
        after = two.snapshot(first.jurisdiction.id)
    return leaks, [name for name in before if before[name] != after[name]], spoke


def _routes(app, acting, first: SimpleNamespace, other: SimpleNamespace) -> list[str]:
    """Ask every route of the other's host, as its administrator and as nobody; where the first's word came back."""
    with acting(other.jurisdiction):
        known = factories.session_of(factories.user("administrator"))
        bearer = {"Authorization": f"Bearer {factories.token('administrator')}"}
    leaks = []
    everything = {"GET", "POST", "PUT", "PATCH", "DELETE"}
    # What ends the session and the token that all the others are asked with comes last.
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.endpoint in ENDING):
        # With its own as well: what it lists, shows and changes there is never the first's.
        asked = [
            (address, method, who)
            for address in sorted(_addresses(rule, first) | _addresses(rule, other))
            for method in sorted(rule.methods & everything)
            for who in ("nobody", "administrator")
        ]
        for address, method, who in asked:
            client = app.test_client()
            headers = bearer if who != "nobody" and rule.rule.startswith("/api/") else {}
            if who != "nobody" and not headers:
                with client.session_transaction(base_url=HOST) as session:
                    session["_user_id"], session["_fresh"] = known, True
            answer = client.open(
                address, method=method, base_url=HOST, headers=headers, query_string=two.questions(first)
            )
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
        found.add(
            rule.build(given, append_unknown=False)[1]
            if given.keys() == rule.arguments
            else address_of(rule, {name: str(value) for name, value in given.items()})
        )
    return found or {address_of(rule, {})}


def _calls(acting, first: SimpleNamespace, other: SimpleNamespace) -> list[str]:
    """Call what takes an id with the first's, acting for the other; what came back of the first."""

    def is_theirs(value: object) -> bool:
        return (
            first.word in value
            if isinstance(value, str)
            else getattr(value, "jurisdiction_id", None) == first.jurisdiction.id
        )

    leaks = []
    for name, call in CALLS.items():
        with acting(other.jurisdiction):
            assert current_jurisdiction_id() == other.jurisdiction.id
            before = two.snapshot(first.jurisdiction.id)
            try:
                found = call(first)
                db.session.flush()
            except (Refused, NoResultFound, NotFound):
                continue
            else:
                if carries(found, is_theirs) or (found and name not in NEVER_EMPTY):
                    leaks.append(f"{name}: {found!r}")
                if two.snapshot(first.jurisdiction.id) != before:
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
    monkeypatch.setattr(report_detail, "current_jurisdiction_id", lambda: first.jurisdiction.id)
    assert any("detail" in one for one in _calls(acting, first, other))

"""What an administrator does with subscriptions. Verbs flush and never commit."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from flask import current_app
from sqlalchemy import select, text

from core import outbound
from core.channel_names import WEBHOOK
from core.database import db, execute_unscoped, utcnow
from core.database.scope import current_jurisdiction_id
from core.errors import ChangedMeanwhile, CollectedErrors, FieldError, NotFound, Refused
from core.i18n import gettext as _
from core.notifications.outbox.models import OWED, Message
from core.notifications.outbox.sender import send_after_commit
from core.notifications.outbox.verbs import queue_message
from core.notifications.webhooks import delivery, payloads, queries, signing
from core.notifications.webhooks.models import ASKED, Webhook
from core.text import clean_text

#: Subscriptions that one jurisdiction has at most: each event is one row for each.
MOST = 50
LONGEST_URL = 1000
LONGEST_LABEL = 80
#: How long deliveries are signed with the former secret as well.
BOTH_SECRETS = timedelta(hours=24)
#: The largest id there can be: a path may name any number.
LAST_ID = 2**63 - 1


@dataclass(frozen=True)
class Target:
    """An address that somebody typed, after it was looked at: no name server is asked about it again."""

    url: str
    #: Why it cannot be kept.
    error: FieldError | None = None


def look_up(value: object) -> Target:
    """Look at an address that somebody typed and at where its host leads, which may take a name server half a minute:
    before anything is written (an idempotency key too). Raises nothing: `create` and `change` do.
    """
    try:
        return Target(_url(value))
    except FieldError as error:
        return Target(str(value or "").strip(), error)


def list_webhooks() -> list[Webhook]:
    """The jurisdiction's subscriptions, the newest first."""
    return list(
        db.session.scalars(
            select(Webhook).where(Webhook.removed_at.is_(None)).order_by(Webhook.id.desc()).limit(MOST * 2)
        )
    )


def get_webhook(number: int, *, lock: bool = False, version: int | None = None) -> Webhook:
    """The subscription of that number, its row locked where asked.

    Raises NotFound, and ChangedMeanwhile when `version` (what somebody read) is no longer the present one.
    """
    wanted = select(Webhook).where(Webhook.id == number, Webhook.removed_at.is_(None))
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    webhook = db.session.scalar(wanted) if 0 < number <= LAST_ID else None
    if webhook is None:
        raise NotFound(_("This webhook does not exist here."))
    if version is not None and webhook.version != version:
        raise ChangedMeanwhile(
            _("Someone else has changed this webhook in the meantime. Here is the latest version."), code="changed"
        )
    return webhook


def create(*, url: object, label: object = "", kinds: Iterable[object] = ()) -> Webhook:
    """Subscribe an address to kinds of event (none named: all of them). Its secret stands in the row: show it once.

    `url`: a Target, from whoever has written something before; what is none is looked up here.
    Raises FieldErrors naming url, label, kinds; Refused where there are MOST already.
    """
    errors = CollectedErrors()
    address = name = ""
    chosen: list[str] = []
    with errors:
        address = _kept(url)
    with errors:
        name = clean_text(label, field="label", most=LONGEST_LABEL, lines=False)
    with errors:
        chosen = _kinds(kinds)
    errors.done()
    if len(list_webhooks()) >= MOST:
        raise Refused(_("There are %(most)s webhooks already: remove one first.", most=MOST), code="too_many")
    made = Webhook(
        jurisdiction_id=current_jurisdiction_id(), url=address, label=name, kinds=chosen, secret=signing.new_secret()
    )
    db.session.add(made)
    db.session.flush()
    db.session.refresh(made)
    return made


def change(
    webhook: Webhook, *, url: object = None, label: object = None, kinds: Iterable[object] | None = None
) -> None:
    """Change what is given; what is None stays. `url` is as for `create`; the present one may stay although its host
    leads nowhere now. Raises FieldErrors naming url, label, kinds."""
    errors = CollectedErrors()
    values: dict[str, object] = {}
    with errors:
        if url is not None and webhook.url != (url.url if isinstance(url, Target) else url):
            values["url"] = _kept(url)
    with errors:
        if label is not None:
            values["label"] = clean_text(label, field="label", most=LONGEST_LABEL, lines=False)
    with errors:
        if kinds is not None:
            values["kinds"] = _kinds(kinds)
    errors.done()
    for name, value in values.items():
        setattr(webhook, name, value)
    _touch(webhook)


def suspend(webhook: Webhook) -> None:
    """Tell it nothing until it is resumed: what happens meanwhile, and what it was still owed, is not sent.

    Raises Refused when it is suspended already.
    """
    if webhook.suspended_at is not None:
        raise Refused(_("This webhook is already suspended."), code="illegal_move")
    webhook.suspended_at, webhook.suspended_why = utcnow(), ASKED
    _touch(webhook)
    delivery.drop_undelivered(webhook.id, delivery.SUSPENDED)


def resume(webhook: Webhook) -> None:
    """Tell it again what happens from now on. Raises Refused when it is not suspended."""
    if webhook.suspended_at is None:
        raise Refused(_("This webhook is not suspended."), code="illegal_move")
    webhook.suspended_at = webhook.suspended_why = webhook.failing_since = None
    webhook.failures = 0
    _touch(webhook)


def remove(webhook: Webhook) -> None:
    """Tell it nothing ever again; its secrets are forgotten, its log is kept."""
    webhook.removed_at = utcnow()
    webhook.secret, webhook.former_secret, webhook.former_until = "", None, None
    _touch(webhook)
    delivery.drop_undelivered(webhook.id, delivery.REMOVED)


def renew_secret(webhook: Webhook) -> str:
    """A new secret, to be shown once. For a day deliveries are signed with both, so that none is refused."""
    webhook.former_secret, webhook.former_until = webhook.secret, utcnow() + BOTH_SECRETS
    webhook.secret = signing.new_secret()
    _touch(webhook)
    return webhook.secret


def ping(webhook: Webhook) -> None:
    """Send a test, at once: what waits before it for its next try is tried now as well."""
    queue_message(
        payloads.PING, source=f"ping:{secrets.token_hex(8)}", recipient=f"webhook:{webhook.id}", channel=WEBHOOK
    )
    execute_unscoped(_NOW, {"recipient": f"webhook:{webhook.id}"})
    send_after_commit(WEBHOOK)


#: What a sender holds is due within its lease (a minute) and is left alone.
_NOW = text("""
UPDATE message SET due_at = statement_timestamp()
WHERE recipient = :recipient AND channel = 'webhook' AND status = 'owed'
  AND due_at > statement_timestamp() + interval '90 seconds'
""")


def send_again(webhook: Webhook, deliveries: Iterable[int] | None = None) -> int:
    """Owe deliveries once more: those named (whatever became of them), or all of the last 1,000 that did not
    arrive; returns how many.

    They keep their ids: a receiver that has one already knows it. Raises Refused while it is suspended, NotFound
    where one of those named is not of this subscription.
    """
    if webhook.suspended_at is not None:
        raise Refused(_("This webhook is suspended: resume it first."), code="illegal_move")
    wanted = select(Message).where(Message.recipient == f"webhook:{webhook.id}", Message.channel == WEBHOOK)
    if deliveries is None:
        return _all_again(webhook)
    numbers = {number for number in deliveries if 0 < number <= LAST_ID}
    known = list(db.session.scalars(wanted.where(Message.id.in_(numbers)).order_by(Message.id).with_for_update()))
    if len(known) != len(set(deliveries)):
        raise NotFound(_("This delivery does not exist."))
    again = [message for message in known if message.status != OWED]
    for message in again:
        message.status, message.tries, message.due_at, message.sent_at = OWED, 0, utcnow(), None
    db.session.flush()
    send_after_commit(WEBHOOK)
    return len(again)


def _all_again(webhook: Webhook) -> int:
    m = Message.__table__
    done = execute_unscoped(
        m.update()
        .where(m.c.id.in_(queries.undelivered_ids(webhook)))
        .values(status=OWED, tries=0, due_at=utcnow())
        .execution_options(preserve_rowcount=True)
    )
    send_after_commit(WEBHOOK)
    return done.rowcount


def _touch(webhook: Webhook) -> None:
    webhook.version += 1
    db.session.flush()


def _kept(value: object) -> str:
    target = value if isinstance(value, Target) else look_up(value)
    if target.error is not None:
        raise target.error
    return target.url


def _url(value: object) -> str:
    address = clean_text(value, field="url", most=LONGEST_URL, required=True, lines=False)
    try:
        outbound.check_url(address)
    except outbound.BlockedAddress as error:
        raise FieldError("url", error.words) from None
    if address.rstrip("/").startswith(current_app.config["PUBLIC_URL"]):
        raise FieldError("url", _("This is our own address: a webhook notifies another program."))
    return address


def _kinds(values: Iterable[object]) -> list[str]:
    known = payloads.known_kinds()
    chosen = {clean_text(value, field="kinds", most=100, lines=False) for value in values}
    unknown = chosen - set(known)
    if unknown:
        raise FieldError("kinds", _("Unknown event type: %(kinds)s.", kinds=", ".join(sorted(unknown))))
    # In one order, and none at all where all are wanted: kinds to come are then wanted too.
    return [] if len(chosen) == len(known) else [kind for kind in known if kind in chosen]

"""One try of one delivery: what is sent, to whom, and what became of it.

What is not answered with 2xx has failed and is tried again, a redirect included: where it leads was not looked
at when the address was given. 410 ends the subscription, and so do too many failures one after the other.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import datetime

from requests import RequestException, Timeout
from sqlalchemy import BigInteger, Boolean, bindparam, select, text
from sqlalchemy.orm import Session

from core import outbound
from core.database import execute_unscoped, utcnow
from core.notifications.channels import PAUSES
from core.notifications.outbox.models import Message
from core.notifications.webhooks import mails, payloads, signing
from core.notifications.webhooks.models import FAILING, GONE, Webhook
from core.text import without_contacts

log = logging.getLogger(__name__)

#: Deliveries given up one after the other, or days without one that was accepted, after which it is suspended.
MOST_GIVEN_UP = 5
MOST_DAYS = 3
#: How long an answer is waited for, in seconds.
TIMEOUT_SECONDS = 10.0
#: How much of an answer is kept, in characters.
EXCERPT = 300
#: Why what was owed is not sent: what the log keeps beside it.
SUSPENDED, REMOVED = "the subscription was suspended", "the subscription was removed"
_ACCEPTED = range(200, 300)
_GONE = 410
_DAY = 86400


@dataclass(frozen=True)
class Attempt:
    """What one try brought."""

    #: The HTTP status; None where nothing was answered.
    status: int | None
    answer: str
    milliseconds: int


@dataclass
class Delivery:
    """A delivery ready to leave."""

    message_id: int
    webhook_id: int
    url: str
    body: bytes
    #: The secret, and the one before while both are good.
    keys: tuple[str, ...]
    #: Whether this try is the last before it is given up.
    last: bool
    #: What became of this try, once it was made.
    tried: Attempt | None = field(default=None, init=False)


def prepare_delivery(message: Message) -> Delivery | None:
    """A message as it leaves, its jurisdiction acting; None where there is nothing to say, or nobody to say it to.

    One statement besides those of the body's maker.
    """
    number = int(message.recipient.partition(":")[2])
    w = Webhook.__table__.c
    row = execute_unscoped(
        select(w.url, w.secret, w.former_secret, w.former_until, w.suspended_at).where(
            w.id == number, w.jurisdiction_id == message.jurisdiction_id, w.removed_at.is_(None)
        )
    ).one_or_none()
    # A test is sent to a suspended subscription too: whoever mended the other side wants to know before.
    if row is None or (row.suspended_at is not None and message.kind != payloads.PING):
        return None
    body = payloads.json_body(message)
    if body is None:
        return None
    keys = _keys(row.secret, row.former_secret, row.former_until)
    return Delivery(message.id, number, row.url, body, keys, message.tries > len(PAUSES))


def _keys(secret: str, former: str | None, until: datetime | None) -> tuple[str, ...]:
    if former is None or until is None or until <= utcnow():
        return (secret,)
    return secret, former


def post_delivery(delivery: Delivery) -> None:
    """Send it; return once the other side has accepted it. Asks the database nothing; what became of it stands in
    `delivery.tried`. Raises core.outbound.Refusal, and NoRecipient where the other side is no more."""
    proof = signing.signature_headers(
        payloads.delivery_id(delivery.message_id), int(time.time()), delivery.body, delivery.keys
    )
    since = time.monotonic()
    status, said, after = None, "", 0.0
    try:
        with outbound.guarded_session(TIMEOUT_SECONDS) as asking:
            answer = asking.post(delivery.url, data=delivery.body, headers=proof | {"Content-Type": "application/json"})
            status, said = answer.status_code, _excerpt(answer.content)
            after = _retry_after(answer.headers.get("Retry-After", ""))
    except outbound.BlockedAddress as error:
        said = f"not asked: {error}"
    except (RequestException, OSError, ValueError) as error:
        # Their own sentences hold the address, which may hold a password of the other side.
        late = isinstance(error, Timeout) or time.monotonic() - since > TIMEOUT_SECONDS * 0.95
        said = "no answer in time" if late else f"no connection: {type(error).__name__}"
    delivery.tried = Attempt(status, said, round((time.monotonic() - since) * 1000))
    if status == _GONE:
        raise outbound.NoRecipient(f"{status} {said}")
    if status not in _ACCEPTED:
        raise outbound.Refusal(f"{status} {said}".strip() if status else said, permanent=False, after=after)


def _retry_after(wanted: str) -> float:
    """How long the other side wants to be left alone, in seconds: where it says a number, and a day at most."""
    return min(int(wanted), _DAY) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 10 else 0


def _excerpt(content: bytes) -> str:
    """The beginning of an answer, on one line, as text that the database can keep."""
    words = " ".join(content.decode("utf-8", "replace").replace("\x00", " ").split())
    return without_contacts(words)[:EXCERPT]


_TRY = text("""
INSERT INTO webhook_try (message_id, status, milliseconds, answer)
SELECT id, :status, :took, :said FROM message WHERE id = :message
""")
_ACCEPTED_ONE = text("""
UPDATE webhook SET failures = 0, failing_since = NULL
WHERE id = :webhook AND (failures > 0 OR failing_since IS NOT NULL)
""")
_FAILED_ONE = text("""
UPDATE webhook SET failures = failures + CAST(:last AS integer),
       failing_since = coalesce(failing_since, statement_timestamp())
WHERE id = :webhook
RETURNING suspended_at IS NULL AND removed_at IS NULL AS live,
          failures >= :most OR failing_since < statement_timestamp() - make_interval(days => :days) AS enough
""").bindparams(bindparam("last", type_=Boolean), bindparam("webhook", type_=BigInteger))
_SUSPEND = text("""
UPDATE webhook SET suspended_at = statement_timestamp(), suspended_why = :why, version = version + 1
WHERE id = :webhook AND suspended_at IS NULL
""")
_DROP = text("""
UPDATE message SET status = 'dropped', error = :error
WHERE recipient = :recipient AND channel = 'webhook' AND status = 'owed'
""")


def record_attempt(session: Session, delivery: Delivery, accepted: bool) -> None:
    """Note a try in the subscription's log, and what it says of the subscription: at most six statements."""
    tried = delivery.tried
    if tried is None:
        return
    session.execute(
        _TRY, {"message": delivery.message_id, "status": tried.status, "took": tried.milliseconds, "said": tried.answer}
    )
    if accepted:
        session.execute(_ACCEPTED_ONE, {"webhook": delivery.webhook_id})
        return
    after = session.execute(
        _FAILED_ONE, {"webhook": delivery.webhook_id, "last": delivery.last, "most": MOST_GIVEN_UP, "days": MOST_DAYS}
    ).one()
    if after.live and (tried.status == _GONE or after.enough):
        why = GONE if tried.status == _GONE else FAILING
        log.warning("Webhook %d is suspended: %s", delivery.webhook_id, why)
        session.execute(_SUSPEND, {"webhook": delivery.webhook_id, "why": why})
        drop_undelivered(delivery.webhook_id, SUSPENDED)
        mails.notify_administrators(session, delivery.webhook_id)


def drop_undelivered(webhook_id: int, error: str) -> None:
    """What a subscription is still owed is not sent: it stays in its log, from where it can be sent again."""
    execute_unscoped(_DROP, {"recipient": f"webhook:{webhook_id}", "error": error})

"""What every write shares: a key sent twice is answered once; who read an older version is told."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from flask import Response, request

from api.v1 import responses
from core.database import utcnow
from core.errors import ChangedMeanwhile
from core.i18n import gettext as _
from core.identity.actor import Actor, checked_occurred_at
from core.web import idempotency
from core.web.principal import Principal, current_principal

KEY = "Idempotency-Key"
ANYONE = "anyone"


class Stale(ChangedMeanwhile):
    """The thing is no longer what the client read (HTTP 412); `etag` is what it is now."""

    def __init__(self, etag: str) -> None:
        super().__init__(_("Someone else has changed this in the meantime: read it again."), code="changed")
        self.etag = etag


def actor(occurred_at: datetime | None = None, who: Principal | None = None) -> Actor:
    """Who writes, through this channel, and when it happened where the client says so. Raises FieldError."""
    who = who or current_principal()
    # One moment for all that the request writes: a promise of 72 hours is one of 72 hours exactly.
    at = checked_occurred_at(occurred_at) or utcnow()
    return who.acting("api", at) if who else Actor("api", None, at)


#: The version that a tag of ours begins with; what stands behind it says which representation it was (see
#: api.v1.schemas.serializers.tag), and after a colon by which algorithm it was compressed.
_VERSION = re.compile(r"^([0-9]{1,19})(?:[-:]|$)", re.ASCII)


def versions_expected() -> frozenset[int] | None:
    """The versions that If-Match allows; None for any (no such header, or `*`).

    As RFC 9110 §13.1.1 wants it: a list of tags, compared strongly, so that a weak one (`W/"3"`) allows nothing.
    """
    if "If-Match" not in request.headers:
        return None
    tags = request.if_match
    if tags.star_tag:
        return None
    # Werkzeug gives None for the empty tag (`""`), which is none of ours.
    found = (_VERSION.match(tag) for tag in tags.as_set() if tag)
    return frozenset(int(version[1]) for version in found if version)


def must_match(version: int) -> None:
    """Refuse a change to what the client has not read, where it said what it had read. Raises Stale."""
    expected = versions_expected()
    if expected is not None and version not in expected:
        raise Stale(str(version))


@dataclass
class Once:
    """One write under the client's key, where it sent one. `answered` is what was said the first time.

    What people wrote is not kept beside the key (it must be erasable where it lives): the names in `words`
    are left out and read again when the answer is repeated.
    """

    words: tuple[str, ...] = ()
    claim: idempotency.Claim | None = field(default=None, init=False)

    @classmethod
    def begin(cls, fields: Any, *files: str, words: tuple[str, ...] = (), take: bool = True) -> Once:
        """Take the key of this request, or find its answer. `files`: digests of what came beside the fields.

        Without `take` the answer is only looked for: a taken key is something written, and nobody is spoken with from
        then on. Raises FieldError naming Idempotency-Key when it was used for something else, or cannot be used.
        """
        once = cls(words)
        key = request.headers.get(KEY)
        if key is not None:
            parsed = orjson.dumps(fields, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
            use = idempotency.claim if take else idempotency.find
            once.claim = use(
                key, actor=_who(), digest=idempotency.digest_of(request.method, request.path, parsed, *files)
            )
        return once

    @property
    def answered(self) -> dict[str, Any] | None:
        """What was kept of the first answer: name, status, body, etag, location."""
        return self.claim.answer if self.claim else None

    @property
    def client_key(self) -> str | None:
        """The key for a verb that a phone may send late and twice: this client's, for this address."""
        key = request.headers.get(KEY)
        return None if key is None else idempotency.digest_of(_who(), request.path, key)[:40]

    def release(self) -> None:
        """Give the key back: what was refused may be sent again under it."""
        if self.claim is not None:
            self.claim.release()

    def keep(
        self, name: str, body: dict[str, Any], *, status: int, etag: str | None, location: str | None, subject: str
    ) -> None:
        """Keep the answer beside the key. `name`: the field that identifies the body, `subject`: that."""
        if self.claim is not None:
            rest = {key: value for key, value in body.items() if key not in self.words}
            self.claim.keep(
                {
                    "subject": subject,
                    "name": name,
                    "status": status,
                    "etag": etag,
                    "location": location,
                    "body": orjson.loads(orjson.dumps(rest, option=responses.OPTIONS)),
                }
            )

    def repeat(self, present: dict[str, Any]) -> Response:
        """The same answer again; the words in it as they stand now, in `present`."""
        said = self.answered
        if said is None:
            raise LookupError("nothing was answered under this key before")
        # In the order of the first answer: what is compared as text is the same as well.
        body = {key: present[key] if key in self.words else said["body"].get(key) for key in present}
        return responses.resource_answer(
            body, said["name"], etag=said["etag"], status=said["status"], location=said["location"]
        )

    def finish(
        self,
        name: str,
        body: dict[str, Any],
        *,
        etag: str | None = None,
        status: int = 200,
        location: str | None = None,
    ) -> Response:
        """Keep the answer and give it."""
        self.keep(name, body, status=status, etag=etag, location=location, subject=body[name])
        return responses.resource_answer(body, name, etag=etag, status=status, location=location)


def _who() -> str:
    found = current_principal()
    return found.actor if found else ANYONE

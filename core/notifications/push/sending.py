"""Web Push: one message to each browser of one person, encrypted for it (RFC 8030, 8188, 8291, 8292)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

import requests
from flask import current_app

from core import outbound
from core.outbound import BlockedAddress, NoRecipient, Refusal

#: How long a push service keeps it for a browser that is away, in seconds.
TTL_SECONDS = 7 * 86400
#: How much of title and body is pushed, in characters: a push service takes 4,096 bytes in all.
LONGEST_TITLE, LONGEST_BODY = 120, 400
#: What a browser that is no more is answered for.
_GONE = (404, 410)
_TOO_LARGE, _TOO_MANY = 413, 429
_DAY = 86400


@dataclass(frozen=True)
class PushTarget:
    """Where one browser is reached (see core.notifications.push.models.PushSubscription)."""

    id: int
    endpoint: str
    p256dh: str
    auth: str


@dataclass
class PushMessage:
    """A message ready to leave for a person's browsers, and what became of each."""

    message_id: int
    payload: bytes
    browsers: tuple[PushTarget, ...]
    urgent: bool = False
    #: Whether this is the last try, and whether an earlier one reached one of the others.
    last: bool = False
    before: bool = False
    said: tuple[str, str] = ("", "")
    accepted: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)


def payload(*, title: str, body: str, page: str, tag: str, **more: str | None) -> bytes:
    """What the service worker of the page is given; what is None is left out."""
    said = {"title": title[:LONGEST_TITLE], "body": body[:LONGEST_BODY], "page": page, "tag": tag, **more}
    return json.dumps({name: value for name, value in said.items() if value}, ensure_ascii=False).encode()


class PushServices:
    """The push services, asked behind the guard of core.outbound: their addresses come from browsers."""

    def __init__(self) -> None:
        from py_vapid import Vapid02

        self._key = Vapid02.from_string(current_app.config["VAPID_PRIVATE_KEY"])
        self._subject = "mailto:" + parseaddr(current_app.config["MAIL_FROM"])[1]
        self._session = outbound.guarded_session(outbound.PATIENCE)

    def send(self, push: PushMessage) -> None:
        """Push to every browser. Raises NoRecipient when none is left, Refusal when one is to be tried again."""
        later: list[Refusal] = []
        for browser in push.browsers:
            try:
                self._one(push, browser)
            except NoRecipient:
                push.gone.append(browser.id)
            except Refusal as refusal:
                later.append(refusal)
            else:
                push.accepted.append(browser.id)
        if later and not (push.last and (push.accepted or push.before)):
            raise Refusal(
                str(later[0]), permanent=all(one.permanent for one in later), after=max(one.after for one in later)
            )
        if not push.accepted and not push.before and not later:
            raise NoRecipient("no browser is left")

    def close(self) -> None:
        """Close what is kept open."""
        self._session.close()

    def _one(self, push: PushMessage, browser: PushTarget) -> None:
        from pywebpush import WebPusher

        keys = {"p256dh": browser.p256dh, "auth": browser.auth}
        try:
            pusher = WebPusher({"endpoint": browser.endpoint, "keys": keys}, requests_session=self._session)
            answer = pusher.send(push.payload, self._headers(push, browser), ttl=TTL_SECONDS)
        except BlockedAddress:
            # Nothing that a browser would give: it is not asked again.
            raise NoRecipient("not an address to push to") from None
        except requests.RequestException as error:
            raise Refusal(f"the push service cannot be spoken with: {type(error).__name__}", permanent=False) from None
        except (ValueError, TypeError):
            raise NoRecipient("keys that are none") from None
        status = answer.status_code
        if status in _GONE:
            raise NoRecipient(str(status))
        if not 200 <= status < 300:
            raise Refusal(
                f"the push service answered {status}",
                permanent=status == _TOO_LARGE,
                after=_wanted(answer) if status == _TOO_MANY else 0,
            )

    def _headers(self, push: PushMessage, browser: PushTarget) -> dict[str, Any]:
        parts = urlsplit(browser.endpoint)
        signed = self._key.sign({"aud": f"{parts.scheme}://{parts.netloc}", "sub": self._subject})
        # Pushed twice after a crash, a browser that was away meanwhile shows it once.
        return signed | {"urgency": "high" if push.urgent else "normal", "topic": f"m{push.message_id}"}


def _wanted(answer: requests.Response) -> float:
    said = answer.headers.get("Retry-After", "")
    return min(int(said), _DAY) if said.isascii() and said.isdecimal() and len(said) < 10 else 0

"""SMS, through any gateway that apprise speaks: SMS_URL names it."""

from __future__ import annotations

import logging
import re
import threading
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import current_app

from core.i18n import lazy_gettext
from core.notifications import gsm
from core.notifications.channels import Channel, MailRenderer
from core.notifications.outbox.models import Message
from core.outbound import Refusal

#: Where the number stands in SMS_URL; without it, it is the last part of the path.
NUMBER_PLACEHOLDER = "{phone}"
#: How long the gateway is waited for: to connect, and to answer, in seconds.
_PATIENCE = {"cto": 5, "rto": 10}


@dataclass(frozen=True)
class Sms:
    """A text ready to leave."""

    phone: str
    text: str

    @property
    def said(self) -> tuple[str, str]:
        """What is kept of it, where the exact words are kept."""
        return "", self.text


def make(message: Message, say: MailRenderer) -> Sms | None:
    """One sentence and the page that tells more, to the contact's number."""
    number = message.contact.phone if message.contact is not None else None
    if not number:
        return None
    mail = say()
    if mail is None:
        return None
    return Sms(number, gsm.fit_one_segment(mail.brief or mail.subject, mail.page or ""))


def address(url: str, phone: str) -> str:
    """SMS_URL with the number in its place."""
    number = quote(phone, safe="")
    if NUMBER_PLACEHOLDER in url:
        whole = url.replace(NUMBER_PLACEHOLDER, number)
    else:
        path, mark, query = url.partition("?")
        whole = f"{path.rstrip('/')}/{number}{mark}{query}"
    more = "&".join(f"{name}={seconds}" for name, seconds in _PATIENCE.items() if f"{name}=" not in whole)
    return f"{whole}{'&' if '?' in whole else '?'}{more}" if more else whole


class Gateway:
    """apprise, asked for one number at a time. What it answers is yes or no: no is tried again."""

    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, sms: Sms) -> None:
        """Return once the gateway has accepted it. Raises Refusal."""
        import apprise

        _gateway_log().last.code = None
        one = apprise.Apprise.instantiate(address(self._url, sms.phone), asset=_asset())
        if one is None:
            raise Refusal("SMS_URL is not understood, or this number is not", permanent=False)
        if not one.notify(body=sms.text, body_format=apprise.NotifyFormat.TEXT, notify_type=apprise.NotifyType.INFO):
            code = _gateway_log().last.code
            raise Refusal(f"the gateway answered {code}" if code else "the gateway did not accept it", permanent=False)

    def close(self) -> None:
        """Nothing is kept open."""


class _GatewayLog(logging.Handler):
    """Hears what apprise says of a refusal, and keeps its number: the rest may name who it was for."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last = threading.local()

    def emit(self, record: logging.LogRecord) -> None:
        """Note the HTTP status in it, for the thread that asked."""
        found = re.search(r"error=(\d{3})\b", record.getMessage())
        if found:
            self.last.code = found[1]


_kept: dict[str, Any] = {}


def _gateway_log() -> _GatewayLog:
    """The one handler of apprise's log, which goes nowhere else."""
    if "ears" not in _kept:
        heard = logging.getLogger("apprise")
        heard.propagate = False
        heard.setLevel(logging.WARNING)
        _kept["ears"] = _GatewayLog()
        heard.addHandler(_kept["ears"])
    return _kept["ears"]


def _asset() -> Any:
    if "asset" not in _kept:
        import apprise

        _kept["asset"] = apprise.AppriseAsset(
            app_id="Alentour", app_desc="Alentour", storage_mode="memory", async_mode=False
        )
    return _kept["asset"]


def prepare() -> None:
    """Load apprise and its gateways once for all jobs of this worker: that takes a second."""
    import apprise

    _gateway_log()
    apprise.Apprise.instantiate("json://localhost", asset=_asset())


CHANNEL = Channel(
    name="sms",
    words=lazy_gettext("SMS"),
    configured=lambda config: bool(config["SMS_URL"]),
    make=make,
    open=lambda: Gateway(current_app.config["SMS_URL"]),
    prepare=prepare,
    quiet=True,
    at_once=4,
)

"""Flask-Security's mails, through the outbox, in our own words."""

from __future__ import annotations

import secrets
import time
from typing import Any

from flask import Flask
from flask_security import MailUtil, url_for_security

from core.i18n import gettext as _
from core.i18n import lazy_gettext
from core.links import absolute
from core.mail import Mail, letter
from core.outbox import policy
from core.outbox.kinds import register_renderer
from core.outbox.models import Message
from core.outbox.verbs import owe

RESET, RESET_DONE, CHANGED = "account.reset", "account.reset_done", "account.changed"
#: Flask-Security's template → our kind.
KINDS = {
    "security/email/reset_instructions": RESET,
    "security/email/reset_notice": RESET_DONE,
    "security/email/change_notice": CHANGED,
}
#: A link to a new password that could not be delivered while it was good is not sent any more, in seconds.
LINK_SECONDS = 2 * 3600


class OutboxMailUtil(MailUtil):
    """Owes what Flask-Security would send. Its own rendering is left aside."""

    def send_mail(self, template: str, subject: str, recipient: Any, sender: Any, body: str | None,
                  html: str | None, **context: Any) -> None:
        """Owe the mail of that template to `context["user"]`. Raises KeyError for one without a kind."""
        kind, user = KINDS[template], context["user"]
        facts: dict[str, Any] = {}
        if kind == RESET:
            facts = {"secret": {"link": context["reset_link"]}, "until": int(time.time()) + LINK_SECONDS}
        else:
            facts = {"forgot": url_for_security("forgot_password")}
        owe(kind, source=f"{kind}:{secrets.token_hex(8)}", user_id=user.id, locale=user.locale, facts=facts)


def reset(message: Message) -> Mail | None:
    """A link to choose a new password; nothing once it is no longer good."""
    link = message.facts.get("secret", {}).get("link")
    if not link or message.facts["until"] < time.time():
        return None
    return letter("account_reset", _("Choose a new password"), address=absolute(link))


def changed(message: Message) -> Mail:
    """The password is another one now: said so that a stranger's doing does not go unnoticed."""
    return letter("account_changed", _("Your password has been changed"),
                  address=absolute(message.facts["forgot"]))


def init_app(app: Flask) -> None:
    """Register the mails of accounts, and how they are delivered."""
    policy.register(policy.ASKED_FOR, RESET)
    policy.register(policy.WARNING, RESET_DONE, CHANGED)
    register_renderer(reset, RESET, words=lazy_gettext("Forgotten password"))
    register_renderer(changed, RESET_DONE, CHANGED, words=lazy_gettext("Changed password"))

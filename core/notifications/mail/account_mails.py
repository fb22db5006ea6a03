"""Flask-Security's mails, through the outbox, in our own words."""

from __future__ import annotations

import secrets
import time
from typing import Any

from flask import Flask
from flask_security import MailUtil, url_for_security

from core.i18n import gettext as _
from core.i18n import lazy_gettext
from core.notifications.mail import Mail, mail_from_templates
from core.notifications.outbox import policy
from core.notifications.outbox.models import Message
from core.notifications.outbox.renderers import register_renderer
from core.notifications.outbox.verbs import queue_message
from core.web.urls import absolute_url

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

    def send_mail(
        self,
        template: str,
        subject: str,
        recipient: Any,
        sender: Any,
        body: str | None,
        html: str | None,
        **context: Any,
    ) -> None:
        """Owe the mail of that template to `context["user"]`. Raises KeyError for one without a kind."""
        kind, user = KINDS[template], context["user"]
        facts: dict[str, Any] = {}
        if kind == RESET:
            facts = {"secret": {"link": context["reset_link"]}, "until": int(time.time()) + LINK_SECONDS}
        else:
            facts = {"forgot": url_for_security("forgot_password")}
        queue_message(kind, source=f"{kind}:{secrets.token_hex(8)}", user_id=user.id, locale=user.locale, facts=facts)


def reset_mail(message: Message) -> Mail | None:
    """A link to choose a new password; nothing once it is no longer good."""
    link = message.facts.get("secret", {}).get("link")
    if not link or message.facts["until"] < time.time():
        return None
    return mail_from_templates("account_reset", _("Choose a new password"), address=absolute_url(link))


def changed_mail(message: Message) -> Mail:
    """The password is another one now: said so that a stranger's doing does not go unnoticed."""
    return mail_from_templates(
        "account_changed", _("Your password has been changed"), address=absolute_url(message.facts["forgot"])
    )


def init_app(app: Flask) -> None:
    """Register the mails of accounts, and how they are delivered."""
    policy.register(policy.ASKED_FOR, RESET)
    policy.register(policy.WARNING, RESET_DONE, CHANGED)
    register_renderer(reset_mail, RESET, words=lazy_gettext("Forgotten password"))
    register_renderer(changed_mail, RESET_DONE, CHANGED, words=lazy_gettext("Changed password"))

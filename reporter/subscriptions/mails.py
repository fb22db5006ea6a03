"""What an address is asked: whether it wants the news of something, and the link to one's own page."""

from __future__ import annotations

from flask import Flask

from core.channel_names import MAIL
from core.database.scope import current_jurisdiction
from core.i18n import gettext as _
from core.i18n import lazy_gettext, locale_code
from core.notifications.outbox import digest, policy
from core.notifications.outbox.models import Message
from core.notifications.outbox.renderers import Mail, mail_from_templates, register_renderer
from core.web import urls
from reporter.subscriptions import address_change, my_page
from reporter.subscriptions import links as subscription_links
from reporter.subscriptions.kinds import SubscriptionKind, kind_of

#: What fits into one SMS beside a link, and leaves the words of the question whole.
SHORT = 50


def confirmation(message: Message, kind: SubscriptionKind) -> Mail | None:
    """Whether this address really wants the news of something: nothing else reaches it before it says yes.

    None when there is nothing to ask any more: it was confirmed meanwhile, or has been removed.
    """
    row = kind.find(message.facts["follower"])
    if row is None or (row.confirmed_at and not row.stopped_at):
        return None
    # Nothing that somebody typed: whoever asked may have given a stranger's address.
    thing = kind.untyped(row)
    return mail_from_templates(
        "confirm_subscription",
        f"{kind.confirm_question} {thing}",
        thing=thing,
        asked=kind.asked,
        page=subscription_links.confirm_link(kind.name, row.id, row.version),
        brief=_(
            "%(town)s: do you want updates on “%(thing)s”? Confirm here:", town=_jurisdiction(), thing=_short(thing)
        ),
    )


def report(message: Message) -> Mail | None:
    """Whether this address really wants the news of a report."""
    return confirmation(message, kind_of("report"))


def link(message: Message) -> Mail:
    """The link to the page "mine", good for a day and once."""
    assert message.contact is not None  # made for a contact
    return mail_from_templates(
        "my_page",
        _("Your reports and what you follow"),
        page=urls.absolute_url(f"/mine/{my_page.link_word(message.contact, message.channel, message.created_at)}"),
        brief=_("%(town)s: your reports and what you follow. Link valid for one day:", town=_jurisdiction()),
    )


def address(message: Message) -> Mail | None:
    """Whether somebody's news shall come to this address from now on."""
    word = address_change.link_word_of(message)
    if word is None:
        return None
    by_mail = message.channel == MAIL
    return mail_from_templates(
        "address",
        _("Is this address yours?") if by_mail else _("Is this number yours?"),
        page=urls.absolute_url(f"/mine/address/{word}"),
        brief=_("%(town)s: do you want your updates at this number? Confirm here:", town=_jurisdiction()),
    )


def _jurisdiction() -> str:
    return current_jurisdiction().name_in(locale_code())


def _short(words: str) -> str:
    return words if len(words) <= SHORT else words[: SHORT - 1].rstrip(" ,;") + "…"


def _stop_all(contact_id: int) -> str:
    return subscription_links.stop_link("mails", contact_id)


def init_app(app: Flask) -> None:
    """Register the questions to addresses, one's own links, and the link of the day's digest that stops all mails."""
    policy.register(policy.ASKED_FOR, "report.confirm", "mine.link", "mine.address")
    digest.register_stop_link(_stop_all)
    register_renderer(report, "report.confirm", words=lazy_gettext("Address to confirm"))
    register_renderer(link, "mine.link", words=lazy_gettext("Link to your page"))
    register_renderer(address, "mine.address", words=lazy_gettext("A new address to confirm"))

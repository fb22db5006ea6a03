"""Links that are each reader's own: marks stand for them in what is written once for many, and are filled in last."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import replace

from markupsafe import Markup, escape

from core.notifications.mail import Mail

#: Nobody outside this process can write it: people's words hold no mark.
_SECRET = secrets.token_hex(6)
_MARK = re.compile(f"\ue000{_SECRET}([a-z]+)\ue001")
_LINK = re.compile(f'\ue000{_SECRET}[a-z]+\ue001|https?://[^\\s<>"]*[^\\s<>".,;:!?)\\]»]')


def placeholder(name: str) -> str:
    """What stands for a reader's own link until it is known."""
    return f"\ue000{_SECRET}{name}\ue001"


PAGE, YES, NO, STOP, CONFIRM = (
    placeholder("page"),
    placeholder("yes"),
    placeholder("no"),
    placeholder("stop"),
    placeholder("confirm"),
)


def text_to_html(text: str) -> Markup:
    """Plain text as HTML: escaped, its line ends kept, its addresses and marks as links that can be followed."""
    pieces, at = [], 0
    for found in _LINK.finditer(text):
        pieces += [escape(text[at : found.start()]), Markup('<a class="accent" href="{0}">{0}</a>').format(found[0])]
        at = found.end()
    pieces.append(escape(text[at:]))
    return Markup("").join(pieces).replace("\n", Markup("<br>\n"))


def fill_links(mail: Mail, links: Mapping[str, str]) -> Mail:
    """The mail with one reader's links: {"page": address, "stop": address…}."""
    safe = {name: str(escape(address)) for name, address in links.items()}
    return replace(
        mail,
        text=_MARK.sub(lambda found: links[found[1]], mail.text),
        html=_MARK.sub(lambda found: safe[found[1]], mail.html) if mail.html else None,
        page=links.get("page"),
        unsubscribe=links.get("stop"),
    )

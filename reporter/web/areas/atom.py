"""Feeds as RFC 4287 asks for them: what one says, and its bytes. Nothing personal ever stands in one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

from core.database.scope import current_jurisdiction
from core.i18n import locale_code
from core.web import urls

ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"
#: Entries of one feed, the newest.
MOST = 50
#: The year in which jurisdictions began to be the authority of these names (RFC 4151): it never changes.
SINCE = "2026"
#: What XML 1.0 has no way to write.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Entry:
    """One thing that is told: `name` tells it from every other of the jurisdiction, for ever."""

    name: str
    title: str
    path: str
    published: datetime
    updated: datetime
    #: Paragraphs.
    says: Sequence[str] = ()
    #: (term, label) of a category.
    category: tuple[str, str] | None = None


@dataclass(frozen=True)
class Feed:
    """A feed: its own `path`, the page it stands for, and its entries, the newest first."""

    name: str
    title: str
    path: str
    page: str
    entries: Sequence[Entry]
    #: When there is no entry yet.
    since: datetime

    @property
    def updated(self) -> datetime:
        """When anything in it last changed."""
        return max((one.updated for one in self.entries), default=self.since)


def tag(name: str) -> str:
    """A name as a tag: URI of the jurisdiction (RFC 4151): the same for as long as the jurisdiction keeps its
    address."""
    return f"tag:{urlsplit(urls.base_url()).hostname},{SINCE}:{current_jurisdiction().slug}/{name}"


def to_atom(feed: Feed) -> bytes:
    """The feed as an Atom document, in the language spoken now."""
    root = Element("feed", {"xmlns": ATOM, "xml:lang": locale_code()})
    _put(root, "id", tag(feed.name))
    _put(root, "title", feed.title)
    _put(root, "updated", _moment(feed.updated))
    SubElement(root, "link", rel="self", type=MEDIA_TYPE, href=urls.absolute_url(feed.path))
    SubElement(root, "link", rel="alternate", type="text/html", href=urls.absolute_url(feed.page))
    author = SubElement(root, "author")
    _put(author, "name", current_jurisdiction().name_in(locale_code()))
    _put(root, "generator", "Alentour")
    for one in feed.entries[:MOST]:
        _entry(SubElement(root, "entry"), one)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + tostring(root, encoding="utf-8")


def _entry(entry: Element, one: Entry) -> None:
    _put(entry, "id", tag(one.name))
    _put(entry, "title", one.title)
    _put(entry, "published", _moment(one.published))
    _put(entry, "updated", _moment(max(one.updated, one.published)))
    SubElement(entry, "link", rel="alternate", type="text/html", href=urls.absolute_url(one.path))
    if one.category is not None:
        SubElement(entry, "category", term=_clean(one.category[0]), label=_clean(one.category[1]))
    _put(entry, "content", "\n\n".join(one.says) or one.title).set("type", "text")


def _put(parent: Element, name: str, text: str) -> Element:
    child = SubElement(parent, name)
    child.text = _clean(text)
    return child


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

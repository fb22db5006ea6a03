"""The mailbox, by IMAP: what waits in it, one mail at a time, and where a mail goes once it was taken in."""

from __future__ import annotations

import imaplib
import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from imap_tools import BaseMailBox, ImapToolsError, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.utils import encode_folder

log = logging.getLogger(__name__)

#: No server is waited for longer than this for one answer, in seconds.
PATIENCE = 20.0
#: Where mails go: those that were taken in, those that the desk is to look at.
FOLDER, READ, SEEN_BY_DESK = "Alentour", "Lus", "A voir"
#: On a mail that was taken in and could not be moved.
KEYWORD = "AlentourTaken"
#: What a server that is away, refuses, or answers strangely comes to.
AWAY = (OSError, imaplib.IMAP4.error, ImapToolsError, ssl.SSLError, ValueError, IndexError, AssertionError)


@dataclass(frozen=True)
class MailHead:
    """A mail that waits: its number, how large it is (bytes), its headers alone."""

    uid: str
    size: int
    headers: bytes


class Mailbox:
    """One conversation with the mailbox."""

    def __init__(self, client: BaseMailBox) -> None:
        self._client = client
        self._folders: dict[str, str] = {}

    def waiting(self, most: int) -> list[str]:
        """The numbers of the mails that were not taken in yet, the oldest first, `most` of them."""
        return self._client.uids(f"NOT KEYWORD {KEYWORD} NOT DELETED")[:most]

    def head(self, uid: str) -> MailHead | None:
        """A mail's size and headers; None where it is gone."""
        for found in self._client.fetch(uid_list=uid, headers_only=True, mark_seen=False):
            return MailHead(uid, found.size_rfc822, bytes(found.obj))
        return None

    def whole(self, uid: str) -> bytes | None:
        """The bytes of a mail, left as new as it was; None where it is gone."""
        _status, data = self._client.client.uid("fetch", uid, "(BODY.PEEK[])")
        return next((one[1] for one in data or () if isinstance(one, tuple)), None)

    def done(self, uid: str, *, understood: bool) -> None:
        """Mark a mail as taken in and put it away. A server that allows neither is asked again next time."""
        marks = f"(\\Seen {KEYWORD})" if understood else f"(\\Seen \\Flagged {KEYWORD})"
        self._client.client.uid("STORE", uid, "+FLAGS", marks)
        try:
            self._client.move(uid, self._folder(READ if understood else SEEN_BY_DESK))
        except ImapToolsError as error:
            log.warning("A mail that was taken in could not be moved: %s", type(error).__name__)

    def _folder(self, name: str) -> str:
        """The folder of that name, made where it is not there yet."""
        if name not in self._folders:
            found = self._client.folder.list("", "INBOX") or self._client.folder.list()
            mark = found[0].delim if found and found[0].delim not in ("", "NIL") else "/"
            path = f"{FOLDER}{mark}{name}"
            # Some servers keep everything below the inbox.
            for wanted in (path, f"INBOX{mark}{path}"):
                if self._client.folder.exists(wanted) or self._created(wanted):
                    path = wanted
                    break
            self._folders[name] = path
        return self._folders[name]

    def _created(self, path: str) -> bool:
        status, _data = self._client.client.create(encode_folder(path))  # type: ignore[arg-type]  # the stubs say str: bytes pass
        return status == "OK"


@contextmanager
def open_mailbox(url: str) -> Iterator[Mailbox]:
    """The mailbox of IMAP_URL, signed in, its folder chosen. Raises one of AWAY."""
    parts = urlsplit(url)
    folder = unquote(parts.path.lstrip("/")) or "INBOX"
    client = _connected(parts.scheme, parts.hostname or "", parts.port, parts.query)
    try:
        client.login(unquote(parts.username or ""), unquote(parts.password or ""), initial_folder=folder)
        yield Mailbox(client)
    finally:
        try:
            client.logout()
        except AWAY:
            client.client.shutdown()


def _connected(scheme: str, host: str, port: int | None, query: str) -> BaseMailBox:
    # Verified: imaplib by itself believes any certificate.
    context = ssl.create_default_context()
    if scheme == "imaps":
        return MailBox(host, port or 993, timeout=PATIENCE, ssl_context=context)
    if query:
        return MailBoxStartTls(host, port or 143, timeout=PATIENCE, ssl_context=context)
    return MailBoxUnencrypted(host, port or 143, timeout=PATIENCE)

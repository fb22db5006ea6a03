"""/dev/mailbox: the mails of the demonstration jurisdiction, where they are written to a folder; nowhere else."""

from __future__ import annotations

import base64
import heapq
import os
import re
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flask import Blueprint, Response, abort, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape

from core.database.scope import current_jurisdiction
from core.notifications.mail import JURISDICTION_HEADER
from core.web.access import ANYONE, requires
from core.web.http import wants_json

mailbox = Blueprint("mailbox", __name__)

SHOWN = 200
#: How many of the newest files are looked into for those 200.
LOOKED_INTO = 4000
_NAME = re.compile(r"[A-Za-z0-9.,:_=+-]+")
_ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]]")
#: A mail's own HTML, shown as its reader sees it: nothing runs, nothing is fetched.
_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; sandbox allow-top-navigation-by-user-activation"
)


@dataclass(frozen=True)
class StoredMail:
    """A mail as the mailbox shows it."""

    name: str
    message_id: str
    jurisdiction: str
    to: str
    subject: str
    date: datetime
    text: str
    html: str | None


@mailbox.get("/dev/mailbox")
@requires(ANYONE)
def index() -> ResponseReturnValue:
    """The newest mails, of everybody or with ?to=ADDRESS of one person; JSON for who asks for it."""
    letters = newest_mails(_folder(), current_jurisdiction().slug, request.args.get("to", "").strip().lower())
    if wants_json():
        return jsonify(
            items=[
                {"to": one.to, "subject": one.subject, "text": one.text, "date": one.date.isoformat()}
                for one in letters
            ]
        )
    return render_template("mailbox/index.html", letters=letters, to=request.args.get("to", ""))


@mailbox.get("/dev/mailbox/<name>")
@requires(ANYONE)
def show(name: str) -> ResponseReturnValue:
    """One mail as text, its addresses made links."""
    return render_template("mailbox/show.html", letter=_stored_mail(name))


@mailbox.get("/dev/mailbox/<name>/html")
@requires(ANYONE)
def show_html(name: str) -> ResponseReturnValue:
    """One mail as a mail program shows it."""
    letter = _stored_mail(name)
    if letter.html is None:
        abort(404)
    answer = Response(letter.html, content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = _POLICY
    return answer


@mailbox.app_template_filter()
def with_links(text: str) -> Markup:
    """Plain text whose web addresses can be followed."""
    done, end = [], 0
    for found in _ADDRESS.finditer(text):
        done += [escape(text[end : found.start()]), Markup('<a href="{0}">{0}</a>').format(found[0])]
        end = found.end()
    return Markup("").join([*done, escape(text[end:])])


def _folder() -> Path:
    """Where the mails are. Not found unless this jurisdiction is a demonstration and its mails go to a folder."""
    url = current_app.config["MAIL_URL"] or ""
    if not current_jurisdiction().demo or not url.startswith("file://"):
        abort(404)
    return Path(unquote(urlsplit(url).path)) / "new"


def _stored_mail(name: str) -> StoredMail:
    folder = _folder()
    letter = read_mail(str(folder), name) if _NAME.fullmatch(name) and not name.startswith(".") else None
    if letter is None or letter.jurisdiction != current_jurisdiction().slug:
        abort(404)
    return letter


def newest_mails(folder: Path, jurisdiction: str, to: str = "") -> list[StoredMail]:
    """The newest mails of a jurisdiction in a Maildir's folder, to one address or to all; each Message-ID once."""
    try:
        with os.scandir(folder) as entries:
            names = heapq.nlargest(LOOKED_INTO, (entry.name for entry in entries), key=_written)
    except FileNotFoundError:
        return []
    found: dict[str, StoredMail] = {}
    for name in names:
        letter = read_mail(str(folder), name)
        if letter is None or letter.jurisdiction != jurisdiction or (to and letter.to.lower() != to):
            continue
        # A sender that died after handing a mail over hands it over again: every mail program shows it once.
        found.setdefault(letter.message_id or name, letter)
        if len(found) == SHOWN:
            break
    return list(found.values())


def _written(name: str) -> tuple[int, ...]:
    """When a file was written, from its Maildir name: "seconds.MmicrosecondsPpidQnumber.host"."""
    parts = re.match(r"(\d+)\.M(\d+)P\d+Q(\d+)\.", name)
    return tuple(int(part) for part in parts.groups()) if parts else (0,)


@lru_cache(maxsize=LOOKED_INTO)
def read_mail(folder: str, name: str) -> StoredMail | None:
    """A mail of the folder, which never changes once it is there; None where there is none."""
    try:
        data = Path(folder, name).read_bytes()
    except OSError:
        return None
    message = message_from_bytes(data, policy=default)
    text, to = message.get_body(("plain",)), message["To"]
    return StoredMail(
        name=name,
        message_id=str(message["Message-ID"] or ""),
        jurisdiction=str(message[JURISDICTION_HEADER] or ""),
        to=to.addresses[0].addr_spec if to else "",
        subject=str(message["Subject"] or ""),
        date=message["Date"].datetime,
        text=text.get_content() if text else "",
        html=_html(message),
    )


def _html(message: EmailMessage) -> str | None:
    """The HTML of a mail with its pictures in it."""
    part = message.get_body(("html",))
    if part is None:
        return None
    html = part.get_content()
    for picture in message.walk():
        name = (picture["Content-ID"] or "").strip("<>")
        if name and picture.get_content_maintype() == "image":
            data = base64.b64encode(picture.get_content()).decode()
            html = html.replace(f'src="cid:{name}"', f'src="data:{picture.get_content_type()};base64,{data}"')
    return html

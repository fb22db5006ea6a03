"""Journeys: a real browser before what the Procfile starts, on a database of their own."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page

from tests import factories
from tests.conftest import ROOT, environment, fresh_database
from tests.imap_server import Mailbox
from tests.look.measure import SIZES, fits, reads_in_both
from tests.web_server import WebServer

#: The jurisdiction's own key at the push services, for these tests alone.
VAPID = "lopRlxc2GhovN28NC6qtm0x5nmq2GOGcKJ3HdQUnZh8"


@dataclass
class Running:
    """What was started: where it answers, and its application for what a test prepares or looks up."""

    url: str
    app: object
    jurisdiction: object
    folder: Path
    #: The SMS gateway and the push service, on this machine: what they were sent.
    gateway: WebServer
    #: The mailbox that is read: what is put into it comes in.
    mailbox: Mailbox

    @contextmanager
    def acting(self) -> Iterator[None]:
        """An application context in which the jurisdiction is served; what is written is committed by the test."""
        from core.database.scope import serving

        with self.app.app_context(), serving(self.jurisdiction):
            yield


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _lines() -> dict[str, str]:
    """The Procfile's lines that run for as long as the service does."""
    lines = (ROOT / "Procfile").read_text().splitlines()
    named = dict(line.split(": ", 1) for line in lines if ": " in line)
    return {name: line for name, line in named.items() if name != "release"}


def _start(line: str, env: dict[str, str], log: Path) -> subprocess.Popen:
    for name, default in re.findall(r"\$\{(\w+):-([^}]*)\}", line):
        line = line.replace(f"${{{name}:-{default}}}", env.get(name, default))
    with log.open("wb") as out:
        return subprocess.Popen(shlex.split(line), cwd=ROOT, env=env, stdout=out, stderr=out, start_new_session=True)


def _answers(url: str, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            urlopen(f"{url}/readyz", timeout=5)
            return
        except (URLError, OSError):
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def _awake(jurisdiction):
    """The jurisdiction without hours of quiet: its tests run at night too."""
    from sqlalchemy import update

    from core.database import db
    from core.identity import jurisdictions
    from core.identity.models import Jurisdiction

    db.session.execute(update(Jurisdiction).values(preferences={"quiet_from": "00:00", "quiet_to": "00:00"}, demo=True))
    db.session.commit()
    jurisdictions.drop_cache()
    return jurisdictions.by_id(jurisdiction.id)


@pytest.fixture(scope="session")
def running(migrated, tmp_path_factory) -> Iterator[Running]:
    """Web, worker and clock, as the Procfile says, before a jurisdiction from the factories."""
    from app import create_app
    from core.settings import Settings

    folder = tmp_path_factory.mktemp("journeys")
    port = _free_port()
    with fresh_database("journeys", template=migrated) as database, WebServer() as gateway, Mailbox(folder) as mailbox:
        env = environment(
            database,
            folder,
            PUBLIC_URL=f"http://localhost:{port}",
            PORT=str(port),
            VAPID_PRIVATE_KEY=VAPID,
            SMS_URL=f"json://127.0.0.1:{gateway.port}/sms?:to={{phone}}",
            ALLOW_PRIVATE_TARGETS="127.0.0.1",
            IMAP_URL=mailbox.url,
        )
        env["REDIS_URL"] = env["REDIS_URL"].rpartition("/")[0] + "/8"
        env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
        settings = Settings(_env_file=None, **{key: env[key] for key in Settings.model_fields if key in env})
        app = create_app(settings)
        with app.app_context():
            from core.jobs import connection

            connection().flushdb()
            jurisdiction = _awake(factories.jurisdiction())
        started = [_start(line, env, folder / f"{name}.log") for name, line in _lines().items()]
        try:
            _answers(f"http://localhost:{port}")
            yield Running(f"http://localhost:{port}", app, jurisdiction, folder, gateway, mailbox)
        finally:
            for process in started:
                os.killpg(process.pid, signal.SIGTERM)
            for process in started:
                process.wait(timeout=20)
            with app.app_context():
                from core.database import db

                db.engine.dispose()


PASSWORD = "demonstration"


def signed_in(reader: Reader, running: Running, role: str, to: str) -> Reader:
    """`reader` signed in as a colleague of that role, by the form that everybody uses, and led on to `to`."""
    from flask_security import hash_password

    from core.database import db

    with running.acting():
        user = factories.user(role)
        if user.password is None:
            user.password = hash_password(PASSWORD)
            db.session.commit()
        email = user.email
    page = reader.open(f"/login?next={to}")
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"**{to}")
    return reader


NO_COMPLAINT = ("the server responded with a status of 4", "htmx:sendAbort", "htmx:afterRequest")


class Reader:
    """Somebody before a page: opens, looks, and complains of what a script or the policy complains of."""

    def __init__(self, page: Page, url: str, plain: bool) -> None:
        self.page, self.url = page, url
        #: Whether scripts are turned off.
        self.plain = plain
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._hear)

    def _hear(self, message) -> None:
        # An answer of 4xx is a state of the page, tested as such; the browser mentions it all the same. So does htmx
        # a question that gave way to a newer one; one that failed has other words.
        if message.type == "error" and not any(words in message.text for words in NO_COMPLAINT):
            self.complaints.append(message.text)

    def open(self, path: str) -> Page:
        """Open a page of the jurisdiction and wait until it is at rest."""
        self.page.goto(self.url + path, wait_until="networkidle")
        return self.page

    def check(self) -> None:
        """The page as it stands: axe in light and in dark, no sideways scroll, targets of 44 px.

        axe is a script itself: of a page without scripts only the measures are taken.
        """
        # A picture on its way has no size yet.
        self.page.wait_for_load_state("networkidle")
        fits(self.page)
        if not self.plain:
            reads_in_both(self.page)
        assert self.complaints == []


@pytest.fixture
def reader(chromium, running, request) -> Iterator[Reader]:
    """A reader on a phone with JavaScript; `@pytest.mark.parametrize("reader", ["desk", "phone-plain"],
    indirect=True)` for others (plain: without JavaScript)."""
    size, _dash, plain = getattr(request, "param", "phone").partition("-")
    width, height = SIZES[size]
    phone = size == "phone"
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        is_mobile=phone,
        has_touch=phone,
        locale="fr-FR",
        reduced_motion="reduce",
        java_script_enabled=plain != "plain",
    )
    context.set_default_timeout(15_000)
    yield Reader(context.new_page(), running.url, plain == "plain")
    context.close()

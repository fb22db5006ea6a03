"""How fast it tells, with nothing wrong: ten thousand followers of one event, and one click on the desk."""

from __future__ import annotations

import http.client
import smtplib
import statistics
import time
from contextlib import contextmanager
from html.parser import HTMLParser
from urllib.parse import urlencode

from bench import house, jurisdiction
from bench.measures import Figure, sign_in
from bench.telling.client import Client, Refused
from bench.telling.world import World

FOLLOWERS = 10_000
CLICKS = 60
#: How long the mails of ten thousand are waited for at most, and one mail, in seconds.
LONGEST, ONE_LONGEST = 240, 30
_FOLLOW = """
WITH people AS (
    INSERT INTO contact (jurisdiction_id, email, confirmed_at)
    SELECT r.jurisdiction_id, 'suiveur' || n || '@bench.example', now()
    FROM report AS r, generate_series(1, :number) AS n WHERE r.reference = :reference
    RETURNING id, jurisdiction_id
)
INSERT INTO report_subscription (jurisdiction_id, report_id, contact_id, confirmed_at)
SELECT p.jurisdiction_id, r.id, p.id, now() FROM people AS p, report AS r WHERE r.reference = :reference
"""
#: The same rows in bare SQL: what owing them costs at least. They are never sent.
_BARE = """
INSERT INTO message (jurisdiction_id, kind, source, channel, recipient, contact_id, locale, facts, status)
SELECT f.jurisdiction_id, 'report.rejected', 'bench:1', 'mail', 'contact:' || f.contact_id, f.contact_id, 'fr',
       '{"event": 1, "report": 1}', 'dropped'
FROM report_subscription AS f JOIN report AS r ON r.id = f.report_id WHERE r.reference = :reference
"""


def figures(world: World) -> list[Figure]:
    """Both measures: the web process counts its statements meanwhile."""
    with _counting(world) as port:
        client = Client(f"http://127.0.0.1:{port}", world.token)
        try:
            return [_click(world, port, client), *_ten_thousand(world, client)]
        finally:
            client.close()


@contextmanager
def _counting(world: World):
    """The Procfile's web process away, the one that counts statements in its place; yields its port."""
    world.running.end("web")
    try:
        with house.served("bench.wsgi:app", world.running.environ) as port:
            yield port
    finally:
        world.running.start("web")


def _report(client: Client, address: str) -> str:
    lat, lon = jurisdiction.CENTRE
    return client.send(
        "reports",
        {
            "category": "c00",
            "location": {"type": "Point", "coordinates": [lon, lat]},
            "description": "Un trou devant l’école",
            "address": "12 rue des Tilleuls",
            "contact": {"email": address, "locale": "fr"},
        },
        signed=False,
    )["reference"]


# Ten thousand followers of one event.


def _ten_thousand(world: World, client: Client) -> list[Figure]:
    reference = _report(client, "auteur@bench.example")
    world.running.ask(_FOLLOW, number=FOLLOWERS, reference=reference)
    world.running.ask("ANALYZE")
    world.quiet(30)
    sample, before = world.post.sample(), world.post.count()
    begun = time.perf_counter()
    answer = client.ask("POST", f"reports/{reference}/reject", {"reason": "C’est une voie privée"})
    queued = time.perf_counter() - begun
    # The author is told too. Where that takes too long, what left in that time says how fast it is.
    world.post.wait_for(before + FOLLOWERS + 1, LONGEST)
    world.running.end("worker")
    arrived = world.post.accepted()[before:]
    if len({mail.to for mail in arrived}) != len(arrived):
        raise Refused("Somebody was told twice")
    rate = (len(arrived) - 1) / (arrived[-1].at - arrived[0].at)
    asked = int(answer.headers.get("X-Statements", 0)) or None
    return [
        Figure("queued_seconds", queued, _bare_owing(world, reference), queued * 1000, asked, "seconds"),
        Figure("mails_per_second", rate, _bare_mails(world, sample.read_bytes()), None, None),
    ]


def _bare_owing(world: World, reference: str) -> float:
    begun = time.perf_counter()
    world.running.ask(_BARE, reference=reference)
    return time.perf_counter() - begun


def _bare_mails(world: World, ready: bytes) -> float:
    """As many mails, ready made, over one connection to the same server: how many a second."""
    with smtplib.SMTP("127.0.0.1", world.post.port) as smtp:
        begun = time.perf_counter()
        for number in range(FOLLOWERS):
            smtp.sendmail("banc@bench.example", [f"pret{number}@bench.example"], ready)
        return FOLLOWERS / (time.perf_counter() - begun)


# One click.


def _click(world: World, port: int, client: Client) -> Figure:
    """From the desk's form, sent, to the mail server's acceptance: the median, in milliseconds."""
    desk = _Desk(port)
    times = []
    for number in range(CLICKS):
        address = f"clic{number}@bench.example"
        reference = _report(client, address)
        _arrives(world, address, 1)
        clicked = desk.reject(reference)
        times.append((_arrives(world, address, 2) - clicked) * 1000)
    times.sort()
    return Figure(
        "click_to_smtp",
        statistics.median(times),
        _bare_click(world),
        times[int(len(times) * 0.95)],
        desk.statements,
        "ms",
    )


def _arrives(world: World, address: str, number: int) -> float:
    """When the `number`-th mail to an address was accepted."""
    until = time.monotonic() + ONE_LONGEST
    while len(world.post.to(address)) < number:
        if time.monotonic() > until:
            raise TimeoutError(f"no mail to {address} in {ONE_LONGEST} s")
        time.sleep(0.02)
    return world.post.to(address)[number - 1].at


def _bare_click(world: World) -> float:
    """One mail alone, connection and all: the median, in milliseconds."""
    times = []
    for _number in range(CLICKS):
        begun = time.perf_counter()
        with smtplib.SMTP("127.0.0.1", world.post.port) as smtp:
            smtp.sendmail("banc@bench.example", ["seul@bench.example"], b"Subject: seul\r\n\r\nUn mot.\r\n")
        times.append((time.perf_counter() - begun) * 1000)
    return statistics.median(times)


class _Desk:
    """A supervisor's browser, signed in."""

    def __init__(self, port: int) -> None:
        self._cookie = sign_in(port)
        self._line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.statements: int | None = None

    def reject(self, reference: str) -> float:
        """Open the report's page, fill the form that closes it without work; when it was sent (seconds)."""
        path = f"/desk/reports/{reference}"
        page = self._ask("GET", path)[1]
        form = _Form(f"{path}/reject")
        form.feed(page)
        body = urlencode(form.fields | {"reason": "C’est une voie privée"})
        clicked = time.time()
        status, said = self._ask("POST", f"{path}/reject", body)
        if status != 303:
            raise Refused(f"The desk's form: {status} {said[:300]}")
        return clicked

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, str]:
        headers = {"Cookie": self._cookie, "Referer": f"http://{self._line.host}:{self._line.port}{path}"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._line.request(method, path, body, headers)
        answer = self._line.getresponse()
        if body is not None:
            self.statements = max(self.statements or 0, int(answer.headers.get("X-Statements", 0)))
        return answer.status, answer.read().decode()


class _Form(HTMLParser):
    """What the fields of one form of a page hold already."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self._action, self._inside = action, False
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the fields of that form."""
        known = dict(attrs)
        if tag == "form":
            self._inside = known.get("action") == self._action
        elif tag == "input" and self._inside and known.get("name"):
            self.fields[known["name"]] = known.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        """A form is over."""
        if tag == "form":
            self._inside = False

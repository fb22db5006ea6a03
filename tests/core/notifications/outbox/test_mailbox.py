"""/dev/mailbox: the demonstration's mails, read; there and nowhere else."""

import pytest
from html5lib import HTMLParser
from sqlalchemy import update

from core.database import db
from core.identity import jurisdictions
from core.identity.models import Jurisdiction
from core.notifications.outbox import renderers
from core.notifications.outbox.renderers import Mail, Picture, mail_from_templates
from core.notifications.outbox.sender import send_due
from tests import factories
from tests.core.notifications.outbox.conftest import owed

AS_JSON = {"Accept": "application/json"}


@pytest.fixture
def folder(app, tmp_path, monkeypatch):
    """The mailbox on disk."""
    monkeypatch.setitem(app.config, "MAIL_URL", (tmp_path / "mail").as_uri())
    return tmp_path / "mail"


@pytest.fixture
def demo(jurisdiction, acting, folder):
    """The jurisdiction, made the demonstration's."""
    with acting(jurisdiction):
        db.session.execute(update(Jurisdiction).values(demo=True))
        db.session.commit()
    jurisdictions.drop_cache()
    return jurisdictions_now(acting)


def jurisdictions_now(acting):
    with acting():
        return jurisdictions.all_jurisdictions()[0]


def send(acting, jurisdiction, *addresses, **facts):
    """Owe and send a mail to each address."""
    with acting(jurisdiction):
        for number, address in enumerate(addresses):
            owed(address, source=f"event:{number}", **facts)
        assert send_due() == len(addresses)


def test_it_does_not_exist_in_a_real_town(client, folder, jurisdiction, acting):
    send(acting, jurisdiction, "marie@example.org")
    for path in ("/dev/mailbox", "/dev/mailbox/x", "/dev/mailbox/x/html"):
        assert client.get(path).status_code == 404


def test_it_does_not_exist_where_mails_leave(client, demo, app, monkeypatch):
    assert client.get("/dev/mailbox").status_code == 200
    for url in (None, "smtp://127.0.0.1:1"):
        monkeypatch.setitem(app.config, "MAIL_URL", url)
        assert client.get("/dev/mailbox").status_code == 404


def test_machines_read_it_newest_first(client, demo, acting):
    send(acting, demo, "marie@example.org", "paul@example.org", says="Le trou est rebouché…")
    items = client.get("/dev/mailbox", headers=AS_JSON).json["items"]
    assert [item["to"] for item in items] == ["paul@example.org", "marie@example.org"]
    assert set(items[0]) == {"to", "subject", "text", "date"}
    assert items[0]["subject"] == "Le trou est rebouché…" and "Bonjour" in items[0]["text"]


def test_one_person_s_mails_are_found(client, demo, acting):
    send(acting, demo, "marie@example.org", "paul@example.org")
    items = client.get("/dev/mailbox?to=Marie@Example.org", headers=AS_JSON).json["items"]
    assert [item["to"] for item in items] == ["marie@example.org"]
    assert client.get("/dev/mailbox?to=nobody@example.org", headers=AS_JSON).json["items"] == []


def test_another_town_s_mails_are_not_shown(client, demo, acting):
    with acting():
        other = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
    send(acting, other, "marie@example.org")
    assert client.get("/dev/mailbox", headers=AS_JSON).json["items"] == []
    assert client.get("/dev/mailbox", headers={"Host": "ailleurs.localhost"}).status_code == 404


def test_an_empty_mailbox_is_no_error(client, demo):
    assert client.get("/dev/mailbox", headers=AS_JSON).json == {"items": []}
    assert client.get("/dev/mailbox").status_code == 200


def test_people_read_it_and_follow_its_links(client, demo, acting, folder, monkeypatch):
    monkeypatch.setitem(
        renderers._RENDERERS,
        "test.news",
        lambda message: Mail(
            "Réparé <b>",
            "Voyez http://localhost/r/VC-1?a=1&b=<script>.\n",
            '<!doctype html><html lang="fr"><title>x</title><p>Réparé <img src="cid:repair" alt="">',
            pictures=(Picture("repair", b"\xff\xd8\xff"),),
        ),
    )
    send(acting, demo, "marie@example.org")
    page = client.get("/dev/mailbox")
    HTMLParser(strict=True).parse(page.text)
    assert "Réparé &lt;b&gt;" in page.text and "Set-Cookie" not in page.headers
    (file,) = (folder / "new").iterdir()
    one = client.get(f"/dev/mailbox/{file.name}")
    HTMLParser(strict=True).parse(one.text)
    assert '<a href="http://localhost/r/VC-1?a=1&amp;b=">http://localhost/r/VC-1?a=1&amp;b=</a>' in one.text
    assert "<script>." not in one.text
    dressed = client.get(f"/dev/mailbox/{file.name}/html")
    assert "data:image/jpeg;base64,/9j/" in dressed.text
    assert "sandbox" in dressed.headers["Content-Security-Policy"]
    assert "default-src 'none'" in dressed.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["..", "../../../etc/passwd", "%2e%2e%2f%2e%2e%2fx", ".hidden", "nothing", "a\x00b"])
def test_nothing_but_mails_is_read(client, demo, acting, name):
    send(acting, demo, "marie@example.org")
    assert client.get(f"/dev/mailbox/{name}").status_code in (404, 308)


def test_a_mail_handed_over_twice_is_shown_once(client, demo, acting, folder):
    send(acting, demo, "marie@example.org")
    (file,) = (folder / "new").iterdir()
    (folder / "new" / "1999999999.M1P1Q1.elsewhere").write_bytes(file.read_bytes())
    assert len(client.get("/dev/mailbox", headers=AS_JSON).json["items"]) == 1


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_a_mail_s_clothes_are_whole_and_fetch_nothing(demo, acting, locale):
    from core.i18n import speaking

    with acting(demo), speaking(locale):
        mail = mail_from_templates(
            "account_reset", "Un sujet", address="http://localhost/x", unsubscribe="http://localhost/stop"
        )
    HTMLParser(strict=True).parse(mail.html)
    assert "http://localhost/x" in mail.text and "http://localhost/stop" in mail.text
    assert "{" not in mail.text and "<" not in mail.text
    assert " src=" not in mail.html and "url(" not in mail.html and "<link" not in mail.html

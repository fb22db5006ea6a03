"""A report by mail: sent on at once where nothing is missing, else completed by a link."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.database import db
from core.geo import Place
from core.identity.models import Contact
from core.notifications.outbox.models import Message
from reporter.inbound import drafts
from reporter.inbound.mail.mailbox import read_mailbox
from reporter.inbound.models import AUTOMATIC, REPORT, UNKNOWN, InboundMessage
from reporter.reports.models import Report
from tests import factories
from tests.reporter.inbound.writing import mail, photo_at


def _report(inbound) -> Report:
    return db.session.scalar(sa.select(Report).where(Report.id == inbound.report_id))


def test_a_photo_that_says_where_and_words_that_say_what_are_a_report(taken, box):
    (inbound,) = taken(
        mail(
            subject="Nid-de-poule",
            text="Devant l’école, depuis lundi.\n\nEnvoyé de mon iPhone",
            photos=(photo_at(Place(3.87, 43.61)),),
        )
    )
    report = _report(inbound)
    assert inbound.interpreted_as == REPORT and inbound.handled
    assert report.channel == "mail" and report.description == "Nid-de-poule\n\nDevant l’école, depuis lundi."
    assert report.cover_id is not None
    told = db.session.scalars(sa.select(Message.kind)).all()
    assert told == ["report.received"]
    assert box.subjects() == [] and box.subjects("Alentour/Lus") == ["Nid-de-poule"]


def test_what_is_missing_is_asked_for_by_a_link(taken):
    (inbound,) = taken(mail(subject="Bonjour", text="Ça ne va pas du tout ici.", photos=(factories.jpeg(),)))
    assert (inbound.interpreted_as, inbound.handled, inbound.report_id) == (REPORT, False, None)
    assert "Ça ne va pas du tout ici." in drafts.words_of(inbound) and len(inbound.photo_ids) == 1
    owed = db.session.scalars(sa.select(Message)).one()
    assert (owed.kind, owed.channel, owed.contact_id) == ("arrival.complete", "mail", inbound.contact_id)


def test_a_mail_comes_once_whatever_is_delivered_or_read_twice(taken, box):
    once = mail(subject="Nid-de-poule", Message_ID="<1@example.org>")
    taken(once, once)
    box.put(once)
    read_mailbox()
    assert db.session.scalar(sa.select(sa.func.count(InboundMessage.id))) == 1
    assert len(box.subjects("Alentour/Lus")) == 3


def test_a_process_that_died_before_the_mail_was_put_away_loses_and_doubles_nothing(taken, box, monkeypatch):
    from reporter.inbound.mail import imap

    with monkeypatch.context() as dying:
        dying.setattr(imap.Mailbox, "done", lambda *_one, **_more: (_ for _ in ()).throw(OSError()))
        assert len(taken(mail(subject="Un"), mail(subject="Deux"))) == 1
    assert sorted(box.subjects()) == ["Deux", "Un"]
    read_mailbox()
    assert box.subjects() == [] and db.session.scalar(sa.select(sa.func.count(InboundMessage.id))) == 2


def test_one_bad_mail_stops_no_other(taken, box, monkeypatch):
    from reporter.inbound.mail import intake as mail_intake

    real = mail_intake.take_mail
    monkeypatch.setattr(mail_intake, "take_mail", lambda raw: 1 / 0 if b"Mauvais" in raw else real(raw))
    found = taken(mail(subject="Mauvais"), b"\xff\xfe\x00 no mail at all", mail(subject="Bon", text="Un banc"))
    assert [one.interpreted_as for one in found].count(REPORT) == 1
    broken = next(one for one in found if one.remark == "broken")
    assert broken.interpreted_as == UNKNOWN and not broken.handled
    assert "Mauvais" in box.subjects("Alentour/A voir") and box.subjects() == []


def test_a_mail_that_is_too_large_is_not_read(taken, monkeypatch):
    from reporter.inbound.mail import mailbox

    monkeypatch.setattr(mailbox, "LARGEST", 50_000)
    (inbound,) = taken(mail(photos=(b"x" * 100_000,)))
    assert (inbound.interpreted_as, inbound.remark, inbound.handled) == (UNKNOWN, "too_big", False)
    assert db.session.scalars(sa.select(Message.kind)).all() == ["arrival.too_big"]


@pytest.mark.parametrize(
    ("headers", "interpreted_as"),
    [
        ({"Auto_Submitted": "auto-replied"}, AUTOMATIC),
        ({"X_Autoreply": "yes"}, AUTOMATIC),
        ({"Precedence": "auto_reply"}, AUTOMATIC),
        ({"Return_Path": "<>"}, AUTOMATIC),
        ({"sender": "MAILER-DAEMON@example.org"}, AUTOMATIC),
        ({"sender": "no-reply@example.org"}, AUTOMATIC),
        ({"Precedence": "bulk"}, UNKNOWN),
        ({"List_Id": "<nouvelles.example.org>"}, UNKNOWN),
        ({"Authentication_Results": "mx.example.org; dmarc=fail header.from=example.org"}, UNKNOWN),
        ({"sender": "nobody at all"}, UNKNOWN),
    ],
)
def test_what_a_machine_or_a_stranger_in_disguise_wrote_is_never_answered(taken, headers, interpreted_as):
    (inbound,) = taken(mail(**headers))
    assert inbound.interpreted_as == interpreted_as and inbound.report_id is None
    assert inbound.handled is (interpreted_as == AUTOMATIC)
    assert db.session.scalar(sa.select(sa.func.count(Message.id))) == 0


def test_who_writes_too_much_is_read_by_the_desk_alone(taken, monkeypatch):
    monkeypatch.setattr(drafts, "MOST_A_DAY", 2)
    found = taken(*(mail(subject=f"Encore {n}", text="Et aussi ici") for n in range(4)))
    assert [one.interpreted_as for one in found] == [REPORT, REPORT, UNKNOWN, UNKNOWN]
    assert found[3].remark == "too_many"
    assert db.session.scalar(sa.select(sa.func.count(Message.id))) == 2


def test_headers_and_html_bring_nothing_in(taken):
    (inbound,) = taken(
        mail(
            sender='"Jeanne\t<b>" <jeanne@example.org>',
            subject="=?utf-8?q?Trou=0D=0ABcc=3A_a=40b.c?=",
            text="",
            html="<p>Un <b>banc</b> cassé<script>alert(1)</script><style>p{}</style></p><p>&lt;img&gt;</p>",
        )
    )
    said = drafts.words_of(inbound)
    assert "Un banc cassé\n" in said and "alert" not in said and "<img>" in said and "\r" not in said
    name = db.session.scalar(sa.select(Contact.name).where(Contact.id == inbound.given_contact_id))
    assert "\t" not in name and "\n" not in name


def test_latin_1_and_what_lies_about_its_alphabet(taken):
    told = mail(text="Il y a un trou à côté du café", charset="iso-8859-1")
    lying = mail(text="Un déchet", charset="iso-8859-1", subject="Un déchet").replace(b"iso-8859-1", b"utf-8")
    unheard = mail(text="Trou ici").replace(b"utf-8", b"martian")
    found = [drafts.words_of(one) for one in taken(told, lying, unheard)]
    assert "à côté du café" in found[0] and "Un déchet" in found[1] and "Trou ici" in found[2]


def test_only_pictures_are_taken_and_archives_are_not_opened(taken, data):
    from email.message import EmailMessage

    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "j@example.org", "signaler@villeclaire.example", "Pièces"
    message.set_content("Voir les pièces jointes")
    message.add_attachment(
        (data / "photos/heic/IMG_5195.HEIC").read_bytes(), "application", "octet-stream", filename="IMG_5195.HEIC"
    )
    message.add_attachment(b"PK\x03\x04" + b"\0" * 500, "application", "zip", filename="photos.zip")
    message.add_attachment(b"\x78\x9f\x3e\x22", "application", "ms-tnef", filename="winmail.dat")
    message.add_attachment(b"<svg onload='x'/>", "image", "svg+xml", filename="a.svg")
    message.add_attachment(b"GIF89a....", "image", "gif", filename="a.gif")
    inner = EmailMessage()
    inner["Subject"] = "dedans"
    inner.set_content("Ceci est un autre e-mail")
    message.add_attachment(inner)
    (inbound,) = taken(message.as_bytes())
    assert len(inbound.photo_ids) == 1 and inbound.remark == "photo_refused"
    assert "autre e-mail" not in drafts.words_of(inbound)


def test_a_signature_s_logo_is_no_photo(taken):
    from email.message import EmailMessage

    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "j@example.org", "signaler@villeclaire.example", "Banc"
    message.set_content("Le banc est cassé")
    message.add_alternative('<p>Le banc est cassé</p><img src="cid:logo">', subtype="html")
    message.get_payload()[1].add_related(factories.jpeg(40, 20), "image", "jpeg", cid="<logo>")
    message.get_payload()[1].add_related(factories.jpeg(1200, 900), "image", "jpeg", cid="<photo>")
    (inbound,) = taken(message.as_bytes())
    assert len(inbound.photo_ids) == 1


def test_a_mailbox_that_hangs_or_refuses_is_an_absent_one(here, box, app, monkeypatch, caplog):
    import socket

    from reporter.inbound.mail import imap

    monkeypatch.setattr(imap, "PATIENCE", 0.3)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(5)
        monkeypatch.setitem(app.config, "IMAP_URL", f"imap://a:b@127.0.0.1:{silent.getsockname()[1]}/INBOX")
        assert read_mailbox() == 0
    monkeypatch.setitem(app.config, "IMAP_URL", box.url.replace("boite", "autre"))
    assert read_mailbox() == 0
    assert "The mailbox is away" in caplog.text and "boite" not in caplog.text


def test_what_is_old_and_became_nothing_is_forgotten(taken):
    from reporter.inbound.retention import erase_old_messages

    (inbound,) = taken(mail(subject="Bonjour", text="Des mots à oublier", photos=(factories.jpeg(),)))
    assert erase_old_messages() == 0
    db.session.execute(
        sa.update(InboundMessage.__table__).values(arrived_at=sa.func.now() - sa.text("interval '91 days'"))
    )
    db.session.commit()
    assert erase_old_messages() == 1 and erase_old_messages() == 0
    db.session.refresh(inbound)
    assert (inbound.free_text_id, inbound.photo_ids, inbound.handled) == (None, [], True)
    assert drafts.words_of(inbound) == ""

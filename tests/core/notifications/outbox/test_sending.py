"""Sending, in real SMTP conversations: what arrives, in which order, and what becomes of what does not."""

import logging
import re
import time

import pytest

from core.database import db
from core.identity import jurisdictions
from core.identity.models import User
from core.jobs import connection
from core.notifications.channels import known_channels
from core.notifications.mail import Mail, Picture, transport
from core.notifications.outbox import delivery_state, renderers
from core.notifications.outbox.models import DEAD, DROPPED, OWED, SENT
from core.notifications.outbox.sender import Sender, send_due
from core.notifications.outbox.verbs import retry_message
from tests import factories
from tests.core.notifications.outbox.conftest import contact, due_now, found, owed, seconds_left
from tests.mail_server import CLOSE, HANG

BATCH = known_channels()["mail"].batch


@pytest.fixture(autouse=True)
def jurisdiction(jurisdiction, acting):
    with acting(jurisdiction):
        yield jurisdiction


def ours(caplog) -> str:
    """What was logged, but for the mail server of the tests, which tells everything."""
    return "\n".join(r.getMessage() for r in caplog.records if not r.name.startswith(("mail.", "asyncio")))


def test_a_mail_arrives_as_it_was_meant(jurisdiction, post):
    number = owed("marie@example.org", source="event:1", says="Le trou est rebouché.", secret={"link": "https://x"})
    assert send_due() == 1
    (letter,) = post.letters
    assert (letter.sender, letter.to) == ("ne-pas-repondre@villeclaire.example", ["marie@example.org"])
    assert str(letter.message["From"]) == "Villeclaire <ne-pas-repondre@villeclaire.example>"
    assert letter.message["To"].addresses[0].addr_spec == "marie@example.org"
    assert letter.message["Auto-Submitted"] == "auto-generated" and letter.message["Content-Language"] == "fr"
    assert "Le trou est rebouché." in letter.text
    message = found(number)
    assert message.status == SENT and message.sent_at and message.error is None
    assert "secret" not in message.facts and message.facts["says"]


def test_text_html_and_picture_travel_together(post, monkeypatch):
    monkeypatch.setitem(
        renderers._RENDERERS,
        "test.news",
        lambda message: Mail(
            "Réparé",
            "Réparé.\n",
            '<p>Réparé <img src="cid:repair" alt=""></p>',
            unsubscribe="https://town.example/stop",
            pictures=(Picture("repair", b"\xff\xd8\xff"),),
        ),
    )
    owed(source="event:1")
    send_due()
    message = post.letters[0].message
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "multipart/related",
        "text/html",
        "image/jpeg",
    ]
    assert message["List-Unsubscribe"] == "<https://town.example/stop>"


def test_nobody_adds_a_header_by_a_subject_or_an_address(post, monkeypatch):
    monkeypatch.setitem(
        renderers._RENDERERS, "test.news", lambda message: Mail("Réparé\r\nBcc: eve@example.org\n\n<b>", "Réparé.\n")
    )
    owed(source="event:1")
    bad = owed("a@example.org\r\nBcc: eve@example.org", source="event:2")
    assert send_due() == 1
    (letter,) = post.letters
    assert letter.message["Bcc"] is None and letter.subject == "Réparé Bcc: eve@example.org <b>"
    assert post.tried == ["marie@example.org"]
    assert found(bad).status == DEAD and "@" not in found(bad).error


def test_each_try_carries_the_same_message_id(post):
    number, other = owed(source="event:1"), owed("paul@example.org", source="event:2")
    send_due()
    first = {letter.to[0]: letter.message["Message-ID"] for letter in post.letters}
    db.session.execute(delivery_state.update(delivery_state.MESSAGE).values(status=OWED))
    due_now(number, other)
    send_due()
    again = {letter.to[0]: letter.message["Message-ID"] for letter in post.letters[2:]}
    assert again == first and len(set(first.values())) == 2
    assert all(re.fullmatch(r"<\d+\.[0-9a-f]{24}@localhost>", one) for one in first.values())


def test_many_go_over_few_connections(post):
    for number in range(BATCH + 10):
        owed(f"p{number}@example.org", source="event:1")
    assert send_due() == BATCH + 10
    assert post.connections <= known_channels()["mail"].at_once
    assert {letter.to[0] for letter in post.letters} == {f"p{n}@example.org" for n in range(BATCH + 10)}


def test_what_many_are_told_of_is_read_once_a_batch(post, monkeypatch, statements):
    user = factories.user("supervisor").id

    def told(message):
        # Not kept here: only the session knows that it was read.
        return Mail(db.session.get(User, user).email, "…")

    monkeypatch.setitem(renderers._RENDERERS, "test.news", told)
    for number in range(20):
        owed(f"p{number}@example.org", source="event:1")
    db.session.expunge_all()
    statements.clear()
    assert send_due() == 20
    # How many claims and records there are depends on how soon the server answers: they are not counted. All that
    # is read is read once for all twenty.
    read = [one for one in statements if not one.lstrip().startswith(("WITH due", "UPDATE"))]
    assert len([one for one in read if 'FROM "user"' in one]) == 1
    assert len([one for one in read if "FROM message" in one and "OFFSET" not in one]) == 1
    assert len([one for one in read if "OFFSET" in one]) == 1
    # Besides these, the jurisdictions may be read anew: they are known for seconds.
    assert len(read) <= 4


def test_no_transaction_is_open_while_talking(post, monkeypatch):
    open_ones = []
    send = transport.Smtp.send
    monkeypatch.setattr(
        transport.Smtp, "send", lambda self, mail: (open_ones.append(db.session.in_transaction()), send(self, mail))
    )
    for number in range(3):
        owed(f"p{number}@example.org", source="event:1")
    send_due()
    assert open_ones == [False] * 3


def test_one_person_hears_of_things_in_their_order(post):
    marie = contact("marie@example.org")
    first = owed(source="event:1", to=marie, says="Reçu")
    second = owed(source="event:2", to=marie, says="Planifié")
    third = owed(source="event:3", to=marie, says="Résolu")
    other = owed("paul@example.org", source="event:1")
    post.script["rcpt", "marie@example.org"] = ["450 4.2.1 Later"]
    assert send_due() == 1
    assert [found(n).status for n in (first, second, third, other)] == [OWED, OWED, OWED, SENT]
    assert [found(n).tries for n in (first, second, third)] == [1, 0, 0]
    due_now(first)
    assert send_due() == 3
    said = [letter.message["Message-ID"].split(".")[0] for letter in post.letters if letter.to[0][0] == "m"]
    assert said == [f"<{first}", f"<{second}", f"<{third}"]


def test_what_comes_later_goes_once_the_earlier_is_given_up(post):
    marie = contact("marie@example.org")
    first = owed(source="event:1", to=marie)
    second = owed(source="event:2", to=marie)
    post.script["rcpt", "marie@example.org"] = ["550 5.1.1 No such user here: marie@example.org"]
    assert send_due() == 1
    assert found(first).status == DEAD and found(second).status == SENT
    assert found(first).error.startswith("550 5.1.1") and "marie" not in found(first).error
    assert found(first).tries == 1


def test_pauses_grow_until_it_is_given_up_and_it_can_be_retried(post):
    number = owed(source="event:1")
    post.script["rcpt", "*"] = ["451 4.3.0 Greylisted"] * delivery_state.TRIES
    pauses = []
    for _try in range(delivery_state.TRIES - 1):
        due_now(number)
        send_due()
        assert found(number).status == OWED
        pauses.append(seconds_left(number))
    for pause, least in zip(pauses, delivery_state.PAUSES, strict=True):
        assert least - 5 < pause <= least * 1.25
    due_now(number)
    send_due()
    assert found(number).status == DEAD and found(number).error == "451 4.3.0 Greylisted"
    retry_message(number)
    db.session.commit()
    assert send_due() == 1 and found(number).status == SENT and found(number).error is None


def test_a_refused_content_is_given_up(post):
    number = owed(source="event:1")
    post.script["data", "*"] = ["554 5.7.1 Spam"]
    assert send_due() == 0
    assert found(number).status == DEAD


def test_our_own_address_being_refused_is_nobodys_death(post):
    number = owed(source="event:1")
    post.script["mail", "*"] = ["553 5.7.1 Sender not allowed"]
    assert send_due() == 0
    assert found(number).status == OWED and found(number).error.startswith("553")


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
def test_a_conversation_broken_off_is_tried_again_alone(post, step):
    numbers = [owed(f"p{n}@example.org", source="event:1") for n in range(3)]
    post.script[step, "*" if step == "mail" else "p1@example.org"] = [CLOSE]
    if step == "mail":
        # On a connection that was open already, nothing had been said: it is simply opened again.
        post.script["mail", "*"] = ["250 OK", CLOSE]
    sent = send_due()
    assert post.connections == 2
    if step == "mail":
        assert sent == 3
    else:
        assert sent == 2 and found(numbers[1]).status == OWED and found(numbers[1]).tries == 1
        assert 20 < seconds_left(numbers[1]) < 40
        due_now(numbers[1])
        assert send_due() == 1
    assert sorted(letter.to[0] for letter in post.letters) == [f"p{n}@example.org" for n in range(3)]


def test_a_server_that_has_had_enough_is_asked_on_a_new_connection(post):
    for number in range(5):
        owed(f"p{number}@example.org", source="event:1")
    post.script["mail", "*"] = ["250 OK", "250 OK", "421 4.7.0 Too many messages on this connection"]
    assert send_due() == 5
    assert post.connections == 2 and len(post.letters) == 5


def test_a_server_that_hangs_keeps_one_message_only(post, monkeypatch):
    monkeypatch.setattr(transport, "PATIENCE", 0.5)
    monkeypatch.setattr(transport, "PATIENCE_FOR_MAIL", 0.5)
    slow, quick = owed("slow@example.org", source="event:1"), owed("quick@example.org", source="event:1")
    post.script["data", "slow@example.org"] = [HANG]
    assert send_due() == 1
    assert found(quick).status == SENT
    assert found(slow).status == OWED and found(slow).tries == 1


def test_a_server_that_breaks_everything_off_is_left_alone(post):
    numbers = [owed(f"p{n}@example.org", source="event:1") for n in range(10)]
    post.script["data", "*"] = [CLOSE] * 10
    assert send_due() == 0
    assert [found(n).tries for n in numbers] == [1, 1, 1] + [0] * 7
    assert all(found(n).status == OWED and seconds_left(n) > 20 for n in numbers)


def test_where_no_server_answers_nothing_counts_as_tried(post, app, monkeypatch):
    monkeypatch.setitem(app.config, "MAIL_URL", "smtp://127.0.0.1:1")
    numbers = [owed(f"p{n}@example.org", source="event:1") for n in range(3)]
    for _time in range(delivery_state.TRIES + 1):
        due_now(*numbers)
        assert send_due() == 0
    for number in numbers:
        message = found(number)
        assert (message.status, message.tries) == (OWED, 0) and "cannot connect" in message.error
        assert seconds_left(number) > 20
    monkeypatch.setitem(app.config, "MAIL_URL", post.url)
    due_now(*numbers)
    assert send_due() == 3 and found(numbers[0]).error is None


def test_without_a_mail_server_everything_stays_owed(app, monkeypatch):
    monkeypatch.setitem(app.config, "MAIL_URL", None)
    number = owed(source="event:1")
    assert send_due() == 0
    assert (found(number).status, found(number).tries) == (OWED, 0)


def test_one_that_cannot_be_written_stops_no_other(post, monkeypatch, caplog):
    def broken(message):
        if message.facts["says"] == "Marie habite au 3":
            db.session.execute(delivery_state.text("SELECT 1/0"))
        return Mail("Du nouveau", "…")

    monkeypatch.setitem(renderers._RENDERERS, "test.news", broken)
    bad = owed("marie@example.org", source="event:1", says="Marie habite au 3")
    good = owed("paul@example.org", source="event:1")
    with caplog.at_level(logging.DEBUG):
        assert send_due() == 1
    assert found(good).status == SENT
    assert found(bad).status == OWED and found(bad).error == "cannot be written: DataError"
    assert "test_sending.py" in ours(caplog) and "habite" not in ours(caplog)


def test_what_need_not_be_said_any_more_is_dropped(post, monkeypatch):
    monkeypatch.setitem(renderers._RENDERERS, "test.news", lambda message: None)
    nothing = owed(source="event:1")
    assert send_due() == 0
    assert found(nothing).status == DROPPED


def test_a_town_made_a_moment_ago_is_known(post, acting, monkeypatch):
    other = factories.jurisdiction("ailleurs", host="ailleurs.localhost", prefix="AI")
    with acting(other):
        owed("zoe@example.org", source="event:1")
    jurisdictions.all_jurisdictions()
    # What this process keeps was read before that jurisdiction was made.
    known = [jurisdiction for jurisdiction in jurisdictions.all_jurisdictions() if jurisdiction != other]
    monkeypatch.setattr(jurisdictions, "_kept", (time.monotonic(), known))
    assert send_due() == 1
    assert str(post.letters[0].message["From"]).startswith("Ailleurs <")
    assert str(post.letters[0].message["Message-ID"]).endswith("@ailleurs.localhost>")


def test_who_left_no_address_any_more_is_not_written_to(post):
    nobody = owed(None, source="event:1")
    assert send_due() == 0
    assert found(nobody).status == DROPPED


def test_a_kind_that_nobody_knows_waits_for_the_next_release(post, monkeypatch):
    monkeypatch.delitem(renderers._RENDERERS, "test.news")
    number = owed(source="event:1")
    send_due()
    assert found(number).status == OWED and found(number).error == "cannot be written: UnknownKind"


def test_a_message_that_kills_its_senders_is_given_up(post):
    number = owed(source="event:1")
    for _time in range(delivery_state.TRIES):
        due_now(number)
        assert delivery_state.claim_messages("mail", BATCH) == [number]
    due_now(number)
    assert send_due() == 0 and post.tried == []
    assert found(number).status == DEAD and found(number).error == "every sender that tried it died"


def test_a_sender_asked_to_end_gives_the_rest_back(post, monkeypatch):
    numbers = [owed(f"p{n}@example.org", source="event:1") for n in range(5)]
    sending = transport.Smtp.send
    told = []

    def send(self, mail):
        sending(self, mail)
        told.append(True)

    monkeypatch.setattr(transport.Smtp, "send", send)
    monkeypatch.setattr("core.notifications.outbox.sender.stop_requested", lambda: len(told) >= 2)
    connection().flushdb()
    assert send_due() == 2
    assert [found(n).status for n in numbers] == [SENT, SENT, OWED, OWED, OWED]
    assert all(found(n).tries == 0 and seconds_left(n) <= 0 for n in numbers[2:])
    # The next worker finds a job for them, and no sweep is waited for.
    assert connection().llen("rq:queue:mail") == 1


def test_a_lost_lease_sends_nothing_more(post, monkeypatch):
    numbers = [owed(f"p{n}@example.org", source="event:1") for n in range(3)]
    monkeypatch.setattr("core.notifications.outbox.lease.Lease.good", property(lambda self: len(post.letters) < 1))
    sender = Sender(known_channels()["mail"])
    sender.run()
    sender.close()
    assert len(post.letters) == 1
    # What another sender may hold by now is not touched.
    assert [found(n).tries for n in numbers] == [1, 1, 1]
    assert all(seconds_left(n) > 30 for n in numbers[1:])


def test_no_address_and_no_word_reaches_the_log(post, caplog):
    post.script["rcpt", "refused@example.org"] = ["550 No refused@example.org here"]
    post.script["rcpt", "later@example.org"] = ["450 Mailbox of later@example.org is busy"]
    with caplog.at_level(logging.DEBUG):
        for who in ("refused", "later", "fine"):
            owed(f"{who}@example.org", source="event:1", says="Voisin bruyant au 3e")
        send_due()
    assert ours(caplog) and "example.org" not in ours(caplog) and "bruyant" not in ours(caplog)


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_password_is_asked_for_by_the_server(app, monkeypatch):
    from aiosmtpd.smtp import AuthResult

    from tests.mail_server import MailServer

    def check(server, session, envelope, mechanism, data):
        return AuthResult(success=data.login == b"ville" and data.password == b"p@ss/w", handled=False)

    with MailServer(authenticator=check, auth_required=True, auth_require_tls=False) as post:
        number = owed(source="event:1")
        monkeypatch.setitem(app.config, "MAIL_URL", f"smtp://ville:wrong@127.0.0.1:{post.port}")
        assert send_due() == 0
        assert found(number).tries == 0
        assert found(number).error == "cannot sign in: SMTPAuthenticationError 535"
        monkeypatch.setitem(app.config, "MAIL_URL", f"smtp://ville:p%40ss%2Fw@127.0.0.1:{post.port}")
        due_now(number)
        assert send_due() == 1

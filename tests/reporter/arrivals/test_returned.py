"""What comes back undelivered: a true bounce stops what is owed, a forged one changes nothing."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core import mail as mails
from core.database import db
from core.identity import towns
from core.identity.models import Contact
from core.mail.addresses import bounce_address
from core.outbox.models import DEAD, OWED, SENT, Message
from core.outbox.verbs import owe
from core.scope import current
from reporter.arrivals.models import AUTOMATIC, BOUNCE, Arrival
from tests import factories
from tests.reporter.arrivals.writing import NOBODY, TOWN, mail, old_exim, returned


@pytest.fixture
def sent(here, box):
    """A message of ours that left, and another still owed to the same address; its bytes."""
    report = factories.report(email=NOBODY)
    first = db.session.scalars(sa.select(Message)).one()
    letter = mails.Mail("Nous avons reçu votre signalement", "Merci.\n")
    data = mails.compose(letter, to=NOBODY, town=current(), message_id=first.id).data
    db.session.execute(sa.update(Message.__table__).values(status=SENT))
    owe("report.planned", source="report_event:0", contact_id=report.contact_id, facts={"report": report.id})
    db.session.commit()
    return first.id, data


def _states() -> list[str]:
    db.session.expire_all()
    return list(db.session.scalars(sa.select(Message.status).order_by(Message.id)))


def _failed() -> bool:
    return db.session.scalar(sa.select(Contact.email_failed_at)) is not None


@pytest.mark.parametrize("shape", ["postfix", "exim", "exchange", "gmail"])
@pytest.mark.parametrize("by", ["address", "original", "whole"])
def test_an_address_that_does_not_exist_gets_nothing_any_more(sent, taken, shape, by):
    number, data = sent
    to = bounce_address(number) if by == "address" else TOWN
    status = {"exchange": "5.1.10"}.get(shape, "5.1.1")
    original = mail() if by == "address" else data
    (arrival,) = taken(returned(original, to=to, status=status, shape=shape, whole=by == "whole"))
    assert (arrival.taken_for, arrival.dealt_with, arrival.remark) == (BOUNCE, False, f"nowhere {status}")
    assert arrival.report_id is not None and arrival.contact_id is not None
    assert _failed() and _states() == [DEAD, DEAD]
    assert db.session.scalar(sa.select(sa.func.count(Message.id))) == 2


def test_an_old_server_s_words_are_understood_too(sent, taken):
    (arrival,) = taken(old_exim(sent[1], to=bounce_address(sent[0])))
    assert arrival.taken_for == BOUNCE and arrival.remark == "nowhere" and _failed()


@pytest.mark.parametrize(("status", "action", "remark", "states"), [
    ("5.2.2", "failed", "undelivered 5.2.2", [DEAD, OWED]),
    ("5.7.1", "failed", "undelivered 5.7.1", [DEAD, OWED]),
    ("4.4.1", "delayed", "delayed 4.4.1", [SENT, OWED]),
    ("4.2.2", "failed", "delayed 4.2.2", [SENT, OWED]),
])
def test_a_full_mailbox_is_not_a_missing_one(sent, taken, status, action, remark, states):
    (arrival,) = taken(returned(sent[1], to=bounce_address(sent[0]), status=status, action=action,
                                diagnostic=f"smtp; 552 {status} over quota"))
    assert arrival.remark == remark and not _failed() and _states() == states


def test_a_vague_code_says_more_in_words(sent, taken):
    taken(returned(sent[1], to=bounce_address(sent[0]), status="5.0.0", diagnostic="smtp; 550 No such user here"))
    assert _failed()


def test_a_forged_bounce_changes_nothing(sent, taken):
    number, data = sent
    town = towns.all_towns()[0]
    own = mails.stable_id(number, town)
    word = bounce_address(number)
    marked = own.partition(".")[2][:1]
    forged = data.replace(own.encode(), own.replace(f".{marked}", ".0" if marked != "0" else ".1", 1).encode())
    wrong = word.replace("+b.", "+b.a", 1)
    other = mails.stable_id(number, town).replace(f"<{number}.", f"<{number + 1}.")
    found = taken(returned(mail(), to=TOWN), returned(forged, to=wrong),
                  returned(data.replace(own.encode(), other.encode()), to=TOWN))
    assert [one.taken_for for one in found] == [AUTOMATIC] * 3
    assert {one.remark for one in found} == {"forged_bounce"}
    assert not _failed() and _states() == [SENT, OWED]


def test_an_absence_told_to_the_bounce_address_is_no_bounce(sent, taken):
    (arrival,) = taken(mail(to=bounce_address(sent[0]), subject="Absente", text="De retour le 12.",
                            Auto_Submitted="auto-replied"))
    assert (arrival.taken_for, arrival.dealt_with) == (AUTOMATIC, True) and not _failed()
    assert db.session.scalar(sa.select(sa.func.count(Arrival.id))) == 1

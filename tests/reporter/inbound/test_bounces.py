"""What comes back undelivered: a true bounce stops what is owed, a forged one changes nothing."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from core.database import db
from core.database.scope import current_jurisdiction
from core.identity import jurisdictions
from core.identity.models import Contact
from core.notifications import mail as notification_mail
from core.notifications.mail.addresses import bounce_address
from core.notifications.outbox.models import DEAD, OWED, SENT, Message
from core.notifications.outbox.verbs import queue_message
from reporter.inbound.models import AUTOMATIC, BOUNCE, InboundMessage
from tests import factories
from tests.reporter.inbound.writing import NOBODY, TOWN, mail, old_exim, returned


@pytest.fixture
def sent(here, box):
    """A message of ours that left, and another still owed to the same address; its bytes."""
    report = factories.report(email=NOBODY)
    first = db.session.scalars(sa.select(Message)).one()
    letter = notification_mail.Mail("Nous avons reçu votre signalement", "Merci.\n")
    data = notification_mail.compose_mail(
        letter, to=NOBODY, jurisdiction=current_jurisdiction(), message_id=first.id
    ).data
    db.session.execute(sa.update(Message.__table__).values(status=SENT))
    queue_message("report.planned", source="report_event:0", contact_id=report.contact_id, facts={"report": report.id})
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
    (inbound,) = taken(returned(original, to=to, status=status, shape=shape, whole=by == "whole"))
    assert (inbound.interpreted_as, inbound.handled, inbound.remark) == (BOUNCE, False, f"nowhere {status}")
    assert inbound.report_id is not None and inbound.contact_id is not None
    assert _failed() and _states() == [DEAD, DEAD]
    assert db.session.scalar(sa.select(sa.func.count(Message.id))) == 2


def test_an_old_server_s_words_are_understood_too(sent, taken):
    (inbound,) = taken(old_exim(sent[1], to=bounce_address(sent[0])))
    assert inbound.interpreted_as == BOUNCE and inbound.remark == "nowhere" and _failed()


@pytest.mark.parametrize(
    ("status", "action", "remark", "states"),
    [
        ("5.2.2", "failed", "undelivered 5.2.2", [DEAD, OWED]),
        ("5.7.1", "failed", "undelivered 5.7.1", [DEAD, OWED]),
        ("4.4.1", "delayed", "delayed 4.4.1", [SENT, OWED]),
        ("4.2.2", "failed", "delayed 4.2.2", [SENT, OWED]),
    ],
)
def test_a_full_mailbox_is_not_a_missing_one(sent, taken, status, action, remark, states):
    (inbound,) = taken(
        returned(
            sent[1],
            to=bounce_address(sent[0]),
            status=status,
            action=action,
            diagnostic=f"smtp; 552 {status} over quota",
        )
    )
    assert inbound.remark == remark and not _failed() and _states() == states


def test_a_vague_code_says_more_in_words(sent, taken):
    taken(returned(sent[1], to=bounce_address(sent[0]), status="5.0.0", diagnostic="smtp; 550 No such user here"))
    assert _failed()


def test_a_forged_bounce_changes_nothing(sent, taken):
    number, data = sent
    jurisdiction = jurisdictions.all_jurisdictions()[0]
    own = notification_mail.message_id_header(number, jurisdiction)
    word = bounce_address(number)
    marked = own.partition(".")[2][:1]
    forged = data.replace(own.encode(), own.replace(f".{marked}", ".0" if marked != "0" else ".1", 1).encode())
    wrong = word.replace("+b.", "+b.a", 1)
    other = notification_mail.message_id_header(number, jurisdiction).replace(f"<{number}.", f"<{number + 1}.")
    found = taken(
        returned(mail(), to=TOWN),
        returned(forged, to=wrong),
        returned(data.replace(own.encode(), other.encode()), to=TOWN),
    )
    assert [one.interpreted_as for one in found] == [AUTOMATIC] * 3
    assert {one.remark for one in found} == {"forged_bounce"}
    assert not _failed() and _states() == [SENT, OWED]


def test_an_absence_told_to_the_bounce_address_is_no_bounce(sent, taken):
    (inbound,) = taken(
        mail(to=bounce_address(sent[0]), subject="Absente", text="De retour le 12.", Auto_Submitted="auto-replied")
    )
    assert (inbound.interpreted_as, inbound.handled) == (AUTOMATIC, True) and not _failed()
    assert db.session.scalar(sa.select(sa.func.count(InboundMessage.id))) == 1

"""The accusé de réception of a report, to be read again and printed: as it was sent, or as it would be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select

from core import links
from core.database import ask
from core.i18n import as_locale, speaking
from core.identity import towns
from core.outbox.models import DEAD, MAIL, OWED, SENT, KeptText, Message
from core.scope import acting_for, current, current_id
from reporter.mails import marks, writing
from reporter.mails.occasion import Reader, occasions
from reporter.models import Follower, Report, ReportEvent
from reporter.wording import kept

_R, _E, _M, _K, _F = (one.__table__ for one in (Report, ReportEvent, Message, KeptText, Follower))
#: Whoever asks has already been found to be its author, or its desk; from another jurisdiction there is none.
_SENT = (
    select(_E.c.id, _R.c.jurisdiction_id, _F.c.locale, _M.c.status, _M.c.sent_at, _K.c.subject, _K.c.text)
    .join_from(_R, _E, (_E.c.report_id == _R.c.id) & (_E.c.kind == "received"))
    .outerjoin(_F, (_F.c.report_id == _R.c.id) & _F.c.author & (_F.c.contact_id == _R.c.contact_id)
               & (_F.c.channel == MAIL))
    .outerjoin(_M, (_M.c.contact_id == _R.c.contact_id) & (_M.c.kind == "report.received")
               & (_M.c.facts["report"].as_integer() == _R.c.id) & (_M.c.channel == MAIL))
    .outerjoin(_K, _K.c.message_id == _M.c.id)
    .where(_R.c.id == bindparam("number"),
           (_R.c.jurisdiction_id == bindparam("here")) | (_R.c.in_charge_id == bindparam("here")))
    .order_by(_E.c.id, _M.c.id).limit(1)
)
#: The signed part of a link: it opens what is its reader's alone.
_SIGNED = re.compile(r"(https?://\S+?(?:[?&]key=|/s/))[A-Za-z0-9._~-]+")


#: What became of it: sent, and these are its very words; sent before words were kept; about to leave; given up;
#: or there was nobody to send it to.
EXACT, SENT_OTHERWISE, LEAVING, GIVEN_UP, UNSENT = "exact", "sent", "leaving", "given_up", "unsent"


@dataclass(frozen=True)
class Receipt:
    """What was said when a report arrived, or would be."""

    subject: str
    text: str
    state: str
    #: When the other side accepted it.
    sent_at: datetime | None


def receipt(report_id: int) -> Receipt | None:
    """The accusé de réception of a report, without the signed parts of its links; None before it was received.

    Where no text was kept it is written now, in the language of its author.
    """
    row = ask(_SENT, {"number": report_id, "here": current_id()}).first()
    if row is None:
        return None
    if row.text is not None:
        return Receipt(row.subject, _SIGNED.sub(r"\1…", row.text), EXACT, row.sent_at)
    subject, text = _written(row)
    state = {SENT: SENT_OTHERWISE, OWED: LEAVING, DEAD: GIVEN_UP}.get(row.status, UNSENT)
    return Receipt(subject, text, state, row.sent_at)


def _written(row: Row[*tuple[Any, ...]]) -> tuple[str, str]:
    of = occasions([row.id])[row.id]
    town = towns.get(row.jurisdiction_id)
    with acting_for(town), speaking(as_locale(row.locale or town.languages[0])):
        mail = writing.write(of, Reader(True, True, of.matter.reference), channel=MAIL, town=current(),
                             wordings=kept.of([town.id], ["report.received"]))
        public = links.absolute(f"/r/{of.matter.reference}")
    filled = marks.filled(mail, {name: public for name in ("page", "stop")})
    # Nobody receives it: what a mail says of how to receive no more has no place on paper.
    return filled.subject, filled.text.split("\n-- \n")[0] + "\n"

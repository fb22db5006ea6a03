"""The accusé de réception of a report, to be read again and printed: as it was sent, or as it would be."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select

from core.channel_names import MAIL
from core.database import execute_unscoped
from core.database.scope import current_jurisdiction, current_jurisdiction_id, serving
from core.i18n import as_locale, speaking
from core.identity import jurisdictions
from core.notifications.outbox.models import DEAD, OWED, SENT, Message, SentText
from core.web import urls
from reporter.messages import composition, link_placeholders
from reporter.messages.event_context import Reader, event_contexts
from reporter.messages.wording import lookup
from reporter.reports.models import Report, ReportEvent
from reporter.subscriptions.models import ReportSubscription

_R, _E, _M, _K, _F = (one.__table__ for one in (Report, ReportEvent, Message, SentText, ReportSubscription))
#: Whoever asks has already been found to be its author, or its desk; from another jurisdiction there is none.
_SENT = (
    select(_E.c.id, _R.c.jurisdiction_id, _F.c.locale, _M.c.status, _M.c.sent_at, _K.c.subject, _K.c.text)
    .join_from(_R, _E, (_E.c.report_id == _R.c.id) & (_E.c.kind == "received"))
    .outerjoin(
        _F, (_F.c.report_id == _R.c.id) & _F.c.author & (_F.c.contact_id == _R.c.contact_id) & (_F.c.channel == MAIL)
    )
    .outerjoin(
        _M,
        (_M.c.contact_id == _R.c.contact_id)
        & (_M.c.kind == "report.received")
        & (_M.c.facts["report"].as_integer() == _R.c.id)
        & (_M.c.channel == MAIL),
    )
    .outerjoin(_K, _K.c.message_id == _M.c.id)
    .where(
        _R.c.id == bindparam("number"),
        (_R.c.jurisdiction_id == bindparam("jurisdiction")) | (_R.c.in_charge_id == bindparam("jurisdiction")),
    )
    .order_by(_E.c.id, _M.c.id)
    .limit(1)
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
    row = execute_unscoped(_SENT, {"number": report_id, "jurisdiction": current_jurisdiction_id()}).first()
    if row is None:
        return None
    if row.text is not None:
        return Receipt(row.subject, _SIGNED.sub(r"\1…", row.text), EXACT, row.sent_at)
    subject, text = _written(row)
    state = {SENT: SENT_OTHERWISE, OWED: LEAVING, DEAD: GIVEN_UP}.get(row.status, UNSENT)
    return Receipt(subject, text, state, row.sent_at)


def _written(row: Row[*tuple[Any, ...]]) -> tuple[str, str]:
    of = event_contexts([row.id])[row.id]
    jurisdiction = jurisdictions.get(row.jurisdiction_id)
    with serving(jurisdiction), speaking(as_locale(row.locale or jurisdiction.languages[0])):
        mail = composition.write_message(
            of,
            Reader(True, True, of.matter.reference),
            channel=MAIL,
            jurisdiction=current_jurisdiction(),
            wordings=lookup.wordings_of([jurisdiction.id], ["report.received"]),
        )
        public = urls.absolute_url(f"/r/{of.matter.reference}")
    filled = link_placeholders.fill_links(mail, {name: public for name in ("page", "stop")})
    # Nobody receives it: what a mail says of how to receive no more has no place on paper.
    return filled.subject, filled.text.split("\n-- \n")[0] + "\n"

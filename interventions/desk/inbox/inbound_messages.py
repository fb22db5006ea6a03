"""What came in by mail or SMS and nobody understood: read here, made a report of, added to one, or set aside."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from core import references
from core.database.scope import current_jurisdiction
from core.errors import FieldError, NotFound
from core.i18n import gettext as _
from core.i18n import ngettext
from core.identity.actor import Actor
from core.identity.contacts import format_phone
from core.web.access import requires
from interventions.desk import menu
from interventions.desk.blueprint import desk
from interventions.desk.form_handling import attempt, figure, new_form_key
from reporter.inbound import inbox as inbound_inbox
from reporter.inbound.models import BOUNCE, REPORT
from reporter.reports import intake as report_intake

PAGE = 30
HERE = "/desk/arrivals"


def _sentences() -> dict[str, str]:
    """What each remark says to who reads it at the desk."""
    return {
        "forged": _("It was sent to a reply address that is not ours or was altered."),
        "refused": _("It could not be added to its report as it is."),
        "gone": _("The report it answers no longer exists."),
        "list": _("A mailing list or advertisement: we did not reply."),
        "doubtful": _("The mail server doubts that it really comes from this sender: we did not reply."),
        "no_sender": _("It has no sender."),
        "too_many": _("This sender has written a lot today: we did not reply."),
        "too_big": _("Too large to read: it is in the mailbox, in the folder “A voir”."),
        "broken": _("It could not be read: it is in the mailbox, in the folder “A voir”."),
        "nowhere": _("This address does not exist: we no longer write to it."),
        "undelivered": _("The last message could not be delivered to this address."),
        "photo_refused": _("An attachment could not be read as a photo."),
        "photos_left_out": _("There were more photos than a report can hold: the others are in the mailbox."),
        "other_sender": _("It was sent from a different address from the one we wrote to."),
        "said_more": _("The author gave more details but not the place: use them to complete the report."),
        "stopped": _("This number has opted out of text messages."),
    }


@desk.get("/arrivals")
@requires("arrivals.handle")
def arrivals() -> ResponseReturnValue:
    """What waits for somebody to look at it, the oldest first."""
    return _page()


def _page(status: int = 200, *, refusal: str = "", at: int = 0, errors: dict[str, str] | None = None) -> Any:
    after = figure(request.args.get("after", "")) or 0
    found = inbound_inbox.waiting_messages(after=after, most=PAGE + 1)
    more, found = len(found) > PAGE, found[:PAGE]
    count = menu.recent_counts().arrivals
    headline = (
        ngettext("%(said)s message to deal with.", "%(said)s messages to deal with.", count, said=menu.bounded(count))
        if count
        else _("No messages to deal with.")
    )
    return render_template(
        "desk/inbox.html",
        nav_current="arrivals",
        headline=headline,
        refusal=refusal,
        key=new_form_key(),
        at=at,
        errors=errors or {},
        typed=request.form.get("reference", ""),
        arrivals=[_shown(one) for one in found if not _is_draft(one)],
        drafts=[_shown(one) for one in found if _is_draft(one)],
        next_url=f"{HERE}?after={found[-1].id}" if more else None,
    ), status


def _is_draft(one: inbound_inbox.WaitingMessage) -> bool:
    return one.interpreted_as == REPORT


def _shown(one: inbound_inbox.WaitingMessage) -> Any:
    """An arrival as the page shows it, its remarks in words."""
    known = _sentences()
    remarks = [known[code] for code in one.remark.split() if code in known]
    known = vars(one) | {"phone": format_phone(one.phone), "dialled": one.phone}
    return SimpleNamespace(
        **known, remarks=remarks, bounced=one.interpreted_as == BOUNCE, unread=one.remark in ("too_big", "broken")
    )


@desk.post("/arrivals/<int(max=9223372036854775807):number>/<any(attach, aside):verb>")
@requires("arrivals.handle")
def decide_arrival(number: int, verb: str) -> ResponseReturnValue:
    """Add it to the report of a reference, or set it aside; the second of two people is told."""

    def again(status: int, errors: dict[str, str], refusal: str) -> ResponseReturnValue:
        return _page(status, refusal=refusal, at=number, errors=errors)

    do = _attach if verb == "attach" else _aside
    return attempt(lambda by: do(number, by), to=HERE, again=again)


def _attach(number: int, by: Actor) -> str:
    reference = references.parse_reference(request.form.get("reference", ""))
    if reference is None:
        raise FieldError(
            "reference",
            _(
                "This is not a reference. References look like %(example)s.",
                example=references.example(current_jurisdiction().prefix),
            ),
        )
    try:
        report = report_intake.lock_report(reference)
    except NotFound as error:
        raise FieldError("reference", error.sentence) from None
    inbound_inbox.attach_to_report(number, report, by=by)
    return _("Added to report %(reference)s, for our teams to read.", reference=reference)


def _aside(number: int, by: Actor) -> str:
    inbound_inbox.set_aside(number)
    return _("Set aside.")

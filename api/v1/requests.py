"""What requests carry: read by webargs, and described in the document."""

from __future__ import annotations

from datetime import time
from typing import Any, ClassVar

from marshmallow import fields

from api.v1.bounds import (
    ADDRESS,
    BBOX,
    CODE,
    CURSOR,
    DESCRIPTION,
    EMAIL,
    EMAIL_OR_NONE,
    LOCAL_MOMENT,
    MOMENT,
    NAME,
    NUMBER_CURSOR,
    PHONE,
    REASON,
    REFERENCE,
    REFERENCE_TYPED,
    VISIBLE,
)
from api.v1.fields import (
    MOST_VALUES,
    Answers,
    Box,
    Codes,
    Flag,
    Inner,
    Moment,
    Number,
    Point,
    Reading,
    Several,
    Text,
    Whole,
    any_required,
    said,
)
from api.v1.news import KINDS as EVENT_KINDS
from core.outbox.models import STATUSES as MESSAGE_STATUSES
from core.states import N_
from core.webhooks.verbs import LONGEST_LABEL, LONGEST_URL
from interventions import listing as work_listing
from interventions.status import KINDS
from interventions.status import STATUSES as WORK_STATUSES
from interventions.street import MOST_MINUTES
from interventions.street import PHOTOS as WORK_PHOTOS
from interventions.work import DAY_ENDS, DAY_STARTS, TEXT, TITLE
from reporter import listing
from reporter.intake import PHOTOS as REPORT_PHOTOS
from reporter.status import STATUSES

LIMIT = 50
POINT = {"type": "Point", "coordinates": [3.8767, 43.6112]}


class PhotoForm(Reading):
    """A photo as a form sends it."""

    photo = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})


class ContactIn(Reading):
    """Whom to tell; everything may be left out."""

    name = Text(allow_none=True, metadata={"maxLength": NAME})
    email = Text(allow_none=True, metadata=dict(EMAIL_OR_NONE))
    phone = Text(allow_none=True, metadata={"maxLength": PHONE})
    locale = Text(allow_none=True, metadata=said(N_("The language of the updates: fr or en."), example="fr"))


class ReportIn(Reading):
    """A report as a program sends it."""

    category = Text(required=True, metadata=said(
        N_("A category's code."), example="nid-de-poule", maxLength=CODE, pattern=VISIBLE))
    location = Point(
        allow_none=True,
        metadata=said(
            N_("Where it is. Without it: `address`, or a photo that says where it was taken."),
            example=POINT,
        ),
    )
    address = Text(allow_none=True, metadata=said(
        N_("In words; looked up where no `location` is given."), maxLength=ADDRESS))
    description = Text(allow_none=True, metadata=said(N_("At most 4,000 characters."), maxLength=DESCRIPTION))
    contact = Inner(ContactIn, allow_none=True)
    answers = Answers(
        allow_none=True, metadata=said(N_("The answers to the category's questions, by their codes."))
    )
    photos = Several(Text(metadata={"format": "uuid"}), allow_none=True, metadata=said(
        N_("Ids of at most 4 photos sent before."), maxItems=REPORT_PHOTOS))


class ReportForm(Reading):
    """A report as a form sends it, with its photos. Answers are fields named `answers.<code>`."""

    category = Text(required=True, metadata=said(N_("A category's code."), maxLength=CODE, pattern=VISIBLE))
    lat = Text(metadata=said(N_("Latitude in degrees."), type="number", minimum=-90, maximum=90))
    lon = Text(metadata=said(N_("Longitude in degrees."), type="number", minimum=-180, maximum=180))
    address = Text(metadata=said(N_("In words; looked up where no `location` is given."), maxLength=ADDRESS))
    description = Text(metadata=said(N_("At most 4,000 characters."), maxLength=DESCRIPTION))
    name = Text(metadata={"maxLength": NAME})
    email = Text(metadata=dict(EMAIL_OR_NONE))
    phone = Text(metadata={"maxLength": PHONE})
    locale = Text(metadata=said(N_("The language of the updates: fr or en.")))
    photos = fields.List(fields.Raw(metadata={"type": "string", "format": "binary"}),
                         metadata=said(N_("At most 4 files (JPEG, PNG, WebP, HEIC, AVIF; 15 MB each)."),
                                       maxItems=REPORT_PHOTOS))


class ReportChange(Reading):
    """What the desk corrects; what is left out stays."""

    category = Text(allow_none=True, metadata=said(N_("A category's code."), maxLength=CODE, pattern=VISIBLE))
    location = Point(allow_none=True, metadata={"example": POINT})
    address = Text(allow_none=True, metadata={"maxLength": ADDRESS})

    #: Something must be named, and not as null.
    constraints: ClassVar[dict[str, Any]] = any_required(
        {"category": "string", "location": "object", "address": "string"})


class Nothing(Reading):
    """Nothing needs to be said."""


class Reason(Reading):
    """Why."""

    reason = Text(required=True, metadata=said(N_("At most 1,000 characters."), maxLength=REASON, pattern=VISIBLE))


class MaybeReason(Reading):
    """Why, where there is something to say."""

    reason = Text(allow_none=True, metadata=said(N_("At most 1,000 characters."), maxLength=REASON))


class Merge(MaybeReason):
    """Into which report."""

    into = Text(
        required=True, metadata=said(N_("The reference of the report that stays."), example="VC-7K3-9QT",
                                     maxLength=REFERENCE, pattern=REFERENCE_TYPED)
    )


class Note(Reading):
    """An internal line."""

    text = Text(required=True, metadata=said(
        N_("At most 4,000 characters; only the services read it."), maxLength=DESCRIPTION, pattern=VISIBLE))


class Asking(Reading):
    """A question to whoever reported it."""

    text = Text(required=True, metadata=said(
        N_("At most 1,000 characters; its author alone reads it."), maxLength=REASON, pattern=VISIBLE))


class Late(Reading):
    """What a phone may send late."""

    occurred_at = Moment(allow_none=True, zone_needed=True, metadata=said(
        N_("When it happened, with its zone, where this is sent later: at most a month ago."), pattern=MOMENT))


class LateReason(Late, Reason):
    """Why, perhaps late."""


class Finish(Late):
    """What was done."""

    comment = Text(allow_none=True, metadata=said(
        N_("At most 1,000 characters; residents read it."), maxLength=REASON))
    photos = Several(Text(metadata={"format": "uuid"}), allow_none=True, metadata=said(
        N_("Ids of at most 8 photos sent before."), maxItems=WORK_PHOTOS))
    minutes = Whole(allow_none=True, metadata=said(N_("Time spent."), minimum=0, maximum=MOST_MINUTES))


class Schedule(Reading):
    """The planned time, and who comes."""

    start = Moment(required=True, day=time(DAY_STARTS), metadata=said(
        N_("A moment; or a day alone, for the crew's working day. Without a zone it is the town's."),
        pattern=LOCAL_MOMENT))
    end = Moment(
        allow_none=True, day=time(DAY_ENDS), metadata=said(
            N_("Without it: the end of that working day."), pattern=LOCAL_MOMENT)
    )
    team = Text(allow_none=True, metadata=said(N_("A team's code."), maxLength=CODE))
    agent = Text(allow_none=True, metadata=said(N_("A colleague's e-mail address."), maxLength=EMAIL))
    announce = Flag(allow_none=True, metadata=said(N_("Tell the residents this day.")))
    reason = Text(allow_none=True, metadata=said(
        N_("Why an announced day changes; residents read it."), maxLength=REASON))


class WorkChange(Reading):
    """What is corrected; what is left out stays. Null for `team` or `agent` takes the work away from them."""

    title = Text(allow_none=True, metadata={"maxLength": TITLE, "pattern": VISIBLE})
    instructions = Text(allow_none=True, metadata={"maxLength": TEXT})
    priority = Whole(allow_none=True, metadata=said(N_("0 normal, 1 high, 2 danger."), minimum=0, maximum=2))
    team = Text(allow_none=True, metadata=said(N_("A team's code."), maxLength=CODE))
    agent = Text(allow_none=True, metadata=said(N_("A colleague's e-mail address."), maxLength=EMAIL))

    #: Something must be named; null takes away.
    constraints: ClassVar[dict[str, Any]] = any_required(
        dict.fromkeys(("title", "instructions", "priority", "team", "agent")))


class WorkIn(WorkChange):
    """A work order to be made."""

    title = Text(allow_none=True, metadata=said(
        N_("Without it, the category's name: one of `title`, `category` and `reports` is needed."), maxLength=TITLE))

    reports = Several(
        Text(metadata={"maxLength": REFERENCE, "pattern": REFERENCE_TYPED}), allow_none=True, metadata=said(
            N_("References of the reports it answers; may be none."), maxItems=MOST_VALUES)
    )
    kind = Text(load_default="final", metadata=said("", enum=list(KINDS)))
    category = Text(allow_none=True, metadata=said(
        N_("A category's code; without it, the first report's."), maxLength=CODE))
    location = Point(
        allow_none=True,
        metadata=said(N_("Without it: the report nearest to the middle of all."), example=POINT),
    )
    address = Text(allow_none=True, metadata={"maxLength": ADDRESS})
    start = Moment(allow_none=True, day=time(DAY_STARTS), metadata=said(
        N_("Where given, the work is scheduled at once (supervisors)."), pattern=LOCAL_MOMENT))
    end = Moment(allow_none=True, day=time(DAY_ENDS), metadata={"pattern": LOCAL_MOMENT})
    announce = Flag(allow_none=True, metadata=said(N_("Tell the residents this day.")))

    #: It is called something.
    constraints: ClassVar[dict[str, Any]] = {"anyOf": [
        {"required": ["title"], "properties": {"title": {"type": "string", "pattern": VISIBLE}}},
        {"required": ["category"], "properties": {"category": {"type": "string", "pattern": VISIBLE}}},
        {"required": ["reports"], "properties": {"reports": {"type": "array", "minItems": 1}}}]}


class Paging(Reading):
    """Which part of a list."""

    limit = Whole(load_default=LIMIT, metadata=said(N_("How many at most: 1 to 200."), minimum=1,
                                                    maximum=listing.MOST))
    cursor = Text(metadata=said(N_("`next` of the page before."), pattern=CURSOR))


class Counting(Paging):
    """A list that can be counted."""

    count = Flag(load_default=False, metadata=said(
        N_("Say how many there are: `count`, and `more` where there are over 1,000.")))


class ReportQuery(Counting):
    """Which reports."""

    bbox = Box(metadata=said(N_("west,south,east,north in degrees."), type="string", pattern=BBOX,
                             example="3.86,43.60,3.89,43.62"))
    category = Codes(load_default=(), metadata=said(N_("Codes; several with commas.")))
    status = Codes(STATUSES, load_default=(), metadata=said(N_("States; several with commas.")))
    updated_since = Moment(metadata=said(N_("Changed at that moment or later."), pattern=LOCAL_MOMENT))
    sort = Text(load_default="-received_at", metadata=said(N_("A minus puts the newest first."),
                                                           enum=list(listing.SORTS)))


class WorkQuery(Counting):
    """Which work orders."""

    bbox = Box(metadata=said(N_("west,south,east,north in degrees."), type="string", pattern=BBOX))
    category = Codes(load_default=(), metadata=said(N_("Codes; several with commas.")))
    status = Codes(WORK_STATUSES, load_default=(), metadata=said(N_("States; several with commas.")))
    team = Codes(load_default=(), metadata=said(N_("Codes; several with commas.")))
    updated_since = Moment(metadata=said(N_("Changed at that moment or later."), pattern=LOCAL_MOMENT))
    sort = Text(load_default="-created_at", metadata=said(N_("A minus puts the newest first."),
                                                          enum=list(work_listing.SORTS)))


class MessageQuery(Paging):
    """Which messages."""

    cursor = Text(metadata=said(N_("`next` of the page before."), pattern=NUMBER_CURSOR))

    status = Codes(MESSAGE_STATUSES, load_default=(), metadata=said(N_("States; several with commas.")))
    channel = Codes(load_default=(), metadata=said(N_("`mail`, `sms`, `push`, `webhook`; several with commas.")))
    report = Text(metadata=said(N_("A report’s reference: what its followers were told of it."),
                                example="VC-7K3-9QT", maxLength=REFERENCE))


class DeliveryQuery(Paging):
    """Which part of a delivery log."""

    cursor = Text(metadata=said(N_("`next` of the page before."), pattern=NUMBER_CURSOR))


class WebhookChange(Reading):
    """What is changed; what is left out stays."""

    url = Text(allow_none=True, metadata=said(
        N_("Where deliveries are posted: https, and not inside the town’s own network."),
        format="uri", example="https://sig.example.org/alentour", maxLength=LONGEST_URL))
    label = Text(allow_none=True, metadata=said(
        N_("What people call it; at most 80 characters."), maxLength=LONGEST_LABEL))
    kinds = Several(Text(metadata={"enum": [f"report.{kind}" for kind in EVENT_KINDS]}), allow_none=True, metadata=said(
        N_("Kinds of event; an empty list: all of them, those to come included."), example=["report.resolved"],
        maxItems=MOST_VALUES))

    #: Something must be named, and not as null.
    constraints: ClassVar[dict[str, Any]] = any_required({"url": "string", "label": "string", "kinds": "array"})


class WebhookIn(WebhookChange):
    """A subscription to be made."""

    constraints: ClassVar[dict[str, Any]] = {}

    url = Text(required=True, metadata=said(
        N_("Where deliveries are posted: https, and not inside the town’s own network."),
        format="uri", example="https://sig.example.org/alentour", maxLength=LONGEST_URL))


class SendAgain(Reading):
    """Which deliveries."""

    deliveries = Several(Whole(metadata={"minimum": 1}), allow_none=True, metadata=said(
        N_("Ids of at most 50 deliveries; without it, all of the last 1,000 that did not arrive."),
        maxItems=MOST_VALUES))


class NearbyQuery(Reading):
    """Near what."""

    lat = Number(required=True, metadata=said(N_("Latitude in degrees."), minimum=-90, maximum=90))
    lon = Number(required=True, metadata=said(N_("Longitude in degrees."), minimum=-180, maximum=180))
    category = Text(metadata=said(N_("A category's code."), maxLength=CODE))
    metres = Number(load_default=50.0, metadata=said(N_("How far, at most 500."), minimum=1, maximum=500))

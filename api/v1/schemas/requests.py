"""What requests carry: read by webargs, and described in the document."""

from __future__ import annotations

from datetime import time
from typing import Any, ClassVar

from marshmallow import fields

from api.v1.schemas.bounds import (
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
from api.v1.schemas.fields import (
    MOST_VALUES,
    AnswersField,
    BoundedList,
    BoxField,
    CodesField,
    FlagField,
    InnerObject,
    IntegerField,
    MomentField,
    NumberField,
    PointField,
    RequestSchema,
    TextField,
    any_required,
    described,
)
from api.v1.schemas.report_events import REPORT_EVENT_KINDS as EVENT_KINDS
from core.notifications.outbox.models import STATUSES as MESSAGE_STATUSES
from core.notifications.webhooks.verbs import LONGEST_LABEL, LONGEST_URL
from core.web.states import N_
from interventions.planning.verbs import DAY_ENDS, DAY_STARTS
from interventions.work_orders import listing as work_order_listing
from interventions.work_orders.execution import MOST_MINUTES
from interventions.work_orders.execution import PHOTOS as WORK_PHOTOS
from interventions.work_orders.statuses import KINDS
from interventions.work_orders.statuses import STATUSES as WORK_STATUSES
from interventions.work_orders.verbs import TEXT, TITLE
from reporter.reports import listing as report_listing
from reporter.reports.intake import PHOTOS as REPORT_PHOTOS
from reporter.statuses import STATUSES

LIMIT = 50
POINT = {"type": "Point", "coordinates": [3.8767, 43.6112]}


class PhotoForm(RequestSchema):
    """A photo as a form sends it."""

    photo = fields.Raw(required=True, metadata={"type": "string", "format": "binary"})


class ContactIn(RequestSchema):
    """Whom to tell; everything may be left out."""

    name = TextField(allow_none=True, metadata={"maxLength": NAME})
    email = TextField(allow_none=True, metadata=dict(EMAIL_OR_NONE))
    phone = TextField(allow_none=True, metadata={"maxLength": PHONE})
    locale = TextField(allow_none=True, metadata=described(N_("The language of the updates: fr or en."), example="fr"))


class ReportIn(RequestSchema):
    """A report as a program sends it."""

    category = TextField(
        required=True,
        metadata=described(N_("A category's code."), example="nid-de-poule", maxLength=CODE, pattern=VISIBLE),
    )
    location = PointField(
        allow_none=True,
        metadata=described(
            N_("Where it is. Without it: `address`, or a photo that says where it was taken."),
            example=POINT,
        ),
    )
    address = TextField(
        allow_none=True, metadata=described(N_("In words; looked up where no `location` is given."), maxLength=ADDRESS)
    )
    description = TextField(allow_none=True, metadata=described(N_("At most 4,000 characters."), maxLength=DESCRIPTION))
    contact = InnerObject(ContactIn, allow_none=True)
    answers = AnswersField(
        allow_none=True, metadata=described(N_("The answers to the category's questions, by their codes."))
    )
    photos = BoundedList(
        TextField(metadata={"format": "uuid"}),
        allow_none=True,
        metadata=described(N_("Ids of at most 4 photos sent before."), maxItems=REPORT_PHOTOS),
    )


class ReportForm(RequestSchema):
    """A report as a form sends it, with its photos. Answers are fields named `answers.<code>`."""

    category = TextField(required=True, metadata=described(N_("A category's code."), maxLength=CODE, pattern=VISIBLE))
    lat = TextField(metadata=described(N_("Latitude in degrees."), type="number", minimum=-90, maximum=90))
    lon = TextField(metadata=described(N_("Longitude in degrees."), type="number", minimum=-180, maximum=180))
    address = TextField(metadata=described(N_("In words; looked up where no `location` is given."), maxLength=ADDRESS))
    description = TextField(metadata=described(N_("At most 4,000 characters."), maxLength=DESCRIPTION))
    name = TextField(metadata={"maxLength": NAME})
    email = TextField(metadata=dict(EMAIL_OR_NONE))
    phone = TextField(metadata={"maxLength": PHONE})
    locale = TextField(metadata=described(N_("The language of the updates: fr or en.")))
    photos = fields.List(
        fields.Raw(metadata={"type": "string", "format": "binary"}),
        metadata=described(N_("At most 4 files (JPEG, PNG, WebP, HEIC, AVIF; 15 MB each)."), maxItems=REPORT_PHOTOS),
    )


class ReportChange(RequestSchema):
    """What the desk corrects; what is left out stays."""

    category = TextField(allow_none=True, metadata=described(N_("A category's code."), maxLength=CODE, pattern=VISIBLE))
    location = PointField(allow_none=True, metadata={"example": POINT})
    address = TextField(allow_none=True, metadata={"maxLength": ADDRESS})

    #: Something must be named, and not as null.
    constraints: ClassVar[dict[str, Any]] = any_required(
        {"category": "string", "location": "object", "address": "string"}
    )


class Nothing(RequestSchema):
    """Nothing needs to be said."""


class Reason(RequestSchema):
    """Why."""

    reason = TextField(
        required=True, metadata=described(N_("At most 1,000 characters."), maxLength=REASON, pattern=VISIBLE)
    )


class MaybeReason(RequestSchema):
    """Why, where there is something to say."""

    reason = TextField(allow_none=True, metadata=described(N_("At most 1,000 characters."), maxLength=REASON))


class Merge(MaybeReason):
    """Into which report."""

    into = TextField(
        required=True,
        metadata=described(
            N_("The reference of the report that stays."),
            example="VC-7K3-9QT",
            maxLength=REFERENCE,
            pattern=REFERENCE_TYPED,
        ),
    )


class Note(RequestSchema):
    """An internal line."""

    text = TextField(
        required=True,
        metadata=described(
            N_("At most 4,000 characters; only the services read it."), maxLength=DESCRIPTION, pattern=VISIBLE
        ),
    )


class Asking(RequestSchema):
    """A question to whoever reported it."""

    text = TextField(
        required=True,
        metadata=described(
            N_("At most 1,000 characters; its author alone reads it."), maxLength=REASON, pattern=VISIBLE
        ),
    )


class Late(RequestSchema):
    """What a phone may send late."""

    occurred_at = MomentField(
        allow_none=True,
        zone_needed=True,
        metadata=described(
            N_("When it happened, with its zone, where this is sent later: at most a month ago."), pattern=MOMENT
        ),
    )


class LateReason(Late, Reason):
    """Why, perhaps late."""


class Finish(Late):
    """What was done."""

    comment = TextField(
        allow_none=True, metadata=described(N_("At most 1,000 characters; residents read it."), maxLength=REASON)
    )
    photos = BoundedList(
        TextField(metadata={"format": "uuid"}),
        allow_none=True,
        metadata=described(N_("Ids of at most 8 photos sent before."), maxItems=WORK_PHOTOS),
    )
    minutes = IntegerField(allow_none=True, metadata=described(N_("Time spent."), minimum=0, maximum=MOST_MINUTES))


class Schedule(RequestSchema):
    """The planned time, and who comes."""

    start = MomentField(
        required=True,
        day=time(DAY_STARTS),
        metadata=described(
            N_("A moment; or a day alone, for the crew's working day. Without a zone it is the town's."),
            pattern=LOCAL_MOMENT,
        ),
    )
    end = MomentField(
        allow_none=True,
        day=time(DAY_ENDS),
        metadata=described(N_("Without it: the end of that working day."), pattern=LOCAL_MOMENT),
    )
    team = TextField(allow_none=True, metadata=described(N_("A team's code."), maxLength=CODE))
    agent = TextField(allow_none=True, metadata=described(N_("A colleague's e-mail address."), maxLength=EMAIL))
    announce = FlagField(allow_none=True, metadata=described(N_("Tell the residents this day.")))
    reason = TextField(
        allow_none=True, metadata=described(N_("Why an announced day changes; residents read it."), maxLength=REASON)
    )


class WorkChange(RequestSchema):
    """What is corrected; what is left out stays. Null for `team` or `agent` takes the work away from them."""

    title = TextField(allow_none=True, metadata={"maxLength": TITLE, "pattern": VISIBLE})
    instructions = TextField(allow_none=True, metadata={"maxLength": TEXT})
    priority = IntegerField(
        allow_none=True, metadata=described(N_("0 normal, 1 high, 2 danger."), minimum=0, maximum=2)
    )
    team = TextField(allow_none=True, metadata=described(N_("A team's code."), maxLength=CODE))
    agent = TextField(allow_none=True, metadata=described(N_("A colleague's e-mail address."), maxLength=EMAIL))

    #: Something must be named; null takes away.
    constraints: ClassVar[dict[str, Any]] = any_required(
        dict.fromkeys(("title", "instructions", "priority", "team", "agent"))
    )


class WorkIn(WorkChange):
    """A work order to be made."""

    title = TextField(
        allow_none=True,
        metadata=described(
            N_("Without it, the category's name: one of `title`, `category` and `reports` is needed."), maxLength=TITLE
        ),
    )

    reports = BoundedList(
        TextField(metadata={"maxLength": REFERENCE, "pattern": REFERENCE_TYPED}),
        allow_none=True,
        metadata=described(N_("References of the reports it answers; may be none."), maxItems=MOST_VALUES),
    )
    kind = TextField(load_default="final", metadata=described("", enum=list(KINDS)))
    category = TextField(
        allow_none=True, metadata=described(N_("A category's code; without it, the first report's."), maxLength=CODE)
    )
    location = PointField(
        allow_none=True,
        metadata=described(N_("Without it: the report nearest to the middle of all."), example=POINT),
    )
    address = TextField(allow_none=True, metadata={"maxLength": ADDRESS})
    start = MomentField(
        allow_none=True,
        day=time(DAY_STARTS),
        metadata=described(N_("Where given, the work is scheduled at once (supervisors)."), pattern=LOCAL_MOMENT),
    )
    end = MomentField(allow_none=True, day=time(DAY_ENDS), metadata={"pattern": LOCAL_MOMENT})
    announce = FlagField(allow_none=True, metadata=described(N_("Tell the residents this day.")))

    #: It is called something.
    constraints: ClassVar[dict[str, Any]] = {
        "anyOf": [
            {"required": ["title"], "properties": {"title": {"type": "string", "pattern": VISIBLE}}},
            {"required": ["category"], "properties": {"category": {"type": "string", "pattern": VISIBLE}}},
            {"required": ["reports"], "properties": {"reports": {"type": "array", "minItems": 1}}},
        ]
    }


class Paging(RequestSchema):
    """Which part of a list."""

    limit = IntegerField(
        load_default=LIMIT,
        metadata=described(N_("How many at most: 1 to 200."), minimum=1, maximum=report_listing.MOST),
    )
    cursor = TextField(metadata=described(N_("`next` of the page before."), pattern=CURSOR))


class Counting(Paging):
    """A list that can be counted."""

    count = FlagField(
        load_default=False,
        metadata=described(N_("Say how many there are: `count`, and `more` where there are over 1,000.")),
    )


class ReportQuery(Counting):
    """Which reports."""

    bbox = BoxField(
        metadata=described(
            N_("west,south,east,north in degrees."), type="string", pattern=BBOX, example="3.86,43.60,3.89,43.62"
        )
    )
    category = CodesField(load_default=(), metadata=described(N_("Codes; several with commas.")))
    status = CodesField(STATUSES, load_default=(), metadata=described(N_("States; several with commas.")))
    updated_since = MomentField(metadata=described(N_("Changed at that moment or later."), pattern=LOCAL_MOMENT))
    sort = TextField(
        load_default="-received_at",
        metadata=described(N_("A minus puts the newest first."), enum=list(report_listing.SORTS)),
    )


class WorkQuery(Counting):
    """Which work orders."""

    bbox = BoxField(metadata=described(N_("west,south,east,north in degrees."), type="string", pattern=BBOX))
    category = CodesField(load_default=(), metadata=described(N_("Codes; several with commas.")))
    status = CodesField(WORK_STATUSES, load_default=(), metadata=described(N_("States; several with commas.")))
    team = CodesField(load_default=(), metadata=described(N_("Codes; several with commas.")))
    updated_since = MomentField(metadata=described(N_("Changed at that moment or later."), pattern=LOCAL_MOMENT))
    sort = TextField(
        load_default="-created_at",
        metadata=described(N_("A minus puts the newest first."), enum=list(work_order_listing.SORTS)),
    )


class MessageQuery(Paging):
    """Which messages."""

    cursor = TextField(metadata=described(N_("`next` of the page before."), pattern=NUMBER_CURSOR))

    status = CodesField(MESSAGE_STATUSES, load_default=(), metadata=described(N_("States; several with commas.")))
    channel = CodesField(
        load_default=(), metadata=described(N_("`mail`, `sms`, `push`, `webhook`; several with commas."))
    )
    report = TextField(
        metadata=described(
            N_("A report’s reference: what its followers were told of it."), example="VC-7K3-9QT", maxLength=REFERENCE
        )
    )


class DeliveryQuery(Paging):
    """Which part of a delivery log."""

    cursor = TextField(metadata=described(N_("`next` of the page before."), pattern=NUMBER_CURSOR))


class WebhookChange(RequestSchema):
    """What is changed; what is left out stays."""

    url = TextField(
        allow_none=True,
        metadata=described(
            N_("Where deliveries are posted: https, and not inside the town’s own network."),
            format="uri",
            example="https://sig.example.org/alentour",
            maxLength=LONGEST_URL,
        ),
    )
    label = TextField(
        allow_none=True, metadata=described(N_("What people call it; at most 80 characters."), maxLength=LONGEST_LABEL)
    )
    kinds = BoundedList(
        TextField(metadata={"enum": [f"report.{kind}" for kind in EVENT_KINDS]}),
        allow_none=True,
        metadata=described(
            N_("Kinds of event; an empty list: all of them, those to come included."),
            example=["report.resolved"],
            maxItems=MOST_VALUES,
        ),
    )

    #: Something must be named, and not as null.
    constraints: ClassVar[dict[str, Any]] = any_required({"url": "string", "label": "string", "kinds": "array"})


class WebhookIn(WebhookChange):
    """A subscription to be made."""

    constraints: ClassVar[dict[str, Any]] = {}

    url = TextField(
        required=True,
        metadata=described(
            N_("Where deliveries are posted: https, and not inside the town’s own network."),
            format="uri",
            example="https://sig.example.org/alentour",
            maxLength=LONGEST_URL,
        ),
    )


class SendAgain(RequestSchema):
    """Which deliveries."""

    deliveries = BoundedList(
        IntegerField(metadata={"minimum": 1}),
        allow_none=True,
        metadata=described(
            N_("Ids of at most 50 deliveries; without it, all of the last 1,000 that did not arrive."),
            maxItems=MOST_VALUES,
        ),
    )


class NearbyQuery(RequestSchema):
    """Near what."""

    lat = NumberField(required=True, metadata=described(N_("Latitude in degrees."), minimum=-90, maximum=90))
    lon = NumberField(required=True, metadata=described(N_("Longitude in degrees."), minimum=-180, maximum=180))
    category = TextField(metadata=described(N_("A category's code."), maxLength=CODE))
    metres = NumberField(load_default=50.0, metadata=described(N_("How far, at most 500."), minimum=1, maximum=500))

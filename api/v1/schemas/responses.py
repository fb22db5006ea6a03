"""What answers look like, for the document. They are built by api.v1.schemas.serializers; a test compares the two."""

from __future__ import annotations

from marshmallow import fields
from marshmallow.validate import Length, OneOf

from api.v1.schemas.fields import PointField, RequestSchema, described
from api.v1.schemas.requests import POINT
from core.notifications.outbox.models import STATUSES as MESSAGE_STATUSES
from core.notifications.webhooks.models import ASKED, FAILING, GONE
from core.photos.models import PROCESSING, READY, REFUSED
from core.web.states import N_
from interventions.work_orders.statuses import KINDS
from interventions.work_orders.statuses import STATUSES as WORK_STATUSES
from reporter.categories.queries import TYPES
from reporter.notices.models import NOTICE_KINDS
from reporter.reports.models import CHANNELS
from reporter.statuses import EVENTS, STATUSES


class ProblemField(RequestSchema):
    """One field that cannot be used."""

    field = fields.String(metadata=described(N_("The field, as `contact.email` inside an object.")))
    message = fields.String(metadata=described(N_("What is wrong and what to do, in the reader's language.")))


class Problem(RequestSchema):
    """RFC 9457."""

    type = fields.String(metadata={"format": "uri-reference"})
    title = fields.String()
    status = fields.Integer()
    detail = fields.String(metadata=described(N_("One sentence for a person.")))
    instance = fields.String(metadata={"format": "uri-reference"})
    code = fields.String(metadata=described(N_("A word for programs.")))
    errors = fields.List(fields.Nested(ProblemField), metadata=described(N_("The fields that cannot be used.")))


class Choice(RequestSchema):
    """One choice of a question."""

    key = fields.String(required=True, metadata=described(N_("What an answer carries.")))
    name = fields.String(required=True)


class Question(RequestSchema):
    """An extra question of a category."""

    code = fields.String(required=True)
    label = fields.String(required=True)
    type = fields.String(required=True, validate=OneOf(TYPES))
    required = fields.Boolean(required=True)
    choices = fields.List(fields.Nested(Choice), required=True)


class CategoryOut(RequestSchema):
    """What can be reported here."""

    code = fields.String(required=True)
    name = fields.String(required=True, metadata=described(N_("In the reader's language.")))
    group = fields.String(required=True, metadata=described(N_("The heading it is offered under.")))
    private = fields.Boolean(required=True, metadata=described(N_("Reports of this kind are not shown to the public.")))
    questions = fields.List(fields.Nested(Question), required=True)


class Urls(RequestSchema):
    """Where the public sizes are; empty until the photo is ready."""

    small = fields.String(metadata={"format": "uri"})
    large = fields.String(metadata={"format": "uri"})


class PhotoOut(RequestSchema):
    """A photo, from its acceptance on."""

    id = fields.String(required=True, metadata={"format": "uuid"})
    status = fields.String(required=True, validate=OneOf((PROCESSING, READY, REFUSED)))
    urls = fields.Nested(Urls, required=True)


class ShownPhoto(PhotoOut):
    """A photo of a report or of a work order."""

    role = fields.String(
        required=True, metadata=described(N_("`seen` or `repair` on a report; `before` or `after` at work."))
    )


class SentPhoto(PhotoOut):
    """A photo just taken in."""

    location = PointField(
        required=True,
        allow_none=True,
        metadata=described(N_("Where its EXIF says it was taken: told once, to who sent it."), example=POINT),
    )


class ContactOut(RequestSchema):
    """Who sent the report: for the desk only."""

    name = fields.String(allow_none=True)
    email = fields.String(allow_none=True)
    phone = fields.String(allow_none=True)
    locale = fields.String()


class ReportOut(RequestSchema):
    """What someone saw, where, and what became of it."""

    reference = fields.String(required=True, metadata={"example": "VC-7K3-9QT"})
    status = fields.String(required=True, validate=OneOf(STATUSES))
    category = fields.String(required=True, metadata=described(N_("A category's code.")))
    location = PointField(required=True, metadata={"example": POINT})
    address = fields.String(required=True)
    description = fields.String(
        required=True, metadata=described(N_("For the public, without e-mail addresses and telephone numbers."))
    )
    photos = fields.List(fields.Nested(ShownPhoto), required=True)
    received_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)
    due_at = fields.DateTime(
        required=True, allow_none=True, metadata=described(N_("The jurisdiction’s own commitment."))
    )
    tracking_url = fields.String(
        required=True,
        metadata=described(
            N_(
                "The page that follows it. The answer to who sent the report carries the author's key: keep it private."
            ),
            format="uri",
        ),
    )
    private = fields.Boolean(metadata=described(N_("For the services.")))
    priority = fields.Integer(metadata=described(N_("For the services: 0 normal, 1 high, 2 danger.")))
    door = fields.String(
        validate=OneOf(CHANNELS), metadata=described(N_("For the services: the channel it came in by."))
    )
    answers = fields.Dict(metadata=described(N_("For the desk, of one report.")))
    merged_into = fields.String(allow_none=True, metadata=described(N_("For the desk, of one report.")))
    contact = fields.Nested(ContactOut, allow_none=True, metadata=described(N_("For the desk, of one report.")))


class NearbyOut(ReportOut):
    """An open report near a place."""

    metres = fields.Float(required=True, metadata=described(N_("How far it is, in metres.")))


class EventOut(RequestSchema):
    """One line of a history."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True, validate=OneOf(EVENTS))
    occurred_at = fields.DateTime(required=True)
    recorded_at = fields.DateTime(required=True)
    facts = fields.Dict(required=True)
    text = fields.String(
        required=True,
        allow_none=True,
        metadata=described(N_("Null where nothing was said, or where it was masked.")),
    )
    public = fields.Boolean(metadata=described(N_("For the services.")))
    door = fields.String(
        validate=OneOf(CHANNELS), metadata=described(N_("For the services: the channel it came in by."))
    )
    by = fields.String(allow_none=True, metadata=described(N_("For the services: who.")))


class WorkOut(RequestSchema):
    """Work in the street."""

    number = fields.String(required=True, metadata={"example": "2026-0042"})
    kind = fields.String(required=True, validate=OneOf(KINDS))
    status = fields.String(required=True, validate=OneOf(WORK_STATUSES))
    title = fields.String(required=True)
    instructions = fields.String(required=True)
    category = fields.String(required=True, allow_none=True)
    reports = fields.List(fields.String(), required=True, metadata=described(N_("References.")))
    team = fields.String(required=True, allow_none=True, metadata=described(N_("A team's code.")))
    agent = fields.String(required=True, allow_none=True, metadata=described(N_("A colleague's e-mail address.")))
    priority = fields.Integer(required=True, metadata=described(N_("0 normal, 1 high, 2 danger.")))
    location = PointField(required=True, allow_none=True, metadata={"example": POINT})
    address = fields.String(required=True)
    start = fields.DateTime(required=True, allow_none=True)
    end = fields.DateTime(required=True, allow_none=True)
    announced = fields.DateTime(
        required=True, allow_none=True, metadata=described(N_("The day that residents were told."))
    )
    started_at = fields.DateTime(required=True, allow_none=True)
    finished_at = fields.DateTime(required=True, allow_none=True)
    minutes = fields.Integer(required=True, allow_none=True, metadata=described(N_("Time spent.")))
    photos = fields.List(fields.Nested(ShownPhoto), required=True)
    created_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)


class TeamOut(RequestSchema):
    """A crew."""

    code = fields.String(required=True)
    name = fields.String(required=True)


class SectorOut(RequestSchema):
    """A named part of the jurisdiction."""

    code = fields.String(required=True)
    layer = fields.String(required=True, metadata=described(N_("Layers may overlap: districts, cleaning rounds.")))
    name = fields.String(required=True)
    bbox = fields.List(
        fields.Float(),
        required=True,
        validate=Length(equal=4),
        metadata=described(N_("west, south, east, north in degrees. As GeoJSON, the boundary itself.")),
    )


class NoticeOut(RequestSchema):
    """What the jurisdiction announces, in the reader's language or the jurisdiction's first."""

    id = fields.String(required=True)
    kind = fields.String(required=True, validate=OneOf(NOTICE_KINDS))
    title = fields.String(required=True)
    text = fields.String(required=True)
    place = fields.String(
        required=True, metadata=described(N_("Where, in words. As GeoJSON, the area or line itself."))
    )
    starts_at = fields.DateTime(required=True)
    ends_at = fields.DateTime(required=True)
    published_at = fields.DateTime(required=True)
    updated_at = fields.DateTime(required=True)
    url = fields.String(required=True, metadata=described(N_("Its page.")))


class MessageOut(RequestSchema):
    """One thing owed to one recipient over one channel. Nobody is named."""

    id = fields.Integer(required=True)
    kind = fields.String(required=True, metadata=described(N_("What it tells of."), example="report.received"))
    channel = fields.String(required=True, metadata=described(N_("`mail`, `sms`, `push`, `webhook`.")))
    status = fields.String(
        required=True,
        validate=OneOf(MESSAGE_STATUSES),
        metadata=described(
            N_("`gathered` waits for the day’s digest, `dead` was given up, `dropped` had nothing to say any more.")
        ),
    )
    report = fields.String(
        required=True,
        allow_none=True,
        metadata=described(N_("The reference of the report it tells of."), example="VC-7K3-9QT"),
    )
    created_at = fields.DateTime(required=True)
    due_at = fields.DateTime(required=True, metadata=described(N_("When it is tried next, while it is owed.")))
    sent_at = fields.DateTime(
        required=True, allow_none=True, metadata=described(N_("When the other side accepted it."))
    )
    tries = fields.Integer(required=True)
    error = fields.String(
        required=True,
        allow_none=True,
        metadata=described(N_("The last answer of the other side, shortened and without addresses.")),
    )


class WebhookOut(RequestSchema):
    """A subscription."""

    id = fields.Integer(required=True)
    label = fields.String(required=True, metadata=described(N_("What people call it; at most 80 characters.")))
    url = fields.String(required=True, metadata={"format": "uri"})
    kinds = fields.List(
        fields.String(),
        required=True,
        metadata=described(N_("Kinds of event; an empty list: all of them, those to come included.")),
    )
    suspended = fields.String(
        required=True,
        allow_none=True,
        validate=OneOf((ASKED, GONE, FAILING, None)),
        metadata=described(
            N_(
                "Why it is told nothing: a person `asked` for it, it was `failing` for too long, or answered that it "
                "is "
                "`gone` (410)."
            )
        ),
    )
    suspended_at = fields.DateTime(required=True, allow_none=True)
    failing_since = fields.DateTime(
        required=True,
        allow_none=True,
        metadata=described(N_("When the first try failed since the last that was accepted.")),
    )
    failures = fields.Integer(
        required=True, metadata=described(N_("Deliveries given up since the last that was accepted."))
    )
    created_at = fields.DateTime(required=True)
    secret = fields.String(metadata=described(N_("What deliveries are signed with: only in the answer that makes it.")))


class TryOut(RequestSchema):
    """The last try of a delivery."""

    at = fields.DateTime(required=True)
    status = fields.Integer(
        required=True, allow_none=True, metadata=described(N_("The HTTP status; null where nothing was answered."))
    )
    milliseconds = fields.Integer(required=True)
    answer = fields.String(
        required=True, metadata=described(N_("The beginning of what was answered, or why nothing was."))
    )


class DeliveryOut(RequestSchema):
    """One delivery of a subscription."""

    id = fields.Integer(required=True)
    name = fields.String(
        required=True,
        metadata=described(N_("What it is called in `webhook-id`: the same at every try."), example="msg_120"),
    )
    type = fields.String(required=True, metadata={"example": "report.resolved"})
    report = fields.String(
        required=True,
        allow_none=True,
        metadata=described(N_("The reference of the report it tells of."), example="VC-7K3-9QT"),
    )
    status = fields.String(required=True, validate=OneOf(MESSAGE_STATUSES))
    tries = fields.Integer(required=True)
    created_at = fields.DateTime(required=True)
    due_at = fields.DateTime(required=True, metadata=described(N_("When it is tried next, while it is owed.")))
    sent_at = fields.DateTime(
        required=True, allow_none=True, metadata=described(N_("When the other side accepted it."))
    )
    last = fields.Nested(TryOut, required=True, allow_none=True)


class SentAgainOut(RequestSchema):
    """How many deliveries are on their way again."""

    id = fields.Integer(required=True)
    sent_again = fields.Integer(required=True)


class ToldReportOut(ReportOut):
    """A report as a webhook tells it: without anybody’s words."""

    class Meta:
        """Words and what only the services see are left out."""

        exclude = ("description", "address", "private", "priority", "door", "answers", "merged_into", "contact")

    api_url = fields.String(
        required=True, metadata=described(N_("Where all that is public can be read."), format="uri")
    )


class ToldEventOut(EventOut):
    """The event as a webhook tells it."""

    class Meta:
        """Words and what only the services see are left out."""

        exclude = ("text", "public", "door", "by")


class ToldOut(RequestSchema):
    """What happened, and the report as it stands when this is sent."""

    event = fields.Nested(ToldEventOut, required=True)
    report = fields.Nested(ToldReportOut, required=True)


class HappenedOut(RequestSchema):
    """What a webhook receives."""

    version = fields.Integer(required=True, metadata=described(N_("The version of this shape."), const=1))
    id = fields.String(
        required=True,
        metadata=described(N_("What it is called in `webhook-id`: the same at every try."), example="msg_120"),
    )
    type = fields.String(required=True, metadata={"example": "report.resolved"})
    occurred_at = fields.DateTime(required=True)
    jurisdiction = fields.String(
        required=True, metadata=described(N_("The town that subscribed."), example="villeclaire")
    )
    data = fields.Nested(ToldOut, required=True)

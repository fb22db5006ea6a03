"""`submit`: the one way in for a report, whatever the channel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    DateTime,
    Integer,
    Text,
    bindparam,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from core import references
from core.channel_names import SMS
from core.database import db, execute_unscoped
from core.database.scope import current_jurisdiction
from core.errors import ChangedMeanwhile, CollectedErrors, NotFound
from core.geo import Place
from core.i18n import gettext as _
from core.identity import contacts
from core.identity.actor import Actor
from core.masking import mask_all
from core.photos.models import Photo
from core.photos.verbs import claim
from core.photos.verbs import place_of_photo as place_taken
from core.text import clean_text, without_contacts
from reporter import subscriptions
from reporter.categories.queries import check_answers
from reporter.map import tile_counts
from reporter.place_lookup import PlaceLookup, look_up_place, outside_error
from reporter.reports.history import append
from reporter.reports.models import Report
from reporter.statuses import RECEIVED

PHOTOS = 4
DESCRIPTION = 4000
#: Reports of a day (24 h) whose author is written to at an address that has not confirmed; the others are taken in, and
#: told from its confirmation on.
FEW_A_DAY = 5
#: Doors by which somebody of the services takes down what the person says themselves; whoever writes a mail may write
#: from anybody's address.
FROM_THE_PERSON = frozenset({"phone", "desk", "letter", "field"})
REPORT = (
    pg_insert(Report.__table__).on_conflict_do_nothing(index_elements=["reference"]).returning(Report.__table__.c.id)
)
#: What stands beside a new report: its sectors, its photos, its author as a follower, its place on the map.
SECONDARY_ROWS = text("""
WITH sectors AS (
    INSERT INTO report_sector (jurisdiction_id, report_id, sector_id, received_at, status)
    SELECT :jurisdiction, :report, one, :at, :status FROM unnest(CAST(:sectors AS bigint[])) AS one
), photos AS (
    INSERT INTO report_photo (report_id, photo_id, role, position, added_at)
    SELECT :report, one, 'seen', rank - 1, :at
    FROM unnest(CAST(:photos AS bigint[])) WITH ORDINALITY AS p(one, rank)
), author AS (
    INSERT INTO report_subscription (jurisdiction_id, report_id, contact_id, channel, locale, author, taken_by_staff,
    confirmed_at)
    SELECT :jurisdiction, :report, k.id, :channel, :locale, true, :by_staff,
        CASE WHEN :by_staff OR CASE :channel WHEN 'sms' THEN k.phone_confirmed_at IS NOT NULL
                 ELSE k.confirmed_at IS NOT NULL OR :few > (
                     SELECT count(*) FROM report_subscription AS f
                     WHERE f.contact_id = k.id AND f.author AND f.channel = 'mail' AND NOT f.taken_by_staff
                       AND f.confirmed_at > CAST(:at AS timestamptz) - interval '1 day') END
             THEN CAST(:at AS timestamptz) END
    FROM contact AS k WHERE k.id = CAST(:contact AS bigint)
    RETURNING id, confirmed_at
), counted AS (
    INSERT INTO map_delta (jurisdiction_id, x, y, status, n)
    SELECT :jurisdiction, :x, :y, :status, 1 WHERE NOT CAST(:private AS boolean)
)
SELECT id, confirmed_at FROM author
""").bindparams(
    bindparam("jurisdiction", type_=BigInteger),
    bindparam("report", type_=BigInteger),
    bindparam("at", type_=DateTime(timezone=True)),
    bindparam("locale", type_=Text),
    bindparam("channel", type_=Text),
    bindparam("by_staff", type_=Boolean),
    bindparam("few", type_=Integer),
    bindparam("x", type_=Integer),
    bindparam("y", type_=Integer),
    bindparam("status", type_=Text),
)


def submit(
    *,
    by: Actor,
    category: object,
    place: Place | None = None,
    address: object = "",
    description: object = "",
    contact: contacts.ContactDetails | None = None,
    answers: object = None,
    photos: Sequence[object] = (),
) -> Report:
    """Take a report in. A photo's EXIF position serves where no place is given; flushes, never commits.

    `photos` are tokens of core.photos. Raises FieldErrors naming category, location, address, description,
    answers.<code>, photos. At most 12 statements with everything given.
    """
    errors = CollectedErrors()
    code = words = where = ""
    with errors:
        code = clean_text(category, field="category", most=100, required=True, lines=False)
    with errors:
        words = clean_text(description, field="description", most=DESCRIPTION)
    with errors:
        where = clean_text(address, field="address", most=250, lines=False)
    claimed: list[Photo] = []
    with errors:
        claimed = claim(photos, field="photos", most=PHOTOS) if photos else []
    if place is None:
        place = next((found for found in map(place_taken, claimed) if found), None)
    if place is None:
        errors.add("location", _("Tell us where it is: move the pin or give an address."))
    known = look_up_place(place, code)
    kept: dict[str, Any] = {}
    if code and known.category is None:
        errors.add("category", _("This category does not exist here."))
    elif known.category is not None:
        with errors:
            kept = check_answers(known.category.questions, answers)
    if place is not None and not known.inside:
        errors.errors.append(outside_error())
    errors.done()
    assert place is not None  # else `done` has raised
    return _write(by, known, place, where, words, kept, contact, claimed)


def _write(
    by: Actor,
    known: PlaceLookup,
    place: Place,
    address: str,
    words: str,
    answers: dict[str, Any],
    contact: contacts.ContactDetails | None,
    photos: list[Photo],
) -> Report:
    jurisdiction, kind = current_jurisdiction(), known.category
    assert kind is not None  # the caller has refused an unknown one
    kept = contacts.keep_given(contact) if contact else None
    values = {
        "jurisdiction_id": jurisdiction.id,
        "category_id": kind.id,
        "body_id": kind.body_id,
        "in_charge_id": kind.hosted_id or jurisdiction.id,
        "status": RECEIVED,
        "priority": kind.priority,
        "private": kind.private,
        "location": place.wkt,
        "address": address,
        "description": words,
        "answers": answers,
        "public_address": without_contacts(address),
        "public_description": without_contacts(words),
        "public_answers": mask_all(answers),
        "contact_id": kept.contact_id if kept else None,
        "given_contact_id": kept.given_id if kept else None,
        "channel": by.channel,
        "cover_id": photos[0].id if photos else None,
        "received_at": by.when,
        "updated_at": by.when,
        "due_at": by.when + timedelta(hours=kind.delay_hours) if kind.delay_hours else None,
    }
    report = _insert(values, jurisdiction.prefix)
    x, y = tile_counts.tile_of(place)
    told = _contact_to_tell(contact, kept)
    author = execute_unscoped(
        SECONDARY_ROWS,
        {
            "jurisdiction": jurisdiction.id,
            "report": report.id,
            "at": report.received_at,
            "sectors": known.sector_ids,
            "photos": [photo.id for photo in photos],
            "contact": told,
            "channel": contact.channel if contact else None,
            "by_staff": _by_staff(by),
            "few": FEW_A_DAY,
            "locale": contact.locale if contact else None,
            "private": report.private,
            "x": x,
            "y": y,
            "status": report.status,
        },
    ).one_or_none()
    append(report, "received", by=by, facts={"photos": len(photos)})
    if (
        author is not None
        and author.confirmed_at is None
        and told is not None
        and contact is not None
        and contact.channel == SMS
    ):
        subscriptions.ask_number(told, author.id, locale=contact.locale)
    return report


def _by_staff(by: Actor) -> bool:
    """Whether somebody of the services wrote down what a person told them: then its address needs no confirmation."""
    return by.user_id is not None and by.channel in FROM_THE_PERSON


def _contact_to_tell(contact: contacts.ContactDetails | None, kept: contacts.StoredContact | None) -> int | None:
    """The contact that is told of a report as its author, if any.

    Whoever wants SMS and left an address too is told by the number alone: what is known of that address may
    hold another number, or none.
    """
    if contact is None or kept is None or not contact.channel:
        return None
    if contact.channel == SMS and contact.email:
        return contacts.find_or_create_contact(contacts.ContactDetails(phone=contact.phone, locale=contact.locale))
    return kept.contact_id


def _insert(values: dict[str, Any], prefix: str) -> Report:
    """Insert a report under a reference that nobody has. One statement, save for one chance in hundreds."""
    for _attempt in range(20):
        reference = references.new_reference(prefix)
        report_id = execute_unscoped(REPORT, {"reference": reference, **values}).scalar()
        if report_id is not None:
            # What was written is known: an instance is made of it without asking for it back.
            return as_loaded(
                Report,
                id=report_id,
                reference=reference,
                external_id=values.get("external_id"),
                merged_into_id=None,
                closed_at=None,
                waiting_until=None,
                unread_answer=None,
                version=1,
                **{k: v for k, v in values.items() if k != "external_id"},
            )
    raise RuntimeError("No free reference found in 20 attempts")


def as_loaded(model: type, **values: Any) -> Any:
    """An instance in the session, as if it had just been read with these values."""
    instance = model()
    instance.id = values["id"]
    make_transient_to_detached(instance)
    for name, value in values.items():
        set_committed_value(instance, name, value)
    db.session.add(instance)
    return instance


def lock_report(reference: str, *, version: int | None = None) -> Report:
    """The report of that reference, its row locked until the transaction ends.

    Raises NotFound, and ChangedMeanwhile when `version` (the ETag somebody read) is no longer the present one.
    """
    report = db.session.scalar(
        select(Report)
        .where(Report.reference == reference)
        .with_for_update(of=Report)
        .execution_options(populate_existing=True)
    )
    if report is None:
        raise NotFound(_("There is no report with that reference."))
    if version is not None and report.version != version:
        raise ChangedMeanwhile(
            _("Someone else has changed this report in the meantime. Here is the latest version."), code="changed"
        )
    return report

"""Taking photos in, and giving them to what they belong to.

`accept` keeps the original and its row; `claim` says that something shows it from now on. Both flush and
never commit. A photo belongs to the current jurisdiction.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, timedelta
from typing import Protocol
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update

from core import storage
from core.database import db, utcnow
from core.database.scope import current_jurisdiction
from core.errors import FieldError
from core.geo import Place, place_from_column
from core.i18n import gettext as _
from core.jobs import enqueue_after_commit
from core.photos.jobs import UNCLAIMED, keep_sizes, process_photo
from core.photos.models import READY, REFUSED, Photo
from core.photos.processing import ProcessingResult
from core.photos.validation import MOST_BYTES, UnusablePhoto, inspect_photo, reason_sentence

log = logging.getLogger(__name__)

MOST = 4


class Upload(Protocol):
    """A file as a request brings it (werkzeug's FileStorage, or any open binary file with a name)."""

    filename: str | None

    def read(self, size: int = -1) -> bytes:
        """Up to `size` bytes."""

    def seek(self, offset: int) -> object:
        """Go to a place of the file."""


def accept(data: bytes | Upload, *, field: str = "photos") -> Photo:
    """Keep a photo and have it processed after the commit. One INSERT.

    Raises FieldError naming `field` (its code is a reason of core.photos.validation), and
    storage.StorageUnavailable (HTTP 503) when it cannot be kept: then no row is left behind.
    """
    return add(stored(data, field=field))


def stored(data: bytes | Upload, *, field: str = "photos") -> Photo:
    """A photo whose original is in the storage from now on, without a row yet: for who has several, or has something to
    write before them, so that no transaction is open while the storage is spoken with. Then `add` it; what nobody adds
    is swept away. Raises as `accept` does.
    """
    if not isinstance(data, bytes):
        # From its beginning: a view whose connection was cut runs once more, and has read the file already.
        data.seek(0)
        data = data.read(MOST_BYTES + 1)
    return _kept(data, field)


def add(photo: Photo) -> Photo:
    """Give a `stored` photo its row, and have it processed after the commit. One INSERT."""
    db.session.add(photo)
    db.session.flush()
    enqueue_after_commit("photos", process_photo, photo.id)
    return photo


def accept_processed(data: bytes, outcome: ProcessingResult, *, field: str = "photos") -> Photo:
    """Keep a photo whose sizes core.photos.processing has made already: it is ready at once, and no job follows.

    For pictures that are used many times, as in the demonstration. Raises as `accept` does, and ValueError
    for an outcome without sizes.
    """
    if outcome.reason:
        raise ValueError(f"This photo was refused: {outcome.reason}")
    photo = _kept(data, field)
    photo.sizes, photo.status = keep_sizes(photo.token, outcome), READY
    photo.tries, photo.processed_at = 1, utcnow()
    db.session.add(photo)
    db.session.flush()
    return photo


def _kept(content: bytes, field: str) -> Photo:
    """The row of a photo whose original is in the storage from now on; not in the session yet."""
    jurisdiction = current_jurisdiction()
    try:
        declared = inspect_photo(content, ZoneInfo(jurisdiction.time_zone))
    except UnusablePhoto as error:
        raise FieldError(field, reason_sentence(error.reason), code=error.reason) from None
    token = uuid4()
    # By day: what a request that died kept without a row is found again by looking into one day's folder.
    key = f"originals/{utcnow().astimezone(UTC):%Y-%m-%d}/{token}"
    storage.storage().put(key, content, declared.media_type)
    return Photo(
        jurisdiction_id=jurisdiction.id,
        token=token,
        original_key=key,
        media_type=declared.media_type,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        width=declared.width,
        height=declared.height,
        position=declared.place.wkt if declared.place else None,
        taken_at=declared.taken_at,
    )


def accept_all(
    files: Iterable[Upload],
    *,
    field: str = "photos",
    most: int = MOST,
) -> tuple[list[Photo], list[FieldError]]:
    """Keep every photo that can be kept, at most `most`, and say of each other one why not.

    The empty part that a browser sends where no file was chosen is passed over. Where several were sent, each
    sentence begins with the file's name. Raises nothing: an absent storage is one of the errors (status 503).
    """
    photos, errors = stored_all(files, field=field, most=most)
    return [add(photo) for photo in photos], errors


def stored_all(
    files: Iterable[Upload],
    *,
    field: str = "photos",
    most: int = MOST,
) -> tuple[list[Photo], list[FieldError]]:
    """As `accept_all`, the rows aside: for who has something to write before them. Then `add` each."""
    chosen = [file for file in files if file.filename]
    photos: list[Photo] = []
    errors: list[FieldError] = []
    for file in chosen:
        if len(photos) >= most:
            said = _("Some photos were left out: you cannot add any more here.")
            errors.append(FieldError(field, said, code="too_many"))
            break
        try:
            photos.append(stored(file, field=field))
        except storage.StorageUnavailable as away:
            error = FieldError(field, away.sentence, code=away.code)
            error.status = away.status
            errors.append(error)
            break
        except FieldError as error:
            if len(chosen) > 1:
                said = _("%(name)s: %(sentence)s", name=_short(file.filename), sentence=error.sentence)
                error = FieldError(field, said, code=error.code)
            errors.append(error)
    return photos, errors


def _too_many(field: str, most: int) -> FieldError:
    return FieldError(field, _("You can add up to %(most)s photos.", most=most), code="too_many")


def _short(name: str | None) -> str:
    """A file's name as it can be said in a sentence."""
    plain = "".join(sign for sign in (name or "") if sign.isprintable())
    return plain if len(plain) <= 40 else f"{plain[:20]}…{plain[-15:]}"


def claim(tokens: Sequence[object], *, field: str = "photos", most: int = MOST) -> list[Photo]:
    """The photos of these tokens, in this order, now belonging to whoever asks. All or none; one UPDATE.

    Raises FieldError naming `field` when one is unknown here, refused, expired or claimed before. What is
    claimed stays claimed when the transaction commits: whoever catches a later error and goes on must run the
    whole verb in a savepoint.
    """
    wanted = _uuids(tokens, field)
    if not wanted:
        return []
    if len(wanted) > most:
        raise _too_many(field, most)
    jurisdiction_id = current_jurisdiction().id
    free = (
        select(Photo.id)
        .where(
            Photo.jurisdiction_id == jurisdiction_id,
            Photo.token.in_(wanted),
            Photo.claimed_at.is_(None),
            Photo.status != REFUSED,
            Photo.uploaded_at > func.now() - UNCLAIMED,
        )
        .with_for_update()
        .cte("free")
    )
    every = select(func.count()).select_from(free).scalar_subquery() == len(wanted)
    rows = db.session.scalars(
        update(Photo)
        .where(Photo.jurisdiction_id == jurisdiction_id, Photo.id.in_(select(free.c.id)), every)
        .values(claimed_at=func.now())
        .returning(Photo),
        execution_options={"synchronize_session": False, "populate_existing": True},
    ).all()
    if len(rows) < len(wanted):
        raise _why_not(wanted, field)
    found = {photo.token: photo for photo in rows}
    return [found[token] for token in wanted]


def _uuids(tokens: Sequence[object], field: str) -> list[UUID]:
    """Tokens as UUIDs, each once, in order."""
    found: dict[UUID, None] = {}
    for token in tokens:
        try:
            found[token if isinstance(token, UUID) else UUID(str(token))] = None
        except ValueError:
            raise _unknown(field) from None
    return list(found)


def _unknown(field: str) -> FieldError:
    return FieldError(field, _("We cannot find this photo. Please add it again."), code="unknown")


def _why_not(wanted: list[UUID], field: str) -> FieldError:
    """What is wrong with the first photo that cannot be claimed."""
    rows = {
        photo.token: photo
        for photo in db.session.scalars(
            select(Photo).where(Photo.token.in_(wanted)).execution_options(populate_existing=True)
        )
    }
    for token in wanted:
        photo = rows.get(token)
        if photo is None:
            return _unknown(field)
        if photo.status == REFUSED:
            return FieldError(field, reason_sentence(photo.reason), code=photo.reason or "unreadable")
        if photo.claimed_at is not None:
            return FieldError(field, _("This photo is already used elsewhere. Please add it again."), code="claimed")
    return FieldError(field, reason_sentence("expired"), code="expired")


def place_of_photo(photo: Photo) -> Place | None:
    """Where the photo's EXIF says it was taken. Private: for the form of whoever sent it, and for staff."""
    return place_from_column(photo.position)


def extend_claim_period(photo_ids: Sequence[int], *, days: int) -> None:
    """Let unclaimed photos wait `days` for whoever is to claim them, rather than the hours of a form. One UPDATE."""
    if photo_ids:
        db.session.execute(
            update(Photo)
            .where(
                Photo.jurisdiction_id == current_jurisdiction().id, Photo.id.in_(photo_ids), Photo.claimed_at.is_(None)
            )
            .values(uploaded_at=func.now() + func.make_interval(0, 0, 0, days)),
            execution_options={"synchronize_session": False},
        )


def discard(photo_ids: Sequence[int], *, jurisdiction_id: int) -> None:
    """Give up photos that nothing shows any more: public to nobody from this transaction on, their files deleted by the
    next sweep of what nobody claims. One UPDATE."""
    if photo_ids:
        db.session.execute(
            update(Photo.__table__)
            .where(Photo.__table__.c.jurisdiction_id == jurisdiction_id, Photo.__table__.c.id.in_(photo_ids))
            .values(
                claimed_at=None,
                status=REFUSED,
                reason="expired",
                uploaded_at=func.now() - UNCLAIMED - timedelta(seconds=1),
            )
        )

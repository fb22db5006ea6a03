"""What somebody has put into the form so far: kept whole when one field is refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from core.database import db
from core.photos.models import REFUSED, Photo
from core.photos.verbs import MOST
from core.web.idempotency import digest_of
from reporter.categories.queries import OfferedCategory

#: What the form sends back as it was typed; longer than any limit, shorter than a nuisance.
LONGEST = 20_000
TYPED = (
    "category",
    "lat",
    "lon",
    "address",
    "sector",
    "description",
    "name",
    "email",
    "phone",
    "news",
    "arrival",
    "how",
    "asked",
)


@dataclass
class NewReportForm:
    """One form, as typed. Positions are texts here; nothing is checked yet."""

    key: str = field(default_factory=lambda: str(uuid4()))
    category: str = ""
    lat: str = ""
    lon: str = ""
    address: str = ""
    sector: str = ""
    description: str = ""
    name: str = ""
    email: str = ""
    phone: str = ""
    #: By which channel the news is wanted: mail, sms.
    news: str = ""
    #: How the position came about: photo, device, pin, address.
    how: str = ""
    #: The signed word of the mail or SMS that this form completes.
    arrival: str = ""
    #: The category whose questions this form has shown.
    asked: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    photos: list[str] = field(default_factory=list)
    #: References of the reports nearby that this form has shown.
    seen: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, form: MultiDict[str, str]) -> NewReportForm:
        """The form of a request, null characters and absurd lengths left out."""
        typed: dict[str, Any] = {name: form.get(name, "")[:LONGEST].replace("\0", "") for name in TYPED}
        key = form.get("idempotency_key", "").strip()[:100]
        draft = cls(
            **typed,
            photos=[token for token in form.getlist("photo")[:MOST] if _is_token(token)],
            seen=form.getlist("seen")[:50],
        )
        if key and key.isprintable():
            draft.key = key
        for name in form:
            if name.startswith("answers."):
                values = [value[:LONGEST].replace("\0", "") for value in form.getlist(name)[:50]]
                draft.answers[name.removeprefix("answers.")[:100]] = values if len(values) > 1 else values[0]
        return draft

    def digest(self, sent: list[Photo]) -> str:
        """A digest of all that was typed and of the photos sent with it: a double tap gives the same."""
        typed = [getattr(self, name) for name in TYPED if name not in ("how", "asked")]
        answers = [f"{code}={value}" for code, value in sorted(self.answers.items())]
        fresh = {str(photo.token) for photo in sent}
        kept = [token for token in self.photos if token not in fresh]
        return digest_of(*typed, *answers, "photos", *kept, *(photo.sha256 for photo in sent))

    def answers_for(self, category: OfferedCategory | None) -> dict[str, Any]:
        """The answers to that category's questions alone, lists where several may be chosen."""
        if category is None:
            return {}
        kept = {}
        for question in category.questions:
            value = self.answers.get(question["code"])
            if value is not None:
                several = question["type"] == "multivaluelist" and not isinstance(value, list)
                kept[question["code"]] = [value] if several else value
        return kept


def _is_token(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True


def usable_photos(tokens: list[str]) -> list[Mapping[str, str]]:
    """The photos of a form that can still be sent with it, in its order. One statement."""
    if not tokens:
        return []
    rows = db.session.execute(
        select(Photo.token, Photo.status).where(
            Photo.token.in_(map(UUID, tokens)), Photo.claimed_at.is_(None), Photo.status != REFUSED
        )
    )
    found = {str(token): status for token, status in rows}
    return [{"token": token, "status": found[token]} for token in tokens if token in found]

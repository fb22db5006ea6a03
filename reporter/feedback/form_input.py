"""What somebody typed into a form of words and photos: kept whole when one field is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from flask import request

from core.errors import FieldError
from core.photos.verbs import accept_all
from core.web import idempotency, rate_limits
from reporter.feedback.questions import PHOTOS

#: What a form sends back as it was typed; longer than any limit, shorter than a nuisance.
LONGEST = 20_000


@dataclass
class FeedbackForm:
    """One form as it came; nothing but its photos is checked yet."""

    text: str = ""
    email: str = ""
    rating: str = ""
    #: Tokens of the photos kept so far, those sent with this request among them.
    photos: list[str] = field(default_factory=list)
    #: What was wrong with photos that came with it.
    refused: list[FieldError] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)
    #: What tells the same photos sent twice from others: a double tap keeps them under new tokens.
    digests: list[str] = field(default_factory=list)

    @classmethod
    def read(cls) -> FeedbackForm:
        """The form of this request; keeps the photos that came with it."""
        form = request.form
        tokens = [token for token in form.getlist("photo")[:PHOTOS] if _is_token(token)]
        fresh, refused = accept_all(request.files.getlist("photos"), most=PHOTOS - len(tokens))
        text, email, rating = (form.get(name, "")[:LONGEST].replace("\0", "") for name in ("text", "email", "rating"))
        return cls(
            text=text,
            email=email,
            rating=rating,
            photos=tokens + [str(photo.token) for photo in fresh],
            refused=refused,
            digests=[*tokens, *(photo.sha256 for photo in fresh)],
        )

    def once(self, kind: str, reference: str) -> idempotency.Claim:
        """Claims this very form: a second tap gets the first one's answer. A kept page has no key of its own."""
        digest = idempotency.digest_of(kind, reference, self.text, self.email, *self.digests)
        return idempotency.claim(f"{kind}:{digest}", actor=f"place:{rate_limits.origin_digest()}", digest=digest)


def _is_token(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True

"""What can go wrong, said once: raised by verbs, shown as a page to people and as RFC 9457 to machines."""

from __future__ import annotations

from collections.abc import Iterable


class Refused(Exception):
    """A verb refuses, with a sentence for the person. `status` is the HTTP status that fits."""

    status = 409

    def __init__(self, sentence: str, *, code: str = "refused") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code


class FieldError(Refused):
    """One field cannot be used: names the field and says what to do."""

    status = 422

    def __init__(self, field: str, sentence: str, *, code: str = "invalid") -> None:
        super().__init__(sentence, code=code)
        self.field = field

    @property
    def fields(self) -> dict[str, str]:
        """The one field and its sentence, in the shape that FieldErrors has for several."""
        return {self.field: self.sentence}


class FieldErrors(Refused):
    """Several fields cannot be used; all are named at once."""

    status = 422

    def __init__(self, errors: Iterable[FieldError]) -> None:
        self.errors = list(errors)
        super().__init__(" ".join(e.sentence for e in self.errors), code="invalid")

    @property
    def fields(self) -> dict[str, str]:
        """Field name → sentence."""
        return {e.field: e.sentence for e in self.errors}


class ChangedMeanwhile(Refused):
    """Somebody else changed the thing first (HTTP 412): the second is told, nothing is overwritten."""

    status = 412


class NotFound(Refused):
    """No such thing here, or not for you to see (HTTP 404)."""

    status = 404


class Forbidden(Refused):
    """You may not do this (HTTP 403)."""

    status = 403


class CollectedErrors:  # noqa: N801 - reads as a verb at the place of use
    """Gather the FieldErrors of several checks, then raise them together.

    >>> errors = collecting()
    >>> with errors: ...        # a FieldError raised inside is kept
    >>> errors.done()           # raises FieldErrors when any was kept
    """

    def __init__(self) -> None:
        self.errors: list[FieldError] = []

    def __enter__(self) -> CollectedErrors:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> bool:
        if isinstance(error, FieldError):
            self.errors.append(error)
            return True
        if isinstance(error, FieldErrors):
            self.errors.extend(error.errors)
            return True
        return False

    def add(self, field: str, sentence: str) -> None:
        """Keep one more error."""
        self.errors.append(FieldError(field, sentence))

    def done(self) -> None:
        """Raise what was kept, if anything."""
        if self.errors:
            raise FieldErrors(self.errors)

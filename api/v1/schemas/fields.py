"""The kinds of field that requests have: their types for the document, and their errors as sentences."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any, ClassVar, TypeVar
from zoneinfo import ZoneInfo

import marshmallow as ma
from marshmallow import fields

from core import geo
from core.database.scope import current_jurisdiction
from core.errors import FieldError
from core.i18n import gettext as _
from core.i18n import lazy_gettext
from core.text import clean_text

Read = TypeVar("Read")
FIRST_YEAR, LAST_YEAR = 1970, 2200
MOST_VALUES = 50
#: A code in a list of codes, in characters.
LONGEST_CODE = 1000
#: What a bigint holds.
SMALLEST, LARGEST = -(2**63), 2**63 - 1
_FIGURES = re.compile(r"^[+-]?[0-9]+$", re.ASCII)
_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
_SPACED = re.compile(r"(T[\d:.,]+) (\d{2}:?\d{2})$")


def described(description: str, **more: Any) -> dict[str, Any]:
    """A field's metadata: its description for the document, and what else it shows of the field."""
    return {"description": description, **more}


def any_required(named: Mapping[str, str | None]) -> dict[str, Any]:
    """What a schema adds to the document where one field at least must be named: as that type, or (None) as any."""
    return {
        "anyOf": [
            {"required": [name]} | ({"properties": {name: {"type": kind}}} if kind else {})
            for name, kind in named.items()
        ]
    }


class TranslatedErrors(fields.Field[Any]):
    """Errors in the reader's language."""

    default_error_messages = {
        "required": lazy_gettext("This field is required."),
        "null": lazy_gettext("This field is required."),
        "validator_failed": lazy_gettext("This value cannot be used."),
    }

    def make_error(self, key: str, **values: Any) -> ma.ValidationError:
        """The error of that key, said now: its sentence is not kept for another reader."""
        return ma.ValidationError(str(self.error_messages[key]))


class TextField(TranslatedErrors, fields.String):
    """Text as it was sent; the verbs clean and measure it."""

    default_error_messages = {
        "invalid": lazy_gettext("This must be text."),
        "invalid_utf8": lazy_gettext("This must be text."),
    }


class FlagField(TranslatedErrors, fields.Boolean):
    """true or false."""

    default_error_messages = {"invalid": lazy_gettext("This must be true or false.")}


class IntegerField(TranslatedErrors, fields.Integer):
    """A whole number that the database can keep (64 bits); from a query, its decimal figures."""

    default_error_messages = {
        "invalid": lazy_gettext("This must be a whole number."),
        "too_large": lazy_gettext("This number is too large."),
    }

    def _validated(self, value: Any) -> int:
        # 3.7 is no whole number, and neither is true; "1_0" is one for Python only.
        if (
            isinstance(value, bool)
            or isinstance(value, float)
            and not value.is_integer()
            or isinstance(value, str)
            and not _FIGURES.match(value.strip())
        ):
            raise self.make_error("invalid")
        # A float of that size stands for many whole numbers: it may be what is left of one that was too long.
        if isinstance(value, float) and abs(value) >= 2**53:
            raise self.make_error("too_large")
        number = super()._validated(value)
        if not SMALLEST <= number <= LARGEST:
            raise self.make_error("too_large")
        return number


class NumberField(TranslatedErrors, fields.Float):
    """A number."""

    default_error_messages = {
        "invalid": lazy_gettext("This must be a number."),
        "special": lazy_gettext("This must be a number."),
        "too_large": lazy_gettext("This must be a number."),
    }


class BoundedList(TranslatedErrors, fields.List):
    """A list of at most MOST_VALUES; one error is said, not one for each."""

    default_error_messages = {"invalid": lazy_gettext("This must be a list.")}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> list[Any]:
        if isinstance(value, list) and len(value) > MOST_VALUES:
            raise ma.ValidationError(_("At most %(most)s values can be given.", most=MOST_VALUES))
        return super()._deserialize(value, attr, data, **options)


class InnerObject(TranslatedErrors, fields.Nested):
    """An object inside the body."""

    default_error_messages = {"type": lazy_gettext("This must be an object.")}


class AnswersField(TranslatedErrors, fields.Dict):
    """An object whose names are not known beforehand."""

    default_error_messages = {"invalid": lazy_gettext("This must be an object: question code, then answer.")}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> dict[str, Any]:
        if isinstance(value, dict) and len(value) > MOST_VALUES:
            raise ma.ValidationError(_("At most %(most)s values can be given.", most=MOST_VALUES))
        return super()._deserialize(value, attr, data, **options)


class CodesField(TranslatedErrors, fields.List):
    """Codes in a query: `category=a,b`, or the name several times."""

    def __init__(self, choices: tuple[str, ...] = (), **options: Any) -> None:
        inner = (
            TextField(validate=ma.validate.OneOf(choices))
            if choices
            else TextField(metadata={"maxLength": LONGEST_CODE})
        )
        super().__init__(inner, **options)
        self.choices = choices

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> list[Any]:
        given = value if isinstance(value, list | tuple) else [value]
        codes = tuple(
            dict.fromkeys(code for one in given for code in (part.strip() for part in str(one).split(",")) if code)
        )
        if len(codes) > MOST_VALUES:
            raise ma.ValidationError(_("At most %(most)s values can be given.", most=MOST_VALUES))
        unknown = [code for code in codes if self.choices and code not in self.choices]
        if unknown:
            raise ma.ValidationError(_("Choose one of: %(choices)s.", choices=", ".join(self.choices)))
        # A code is compared with the database's: what could never be one need not get there.
        return [
            _checked(lambda code: clean_text(code, field="code", most=LONGEST_CODE, lines=False), code) or "-"
            for code in codes
        ]


class PointField(TranslatedErrors):
    """A GeoJSON Point, as a `core.geo.Place`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> geo.Place:
        return _checked(geo.from_geojson, value)


class BoxField(TranslatedErrors):
    """west,south,east,north in degrees."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> tuple[float, ...]:
        return _checked(geo.bbox, str(value))


def _checked(read: Callable[[Any], Read], value: Any) -> Read:
    try:
        return read(value)
    except FieldError as error:
        raise ma.ValidationError(error.sentence) from None


class MomentField(TranslatedErrors, fields.DateTime):
    """A moment in ISO 8601. Without a zone it is the jurisdiction's; `day` allows a day alone, at that hour."""

    def __init__(self, *, day: time | None = None, zone_needed: bool = False, **options: Any) -> None:
        super().__init__(format="iso", **options)
        self.day = day
        self.zone_needed = zone_needed

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> datetime:
        wrong = ma.ValidationError(_("This must be a date and time, for example 2026-03-05T10:40:00+01:00."))
        if not isinstance(value, str) or len(value) > 40:
            raise wrong
        # A plus in a query that nobody escaped arrives as a space.
        text = _SPACED.sub(r"\1+\2", value.strip())
        try:
            if self.day is not None and _DAY.match(text):
                moment = datetime.combine(date.fromisoformat(text), self.day)
            else:
                moment = datetime.fromisoformat(text)
        except ValueError:
            raise wrong from None
        if not FIRST_YEAR < moment.year < LAST_YEAR:
            raise wrong
        if moment.tzinfo is None:
            if self.zone_needed:
                raise ma.ValidationError(_("This time needs a time zone, for example 2026-03-05T10:40:00+01:00."))
            moment = moment.replace(tzinfo=ZoneInfo(current_jurisdiction().time_zone))
        return moment


class RequestSchema(ma.Schema):
    """The base of what requests carry."""

    #: What the document says of the object besides its fields.
    constraints: ClassVar[dict[str, Any]] = {}

    error_messages = {"type": lazy_gettext("This must be an object.")}

    class Meta:
        """Unknown fields are passed over: a client newer than the jurisdiction's installation is served."""

        unknown = ma.EXCLUDE

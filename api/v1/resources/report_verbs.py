"""What the desk decides about a report: one sub-resource a verb, answered with the report as it is then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response

from api.v1.idempotent_writes import Once, actor, must_match
from api.v1.lookups import no_report, reference_of
from api.v1.resources.reports import REFERENCE, reports
from api.v1.schemas import serializers
from api.v1.schemas.fields import RequestSchema
from api.v1.schemas.requests import Asking, MaybeReason, Merge, Note, Nothing, Reason, ReportChange
from api.v1.schemas.responses import ReportOut
from api.v1.smorest import View, verb
from core import references
from core.database.scope import current_jurisdiction
from core.errors import FieldError
from core.geo import place_from_column
from core.i18n import gettext as _
from core.identity.actor import Actor
from interventions.triage import verbs as triage_verbs
from reporter.reports import detail as report_detail
from reporter.reports import intake as report_intake
from reporter.reports.models import Report

#: What people wrote is not kept beside an idempotency key.
WORDS = ("description", "contact", "answers")


def _answer(once: Once, reference: str) -> Response:
    row = report_detail.report_detail(reference, staff=True)
    body = serializers.report(row, staff=True, contact=True)
    if once.answered:
        return once.repeat(body)
    return once.finish("reference", body, etag=serializers.report_tag(row, "s"))


def _change(typed: str, fields: dict[str, Any], do: Callable[[Report, Actor], None]) -> Response:
    """Do something to a report whose row is locked, once per key, if it still is what the client read."""
    reference = reference_of(typed)
    once = Once.begin(fields, words=WORDS)
    if not once.answered:
        report = report_intake.lock_report(reference)
        must_match(report.version)
        do(report, actor())
    return _answer(once, reference)


def _verb(rule: str, schema: type[RequestSchema], method: str = "POST") -> Callable[[View], View]:
    return verb(
        reports,
        f"/<reference:reference>{rule}",
        schema,
        ReportOut,
        "reports.triage",
        scope="reports:write",
        parameters=REFERENCE,
        methods=(method,),
    )


@_verb("", ReportChange, "PATCH")
def correct(fields: dict[str, Any], reference: str) -> Response:
    """Correct a report."""
    if not any(fields.get(name) is not None for name in ("category", "location", "address")):
        raise FieldError("category", _("Nothing to change: give category, location or address."))

    def do(report: Report, by: Actor) -> None:
        if fields.get("category") is not None:
            triage_verbs.correct_category(report, category=fields["category"], by=by)
        if fields.get("location") is not None or fields.get("address") is not None:
            place = fields.get("location") or place_from_column(report.location)
            if place is None:
                raise no_report()
            triage_verbs.correct_place(report, place=place, address=fields.get("address"), by=by)

    return _change(reference, fields, do)


@_verb("/acknowledge", Nothing)
def acknowledge(fields: dict[str, Any], reference: str) -> Response:
    """Acknowledge a report."""
    return _change(reference, fields, lambda report, by: triage_verbs.acknowledge(report, by=by))


@_verb("/ask", Asking)
def ask(fields: dict[str, Any], reference: str) -> Response:
    """Put a question to whoever reported it."""
    return _change(reference, fields, lambda report, by: triage_verbs.ask(report, text=fields["text"], by=by))


@_verb("/reject", Reason)
def reject(fields: dict[str, Any], reference: str) -> Response:
    """Reject a report."""
    return _change(reference, fields, lambda report, by: triage_verbs.reject(report, reason=fields["reason"], by=by))


@_verb("/merge", Merge)
def merge(fields: dict[str, Any], reference: str) -> Response:
    """Merge a report into another."""
    this = reference_of(reference)
    once = Once.begin(fields, words=WORDS)
    if not once.answered:
        other = references.parse_reference(fields["into"][:40])
        if other is None:
            raise FieldError(
                "into",
                _(
                    "This is not a reference. References look like %(example)s.",
                    example=references.example(current_jurisdiction().prefix),
                ),
            )
        report, _other = triage_verbs.lock_two(this, other)
        must_match(report.version)
        triage_verbs.merge(this, other, by=actor(), reason=fields.get("reason") or "")
    return _answer(once, this)


@_verb("/note", Note)
def note(fields: dict[str, Any], reference: str) -> Response:
    """Write an internal line."""
    return _change(reference, fields, lambda report, by: triage_verbs.note(report, text=fields["text"], by=by))


@_verb("/reopen", MaybeReason)
def reopen(fields: dict[str, Any], reference: str) -> Response:
    """Reopen a closed report."""
    return _change(
        reference, fields, lambda report, by: triage_verbs.reopen(report, reason=fields.get("reason") or "", by=by)
    )

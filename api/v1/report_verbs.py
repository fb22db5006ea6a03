"""What the desk decides about a report: one sub-resource a verb, answered with the report as it is then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response

from api.v1 import shapes
from api.v1.common import no_report, reference_of
from api.v1.fields import Reading
from api.v1.reports import REFERENCE, reports
from api.v1.requests import Asking, MaybeReason, Merge, Note, Nothing, Reason, ReportChange
from api.v1.schemas import ReportOut
from api.v1.service import View, verb
from api.v1.writes import Once, actor, must_match
from core import references
from core.actor import Actor
from core.errors import FieldError
from core.geo import place_of
from core.i18n import gettext as _
from core.scope import current
from interventions import triage
from reporter import intake, reading
from reporter.models import Report

#: What people wrote is not kept beside an idempotency key.
WORDS = ("description", "contact", "answers")


def _answer(once: Once, reference: str) -> Response:
    row = reading.detail(reference, staff=True)
    body = shapes.report(row, staff=True, contact=True)
    if once.answered:
        return once.repeat(body)
    return once.finish("reference", body, etag=shapes.report_tag(row, "s"))


def _change(typed: str, fields: dict[str, Any], do: Callable[[Report, Actor], None]) -> Response:
    """Do something to a report whose row is locked, once per key, if it still is what the client read."""
    reference = reference_of(typed)
    once = Once.begin(fields, words=WORDS)
    if not once.answered:
        report = intake.lock(reference)
        must_match(report.version)
        do(report, actor())
    return _answer(once, reference)


def _verb(rule: str, schema: type[Reading], method: str = "POST") -> Callable[[View], View]:
    return verb(reports, f"/<reference:reference>{rule}", schema, ReportOut, "reports.triage", scope="reports:write",
                parameters=REFERENCE, methods=(method,))


@_verb("", ReportChange, "PATCH")
def correct(fields: dict[str, Any], reference: str) -> Response:
    """Correct a report."""
    if not any(fields.get(name) is not None for name in ("category", "location", "address")):
        raise FieldError("category", _("Nothing to change: give category, location or address."))

    def do(report: Report, by: Actor) -> None:
        if fields.get("category") is not None:
            triage.correct_category(report, category=fields["category"], by=by)
        if fields.get("location") is not None or fields.get("address") is not None:
            place = fields.get("location") or place_of(report.location)
            if place is None:
                raise no_report()
            triage.correct_place(report, place=place, address=fields.get("address"), by=by)

    return _change(reference, fields, do)


@_verb("/acknowledge", Nothing)
def acknowledge(fields: dict[str, Any], reference: str) -> Response:
    """Acknowledge a report."""
    return _change(reference, fields, lambda report, by: triage.acknowledge(report, by=by))


@_verb("/ask", Asking)
def ask(fields: dict[str, Any], reference: str) -> Response:
    """Put a question to whoever reported it."""
    return _change(reference, fields, lambda report, by: triage.ask(report, text=fields["text"], by=by))


@_verb("/reject", Reason)
def reject(fields: dict[str, Any], reference: str) -> Response:
    """Reject a report."""
    return _change(
        reference, fields, lambda report, by: triage.reject(report, reason=fields["reason"], by=by)
    )


@_verb("/merge", Merge)
def merge(fields: dict[str, Any], reference: str) -> Response:
    """Merge a report into another."""
    this = reference_of(reference)
    once = Once.begin(fields, words=WORDS)
    if not once.answered:
        other = references.understood(fields["into"][:40])
        if other is None:
            raise FieldError("into", _("This is not a reference. References look like %(example)s.",
            example=references.example(current().prefix)))
        report, _other = triage.lock_two(this, other)
        must_match(report.version)
        triage.merge(this, other, by=actor(), reason=fields.get("reason") or "")
    return _answer(once, this)


@_verb("/note", Note)
def note(fields: dict[str, Any], reference: str) -> Response:
    """Write an internal line."""
    return _change(reference, fields, lambda report, by: triage.note(report, text=fields["text"], by=by))


@_verb("/reopen", MaybeReason)
def reopen(fields: dict[str, Any], reference: str) -> Response:
    """Reopen a closed report."""
    return _change(reference, fields,
                   lambda report, by: triage.reopen(report, reason=fields.get("reason") or "", by=by))

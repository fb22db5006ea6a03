"""Reports: read by anybody where they are public, sent by anybody, corrected by the desk."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response, request, url_for
from flask.views import MethodView

from api.v1 import responses
from api.v1.idempotent_writes import Once, actor
from api.v1.lookups import desk, no_report, reader, reference_of, sees_private
from api.v1.request_bodies import unsupported
from api.v1.resources import report_intake
from api.v1.schemas import serializers
from api.v1.schemas.requests import NearbyQuery, ReportForm, ReportIn, ReportQuery
from api.v1.schemas.responses import EventOut, NearbyOut, ReportOut
from api.v1.smorest import CREATED, ETAG, IDEMPOTENT, IF_NONE_MATCH, as_geojson, page_of, resource
from core.errors import FieldError
from core.geo import from_lat_lon
from core.i18n import gettext as _
from core.web.access import ANYONE, requires
from core.web.http import problem
from core.web.states import N_
from reporter.reports import detail as report_detail
from reporter.reports import duplicates
from reporter.reports import listing as report_listing
from reporter.subscriptions import author_key
from reporter.web import answer_cache

reports = resource("reports", N_("What people reported, and what was done."))

REFERENCE = [
    {
        "name": "reference",
        "in": "path",
        "description": N_("In any spelling: `vc 7k3 9qt` works too."),
        "example": "VC-7K3-9QT",
    }
]
FORM = "multipart/form-data"
#: How far somebody may look around a place, in metres.
FARTHEST = 500
#: How many neighbours are told.
NEIGHBOURS = 20


@reports.route("")
class Reports(MethodView):
    """All reports."""

    @as_geojson(several=True)
    @reports.arguments(ReportQuery, location="query")
    @reports.response(200, page_of(ReportOut))
    @requires(ANYONE)
    def get(self, query: dict[str, Any]) -> Response:
        """List reports."""
        staff = desk(reader())
        filters = report_listing.ReportFilters(
            statuses=tuple(query["status"]),
            categories=tuple(query["category"]),
            bbox=query.get("bbox"),
            updated_since=query.get("updated_since"),
            sort=query["sort"],
            staff=staff,
        )
        page = report_listing.report_page(filters, limit=query["limit"], cursor=query.get("cursor"))
        also = {}
        if query["count"]:
            number = report_listing.count_reports(filters)
            also = {"count": min(number, report_listing.COUNTED), "more": number > report_listing.COUNTED}
        return responses.list_answer(
            [serializers.report(row, staff=staff) for row in page.items], "reference", page.next, also=also
        )

    @reports.doc(
        parameters=[IDEMPOTENT],
        requestBody={"required": True, "content": {responses.JSON: {"schema": ReportIn}, FORM: {"schema": ReportForm}}},
    )
    @reports.response(201, ReportOut, headers=CREATED)
    @reports.alt_response(400, "BAD_REQUEST")
    @reports.alt_response(413, "REQUEST_ENTITY_TOO_LARGE")
    @reports.alt_response(415, "UNSUPPORTED_MEDIA_TYPE")
    @reports.alt_response(422, "UNPROCESSABLE_ENTITY")
    @requires(ANYONE)
    def post(self) -> Response:
        """Send a report."""
        responses.wants_geojson()
        sent = _sent()
        place = report_intake.place_of(sent)
        asked = sent.fields | {"place": place}
        if sent.files:
            known = Once.begin(asked, *sent.digests, words=("description",), take=False)
            if known.answered:
                return _again(known, known.answered)
        photos = report_intake.store(sent)
        once = Once.begin(asked, *sent.digests, words=("description",))
        if once.answered:
            return _again(once, once.answered)
        try:
            report = report_intake.take_report(sent, place, photos, by=actor())
        except report_intake.RefusedWithPhotos as refused:
            if not refused.photos:
                raise
            once.release()
            return _refused(refused)
        # Where no photo came along, all that the answer says is known: nothing needs to be read back.
        row = (
            report_detail.report_detail(report.reference, see_private=True)
            if report.cover_id or place is None
            else report_intake.row_of(report, sent, place)
        )
        body = serializers.report(row, key=author_key(row.id), own_words=True)
        return once.finish(
            "reference",
            body,
            etag=serializers.report_tag(row),
            status=HTTPStatus.CREATED,
            location=url_for("v1_reports.OneReport", reference=row.reference),
        )


def _sent() -> report_intake.SubmittedReport:
    """The report of this request, by its content type. Raises FieldErrors, UnreadableBody, UnsupportedMediaType."""
    if request.mimetype == FORM:
        return report_intake.read_form(request)
    if request.mimetype and not request.is_json:
        raise unsupported(responses.JSON, FORM)
    return report_intake.read_json(request)


def _again(once: Once, answered: dict[str, Any]) -> Response:
    row = report_detail.report_detail(answered["subject"], see_private=True)
    return once.repeat(serializers.report(row, key=author_key(row.id), own_words=True))


def _refused(refused: report_intake.RefusedWithPhotos) -> Response:
    """What is wrong, and the ids of the photos that were kept: returned, not raised, so that they are."""
    return problem(
        refused.status, _("Some fields are not valid."), code=refused.code, fields=refused.fields, photos=refused.photos
    )


@reports.route("/nearby")
class Nearby(MethodView):
    """Open reports near a place."""

    @as_geojson(several=True)
    @reports.arguments(NearbyQuery, location="query")
    @reports.response(200, page_of(NearbyOut))
    @reports.alt_response(422, "UNPROCESSABLE_ENTITY")
    @requires(ANYONE)
    def get(self, query: dict[str, Any]) -> Response:
        """List open reports near a place."""
        place = from_lat_lon(query["lat"], query["lon"], field="lat")
        if not 1 <= query["metres"] <= FARTHEST:
            raise FieldError("metres", _("This must be between 1 and %(most)s.", most=FARTHEST))
        staff = desk(reader())
        known = duplicates.find_nearby(
            place, category=query.get("category"), metres=query["metres"], most=NEIGHBOURS, private=staff
        )
        far = {one.reference: round(one.metres, 1) for one in known}
        rows = {row.reference: row for row in report_listing.rows_of_references(list(far), staff=staff)} if far else {}
        bodies = [
            serializers.report(rows[reference], staff=staff) | {"metres": metres}
            for reference, metres in far.items()
            if reference in rows
        ]
        return responses.list_answer(bodies, "reference")


@reports.route("/<reference:reference>", parameters=REFERENCE)
class OneReport(MethodView):
    """One report."""

    @as_geojson()
    @reports.doc(parameters=[IF_NONE_MATCH])
    @reports.response(200, ReportOut, headers=ETAG)
    @reports.alt_response(304, description="Not modified")
    @reports.alt_response(404, "NOT_FOUND")
    @requires(ANYONE)
    def get(self, reference: str) -> Response:
        """Get a report."""
        if answer_cache.is_anonymous_reader():
            found = report_detail.report_version(reference_of(reference))
            if found is not None and not found.private:
                return _public(found, reference_of(reference))
        who = reader()
        staff = desk(who)
        row = report_detail.report_detail(reference_of(reference), staff=staff, see_private=True)
        if row.private and not staff and not sees_private(who, row.id):
            raise no_report()
        etag = serializers.report_tag(row, ("s" if staff else "") + ("g" if responses.wants_geojson() else ""))
        if responses.client_has(etag):
            return responses.not_modified(etag)
        return responses.resource_answer(serializers.report(row, staff=staff, contact=staff), "reference", etag=etag)


def _public(mark: report_detail.ReportVersion, reference: str) -> Response:
    """What anybody reads of a report that is not private: kept while nothing on it changed."""
    geojson = responses.wants_geojson()

    def make() -> responses.ReadyAnswer:
        row = report_detail.report_detail(reference)
        body = serializers.report(row)
        etag = serializers.report_tag(row, "g" if geojson else "")
        return responses.ReadyAnswer.of(responses.feature(body, "reference") if geojson else body, etag, geojson)

    return _ready.answer((answer_cache.cache_key(mark), geojson), make).reply()


_ready: answer_cache.AnswerCache[responses.ReadyAnswer] = answer_cache.AnswerCache()


@reports.route("/<reference:reference>/events", parameters=REFERENCE)
class Events(MethodView):
    """A report's history."""

    @reports.response(200, page_of(EventOut))
    @reports.alt_response(404, "NOT_FOUND")
    @requires(ANYONE)
    def get(self, reference: str) -> Response:
        """List what happened to a report."""
        responses.wants_json()
        who = reader()
        staff = desk(who)
        row = report_detail.report_detail(reference_of(reference), see_private=True)
        if row.private and not staff and not sees_private(who, row.id):
            raise no_report()
        lines = report_detail.report_history(row.id, staff=staff)
        return responses.reply({"items": [serializers.line(one, staff=staff) for one in lines], "next": None})

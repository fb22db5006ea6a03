"""What can be reported, which crews there are, and the parts of the jurisdiction."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response
from flask.views import MethodView
from sqlalchemy import func, select

from api.v1 import responses
from api.v1.schemas import serializers
from api.v1.schemas.responses import CategoryOut, SectorOut, TeamOut
from api.v1.smorest import LANGUAGE, as_geojson, page_of, resource, scoped
from core.database import db
from core.database.scope import current_jurisdiction_id
from core.errors import NotFound
from core.i18n import gettext as _
from core.i18n import locale_code
from core.identity.models import Sector
from core.text import localized
from core.web.access import ANYONE, requires
from core.web.states import N_
from interventions.teams.models import Team
from reporter.categories.queries import offered_categories

categories = resource("categories", N_("What can be reported, with the questions asked about it."))
teams = resource("teams", N_("The crews that work is given to."))
sectors = resource("sectors", N_("The named parts of the town."))


def _named(code: str) -> str:
    """A code from a path, as the database can compare it."""
    return code.replace("\x00", "")


@categories.route("")
class Categories(MethodView):
    """Every category."""

    @categories.doc(parameters=[LANGUAGE])
    @categories.response(200, page_of(CategoryOut))
    @requires(ANYONE)
    def get(self) -> Response:
        """List the categories."""
        responses.wants_json()
        return responses.reply({"items": [serializers.category(one) for one in offered_categories()], "next": None})


@categories.route("/<code>")
class Category(MethodView):
    """One category."""

    @categories.doc(parameters=[LANGUAGE])
    @categories.response(200, CategoryOut)
    @categories.alt_response(404, "NOT_FOUND")
    @requires(ANYONE)
    def get(self, code: str) -> Response:
        """Get a category."""
        responses.wants_json()
        found = next((one for one in offered_categories() if one.code == code), None)
        if found is None:
            raise NotFound(_("This category does not exist here."))
        return responses.reply(serializers.category(found))


def _teams(code: str | None = None) -> list[dict[str, Any]]:
    t = Team.__table__.c
    query = select(t.code, t.names).where(t.jurisdiction_id == current_jurisdiction_id(), t.active).order_by(t.code)
    if code is not None:
        query = query.where(t.code == _named(code))
    return [{"code": row.code, "name": localized(row.names, locale_code())} for row in db.session.execute(query)]


@teams.route("")
class Teams(MethodView):
    """Every crew."""

    @scoped("work:read")
    @teams.doc(parameters=[LANGUAGE])
    @teams.response(200, page_of(TeamOut))
    @requires("teams.read")
    def get(self) -> Response:
        """List the teams."""
        responses.wants_json()
        return responses.reply({"items": _teams(), "next": None})


@teams.route("/<code>")
class OneTeam(MethodView):
    """One crew."""

    @scoped("work:read")
    @teams.doc(parameters=[LANGUAGE])
    @teams.response(200, TeamOut)
    @teams.alt_response(404, "NOT_FOUND")
    @requires("teams.read")
    def get(self, code: str) -> Response:
        """Get a team."""
        responses.wants_json()
        found = _teams(code)
        if not found:
            raise NotFound(_("This team does not exist here."))
        return responses.reply(found[0])


def _sectors(code: str | None = None) -> list[dict[str, Any]]:
    """Sectors by layer and name; their boundaries (some metres simplified) only where GeoJSON is wanted."""
    s, with_shape = Sector.__table__.c, responses.wants_geojson()
    box = func.Box2D(s.boundary)
    columns = [
        s.code,
        s.layer,
        s.names,
        *(getattr(func, name)(box).label(name) for name in ("ST_XMin", "ST_YMin", "ST_XMax", "ST_YMax")),
    ]
    if with_shape:
        columns.append(
            func.ST_AsGeoJSON(func.ST_Multi(func.ST_SimplifyPreserveTopology(s.boundary, 0.00002)), 6).label("shape")
        )
    query = select(*columns).where(s.jurisdiction_id == current_jurisdiction_id()).order_by(s.layer, s.code)
    if code is not None:
        layer, colon, plain = _named(code).partition(":")
        query = query.where(s.code == (plain if colon else layer), *([s.layer == layer] if colon else []))
    found = []
    for row in db.session.execute(query):
        body = {
            "code": row.code,
            "layer": row.layer,
            "name": localized(row.names, locale_code()),
            "bbox": [round(float(value), 6) for value in row[3:7]],
        }
        if with_shape:
            body["boundary"] = orjson.loads(row.shape)
        found.append(body)
    return found


@sectors.route("")
class Sectors(MethodView):
    """Every sector."""

    @scoped("reports:read")
    @as_geojson(several=True)
    @sectors.doc(parameters=[LANGUAGE])
    @sectors.response(200, page_of(SectorOut))
    @requires("sectors.read")
    def get(self) -> Response:
        """List the sectors."""
        return responses.list_answer(_sectors(), "code", geometry="boundary")


@sectors.route("/<code>")
class OneSector(MethodView):
    """One sector."""

    @scoped("reports:read")
    @as_geojson()
    @sectors.doc(parameters=[LANGUAGE])
    @sectors.response(200, SectorOut)
    @sectors.alt_response(404, "NOT_FOUND")
    @requires("sectors.read")
    def get(self, code: str) -> Response:
        """Get a sector."""
        found = _sectors(code)
        if not found:
            raise NotFound(_("This district does not exist here."))
        return responses.resource_answer(found[0], "code", geometry="boundary")

"""What the jurisdiction announces: works, diversions, cuts, alerts."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response
from flask.views import MethodView

from api.v1 import responses
from api.v1.schemas.responses import NoticeOut
from api.v1.smorest import LANGUAGE, as_geojson, page_of, resource
from core.web import urls
from core.web.access import ANYONE, requires
from core.web.states import N_
from reporter.notices import queries as notice_queries
from reporter.notices import verbs as notice_verbs

notices = resource("notices", N_("Council notices: works, diversions, outages, alerts."))


def _body(row: Any, with_shape: bool) -> dict[str, Any]:
    body = {
        "id": str(row.id),
        "kind": row.kind,
        "title": notice_verbs.notice_title(row),
        "text": notice_verbs.notice_text(row),
        "place": row.place,
        "starts_at": row.starts_at,
        "ends_at": row.ends_at,
        "published_at": row.published_at,
        "updated_at": max(row.updated_at, row.published_at),
        "url": urls.absolute_url(f"/notices/{row.id}"),
    }
    if with_shape:
        body["area"] = orjson.loads(row.shape)
    return body


@notices.route("")
class Notices(MethodView):
    """Every notice."""

    @as_geojson(several=True)
    @notices.doc(parameters=[LANGUAGE])
    @notices.response(200, page_of(NoticeOut))
    @requires(ANYONE)
    def get(self) -> Response:
        """List the notices."""
        with_shape = responses.wants_geojson()
        rows = notice_queries.current_notices(shapes=with_shape)
        return responses.list_answer([_body(row, with_shape) for row in rows], "id", geometry="area")

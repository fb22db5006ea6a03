"""What the town announces: works, diversions, cuts, alerts."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response
from flask.views import MethodView

from api.v1 import answers
from api.v1.schemas import NoticeOut
from api.v1.service import LANGUAGE, as_geojson, page_of, resource
from core import links
from core.audience import ANYONE, audience
from core.states import N_
from reporter.around import notices as said
from reporter.around import reading

notices = resource("notices", N_("Council notices: works, diversions, outages, alerts."))


def _body(row: Any, with_shape: bool) -> dict[str, Any]:
    body = {
        "id": str(row.id), "kind": row.kind, "title": said.title(row), "text": said.said(row), "place": row.place,
        "starts_at": row.starts_at, "ends_at": row.ends_at, "published_at": row.published_at,
        "updated_at": max(row.updated_at, row.published_at), "url": links.absolute(f"/notices/{row.id}"),
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
    @audience(ANYONE)
    def get(self) -> Response:
        """List the notices."""
        with_shape = answers.wants_geojson()
        rows = reading.current_ones(shapes=with_shape)
        return answers.many([_body(row, with_shape) for row in rows], "id", geometry="area")

"""A photo sent by itself, as soon as it is taken: the form that follows names it by its token."""

from __future__ import annotations

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from core.photos.verbs import accept_all
from core.web.access import requires
from core.web.http import problem
from interventions.field.blueprint import field


@field.post("/photos")
@requires("work_orders.carry_out")
def take_photo() -> ResponseReturnValue:
    """Keep one photo: 201 with its token, or a problem that says in words what is wrong with it."""
    kept, refused = accept_all(request.files.getlist("photos"), most=1)
    if refused or not kept:
        status = getattr(refused[0], "status", 422) if refused else 422
        return problem(status, refused[0].sentence if refused else "", code="photo")
    return jsonify(token=str(kept[0].token), status=kept[0].status), 201

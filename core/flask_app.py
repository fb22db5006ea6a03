"""The application class: one request is one transaction, committed here and nowhere else."""

from __future__ import annotations

from flask import Flask, request
from flask.typing import ResponseReturnValue

from core.database import db

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class AlentourFlask(Flask):
    """Flask, committing when a view returns and rolling back when it raises; a safe method never commits."""

    def dispatch_request(self) -> ResponseReturnValue:
        """Run the view inside the request's transaction."""
        try:
            answer = super().dispatch_request()
            if request.method in SAFE:
                db.session.rollback()
            else:
                db.session.commit()
            return answer
        except BaseException:
            db.session.rollback()
            raise

"""The application class: one request is one transaction, committed here and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError

from core.database import READ_ONLY_ENGINE, db

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
Answer = TypeVar("Answer")


class AlentourFlask(Flask):
    """Flask, committing when a view returns and rolling back when it raises; a safe method never commits.

    A safe method speaks over connections that the database itself keeps from writing, without a transaction
    around its statements: under READ COMMITTED each sees its own moment anyway, and two round trips are saved.
    """

    def preprocess_request(self) -> ResponseReturnValue | None:
        """Choose the session, then run what comes before the view."""
        if request.method in SAFE:
            db.session.info[READ_ONLY_ENGINE] = True
        return _retry_on_lost_connection(super().preprocess_request)

    def dispatch_request(self) -> ResponseReturnValue:
        """Run the view inside the request's transaction, and end it."""
        answer = _retry_on_lost_connection(super().dispatch_request)
        if request.method not in SAFE:
            _roll_back_on_error(db.session.commit)
        # The session of a safe method is closed, and so undone, with the request.
        return answer

    def ensure_sync(self, func: Callable[..., Answer]) -> Callable[..., Answer]:
        """Nothing here is asynchronous: Flask's look at every hook of every request is spared."""
        return func


def _retry_on_lost_connection(step: Callable[[], Answer]) -> Answer:
    """Do it; once more where the connection had been cut (a restarted database): nothing was committed yet."""
    try:
        return _roll_back_on_error(step)
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
    return _roll_back_on_error(step)


def _roll_back_on_error(step: Callable[[], Answer]) -> Answer:
    try:
        return step()
    except BaseException:
        db.session.rollback()
        raise

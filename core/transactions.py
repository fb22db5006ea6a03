"""What is tied to the request's or job's transaction: what waits for its commit, and what must not happen inside it.

`on_commit` drops caches once what they were made from is really there. `must_not_write` stands at every exit to
another party (mail server, storage, geocoder, foreign hosts): a transaction that has written holds locks, and
whoever waits for one of them waits for that other party too. It costs nothing unless it is switched on, as in the
tests.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Collection

import sqlalchemy as sa
from flask import Flask, current_app, g, has_app_context
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from core.database import db

log = logging.getLogger(__name__)

_WAITING, _COMMITTED = "alentour.on_commit", "alentour.on_commit.done"
_GUARD, _WRITTEN = "transaction_guard", "alentour_written"
#: A statement that writes or locks a row, at its head or in a common table expression.
_WRITES = re.compile(
    r"\b(INSERT\s+INTO|UPDATE\s+(ONLY\s+)?\S+(\s+AS)?(\s+\w+)?\s+SET|DELETE\s+FROM|FOR\s+(NO\s+KEY\s+)?UPDATE)\b", re.I)


class WritingTransaction(AssertionError):
    """Another party is spoken to while a transaction that has written or locked something is open."""


def on_commit(call: Callable[[], object]) -> None:
    """Call `call` once the outermost transaction of the current session has been committed; never if it is not.

    The same function asked for several times is called once. For what is in this process (caches); work for
    another process goes through core.jobs.after_commit.
    """
    waiting: list[Callable[[], object]] = db.session.info.setdefault(_WAITING, [])
    if call not in waiting:
        waiting.append(call)


@event.listens_for(Session, "after_commit")
def _remember(session: Session) -> None:
    # It also fires when a savepoint is released, and then nothing has been committed.
    if session.info.get(_WAITING) and not session.in_nested_transaction():
        session.info[_COMMITTED] = True


@event.listens_for(Session, "after_transaction_end")
def _call(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is not None:
        return
    if has_app_context():
        g.pop(_WRITTEN, None)
    waiting, committed = session.info.pop(_WAITING, ()), session.info.pop(_COMMITTED, False)
    if committed:
        for call in waiting:
            call()


def guard(app: Flask, engine: sa.Engine, *, allowed: Collection[str] = ()) -> None:
    """Let `must_not_write` raise in `app` from now on, for what `engine` is asked inside an application context.

    `allowed`: dotted names of modules from which it is only logged, until they are mended.
    """
    app.extensions[_GUARD] = frozenset(allowed)

    @event.listens_for(engine, "before_cursor_execute")
    def _note(_connection, _cursor, statement: str, _parameters, _context, _many) -> None:
        if has_app_context() and _WRITTEN not in g and _WRITES.search(statement):
            setattr(g, _WRITTEN, " ".join(statement.split())[:80])


def must_not_write(party: str) -> None:
    """Say that `party` is about to be spoken to. Raises WritingTransaction where the guard is switched on.

    Outside the tests it does nothing.
    """
    if not has_app_context() or _GUARD not in current_app.extensions:
        return
    written = g.get(_WRITTEN)
    if written is None or not db.session.in_transaction():
        return
    if _calls_come_from(current_app.extensions[_GUARD]):
        log.warning("The %s is spoken to with a writing transaction open", party)
        return
    raise WritingTransaction(f"The {party} is spoken to in a transaction that has written: {written}")


def _calls_come_from(modules: frozenset[str]) -> bool:
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__") in modules:
            return True
        frame = frame.f_back
    return False

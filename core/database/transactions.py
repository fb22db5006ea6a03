"""What is tied to the request's or job's transaction: what waits for its commit, and what must not happen inside it.

`on_commit` drops caches once what they were made from is really there. `must_not_write` stands at every exit to
another party (mail server, storage, geocoder, foreign hosts): a transaction that has written holds locks, and
whoever waits for one of them waits for that other party too. It costs nothing unless it is switched on, as in the
tests.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from inspect import currentframe
from pathlib import Path

import sqlalchemy as sa
from flask import Flask, current_app, g, has_app_context
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from core.database import db, listen_to_sessions

log = logging.getLogger(__name__)

_WAITING, _COMMITTED = "alentour.on_commit", "alentour.on_commit.done"
_GUARD, _WRITTEN = "transaction_guard", "alentour_written"
#: A statement that writes or locks a row, at its head or in a common table expression.
_WRITES = re.compile(
    r"\b(INSERT\s+INTO|UPDATE\s+(ONLY\s+)?\S+(\s+AS)?(\s+\w+)?\s+SET|DELETE\s+FROM|FOR\s+(NO\s+KEY\s+)?UPDATE)\b", re.I
)


@dataclass(frozen=True)
class Guard:
    """From which modules another party may be spoken to all the same."""

    #: Dotted names; anything that they call is only logged: nobody can wait for what they lock, or they are to be
    #: mended.
    allowed: frozenset[str] = frozenset()
    #: The folder whose own calls are no part of the product: tests that look into the storage.
    outside: Path | None = None


class WritingTransaction(AssertionError):
    """Another party is spoken to while a transaction that has written or locked something is open."""


def on_commit(call: Callable[[], object]) -> None:
    """Call `call` once the outermost transaction of the current session has been committed; never if it is not.

    The same function asked for several times is called once. For what is in this process (caches); work for
    another process goes through core.jobs.enqueue_after_commit.
    """
    waiting: list[Callable[[], object]] = db.session.info.setdefault(_WAITING, [])
    if call not in waiting:
        waiting.append(call)


def _remember(session: Session) -> None:
    # It also fires when a savepoint is released, and then nothing has been committed.
    if session.info.get(_WAITING) and not session.in_nested_transaction():
        session.info[_COMMITTED] = True


def _call(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is not None:
        return
    if has_app_context():
        g.pop(_WRITTEN, None)
    waiting, committed = session.info.pop(_WAITING, ()), session.info.pop(_COMMITTED, False)
    if committed:
        for call in waiting:
            call()


def init_app(app: Flask) -> None:
    """Let `on_commit` hear of the commit of any session."""
    listen_to_sessions("after_commit", _remember)
    listen_to_sessions("after_transaction_end", _call)


def switch_on(app: Flask, engine: sa.Engine, guard: Guard) -> None:
    """Let `must_not_write` raise in `app` from now on, for what `engine` is asked inside an application context."""
    app.extensions[_GUARD] = guard

    @event.listens_for(engine, "before_cursor_execute")
    def _note(
        _connection: sa.Connection, _cursor: object, statement: str, _parameters: object, _context: object, _many: bool
    ) -> None:
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
    guard: Guard = current_app.extensions[_GUARD]
    # The exit's own module, then who uses it, then who calls that one…
    (exit_, _file), *callers = _callers()
    user = next((file for name, file in callers if name != exit_), "")
    if guard.outside is not None and Path(user).is_relative_to(guard.outside):
        return
    if guard.allowed.intersection(name for name, _file in callers):
        log.warning("The %s is spoken to with a writing transaction open", party)
        return
    raise WritingTransaction(f"The {party} is spoken to in a transaction that has written: {written}")


def _callers() -> list[tuple[str, str]]:
    """Module and file of the functions that are being called, the innermost outside this module first."""
    found, frame = [], currentframe()
    while frame is not None:
        found.append((str(frame.f_globals.get("__name__")), frame.f_code.co_filename))
        frame = frame.f_back
    return [one for one in found if one[0] != __name__]

"""Old messages go: what was sent or dropped long ago, save where its exact words are kept."""

from __future__ import annotations

import logging

from flask import Flask
from redis.exceptions import RedisError
from sqlalchemy import text

from core.database import db, execute_unscoped
from core.jobs import connection, register_sweep, stop_requested

log = logging.getLogger(__name__)

#: How long a message stands in the outbox after it was sent, in days: longer than a year's questions.
DAYS = 400
#: How many rows one statement looks at, and how many statements one run makes.
AT_ONCE, RUNS = 2000, 20
#: How far the last run came. It begins anew once a month, or when Redis forgot: what was retried late goes too.
_MARK, _MARK_SECONDS = "alentour:outbox:pruned", 30 * 86400

#: Rows in the order they were made: as soon as one is young the rest is.
PRUNE = text("""
WITH seen AS (
    SELECT id, status, created_at < statement_timestamp() - make_interval(days => :days) AS old
    FROM message WHERE id > :after ORDER BY id LIMIT :most
), gone AS (
    DELETE FROM message AS m USING seen
    WHERE m.id = seen.id AND seen.old AND m.status IN ('sent', 'dropped')
      AND NOT EXISTS (SELECT 1 FROM sent_text WHERE message_id = m.id)
      AND NOT EXISTS (SELECT 1 FROM message AS part WHERE part.digest_id = m.id)
    RETURNING m.id
)
SELECT max(id) FILTER (WHERE old), count(*) FILTER (WHERE old), (SELECT count(*) FROM gone) FROM seen
""")


def delete_old_messages() -> int:
    """Delete old messages, in small transactions; how many."""
    after, done = _came_to(), 0
    for _run in range(RUNS):
        last, old, gone = execute_unscoped(PRUNE, {"after": after, "most": AT_ONCE, "days": DAYS}).one()
        db.session.commit()
        done += gone
        if last is not None:
            after = last
            _note(after)
        if old < AT_ONCE or stop_requested():
            break
    return done


def _came_to() -> int:
    try:
        return int(connection().get(_MARK) or 0)
    except (RedisError, OSError, ValueError):
        return 0


def _note(after: int) -> None:
    try:
        # The month counts from the first mark.
        connection().set(_MARK, after, keepttl=True)
        if connection().ttl(_MARK) < 0:
            connection().expire(_MARK, _MARK_SECONDS)
    except (RedisError, OSError) as error:
        log.warning("How far old messages were deleted is not noted: %s", type(error).__name__)


def init_app(app: Flask) -> None:
    """Register the sweep of old messages."""
    register_sweep(delete_old_messages, seconds=3600)

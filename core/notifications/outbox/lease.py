"""A lease that its holder renews while it lives: a slow mail server makes nobody else send the same."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection

from sqlalchemy.exc import SQLAlchemyError

from core.current_app import current_application
from core.notifications.outbox import delivery_state

log = logging.getLogger(__name__)


class Lease:
    """What this sender has claimed and not dealt with; kept by a thread of its own until `close`."""

    def __init__(self) -> None:
        self._app = current_application()
        self._left: frozenset[int] = frozenset()
        self._until = 0.0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)
        self._thread.start()

    def take(self, ids: Collection[int], since: float) -> None:
        """Hold messages claimed at that moment of the monotonic clock, besides what is held already."""
        if not self._left:
            self._until = since + delivery_state.LEASE_SECONDS
        self._left |= frozenset(ids)

    def settle(self, message_id: int) -> None:
        """That one is dealt with."""
        self._left -= {message_id}

    def release(self) -> frozenset[int]:
        """Hold nothing any more; what was left, or nothing when the lease was lost meanwhile."""
        left, self._left = self._left, frozenset()
        return left if self.good else frozenset()

    @property
    def good(self) -> bool:
        """Whether it still holds: else another sender may be at work on the same messages."""
        return time.monotonic() < self._until

    def close(self) -> None:
        """Renew no more."""
        self._over.set()
        self._thread.join(timeout=1)

    def _keep(self) -> None:
        while not self._over.wait(delivery_state.LEASE_SECONDS / 4):
            since, left = time.monotonic(), self._left
            if not left:
                continue
            try:
                with self._app.app_context():
                    delivery_state.renew_lease(left)
                # What was lost meanwhile stays lost: others may hold it by now.
                if self.good:
                    self._until = since + delivery_state.LEASE_SECONDS
            except SQLAlchemyError as error:
                log.warning("The lease was not renewed: %s", type(error).__name__)

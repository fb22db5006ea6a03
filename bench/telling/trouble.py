"""Everything that may go wrong, in turn, again and again while reports live; mended as a supervisor mends it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from bench.telling import smtp
from bench.telling.world import World


@dataclass(frozen=True)
class Fault:
    """What was wrong, and from when to when (seconds of the clock on the wall)."""

    name: str
    begun: float
    over: float


class Trouble(threading.Thread):
    """One misfortune after the other until `stop`; each at least once."""

    def __init__(self, world: World, *, lasting: float = 3.0, between: float = 3.0) -> None:
        super().__init__(name="trouble", daemon=True)
        self._world, self._lasting, self._between = world, lasting, between
        self._enough = threading.Event()
        self._steps = self._all()
        self.faults: list[Fault] = []
        #: Processes that ended though nobody had killed them.
        self.died: list[str] = []
        self.failed: BaseException | None = None

    @property
    def cycle(self) -> float:
        """How long it takes at least until each has happened once, in seconds."""
        return len(self._steps) * (self._lasting + self._between)

    def stop(self) -> None:
        """Let the round be finished, and everything be well again. Raises what went wrong with going wrong."""
        self._enough.set()
        self.join()
        if self.failed is not None:
            raise self.failed

    def run(self) -> None:
        """The rounds."""
        try:
            rounds = 0
            while rounds == 0 or not self._enough.is_set():
                for name, step in self._steps:
                    if rounds and self._enough.is_set():
                        return
                    self._happens(name, step)
                    time.sleep(self._between)
                    self._supervise()
                rounds += 1
        except BaseException as error:  # noqa: BLE001 - it is raised by who waits for this thread
            self.failed = error

    def _happens(self, name: str, step: Callable[[], None]) -> None:
        begun = time.time()
        step()
        self.faults.append(Fault(name, begun, time.time()))

    def _supervise(self) -> None:
        for name in ("worker", "clock", "web"):
            if not self._world.running.runs(name):
                self.died.append(name)
                self._world.running.start(name)

    def _all(self) -> list[tuple[str, Callable[[], None]]]:
        return [
            ("worker killed", lambda: self._again("worker", self._world.running.kill)),
            ("mail refused", lambda: self._mood(smtp.REFUSE)),
            ("web killed", lambda: self._again("web", self._world.running.kill)),
            ("mail cut off after it was accepted", self._cut_after),
            ("Redis emptied", lambda: self._world.redis.client().flushall()),
            ("clock killed", lambda: self._again("clock", self._world.running.kill)),
            ("mail put off to the recipient", lambda: self._mood(smtp.LATER)),
            ("database restarted", self._database),
            ("mail cut off before it was accepted", lambda: self._mood(smtp.CUT)),
            ("worker's parent killed", lambda: self._again("worker", self._world.running.kill_parent)),
            ("mail hanging", lambda: self._mood(smtp.HANG)),
            ("Redis stopped", self._redis),
            ("mail put off after its content", lambda: self._mood(smtp.LATER_DATA)),
            ("worker's children killed", lambda: self._world.running.kill_children("worker")),
            ("mail too busy", lambda: self._mood(smtp.BUSY)),
        ]

    def _again(self, name: str, kill: Callable[[str], None]) -> None:
        kill(name)
        time.sleep(min(1.0, self._lasting))
        self._world.running.start(name)

    def _mood(self, mood: str) -> None:
        self._world.post.become(mood)
        time.sleep(self._lasting)
        self._world.post.become(smtp.WELL)

    def _cut_after(self) -> None:
        """For as long as it takes to happen at all: a small jurisdiction has few mails under way."""
        self._world.post.become(smtp.CUT_AFTER)
        time.sleep(self._lasting)
        until = time.monotonic() + 10
        while all(mail.told for mail in self._world.post.accepted()) and time.monotonic() < until:
            time.sleep(0.1)
        self._world.post.become(smtp.WELL)

    def _database(self) -> None:
        self._world.postgres.stop("immediate")
        time.sleep(min(1.0, self._lasting))
        self._world.postgres.start()

    def _redis(self) -> None:
        self._world.redis.stop()
        time.sleep(min(1.0, self._lasting))
        self._world.redis.start()

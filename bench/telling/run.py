"""The fault run: lives in the hands of a few clients, trouble beside them, quiet at last, and the counts."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.telling.client import Client, Refused
from bench.telling.lives import NEIGHBOUR_FOLLOWS, Life, Neighbours, Owed, Steps, stories
from bench.telling.reckoning import Counts, reckon
from bench.telling.trouble import Fault, Trouble
from bench.telling.world import World

CLIENTS = 8
#: So many lives are under way together: each goes on by a step when it is its turn.
TOGETHER = 300
#: A condition that does not hold yet is looked at again after that many seconds.
AGAIN = 0.25
#: How long the end is waited for at the most, in seconds: what is owed then is lost.
LONGEST = 900


@dataclass
class Outcome:
    """What came of a run."""

    counts: Counts
    faults: list[Fault]
    #: Processes that ended by themselves, lives that got an answer nobody expected, and what was said again.
    died: list[str]
    wrong: list[str]
    repeated: int
    seconds: float


@dataclass(order=True)
class _Turn:
    """When a life goes on, with what it waits for."""

    at: float
    order: int
    steps: Steps = field(compare=False)
    life: Life = field(compare=False)
    until: Callable[[], bool] | None = field(default=None, compare=False)


class Crowd:
    """Lives, taken a step further by a few clients in turn."""

    def __init__(self, world: World, owed: Owed, lives: list[tuple[Life, Steps]], spread: float) -> None:
        self._world, self.owed = world, owed
        self._number = itertools.count()
        begun, apart = time.monotonic(), spread / max(1, len(lives))
        self._turns: list[_Turn] = []
        self._unborn = deque(
            _Turn(begun + n * apart, next(self._number), steps, life) for n, (life, steps) in enumerate(lives)
        )
        self._lock = threading.Lock()
        self._under_way = 0
        self.repeated = 0
        self._threads = [threading.Thread(target=self._work, daemon=True) for _client in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    @property
    def left(self) -> int:
        """How many lives are not over."""
        with self._lock:
            return len(self._turns) + len(self._unborn) + self._under_way

    def wait(self, seconds: float) -> int:
        """Wait until all lives are over; how many are not, after that time."""
        until = time.monotonic() + seconds
        while (left := self.left) and time.monotonic() < until:
            time.sleep(0.1)
        return left

    def _work(self) -> None:
        client = Client(self._world.running.url, self._world.token)
        while True:
            turn = self._next()
            if turn is None:
                break
            again = self._go_on(turn, client)
            with self._lock:
                self._under_way -= 1
                if again is not None:
                    heapq.heappush(self._turns, again)
        client.close()
        with self._lock:
            self.repeated += client.repeated

    def _next(self) -> _Turn | None:
        """The next that may go on; None once there is nothing left to wait for."""
        while True:
            with self._lock:
                now = time.monotonic()
                room = len(self._turns) + self._under_way < TOGETHER
                if room and self._unborn and self._unborn[0].at <= now:
                    self._under_way += 1
                    return self._unborn.popleft()
                if self._turns and self._turns[0].at <= now:
                    self._under_way += 1
                    return heapq.heappop(self._turns)
                if not self._turns and not self._unborn and not self._under_way:
                    return None
            time.sleep(0.01)

    def _go_on(self, turn: _Turn, client: Client) -> _Turn | None:
        """One step; the next turn of that life, None when it is over."""
        now = time.monotonic()
        try:
            if turn.until is not None and not turn.until():
                return _Turn(now + AGAIN, next(self._number), turn.steps, turn.life, turn.until)
            turn.life.client, client.place = client, turn.life.place
            until = next(turn.steps)
        except StopIteration:
            return None
        except Refused as refused:
            self.owed.wrong.append(str(refused))
            return None
        except Exception as error:  # noqa: BLE001 - a life that goes wrong is counted, the others go on
            self.owed.wrong.append(f"{type(error).__name__}: {error}")
            return None
        return _Turn(time.monotonic(), next(self._number), turn.steps, turn.life, until)


def fault_run(
    world: World,
    reports: int,
    *,
    lasting: float,
    between: float,
    rounds: float = 2,
    say: Callable[[str], None] = lambda words: None,
) -> Outcome:
    """Let `reports` live their lives while everything dies in turn, then wait for quiet, and count.

    A fault lasts and the next one comes after so many seconds; they end with the lives, after `rounds` at the
    latest, whatever is left of the lives then goes on in peace.
    """
    begun = time.monotonic()
    owed = Owed()
    chosen = stories(reports)
    followed = sum(story is Life.followed for story in chosen)
    neighbours = Neighbours(max(1, -(-followed // NEIGHBOUR_FOLLOWS)))
    lives = [Life(number, owed, world.post, neighbours) for number in range(len(chosen))]
    trouble = Trouble(world, lasting=lasting, between=between)
    crowd = Crowd(
        world,
        owed,
        [(life, story(life)) for life, story in zip(lives, chosen, strict=True)],
        spread=trouble.cycle * 0.9,
    )
    trouble.start()
    crowd.wait(trouble.cycle * rounds)
    trouble.stop()
    say(f"{len(trouble.faults)} faults in {time.monotonic() - begun:.0f} s; {crowd.left} lives go on in peace")
    _rest(world, crowd, say)
    owed.wrong.extend(f"{crowd.left} lives are not over" for _once in range(1) if crowd.left)
    say(f"Quiet after {time.monotonic() - begun:.0f} s")
    return Outcome(
        reckon(world, owed, trouble.faults),
        trouble.faults,
        trouble.died,
        owed.wrong,
        crowd.repeated,
        time.monotonic() - begun,
    )


def _rest(world: World, crowd: Crowd, say: Callable[[str], None]) -> None:
    """All is well again: the pauses between tries are cut short, what is left of the lives goes on."""
    until, before = time.monotonic() + LONGEST, -1
    while time.monotonic() < until:
        if before in (-1, world.post.count()):
            world.pass_time()
        before = world.post.count()
        if not crowd.wait(20) and not world.quiet(20):
            return
        say(f"{crowd.left} lives, {world.quiet(0)} messages left")
